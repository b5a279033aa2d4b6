//! What drawings look like, and that no span at all can break them.

use super::*;
use crate::diagnostic::codes;
use crate::source::SourceId;
use crate::source::Span;
use proptest::prelude::*;

fn sources(texts: &[&str]) -> Sources {
    let mut sources = Sources::default();
    for (index, text) in texts.iter().enumerate() {
        sources.add(Source::new(format!("{index}.proc"), *text));
    }
    sources
}

fn span(source: u32, start: usize, end: usize) -> Span {
    Span::new(SourceId(source), start, end)
}

fn problem(title: &str) -> Diagnostic {
    Diagnostic::new(codes::P0101, title)
}

fn drawn(problem: Diagnostic, texts: &[&str]) -> String {
    render(&[problem], &sources(texts), Style::Plain)
}

#[test]
fn labels_in_two_files_notes_and_help() {
    let text = "queue q\nprocess worker(in jobs) {\n    jobs.put(1);\n}\nstart worker(q)\n";
    let problem = problem("cannot `put` on the in port `jobs`")
        .at(span(0, 43, 46), "jobs only come out of here")
        .label(span(0, 23, 30), "declared as an in port here")
        .label(span(1, 6, 7), "the queue")
        .note("items go one way")
        .help("declare it as `out jobs`");
    assert_eq!(
        drawn(problem, &[text, "queue r\n"]),
        "\
error[P0101]: cannot `put` on the in port `jobs`
 --> 0.proc:3:10
  |
2 | process worker(in jobs) {
  |                ------- declared as an in port here
3 |     jobs.put(1);
  |          ^^^ jobs only come out of here
  |
 ::: 1.proc:1:7
  |
1 | queue r
  |       - the queue
  |
  = note: items go one way
  = help: declare it as `out jobs`
"
    );
}

#[test]
fn an_edit_is_shown_as_a_suggestion() {
    let problem = problem("unknown template `wroker`")
        .at(span(0, 14, 20), "")
        .help("call it `worker`")
        .edit(span(0, 14, 20), "worker");
    assert_eq!(
        drawn(problem, &["queue q\nstart wroker(q)\n"]),
        "\
error[P0101]: unknown template `wroker`
 --> 0.proc:2:7
  |
2 | start wroker(q)
  |       ^^^^^^
  |
help: call it `worker`
  |
2 - start wroker(q)
2 + start worker(q)
  |
"
    );
}

#[test]
fn a_problem_without_a_place() {
    let drawn = drawn(problem("cannot read `a.proc`").note("one\ntwo").help("look for it"), &[]);
    let expected =
        "error[P0101]: cannot read `a.proc`\n |\n = note: one\n         two\n = help: look for it\n";
    assert_eq!(drawn, expected);
}

#[test]
fn odd_places_have_their_line_and_column() {
    let head = |text: &str, start, end| {
        let drawn = drawn(problem("x").at(span(0, start, end), "here"), &[text]);
        drawn.lines().nth(1).unwrap_or("").to_owned()
    };
    assert_eq!(head("", 0, 0), " --> 0.proc:1:1");
    assert_eq!(head("ab\nc\n", 5, 5), " --> 0.proc:3:1");
    assert_eq!(head("ab\nc\n", 50, 60), " --> 0.proc:3:1");
    assert_eq!(head("ab\r\nc\r\n", 3, 4), " --> 0.proc:1:3");
    assert_eq!(head("\t\tab\n", 2, 3), " --> 0.proc:1:3");
    assert_eq!(head("日本語ab\n", 6, 9), " --> 0.proc:1:3");
    assert_eq!(head("日本語ab\n", 7, 8), " --> 0.proc:1:3");
}

#[test]
fn a_line_of_megabytes_is_cut_and_keeps_its_column() {
    let text = format!("let a = \"{}\"; b\n", "x".repeat(10_000_000));
    let drawn = drawn(problem("x").at(span(0, 10_000_012, 10_000_013), "here"), &[&text]);
    assert!(drawn.contains(" --> 0.proc:1:10000013\n"), "{drawn}");
    assert!(drawn.contains("x\"; b\n") && drawn.len() < 1000, "{drawn}");
}

#[test]
fn labels_a_million_lines_apart_are_two_views() {
    let text = format!("queue q{}queue q", "\n".repeat(1_000_000));
    let problem = problem("x").at(span(0, text.len() - 1, text.len()), "again").label(span(0, 6, 7), "here");
    let drawn = drawn(problem, &[&text]);
    assert!(drawn.contains(" --> 0.proc:1000001:7\n"), "{drawn}");
    assert!(drawn.contains(" ::: 0.proc:1:7\n"), "{drawn}");
}

#[test]
fn a_label_over_a_million_lines_is_cut() {
    let text = format!("start{}end", "\n".repeat(1_000_000));
    let drawn = drawn(problem("x").at(span(0, 0, text.len()), "all this"), &[&text]);
    assert!(drawn.contains(" --> 0.proc:1:1\n") && drawn.contains("all this"), "{drawn}");
    assert!(drawn.len() < 1000, "{drawn}");
}

#[test]
fn colour_is_only_there_when_asked_for() {
    let problems = [problem("x").at(span(0, 0, 2), "here")];
    let sources = sources(&["ab"]);
    assert!(render(&problems, &sources, Style::Colour).contains("\u{1b}["));
    assert!(!render(&problems, &sources, Style::Plain).contains('\u{1b}'));
}

/// Texts of few letters, but of those that are hard to draw.
fn hard_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b c",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "é",
        "日",
        "👩‍👧",
        "\u{301}",
        "\u{0}",
        "\u{1b}[1m",
        "\u{202e}",
        "{",
        "}",
        "//",
        "\u{2028}",
        "\u{feff}",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]);
    let long = (prop::sample::select(vec!["a", "日", "\t", " ", "\u{301}"]), 0..2000_usize);
    let long = long.prop_map(|(piece, times)| piece.repeat(times));
    prop::collection::vec(prop_oneof![9 => piece.prop_map(str::to_owned), 1 => long], 0..30)
        .prop_map(|pieces| pieces.concat())
}

fn any_label() -> impl Strategy<Value = Label> {
    let offset = prop_oneof![6 => 0..40_usize, 2 => 0..3000_usize, 1 => Just(u32::MAX as usize)];
    let length = prop_oneof![4 => 0..5_usize, 1 => 0..2000_usize, 1 => Just(u32::MAX as usize)];
    (0..4_u32, offset, length, hard_text()).prop_map(|(source, start, length, text)| Label {
        span: span(source, start, start.saturating_add(length)),
        text,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_span_and_no_text_breaks_the_drawing(
        texts in prop::collection::vec(hard_text(), 0..3),
        primary in prop::option::of(any_label()),
        labels in prop::collection::vec(any_label(), 0..4),
        edits in prop::collection::vec(any_label(), 0..3),
    ) {
        let edits = edits.into_iter().map(|label| Edit { span: label.span, replacement: label.text });
        let problem = Diagnostic { primary, labels, edits: edits.collect(), ..problem("x") };
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let problems = [problem];
        let _ = render(&problems, &sources(&texts), Style::Colour);
        let drawn = render(&problems, &sources(&texts), Style::Plain);
        prop_assert!(drawn.starts_with("error[P0101]: x"));
        let unfit = drawn.contains(['\u{1b}', '\u{202e}', '\0']);
        prop_assert!(!unfit);
    }
}
