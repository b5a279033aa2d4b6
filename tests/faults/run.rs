//! One run of the binary that a test talks to while it runs: it waits for lines, sends signals, and at the end
//! sees to it that no process of the run is left.

use rustix::process::{Pid, Signal, kill_process};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Only what hangs takes this long, on the busiest of machines too.
pub const LIMIT: Duration = Duration::from_secs(60);
const MARK: &str = "PROCESSION_TEST";
/// The file that a fault makes when it happens.
const STRUCK: &str = "struck";

/// A run that is going on.
pub struct Run {
    child: Child,
    mark: String,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    folder: tempfile::TempDir,
}

/// What a run left behind. A status is as a shell gives it: a signal counts as 128 and its number.
pub struct Ended {
    pub status: i32,
    pub lines: VecDeque<String>,
    pub stderr: String,
    /// The fault that was asked for has happened.
    pub struck: bool,
}

impl Run {
    /// Starts `procession run` for a script.
    pub fn start(script: &str) -> Run {
        Run::start_by(&["run"], script)
    }

    /// Starts `procession WORDS… FILE`.
    pub fn start_by(words: &[&str], script: &str) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
        command.args(words);
        Run::spawn(command, script)
    }

    /// Starts a shell's line, in which `$0` is the binary and `$1` the script.
    pub fn start_in_shell(line: &str, script: &str) -> Run {
        let mut command = Command::new("sh");
        command.args(["-c", line, env!("CARGO_BIN_EXE_procession")]);
        Run::spawn(command, script)
    }

    /// Starts `procession run` with a kill at a named point; see `src/runtime/hooks.rs`.
    #[cfg(debug_assertions)]
    pub fn start_with_fault(fault: &str, transport: &str, script: &str) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
        command.args(["run", "--transport", transport]).env("PROCESSION_FAULT", format!("{fault} {STRUCK}"));
        Run::spawn(command, script)
    }

    fn spawn(mut command: Command, script: &str) -> Run {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::write(folder.path().join("a.proc"), script).expect("a file can be written");
        command.arg("a.proc").current_dir(folder.path()).env(MARK, &mark).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let stdout = lines(child.stdout.take());
        let stderr = lines(child.stderr.take());
        Run { child, mark, stdout, stderr, folder }
    }

    /// The next line of standard output.
    pub fn line(&self) -> String {
        self.stdout.recv_timeout(LIMIT).unwrap_or_else(|problem| {
            panic!("no line came: {problem}\n{}", self.stderr.try_iter().collect::<String>())
        })
    }

    /// The lines of standard output that have come.
    pub fn lines_now(&self) -> Vec<String> {
        self.stdout.try_iter().collect()
    }

    /// The next line of standard output; `None` at its end.
    pub fn next_line(&self, deadline: Instant) -> Option<String> {
        match self.stdout.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("it hangs: {:?}", self.processes()),
        }
    }

    /// The next line of standard output, a pid.
    pub fn pid(&self) -> Pid {
        pid(&self.line())
    }

    /// The next line of standard error.
    pub fn error_line(&self) -> String {
        self.stderr.recv_timeout(LIMIT).expect("a line of standard error comes")
    }

    /// Sends a line to standard input.
    pub fn tell(&mut self, line: &str) {
        let stdin = self.child.stdin.as_mut().expect("standard input is a pipe");
        writeln!(stdin, "{line}").expect("the run reads its input");
    }

    /// Ends standard input.
    pub fn finish_input(mut self) -> Run {
        drop(self.child.stdin.take());
        self
    }

    /// Sends a signal to the interpreter.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.interpreter(), signal).expect("the interpreter runs");
    }

    pub fn interpreter(&self) -> Pid {
        pid(&self.child.id().to_string())
    }

    /// The processes of the run, the interpreter too, without the guardian.
    pub fn processes(&self) -> Vec<Pid> {
        self.all().into_iter().filter(|&pid| !is_guardian(pid)).collect()
    }

    /// The process that ends the others when the interpreter was killed.
    pub fn guardian(&self) -> Option<Pid> {
        self.all().into_iter().find(|&pid| is_guardian(pid))
    }

    fn all(&self) -> Vec<Pid> {
        marked(&self.mark)
    }

    /// Waits for something to be so.
    pub fn until(&self, is_so: impl Fn(&Run) -> bool) {
        let came = until(Instant::now() + LIMIT, || is_so(self).then_some(()));
        assert!(came.is_some(), "it never came to that: {:?}", self.processes());
    }

    /// Waits for the end of the run and of all its processes.
    pub fn end(mut self) -> Ended {
        let deadline = Instant::now() + LIMIT;
        let status = until(deadline, || self.child.try_wait().expect("the child is ours"));
        let status = status.unwrap_or_else(|| panic!("still running: {:?}", self.processes()));
        let gone = until(deadline, || self.all().is_empty().then_some(()));
        assert!(gone.is_some(), "processes outlived the run: {:?}", self.all());
        let status = status.code().or(status.signal().map(|signal| 128 + signal));
        Ended {
            status: status.expect("a process ends by a code or a signal"),
            lines: rest(&self.stdout).into(),
            stderr: rest(&self.stderr).join("\n"),
            struck: self.folder.path().join(STRUCK).exists(),
        }
    }
}

impl Drop for Run {
    /// A test that failed leaves no process behind.
    fn drop(&mut self) {
        for pid in self.all() {
            let _ = kill_process(pid, Signal::KILL);
        }
        let _ = self.child.wait();
    }
}

/// Asks again and again until there is an answer or the time is over.
pub fn until<T>(deadline: Instant, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    loop {
        let answer = ask();
        if answer.is_some() || Instant::now() >= deadline {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Lines as they come.
fn lines(stream: Option<impl Read + Send + 'static>) -> Receiver<String> {
    let (sender, receiver) = channel();
    let stream = stream.expect("the stream is a pipe");
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// All lines that are still to come; the stream is at its end, since nobody is left to write it.
fn rest(stream: &Receiver<String>) -> Vec<String> {
    std::iter::from_fn(|| stream.recv_timeout(LIMIT).ok()).collect()
}

pub fn pid(text: &str) -> Pid {
    let number = text.trim().parse().unwrap_or_else(|_| panic!("`{text}` is no pid"));
    Pid::from_raw(number).expect("a pid is positive")
}

fn is_guardian(pid: Pid) -> bool {
    let name = std::fs::read_to_string(format!("/proc/{}/comm", pid.as_raw_nonzero())).unwrap_or_default();
    name.trim() == "zygote"
}

fn marked(mark: &str) -> Vec<Pid> {
    let entry = format!("{MARK}={mark}");
    let entries = std::fs::read_dir("/proc").expect("/proc is there").flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let has_mark = |pid: &i32| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == entry.as_bytes())
    };
    pids.filter(has_mark).filter_map(Pid::from_raw).collect()
}
