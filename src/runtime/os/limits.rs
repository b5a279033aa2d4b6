//! Where a process runs and what it may use of the system (`setrlimit(2)`, `setpriority(2)`).

use rustix::process::{self, Resource, Rlimit};
use std::fs;
use std::io;
use std::sync::Mutex;

pub fn set_folder(path: &str) -> io::Result<()> {
    std::env::set_current_dir(path)
}

/// Sets a variable of the environment, or removes it. Only while this process has one thread.
#[allow(unsafe_code)]
pub fn set_variable(name: &str, value: Option<&str>) {
    // SAFETY: a worker calls it before its body begins, when nobody else can be reading the environment.
    unsafe {
        match value {
            Some(value) => std::env::set_var(name, value),
            None => std::env::remove_var(name),
        }
    }
}

/// Adds to the priority that this process has from its parent, as `nice(1)` does; the system cuts it to what there is.
pub fn add_nice(nice: i32) -> io::Result<()> {
    let inherited = process::getpriority_process(None)?;
    Ok(process::setpriority_process(None, inherited.saturating_add(nice))?)
}

/// Limits the time on processors, in whole seconds: at its end SIGXCPU, and SIGKILL for one that does not care.
pub fn limit_cpu(ms: u64) -> io::Result<()> {
    let seconds = ms.div_ceil(1000);
    set(Resource::Cpu, seconds, Some(seconds.saturating_add(1)))
}

/// Limits the memory of this process to what it has now and so much more.
///
/// What counts is memory of its own that it can write to, touched or not (`RLIMIT_DATA`): not the program's text, and
/// not what it only reserves.
pub fn limit_memory(bytes: u64) -> io::Result<()> {
    set(Resource::Data, data_bytes()?.saturating_add(bytes), None)
}

/// Limits the memory of a program that is about to replace this process.
pub fn limit_memory_of_program(bytes: u64) -> io::Result<()> {
    set(Resource::Data, bytes, Some(bytes))
}

/// A hard limit that is lower already stays. Without a hard limit the soft one can be raised again.
fn set(resource: Resource, current: u64, maximum: Option<u64>) -> io::Result<()> {
    let lower = |wanted: u64, known: Option<u64>| known.map_or(wanted, |known| known.min(wanted));
    let known = process::getrlimit(resource).maximum;
    let maximum = maximum.map_or(known, |maximum| Some(lower(maximum, known)));
    Ok(process::setrlimit(resource, Rlimit { current: Some(lower(current, maximum)), maximum })?)
}

/// `VmData` of `/proc/self/status`: what the limit is compared with.
fn data_bytes() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.map(|kib| kib.saturating_mul(1024)).ok_or_else(|| io::Error::other("the kernel does not say it"))
}

/// Room besides the limit of memory, for the stack of a thread; gone when this is dropped.
pub struct Room {
    bytes: u64,
}

impl Room {
    #[must_use]
    pub fn new(bytes: u64) -> Room {
        move_limit(|limit| limit.saturating_add(bytes));
        Room { bytes }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        move_limit(|limit| limit.saturating_sub(self.bytes));
    }
}

/// Moves the limit of memory, if there is one. Two threads do it one after the other.
fn move_limit(change: impl Fn(u64) -> u64) {
    static MOVING: Mutex<()> = Mutex::new(());
    let _moving = MOVING.lock();
    let limit = process::getrlimit(Resource::Data);
    if let Some(current) = limit.current {
        // A thread that gets no room fails when it is started.
        let _ = set(Resource::Data, change(current), None);
    }
}
