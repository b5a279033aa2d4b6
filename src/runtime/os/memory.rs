//! Memory that is handed from process to process by descriptor (`memfd_create(2)`).

#![allow(unsafe_code)]

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::MemfdFlags;
use rustix::mm::{MapFlags, ProtFlags};
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// An empty anonymous file in memory.
pub fn anonymous_file(name: &str) -> io::Result<File> {
    Ok(File::from(rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC)?))
}

/// A read-only view of a descriptor's bytes.
pub struct Mapping {
    start: *mut std::ffi::c_void,
    len: usize,
}

impl Mapping {
    /// Maps the first `len` bytes; an error when the file is shorter, so that no read can fault.
    pub fn new(file: &OwnedFd, len: usize) -> io::Result<Mapping> {
        let size = rustix::fs::fstat(file)?.st_size;
        if u64::try_from(size).unwrap_or(0) < len as u64 || len == 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "a shared item is shorter than announced",
            ));
        }
        // SAFETY: a new private mapping at an address of the kernel's choice aliases nothing of ours. Its
        // sender has no reason to shrink the file; if it did, this process, and no other, would get SIGBUS.
        let start = unsafe {
            rustix::mm::mmap(std::ptr::null_mut(), len, ProtFlags::READ, MapFlags::PRIVATE, file.as_fd(), 0)?
        };
        Ok(Mapping { start, len })
    }

    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the mapping covers `len` readable bytes until `self` is dropped.
        unsafe { std::slice::from_raw_parts(self.start.cast(), self.len) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `new` and nobody can hold a reference into it any more.
        let unmapped = unsafe { rustix::mm::munmap(self.start, self.len) };
        debug_assert!(unmapped.is_ok());
    }
}

/// Counters that two processes share: one writes, the other reads, also after the writer's death.
pub struct Counters {
    start: *mut std::ffi::c_void,
}

impl Counters {
    /// So many there are; each is 8 bytes.
    pub const LEN: usize = 512;
    const BYTES: usize = Self::LEN * size_of::<AtomicU64>();

    /// New ones, all zero, and the descriptor by which another process opens them.
    pub fn create() -> io::Result<(Counters, OwnedFd)> {
        let file = anonymous_file("counters")?;
        file.set_len(Self::BYTES as u64)?;
        let file = OwnedFd::from(file);
        Ok((Counters::open(&file)?, file))
    }

    /// Those of a descriptor; an error when it holds too few.
    pub fn open(file: &OwnedFd) -> io::Result<Counters> {
        if usize::try_from(rustix::fs::fstat(file)?.st_size).unwrap_or(0) < Self::BYTES {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "there are too few counters"));
        }
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice; it is only ever used as atomics.
        let start = unsafe {
            rustix::mm::mmap(std::ptr::null_mut(), Self::BYTES, access, MapFlags::SHARED, file.as_fd(), 0)?
        };
        Ok(Counters { start })
    }

    fn all(&self) -> &[AtomicU64; Self::LEN] {
        // SAFETY: the mapping is page-aligned, holds so many words, and lives as long as `self`; atomics may be
        // shared between processes (mmap(2), MAP_SHARED).
        unsafe { &*self.start.cast() }
    }

    /// Counts one. The store is the moment at which what is counted has happened.
    pub fn count(&self, index: usize) {
        self.all()[index].fetch_add(1, Ordering::Release);
    }

    /// All of them together.
    #[must_use]
    pub fn total(&self) -> u64 {
        (0..Self::LEN).fold(0, |total: u64, index| total.saturating_add(self.get(index)))
    }

    #[must_use]
    pub fn get(&self, index: usize) -> u64 {
        self.all()[index].load(Ordering::Acquire)
    }
}

impl Drop for Counters {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `open` and no reference into it outlives `self`.
        let unmapped = unsafe { rustix::mm::munmap(self.start, Self::BYTES) };
        debug_assert!(unmapped.is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn counters_are_passed() {
        let (ours, file) = Counters::create().unwrap();
        let theirs = Counters::open(&file).unwrap();
        theirs.count(3);
        theirs.count(3);
        assert_eq!((ours.get(3), ours.get(4)), (2, 0));
    }

    #[test]
    fn a_mapping_shows_what_was_written() {
        let mut file = anonymous_file("test").unwrap();
        file.write_all(b"hello").unwrap();
        let fd = OwnedFd::from(file);
        assert_eq!(Mapping::new(&fd, 5).unwrap().bytes(), b"hello");
        assert!(Mapping::new(&fd, 6).is_err());
    }
}
