//! Copies of a process that has one thread, as children of its parent (`clone3(2)`).
//!
//! The C library is not told of such a copy. What it keeps of the thread, and what its own `fork` would set anew, is
//! set here: the thread's id, which the kernel writes where the library keeps it, and the list of robust locks.
//! Without any of that the copy could not be trusted to lock or to abort, so that none is made then.

#![allow(unsafe_code)]

use rustix::fd::{AsFd, OwnedFd};
use rustix::mm::{Advice, MapFlags, ProtFlags};
use std::io;
use std::sync::atomic::{AtomicI32, Ordering};

/// Which of the two goes on here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Original,
    Copy,
}

/// What is needed to copy this process.
pub struct Fork {
    /// Where the C library keeps the id of the thread.
    thread: *mut i32,
    /// The head of its list of robust locks, and how long that is.
    robust: (*mut libc::c_void, usize),
}

/// The arguments of `clone3(2)`, in its first version.
#[repr(C)]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
}

impl Fork {
    /// Looks for what the C library keeps of this thread.
    ///
    /// # Errors
    /// When there are other threads, of which a copy would have nothing but what they had locked, and when the kernel
    /// does not tell where the library keeps the thread's id.
    pub fn prepare() -> io::Result<Fork> {
        if std::fs::read_dir("/proc/self/task")?.count() != 1 {
            return Err(io::Error::other("a process with threads cannot be copied"));
        }
        let mut thread: *mut i32 = std::ptr::null_mut();
        // SAFETY: the call writes one pointer to where it is told to.
        if unsafe { libc::prctl(libc::PR_GET_TID_ADDRESS, &raw mut thread) } != 0 {
            return Err(io::Error::last_os_error());
        }
        let own = rustix::thread::gettid().as_raw_nonzero().get();
        // SAFETY: the C library gave this address to the kernel, to be written to at the thread's end: it is valid.
        if thread.is_null() || unsafe { thread.read() } != own {
            return Err(io::Error::other(
                "the C library does not keep the thread's id where the kernel clears it",
            ));
        }
        let mut robust = (std::ptr::null_mut(), 0);
        // SAFETY: the call writes a pointer and a length to where it is told to.
        let found =
            unsafe { libc::syscall(libc::SYS_get_robust_list, 0, &raw mut robust.0, &raw mut robust.1) };
        if found != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Fork { thread, robust })
    }

    /// Copies this process. The copy is a child of this process's parent, and its pid is in `pid` before it runs.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn copy(&self, pid: &SharedPid) -> io::Result<Side> {
        let flags = libc::CLONE_PARENT
            | libc::CLONE_PARENT_SETTID
            | libc::CLONE_CHILD_SETTID
            | libc::CLONE_CHILD_CLEARTID;
        let arguments = CloneArgs {
            flags: flags as u64,
            child_tid: self.thread as u64,
            parent_tid: pid.word as u64,
            // Like this process it tells its end by SIGCHLD; with CLONE_PARENT that must not be asked for.
            exit_signal: 0,
            ..CloneArgs::default()
        };
        // SAFETY: without CLONE_VM both go on with a memory of their own, on the same stack. There is one thread, so
        // that nobody holds a lock, and the kernel writes to two words that live as long as the process.
        let result = unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<CloneArgs>()) };
        match result {
            0 => {
                // SAFETY: the list is this thread's own, and empty: it holds no lock.
                unsafe { libc::syscall(libc::SYS_set_robust_list, self.robust.0, self.robust.1) };
                Ok(Side::Copy)
            }
            1.. => Ok(Side::Original),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

/// A pid in memory that two processes share: it is right also when the one that started the process is gone.
pub struct SharedPid {
    word: *mut AtomicI32,
}

impl SharedPid {
    const BYTES: usize = size_of::<AtomicI32>();

    /// A new one, 0, and the descriptor by which the other process opens it.
    pub fn create() -> io::Result<(SharedPid, OwnedFd)> {
        let file = super::memory::anonymous_file("pid")?;
        file.set_len(Self::BYTES as u64)?;
        let file = OwnedFd::from(file);
        Ok((SharedPid::open(&file)?, file))
    }

    pub fn open(file: &OwnedFd) -> io::Result<SharedPid> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice; it is only ever used as an atomic. The file was
        // made by `create`, long enough, and nobody else has it.
        let word = unsafe {
            rustix::mm::mmap(std::ptr::null_mut(), Self::BYTES, access, MapFlags::SHARED, file.as_fd(), 0)?
        };
        Ok(SharedPid { word: word.cast() })
    }

    /// Copies of this process have nothing of it.
    pub fn keep_from_copies(&self) -> io::Result<()> {
        // SAFETY: the mapping is this object's own. A copy gives up the object without touching the memory.
        unsafe { rustix::mm::madvise(self.word.cast(), Self::BYTES, Advice::LinuxDontFork)? };
        Ok(())
    }

    /// Takes the pid out; `None`: no process was started since.
    pub fn take(&self) -> Option<u32> {
        // SAFETY: the mapping is aligned and lives as long as `self`.
        let pid = unsafe { &*self.word }.swap(0, Ordering::AcqRel);
        u32::try_from(pid).ok().filter(|&pid| pid != 0)
    }
}

impl Drop for SharedPid {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `open`, and no reference into it outlives `self`.
        let unmapped = unsafe { rustix::mm::munmap(self.word.cast(), Self::BYTES) };
        debug_assert!(unmapped.is_ok());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_threads_is_not_copied() {
        // The test runs on a thread of its own.
        assert!(Fork::prepare().is_err());
    }

    #[test]
    fn a_shared_pid_is_taken_once() {
        let (ours, file) = SharedPid::create().unwrap();
        let theirs = SharedPid::open(&file).unwrap();
        assert_eq!(ours.take(), None);
        // SAFETY: as in `take`.
        unsafe { &*theirs.word }.store(7, Ordering::Release);
        assert_eq!((ours.take(), ours.take()), (Some(7), None));
    }
}
