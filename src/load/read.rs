//! Reads the text of a script; what the system refuses becomes a problem with the system's reason.

use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Diagnostic, codes, words};
use crate::source::{Source, SourceId, Sources, Span};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// A larger file is no script: it is what somebody named by mistake, perhaps `/dev/zero`.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Reads a file, or standard input for `-`, and adds it to the sources.
///
/// # Errors
/// One problem; when it has a place, the text is among the sources all the same.
pub(super) fn read(file: &Path, sources: &mut Sources) -> Result<SourceId, Diagnostic> {
    let (name, bytes) = if file == Path::new("-") {
        ("<stdin>".to_owned(), limited(io::stdin().lock()))
    } else {
        (file.display().to_string(), read_file(file))
    };
    add(file, name, bytes, sources)
}

/// Reads a file that another one names. What may never end, as a pipe, is no script to import.
///
/// # Errors
/// As [`read`].
pub(super) fn read_import(file: &Path, sources: &mut Sources) -> Result<SourceId, Diagnostic> {
    let found = std::fs::metadata(file);
    let regular = found.as_ref().map_or(true, |found| found.is_file() || found.is_dir());
    let bytes = if regular { read_file(file) } else { Err(io::Error::other("not a regular file")) };
    add(file, file.display().to_string(), bytes, sources)
}

/// Adds a text that is there already.
///
/// # Errors
/// As [`read`].
pub(super) fn take(name: &str, text: String, sources: &mut Sources) -> Result<SourceId, Diagnostic> {
    add(Path::new(name), name.to_owned(), Ok(text.into_bytes()), sources)
}

fn add(
    file: &Path,
    name: String,
    bytes: io::Result<Vec<u8>>,
    sources: &mut Sources,
) -> Result<SourceId, Diagnostic> {
    let bytes = bytes.map_err(|error| refused(file, &name, &error))?;
    if bytes.len() as u64 > BYTES_MAX {
        let limit = words::count((BYTES_MAX / 1024 / 1024) as usize, "megabyte");
        return Err(Diagnostic::new(codes::P0403, format!("`{name}` has more than {limit}"))
            .help("divide it into files, and import them"));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.add(Source::new(name, without_mark(text)))),
        Err(error) => Err(not_text(&name, error.as_bytes(), error.utf8_error().valid_up_to(), sources)),
    }
}

fn read_file(file: &Path) -> io::Result<Vec<u8>> {
    if file.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    limited(std::fs::File::open(file)?)
}

fn limited(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Some editors begin a file with a byte order mark; it is no part of the text.
fn without_mark(text: String) -> String {
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

fn refused(file: &Path, name: &str, error: &io::Error) -> Diagnostic {
    if error.kind() == ErrorKind::IsADirectory {
        return Diagnostic::new(codes::P0401, format!("`{name}` is a directory"))
            .help("name a script file in it");
    }
    let problem = Diagnostic::new(codes::P0400, format!("cannot read `{name}`: {}", reason(error)));
    match neighbour(file).filter(|_| error.kind() == ErrorKind::NotFound) {
        Some(near) => problem.help(format!("there is a file `{near}`")),
        None => problem.help("give the path of a script that can be read"),
    }
}

/// The system's words, without its number and as a fragment.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// The file beside the missing one whose name is nearest to it.
fn neighbour(file: &Path) -> Option<String> {
    let wanted = file.file_name()?.to_str()?;
    let folder = file.parent()?;
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let entries = std::fs::read_dir(listed).ok()?.flatten().filter(|entry| entry.path().is_file());
    let names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let near = nearest(wanted, names.iter().map(String::as_str))?;
    Some(folder.join(near).display().to_string())
}

/// The text up to the bad byte, and on with marks in the place of bad bytes, so that the line can be shown.
fn not_text(name: &str, bytes: &[u8], valid: usize, sources: &mut Sources) -> Diagnostic {
    let id = sources.add(Source::new(name, String::from_utf8_lossy(bytes)));
    let span = Span::new(id, valid, valid + '\u{fffd}'.len_utf8());
    let byte = bytes.get(valid).copied().unwrap_or_default();
    Diagnostic::new(codes::P0402, format!("`{name}` is not UTF-8 text"))
        .at(span, format!("byte 0x{byte:02x}"))
        .help("save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::place::place;

    fn read_bytes(bytes: &[u8]) -> (Result<SourceId, Diagnostic>, Sources) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.proc");
        std::fs::write(&file, bytes).unwrap();
        let mut sources = Sources::default();
        (read(&file, &mut sources), sources)
    }

    #[test]
    fn text_is_added_to_the_sources() {
        let (id, sources) = read_bytes("\u{feff}queue q\n".as_bytes());
        assert_eq!(sources.get(id.unwrap()).text(), "queue q\n");
    }

    #[test]
    fn the_first_bad_byte_is_shown() {
        let (problem, sources) = read_bytes(b"queue q\nqueue \xe9\xe8 \xff");
        let problem = problem.unwrap_err();
        let label = problem.primary.unwrap();
        let start = place(&sources, label.span).unwrap().start;
        assert_eq!((problem.code, start.line, start.column), (codes::P0402, 2, 7));
        assert_eq!(label.text, "byte 0xe9");
    }

    #[test]
    fn a_missing_file_names_the_one_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("words.proc"), "").unwrap();
        let problem = read(&folder.path().join("wrods.proc"), &mut Sources::default()).unwrap_err();
        assert!(problem.title.ends_with("wrods.proc`: no such file or directory"), "{}", problem.title);
        assert!(problem.help.unwrap().ends_with("words.proc`"));
    }

    #[test]
    fn a_directory_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let problem = read(folder.path(), &mut Sources::default()).unwrap_err();
        assert_eq!(problem.code, codes::P0401);
    }

    #[test]
    fn an_endless_file_ends_in_a_problem() {
        let problem = read(Path::new("/dev/zero"), &mut Sources::default()).unwrap_err();
        assert_eq!(problem.code, codes::P0403);
        assert_eq!(problem.title, "`/dev/zero` has more than 64 megabytes");
    }
}
