//! What a descriptor of the loop belongs to: three bits of its key, the rest is the job's id.

pub const KEY_CONNECTION: u64 = 0;
pub const KEY_CHILD: u64 = 1;
pub const KEY_OUTPUT: u64 = 2;
pub const KEY_COMMAND: u64 = 3;
pub const KEY_WORDS: u64 = 4;
/// The zygote: its end, or with a 1 in place of a job's id, that it is ready.
pub const KEY_ZYGOTE: u64 = 5;
/// The listening socket, or the number of a caller in place of a job's id.
pub const KEY_CALLERS: u64 = 6;
const KEY_BITS: u32 = 3;

pub fn key(id: u32, kind: u64) -> u64 {
    u64::from(id) << KEY_BITS | kind
}

pub fn kind_of(key: u64) -> u64 {
    key & ((1 << KEY_BITS) - 1)
}

/// The job, or what is in place of one.
pub fn id_of(key: u64) -> u32 {
    (key >> KEY_BITS) as u32
}
