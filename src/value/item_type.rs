//! What the items of a queue must be, and the place within a value that is something else.

use super::{Map, Value};
use std::fmt;
use std::rc::Rc;

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemType {
    Any,
    Int,
    /// An int is taken for one, and becomes one.
    Float,
    Bool,
    String,
    Blob,
    Map,
    ArrayOf(Box<ItemType>),
    /// A map of these keys and no others.
    Record(Vec<Field>),
    /// `[priority, value]`, a number and such a value: what a priority queue takes.
    Prioritised(Box<ItemType>),
}

/// A key of a [`ItemType::Record`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub key: String,
    pub item_type: ItemType,
    /// It may be missing, or be `()`.
    pub optional: bool,
}

/// Why a value is not of a type: `[3].id` is a string, not an int.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The way from the value to the culprit, as `[3].id`; empty when it is the value itself.
    pub path: String,
    pub what: String,
}

impl Misfit {
    fn new(what: impl Into<String>) -> Self {
        Misfit { path: String::new(), what: what.into() }
    }

    /// The same, as seen from the container.
    #[must_use]
    pub fn within(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.path.is_empty() { "the item" } else { &self.path };
        write!(f, "{place} {}", self.what)
    }
}

/// Whether ints within a value have to become floats.
type Converts = bool;

impl ItemType {
    /// Holds a value against the type. Ints where floats are asked become floats.
    ///
    /// # Errors
    /// The first place within the value that is something else; the value is untouched then.
    pub fn fit(&self, value: &mut Value) -> Result<(), Misfit> {
        if self.check(value)? {
            self.convert(value);
        }
        Ok(())
    }

    fn check(&self, value: &Value) -> Result<Converts, Misfit> {
        match (self, value) {
            (ItemType::Any, _)
            | (ItemType::Int, Value::Int(_))
            | (ItemType::Float, Value::Float(_))
            | (ItemType::Bool, Value::Bool(_))
            | (ItemType::String, Value::String(_))
            | (ItemType::Blob, Value::Blob(_))
            | (ItemType::Map, Value::Map(_)) => Ok(false),
            (ItemType::Float, Value::Int(_)) => Ok(true),
            (ItemType::ArrayOf(inner), Value::Array(items)) => {
                any(items.iter().enumerate(), |(index, item)| inner.check_at(item, || format!("[{index}]")))
            }
            (ItemType::Record(fields), Value::Map(map)) => check_record(fields, map),
            (ItemType::Prioritised(inner), Value::Array(items)) => match items.as_slice() {
                [Value::Int(_) | Value::Float(_), item] => inner.check_at(item, || "[1]".to_owned()),
                [other, _] => {
                    Err(Misfit::new(format!("is {}, not a number", described(other))).within("[0]"))
                }
                _ => Err(Misfit::new(format!("is an array of {}, not `[priority, value]`", items.len()))),
            },
            (wanted, found) => {
                Err(Misfit::new(format!("is {}, not {}", described(found), wanted.described())))
            }
        }
    }

    fn check_at(&self, value: &Value, step: impl FnOnce() -> String) -> Result<Converts, Misfit> {
        self.check(value).map_err(|misfit| misfit.within(&step()))
    }

    /// Only values that were checked and hold ints where floats are asked come here.
    fn convert(&self, value: &mut Value) {
        match (self, value) {
            (ItemType::Float, value) => {
                if let Value::Int(int) = *value {
                    *value = Value::Float(int as f64);
                }
            }
            (ItemType::ArrayOf(inner), Value::Array(items)) => {
                Rc::make_mut(items).iter_mut().for_each(|item| inner.convert(item));
            }
            (ItemType::Record(fields), Value::Map(map)) => {
                let map = Rc::make_mut(map);
                for field in fields {
                    if let Some(item) = map.get_mut(&field.key) {
                        field.item_type.convert(item);
                    }
                }
            }
            (ItemType::Prioritised(inner), Value::Array(items)) => {
                Rc::make_mut(items).iter_mut().skip(1).for_each(|item| inner.convert(item));
            }
            _ => {}
        }
    }

    /// With its article, for messages.
    fn described(&self) -> &'static str {
        match self {
            ItemType::Any => "anything",
            ItemType::Int => "an int",
            ItemType::Float => "a float",
            ItemType::Bool => "a bool",
            ItemType::String => "a string",
            ItemType::Blob => "a blob",
            ItemType::Map | ItemType::Record(_) => "a map",
            ItemType::ArrayOf(_) => "an array",
            ItemType::Prioritised(_) => "`[priority, value]`",
        }
    }
}

fn check_record(fields: &[Field], map: &Map) -> Result<Converts, Misfit> {
    let converts = any(fields, |field| match map.get(&field.key) {
        None | Some(Value::Unit) if field.optional => Ok(false),
        None => Err(Misfit::new("is missing").within(&step(&field.key))),
        Some(item) => field.item_type.check_at(item, || step(&field.key)),
    })?;
    match map.keys().find(|key| !fields.iter().any(|field| **key == *field.key)) {
        Some(unknown) => Err(Misfit::new("is a key too many").within(&step(unknown))),
        None => Ok(converts),
    }
}

fn step(key: &str) -> String {
    format!(".{key}")
}

/// Whether it holds of any; all are looked at.
fn any<I: IntoIterator>(
    items: I,
    check: impl Fn(I::Item) -> Result<Converts, Misfit>,
) -> Result<Converts, Misfit> {
    items.into_iter().try_fold(false, |converts, item| Ok(check(item)? || converts))
}

/// A value's type with its article.
fn described(value: &Value) -> String {
    match value {
        Value::Unit => "`()`".to_owned(),
        Value::Object(object) => object.kind().to_owned(),
        Value::Int(_) | Value::Array(_) => format!("an {}", value.type_name()),
        other => format!("a {}", other.type_name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &[(&str, ItemType, bool)]) -> ItemType {
        let field = |(key, item_type, optional): &(&str, ItemType, bool)| Field {
            key: (*key).to_owned(),
            item_type: item_type.clone(),
            optional: *optional,
        };
        ItemType::Record(fields.iter().map(field).collect())
    }

    fn misfit(item_type: &ItemType, mut value: Value) -> String {
        let before = value.clone();
        let misfit = item_type.fit(&mut value).unwrap_err().to_string();
        assert_eq!(value, before);
        misfit
    }

    fn person() -> ItemType {
        record(&[("id", ItemType::Int, false), ("name", ItemType::String, true)])
    }

    #[test]
    fn what_fits_passes() {
        let map = |name| Value::map([("id", Value::Int(1)), ("name", name)]);
        for value in [map(Value::string("a")), map(Value::Unit), Value::map([("id", Value::Int(1))])] {
            assert_eq!(person().fit(&mut value.clone()), Ok(()));
            assert_eq!(ItemType::Map.fit(&mut value.clone()), Ok(()));
            assert_eq!(ItemType::Any.fit(&mut value.clone()), Ok(()));
        }
        assert_eq!(ItemType::Blob.fit(&mut Value::blob(vec![1])), Ok(()));
    }

    #[test]
    fn the_path_leads_to_the_culprit() {
        let people = ItemType::ArrayOf(Box::new(person()));
        let value = |id| Value::array(vec![Value::map([("id", Value::Int(1))]), Value::map([("id", id)])]);
        assert_eq!(misfit(&people, value(Value::string("x"))), "[1].id is a string, not an int");
        assert_eq!(misfit(&people, value(Value::Unit)), "[1].id is `()`, not an int");
        assert_eq!(misfit(&people, Value::array(vec![Value::Int(1)])), "[0] is an int, not a map");
        assert_eq!(misfit(&people, Value::string("x")), "the item is a string, not an array");
        let more = Value::map([("id", Value::Int(1)), ("age", Value::Int(1))]);
        assert_eq!(misfit(&person(), more), ".age is a key too many");
        assert_eq!(misfit(&person(), Value::map([("name", Value::Unit)])), ".id is missing");
        assert_eq!(misfit(&ItemType::String, Value::Char('c')), "the item is a char, not a string");
    }

    #[test]
    fn ints_become_the_floats_that_are_asked() {
        let point = record(&[("at", ItemType::ArrayOf(Box::new(ItemType::Float)), false)]);
        let mut value = Value::map([("at", Value::array(vec![Value::Int(1), Value::Float(0.5)]))]);
        let other = value.clone();
        assert_eq!(point.fit(&mut value), Ok(()));
        let floats = Value::array(vec![Value::Float(1.0), Value::Float(0.5)]);
        assert_eq!(value, Value::map([("at", floats)]));
        assert_ne!(value, other, "copies of the value stay as they are");
        assert_eq!(misfit(&ItemType::Int, Value::Float(1.0)), "the item is a float, not an int");
    }

    #[test]
    fn a_priority_stands_before_its_value() {
        let jobs = ItemType::Prioritised(Box::new(ItemType::Float));
        let mut value = Value::array(vec![Value::Int(2), Value::Int(3)]);
        assert_eq!(jobs.fit(&mut value), Ok(()));
        assert_eq!(value, Value::array(vec![Value::Int(2), Value::Float(3.0)]));
        let pair = |priority, value| Value::array(vec![priority, value]);
        assert_eq!(misfit(&jobs, pair(Value::Int(1), Value::string("x"))), "[1] is a string, not a float");
        assert_eq!(misfit(&jobs, pair(Value::string("x"), Value::Int(1))), "[0] is a string, not a number");
        assert_eq!(
            misfit(&jobs, Value::array(vec![Value::Int(1)])),
            "the item is an array of 1, not `[priority, value]`"
        );
        assert_eq!(misfit(&jobs, Value::Int(1)), "the item is an int, not `[priority, value]`");
    }
}
