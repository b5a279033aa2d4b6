//! The table of exit statuses.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything succeeded.
    Success,
    /// A process of the run failed.
    Failed,
    /// The script does not check, or the arguments do not fit.
    Rejected,
    /// The run could never have gone on.
    Deadlock,
    /// Ended by SIGHUP, SIGINT, SIGTERM.
    HungUp,
    Interrupted,
    Terminated,
    /// What the script gave to `exit`.
    Code(u8),
}

impl Exit {
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Rejected => 2,
            Exit::Deadlock => 3,
            Exit::HungUp => 129,
            Exit::Interrupted => 130,
            Exit::Terminated => 143,
            Exit::Code(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.status())
    }
}
