//! Memory that is handed from process to process by descriptor (`memfd_create(2)`).

#![allow(unsafe_code)]

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::MemfdFlags;
use rustix::mm::{Advice, MapFlags, ProtFlags};
use std::fs::File;
use std::io;

/// An empty anonymous file in memory.
pub fn anonymous_file(name: &str) -> io::Result<File> {
    Ok(File::from(rustix::fs::memfd_create(name, MemfdFlags::CLOEXEC)?))
}

/// Lets the kernel give a long buffer, which nobody has touched yet, its memory in large pieces: each piece is one fault.
pub fn in_large_pieces(buffer: &mut Vec<u8>) {
    const PAGE: usize = 4096;
    let spare = buffer.spare_capacity_mut();
    let before = spare.as_ptr().align_offset(PAGE);
    let len = spare.len().saturating_sub(before) / PAGE * PAGE;
    if len > 0 {
        // SAFETY: whole pages within the buffer. What they hold does not change; refused, the pieces are small.
        let _ =
            unsafe { rustix::mm::madvise(spare.as_mut_ptr().add(before).cast(), len, Advice::LinuxHugepage) };
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_mapping_shows_what_was_written() {
        let mut file = anonymous_file("test").unwrap();
        file.write_all(b"hello").unwrap();
        let fd = OwnedFd::from(file);
        assert_eq!(Mapping::new(&fd, 5).unwrap().bytes(), b"hello");
        assert!(Mapping::new(&fd, 6).is_err());
    }
}
