//! The command of an exec process, as it is written in the script.

use crate::graph::Graph;
use crate::script::unit::{Format, Template, TemplateKind};

/// A longer command is cut where it stands beside other things.
const CHARACTERS_SHOWN: usize = 60;

pub(super) struct Command<'a> {
    /// The expression.
    pub text: &'a str,
    format: Format,
}

/// The command of a template that has one.
pub(super) fn of<'a>(graph: &'a Graph, template: &Template) -> Option<Command<'a>> {
    let TemplateKind::Exec(format) = template.kind else { return None };
    let body = graph.unit.bodies.get(template.body as usize)?;
    Some(Command { text: &body.piece.text, format })
}

impl Command<'_> {
    pub fn format_name(&self) -> &'static str {
        match self.format {
            Format::Lines => "lines",
            Format::Json => "json",
            Format::Bytes => "bytes",
            Format::Nul => "nul",
        }
    }

    /// `exec ["jq", "-c", ".id"] as json`, on one line.
    pub fn title(&self) -> String {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let mut command = words.join(" ");
        if let Some((end, _)) = command.char_indices().nth(CHARACTERS_SHOWN) {
            command.truncate(end);
            command.push('…');
        }
        match self.format {
            Format::Lines => format!("exec {command}"),
            _ => format!("exec {command} as {}", self.format_name()),
        }
    }
}
