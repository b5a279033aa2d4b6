//! Procession: a small embeddable scripting language whose programs are graphs of real OS processes joined
//! by serialized queues.
//!
//! A program goes through stages, each a type of its own: [`Script`] is read, [`Program`] is checked for a [`Host`],
//! [`Graph`] is made for its arguments, [`Run`] is started and held in hand. A host gives functions
//! ([`Host::function`]), native processes ([`Host::process`]) and queues ([`Run::sender`], [`Run::receiver`]), and says
//! what its scripts may have ([`Limits`], [`Allow`], [`Capability`]). [`init`] comes first in `main`.
//!
//! ```no_run
//! use procession::{Error, Host, Run, Script};
//!
//! fn main() -> Result<(), Error> {
//!     let host = Host::new();
//!     procession::init(&host);
//!     let program = Script::from_file("greet.proc")?.check(&host)?;
//!     let graph = program.graph(["--name", "you"])?;
//!     let outcome = Run::builder(&graph).stdout().start()?.wait()?;
//!     assert!(outcome.success());
//!     Ok(())
//! }
//! ```
//!
//! What is not shown here is the inside of the program `procession`: it can change with every version.

#![deny(missing_docs)]

#[doc(hidden)]
pub mod ast;
#[doc(hidden)]
pub mod check;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod diagnostic;
mod embed;
#[doc(hidden)]
pub mod graph;
#[doc(hidden)]
pub mod load;
#[doc(hidden)]
pub mod observe;
#[doc(hidden)]
pub mod queue;
#[doc(hidden)]
pub mod runtime;
#[doc(hidden)]
pub mod script;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod syntax;
#[doc(hidden)]
pub mod value;
#[doc(hidden)]
pub mod wire;

pub use embed::{
    Allow, Argument, Builder, Bytes, Context, Data, End, Error, ErrorKind, Graph, Held, Host, HostFunction,
    Input, Items, Limits, Node, Opaque, Outcome, Output, Problem, ProcessOutcome, ProcessStatus, Program,
    Receiver, Reply, Run, Script, Sender, Status, init,
};
pub use observe::Event;
pub use script::capability::Capability;

/// What the events of a run are made of.
pub mod event {
    pub use crate::observe::{
        InHand, Limit, Place, ProcessCount, QueueCount, RanInto, Remains, Stuck, Uncaught,
    };
}
