//! Limits and surroundings of processes, as far as they are written out: other expressions are judged when the
//! graph is made.

use super::super::model::Model;
use crate::ast::{AllowKind, Allowance, Clause, Expr, ProcessClause};
use crate::diagnostic::{Diagnostic, codes};
use crate::script::circumstances::{check_name, is_nice};
use crate::script::confinement::port_of;
use std::collections::HashMap;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    let templates = model.templates().flat_map(|template| &template.clauses);
    let starts = model.nodes.iter().flat_map(|node| &node.start.clauses);
    for clause in templates.chain(starts) {
        match &clause.kind {
            ProcessClause::Memory(0) => problems.push(nothing(clause, "memory", "64MiB")),
            ProcessClause::Cpu(0) => problems.push(nothing(clause, "cpu", "10s")),
            ProcessClause::Nice(expr) => problems.extend(priority(expr)),
            ProcessClause::Env(variables) => environment(clause, variables, problems),
            ProcessClause::Allow(allowances) => problems.extend(allowances.iter().filter_map(allowance)),
            _ => {}
        }
    }
}

fn nothing(clause: &Clause<ProcessClause>, word: &str, example: &str) -> Diagnostic {
    Diagnostic::new(codes::P0122, format!("a limit of `{word}` must be more than nothing"))
        .at(clause.span, "not positive")
        .help(format!("write what it may use, as `{word} {example}`"))
}

fn priority(expr: &Expr) -> Option<Diagnostic> {
    let digits: String = expr.text.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    let number = digits.parse::<i64>().ok().filter(|number| !is_nice(*number))?;
    let problem = Diagnostic::new(codes::P0147, format!("there is no priority {number}"))
        .at(expr.span, "`nice` goes from -20 to 19")
        .help("write 1 to 19 to leave others more of the processor");
    Some(problem)
}

fn allowance(allowance: &Allowance) -> Option<Diagnostic> {
    let (message, help) = match allowance.what {
        AllowKind::Net => {
            (port_of(&allowance.value).err()?, "write `net \"*:443\"`: this TCP port, of any host")
        }
        _ if allowance.value.is_empty() => ("an empty text names nothing".to_owned(), "write a path"),
        _ if allowance.value.contains('\0') => {
            ("a path cannot hold a NUL character".to_owned(), "write another")
        }
        _ => return None,
    };
    Some(Diagnostic::new(codes::P0151, message).at(allowance.span, "cannot be allowed").help(help))
}

fn environment(clause: &Clause<ProcessClause>, variables: &[(String, Expr)], problems: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, &Expr> = HashMap::new();
    for (name, value) in variables {
        if let Err(message) = check_name(name) {
            let problem = Diagnostic::new(codes::P0148, message).at(clause.span, "set here");
            problems.push(problem.help("choose another name"));
        } else if let Some(earlier) = first.insert(name, value) {
            let problem = Diagnostic::new(codes::P0148, format!("the variable `{name}` is set twice"))
                .at(value.span, "set again here")
                .label(earlier.span, "set first here")
                .help("remove one of them");
            problems.push(problem);
        }
    }
}
