//! A program's text and constants in memory of its own, in large pieces, so that copies of the process have them from
//! the beginning.
//!
//! Of a file that is mapped a copy has nothing at first: it takes a fault for every sixteen pages that it runs through,
//! and what it has mapped so is taken apart page by page at its end. A large piece of memory is one entry in its
//! tables, which it has from its birth. Small pages would be an entry each: where a piece would have something else as
//! well, all of it stays in the file. Our own program is linked so that there is no such piece (`build.rs`).

#![allow(unsafe_code)]

use rustix::mm::{Advice, MapFlags, MprotectFlags, MremapFlags, ProtFlags};
use std::ffi::c_void;
use std::fs;
use std::io;

/// What one entry stands for.
const PIECE: usize = 2 << 20;
/// A program with more than this would take more memory by it than it is worth.
const PIECES_MAX: usize = 32;

/// Whole pieces that have something of a program or of a library, which nobody writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    start: usize,
    len: usize,
    /// What of it is mapped: where nothing is, there is none before or behind either.
    mapped: (usize, usize),
    is_code: bool,
}

/// Takes all whole pieces into memory of this process, which has one thread. They stay where they are.
///
/// # Errors
/// When the system refuses, or has no large pieces; what was not taken is as it was.
pub fn take() -> io::Result<()> {
    if !cfg!(target_arch = "x86_64") {
        return Err(io::Error::other("the processor would have to be told of new code"));
    }
    let parts = parts(&fs::read_to_string("/proc/self/maps")?);
    if parts.iter().map(|part| part.len).sum::<usize>() > PIECES_MAX * PIECE {
        return Err(io::Error::other("the program is too long"));
    }
    parts.into_iter().try_for_each(Part::take)
}

/// The parts among the mappings of a process (`proc(5)`, `maps`): private, of a file with code in it, and read only.
fn parts(maps: &str) -> Vec<Part> {
    let all: Vec<Mapping<'_>> = maps.lines().filter_map(Mapping::read).collect();
    let has_code = |path: &str| all.iter().any(|mapping| mapping.access == "r-xp" && mapping.path == path);
    let mut parts = Vec::new();
    for (at, mapping) in all.iter().enumerate() {
        let is_code = mapping.access == "r-xp";
        if !(is_code || mapping.access == "r--p") || !mapping.path.starts_with('/') || !has_code(mapping.path)
        {
            continue;
        }
        // A piece may begin before the mapping and end behind it, where there is nothing else.
        let before = at.checked_sub(1).map_or(0, |before| all[before].end);
        let behind = all.get(at + 1).map_or(usize::MAX, |behind| behind.start);
        let (first, last) = (mapping.start / PIECE * PIECE, mapping.end.div_ceil(PIECE) * PIECE);
        let start = if first >= before { first } else { first + PIECE };
        let end = if last <= behind { last } else { last - PIECE };
        if start < end {
            let mapped = (mapping.start.max(start), mapping.end.min(end));
            parts.push(Part { start, len: end - start, mapped, is_code });
        }
    }
    parts
}

/// One line of `/proc/self/maps`.
struct Mapping<'a> {
    start: usize,
    end: usize,
    access: &'a str,
    path: &'a str,
}

impl Mapping<'_> {
    fn read(line: &str) -> Option<Mapping<'_>> {
        let mut fields = line.split_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
        Some(Mapping { start, end, access: fields.next()?, path: fields.nth(3).unwrap_or_default() })
    }
}

impl Part {
    fn take(self) -> io::Result<()> {
        let space = Space::new(self.len + PIECE)?;
        let copy = space.start.next_multiple_of(PIECE) as *mut c_void;
        let access =
            if self.is_code { MprotectFlags::READ | MprotectFlags::EXEC } else { MprotectFlags::READ };
        // SAFETY: the copy lies in the new space, which nobody knows of, and the part can be read. It is replaced by
        // its copy in one call of the system, during which this process, with its one thread, runs nothing of it;
        // nobody writes to it, so that the copy stays right.
        unsafe {
            rustix::mm::madvise(copy, self.len, Advice::LinuxHugepage)?;
            let (from, to) = self.mapped;
            let place = copy.cast::<u8>().add(from - self.start);
            std::ptr::copy_nonoverlapping(from as *const u8, place, to - from);
            // Small pages would make copies dearer.
            if libc::madvise(copy, self.len, libc::MADV_COLLAPSE) != 0 {
                return Err(io::Error::last_os_error());
            }
            rustix::mm::mprotect(copy, self.len, access)?;
            let place = self.start as *mut c_void;
            rustix::mm::mremap_fixed(copy, self.len, self.len, MremapFlags::MAYMOVE, place)?;
        }
        Ok(())
    }
}

/// New memory; what is not moved away is freed when this is dropped.
struct Space {
    start: usize,
    len: usize,
}

impl Space {
    fn new(len: usize) -> io::Result<Space> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a new mapping at an address of the kernel's choice aliases nothing of ours.
        let start = unsafe { rustix::mm::mmap_anonymous(std::ptr::null_mut(), len, access, flags)? };
        Ok(Space { start: start as usize, len })
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        // SAFETY: what was moved away is not mapped there any more, and with one thread nothing else is by now.
        let unmapped = unsafe { rustix::mm::munmap(self.start as *mut c_void, self.len) };
        debug_assert!(unmapped.is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_pieces_of_programs_and_libraries_are_parts() {
        let maps = "\
55d0c5faf000-55d0c5fb0000 rw-p 00000000 00:00 0
55d0c5fb0000-55d0c63ea000 r--p 00000000 fe:00 10010885   /usr/bin/program
55d0c63ea000-55d0c6bca000 r-xp 00439000 fe:00 10010885   /usr/bin/program
55d0c6bca000-55d0c7bca000 rw-p 00b93000 fe:00 10010885   /usr/bin/program
55d0c76a0000-55d0c86f0000 r--p 00000000 00:00 0          [heap]
7f0a1a000000-7f0a1b000000 r--p 00000000 fe:00 325843     /usr/lib/locale/locale-archive
7f0a1c000000-7f0a1d000000 r-xs 00000000 fe:00 325844     /usr/lib/shared.so
7f0a1ad6d000-7f0a1adc7000 r-xp 00084000 fe:00 326603     /usr/lib/x86_64-linux-gnu/libm.so.6
";
        let part = |start: usize, pieces: usize, is_code| {
            let len = pieces * PIECE;
            Part { start, len, mapped: (start, start + len), is_code }
        };
        assert_eq!(parts(maps), [part(0x55d0_c600_0000, 1, false), part(0x55d0_c640_0000, 3, true)]);
    }

    #[test]
    fn pieces_that_have_nothing_else_are_taken_too() {
        let maps = "\
55d0c6000000-55d0c6339000 r--p 00000000 fe:00 10010885   /usr/bin/program
55d0c653a000-55d0c6d19000 r-xp 0033a000 fe:00 10010885   /usr/bin/program
55d0c6d1a000-55d0c6d9a000 r--p 00b1a000 fe:00 10010885   /usr/bin/program
";
        let read_only = Part {
            start: 0x55d0_c600_0000,
            len: 2 * PIECE,
            mapped: (0x55d0_c600_0000, 0x55d0_c633_9000),
            is_code: false,
        };
        let code = Part {
            start: 0x55d0_c640_0000,
            len: 4 * PIECE,
            mapped: (0x55d0_c653_a000, 0x55d0_c6c0_0000),
            is_code: true,
        };
        assert_eq!(parts(maps), [read_only, code]);
    }
}
