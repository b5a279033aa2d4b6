//! Which case of a `switch` a value means.

use super::Machine;
use crate::script::vm::code::{Key, Switch};
use crate::script::vm::compile::switch::SUBJECT;
use crate::script::vm::trouble::Run;
use crate::value::Value;
use rhai::{Dynamic, RangeCase, Scope};

/// So many values are remembered for a `switch`.
const KNOWN_MAX: usize = 1024;
const TEXTS_MAX: usize = 8;
/// A text of more bytes is not: it would be kept as long as the program.
const TEXT_BYTES_MAX: usize = 256;

impl Machine {
    /// The instruction to go on at.
    pub(super) fn choose(&self, switch: &Switch, value: &Value) -> Run<usize> {
        let key = key(value);
        if let Some(key) = &key
            && let Some(target) = switch.known.borrow().get(key)
        {
            if let Key::String(text) = key {
                let mut texts = switch.texts.borrow_mut();
                texts.truncate(TEXTS_MAX - 1);
                texts.insert(0, (text.clone(), *target));
            }
            return Ok(*target as usize);
        }
        let mut scope = Scope::new();
        let subject = self.state.whole(value.clone()).map_err(|fault| self.fault(fault))?;
        scope.push_dynamic(SUBJECT, subject);
        let chosen = self.state.reader.eval_ast_with_scope::<Dynamic>(&mut scope, &switch.chooser);
        let chosen = chosen.map_err(|error| self.rhai_trouble(&error))?;
        let number = chosen.as_int().ok().and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
        let target = switch.targets.get(number).copied().unwrap_or(0);
        if let Some(key) = key {
            let mut known = switch.known.borrow_mut();
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(key, target);
        }
        Ok(target as usize)
    }
}

/// The same for a text that came before.
#[inline(never)]
pub(super) fn known_case(switch: &Switch, value: &Value) -> Option<usize> {
    let Value::String(text) = value else { return None };
    let texts = switch.texts.borrow();
    texts.iter().find(|(known, _)| known.is_same(text)).map(|(_, target)| *target as usize)
}

pub(super) fn is_within(range: &RangeCase, value: &Value) -> bool {
    match value {
        Value::Int(int) => range.contains_int(*int),
        Value::Float(float) => range.contains_float(*float),
        _ => false,
    }
}

fn key(value: &Value) -> Option<Key> {
    Some(match value {
        Value::Unit => Key::Unit,
        Value::Bool(bool) => Key::Bool(*bool),
        Value::Int(int) => Key::Int(*int),
        Value::Float(float) => Key::Float(float.to_bits()),
        Value::Char(char) => Key::Char(*char),
        Value::String(text) if text.len() <= TEXT_BYTES_MAX => Key::String(text.clone()),
        _ => return None,
    })
}
