//! Problems drawn for people, as rustc draws them: source lines, underlines, notes, help.

use super::excerpt::Excerpt;
use super::place::{clamp, place, source};
use super::printable::printable;
use super::{Diagnostic, Edit, Label, Severity};
use crate::source::{Source, Sources};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use std::ops::Range;

/// Whether the drawing may use the colours of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Colour,
}

/// Draws all problems, an empty line between two.
#[must_use]
pub fn render(problems: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let drawn: Vec<String> = problems.iter().map(|problem| draw(problem, sources, style)).collect();
    drawn.join("\n")
}

fn draw(problem: &Diagnostic, sources: &Sources, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colour => Renderer::styled(),
    };
    let views = views(problem, sources);
    let edited = edited(problem, sources);
    let mut groups = vec![cause(problem, &views, edited.is_empty())];
    if !edited.is_empty() {
        groups.push(suggestion(problem, &edited));
    }
    let mut text = renderer.render(&groups);
    for view in views.iter().filter(|view| !view.excerpt.is_whole()) {
        mend_column(&mut text, view, sources);
    }
    text.push('\n');
    without_trailing_spaces(&text)
}

/// What is shown of one file.
struct View<'a> {
    source: &'a Source,
    excerpt: Excerpt,
    labels: Vec<Shown<'a>>,
}

/// A label where it will be drawn.
struct Shown<'a> {
    kind: AnnotationKind,
    label: &'a Label,
    line: u32,
}

/// Labels of one file that are farther apart are shown in two views: a drawing holds all lines in between.
const LINES_BETWEEN: u32 = 5000;

/// The files that the labels are in, that of the primary label first.
fn views<'a>(problem: &'a Diagnostic, sources: &'a Sources) -> Vec<View<'a>> {
    let primary = problem.primary.iter().map(|label| (AnnotationKind::Primary, label));
    let others = problem.labels.iter().map(|label| (AnnotationKind::Context, label));
    let mut views: Vec<Vec<Shown<'a>>> = Vec::new();
    for (kind, label) in primary.chain(others) {
        let Some(at) = place(sources, label.span) else { continue };
        let shown = Shown { kind, label, line: at.start.line };
        match views.iter_mut().find(|view| view.first().is_some_and(|first| fits(first, &shown))) {
            Some(view) => view.push(shown),
            None => views.push(vec![shown]),
        }
    }
    views.into_iter().filter_map(|labels| view(labels, sources)).collect()
}

fn fits(first: &Shown, next: &Shown) -> bool {
    first.label.span.source == next.label.span.source && first.line.abs_diff(next.line) < LINES_BETWEEN
}

fn view<'a>(labels: Vec<Shown<'a>>, sources: &'a Sources) -> Option<View<'a>> {
    let source = source(sources, labels.first()?.label.span.source)?;
    let ranges: Vec<Range<usize>> = labels.iter().map(|shown| shown.label.span.range()).collect();
    Some(View { source, excerpt: Excerpt::new(source, &ranges), labels })
}

fn cause<'a>(problem: &'a Diagnostic, views: &'a [View<'a>], with_help: bool) -> Group<'a> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(printable(&problem.title)).id(problem.code.name));
    group = group.elements(views.iter().map(snippet));
    group = group.elements(problem.notes.iter().map(|note| Level::NOTE.message(printable(note))));
    if with_help {
        group = group.elements(problem.help.iter().map(|help| Level::HELP.message(printable(help))));
    }
    group
}

fn snippet<'a>(view: &'a View<'a>) -> Snippet<'a, Annotation<'a>> {
    let annotation = |shown: &Shown<'a>| {
        let range = clamp(view.source.text(), shown.label.span.range());
        let text = Some(printable(&shown.label.text)).filter(|text| !text.is_empty());
        shown.kind.span(view.excerpt.range(range)).label(text)
    };
    Snippet::source(view.excerpt.text.as_str())
        .line_start(view.excerpt.first_line)
        .path(printable(view.source.name()))
        .annotations(view.labels.iter().map(annotation))
}

/// The edits of one file, in order, none reaching into the next.
struct Edited<'a> {
    source: &'a Source,
    excerpt: Excerpt,
    edits: Vec<(Range<usize>, &'a str)>,
}

/// Edits by file; none when they cannot be shown as a whole.
fn edited<'a>(problem: &'a Diagnostic, sources: &'a Sources) -> Vec<Edited<'a>> {
    let mut edits: Vec<&Edit> = problem.edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let of_one_file = edits.chunk_by(|one, next| one.span.source == next.span.source);
    let files: Option<Vec<Edited>> = of_one_file.map(|edits| edited_file(edits, sources)).collect();
    files.unwrap_or_default()
}

fn edited_file<'a>(edits: &[&'a Edit], sources: &'a Sources) -> Option<Edited<'a>> {
    let source = source(sources, edits.first()?.span.source)?;
    let edits: Vec<(Range<usize>, &str)> = edits
        .iter()
        .map(|edit| (clamp(source.text(), edit.span.range()), edit.replacement.as_str()))
        .filter(|(range, replacement)| source.text()[range.clone()] != **replacement)
        .collect();
    let ranges: Vec<Range<usize>> = edits.iter().map(|(range, _)| range.clone()).collect();
    let overlap = ranges.windows(2).any(|pair| pair[0].end > pair[1].start);
    let large = edits.iter().any(|(range, text)| range.len() + text.len() > EDIT_BYTES_MAX);
    let excerpt = Excerpt::new(source, &ranges);
    let fits = !edits.is_empty() && !overlap && !large && excerpt.is_whole();
    fits.then_some(Edited { source, excerpt, edits })
}

/// A larger edit says less than its help line alone.
const EDIT_BYTES_MAX: usize = 500;

fn suggestion<'a>(problem: &'a Diagnostic, edited: &'a [Edited<'a>]) -> Group<'a> {
    let help = problem.help.as_deref().unwrap_or("write it like this");
    let patches = |file: &'a Edited<'a>| {
        let patch = |(range, text): &(Range<usize>, &'a str)| {
            let text = text.replace('\t', "    ");
            Patch::new(file.excerpt.range(range.clone()), printable(&text).into_owned())
        };
        Snippet::source(file.excerpt.text.as_str())
            .line_start(file.excerpt.first_line)
            .path(printable(file.source.name()))
            .patches(file.edits.iter().map(patch))
    };
    Level::HELP.secondary_title(printable(help)).elements(edited.iter().map(patches))
}

/// The head of a snippet counts columns within the excerpt; where its line was cut they are put right here.
fn mend_column(text: &mut String, view: &View, sources: &Sources) {
    for Shown { label, .. } in &view.labels {
        let Some(at) = place(sources, label.span) else { continue };
        let start = clamp(view.source.text(), label.span.range()).start;
        let head = format!("{}:{}:", printable(at.file), at.start.line);
        let drawn = format!("{head}{}", view.excerpt.column(start));
        let Some(found) = text.find(&drawn) else { continue };
        let end = found + drawn.len();
        if !text[end..].starts_with(|next: char| next.is_ascii_digit()) {
            text.replace_range(found..end, &format!("{head}{}", at.start.column));
            return;
        }
    }
}

fn without_trailing_spaces(text: &str) -> String {
    text.lines().flat_map(|line| [line.trim_end_matches(' '), "\n"]).collect()
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
