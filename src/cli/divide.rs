//! Divides the words of a command line into ours and the script's: everything behind FILE is the script's,
//! also `--help`, and the word `run` may be left out.

use clap::Command;
use std::ffi::{OsStr, OsString};

/// The same command line with `run` written out, and with a `--` before what is the script's.
#[must_use]
pub fn divide(mut words: Vec<OsString>, root: &Command) -> Vec<OsString> {
    let Some(mut first) = next_operand(&words, 1, &[root, command(root, "run")]) else {
        return words;
    };
    let forced = words[first - 1] == "--";
    if forced || !names_command(root, &words[first]) {
        words.insert(1, "run".into());
        first = 1;
    }
    if let Some(name) = ["run", "graph"].into_iter().find(|name| words[first] == *name) {
        separate(&mut words, first + 1, command(root, name), root);
    }
    words
}

/// Puts the `--` behind FILE. Options of `graph` are ours also directly behind it: that is where one adds
/// them to a command line at hand.
fn separate(words: &mut Vec<OsString>, start: usize, command: &Command, root: &Command) {
    let Some(file) = next_operand(words, start, &[command, root]) else { return };
    if words[start..=file].iter().any(|word| word == "--") {
        return;
    }
    let mut end = file + 1;
    if command.get_name() == "graph" {
        while let Some(words_of_option) = words.get(end).and_then(|word| option(word, &[command])) {
            end += words_of_option;
        }
    }
    let separated = end > file + 1 && words.get(end).is_some_and(|word| word == "--");
    if !separated {
        words.insert(end.min(words.len()), "--".into());
    }
}

/// The index of the next word that is no option and no option's value. A `--` makes the word behind it one.
fn next_operand(words: &[OsString], start: usize, commands: &[&Command]) -> Option<usize> {
    let mut at = start;
    while let Some(word) = words.get(at) {
        if word == "--" {
            return (at + 1 < words.len()).then_some(at + 1);
        }
        if !is_option(word) {
            return Some(at);
        }
        at += option(word, commands).unwrap_or(1);
    }
    None
}

fn is_option(word: &OsStr) -> bool {
    let bytes = word.as_encoded_bytes();
    bytes.starts_with(b"-") && bytes != b"-"
}

/// How many words an option of these commands takes up with its value; `None` when it is none of theirs.
fn option(word: &OsStr, commands: &[&Command]) -> Option<usize> {
    let word = word.to_str()?.strip_prefix("--")?;
    let (name, has_value) = word.split_once('=').map_or((word, false), |(name, _)| (name, true));
    let mut arguments = commands.iter().flat_map(|command| command.get_arguments());
    let argument = arguments.find(|argument| argument.get_long() == Some(name))?;
    Some(if argument.get_action().takes_values() && !has_value { 2 } else { 1 })
}

fn names_command(root: &Command, word: &OsStr) -> bool {
    word == "help" || root.get_subcommands().any(|command| word == command.get_name())
}

fn command<'a>(root: &'a Command, name: &str) -> &'a Command {
    root.find_subcommand(name).unwrap_or(root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Arguments;
    use clap::CommandFactory;

    fn divided(line: &str) -> String {
        let words = line.split(' ').map(OsString::from).collect();
        let words = divide(words, &Arguments::command());
        words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn run_may_be_left_out() {
        assert_eq!(divided("p a.proc"), "p run a.proc --");
        assert_eq!(divided("p - x"), "p run - -- x");
        assert_eq!(divided("p --prefix --color never a.proc x"), "p run --prefix --color never a.proc -- x");
        assert_eq!(divided("p ./check"), "p run ./check --");
        assert_eq!(divided("p -- check"), "p run -- check");
    }

    #[test]
    fn what_follows_the_file_is_the_scripts() {
        assert_eq!(divided("p run a.proc --help"), "p run a.proc -- --help");
        assert_eq!(divided("p run a.proc -- --n 2"), "p run a.proc -- -- --n 2");
        assert_eq!(
            divided("p run --color never a.proc --color x"),
            "p run --color never a.proc -- --color x"
        );
        assert_eq!(divided("p --color=never run a.proc"), "p --color=never run a.proc --");
    }

    #[test]
    fn other_commands_are_left_alone() {
        for line in [
            "p",
            "p --help",
            "p check a.proc --format json",
            "p explain",
            "p help run",
            "p run",
            "p run --help",
        ] {
            assert_eq!(divided(line), line);
        }
    }

    #[test]
    fn options_of_graph_may_follow_the_file() {
        assert_eq!(divided("p graph a.proc"), "p graph a.proc --");
        assert_eq!(
            divided("p graph a.proc --format dot --plan x"),
            "p graph a.proc --format dot --plan -- x"
        );
        assert_eq!(divided("p graph a.proc --plan -- --plan"), "p graph a.proc --plan -- --plan");
        assert_eq!(divided("p graph a.proc --help"), "p graph a.proc -- --help");
        assert_eq!(divided("p graph a.proc --format"), "p graph a.proc --format --");
    }
}
