//! Which files a program is made of that the kernel has to run: itself, and the interpreter that a script names.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Scripts whose interpreters are scripts: the kernel gives up at five.
const DEPTH_MAX: usize = 5;
/// What the kernel reads of a script's first line.
const HEAD_BYTES: u64 = 256;

/// The files of a program, itself first; none where there is no such program.
pub fn files(name: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut next = vec![name.to_owned()];
    while let Some(name) = next.pop() {
        let Some(path) = find(&name).filter(|_| files.len() < DEPTH_MAX) else { continue };
        next.extend(interpreters(&path));
        files.push(path);
    }
    files
}

/// The file that the system takes for a name: as it is when it is a path, else from a folder of `PATH`.
fn find(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(PathBuf::from(name)).filter(|path| path.exists());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// What a script's first line names: `#!/bin/sh`, and of `#!/usr/bin/env -S python3 -u` also `python3`.
fn interpreters(path: &Path) -> Vec<String> {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    if read.is_err() || !head.starts_with(b"#!") {
        return Vec::new();
    }
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line).into_owned();
    let mut words = line.trim_start_matches("#!").split_whitespace().map(str::to_owned);
    let Some(interpreter) = words.next() else { return Vec::new() };
    let is_env = interpreter.ends_with("/env");
    let named = words.find(|word| is_env && !word.starts_with('-') && !word.contains('='));
    [interpreter].into_iter().chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_brings_its_interpreters() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("a");
        std::fs::write(&script, "#!/usr/bin/env -S A=1 sh -e\necho a\n").unwrap();
        let files = files(script.to_str().unwrap());
        let names: Vec<_> = files.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names[0], "a");
        assert!(names.contains(&"env") && names.contains(&"sh"), "{names:?}");
    }

    #[test]
    fn what_is_not_there_has_no_files() {
        assert!(files("no-such-program-as-this").is_empty());
        assert!(files("/no/such/path").is_empty());
    }

    #[test]
    fn a_script_that_is_its_own_interpreter_comes_to_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("a");
        std::fs::write(&script, format!("#!{}\n", script.display())).unwrap();
        assert_eq!(files(script.to_str().unwrap()).len(), DEPTH_MAX);
    }
}
