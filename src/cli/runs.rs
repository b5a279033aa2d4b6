//! Finds the runs that are going on, and the one that a word of the command line means.

use super::exit::Exit;
use super::output::Output;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{printable, words};
use crate::runtime::watch::{self, Mute, Told};
use crate::wire::watch::RunNow;
use std::io;
use std::path::Path;

/// A run that has answered.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: String,
    pub now: RunNow,
}

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    pub title: String,
    pub help: Option<String>,
}

impl Complaint {
    #[must_use]
    pub fn new(title: String) -> Self {
        Complaint { title, help: None }
    }

    #[must_use]
    pub fn help(self, help: String) -> Self {
        Complaint { help: Some(help), ..self }
    }

    /// Says it on standard error.
    pub fn tell(&self, output: Output) {
        let help = self.help.iter().map(|help| format!("  = help: {help}\n")).collect::<String>();
        output.print_error(&format!("error: {}\n{help}", self.title));
    }
}

/// All runs of this user, and those folders that are not to be trusted.
#[must_use]
pub fn all() -> (Vec<Told>, Vec<Complaint>) {
    let (addresses, refused) = watch::addresses();
    (watch::ask(&addresses), refused.iter().map(not_private).collect())
}

fn not_private(error: &io::Error) -> Complaint {
    Complaint::new(format!("runs cannot be asked: {error}"))
        .help("remove it, or make it a folder of yours with mode 0700".to_owned())
}

/// The run that a word means: the pid of its interpreter, or the name of its script.
///
/// # Errors
/// The exit status, when everything has been said.
pub fn one(word: &str, output: Output) -> Result<Run, Exit> {
    let (addresses, refused) = watch::addresses();
    refused.iter().for_each(|error| not_private(error).tell(output));
    let by_id: Vec<_> = addresses.iter().filter(|address| address.id == word).cloned().collect();
    let told = watch::ask(if by_id.is_empty() { &addresses } else { &by_id });
    choose(word, told).map_err(|complaint| {
        complaint.tell(output);
        Exit::Rejected
    })
}

fn choose(word: &str, told: Vec<Told>) -> Result<Run, Complaint> {
    let is_meant = |told: &Told| told.id == word || told.run.as_ref().is_ok_and(|run| is_named(run, word));
    let (mut meant, others): (Vec<Told>, Vec<Told>) = told.into_iter().partition(is_meant);
    if meant.len() > 1 {
        let ids = words::list(meant.iter().map(|told| &told.id), "and");
        let title = format!("there are {} runs of `{}`: {ids}", meant.len(), printable(word));
        return Err(Complaint::new(title).help("name one by its pid".to_owned()));
    }
    match meant.pop() {
        Some(Told { id, run: Ok(now) }) => Ok(Run { id, now }),
        Some(Told { id, run: Err(mute) }) => Err(Complaint::new(format!("run {id} {}", reason(mute)))),
        None => Err(unknown(word, &others)),
    }
}

/// Why a run does not answer.
#[must_use]
pub fn reason(mute: Mute) -> &'static str {
    match mute {
        Mute::Silent => "does not answer",
        Mute::OtherVersion => "belongs to another version of procession",
    }
}

fn is_named(run: &RunNow, word: &str) -> bool {
    let file = file_name(&run.script);
    run.script == word || file == word || file.strip_suffix(".proc") == Some(word)
}

/// A path without its folders.
#[must_use]
pub fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}

fn unknown(word: &str, runs: &[Told]) -> Complaint {
    let scripts = runs.iter().filter_map(|told| told.run.as_ref().ok()).map(|run| file_name(&run.script));
    let near = nearest(word, runs.iter().map(|told| told.id.as_str()).chain(scripts));
    let help = match near {
        Some(near) => format!("the nearest is `{}`", printable(near)),
        None if runs.is_empty() => "no runs are going on".to_owned(),
        None => "list all runs with `procession ps`".to_owned(),
    };
    Complaint::new(format!("there is no run `{}`", printable(word))).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(id: &str, script: &str) -> Told {
        let now = RunNow { script: script.to_owned(), ..RunNow::default() };
        Told { id: id.to_owned(), run: Ok(now) }
    }

    fn chosen(word: &str) -> Result<String, String> {
        let mute = Told { id: "20".to_owned(), run: Err(Mute::Silent) };
        let runs = vec![told("10", "jobs/wc.proc"), told("11", "a.proc"), told("12", "b/a.proc"), mute];
        choose(word, runs)
            .map(|run| run.id)
            .map_err(|complaint| format!("{}; {}", complaint.title, complaint.help.unwrap_or_default()))
    }

    #[test]
    fn a_run_is_named_by_its_pid_or_its_script() {
        for word in ["10", "jobs/wc.proc", "wc.proc", "wc"] {
            assert_eq!(chosen(word), Ok("10".to_owned()));
        }
    }

    #[test]
    fn a_word_that_means_none_or_several_is_an_error() {
        let expected = [
            ("a.proc", "there are 2 runs of `a.proc`: 11 and 12; name one by its pid"),
            ("20", "run 20 does not answer; "),
            ("wcc.proc", "there is no run `wcc.proc`; the nearest is `wc.proc`"),
            ("zzz", "there is no run `zzz`; list all runs with `procession ps`"),
        ];
        for (word, text) in expected {
            assert_eq!(chosen(word), Err(text.to_owned()));
        }
        let nothing = unknown("x", &[]);
        assert_eq!(nothing.help.as_deref(), Some("no runs are going on"));
    }
}
