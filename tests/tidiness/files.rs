//! The files of the repository, read once for each rule.

use std::path::Path;

/// A text file and its path from the root of the repository.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    /// The text up to the tests, without comments.
    pub fn code(&self) -> String {
        if self.is_test() {
            return String::new();
        }
        let text = self.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = text.lines().map(|line| line.split("// ").next().unwrap_or_default());
        lines.filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect()
    }

    /// Whether the whole file is compiled for tests only.
    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path.starts_with("tests/") || name.contains("test")
    }

    /// The path of the module: `["graph", "print", "svg"]`.
    pub fn module(&self) -> Vec<String> {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        let path = if ["lib", "main"].contains(&path) { "" } else { path };
        path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }
}

/// All files with this extension in a folder of the repository and below it, in order.
pub fn below(folder: &str, extension: &str) -> Vec<File> {
    let Ok(entries) = std::fs::read_dir(root().join(folder)) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let mut files = Vec::new();
    for path in names.iter().map(|name| format!("{folder}/{name}")) {
        if root().join(&path).is_dir() {
            files.extend(below(&path, extension));
        } else if path.ends_with(&format!(".{extension}")) {
            let text = std::fs::read_to_string(root().join(&path)).unwrap_or_default();
            files.push(File { path, text });
        }
    }
    files
}

pub fn exists(path: &str) -> bool {
    root().join(path).exists()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
