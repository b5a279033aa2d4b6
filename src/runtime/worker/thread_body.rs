//! Threads that a script starts: each runs the body of its template on an engine of its own.

use super::client::Client;
use super::portable::{Passed, Portable};
use super::surroundings::Here;
use super::threads::{self, NewThread};
use super::{BodyEnd, LOST, conclude};
use crate::script::unit::Template;
use crate::script::{self, Fault, Unit};
use crate::value::Value;
use crate::wire::message::ProcessFacts;
use std::rc::Rc;

/// A thread that is not started yet.
#[derive(Clone)]
pub struct ThreadBody {
    body: u32,
    arguments: Vec<(String, Portable)>,
    passed: Passed,
}

impl ThreadBody {
    /// Copies the arguments: one for each parameter, `None` where the default is to be taken.
    ///
    /// # Errors
    /// `Argument` for one that is missing or cannot be given to a thread.
    pub fn new(template: &Template, arguments: Vec<Option<Value>>) -> Result<Self, Fault> {
        let mut passed = Passed::default();
        let mut packed = Vec::with_capacity(arguments.len());
        for (parameter, given) in template.parameters.iter().zip(arguments) {
            let (name, of) = (&parameter.name, &template.name);
            let value = given
                .or_else(|| parameter.default.clone())
                .ok_or_else(|| Fault::error("Argument", format!("`{of}` needs an argument for `{name}`")))?;
            let portable = Portable::pack(value, &mut passed).map_err(|what| {
                Fault::error("Argument", format!("`{name}` of `{of}` cannot be given to a thread: {what}"))
            })?;
            packed.push((name.clone(), portable));
        }
        Ok(ThreadBody { body: template.body, arguments: packed, passed })
    }

    /// Starts the thread.
    ///
    /// # Errors
    /// As [`threads::start`].
    pub fn start(
        &self,
        client: &Client,
        unit: &Unit,
        name: String,
        daemon: bool,
    ) -> Result<ProcessFacts, Fault> {
        client.host.share_unit(unit);
        let Passed { takes, puts } = self.passed.clone();
        let new = NewThread { name, daemon, takes, puts, hands_over: false };
        let (body, arguments) = (self.body, self.arguments.clone());
        let (process, _) = threads::start(client, new, move |client| run(&client, body, arguments))?;
        if !daemon {
            client.host.wait_for(process.id);
        }
        Ok(process)
    }
}

/// The life of the thread; gives its exit code.
fn run(client: &Rc<Client>, body: u32, arguments: Vec<(String, Portable)>) -> u8 {
    let Some(unit) = client.host.unit().map(Rc::new) else { return LOST };
    let here = Rc::new(Here::new(client.clone(), unit.clone(), false));
    let mut engine = script::engine(unit, here);
    let arguments = arguments.into_iter().map(|(name, value)| (name, value.unpack(client)));
    let result = engine.run(body as usize, arguments.collect());
    let ended = conclude(client, result.map(|_| BodyEnd::default()));
    drop(engine);
    client.host.leave(client);
    if ended.failed { 1 } else { ended.code.unwrap_or(0) }
}
