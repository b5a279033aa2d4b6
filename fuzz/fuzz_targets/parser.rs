//! Whatever text is a script: it gives a tree and problems, is checked, and its printed form is a script again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use procession::source::{Source, Sources};
use procession::{check, syntax};

fuzz_target!(|text: &str| {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("fuzz.proc", text));
    let (tree, problems) = syntax::parse(&sources, id);
    if problems.is_empty() {
        let _ = check::check(&sources, &tree);
    }
});
