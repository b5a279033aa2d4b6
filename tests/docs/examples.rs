//! Runs the example of each native: it does not throw, and its value is what stands behind `//`.

use super::process::procession;
use procession::script::registry::{Native, Receiver, Shape, natives};
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

const THREADS: usize = 4;
const NOTES: &str = "one two\nthree\n";

/// What is wrong with the examples.
pub fn untrue() -> Vec<String> {
    let left: Mutex<Vec<&Native>> = Mutex::new(natives().collect());
    let findings = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let next = left.lock().expect("nobody panics").pop();
                    let Some(native) = next else { break };
                    let trial = trial(native).map_err(|problem| format!("{}: {problem}", native.call()));
                    findings.lock().expect("nobody panics").extend(trial.err());
                }
            });
        }
    });
    findings.into_inner().expect("nobody panics")
}

fn trial(native: &Native) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    furnish(folder.path()).map_err(|error| error.to_string())?;
    let (example, result) = native.example_and_result();
    std::fs::write(folder.path().join("example.proc"), script(native, example))
        .map_err(|error| error.to_string())?;
    let ran = procession(folder.path(), &["run", "example.proc"], "a line\n")?;
    let value = ran.stdout.lines().next_back().unwrap_or_default();
    let right = match result {
        Some(result) => value == format!("value: {result}"),
        None => value.starts_with("value: ") || native.name == "exit",
    };
    let wanted = result.unwrap_or("any");
    if right { Ok(()) } else { Err(format!("it gives {value}, not {wanted}\n{}", ran.stderr)) }
}

/// The files that examples find.
fn furnish(folder: &Path) -> std::io::Result<()> {
    std::fs::write(folder.join("notes.txt"), NOTES)?;
    let packed = std::fs::File::create(folder.join("notes.txt.gz"))?;
    let mut packer = flate2::write::GzEncoder::new(packed, flate2::Compression::default());
    packer.write_all(NOTES.as_bytes())?;
    packer.finish()?;
    std::fs::create_dir(folder.join("data"))?;
    std::fs::write(folder.join("data/a.csv"), "id,name\n1,x\n2,y\n")?;
    std::fs::write(folder.join("data/b.csv"), "id,name\n")
}

/// A script around an example: a queue `q`, a process `p`, a regex `r`, a lock `l` and so on; a pool and a job of it
/// only for those who need them.
fn script(native: &Native, example: &str) -> String {
    let settable = native.shape == Shape::Property && !native.params.is_empty();
    let start = if settable || native.name == "start" { "" } else { "p.start();" };
    // A join waits until all items are acknowledged.
    let hold = if native.name == "release" { "l.acquire();" } else { "" };
    let set = if native.name == "wait" { "e.set();" } else { "" };
    let fill = if native.name == "join" { "" } else { "q.put_many([1, 2, 3]); q.get();" };
    let pool = match native.receiver {
        Receiver::Pool => "let pool = pool(2);",
        Receiver::PoolJob => "let pool = pool(1); let job = pool.apply_async(|x| x + 1, [7]); job.wait();",
        _ => "",
    };
    format!(
        "joinable queue q\n\
         lock l\nevent e\nbarrier b(1)\ncounter n\ntable t\n\
         process worker(id) {{ id + 1; }}\n\
         main {{\n\
             let p = worker(1); {start}\n\
             {fill} {hold} {set}\n\
             let c = cell(1);\n\
             let r = regex(`(?<key>\\w+)=(?<value>\\w+)`);\n\
             {pool}\n\
             let result = {{\n{example}\n}};\n\
             print(`value: ${{to_debug(result)}}`);\n\
         }}\n"
    )
}
