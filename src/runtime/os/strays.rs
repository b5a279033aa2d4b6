//! Processes of a run that nobody has in hand: what its programs left behind, found by a mark in their environment
//! (`proc(5)`), which every program of the run inherits.

use rustix::process::{self, Pid, Signal, WaitOptions};
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The name of the mark.
pub const RUN_MARK: &str = "PROCESSION_RUN";

/// So long it is looked for adopted children that a kill has not ended yet.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(2);
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
/// So often it is looked at one that is on its way to an environment, or to its end.
const LOOKS: usize = 1000;
/// Who shows nothing so many times, while it executes nothing, has no environment.
const READS: usize = 20;
/// The kernel needs a fraction of this to make an environment.
const BETWEEN_READS: Duration = Duration::from_micros(100);

/// The mark of a run within what this program carries itself: a run inside of another carries both.
#[must_use]
pub fn marked_value(mark: &str) -> String {
    match std::env::var(RUN_MARK) {
        Ok(outer) => format!("{outer}/{mark}"),
        Err(_) => mark.to_owned(),
    }
}

/// What this process carries itself; a worker has it from its run.
#[must_use]
pub fn inherited() -> String {
    std::env::var(RUN_MARK).unwrap_or_default()
}

/// A mark that no other run has.
#[must_use]
pub fn new_mark() -> String {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}-{}", std::process::id(), now.as_nanos(), RUNS.fetch_add(1, Ordering::Relaxed))
}

/// Orphans among our descendants become our children (`PR_SET_CHILD_SUBREAPER`), so that they can be found and reaped.
pub fn adopt_orphans() {
    // A kernel that refuses leaves them to init; the mark still finds them.
    let _ = process::set_child_subreaper(Some(process::getpid()));
}

/// Ends every process that carries the mark, but not this one; gives how many there were.
pub fn kill_marked(mark: &str) -> usize {
    let marked: Vec<Pid> = all().into_iter().filter(|&pid| carries(pid, mark)).collect();
    marked.iter().for_each(|&pid| kill(pid));
    marked.len()
}

/// Ends our own children that carry the mark, and those that become our children by that. Call it when all children
/// that somebody waits for have been reaped; one may be left out. A process that the kernel does not let go is given up
/// after a while.
///
/// Who is seen to have ended has left us its own children a moment before: it is over when nobody was found and nobody
/// has come meanwhile, and nobody is about to leave us more. Nothing tells of an adoption: it is looked again and again.
pub fn kill_adopted(mark: &str, but: Option<u32>) {
    let is_stray = |pid: Pid| but != Some(pid.as_raw_nonzero().get() as u32) && carries(pid, mark);
    let given_up = Instant::now() + GIVEN_UP_AFTER;
    loop {
        let before = children();
        let adopted: Vec<Pid> = before.iter().copied().filter(|&pid| is_stray(pid)).collect();
        adopted.iter().for_each(|&pid| kill(pid));
        let ends = before.iter().any(|&pid| is_settled(pid) == Some(false));
        if (adopted.is_empty() && !ends && children() == before) || Instant::now() > given_up {
            return;
        }
        std::thread::sleep(BETWEEN_LOOKS);
        for pid in adopted {
            // One that cannot be waited for was reaped by whoever started it.
            let _ = process::waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }
}

fn kill(pid: Pid) {
    // It can have ended a moment ago.
    let _ = process::kill_process(pid, Signal::KILL);
}

fn all() -> Vec<Pid> {
    let own = process::getpid();
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(Pid::from_raw).filter(|&pid| pid != own).collect()
}

/// Our children, by whichever of our threads they were started.
fn children() -> Vec<Pid> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let pids: Vec<i32> = lists.flat_map(|list| numbers(&list)).collect();
    pids.into_iter().filter_map(Pid::from_raw).collect()
}

fn numbers(list: &str) -> Vec<i32> {
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

/// Whether the environment that a process was started with has the mark. A zombie has none. While a process executes
/// a program, the kernel has set the old environment aside and shows nothing yet (`environ_read` in `fs/proc/base.c`), nor
/// of the old one when that goes between opening and reading; while a process ends, it has no memory to be opened any
/// more but still its children: it is asked again then.
fn carries(pid: Pid, mark: &str) -> bool {
    let mut settled = 0;
    for _ in 0..LOOKS {
        let environment = match environment(pid) {
            Ok(environment) => environment,
            Err(problem) if problem.kind() == io::ErrorKind::PermissionDenied => return false,
            Err(_) => Vec::new(),
        };
        if !environment.is_empty() || settled == READS {
            return has_mark(&environment, mark);
        }
        match is_settled(pid) {
            None => return false,
            Some(true) => settled += 1,
            Some(false) if threads(pid).any(|thread| has_mark(&thread, mark)) => return true,
            Some(false) => std::thread::sleep(BETWEEN_READS),
        }
    }
    false
}

fn environment(pid: Pid) -> io::Result<Vec<u8>> {
    read_environment(format!("/proc/{}/environ", pid.as_raw_nonzero()).as_ref())
}

/// What the threads of a process show: the first may have ended before the others.
fn threads(pid: Pid) -> impl Iterator<Item = Vec<u8>> {
    let entries =
        fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).into_iter().flatten().flatten();
    entries.filter_map(|thread| read_environment(&thread.path().join("environ")).ok())
}

/// In one read where that is possible: a process that executes another program meanwhile has no more to show.
fn read_environment(path: &Path) -> io::Result<Vec<u8>> {
    const AT_ONCE: usize = 256 * 1024;
    let mut file = fs::File::open(path)?;
    let mut bytes = vec![0; AT_ONCE];
    let read = file.read(&mut bytes)?;
    bytes.truncate(read);
    if read == AT_ONCE {
        file.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn has_mark(environment: &[u8], mark: &str) -> bool {
    let value = |variable: &[u8]| {
        let (name, value) = variable.split_at_checked(RUN_MARK.len())?;
        Some((name == RUN_MARK.as_bytes()).then_some(value.strip_prefix(b"=")?)?.to_vec())
    };
    let value = environment.split(|&byte| byte == 0).find_map(value).unwrap_or_default();
    value.split(|&byte| byte == b'/').any(|part| part == mark.as_bytes())
}

/// Whether a process has an environment, by its `env_end`, or is on its way to one. `None`: it has ended, or is a thread
/// of the kernel's.
fn is_settled(pid: Pid) -> Option<bool> {
    /// `PF_KTHREAD`.
    const OF_KERNEL: u64 = 0x0020_0000;
    // Of the fields behind the name of the program (`proc_pid_stat(5)`).
    let (state, flags, threads, env_end) = (0, 6, 17, 48);
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_whitespace().collect();
    let has_ended = matches!(*fields.get(state)?, "Z" | "X") && matches!(*fields.get(threads)?, "0" | "1");
    let of_kernel = fields.get(flags)?.parse().map_or(true, |flags: u64| flags & OF_KERNEL != 0);
    (!has_ended && !of_kernel).then(|| fields.get(env_end) != Some(&"0"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn a_process_carries_its_mark_while_it_executes_programs() {
        let again = "exec sh -c \"$0\" \"$0\"";
        let mut child =
            Command::new("sh").args(["-c", again, again]).env(RUN_MARK, "outer/this").spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let seen = (0..20_000).filter(|_| carries(pid, "this")).count();
        let others = (0..100).filter(|_| carries(pid, "another")).count();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!((seen, others, carries(pid, "this")), (20_000, 0, false));
    }

    /// Each of a chain is the child of the one before, and becomes ours when that has ended.
    #[test]
    fn who_is_adopted_while_others_end_is_found() {
        const CHAIN: &str =
            r#"[ "$1" -gt 0 ] || { echo ready; exec sleep 1000; }; sh -c "$0" "$0" $(($1 - 1)); true"#;
        adopt_orphans();
        for _ in 0..5 {
            let mark = new_mark();
            let mut chain = Command::new("sh");
            chain.args(["-c", CHAIN, CHAIN, "30"]).env(RUN_MARK, &mark).stdout(Stdio::piped());
            let mut child = chain.spawn().unwrap();
            let mut ready = [0; 6];
            child.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
            kill_adopted(&mark, None);
            assert_eq!(kill_marked(&mark), 0);
            // It was reaped already.
            let _ = child.wait();
        }
    }

    #[test]
    fn a_process_whose_first_thread_has_ended_carries_its_mark() {
        const ENDS_ITS_FIRST: &str = "import ctypes, os, threading, time\n\
                                      def second():\n\
                                      \x20   first = f'/proc/self/task/{os.getpid()}/stat'\n\
                                      \x20   while ') Z' not in open(first).read(): pass\n\
                                      \x20   print('ready', flush=True)\n\
                                      \x20   time.sleep(1000)\n\
                                      threading.Thread(target=second).start()\n\
                                      ctypes.CDLL(None).pthread_exit(None)";
        let mut python = Command::new("python3");
        python.args(["-c", ENDS_ITS_FIRST]).env(RUN_MARK, "this").stdout(Stdio::piped());
        let mut child = python.spawn().unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        let seen = carries(pid, "this");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(seen);
    }

    #[test]
    fn a_thread_of_the_kernel_is_not_waited_for() {
        // In a container there may be none.
        let kthreadd =
            Pid::from_raw(2).filter(|_| fs::read("/proc/2/cmdline").is_ok_and(|line| line.is_empty()));
        assert!(kthreadd.is_none_or(|pid| is_settled(pid).is_none()));
    }

    #[test]
    fn who_has_no_environment_has_no_mark() {
        let mut child = Command::new("sleep").arg("1000").env_clear().spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        assert!(!carries(pid, "this"));
        child.kill().unwrap();
        assert!(!carries(pid, "this"));
        child.wait().unwrap();
    }
}
