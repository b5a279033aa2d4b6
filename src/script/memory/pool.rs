//! A pool that does nothing to what it is given: each item is its own result.

use crate::script::fault::{Failure, Fault};
use crate::script::objects::pool::{JobHandle, Order, PoolHandle, PoolSettings, Work};
use crate::script::objects::{Stream, Wait};
use crate::value::Value;
use std::cell::RefCell;
use std::rc::Rc;

pub(super) struct MemoryPool {
    log: Rc<RefCell<Vec<String>>>,
}

impl MemoryPool {
    pub(super) fn new(settings: PoolSettings, log: Rc<RefCell<Vec<String>>>) -> Self {
        let PoolSettings { workers, chunk, max_tasks, initializer } = settings;
        let has_initializer = initializer.is_some();
        log.borrow_mut().push(format!("pool {workers} {chunk:?} {max_tasks:?} {has_initializer}"));
        MemoryPool { log }
    }

    fn note(&self, what: String) {
        self.log.borrow_mut().push(what);
    }

    fn note_work(&self, work: &Work, how: &str) {
        let Work { call, items, spread, chunk, .. } = work;
        self.note(format!("{call} {items} {how}{}{chunk:?}", if *spread { " spread " } else { " " }));
    }
}

/// What a `"bad"` among the items becomes: an error that came up in a worker.
fn outcome(item: Value) -> Result<Value, Fault> {
    if item.as_str() != Some("bad") {
        return Ok(item);
    }
    Err(Fault::Elsewhere(Box::new(Failure { value: item, ..Failure::new("Thrown", "bad, over there") })))
}

struct Items(std::vec::IntoIter<Value>);

impl Stream for Items {
    fn next(&mut self) -> Result<Option<Value>, Fault> {
        self.0.next().map(outcome).transpose()
    }
}

struct Done(Vec<Value>, bool);

impl JobHandle for Done {
    fn wait(&self, wait: Wait) -> Result<bool, Fault> {
        Ok(wait != Wait::Seconds(0.25))
    }
    fn result(&self) -> Result<Value, Fault> {
        let results: Vec<Value> = self.0.iter().cloned().map(outcome).collect::<Result<_, _>>()?;
        Ok(if self.1 { results.into_iter().next().unwrap_or(Value::Unit) } else { Value::array(results) })
    }
}

fn items(work: &Work) -> Vec<Value> {
    work.items.as_array().map(<[Value]>::to_vec).unwrap_or_default()
}

impl PoolHandle for MemoryPool {
    fn name(&self) -> String {
        "pool-1".to_owned()
    }
    fn stream(self: Rc<Self>, work: Work, order: Order) -> Result<Box<dyn Stream>, Fault> {
        self.note_work(&work, &format!("{order:?}"));
        Ok(Box::new(Items(items(&work).into_iter())))
    }
    fn submit(self: Rc<Self>, work: Work, single: bool) -> Result<Rc<dyn JobHandle>, Fault> {
        self.note_work(&work, if single { "single" } else { "all" });
        Ok(Rc::new(Done(items(&work), single)))
    }
    fn close(&self) -> Result<(), Fault> {
        self.note("close".to_owned());
        Ok(())
    }
    fn terminate(&self) -> Result<(), Fault> {
        self.note("terminate".to_owned());
        Ok(())
    }
    fn join(&self) -> Result<(), Fault> {
        self.note("join".to_owned());
        Ok(())
    }
}
