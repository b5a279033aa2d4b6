//! Runs the binary with a time limit, and sees to it that no process of the run is left.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Only what hangs takes this long, on the busiest of machines too.
const LIMIT: Duration = Duration::from_secs(40);
/// How long processes that are being killed may take to be gone, on a busy machine.
const GONE_WITHIN: Duration = Duration::from_secs(2);
const MARK: &str = "PROCESSION_TEST";

/// What a run of the binary left behind.
pub struct Ran {
    pub status: u8,
    pub stdout: String,
    pub stderr: String,
}

/// Runs `procession ARGUMENTS` in a folder.
pub fn procession(folder: &Path, arguments: &[&str], stdin: &str) -> Result<Ran, String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let mark = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
    command.args(arguments).current_dir(folder).env(MARK, &mark).env_remove("NO_COLOR");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().map_err(|error| format!("the binary does not start: {error}"))?;
    feed(&mut child, stdin.to_owned());
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let ended = end_of(child);
    let status = ended.recv_timeout(LIMIT);
    let left = processes_left(&mark, if status.is_ok() { GONE_WITHIN } else { Duration::ZERO });
    for &(pid, _) in &left {
        let _ = kill_process(pid, Signal::KILL);
    }
    let text = |stream: &Receiver<String>| stream.recv_timeout(GONE_WITHIN).unwrap_or_default();
    let (stdout, stderr) = (text(&stdout), text(&stderr));
    let seen = || format!("stdout:\n{stdout}\nstderr:\n{stderr}");
    let Ok(status) = status else {
        return Err(format!("still running after {} s: {}\n{}", LIMIT.as_secs(), names(&left), seen()));
    };
    if !left.is_empty() {
        return Err(format!("processes outlived the run: {}\n{}", names(&left), seen()));
    }
    Ok(Ran { status: status_code(status), stdout, stderr })
}

/// As a shell gives it: a signal counts as 128 and its number.
fn status_code(status: ExitStatus) -> u8 {
    let code = status.code().or(status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

fn feed(child: &mut Child, text: String) {
    let Some(mut stdin) = child.stdin.take() else { return };
    // A script that does not read its input breaks the pipe.
    std::thread::spawn(move || stdin.write_all(text.as_bytes()));
}

fn drain(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            let _ = stream.read_to_end(&mut bytes);
        }
        sender.send(String::from_utf8_lossy(&bytes).into_owned())
    });
    receiver
}

fn end_of(mut child: Child) -> Receiver<ExitStatus> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || child.wait().map(|status| sender.send(status)));
    receiver
}

/// The living processes that carry the mark, when there still are some after this time.
fn processes_left(mark: &str, within: Duration) -> Vec<(Pid, String)> {
    let deadline = Instant::now() + within;
    loop {
        let left = marked(mark);
        if left.is_empty() || Instant::now() >= deadline {
            return left;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn marked(mark: &str) -> Vec<(Pid, String)> {
    let entry = format!("{MARK}={mark}");
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let has_mark = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == entry.as_bytes())
    };
    let named = |pid: i32| {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        Some((Pid::from_raw(pid)?, name.trim().to_owned()))
    };
    pids.filter(has_mark).filter_map(named).collect()
}

fn names(processes: &[(Pid, String)]) -> String {
    let names: Vec<String> =
        processes.iter().map(|(pid, name)| format!("`{name}` ({})", pid.as_raw_nonzero())).collect();
    names.join(", ")
}
