//! Chains of members as a whole: methods in the middle, `?.`, and changes deep within a value.

use super::Machine;
use super::member::place_of;
use super::register::{receive, set_unit, store};
use crate::script::registry::Native;
use crate::script::vm::code::{Chain, Link, Operator, Places, Program, Reg, Root, Site, Special, Window};
use crate::script::vm::trouble::{Run, Trouble};
use crate::value::{Access, Object, Text, Value};
use rhai::Position;
use std::rc::Rc;

/// What is needed on the way along a chain.
struct Way<'a> {
    program: &'a Rc<Program>,
    chain: &'a Chain,
    registers: &'a mut Window,
    /// The value to assign, and how, at the end of the chain.
    assigned: Option<(Value, Option<Operator>)>,
    /// What is reached belongs to a constant.
    constant: bool,
}

impl Machine {
    pub(super) fn chain(
        &self,
        program: &Rc<Program>,
        registers: &mut Window,
        chain: &Chain,
        target: Reg,
    ) -> Run<()> {
        if let [Link::Method { site, base, safe }] = &*chain.links
            && let Root::Place(reg) | Root::Temporary(reg) | Root::Constant(reg) = chain.root
        {
            if let Value::Object(object) = &registers[reg as usize]
                && let Some(native) = site.member_of(object)
            {
                let object = object.clone();
                let at = (reg, *base, target);
                return self.object_member((program, chain), registers, at, (object, site, native));
            }
            return self.only_method((program, chain), registers, (reg, target), (site, *base, *safe));
        }
        self.long_chain(program, registers, chain, target)
    }

    /// Any chain. It is a function of its own since it needs much room, which is not made for one method.
    #[inline(never)]
    fn long_chain(
        &self,
        program: &Rc<Program>,
        registers: &mut Window,
        chain: &Chain,
        target: Reg,
    ) -> Run<()> {
        let assigned =
            chain.assigned.map(|(reg, taken, operator)| (Self::operand(registers, reg, taken), operator));
        let is_assigned = assigned.is_some();
        let value = match chain.root {
            Root::Place(reg) => {
                let mut root = registers[reg as usize].take();
                let constant = chain.is_this && matches!(registers[reg as usize + 1], Value::Bool(true));
                let mut way = Way { program, chain, registers, assigned, constant };
                let value = self.follow(&mut way, &mut root, 0);
                registers[reg as usize] = root;
                value?
            }
            Root::Shared(reg) | Root::Lent(reg) => {
                self.chain_of_shared(program, registers, chain, (reg, assigned))?
            }
            Root::Temporary(reg) | Root::Constant(reg) => {
                let mut root = registers[reg as usize].take();
                let constant = matches!(chain.root, Root::Constant(_));
                let mut way = Way { program, chain, registers, assigned, constant };
                self.follow(&mut way, &mut root, 0)?
            }
        };
        if !is_assigned {
            registers[target as usize] = value;
        }
        Ok(())
    }

    /// A member of an object goes straight to its native: nothing of the script and nothing of Rhai's has this name.
    #[inline]
    fn object_member(
        &self,
        (program, chain): (&Rc<Program>, &Chain),
        registers: &mut Window,
        (root, base, target): (Reg, Reg, Reg),
        (object, site, native): (Object, &Site, &'static Native),
    ) -> Run<()> {
        self.called_at.set(site.position);
        let first = base as usize - 1;
        if !matches!(chain.root, Root::Place(_)) {
            set_unit(&mut registers[root as usize]);
        }
        store(&mut registers[first], Value::Object(object));
        let done = self.native_of_registers((program, site), native, registers, (first, target as usize));
        done.map_err(|trouble| self.placed(trouble, site.position))
    }

    /// A method of a variable or a value, and nothing else: what most chains are.
    #[inline(never)]
    fn only_method(
        &self,
        (program, chain): (&Rc<Program>, &Chain),
        registers: &mut Window,
        (root, target): (Reg, Reg),
        (site, base, safe): (&Site, Reg, bool),
    ) -> Run<()> {
        let mut place = registers[root as usize].take();
        let constant = match chain.root {
            Root::Constant(_) => true,
            Root::Place(reg) => chain.is_this && matches!(registers[reg as usize + 1], Value::Bool(true)),
            _ => false,
        };
        if safe && matches!(place, Value::Unit) {
            set_unit(&mut registers[target as usize]);
            return Ok(());
        }
        let first = base as usize;
        let values = &mut registers[first - 1..first + site.arguments as usize - 1];
        let mut result = self.method(program, site, (&mut place, constant), values);
        if let Root::Place(reg) = chain.root {
            store(&mut registers[reg as usize], place);
        }
        if let Ok(value) = &mut result {
            receive(&mut registers[target as usize], value);
        }
        result.map(|_| ()).map_err(|trouble| self.placed(trouble, site.position))
    }

    fn chain_of_shared(
        &self,
        program: &Rc<Program>,
        registers: &mut Window,
        chain: &Chain,
        (reg, assigned): (Reg, Option<(Value, Option<Operator>)>),
    ) -> Run {
        let Value::Variable(variable) = &registers[reg as usize] else {
            return Err(Trouble::mistake("Error", "a variable is not shared"));
        };
        // Nobody has it but the register.
        let is_ours = Rc::strong_count(variable) == 1 && variable.access() == Access::Free;
        let variable = variable.clone();
        if variable.access() == Access::Busy {
            return Err(self.busy(&chain.name));
        }
        if matches!(chain.root, Root::Lent(_)) && !is_ours {
            let mut way = Way { program, chain, registers, assigned, constant: false };
            return self.follow(&mut way, &mut variable.get(), 0);
        }
        let constant = variable.access() == Access::Constant;
        // A function is read before it is called: it may use the variable that it is in.
        let called = matches!(chain.links.first(), Some(Link::Method { site, .. })
            if matches!(site.special, Some(Special::Call)))
            && matches!(variable.get(), Value::Function(_));
        if constant || !chain.changes || called {
            let mut root = variable.get();
            let mut way = Way { program, chain, registers, assigned, constant };
            return self.follow(&mut way, &mut root, 0);
        }
        let mut root = variable.lend();
        let mut way = Way { program, chain, registers, assigned, constant };
        let value = self.follow(&mut way, &mut root, 0);
        variable.give_back(root);
        value
    }

    #[cold]
    pub(super) fn busy(&self, name: &str) -> Trouble {
        let what = if name.is_empty() { "this variable".to_owned() } else { format!("`{name}`") };
        let message = format!("{what} is at work in a call and cannot be used in its closure");
        Trouble::mistake("ErrorDataRace", message)
    }

    fn follow(&self, way: &mut Way<'_>, place: &mut Value, step: usize) -> Run {
        let chain = way.chain;
        let Some(link) = chain.links.get(step) else { return self.arrive(way, place) };
        match link {
            Link::Index { index, temporary, safe, position, bracket } => {
                if *safe && matches!(place, Value::Unit) {
                    return Ok(Value::Unit);
                }
                let key = Self::operand(way.registers, *index, *temporary);
                let places = Places { bracket: *bracket, second: chain.position };
                self.through_index(way, place, key, (*position, places), step)
            }
            Link::Property { name, safe, position } => {
                if *safe && matches!(place, Value::Unit) {
                    return Ok(Value::Unit);
                }
                self.through_property(way, place, (name, *position), step)
            }
            Link::Method { site, base, safe } => {
                if *safe && matches!(place, Value::Unit) {
                    return Ok(Value::Unit);
                }
                let value = self.method_on_the_way(way, place, (site, *base))?;
                self.follow_given(way, value, step + 1)
            }
        }
    }

    fn method_on_the_way(&self, way: &mut Way<'_>, place: &mut Value, (site, base): (&Site, Reg)) -> Run {
        let (first, count) = (base as usize, site.arguments as usize - 1);
        let values = &mut way.registers[first - 1..first + count];
        let result = self.method(way.program, site, (place, way.constant), values);
        result.map_err(|trouble| self.placed(trouble, site.position))
    }

    /// Goes on with what a method gave.
    fn follow_given(&self, way: &mut Way<'_>, mut value: Value, step: usize) -> Run {
        if step == way.chain.links.len() {
            return Ok(value);
        }
        let constant = std::mem::replace(&mut way.constant, false);
        let value = self.follow(way, &mut value, step);
        way.constant = constant;
        value
    }

    /// The end of a chain.
    fn arrive(&self, way: &mut Way<'_>, place: &mut Value) -> Run {
        let Some((value, operator)) = way.assigned.take() else { return Ok(place.clone()) };
        if way.constant {
            let chain = way.chain;
            let message = format!("`{}` is constant and cannot be changed", chain.name);
            let trouble = Trouble::mistake("ErrorAssignmentToConstant", message);
            return Err(self.placed(trouble, chain.root_position));
        }
        match operator {
            None => *place = value,
            Some(operator) => self
                .assign_value(operator, place, value)
                .map_err(|trouble| self.placed(trouble, way.chain.position))?,
        }
        Ok(Value::Unit)
    }

    fn through_index(
        &self,
        way: &mut Way<'_>,
        place: &mut Value,
        key: Value,
        (position, places): (Position, Places),
        step: usize,
    ) -> Run {
        let placed = |trouble| self.placed(self.placed_at_bracket(trouble, places), position);
        if !way.chain.changes || way.constant {
            let item = self.item(place, key.clone()).map_err(|trouble| {
                match way.assigned.take().filter(|_| step + 1 == way.chain.links.len()) {
                    Some((value, _)) if trouble.kind() == "ErrorIndexingType" => {
                        self.rhai_error("x0[x1] = x2".to_owned(), vec![place.clone(), key.clone(), value])
                    }
                    _ => trouble,
                }
            });
            let mut item = item.map_err(placed)?;
            let is_nobodys = match (&*place, &key) {
                (Value::Map(map), Value::String(key)) => map.get_shared(key).is_none(),
                (Value::Array(_), _) => false,
                // A piece of a text and the like: what a function of the script makes of it is its own.
                _ => {
                    matches!(way.chain.links.get(step + 1), Some(Link::Method { site, .. }) if is_of_script(site))
                }
            };
            return self.follow_copy(way, &mut item, is_nobodys, step + 1);
        }
        let is_last = step + 1 == way.chain.links.len();
        match (&mut *place, &key) {
            (Value::Array(items), Value::Int(index)) => {
                let length = items.len();
                let Some(at) = place_of(*index, length) else {
                    return Err(placed(super::member::outside(*index, length)));
                };
                self.follow(way, &mut Rc::make_mut(items)[at], step + 1)
            }
            (Value::Map(map), Value::String(key)) => {
                if is_last || map.get_shared(key).is_some() {
                    return self.follow(way, Rc::make_mut(map).place(key), step + 1);
                }
                self.follow(way, &mut Value::Unit, step + 1)
            }
            _ => {
                if is_last && let Some((value, operator)) = way.assigned.take() {
                    let at = (position, places);
                    match operator {
                        None => self.set_item(place, (key, value), at)?,
                        Some(operator) => self.assign_item(operator, place, (key, value), at)?,
                    }
                    return Ok(Value::Unit);
                }
                // A piece of a text or of a number, a byte of a blob: what is changed is a copy. What a function of the
                // library made of it is put back.
                let mut item = self.item(place, key.clone()).map_err(placed)?;
                let Some(Link::Method { site, base, safe }) = way.chain.links.get(step + 1) else {
                    return self.follow(way, &mut item, step + 1);
                };
                if is_of_script(site) || (*safe && matches!(item, Value::Unit)) {
                    return self.follow(way, &mut item, step + 1);
                }
                let before = item.clone();
                let value = self.method_on_the_way(way, &mut item, (site, *base))?;
                // Rhai puts it back in any case, and may damage a text by that.
                if item != before || cfg!(as_in_rhai) {
                    let places = Places { second: site.position, ..places };
                    self.set_item(place, (key, item), (position, places))?;
                }
                self.follow_given(way, value, step + 2)
            }
        }
    }

    fn through_property(
        &self,
        way: &mut Way<'_>,
        place: &mut Value,
        (name, position): (&Text, Position),
        step: usize,
    ) -> Run {
        let placed = |trouble| self.placed(trouble, position);
        let is_last = step + 1 == way.chain.links.len();
        if way.chain.changes
            && !way.constant
            && let Value::Map(map) = place
        {
            if (is_last && way.assigned.is_some()) || map.get_shared(name).is_some() {
                return self.follow(way, Rc::make_mut(map).place(name), step + 1);
            }
            return self.follow(way, &mut Value::Unit, step + 1);
        }
        if is_last
            && (!way.constant || matches!(place, Value::Object(_)))
            && let Some((value, operator)) = way.assigned.take()
        {
            match operator {
                None => self.set_property(place, name, value, position).map_err(placed)?,
                Some(operator) => {
                    let at = (position, way.chain.position);
                    self.assign_property(operator, place, (name, value), at).map_err(placed)?;
                }
            }
            return Ok(Value::Unit);
        }
        let mut value = self.property(place, name, position).map_err(placed)?;
        if way.chain.changes && matches!(place, Value::Object(_)) {
            return self.follow_property(way, place, (name, position, value), step + 1);
        }
        let is_entry = matches!(place, Value::Map(map) if map.get_shared(name).is_some());
        self.follow_copy(way, &mut value, !is_entry, step + 1)
    }

    /// Goes on with a property of an object, and puts back what has changed, if it can be set.
    fn follow_property(
        &self,
        way: &mut Way<'_>,
        object: &mut Value,
        (name, position, mut value): (&Text, Position, Value),
        step: usize,
    ) -> Run {
        let (before, constant) = (value.clone(), std::mem::replace(&mut way.constant, false));
        let result = self.follow(way, &mut value, step)?;
        way.constant = constant;
        let of_script =
            matches!(way.chain.links.get(step), Some(Link::Method { site, .. }) if is_of_script(site));
        let is_set = |natives: &[&'static Native]| match &*object {
            Value::Object(object) => natives.iter().any(|native| native.receiver.is(object)),
            _ => false,
        };
        if !of_script && value != before && is_set(self.natives.properties(name, 1)) {
            let set = self.set_property(object, name, value, position);
            set.map_err(|trouble| self.placed(trouble, position))?;
        }
        Ok(result)
    }

    /// Goes on with a copy of an item. The entry that a constant does not have, or what it tells of itself, is nobody's, so
    /// it is no constant.
    fn follow_copy(&self, way: &mut Way<'_>, item: &mut Value, is_nobodys: bool, step: usize) -> Run {
        way.constant &= !is_nobodys || way.assigned.is_some();
        self.follow(way, item, step)
    }
}

/// What a function of the script makes of a copy is not put back.
fn is_of_script(site: &Site) -> bool {
    site.script.is_some() || matches!(site.special, Some(Special::Call))
}
