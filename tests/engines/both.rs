//! A text run by both engines, and all that can be told of how it went.

use procession::script::objects::pool::{PoolHandle, PoolSettings};
use procession::script::objects::program::{Finished, NotFinished, Order};
use procession::script::unit::{Body, EngineKind, FunctionText, Piece, Unit};
use procession::script::{Ending, Fault, Surroundings, Wait, engine, on_big_stack};
use procession::value::Value;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What a run can be compared by.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    pub printed: Vec<String>,
    /// The value as it would be typed, or how it ended.
    pub end: String,
}

/// Nothing but a list of lines is around the body. It ends when it has been asked often enough.
struct Alone {
    printed: RefCell<Vec<String>>,
    polls_left: Cell<u32>,
}

fn nothing<T>() -> Result<T, Fault> {
    Err(Fault::error("Process", "there is no process here"))
}

impl Surroundings for Alone {
    fn at(&self, _source: u32, _line: u32) {}
    fn print(&self, line: &str) -> Result<(), Fault> {
        self.printed.borrow_mut().push(line.to_owned());
        Ok(())
    }
    fn debug(&self, line: &str) -> Result<(), Fault> {
        self.print(line)
    }
    fn pid(&self) -> i64 {
        7
    }
    fn ppid(&self) -> i64 {
        1
    }
    fn sleep(&self, _seconds: f64) -> Result<(), Fault> {
        Ok(())
    }
    fn create(&self, _template: usize, _arguments: Vec<Option<Value>>) -> Result<Value, Fault> {
        nothing()
    }
    fn current_process(&self) -> Value {
        Value::Unit
    }
    fn active_children(&self) -> Result<Vec<Value>, Fault> {
        Ok(Vec::new())
    }
    fn wait(&self, _things: &[Value], _wait: Wait) -> Result<Vec<Value>, Fault> {
        nothing()
    }
    fn pool(&self, _settings: PoolSettings) -> Result<Rc<dyn PoolHandle>, Fault> {
        nothing()
    }
    fn poll(&self) -> Result<(), Fault> {
        match self.polls_left.get() {
            0 => Err(Fault::Stopped),
            left => {
                self.polls_left.set(left - 1);
                Ok(())
            }
        }
    }
    fn run_program(&self, _order: &Order) -> Result<Finished, NotFinished> {
        nothing().map_err(NotFinished::Fault)
    }
    fn stdin_line(&self) -> Result<Option<String>, Fault> {
        Ok(None)
    }
}

fn piece(text: &str, line: u32) -> Piece {
    Piece { text: text.to_owned(), line, column: 3, ..Piece::default() }
}

/// A unit of a body and functions, each as `name(params) text`.
pub fn unit(body: &str, functions: &[(&str, &[&str], &str)]) -> Unit {
    let functions = functions.iter().enumerate().map(|(index, (name, params, text))| FunctionText {
        name: (*name).to_owned(),
        params: params.iter().map(|param| (*param).to_owned()).collect(),
        piece: piece(text, 1000 + 100 * index as u32),
    });
    Unit {
        sources: vec!["a.proc".to_owned()],
        bodies: vec![Body { name: "main".to_owned(), params: Vec::new(), piece: piece(body, 10) }],
        functions: functions.collect(),
        globals: [
            ("LIMIT".to_owned(), Value::Int(5)),
            ("LIST".to_owned(), Value::array(vec![Value::Int(3), Value::Int(1), Value::Int(2)])),
            (
                "TABLE".to_owned(),
                Value::map([("a", Value::Int(1)), ("b", Value::array(vec![Value::Int(2)]))]),
            ),
        ]
        .into(),
        ..Unit::default()
    }
}

/// How often a run may ask whether to end; `None` for as often as it likes.
pub fn run(unit: &Unit, kind: EngineKind, polls: Option<u32>) -> Seen {
    let unit = Rc::new(Unit { engine: kind, ..unit.clone() });
    let alone =
        Rc::new(Alone { printed: RefCell::default(), polls_left: Cell::new(polls.unwrap_or(u32::MAX)) });
    let result = on_big_stack(|| engine(unit, alone.clone()).run(0, Vec::new()));
    let end = match result {
        Ok(value) => format!("gives {}", value.quoted()),
        Err(Ending::Failed(failure)) => {
            let place = failure.place.map(|place| (place.line, place.column));
            let trace: Vec<_> = failure
                .trace
                .iter()
                .map(|frame| {
                    (frame.function.clone(), frame.called_at.map(|place| (place.line, place.column)))
                })
                .collect();
            format!("{}: {} at {place:?}, {trace:?}", failure.kind, failure.message)
        }
        Err(other) => format!("{other:?}"),
    };
    Seen { printed: alone.printed.take(), end }
}
