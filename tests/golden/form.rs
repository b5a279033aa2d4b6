//! The form of a golden file: sections, each led by `--- name [args="…"] [exit=N] [run|check] [stdin="…"] ---`.
//! What follows `--- beside FOLDER/NAME.proc ---` in a section is a file that the script can import.

use std::path::{Path, PathBuf};

/// A file as it was read; its sections are replaced when it is to be rewritten.
pub struct File {
    pub topic: String,
    pub sections: Vec<Section>,
    path: PathBuf,
    original: String,
    /// What stands before the first section.
    preamble: Vec<String>,
}

/// One test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub name: String,
    /// Words of the script's command line.
    pub arguments: Vec<String>,
    pub exit: Option<u8>,
    pub stdin: String,
    /// Whether only `check` is asked, also when there is no error to find.
    pub check_only: bool,
    /// The script with its notes.
    pub lines: Vec<String>,
    pub beside: Vec<Beside>,
    header: String,
    empty_lines_behind: usize,
    problem: Option<String>,
}

/// A file in the folder of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    pub path: String,
    pub lines: Vec<String>,
    header: String,
}

impl File {
    pub fn read(root: &Path, path: &Path) -> File {
        let original = std::fs::read_to_string(path).unwrap_or_default();
        let mut file = File {
            topic: topic(root, path),
            sections: Vec::new(),
            path: path.to_owned(),
            original,
            preamble: Vec::new(),
        };
        for line in file.original.lines() {
            let beside = header(line).and_then(|inner| inner.strip_prefix("beside "));
            match (header(line), file.sections.last_mut()) {
                (Some(_), Some(section)) if beside.is_some() => {
                    let (path, header) = (beside.unwrap_or_default().to_owned(), line.to_owned());
                    section.beside.push(Beside { path, lines: Vec::new(), header });
                }
                (Some(inner), _) => file.sections.push(Section::new(line, inner)),
                (None, Some(section)) => match section.beside.last_mut() {
                    Some(beside) => beside.lines.push(line.to_owned()),
                    None => section.lines.push(line.to_owned()),
                },
                (None, None) => file.preamble.push(line.to_owned()),
            }
        }
        for section in &mut file.sections {
            while section.lines.last().is_some_and(|line| line.trim().is_empty()) {
                section.lines.pop();
                section.empty_lines_behind += 1;
            }
        }
        file
    }

    /// What is wrong with the form of the file itself.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> =
            self.sections.iter().filter_map(|section| section.problem.clone()).collect();
        if self.sections.is_empty() {
            problems.push(format!("{} has no `--- name ---` line", self.path.display()));
        }
        for (index, section) in self.sections.iter().enumerate() {
            if self.sections[..index].iter().any(|other| other.name == section.name) {
                problems.push(format!("two sections are called `{}`", section.name));
            }
        }
        problems
    }

    /// Writes the sections to the file when that changes it.
    pub fn write_back(&self) {
        let mut lines = self.preamble.clone();
        for section in &self.sections {
            lines.push(section.header_line());
            lines.extend(section.lines.iter().cloned());
            lines.extend(std::iter::repeat_n(String::new(), section.empty_lines_behind));
            for beside in &section.beside {
                lines.push(beside.header.clone());
                lines.extend(beside.lines.iter().cloned());
            }
        }
        let text = text_of(&lines);
        if text != self.original {
            std::fs::write(&self.path, text).expect("the golden file can be written");
        }
    }
}

impl Section {
    fn new(header: &str, inner: &str) -> Section {
        let mut section = Section {
            name: String::new(),
            arguments: Vec::new(),
            exit: None,
            stdin: String::new(),
            check_only: false,
            lines: Vec::new(),
            beside: Vec::new(),
            header: header.to_owned(),
            empty_lines_behind: 0,
            problem: None,
        };
        for word in words(inner) {
            section.read_word(&word);
        }
        section
    }

    fn read_word(&mut self, word: &str) {
        match word.split_once('=') {
            _ if self.name.is_empty() => word.clone_into(&mut self.name),
            Some(("args", value)) => self.arguments = words(value),
            Some(("stdin", value)) => self.stdin = value.replace("\\n", "\n").replace("\\t", "\t"),
            Some(("exit", value)) if value.parse::<u8>().is_ok() => self.exit = value.parse().ok(),
            None if word == "check" => self.check_only = true,
            None if word == "run" => {}
            _ => self.problem = Some(format!("`{word}` in `{}` is not understood", self.header)),
        }
    }

    /// The text that is given to the binary.
    pub fn text(&self) -> String {
        text_of(&self.lines)
    }

    /// The header with the exit status as it is now.
    fn header_line(&self) -> String {
        let inner = header(&self.header).unwrap_or_default();
        let old = Section::new(&self.header, inner).exit;
        match (old, self.exit) {
            (old, new) if old == new => self.header.clone(),
            (None, Some(new)) => format!("--- {inner} exit={new} ---"),
            (Some(old), new) => {
                let new = new.map_or(String::new(), |code| format!(" exit={code}"));
                self.header.replace(&format!(" exit={old}"), &new)
            }
            (None, None) => self.header.clone(),
        }
    }
}

/// `tests/scripts/queues/order.proc` is `queues::order`.
pub fn topic(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path).with_extension("");
    let parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    parts.join("::")
}

fn header(line: &str) -> Option<&str> {
    let inner = line.strip_prefix("--- ")?.strip_suffix(" ---")?.trim();
    (!inner.is_empty()).then_some(inner)
}

/// Splits at spaces, except within `"…"` or `'…'`; the quotes fall away, those within others stay.
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut quote, mut started) = (String::new(), None, false);
    for character in text.chars() {
        match (character, quote) {
            (end, Some(open)) if end == open => quote = None,
            ('"' | '\'', None) => (quote, started) = (Some(character), true),
            (space, None) if space.is_whitespace() => {
                if started {
                    words.push(std::mem::take(&mut word));
                }
                started = false;
            }
            _ => {
                word.push(character);
                started = true;
            }
        }
    }
    if started {
        words.push(word);
    }
    words
}

/// The lines, each ended.
pub fn text_of(lines: &[impl AsRef<str>]) -> String {
    lines.iter().flat_map(|line| [line.as_ref(), "\n"]).collect()
}
