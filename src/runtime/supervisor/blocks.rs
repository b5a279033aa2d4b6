//! The blocks of queues in shared memory, in which long items lie: made for the first of them, freed when their users
//! die, and given back to the system when nothing has moved there for a while.

use super::Supervisor;
use super::asks::refused;
use super::timers::Due;
use crate::runtime::connection::Item;
use crate::runtime::os::shared::{self, Shared};
use crate::runtime::parcel;
use crate::runtime::transport::blocks::{BLOCKS, Blocks, FILE_BYTES, Run};
use crate::wire::message::{Answer, Parcel};
use rustix::fd::OwnedFd;
use std::io;
use std::time::{Duration, Instant};

/// Memory that is free for so long, with nothing put or taken meanwhile, is given back.
const IDLE: Duration = Duration::from_secs(1);

/// The blocks of one queue.
pub struct BlockState {
    pub blocks: Blocks<Shared>,
    file: OwnedFd,
    /// How often they had changed at the last look.
    changes: u32,
    look_is_due: bool,
}

impl BlockState {
    fn create() -> io::Result<BlockState> {
        let (memory, file) = Shared::create("blocks", FILE_BYTES, 0)?;
        Ok(BlockState { blocks: Blocks::new(memory, BLOCKS), file, changes: 0, look_is_due: false })
    }

    /// The item in blocks that are the supervisor's, or a dead one's; they are free after this.
    pub fn take(&self, run: Run) -> Option<Item> {
        let item = parcel::pack_from(self.blocks.reading(run), run.len()).ok();
        self.blocks.free(run);
        item
    }

    /// Gives back what is free if nothing has changed since the last look. False: there is to be another look.
    fn has_rested(&mut self) -> bool {
        self.blocks.watch();
        let changes = self.blocks.changes();
        if std::mem::replace(&mut self.changes, changes) != changes {
            // Whoever was to tell of it may have done so; a look comes anyway.
            self.blocks.is_to_be_told();
            return false;
        }
        // Refused, the memory stays.
        self.blocks.trim(|bytes| drop(shared::give_back(&self.file, bytes)));
        true
    }
}

impl Supervisor<'_> {
    /// Makes the blocks of a queue when the first one asks for them. Where there are none to be had, long items travel
    /// as messages.
    pub(super) fn blocks(&mut self, id: u32, number: u32, queue: u32) {
        match self.blocks_for(queue) {
            Ok(file) => {
                self.look_at_blocks_later(queue);
                let answer = Answer::Blocks { memory: Parcel::Shared { len: 0 } };
                self.answer(id, number, answer, vec![file]);
            }
            Err(error) => self.answer(id, number, refused("Memory", &error.to_string()), Vec::new()),
        }
    }

    fn blocks_for(&mut self, queue: u32) -> io::Result<OwnedFd> {
        let ring = self.queues[queue as usize].ring.as_ref().ok_or(io::ErrorKind::InvalidInput)?;
        if ring.blocks.is_none() {
            // Where the host allows less, long items are counted singly, on their way by the supervisor.
            self.store(FILE_BYTES as u64).map_err(|_| io::ErrorKind::OutOfMemory)?;
            let created = BlockState::create()?;
            if let Some(ring) = &mut self.queues[queue as usize].ring {
                ring.blocks = Some(created);
            }
        }
        self.block_state(queue).ok_or(io::ErrorKind::InvalidInput)?.file.try_clone()
    }

    fn block_state(&mut self, queue: u32) -> Option<&mut BlockState> {
        self.queues[queue as usize].ring.as_mut()?.blocks.as_mut()
    }

    /// Something moves in the blocks of a queue.
    pub(super) fn look_at_blocks_later(&mut self, queue: u32) {
        if let Some(state) = self.block_state(queue)
            && !state.blocks.is_watched()
            && !std::mem::replace(&mut state.look_is_due, true)
        {
            self.timers.set(Instant::now() + IDLE, Due::Blocks { queue });
        }
    }

    pub(super) fn look_at_blocks(&mut self, queue: u32) {
        if let Some(state) = self.block_state(queue) {
            state.look_is_due = false;
            if !state.has_rested() {
                self.look_at_blocks_later(queue);
            }
        }
    }
}
