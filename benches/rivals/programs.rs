//! What the words of a row mean as commands: which programs there are, built on the way, and which are absent.

use crate::words;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Programs that are found or built once, before the first row.
pub struct Programs {
    python: Option<PathBuf>,
    faster_fifo: bool,
    zmq: Option<PathBuf>,
    ipc_channel: Option<PathBuf>,
    /// A folder of files with 200 MB of words in all.
    words: PathBuf,
}

impl Programs {
    pub fn prepare() -> Programs {
        let folder = folder();
        std::fs::create_dir_all(&folder).expect("the target folder can be written");
        let python = python(&folder);
        let faster_fifo = python
            .as_ref()
            .is_some_and(|python| succeeds(Command::new(python).args(["-c", "import faster_fifo"])));
        let words = folder.join("words");
        words::make(&words).expect("the target folder has room for 200 MB");
        Programs { python, faster_fifo, zmq: zmq(&folder), ipc_channel: ipc_channel(&folder), words }
    }

    /// The command of a row: its first word is the kind of program, `{n}` is the count and `{words}` the folder of
    /// words. `None` when the program is not there.
    pub fn command(&self, line: &str, count: u64) -> Option<Command> {
        let mut words = line.split_whitespace();
        let mut command = match words.next()? {
            "script" => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_procession"));
                command.arg("run").arg(format!("benches/programs/{}.proc", words.next()?));
                command
            }
            "python" => {
                let program = words.next()?;
                if line.contains(" faster-fifo") && !self.faster_fifo {
                    return None;
                }
                let mut command = Command::new(self.python.as_ref()?);
                command.arg(format!("benches/rivals/python/{program}.py"));
                command
            }
            "zmq" => Command::new(self.zmq.as_ref()?),
            "ipc-channel" => Command::new(self.ipc_channel.as_ref()?),
            // This program again.
            kind @ ("limit" | "native") => {
                let mut command = Command::new(std::env::current_exe().ok()?);
                command.arg(kind);
                command
            }
            program => Command::new(program),
        };
        for word in words {
            match word {
                "{n}" => command.arg(count.to_string()),
                "{words}" => command.arg(&self.words),
                word => command.arg(word),
            };
        }
        Some(command)
    }

    /// One line about where the table was taken.
    pub fn machine(&self) -> String {
        let python = self.python.as_ref().and_then(|python| output(Command::new(python).arg("--version")));
        let kernel = output(Command::new("uname").args(["-sr"])).unwrap_or_default();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default().to_owned();
        let python = python.unwrap_or_else(|| "no Python".to_owned());
        format!("{cores} cores, {kernel}, {python}, load {load} at the start.")
    }
}

/// What is built for the table lies here.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("rivals")
}

/// The one of `benches/setup`, which has faster-fifo, or else the system's.
fn python(folder: &Path) -> Option<PathBuf> {
    let own = folder.join("python/bin/python");
    let candidates = [own, PathBuf::from("/usr/bin/python3"), PathBuf::from("python3")];
    candidates.into_iter().find(|python| succeeds(Command::new(python).arg("--version")))
}

fn zmq(folder: &Path) -> Option<PathBuf> {
    let program = folder.join("zmq");
    let mut compile = Command::new("cc");
    compile.args(["-O2", "-o"]).arg(&program).args(["benches/rivals/zmq.c", "-lzmq"]);
    succeeds(&mut compile).then_some(program)
}

fn ipc_channel(folder: &Path) -> Option<PathBuf> {
    let target = folder.join("ipc-channel");
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--release",
        "--quiet",
        "--locked",
        "--manifest-path",
        "benches/rivals/ipc-channel/Cargo.toml",
    ]);
    build.arg("--target-dir").arg(&target);
    succeeds(&mut build).then(|| target.join("release/ipc-channel-rival"))
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
