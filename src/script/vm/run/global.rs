//! Names that are declared outside of all functions.

use super::Machine;
use crate::script::objects::TemplateObject;
use crate::script::vm::code::{Captured, GlobalSite, Proto, Reg, Window};
use crate::script::vm::trouble::{Run, Trouble};
use crate::value::{Access, Function, Object, Value, Variable};
use std::rc::Rc;

impl Machine {
    pub(super) fn global(&self, proto: &Proto, index: u16) -> Run {
        let site = &proto.globals[index as usize];
        if let Some(value) = site.value.get() {
            return Ok(value.clone());
        }
        let value = self
            .look_up(&site.name, proto.is_body)
            .or_else(|| site.is_function.then(|| function(&site.name)))
            .ok_or_else(|| unknown(&site.name))?;
        Ok(site.value.get_or_init(|| value).clone())
    }

    /// A queue or an instance in main, a param, a const, or a template.
    fn look_up(&self, name: &str, is_body: bool) -> Option<Value> {
        if is_body {
            let names = self.globals_of_body.borrow();
            if let Some((_, value)) = names.iter().rev().find(|(known, _)| known == name) {
                return Some(value.clone());
            }
        }
        if let Some(value) = self.unit.globals.get(name) {
            return Some(value.clone());
        }
        let index = self.unit.templates.iter().position(|template| template.name == name)?;
        Some(Value::Object(Object::new(TemplateObject { unit: self.unit.clone(), index })))
    }

    /// Assigning to a name that is not declared here.
    #[cold]
    pub(super) fn no_assignment(&self, proto: &Proto, index: u16) -> Trouble {
        let GlobalSite { name, is_function, .. } = &proto.globals[index as usize];
        if *is_function || self.look_up(name, proto.is_body).is_some() {
            let message = format!("`{name}` is constant and cannot be changed");
            return Trouble::mistake("ErrorAssignmentToConstant", message);
        }
        unknown(name)
    }

    pub(super) fn closure(&self, registers: &mut Window, proto: &Proto, target: Reg, index: u16) -> Run<()> {
        let site = &proto.closures[index as usize];
        let mut captured = Vec::with_capacity(site.captured.len());
        for (variable, at) in &site.captured {
            captured.push(match *variable {
                Captured::Register(reg) => match &registers[reg as usize] {
                    shared @ Value::Variable(_) => shared.clone(),
                    value => Variable::shared(value.clone(), Access::Free),
                },
                Captured::Constant(reg) => Variable::shared(registers[reg as usize].take(), Access::Constant),
                Captured::Global(global) => {
                    let value = self.global(proto, global);
                    let value = value.map_err(|trouble| self.placed(trouble, *at))?;
                    Variable::shared(value, Access::Constant)
                }
            });
        }
        let function = Function { name: site.name.to_string(), home: site.home, captured };
        registers[target as usize] = Value::Function(Rc::new(function));
        Ok(())
    }
}

fn function(name: &str) -> Value {
    Value::Function(Rc::new(Function { name: name.to_owned(), home: None, captured: Vec::new() }))
}

#[cold]
fn unknown(name: &str) -> Trouble {
    Trouble::mistake("ErrorVariableNotFound", format!("there is no variable `{name}`"))
}
