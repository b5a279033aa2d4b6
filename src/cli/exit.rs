//! How a command ended; the numbers are those of the one table, [`crate::runtime::exit`].

use crate::runtime::exit;
use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Success,
    /// Something failed that is not the script's fault.
    Failed,
    /// The script does not check, or the arguments do not fit.
    Rejected,
    /// The status of a run.
    Code(u8),
}

impl Exit {
    #[must_use]
    pub fn status(self) -> u8 {
        match self {
            Exit::Success => exit::SUCCESS,
            Exit::Failed => exit::FAILED,
            Exit::Rejected => exit::BAD_SCRIPT,
            Exit::Code(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.status())
    }
}
