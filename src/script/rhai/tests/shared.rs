//! Members of locks, semaphores, events, barriers, counters and tables, in memory.

use super::*;
use crate::script::objects::shared::{Barrier, Counter, Event, Handle, Permits, SharedObject, Table};
use crate::script::registry::{Receiver, natives};
use crate::script::{Fault, Wait};
use crate::value::{Map, Object};
use std::cell::{Cell, RefCell};

/// All of them in one, for a process that is alone.
#[derive(Default)]
struct Alone {
    held: Cell<i64>,
    set: Cell<bool>,
    count: Cell<i64>,
    entries: RefCell<Map>,
}

/// Who is alone has what it wants, unless it asks for no more than a look.
impl Permits for Alone {
    fn acquire(&self, wait: Wait) -> Result<bool, Fault> {
        let taken = wait != Wait::No;
        self.held.set(self.held.get() + i64::from(taken));
        Ok(taken)
    }
    fn release(&self) -> Result<(), Fault> {
        self.held.set(self.held.get() - 1);
        if self.held.get() < 0 { Err(Fault::error("NotHeld", "not held")) } else { Ok(()) }
    }
}

impl Event for Alone {
    fn set(&self) -> Result<(), Fault> {
        self.set.set(true);
        Ok(())
    }
    fn clear(&self) -> Result<(), Fault> {
        self.set.set(false);
        Ok(())
    }
    fn is_set(&self) -> Result<bool, Fault> {
        Ok(self.set.get())
    }
    fn wait(&self, _wait: Wait) -> Result<bool, Fault> {
        Ok(self.set.get())
    }
}

impl Barrier for Alone {
    fn wait(&self, wait: Wait) -> Result<i64, Fault> {
        if wait == Wait::No { Err(Fault::error("Broken", "broken")) } else { Ok(0) }
    }
}

impl Counter for Alone {
    fn get(&self) -> Result<i64, Fault> {
        Ok(self.count.get())
    }
    fn set(&self, value: i64) -> Result<(), Fault> {
        self.count.set(value);
        Ok(())
    }
    fn add(&self, amount: i64) -> Result<i64, Fault> {
        self.count.set(self.count.get() + amount);
        Ok(self.count.get())
    }
}

impl Table for Alone {
    fn get(&self, key: &str) -> Result<Value, Fault> {
        Ok(self.entries.borrow().get(key).cloned().unwrap_or(Value::Unit))
    }
    fn set(&self, key: &str, value: &Value) -> Result<(), Fault> {
        self.entries.borrow_mut().insert(key.to_owned(), value.clone());
        Ok(())
    }
    fn add(&self, key: &str, amount: &Value) -> Result<Value, Fault> {
        Table::set(self, key, amount)?;
        Ok(amount.clone())
    }
    fn remove(&self, key: &str) -> Result<Value, Fault> {
        Ok(self.entries.borrow_mut().remove(key).unwrap_or(Value::Unit))
    }
    fn contains(&self, key: &str) -> Result<bool, Fault> {
        Ok(self.entries.borrow().contains_key(key))
    }
    fn len(&self) -> Result<i64, Fault> {
        Ok(self.entries.borrow().len() as i64)
    }
    fn keys(&self) -> Result<Value, Fault> {
        Ok(Value::array(self.entries.borrow().keys().map(Value::string).collect()))
    }
    fn snapshot(&self) -> Result<Value, Fault> {
        Ok(Value::Map(Rc::new(self.entries.borrow().clone())))
    }
}

/// Runs a body that finds a lock `l`, an event `e`, a barrier `b`, a counter `n` and a table `t`.
fn with_all(text: &str) -> String {
    let object = |name: &str, id, handle| {
        Value::Object(Object::new(SharedObject { name: name.to_owned(), id, handle }))
    };
    let alone = Rc::new(Alone::default());
    let arguments = vec![
        ("l", object("l", 0, Handle::Lock(alone.clone()))),
        ("s", object("s", 1, Handle::Semaphore(alone.clone()))),
        ("e", object("e", 2, Handle::Event(alone.clone()))),
        ("b", object("b", 3, Handle::Barrier(alone.clone()))),
        ("n", object("n", 4, Handle::Counter(alone.clone()))),
        ("t", object("t", 5, Handle::Table(alone.clone()))),
    ];
    let names = arguments.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    let unit = Unit { bodies: vec![body(&names, text)], ..Unit::default() };
    match run_unit(unit, arguments) {
        Ok(value) => format!("{value}, {} held", alone.held.get()),
        Err(Ending::Failed(failure)) => {
            format!("{}: {}, {} held", failure.kind, failure.message, alone.held.get())
        }
        Err(other) => format!("{other:?}, {} held", alone.held.get()),
    }
}

#[test]
fn every_example_runs() {
    let own = [Receiver::Lock, Receiver::Event, Receiver::Barrier, Receiver::Counter, Receiver::Table];
    for native in natives().filter(|native| own.contains(&native.receiver)) {
        let shown = with_all(&format!("l.acquire(); {}", native.example));
        assert!(shown.ends_with(" held") && !shown.contains(':'), "{}: {shown}", native.example);
    }
}

#[test]
fn hold_releases_however_its_function_ends() {
    assert_eq!(with_all("l.hold(|| 1 + 1)"), "2, 0 held");
    assert_eq!(with_all("hold(s, || s.acquire(0))"), "false, 0 held");
    assert_eq!(with_all("l.hold(|| throw \"x\")"), "Thrown: x, 0 held");
    assert_eq!(with_all("l.hold(|| exit(3))"), "Exit(3), 0 held");
    assert_eq!(with_all("hold(l, || l.release())"), "NotHeld: not held, -1 held");
    assert_eq!(with_all("let x = 1; l.hold(|| x += 1); x"), "2, 0 held");
}

#[test]
fn each_kind_has_its_own_members() {
    assert_eq!(with_all("t.acquire()"), "Type: a table has no member `acquire`, 0 held");
    assert_eq!(with_all("s.wait()"), "Type: a semaphore has no member `wait`, 0 held");
    assert_eq!(with_all("n.get(1)"), "Type: a counter has no member `get`, 0 held");
    assert_eq!(with_all("[l == l, l == s, e != b]"), "[true, false, true], 0 held");
    assert_eq!(with_all("`${l} ${s} ${e} ${b} ${n} ${t}`").matches('`').count(), 12);
}
