//! The terminal that a run may have been started at. Its processes are not in the foreground there, so that keys which
//! interrupt reach the interpreter alone. The kernel would stop one of them that reads the terminal or changes its
//! settings, for ever and without a word. So they have no terminal at all: whoever wants one is told so at once.

use rustix::fs::{Mode, OFlags, open};
use rustix::ioctl::{NoArg, Opcode, ioctl};

/// `TIOCNOTTY` (`ioctl_tty(2)`), of x86-64, aarch64 and riscv64.
const GIVE_UP_TERMINAL: Opcode = 0x5422;

/// This process, and all that it starts from now on, have no controlling terminal.
#[allow(unsafe_code)]
pub fn leave() {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    // Most often there is none.
    let Ok(terminal) = open("/dev/tty", flags, Mode::empty()) else { return };
    // SAFETY: the request takes no argument and touches no memory. A leader of a session, which would send a signal to
    // its terminal's foreground by this, is none of those who call it.
    let _ = unsafe { ioctl(&terminal, NoArg::<GIVE_UP_TERMINAL>::new()) };
}
