//! Expressions of declarations: evaluated before any process is there.

use super::RhaiEngine;
use crate::script::fault::{Ending, Failure, Fault};
use crate::script::objects::{Surroundings, Wait};
use crate::script::unit::{Piece, Unit};
use crate::value::{Map, Value};
use std::cell::RefCell;
use std::rc::Rc;

thread_local! {
    /// The engine of the last evaluation and its unit: a graph evaluates many expressions over the same
    /// functions, most of them over the same globals.
    static LAST: RefCell<Option<(RhaiEngine, Rc<Unit>)>> = const { RefCell::new(None) };
}

/// Evaluates an expression of a declaration: it sees the unit's functions and globals, and `locals`.
///
/// # Errors
/// Syntax errors and errors of the evaluation alike.
pub fn evaluate(piece: &Piece, unit: &Rc<Unit>, locals: &Map) -> Result<Value, Failure> {
    let engine = match LAST.with(RefCell::take) {
        Some((engine, last)) if Rc::ptr_eq(&last, unit) => engine,
        Some((engine, _)) if same_functions(&engine.state.unit, unit) => {
            engine.state.set_globals(&unit.globals);
            engine
        }
        _ => RhaiEngine::new(unit.clone(), Rc::new(NoProcess)),
    };
    let result = evaluate_with(&engine, piece, locals);
    LAST.with(|last| last.replace(Some((engine, unit.clone()))));
    result
}

fn same_functions(left: &Rc<Unit>, right: &Rc<Unit>) -> bool {
    left.functions == right.functions && left.bodies == right.bodies && left.templates == right.templates
}

fn evaluate_with(engine: &RhaiEngine, piece: &Piece, locals: &Map) -> Result<Value, Failure> {
    let entry = {
        let mut lines = engine.state.lines.borrow_mut();
        lines.push(piece);
        lines.len() - 1
    };
    let names: Vec<String> = locals.keys().cloned().collect();
    let library = engine.state.compile_piece(&engine.engine, entry, &names, piece, ("(", ")"));
    let result = library.and_then(|library| {
        let locals = locals.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        engine.execute(&library.ast, locals).map_err(failure)
    });
    engine.state.lines.borrow_mut().pop();
    result
}

fn failure(ending: Ending) -> Failure {
    match ending {
        Ending::Failed(failure) => *failure,
        Ending::Exit(_) => Failure::new("Exit", "`exit` cannot be called in a declaration"),
        Ending::Stopped => Failure::new("Stopped", "the evaluation was stopped"),
    }
}

/// Nothing runs yet.
struct NoProcess;

fn no_process<T>(what: &str) -> Result<T, Fault> {
    Err(Fault::error("Process", format!("{what} is possible in bodies only, not in a declaration")))
}

impl Surroundings for NoProcess {
    fn at(&self, _source: u32, _line: u32) {}
    fn print(&self, line: &str) -> Result<(), Fault> {
        self.debug(line)
    }
    fn debug(&self, line: &str) -> Result<(), Fault> {
        eprintln!("{line}");
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
    fn poll(&self) -> Result<(), Fault> {
        Ok(())
    }
    fn stdin_line(&self) -> Result<Option<String>, Fault> {
        no_process("reading standard input")
    }
}
