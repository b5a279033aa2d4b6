//! Runs an example program of `scripts/`: `NAME.proc` with the words in `NAME.args`, if there is such a file,
//! must print `NAME.out`, or the lines of `NAME.unordered.out` in any order.

use super::form::{text_of, words};
use super::process::procession;
use std::path::Path;

pub fn run(root: &Path, script: &Path, ways: &[&str], update: bool) -> Result<(), String> {
    let name = script.strip_prefix(root).unwrap_or(script).to_string_lossy().into_owned();
    let arguments = words(&std::fs::read_to_string(script.with_extension("args")).unwrap_or_default());
    let stdin = std::fs::read_to_string(script.with_extension("in")).unwrap_or_default();
    let mut command = vec!["run"];
    command.extend(ways);
    command.push(&name);
    command.extend(arguments.iter().map(String::as_str));
    let ran = procession(root, &command, &stdin)?;
    if ran.status != 0 {
        return Err(format!("exit status {}\n{}\n{}", ran.status, ran.stdout, ran.stderr));
    }
    let unordered = script.with_extension("unordered.out");
    let (expected, stdout) = if unordered.exists() {
        (unordered, sorted(&ran.stdout))
    } else {
        (script.with_extension("out"), ran.stdout)
    };
    if update {
        return std::fs::write(expected, stdout).map_err(|error| error.to_string());
    }
    let wanted = std::fs::read_to_string(&expected)
        .map_err(|error| format!("{}: {error} (`UPDATE=1` writes it)", expected.display()))?;
    let wanted =
        if expected.to_string_lossy().ends_with(".unordered.out") { sorted(&wanted) } else { wanted };
    if stdout == wanted { Ok(()) } else { Err(format!("expected:\n{wanted}\nprinted:\n{stdout}")) }
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    text_of(&lines)
}
