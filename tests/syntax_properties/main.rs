//! Properties of text and tree: a printed tree parses to the same tree, a printed text does not change when
//! it is printed again, and no text at all makes the parser panic or lie about places.

mod erase;
mod texts;
mod trees;

use procession::ast::{File, print::print};
use procession::diagnostic::Diagnostic;
use procession::source::{Source, Sources};
use procession::syntax::parse;
use proptest::prelude::*;

fn read(text: &str) -> (File, Vec<Diagnostic>) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("test.proc", text));
    parse(&sources, id)
}

/// Every span lies on character borders of the text, and covers what it says.
fn check_places(text: &str, file: &File, problems: &[Diagnostic]) {
    for problem in problems {
        assert!(!problem.title.is_empty());
        let label = problem.primary.as_ref().expect("a syntax problem has a place");
        assert!(text.get(label.span.range()).is_some(), "{problem:?}");
        for edit in &problem.edits {
            assert!(text.get(edit.span.range()).is_some(), "{problem:?}");
        }
    }
    for (written, span) in erase::texts(file) {
        assert_eq!(text.get(span.range()), Some(&*written));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_printed_parses_to_the_same_tree(tree in trees::file()) {
        let text = print(&tree);
        let (mut parsed, problems) = read(&text);
        prop_assert!(problems.is_empty(), "{text}\n{problems:#?}");
        check_places(&text, &parsed, &problems);
        prop_assert_eq!(&text, &print(&parsed));
        erase::spans(&mut parsed);
        prop_assert_eq!(parsed, tree, "{}", text);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in ".*") {
        let (file, problems) = read(&text);
        check_places(&text, &file, &problems);
    }

    #[test]
    fn no_row_of_tokens_makes_the_parser_panic(text in texts::tokens()) {
        let (file, problems) = read(&text);
        check_places(&text, &file, &problems);
        prop_assert!(problems.len() <= 20);
    }

    #[test]
    fn no_change_of_a_script_makes_the_parser_panic(text in texts::mutated(trees::file())) {
        let (file, problems) = read(&text);
        check_places(&text, &file, &problems);
    }

    #[test]
    fn what_could_be_read_of_a_broken_script_is_a_valid_script(text in texts::mutated(trees::file())) {
        let (file, _) = read(&text);
        let printed = print(&file);
        let (again, problems) = read(&printed);
        prop_assert!(problems.is_empty(), "{printed}\n{problems:#?}");
        prop_assert_eq!(print(&again), printed);
    }
}
