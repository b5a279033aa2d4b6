//! What a program gives to the scripts that it runs.

use super::error::{Error, ErrorKind};
use crate::runtime;
use std::sync::OnceLock;

/// What a program gives to its scripts. Made once, before anything else, and given to [`init`](crate::init).
#[derive(Clone, Debug, Default)]
pub struct Host {}

/// The host of this process, once [`init`] was called.
static INITIALISED: OnceLock<Host> = OnceLock::new();

impl Host {
    /// A host that gives scripts what `procession run` gives them.
    #[must_use]
    pub fn new() -> Host {
        Host::default()
    }
}

/// Makes this program able to run scripts. Call it first in `main`, before threads are started.
///
/// The processes of a run are copies of this program: in such a copy this function does not return, but becomes the
/// process that it was started for. Everywhere else it remembers the host and returns.
pub fn init(host: &Host) {
    // Two calls are one: the first host stays.
    let _ = INITIALISED.set(host.clone());
    runtime::init();
}

/// Why no run can be started, when none can.
pub(crate) fn check_init() -> Result<(), Error> {
    if INITIALISED.get().is_some() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Init,
        "no run can be started, since this program has not called `procession::init`: its processes are copies of \
         this program, and `init` is what makes processes of them. Call `procession::init(&host)` first in `main`; \
         for tests set `harness = false` in Cargo.toml, so that they have a `main` of their own",
    ))
}
