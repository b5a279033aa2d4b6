//! `after`: its names are processes of the graph that end by themselves, and nobody waits for itself.

use super::super::model::Model;
use super::super::names::Declared;
use super::super::nodes::Node;
use super::super::suggest;
use super::super::walk::walk;
use crate::ast::{Name, ProcessClause};
use crate::diagnostic::{Diagnostic, codes};
use std::collections::BTreeMap;

/// Starts by what `after` calls them: by their name, or, without one, by their template's.
type Groups<'a, 'm> = BTreeMap<&'a str, Vec<&'m Node<'a>>>;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let mut groups: Groups<'_, '_> = BTreeMap::new();
    for node in &model.nodes {
        groups.entry(label(node)).or_default().push(node);
    }
    for name in model.nodes.iter().flat_map(|node| &node.start.after) {
        if problems.len() >= super::ENOUGH {
            return;
        }
        match groups.get(&*name.text) {
            None => problems.push(unknown(model, name, &groups)),
            Some(group) => problems.extend(group.iter().find_map(|node| daemon(name, node))),
        }
    }
    cycles(&groups, problems);
}

fn label<'a>(node: &Node<'a>) -> &'a str {
    let start = node.start;
    start.name.as_ref().map_or(&start.call.template.text, |name| &name.text)
}

fn unknown(model: &Model<'_>, name: &Name, groups: &Groups<'_, '_>) -> Diagnostic {
    let title = match model.names.find(&name.text) {
        Some(Declared::Template(_)) => format!("no unnamed start of `{}` to wait for", name.text),
        Some(other) => format!("`{}` is {}, not a process", name.text, other.what()),
        None => format!("there is no process `{}` to wait for", name.text),
    };
    let problem = Diagnostic::new(codes::P0120, title).at(name.span, "nothing is started under this name");
    let help = "name a start: `start first = …`";
    suggest::name(problem, name.span, &name.text, groups.keys().copied(), help)
}

fn daemon(name: &Name, node: &Node<'_>) -> Option<Diagnostic> {
    let template = node.template.into_iter().flat_map(|template| &template.clauses);
    let clause =
        node.start.clauses.iter().chain(template).find(|clause| clause.kind == ProcessClause::Daemon)?;
    let problem =
        Diagnostic::new(codes::P0119, format!("`{}` is a daemon: it ends only with the run", name.text))
            .at(name.span, "this would wait for ever")
            .label(clause.span, "made a daemon here")
            .help("remove it from `after`, or do not make it a daemon");
    Some(problem)
}

/// A group waits for all of another, so a cycle between groups is one between processes.
fn cycles(groups: &Groups<'_, '_>, problems: &mut Vec<Diagnostic>) {
    let waits_for = |name: &str| -> Vec<&Name> {
        groups.get(name).into_iter().flatten().flat_map(|node| &node.start.after).collect()
    };
    let walked =
        walk(groups.keys().copied(), |name| waits_for(name).iter().map(|name| &*name.text).collect());
    for cycle in walked.cycles {
        let chain: Vec<String> = cycle.iter().chain(cycle.first()).map(|name| format!("`{name}`")).collect();
        let last = cycle.last().map(|name| waits_for(name)).unwrap_or_default();
        let Some(closing) = last.into_iter().find(|name| Some(&&*name.text) == cycle.first()) else {
            continue;
        };
        let problem = Diagnostic::new(codes::P0118, format!("`{}` waits for itself to end", closing.text))
            .at(closing.span, "closes the cycle")
            .note(chain.join(" after "))
            .help("remove one `after` of the cycle");
        problems.push(problem);
    }
}
