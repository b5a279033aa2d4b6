//! Procession: a small embeddable scripting language whose programs are graphs of real OS processes joined
//! by serialized queues.
//!
//! A script goes one way: file → [`load`] (text → [`syntax`]) → [`check`] → [`graph`] → [`runtime`].

pub mod ast;
pub mod check;
pub mod cli;
pub mod diagnostic;
mod embed;
pub mod graph;
pub mod load;
pub mod observe;
pub mod queue;
pub mod runtime;
pub mod script;
pub mod source;
pub mod syntax;
pub mod value;
pub mod wire;

pub use embed::{
    Allow, Argument, Builder, Context, Data, End, Error, ErrorKind, Graph, Held, Host, HostFunction, Input,
    Items, Limits, Node, Opaque, Outcome, Output, Problem, ProcessOutcome, ProcessStatus, Program, Receiver,
    Reply, Run, Script, Sender, Status, init,
};
pub use observe::Event;
pub use script::capability::Capability;
