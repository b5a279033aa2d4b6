//! Runs the golden scripts of `tests/scripts/` and the example programs of `scripts/`; what stands in a folder `lib`
//! of these is imported by others.
//!
//! Each section of a golden script is a test of its own, named `topic::section`. One that runs is run a second time with
//! processes that are executed anew, queues that all lie in the interpreter, and bodies on Rhai, as
//! `topic::section (exec, broker)`. With `UPDATE=1` the notes in the files are rewritten from what was seen.

mod golden;

use golden::{example, form, trial};
use libtest_mimic::{Arguments, Trial};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Everything about a run that a script must not notice.
const OTHER_WAYS: [&str; 6] = ["--start", "exec", "--transport", "broker", "--engine", "rhai"];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("UPDATE").is_some_and(|value| value == "1");
    let mut trials = Vec::new();
    let mut files = Vec::new();
    for path in scripts_below(&root.join("tests/scripts")) {
        let file = Arc::new(Mutex::new(form::File::read(&root.join("tests/scripts"), &path)));
        trials.extend(trials_of(&file, update));
        files.push(file);
    }
    let programs = scripts_below(&root.join("scripts")).into_iter();
    for path in programs.filter(|path| path.parent().is_none_or(|folder| !folder.ends_with("lib"))) {
        let name = form::topic(&root.join("scripts"), &path);
        let root = root.to_owned();
        for (mark, ways) in [("", &[][..]), (" (exec, broker)", &OTHER_WAYS)] {
            let (root, path) = (root.clone(), path.clone());
            trials.push(Trial::test(format!("example::{name}{mark}"), move || {
                example::run(&root, &path, ways, update).map_err(Into::into)
            }));
        }
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    for file in files.iter().filter(|_| update) {
        file.lock().expect("a trial panicked").write_back();
    }
    conclusion.exit();
}

fn trials_of(file: &Arc<Mutex<form::File>>, update: bool) -> Vec<Trial> {
    let locked = file.lock().expect("no trial runs yet");
    let mut trials = Vec::new();
    for problem in locked.problems() {
        trials.push(Trial::test(format!("{}::form", locked.topic), move || Err(problem.into())));
    }
    let runs = locked.topic.starts_with("run") && !update;
    for section in locked.sections.iter().filter(|section| runs && !section.check_only).cloned() {
        trials.push(Trial::test(
            format!("{}::{} (exec, broker, rhai)", locked.topic, section.name),
            move || {
                let seen = trial::run(&section, &OTHER_WAYS)?;
                trial::compare(&section, &seen).map_err(Into::into)
            },
        ));
    }
    for (index, section) in locked.sections.iter().cloned().enumerate() {
        let file = Arc::clone(file);
        trials.push(Trial::test(format!("{}::{}", locked.topic, section.name), move || {
            let seen = trial::run(&section, &[])?;
            if update {
                file.lock().expect("a trial panicked").sections[index] = seen.section;
                return Ok(());
            }
            trial::compare(&section, &seen).map_err(Into::into)
        }));
    }
    trials
}

/// All `.proc` files of a folder and those within it, in order.
fn scripts_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let below = |path: PathBuf| if path.is_dir() { scripts_below(&path) } else { vec![path] };
    let all = paths.into_iter().flat_map(below);
    all.filter(|path| path.extension().is_some_and(|extension| extension == "proc")).collect()
}
