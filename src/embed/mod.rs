//! The library as another program sees it: the stages of a script as types, what the program gives to its scripts, and
//! runs that it holds in its hands. The command line uses nothing else.

pub(crate) mod allow;
mod bytes;
mod error;
pub(crate) mod function;
pub(crate) mod host;
pub(crate) mod native;
pub(crate) mod problem;
pub(crate) mod queues;
pub(crate) mod run;
pub(crate) mod stages;

pub use allow::Allow;
pub use bytes::Bytes;
pub use error::{Error, ErrorKind};
pub use function::{Argument, Data, Held, HostFunction, Opaque, Reply};
pub use host::{Host, init};
pub use native::{Context, Input, Items, Output};
pub use problem::Problem;
pub use queues::{Receiver, Sender};
pub use run::{Builder, End, Limits, Outcome, ProcessOutcome, ProcessStatus, Run, Status};
pub use stages::{Graph, Node, Program, Script};
