//! Bodies of native processes: code of the host, run as a script's body is.

use super::client::Client;
use crate::script::host::{self, Given, NativeBody};
use crate::script::unit::Template;
use crate::script::{Ending, Failure, Place, Unit};
use std::any::Any;
use std::cell::RefCell;
use std::io;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};

/// A body of the host, and where the script declares it.
pub struct Body {
    body: NativeBody,
    place: Place,
}

impl Body {
    /// The body of a template.
    ///
    /// # Errors
    /// When this program does not give it: it is not the one that started the run.
    pub fn of(unit: &Unit, template: u32) -> io::Result<Body> {
        let found = unit.templates.get(template as usize).and_then(|template| {
            let body = host::installed()?.processes.get(template.label())?;
            Some(Body { body: body.clone(), place: place(unit, template) })
        });
        found.ok_or_else(|| io::Error::other("this program gives no such native process"))
    }

    /// Runs it. A panic is a failure with its text and its place.
    pub fn run(&self, client: &Client, given: Given) -> Result<(), Ending> {
        client.at(self.place.source, self.place.line);
        let before = std::panic::take_hook();
        let own = std::thread::current().id();
        std::panic::set_hook(Box::new(move |info| {
            // Threads of the host's own are its own affair.
            if std::thread::current().id() == own { note(info) } else { before(info) }
        }));
        let result = catch_unwind(AssertUnwindSafe(|| (self.body)(given)));
        drop(std::panic::take_hook());
        let failed = |kind: &str, message: String| Ending::Failed(Box::new(Failure::new(kind, message)));
        let result = result.unwrap_or_else(|panic| Err(failed("Panic", text(&*panic))));
        result.map_err(|ending| self.placed(ending))
    }

    /// An error has the place of the declaration, when it has none of its own.
    fn placed(&self, ending: Ending) -> Ending {
        match ending {
            Ending::Failed(mut failure) => {
                failure.place.get_or_insert(self.place);
                Ending::Failed(failure)
            }
            other => other,
        }
    }
}

fn place(unit: &Unit, template: &Template) -> Place {
    let piece = unit.bodies.get(template.body as usize).map(|body| &body.piece);
    piece.map_or_else(Place::default, |piece| Place {
        source: piece.source,
        line: piece.line,
        column: piece.column,
    })
}

thread_local! {
    /// Where the last panic of this thread was.
    static AT: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn note(info: &PanicHookInfo<'_>) {
    AT.set(info.location().map(ToString::to_string));
}

fn text(panic: &(dyn Any + Send)) -> String {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    match AT.take() {
        Some(at) => format!("panicked at {at}: {message}"),
        None => format!("panicked: {message}"),
    }
}
