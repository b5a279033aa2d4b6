//! Runs one section: `check` always, and the script itself unless an error is expected.

use super::form::{Section, text_of};
use super::notes::{self, Printed};
use super::process::{Ran, procession};
use std::path::Path;

/// What was seen of a section.
pub struct Seen {
    /// The section as it would have to be for all of it to be right.
    pub section: Section,
    stderr: String,
}

/// Runs it as the words before its name say.
pub fn run(section: &Section, words: &[&str]) -> Result<Seen, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = format!("{}.proc", section.name);
    std::fs::write(folder.path().join(&file), section.text()).map_err(|error| error.to_string())?;
    for beside in &section.beside {
        let path = folder.path().join(&beside.path);
        let made = std::fs::create_dir_all(path.parent().unwrap_or(folder.path()));
        made.and_then(|()| std::fs::write(&path, text_of(&beside.lines)))
            .map_err(|error| error.to_string())?;
    }
    let checked = procession(folder.path(), &["check", "--format", "json", &file], "")?;
    let json = serde_json::from_str(&checked.stdout).map_err(|error| {
        format!("`check` printed no JSON ({error}): {}\n{}", checked.stdout, checked.stderr)
    })?;
    let problems = notes::problems(&json, &section.lines, &file);
    let mut seen = section.clone();
    seen.lines = notes::with_problems(&notes::without_notes(&section.lines), &problems);
    let mut last = checked;
    if !section.check_only && !notes::has_error(&seen.lines) {
        last = run_script(section, words, folder.path(), &file)?;
        seen.lines.extend(printed(section, &last)?);
    }
    if last.status != section.exit.unwrap_or(default_exit(&seen)) {
        seen.exit = Some(last.status);
    }
    Ok(Seen { section: seen, stderr: last.stderr })
}

fn default_exit(section: &Section) -> u8 {
    if notes::has_error(&section.lines) { 2 } else { 0 }
}

fn run_script(section: &Section, words: &[&str], folder: &Path, file: &str) -> Result<Ran, String> {
    let mut arguments = vec!["run"];
    arguments.extend(words);
    arguments.push(file);
    arguments.extend(section.arguments.iter().map(String::as_str));
    procession(folder, &arguments, &section.stdin)
}

/// The notes that fit what a run printed.
fn printed(section: &Section, ran: &Ran) -> Result<Vec<String>, String> {
    let expected = Printed::read(&section.lines);
    let wanted = expected.stderr_contains.iter().map(|text| (text, &ran.stderr, "stderr"));
    let wanted = wanted.chain(expected.stdout_contains.iter().map(|text| (text, &ran.stdout, "stdout")));
    for (text, stream, name) in wanted {
        if !stream.contains(text.as_str()) {
            return Err(format!("{name} does not contain `{text}`:\n{}\n{}", ran.stdout, ran.stderr));
        }
    }
    let mut stdout: Vec<String> = ran.stdout.lines().map(str::to_owned).collect();
    if expected.any_order {
        let mut wanted = expected.stdout.clone();
        wanted.sort();
        stdout.sort();
        if stdout == wanted {
            stdout.clone_from(&expected.stdout);
        }
    }
    Ok(expected.write(&stdout))
}

/// The difference between the section as written and as it would be right.
pub fn compare(section: &Section, seen: &Seen) -> Result<(), String> {
    let Seen { section: right, stderr } = seen;
    let rest = format!("seen:\n{}\nstandard error:\n{stderr}", right.lines.join("\n"));
    if section.exit != right.exit {
        let wanted = section.exit.unwrap_or(default_exit(right));
        return Err(format!("exit status {} instead of {wanted}\n{rest}", right.exit.unwrap_or(wanted)));
    }
    // How a note is indented, and which form a list of lines has, is for people.
    if meaning(section) == meaning(right) {
        return Ok(());
    }
    let written: Vec<&str> = section.lines.iter().map(|line| line.trim()).collect();
    let right: Vec<&str> = right.lines.iter().map(|line| line.trim()).collect();
    let missing = written.iter().filter(|line| !right.contains(line)).map(|line| format!("- {line}"));
    let added = right.iter().filter(|line| !written.contains(line)).map(|line| format!("+ {line}"));
    let differences: Vec<String> = missing.chain(added).collect();
    Err(format!("the notes do not fit (`UPDATE=1` rewrites them):\n{}\n\n{rest}", differences.join("\n")))
}

fn meaning(section: &Section) -> (Vec<String>, Vec<String>) {
    let printed = Printed::read(&section.lines);
    let is_printed = |line: &&String| {
        let line = line.trim_start();
        ["// stdout", "// stderr contains:", "//|"].iter().any(|head| line.starts_with(head))
    };
    let others = section.lines.iter().filter(|line| !is_printed(line));
    (others.map(|line| line.trim().to_owned()).collect(), printed.stdout)
}
