//! Members of counters and tables.

use super::arguments::{Arguments, type_error};
use super::locks::{method, name, property};
use crate::script::fault::Fault;
use crate::script::objects::shared::{Counter, Handle, Table};
use crate::script::registry::{Context, Native, Receiver};
use crate::value::Value;

type Outcome = Result<Value, Fault>;

pub(super) const NATIVES: &[Native] = &[
    method(Receiver::Counter, "get", &[], ("Its value now.", "n.get()"), counter_get),
    method(Receiver::Counter, "set", &["value"], ("Gives it this value, an int.", "n.set(0);"), counter_set),
    method(
        Receiver::Counter,
        "add",
        &["amount"],
        ("Adds an int and gives the new value. Throws `Overflow`, and nothing is changed.", "n.add(1)"),
        counter_add,
    ),
    property(Receiver::Counter, "name", ("Its name.", "n.name"), name),
    method(
        Receiver::Table,
        "get",
        &["key"],
        ("The value of a key, or `()` when there is none.", "t.get(\"a\")"),
        get,
    ),
    method(
        Receiver::Table,
        "set",
        &["key", "value"],
        ("Gives a key this value, a copy. Throws `Unsendable`.", "t.set(\"a\", [1, 2]);"),
        set,
    ),
    method(
        Receiver::Table,
        "add",
        &["key", "amount"],
        (
            "Adds a number to the value of a key, 0 when there is none; gives the new value. Throws `Overflow`, `Type`.",
            "t.add(\"a\", 1)",
        ),
        add,
    ),
    method(
        Receiver::Table,
        "remove",
        &["key"],
        ("Removes a key and gives the value that it had, or `()`.", "t.remove(\"a\")"),
        remove,
    ),
    method(
        Receiver::Table,
        "contains",
        &["key"],
        ("Whether there is such a key; also `\"a\" in t`.", "t.contains(\"a\")"),
        contains,
    ),
    property(Receiver::Table, "len", ("The number of keys now.", "t.len"), len),
    method(Receiver::Table, "keys", &[], ("All keys, sorted, as an array.", "t.keys()"), keys),
    method(
        Receiver::Table,
        "snapshot",
        &[],
        ("All of it at one moment, as a map.", "t.snapshot()"),
        snapshot,
    ),
    property(Receiver::Table, "name", ("Its name.", "t.name"), name),
];

impl Arguments<'_> {
    fn counter(&self) -> Result<&dyn Counter, Fault> {
        self.handle("a counter", |handle| if let Handle::Counter(it) = handle { Some(it) } else { None })
    }

    fn table(&self) -> Result<&dyn Table, Fault> {
        self.handle("a table", |handle| if let Handle::Table(table) = handle { Some(table) } else { None })
    }

    fn key(&self) -> Result<&str, Fault> {
        self.string(1, "key")
    }

    fn value(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&Value::Unit)
    }
}

fn counter_get(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("get", values).counter()?.get().map(Value::Int)
}

fn counter_set(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("set", values);
    let value = arguments.int(1, "value")?;
    arguments.counter()?.set(value).map(|()| Value::Unit)
}

fn counter_add(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("add", values);
    let amount = arguments.int(1, "amount")?;
    arguments.counter()?.add(amount).map(Value::Int)
}

fn get(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("get", values);
    arguments.table()?.get(arguments.key()?)
}

fn set(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("set", values);
    arguments.table()?.set(arguments.key()?, arguments.value(2)).map(|()| Value::Unit)
}

fn add(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("add", values);
    let (table, key, amount) = (arguments.table()?, arguments.key()?, arguments.value(2));
    match amount {
        Value::Int(_) | Value::Float(_) => table.add(key, amount),
        _ => Err(type_error("add", "amount", "a number", amount)),
    }
}

fn remove(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("remove", values);
    arguments.table()?.remove(arguments.key()?)
}

fn contains(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    let arguments = Arguments::new("contains", values);
    arguments.table()?.contains(arguments.key()?).map(Value::Bool)
}

fn len(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("len", values).table()?.len().map(Value::Int)
}

fn keys(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("keys", values).table()?.keys()
}

fn snapshot(_: &mut Context<'_>, values: &mut [Value]) -> Outcome {
    Arguments::new("snapshot", values).table()?.snapshot()
}
