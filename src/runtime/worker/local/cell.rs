//! One value that the threads of a process share. An update has its *turn*: until it is over, other updates
//! wait, as long as it takes at the supervisor, so that two threads that hold each other up are found.

use super::super::client::Client;
use super::super::host::{Host, lock};
use super::super::portable::{Passed, Portable};
use super::{tell_changed, wait};
use crate::script::objects::cell::CellHandle;
use crate::script::{Fault, Wait};
use crate::value::Value;
use crate::wire::local::{LocalOn, LocalView};
use crossbeam::utils::Backoff;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// The cell itself.
#[derive(Debug)]
pub struct LocalCell {
    id: u32,
    state: Mutex<State>,
    host: Weak<Host>,
}

#[derive(Debug)]
struct State {
    value: Portable,
    /// The thread whose turn it is.
    owner: Option<u32>,
    /// Somebody waits for the turn since an earlier time of this clock.
    wanted: bool,
    clock: u64,
}

impl LocalCell {
    #[must_use]
    pub fn new(host: Weak<Host>, id: u32, value: Portable) -> Self {
        LocalCell { id, state: Mutex::new(State { value, owner: None, wanted: false, clock: 0 }), host }
    }

    pub(super) fn copy(&self) -> Portable {
        lock(&self.state).value.clone()
    }

    /// Takes the turn, or gives the thread that has it.
    pub(super) fn try_turn(&self, me: u32) -> Result<(), u32> {
        let mut state = lock(&self.state);
        match state.owner {
            None => {
                state.owner = Some(me);
                Ok(())
            }
            Some(owner) => Err(owner),
        }
    }

    /// Says that somebody is about to wait; `None`: the turn is free now.
    pub(super) fn about_to_wait(&self) -> Option<(u32, LocalView)> {
        let mut state = lock(&self.state);
        let owner = state.owner?;
        state.wanted = true;
        state.clock += 1;
        Some((owner, LocalView { clock: state.clock, full: true, ..LocalView::default() }))
    }

    /// The turn is over; a new value may come of it.
    pub(super) fn end_turn(&self, new: Option<Portable>) -> Option<u64> {
        let mut state = lock(&self.state);
        state.owner = None;
        let old = new.map(|new| std::mem::replace(&mut state.value, new));
        let notice = std::mem::take(&mut state.wanted).then(|| {
            state.clock += 1;
            state.clock
        });
        drop(state);
        // What lies in the old value may have a lock of its own to take.
        drop(old);
        notice
    }
}

impl Drop for LocalCell {
    /// The supervisor knows of those that somebody has waited for.
    fn drop(&mut self) {
        let was_waited_for = self.state.get_mut().unwrap_or_else(PoisonError::into_inner).clock > 0;
        if let Some(host) = self.host.upgrade().filter(|_| was_waited_for) {
            host.is_gone(self.id, "", Vec::new());
        }
    }
}

/// A cell as a thread holds it.
pub struct HeldCell {
    client: Rc<Client>,
    cell: Arc<LocalCell>,
}

/// A turn that is over when this is dropped, also when its update failed.
struct OwnTurn<'a> {
    of: &'a HeldCell,
    new: Option<Portable>,
}

impl Drop for OwnTurn<'_> {
    fn drop(&mut self) {
        let notice = self.of.cell.end_turn(self.new.take());
        tell_changed(&self.of.client, self.of.cell.id, notice);
    }
}

impl HeldCell {
    pub fn new(client: Rc<Client>, cell: Arc<LocalCell>) -> Self {
        HeldCell { client, cell }
    }

    pub fn cell(&self) -> Arc<LocalCell> {
        self.cell.clone()
    }

    fn turn(&self, what: &str) -> Result<OwnTurn<'_>, Fault> {
        let me = self.client.me.id;
        let backoff = Backoff::new();
        loop {
            match self.cell.try_turn(me) {
                Ok(()) => return Ok(OwnTurn { of: self, new: None }),
                Err(owner) if owner == me => {
                    return Err(Fault::error("Cell", format!("`{what}` within an update of the same cell")));
                }
                Err(_) if !backoff.is_completed() => backoff.snooze(),
                Err(_) => {
                    if let Some((owner, view)) = self.cell.about_to_wait() {
                        wait(&self.client, self.cell.id, LocalOn::Turn { owner }, view, Wait::Forever)?;
                    }
                }
            }
        }
    }

    fn pack(&self, value: Value) -> Result<Portable, Fault> {
        pack(&self.client, value)
    }
}

/// A copy of a value for a cell.
///
/// # Errors
/// `Unsendable`.
pub fn pack(client: &Client, value: Value) -> Result<Portable, Fault> {
    let mut passed = Passed::default();
    let packed = Portable::pack(value, &mut passed)
        .map_err(|what| Fault::error("Unsendable", format!("cannot be kept in a cell: {what}")))?;
    client.pass_on(passed)?;
    Ok(packed)
}

impl CellHandle for HeldCell {
    fn get(&self) -> Result<Value, Fault> {
        Ok(self.cell.copy().unpack(&self.client))
    }

    fn set(&self, value: Value) -> Result<(), Fault> {
        let new = self.pack(value)?;
        self.turn("set")?.new = Some(new);
        Ok(())
    }

    fn update(&self, change: &mut dyn FnMut(Value) -> Result<Value, Fault>) -> Result<Value, Fault> {
        let mut turn = self.turn("update")?;
        let new = change(self.get()?)?;
        turn.new = Some(self.pack(new.clone())?);
        Ok(new)
    }
}
