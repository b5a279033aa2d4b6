//! Where each process runs and what it may use: the clauses of its template, and those of its start over them.

use crate::ast::{AllowKind, Allowance, Clause, Expr, Process, ProcessClause, Start};
use crate::diagnostic::{Diagnostic, codes};
use crate::graph::Binding;
use crate::graph::evaluate::Evaluator;
use crate::script::circumstances::{Circumstances, Given};
use crate::script::confinement::{Confinement, port_of};
use crate::value::Map;

/// Those of a process of the graph. Its template's clauses see its plain parameters, its start's the variable of
/// `for`.
pub(super) fn of_node(
    template: &Process,
    bindings: &[Binding],
    (start, locals): (&Start, &Map),
    evaluator: &Evaluator<'_>,
) -> Result<Circumstances, Diagnostic> {
    let plain = template.parameters.iter().zip(bindings).filter_map(|(parameter, binding)| match binding {
        Binding::Value(value) => Some((parameter.name.text.clone(), value.clone())),
        _ => None,
    });
    let under = evaluated(&template.clauses, &plain.collect(), evaluator)?;
    Ok(evaluated(&start.clauses, locals, evaluator)?.over(under))
}

fn evaluated(
    clauses: &[Clause<ProcessClause>],
    locals: &Map,
    evaluator: &Evaluator<'_>,
) -> Result<Circumstances, Diagnostic> {
    let mut circumstances = written(clauses);
    for (given, expr) in expressions(clauses) {
        let value = evaluator.value(expr, locals)?;
        circumstances.set(&given, &value).map_err(|message| {
            Diagnostic::new(codes::P0352, message)
                .at(expr.span, format!("this is of type `{}`", value.type_name()))
                .help("give a value that fits the clause")
        })?;
    }
    Ok(circumstances)
}

/// What stands in the text itself.
pub(in crate::graph) fn written(clauses: &[Clause<ProcessClause>]) -> Circumstances {
    let mut circumstances = Circumstances::default();
    for clause in clauses {
        match &clause.kind {
            ProcessClause::Memory(bytes) => circumstances.memory_bytes = Some(*bytes),
            ProcessClause::Cpu(ms) => circumstances.cpu_ms = Some(*ms),
            ProcessClause::Allow(allowances) => circumstances.confinement = Some(confinement(allowances)),
            _ => {}
        }
    }
    circumstances
}

fn confinement(allowances: &[Allowance]) -> Confinement {
    let mut confinement = Confinement::default();
    for Allowance { what, value, .. } in allowances {
        match what {
            AllowKind::Read => confinement.reads.push(value.clone()),
            AllowKind::Write => confinement.writes.push(value.clone()),
            AllowKind::Run => confinement.runs.push(value.clone()),
            // What is no port did not pass the check.
            AllowKind::Net => confinement.ports.extend(port_of(value)),
        }
    }
    confinement
}

/// What is to be evaluated.
pub(in crate::graph) fn expressions(
    clauses: &[Clause<ProcessClause>],
) -> impl Iterator<Item = (Given, &Expr)> {
    clauses.iter().flat_map(|clause| match &clause.kind {
        ProcessClause::Nice(expr) => vec![(Given::Nice, expr)],
        ProcessClause::Cwd(expr) => vec![(Given::Folder, expr)],
        ProcessClause::Env(variables) => {
            variables.iter().map(|(name, expr)| (Given::Variable(name.clone()), expr)).collect()
        }
        _ => Vec::new(),
    })
}
