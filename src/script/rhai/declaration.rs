//! Expressions of declarations: evaluated before any process is there.

use super::RhaiEngine;
use crate::script::fault::{Ending, Failure, Fault};
use crate::script::objects::pool::{PoolHandle, PoolSettings};
use crate::script::objects::program::{Finished, NotFinished, Order};
use crate::script::objects::{Surroundings, Wait};
use crate::script::on_big_stack;
use crate::script::unit::{Piece, Unit};
use crate::value::{Map, Value};
use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;

/// An expression that asks this often whether to go on, once every 4096 operations, does not end: some 40
/// million operations, seconds. Nobody watches a script that is only being compiled, so it must end by itself.
const POLLS_MAX: u32 = 10_000;

/// Evaluates expressions: they see the functions of a unit, and its globals as far as they are defined.
pub struct Evaluation {
    engine: RhaiEngine,
    around: Rc<NoProcess>,
}

impl Evaluation {
    #[must_use]
    pub fn new(unit: &Unit) -> Self {
        let around = Rc::new(NoProcess::default());
        Evaluation { engine: RhaiEngine::new(Rc::new(unit.clone()), around.clone()), around }
    }

    /// From here on expressions see this global.
    pub fn define(&mut self, name: &str, value: Value) {
        self.engine.state.define(name, value);
    }

    /// The value of an expression, which sees `locals` besides.
    ///
    /// # Errors
    /// Syntax errors and errors of the evaluation alike.
    pub fn evaluate(&self, piece: &Piece, locals: &Map) -> Result<Value, Failure> {
        self.around.polls.set(0);
        let state = &self.engine.state;
        let entry = {
            let mut lines = state.lines.borrow_mut();
            lines.push(piece);
            lines.len() - 1
        };
        let result = on_big_stack(|| self.value(entry, piece, locals));
        state.lines.borrow_mut().pop();
        result
    }

    fn value(&self, entry: usize, piece: &Piece, locals: &Map) -> Result<Value, Failure> {
        let names: Vec<String> = locals.keys().map(ToString::to_string).collect();
        let library =
            self.engine.state.compile_piece(&self.engine.engine, entry, &names, piece, ("(", ")"))?;
        let locals = locals.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
        self.engine.execute(&library.ast, locals).map_err(failure)
    }
}

fn failure(ending: Ending) -> Failure {
    match ending {
        Ending::Failed(failure) => *failure,
        Ending::Exit(_) => Failure::new("Exit", "`exit` cannot be called in a declaration"),
        Ending::Stopped => {
            Failure::new("Endless", "it takes more than 40 million operations; does it ever end?")
        }
    }
}

/// Nothing runs yet.
#[derive(Default)]
pub(in crate::script) struct NoProcess {
    /// How often the present evaluation has asked whether to go on.
    polls: Cell<u32>,
}

fn no_process<T>(what: &str) -> Result<T, Fault> {
    Err(Fault::error("Process", format!("{what} is possible in bodies only, not in a declaration")))
}

impl Surroundings for NoProcess {
    fn at(&self, _source: u32, _line: u32) {}
    fn print(&self, line: &str) -> Result<(), Fault> {
        self.debug(line)
    }
    fn debug(&self, line: &str) -> Result<(), Fault> {
        // One that cannot be written (a full disk) is no reason to stop.
        let _ = writeln!(std::io::stderr().lock(), "{line}");
        Ok(())
    }
    fn pid(&self) -> i64 {
        i64::from(std::process::id())
    }
    fn ppid(&self) -> i64 {
        i64::from(std::os::unix::process::parent_id())
    }
    fn sleep(&self, _seconds: f64) -> Result<(), Fault> {
        no_process("sleeping")
    }
    fn create(&self, _template: usize, _arguments: Vec<Option<Value>>) -> Result<Value, Fault> {
        no_process("making a process")
    }
    fn current_process(&self) -> Value {
        Value::Unit
    }
    fn active_children(&self) -> Result<Vec<Value>, Fault> {
        Ok(Vec::new())
    }
    fn wait(&self, _things: &[Value], _wait: Wait) -> Result<Vec<Value>, Fault> {
        no_process("waiting")
    }
    fn pool(&self, _settings: PoolSettings) -> Result<Rc<dyn PoolHandle>, Fault> {
        no_process("a pool")
    }
    fn poll(&self) -> Result<(), Fault> {
        self.polls.set(self.polls.get() + 1);
        if self.polls.get() > POLLS_MAX { Err(Fault::Stopped) } else { Ok(()) }
    }
    fn run_program(&self, _order: &Order) -> Result<Finished, NotFinished> {
        no_process("running a program").map_err(NotFinished::Fault)
    }
    fn stdin_line(&self) -> Result<Option<String>, Fault> {
        no_process("reading standard input")
    }
}
