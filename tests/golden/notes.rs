//! The notes of a section: what `check` must say, above the line that it concerns, and what a run must print,
//! at the end. A problem of a file beside stands at the top, with the name of the file.

use serde_json::Value;

/// A problem that `check --format json` printed, its lines counted without notes.
pub struct Problem {
    line: usize,
    /// `error[P0107]`
    head: String,
    title: String,
    columns: Option<Span>,
    labels: Vec<(Span, String)>,
    notes: Vec<String>,
    help: Option<String>,
}

struct Span {
    /// A file beside the script, whose lines are counted as they are.
    file: Option<String>,
    start: (usize, usize),
    end: (usize, usize),
}

impl Span {
    /// `3:5-9`, or over several lines `3:5-4:2`, the first line left out when it is that of the note.
    fn written(&self, numbered: &dyn Fn((usize, usize)) -> (usize, usize), with_line: bool) -> String {
        let number = |place| if self.file.is_none() { numbered(place) } else { place };
        let (start, end) = (number(self.start), number(self.end));
        let file = self.file.as_ref().map_or(String::new(), |file| format!("{file}:"));
        let line = if with_line || self.file.is_some() { format!("{}:", start.0) } else { String::new() };
        let end =
            if start.0 == end.0 && !with_line { end.1.to_string() } else { format!("{}:{}", end.0, end.1) };
        format!("{file}{line}{}-{end}", start.1)
    }
}

/// The lines of a script without any notes.
pub fn without_notes(lines: &[String]) -> Vec<String> {
    let kept = lines.iter().zip(which_are_notes(lines)).filter(|(_, is_note)| !is_note);
    kept.map(|(line, _)| line.clone()).collect()
}

/// Whether the notes ask for an error.
pub fn has_error(lines: &[String]) -> bool {
    lines.iter().any(|line| line.trim_start().starts_with("// error["))
}

/// The problems of a JSON array, their places moved to where they are without notes.
pub fn problems(json: &Value, lines: &[String], script: &str) -> Vec<Problem> {
    let notes = which_are_notes(lines);
    let clean = |line: usize| line - notes.iter().take(line.saturating_sub(1)).filter(|note| **note).count();
    let clean = |object: &Value| span(object, script, &clean);
    json.as_array().into_iter().flatten().map(|object| problem(object, &clean)).collect()
}

/// The script with a note for each problem above its line.
pub fn with_problems(script: &[String], problems: &[Problem]) -> Vec<String> {
    let lines_of = |problem: &Problem| {
        1 + problem.labels.len() + problem.notes.len() + usize::from(problem.help.is_some())
    };
    let before = |line: usize| problems.iter().filter(|it| it.line <= line).map(lines_of).sum::<usize>();
    let numbered = |(line, column): (usize, usize)| (line + before(line), column);
    let mut written = Vec::new();
    for number in 1..=script.len() + 1 {
        let line = script.get(number - 1);
        let indent: String = line.map_or("", |it| &it[..it.len() - it.trim_start().len()]).to_owned();
        for problem in problems.iter().filter(|problem| problem.line == number) {
            written.extend(problem.write(&numbered).into_iter().map(|note| format!("{indent}{note}")));
        }
        written.extend(line.cloned());
    }
    written
}

impl Problem {
    fn write(&self, numbered: &dyn Fn((usize, usize)) -> (usize, usize)) -> Vec<String> {
        let columns =
            self.columns.as_ref().map_or(String::new(), |span| format!(" {}", span.written(numbered, false)));
        let mut lines = vec![format!("// {}{columns}: {}", self.head, self.title)];
        for (span, text) in &self.labels {
            let place = span.written(numbered, true);
            lines.push(format!("// label {place}: {text}").trim_end().to_owned());
        }
        lines.extend(self.notes.iter().map(|note| format!("// note: {note}")));
        lines.extend(self.help.iter().map(|help| format!("// help: {help}")));
        lines
    }
}

fn problem(object: &Value, span: &dyn Fn(&Value) -> Option<Span>) -> Problem {
    let text = |value: &Value| value.as_str().unwrap_or_default().replace('\n', "\\n");
    let columns = span(object);
    let labels = object["labels"].as_array().into_iter().flatten();
    Problem {
        line: columns.as_ref().filter(|span| span.file.is_none()).map_or(1, |span| span.start.0),
        head: format!("{}[{}]", text(&object["severity"]), text(&object["code"])),
        title: text(&object["title"]),
        columns,
        labels: labels.filter_map(|label| Some((span(label)?, text(&label["text"])))).collect(),
        notes: object["notes"].as_array().into_iter().flatten().map(text).collect(),
        help: object["help"].as_str().map(|help| help.replace('\n', "\\n")),
    }
}

fn span(object: &Value, script: &str, clean: &dyn Fn(usize) -> usize) -> Option<Span> {
    let number = |key: &str| object[key].as_u64().map(|number| number as usize);
    let file = object["file"].as_str().filter(|file| *file != script).map(str::to_owned);
    let line = |key: &str| number(key).map(|line| if file.is_none() { clean(line) } else { line });
    let start = (line("line")?, number("column")?);
    let end = (line("end_line")?, number("end_column")?);
    Some(Span { file, start, end })
}

/// For each line whether it is a note. Those that belong to another (`label`, `help`, `//|`) only count
/// behind it, so that comments may begin with these words.
fn which_are_notes(lines: &[String]) -> Vec<bool> {
    let mut previous = Kind::Script;
    let mut are_notes = Vec::new();
    for line in lines {
        previous = Kind::of(line.trim(), previous);
        are_notes.push(previous != Kind::Script);
    }
    are_notes
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Script,
    Problem,
    Printed,
}

impl Kind {
    fn of(line: &str, previous: Kind) -> Kind {
        let starts = |heads: &[&str]| heads.iter().any(|head| line.starts_with(head));
        if starts(&["// error[", "// warning["]) {
            return Kind::Problem;
        }
        if starts(&["// stdout:", "// stdout, any order:", "// stdout contains:", "// stderr contains:"]) {
            return Kind::Printed;
        }
        match previous {
            Kind::Problem if starts(&["// label ", "// note: ", "// help: "]) => Kind::Problem,
            Kind::Printed if starts(&["//| ", "//|"]) => Kind::Printed,
            _ => Kind::Script,
        }
    }
}

/// What a run must print.
#[derive(Default)]
pub struct Printed {
    pub stdout: Vec<String>,
    pub any_order: bool,
    pub stdout_contains: Vec<String>,
    pub stderr_contains: Vec<String>,
}

impl Printed {
    pub fn read(lines: &[String]) -> Printed {
        let mut printed = Printed::default();
        for (line, is_note) in lines.iter().map(|line| line.trim()).zip(which_are_notes(lines)) {
            if is_note {
                printed.read_note(line);
            }
        }
        printed
    }

    fn read_note(&mut self, line: &str) {
        if let Some(text) = line.strip_prefix("// stderr contains: ") {
            self.stderr_contains.push(text.to_owned());
        } else if let Some(text) = line.strip_prefix("// stdout contains: ") {
            self.stdout_contains.push(text.to_owned());
        } else if let Some(text) = line.strip_prefix("// stdout:") {
            self.stdout.extend(split(text));
        } else if let Some(text) = line.strip_prefix("// stdout, any order:") {
            self.any_order = true;
            self.stdout.extend(split(text));
        } else if let Some(text) = line.strip_prefix("//|") {
            self.stdout.push(text.strip_prefix(' ').unwrap_or(text).to_owned());
        }
    }

    /// The same notes for other lines of output.
    pub fn write(&self, stdout: &[String]) -> Vec<String> {
        let mut notes: Vec<String> =
            self.stdout_contains.iter().map(|text| format!("// stdout contains: {text}")).collect();
        if notes.is_empty() && !stdout.is_empty() {
            notes = self.write_stdout(stdout);
        }
        notes.extend(self.stderr_contains.iter().map(|text| format!("// stderr contains: {text}")));
        notes
    }

    fn write_stdout(&self, stdout: &[String]) -> Vec<String> {
        let head = if self.any_order { "// stdout, any order:" } else { "// stdout:" };
        let one_line = format!("{head} {}", stdout.join(" | "));
        let fits = |line: &String| !line.is_empty() && line.trim() == line && !line.contains(" | ");
        if one_line.len() <= 100 && stdout.iter().all(fits) {
            return vec![one_line];
        }
        let block = stdout.iter().map(|line| format!("//| {line}").trim_end().to_owned());
        std::iter::once(head.to_owned()).chain(block).collect()
    }
}

fn split(text: &str) -> impl Iterator<Item = String> {
    let text = text.trim();
    text.split(" | ").filter(move |_| !text.is_empty()).map(str::to_owned)
}
