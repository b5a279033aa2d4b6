//! How a child ended that somebody else has waited for (`PIDFD_GET_INFO`, since Linux 6.15).

#![allow(unsafe_code)]

use super::process::Exit;
use rustix::fd::{AsRawFd, OwnedFd};

/// The first version of the kernel's answer.
#[repr(C)]
#[derive(Default)]
struct Info {
    mask: u64,
    cgroup: u64,
    /// The ids of the process, its parent, and whom it belongs to.
    ids: [u32; 11],
    exit_code: i32,
}

/// In the mask: how it ended is asked for, and told.
const EXIT: u64 = 1 << 3;
/// `_IOWR(0xff, 11, struct pidfd_info)`.
const GET_INFO: u64 = 0xc000_ff0b | (size_of::<Info>() as u64) << 16;

/// How the child of a descriptor ended, if it has and the kernel tells.
pub fn exit_of(pidfd: &OwnedFd) -> Option<Exit> {
    let mut info = Info { mask: EXIT, ..Info::default() };
    // SAFETY: the kernel reads and writes as many bytes as the number of the call says, which are those of `info`.
    let done = unsafe { libc::ioctl(pidfd.as_raw_fd(), GET_INFO as libc::Ioctl, &raw mut info) };
    if done != 0 || info.mask & EXIT == 0 {
        return None;
    }
    // As `waitpid` tells it.
    Some(match info.exit_code & 0x7f {
        0 => Exit::Code((info.exit_code >> 8) as u8),
        signal => Exit::Signal(signal),
    })
}
