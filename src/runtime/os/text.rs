//! A program's text and constants in memory of its own, in large pieces, so that copies of the process have them from
//! the beginning.
//!
//! Of a file that is mapped a copy has nothing at first: it takes a fault for every sixteen pages that it runs through,
//! and what it has mapped so is taken apart page by page at its end. A large piece of memory is one entry in its
//! tables, which it has from its birth. Small pages would be an entry each: what lies at the ends of a mapping, where
//! no whole piece fits, stays in the file.

#![allow(unsafe_code)]

use rustix::mm::{Advice, MapFlags, MprotectFlags, MremapFlags, ProtFlags};
use std::ffi::c_void;
use std::fs;
use std::io;

/// What one entry stands for.
const PIECE: usize = 2 << 20;
/// A program with more than this would take more memory by it than it is worth.
const PIECES_MAX: usize = 32;

/// Whole pieces of a program or of a library, which nobody writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    start: usize,
    len: usize,
    is_code: bool,
}

/// Takes all whole pieces into memory of this process, which has one thread. They stay where they are.
///
/// # Errors
/// When the system refuses, or has no large pieces; what was not taken is as it was.
pub fn take() -> io::Result<()> {
    let parts = parts(&fs::read_to_string("/proc/self/maps")?);
    if parts.iter().map(|part| part.len).sum::<usize>() > PIECES_MAX * PIECE {
        return Err(io::Error::other("the program is too long"));
    }
    parts.into_iter().try_for_each(Part::take)
}

/// The parts among the mappings of a process (`proc(5)`, `maps`): private, of a file with code in it, and read only.
fn parts(maps: &str) -> Vec<Part> {
    let all: Vec<_> = maps.lines().filter_map(part).collect();
    let has_code = |path: &str| all.iter().any(|(part, of)| part.is_code && *of == path);
    all.iter().filter(|(part, path)| part.len > 0 && has_code(path)).map(|(part, _)| *part).collect()
}

/// The whole pieces of a mapping, and its file.
fn part(line: &str) -> Option<(Part, &str)> {
    let mut fields = line.split_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
    let is_code = match fields.next()? {
        "r-xp" => true,
        "r--p" => false,
        _ => return None,
    };
    let path = fields.nth(3).filter(|path| path.starts_with('/'))?;
    let first = start.checked_next_multiple_of(PIECE)?;
    Some((Part { start: first, len: (end / PIECE * PIECE).saturating_sub(first), is_code }, path))
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
            std::ptr::copy_nonoverlapping(self.start as *const u8, copy.cast(), self.len);
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
55d0c5fb0000-55d0c63ea000 r--p 00000000 fe:00 10010885   /usr/bin/program
55d0c63ea000-55d0c6bca000 r-xp 00439000 fe:00 10010885   /usr/bin/program
55d0c6bca000-55d0c7bca000 rw-p 00b93000 fe:00 10010885   /usr/bin/program
55d0c76a0000-55d0c86f0000 r--p 00000000 00:00 0          [heap]
7f0a1a000000-7f0a1b000000 r--p 00000000 fe:00 325843     /usr/lib/locale/locale-archive
7f0a1c000000-7f0a1d000000 r-xs 00000000 fe:00 325844     /usr/lib/shared.so
7f0a1ad6d000-7f0a1adc7000 r-xp 00084000 fe:00 326603     /usr/lib/x86_64-linux-gnu/libm.so.6
";
        let part = |start: usize, pieces: usize, is_code| Part { start, len: pieces * PIECE, is_code };
        assert_eq!(parts(maps), [part(0x55d0_c600_0000, 1, false), part(0x55d0_c640_0000, 3, true)]);
    }
}
