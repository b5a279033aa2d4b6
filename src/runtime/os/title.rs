//! The name of a process as `ps` and `top` show it: of its command, and in place of its arguments.

#![allow(unsafe_code)]

use std::fs;

/// So long the arguments of a process are made whose copies take other names.
pub const LEN: usize = 64;

/// The memory that holds the arguments of this process (`proc(5)`, `cmdline`).
pub struct Title {
    start: usize,
    len: usize,
}

impl Title {
    /// Of this process; `None` when the system does not tell.
    #[must_use]
    pub fn find() -> Option<Title> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // The name, in brackets, may have anything in it; what follows begins with the third field.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut fields = fields.split_whitespace().skip(45).map_while(|field| field.parse::<usize>().ok());
        let (start, end) = (fields.next()?, fields.next()?);
        Some(Title { start, len: end.checked_sub(start).filter(|&len| start != 0 && len > 1)? })
    }

    /// Names this process. `/proc` shows as much of the name as there is room for.
    pub fn set(&self, name: &str) {
        super::process::set_command_name(name);
        let bytes = name.bytes().filter(|&byte| byte != 0).take(self.len - 1);
        for (at, byte) in bytes.chain(std::iter::repeat(0)).take(self.len).enumerate() {
            // SAFETY: the kernel put the arguments of this process there, in memory of ours that can be written to and
            // that stays. It has one thread, which is not reading them. They end by a zero byte as before.
            unsafe { (self.start as *mut u8).add(at).write(byte) };
        }
    }
}
