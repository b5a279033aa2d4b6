//! Programs of the operating system, as bodies ask for them and get them back.

use crate::script::fault::Fault;

/// A program to be run to its end.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// The program and its arguments; at least one word, none with a NUL.
    pub words: Vec<String>,
    /// What it reads; nothing when empty.
    pub stdin: Vec<u8>,
    pub cwd: Option<String>,
    /// Variables of its environment to set, or with `None` to take away.
    pub env: Vec<(String, Option<String>)>,
    /// Seconds after which it is ended.
    pub timeout: Option<f64>,
}

/// A program that has ended by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// 0, a positive code, or minus the signal's number.
    pub code: i64,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Why there is no [`Finished`].
#[derive(Clone, Debug)]
pub enum NotFinished {
    /// The system's reason.
    NotStarted(String),
    /// The system's reason why it cannot run in its folder.
    NoFolder(String),
    TimedOut,
    /// It printed more than this many bytes.
    TooMuch(usize),
    /// The run is stopping, or the supervisor refused.
    Fault(Fault),
}
