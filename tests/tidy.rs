//! The rules of the house as tests: who imports whom, who owns which crate, sizes, headers, codes and pages.

#[path = "tidiness/files.rs"]
mod files;
#[path = "tidiness/goldens.rs"]
mod goldens;
#[path = "tidiness/layers.rs"]
mod layers;
#[path = "tidiness/pages.rs"]
mod pages;

use files::{File, below};

/// Fails with all findings at once.
fn none(findings: Vec<String>) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// The words that are searched for are cut in two here, so that this file does not hold them.
const FORBIDDEN: [[&str; 2]; 5] =
    [["todo", "!"], ["unimplemented", "!"], ["dbg", "!"], ["#[ig", "nore"], ["FIX", "ME"]];
const NAMES_THAT_SAY_NOTHING: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "imp"];
const LINES_MAX: usize = 500;

fn rust_files() -> Vec<File> {
    ["src", "tests", "benches"].iter().flat_map(|folder| below(folder, "rs")).collect()
}

#[test]
fn modules_import_only_from_the_layers_below() {
    none(below("src", "rs").iter().flat_map(layers::violations).collect());
}

#[test]
fn every_crate_has_one_owner() {
    none(below("src", "rs").iter().flat_map(layers::strangers).collect());
}

#[test]
fn pure_stages_do_no_input_or_output_and_read_no_clock() {
    none(below("src", "rs").iter().flat_map(layers::impurities).collect());
}

#[test]
fn unsafe_code_is_only_in_the_layer_of_the_system() {
    let unsafe_files = below("src", "rs").into_iter().filter(|file| file.code().contains("unsafe "));
    none(
        unsafe_files.filter(|file| !file.path.starts_with("src/runtime/os")).map(|file| file.path).collect(),
    );
}

#[test]
fn every_module_says_what_it_is_for() {
    let without = rust_files().into_iter().filter(|file| !file.text.starts_with("//! "));
    none(without.map(|file| format!("{} does not begin with `//! `", file.path)).collect());
}

#[test]
fn everything_that_bodies_can_call_has_a_golden_script() {
    none(goldens::missing());
}

#[test]
fn no_file_is_too_long() {
    let long = below("src", "rs").into_iter().filter(|file| file.code().lines().count() > LINES_MAX);
    none(long.map(|file| format!("{} has more than {LINES_MAX} lines", file.path)).collect());
}

#[test]
fn no_unfinished_work_and_no_switched_off_tests() {
    let words = FORBIDDEN.map(|halves| halves.concat());
    let found = |file: File| {
        let held = words.iter().filter(|word| file.text.contains(word.as_str()));
        held.map(|word| format!("{}: `{word}`", file.path)).collect::<Vec<_>>()
    };
    none(rust_files().into_iter().flat_map(found).collect());
}

#[test]
fn no_module_has_a_name_that_says_nothing() {
    let says_nothing = |file: &File| {
        let path = file.path.trim_end_matches(".rs");
        path.split('/').any(|part| NAMES_THAT_SAY_NOTHING.contains(&part))
    };
    none(rust_files().into_iter().filter(says_nothing).map(|file| file.path).collect());
}

#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    none(pages::problems_of_form());
}

#[test]
fn every_code_is_given_by_the_program() {
    let sources: String = below("src", "rs")
        .into_iter()
        .filter(|file| !file.path.ends_with("codes.rs"))
        .map(|file| file.text)
        .collect();
    let unused = procession::diagnostic::codes::ALL.iter().filter(|code| !sources.contains(code.name));
    none(unused.map(|code| format!("{} is never given", code.name)).collect());
}

#[test]
fn the_examples_of_the_pages_are_true() {
    none(pages::untrue_examples());
}

#[test]
fn every_example_program_says_what_it_prints() {
    let printed = |file: &File| {
        ["out", "unordered.out"]
            .iter()
            .any(|kind| files::exists(&file.path.replace(".proc", &format!(".{kind}"))))
    };
    // What stands in `lib` is imported by others.
    let programs = below("scripts", "proc").into_iter().filter(|file| !file.path.contains("/lib/"));
    none(programs.filter(|file| !printed(file)).map(|file| file.path).collect());
}
