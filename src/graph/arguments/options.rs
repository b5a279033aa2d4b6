//! The words of a command line, laid out on the params of a script.

use crate::ast::Param;
use crate::check::Program;
use crate::diagnostic::{Diagnostic, codes, suggest};
use crate::graph::kind::Kind;
use std::collections::{HashMap, HashSet};

/// How a param is written as an option: `out_dir` is `--out-dir`.
pub(super) fn option_name(param: &Param) -> String {
    param.name.text.replace('_', "-")
}

/// The params that can be given by name, by their option's name.
pub(super) struct Options(HashMap<String, usize>);

/// What the words say.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// The texts given for each param, by its index, in their order.
    pub texts: HashMap<usize, Vec<String>>,
    pub positions: Vec<String>,
    pub problems: Vec<Diagnostic>,
}

impl Options {
    pub fn of(program: &Program) -> Self {
        let named = program.params.iter().enumerate().filter(|(_, param)| !param.node.rest);
        Options(named.map(|(index, param)| (option_name(&param.node), index)).collect())
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.0.get(&name.replace('_', "-")).copied()
    }

    /// Whether the words ask for the script's help. A param `help` is the script's.
    pub fn ask_for_help(&self, words: &[String]) -> bool {
        let asks = |word: &String| word == "-h" || word == "--help" && self.find("help").is_none();
        before_end(words).iter().any(asks)
    }

    /// The params that some word names, whatever their types will be.
    pub fn mentioned(&self, words: &[String]) -> HashSet<usize> {
        let named = |word: &String| {
            let (name, _) = name_and_value(word.strip_prefix("--")?);
            self.find(name).or_else(|| self.find(name.strip_prefix("no-")?))
        };
        before_end(words).iter().filter_map(named).collect()
    }

    /// Lays the words out. The kind of a param may not be known yet: it then takes a value if one follows.
    pub fn read(&self, words: &[String], kind: impl Fn(usize) -> Option<Kind>) -> Given {
        let mut given = Given::default();
        let options = before_end(words);
        let mut rest = options.iter().peekable();
        while let Some(word) = rest.next() {
            if !is_option(word) {
                given.positions.push(word.clone());
                continue;
            }
            match self.option(word, &kind, &mut || rest.next_if(|next| !is_option(next)).cloned()) {
                Ok((param, text)) => given.texts.entry(param).or_default().push(text),
                Err(problem) => given.problems.push(problem),
            }
        }
        given.positions.extend(words.iter().skip(options.len() + 1).cloned());
        given
    }

    /// The param of an option, and its text; `next` takes the word behind it, if that can be a value.
    fn option(
        &self,
        word: &str,
        kind: &impl Fn(usize) -> Option<Kind>,
        next: &mut dyn FnMut() -> Option<String>,
    ) -> Result<(usize, String), Diagnostic> {
        let Some(long) = word.strip_prefix("--") else { return Err(short(word)) };
        let (name, attached) = name_and_value(long);
        let Some(param) = self.find(name) else {
            let negated = name.strip_prefix("no-").and_then(|name| self.find(name));
            let flag = negated.filter(|&param| kind(param).is_none_or(|kind| kind == Kind::FLAG));
            return flag
                .filter(|_| attached.is_none())
                .map(|param| (param, "false".to_owned()))
                .ok_or_else(|| self.unknown(name));
        };
        let text = match (attached, kind(param)) {
            (Some(text), _) => text.to_owned(),
            (None, Some(Kind::FLAG)) => "true".to_owned(),
            (None, Some(_)) => next().ok_or_else(|| lacks_value(name))?,
            (None, None) => next().unwrap_or_else(|| "true".to_owned()),
        };
        Ok((param, text))
    }

    fn unknown(&self, name: &str) -> Diagnostic {
        let mut known: Vec<&str> = self.0.keys().map(String::as_str).collect();
        known.push("help");
        let help = match suggest::nearest(name, known) {
            Some(near) => format!("did you mean `--{near}`?"),
            None => "run it with `--help` to see the options that it has".to_owned(),
        };
        Diagnostic::new(codes::P0300, format!("there is no option `--{name}`")).help(help)
    }
}

fn before_end(words: &[String]) -> &[String] {
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    &words[..end]
}

/// `-` alone is a value, as many programs take it for standard input, and so is a negative number.
fn is_option(word: &str) -> bool {
    let Some(rest) = word.strip_prefix('-') else { return false };
    !rest.is_empty() && !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.')
}

fn name_and_value(long: &str) -> (&str, Option<&str>) {
    long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)))
}

fn short(word: &str) -> Diagnostic {
    Diagnostic::new(codes::P0300, format!("there is no option `{word}`"))
        .help(format!("write `-- {word}` if it is not meant as an option"))
}

fn lacks_value(name: &str) -> Diagnostic {
    Diagnostic::new(codes::P0303, format!("the option `--{name}` needs a value"))
        .help(format!("write `--{name}=VALUE`"))
}
