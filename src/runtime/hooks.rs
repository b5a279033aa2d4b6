//! Named points at which a test has a process killed: exactly between two steps, and not somewhere near. They exist in
//! debug builds only. In a release build [`reach`] and [`reach_of`] are empty.
//!
//! `PROCESSION_FAULT="POINT COUNT NAME VICTIM FILE"` says: when the process NAME comes to POINT for the COUNT-th time,
//! VICTIM, `it` or `interpreter`, is killed by SIGKILL. FILE is made by this, and while it is there nothing happens:
//! one fault a run. Points with a `sees` are in the supervisor, of the process that it serves.

use super::os::process::Child;

/// A step of a process, or what the supervisor does for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    PutBegins,
    PutSaid,
    PutReturns,
    SeesPut,
    SeesPutKept,
    GetBegins,
    GetSaid,
    GetAnswered,
    GetReturns,
    SeesGet,
    SeesHandedOut,
    TakenAhead,
    LongClaimed,
    LongWritten,
    LongTaken,
    LongRead,
    DoneBegins,
    DoneSaid,
    SeesDone,
    SeesDoneKept,
    FailedBegins,
    FailedSaid,
    LockSaid,
    LockReturns,
    UnlockSaid,
    StartSaid,
    SeesSpawned,
    SeesLaunched,
    LaunchHeard,
    BodyBegins,
    BodyOver,
    SeesStop,
    SeesEnd,
    SeesItemsBack,
}

#[cfg(not(debug_assertions))]
mod armed {
    use super::{Child, Point};

    #[inline]
    pub fn reach(_: Point, _: &str) {}

    #[inline]
    pub fn reach_of(_: Point, _: &str, _: Option<&Child>) {}
}

#[cfg(debug_assertions)]
mod armed {
    use super::{Child, Point};
    use crate::runtime::os::process;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct Fault {
        point: String,
        name: String,
        at_interpreter: bool,
        file: String,
        /// So many times it still passes.
        left: AtomicU32,
    }

    fn fault() -> Option<&'static Fault> {
        static FAULT: OnceLock<Option<Fault>> = OnceLock::new();
        FAULT.get_or_init(|| parse(&std::env::var("PROCESSION_FAULT").ok()?)).as_ref()
    }

    fn parse(text: &str) -> Option<Fault> {
        let [point, count, name, victim, file] = *text.split(' ').collect::<Vec<_>>().as_slice() else {
            return None;
        };
        Some(Fault {
            point: point.to_owned(),
            name: name.to_owned(),
            at_interpreter: victim == "interpreter",
            file: file.to_owned(),
            left: AtomicU32::new(count.parse::<u32>().ok()?.checked_sub(1)?),
        })
    }

    /// The fault, when its moment has come; it comes once.
    fn due(point: Point, name: &str) -> Option<&'static Fault> {
        let fault = fault().filter(|fault| fault.point == format!("{point:?}") && fault.name == name)?;
        let passes =
            fault.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        let first = passes.is_err() && std::fs::File::create_new(&fault.file).is_ok();
        first.then_some(fault)
    }

    /// A process comes to a point of its own.
    pub fn reach(point: Point, name: &str) {
        if let Some(fault) = due(point, name) {
            // Main is in the interpreter.
            process::die(fault.at_interpreter && name != "main");
        }
    }

    /// The supervisor comes to a point of a process; it goes on when that is dead.
    pub fn reach_of(point: Point, name: &str, child: Option<&Child>) {
        match (due(point, name), child) {
            (Some(Fault { at_interpreter: false, .. }), Some(child)) => child.kill_and_wait(),
            (Some(_), _) => process::die(false),
            (None, _) => {}
        }
    }
}

pub use armed::{reach, reach_of};
