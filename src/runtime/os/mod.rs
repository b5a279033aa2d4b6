//! The operating system behind a few names: processes, descriptors, shared memory. All `unsafe` lines live here.

pub mod feed;
pub mod fork;
pub mod limits;
pub mod memory;
pub mod pipe;
pub mod poll;
pub mod process;
pub mod program;
mod reaped;
pub mod shared;
pub mod signals;
pub mod socket;
pub mod strays;
pub mod terminal;
pub mod text;
pub mod title;
