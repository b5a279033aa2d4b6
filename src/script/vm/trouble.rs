//! Why code does not go on: errors on their way to a `catch` or out of the body.

use super::run::Machine;
use crate::script::fault::{Ending, Failure, Fault, Frame, Place};
use crate::script::rhai::{errors, kinds};
use crate::value::Value;
use rhai::{EvalAltResult, Position};

/// An error of the language, in our words.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    pub(super) kind: String,
    pub(super) message: String,
    pub(super) catchable: bool,
    /// It does not belong to the function that it came up in.
    pub(super) system: bool,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Mistake(Mistake),
    Thrown(Value),
    Elsewhere(Box<Failure>),
    Exit(u8),
    Stopped,
}

#[derive(Clone, Debug)]
pub(super) struct Inner {
    pub(super) what: What,
    /// The innermost place that is known.
    pub(super) place: Option<Place>,
    pub(super) trace: Vec<Frame>,
}

/// One word, since every step may give it.
#[derive(Clone, Debug)]
pub(super) struct Trouble(pub(super) Box<Inner>);

pub(super) type Run<T = Value> = Result<T, Trouble>;

impl Trouble {
    #[cold]
    pub(super) fn new(what: What) -> Trouble {
        Trouble(Box::new(Inner { what, place: None, trace: Vec::new() }))
    }

    #[cold]
    pub(super) fn mistake(kind: &str, message: impl Into<String>) -> Trouble {
        let (kind, message) = (kind.to_owned(), message.into());
        Trouble::new(What::Mistake(Mistake { kind, message, catchable: true, system: false }))
    }

    /// Calls are nested too deeply. No `catch` hears of it.
    #[cold]
    pub(super) fn too_deep() -> Trouble {
        let error = EvalAltResult::ErrorStackOverflow(Position::NONE);
        let (kind, message) = errors::words(&error);
        let kind = kind.to_owned();
        Trouble::new(What::Mistake(Mistake { kind, message, catchable: false, system: true }))
    }

    pub(super) fn is_catchable(&self) -> bool {
        match &self.0.what {
            What::Mistake(mistake) => mistake.catchable,
            What::Thrown(_) | What::Elsewhere(_) => true,
            What::Exit(_) | What::Stopped => false,
        }
    }

    /// The kind of an error of the language that is on its way from where it came up.
    pub(super) fn kind(&self) -> &str {
        match &self.0.what {
            What::Mistake(mistake) => &mistake.kind,
            _ => "",
        }
    }

    /// A `throw` of nothing, in this function.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(&self.0.what, What::Thrown(Value::Unit)) && self.0.trace.is_empty()
    }

    fn is_system(&self) -> bool {
        matches!(&self.0.what, What::Mistake(Mistake { system: true, .. }))
    }
}

impl Machine {
    #[cold]
    pub(super) fn fault(&self, fault: Fault) -> Trouble {
        Trouble::new(match fault {
            Fault::Thrown(value) => What::Thrown(value),
            Fault::Elsewhere(failure) => What::Elsewhere(failure),
            Fault::Exit(code) => What::Exit(code),
            Fault::Stopped => What::Stopped,
        })
    }

    /// An error that came up while Rhai did something for us.
    #[cold]
    pub(super) fn rhai_trouble(&self, error: &EvalAltResult) -> Trouble {
        if let EvalAltResult::ErrorInFunctionCall(name, _, inner, _) = error {
            return self.through_here(self.rhai_trouble(inner), name);
        }
        let inner = error.unwrap_inner();
        if let EvalAltResult::ErrorRuntime(value, _) = inner {
            return Trouble::new(What::Thrown(self.state.value(value.clone())));
        }
        let (kind, message) = kinds::words(&self.state, inner);
        let mistake = Mistake {
            kind: kind.to_owned(),
            message,
            catchable: inner.is_catchable(),
            system: inner.is_system_exception(),
        };
        Trouble::new(What::Mistake(mistake))
    }

    /// The same error, which came up here unless it knows better.
    #[cold]
    pub(super) fn placed(&self, mut trouble: Trouble, position: Position) -> Trouble {
        if trouble.0.place.is_none() {
            trouble.0.place = self.state.place(position);
        }
        trouble
    }

    /// The same error, as seen by who called the function that it came up in.
    #[cold]
    pub(super) fn through(&self, mut trouble: Trouble, function: &str, called_at: Position) -> Trouble {
        let place = self.state.place(called_at);
        if trouble.is_system() {
            trouble.0.place = place;
            return trouble;
        }
        trouble.0.trace.push(Frame { function: function.to_owned(), called_at: place });
        if trouble.0.place.is_none() {
            trouble.0.place = place;
        }
        trouble
    }

    /// The same error, as seen by who called a function of the library that called back.
    #[cold]
    pub(super) fn through_here(&self, trouble: Trouble, function: &str) -> Trouble {
        self.through(trouble, function, self.called_at())
    }

    /// What `catch` receives.
    pub(super) fn caught(&self, trouble: &Trouble) -> Value {
        match &trouble.0.what {
            What::Thrown(value) => value.clone(),
            What::Elsewhere(failure) => {
                // A value of its own, so that it is known again.
                let value = copied(&failure.value);
                *self.elsewhere.borrow_mut() = Some((value.clone(), (**failure).clone()));
                value
            }
            What::Mistake(mistake) => {
                let mut entries = vec![
                    ("kind", Value::string(&*mistake.kind)),
                    ("message", Value::string(&*mistake.message)),
                ];
                entries.extend(trouble.0.place.map(|place| ("line", Value::Int(place.line.into()))));
                Value::map(entries)
            }
            What::Exit(_) | What::Stopped => Value::Unit,
        }
    }

    /// `throw value`. An error of another process that was caught is still one when it is thrown on.
    #[cold]
    pub(super) fn thrown(&self, value: Value) -> Trouble {
        let known = self.elsewhere.borrow().as_ref().filter(|(known, _)| is_same(known, &value)).cloned();
        Trouble::new(match known {
            Some((_, failure)) => What::Elsewhere(Box::new(failure)),
            None => What::Thrown(value),
        })
    }

    /// `throw value` in a `catch` that received this error: there a number is the one that was caught.
    #[cold]
    pub(super) fn thrown_in_catch(&self, value: Value, caught: &Trouble) -> Trouble {
        let is_plain = matches!(value, Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Char(_));
        match &caught.0.what {
            What::Elsewhere(failure) if is_plain && failure.value == value => {
                Trouble::new(What::Elsewhere(failure.clone()))
            }
            _ => self.thrown(value),
        }
    }

    /// `throw;` in a `catch`: an error of the language goes on as what `catch` received, and any other as called from here.
    #[cold]
    pub(super) fn thrown_on(&self, mut trouble: Trouble, position: Position) -> Trouble {
        if matches!(trouble.0.what, What::Mistake(_)) {
            return Trouble::new(What::Thrown(self.caught(&trouble)));
        }
        match trouble.0.trace.last_mut() {
            Some(last) => last.called_at = self.state.place(position),
            None => trouble.0.place = None,
        }
        trouble
    }

    pub(super) fn ending(&self, trouble: Trouble) -> Ending {
        let value = self.caught(&trouble);
        let Inner { what, place, trace } = *trouble.0;
        let (kind, message) = match what {
            What::Exit(code) => return Ending::Exit(code),
            What::Stopped => return Ending::Stopped,
            What::Elsewhere(failure) => {
                return Ending::Failed(Box::new(errors::from_elsewhere(*failure, place, trace)));
            }
            What::Thrown(value) => {
                let (kind, message, _) = errors::thrown_words(value);
                (kind, message)
            }
            What::Mistake(mistake) => (mistake.kind, mistake.message),
        };
        Ending::Failed(Box::new(Failure { kind, message, value, place, trace }))
    }
}

fn copied(value: &Value) -> Value {
    use std::rc::Rc;
    match value {
        Value::String(text) => Value::String(text.copied()),
        Value::Array(items) => Value::Array(Rc::new((**items).clone())),
        Value::Map(map) => Value::Map(Rc::new((**map).clone())),
        Value::Blob(bytes) => Value::Blob(Rc::new((**bytes).clone())),
        Value::Range(range) => Value::Range(Rc::new(**range)),
        other => other.clone(),
    }
}

/// Whether they are one value. Those that are just numbers and the like cannot be told apart, so they never are.
fn is_same(known: &Value, value: &Value) -> bool {
    use std::rc::Rc;
    match (known, value) {
        (Value::Map(known), Value::Map(value)) => Rc::ptr_eq(known, value),
        (Value::String(known), Value::String(value)) => known.is_same(value),
        (Value::Array(known), Value::Array(value)) => Rc::ptr_eq(known, value),
        (Value::Blob(known), Value::Blob(value)) => Rc::ptr_eq(known, value),
        (Value::Range(known), Value::Range(value)) => Rc::ptr_eq(known, value),
        (Value::Function(known), Value::Function(value)) => Rc::ptr_eq(known, value),
        _ => false,
    }
}

/// An error in the hands of a `catch`, kept for `throw;`.
pub(super) struct Kept(pub(super) Trouble);

impl crate::value::ObjectKind for Kept {
    fn kind(&self) -> &'static str {
        "an error"
    }
}
