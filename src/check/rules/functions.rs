//! Calls in bodies and expressions: functions of the script, templates, and what is built in.

use super::super::flow::declared;
use super::super::model::Model;
use super::super::names::Declared;
use super::super::pieces::Piece;
use super::super::{builtin, suggest};
use super::given;
use super::launches::takes;
use crate::ast::{Function, Process};
use crate::diagnostic::{Diagnostic, codes, words};
use crate::script::analysis::CallUse;
use crate::script::capability::Capability;
use crate::source::Span;
use std::collections::HashSet;

pub(super) fn check(model: &Model<'_>, problems: &mut Vec<Diagnostic>) {
    for piece in &model.pieces {
        let mut told = HashSet::new();
        for call in piece.used().into_iter().flat_map(|uses| &uses.calls) {
            // `m::name` is looked up among the imports.
            if call.module.is_some() || told.contains(&call.name) {
                continue;
            }
            if problems.len() >= super::ENOUGH {
                return;
            }
            match callee(model, piece, call) {
                Ok(problem) => problems.extend(problem),
                Err(problem) => {
                    told.insert(&call.name);
                    problems.push(problem);
                }
            }
        }
    }
}

/// `Ok`: the name can be called; perhaps not so. `Err`: it cannot.
fn callee(model: &Model<'_>, piece: &Piece<'_>, call: &CallUse) -> Result<Option<Diagnostic>, Diagnostic> {
    let of_script: Vec<&Function> = model.names.functions(&call.name).collect();
    if of_script.iter().any(|function| function.params.len() == call.arguments) {
        return Ok(None);
    }
    // Beside a function of the script, only a variable is taken for the receiver of a method of the same name.
    let variable = call.plain_arguments.first().is_some_and(Option::is_some);
    let native =
        builtin::accepts(model.registry, &call.name, call.arguments, of_script.is_empty() || variable);
    match model.names.find(&call.name) {
        Some(Declared::Template(template)) if piece.is_body() => {
            Ok(template_call(piece, call, template).or_else(|| given::misfit(model, piece, call, template)))
        }
        _ if native == Some(true) => Ok(None),
        Some(Declared::Function(function)) => Ok(Some(wrong_number(piece, call, function))),
        _ if native == Some(false) => Ok(Some(native_wrong_number(model, piece, call))),
        _ => Err(unknown(model, piece, call)),
    }
}

pub(super) fn wrong_number(piece: &Piece<'_>, call: &CallUse, function: &Function) -> Diagnostic {
    let name = &call.name;
    let needed = words::count(function.params.len(), "argument");
    Diagnostic::new(codes::P0135, format!("`{name}` takes {needed}, {} given", call.arguments))
        .at(piece.place(call.at), format!("given {}", words::count(call.arguments, "argument")))
        .label(function.name.span, format!("takes {needed}"))
        .help(format!("call it as `{}`", signature(name, function.params.iter().map(|param| &*param.text))))
}

fn native_wrong_number(model: &Model<'_>, piece: &Piece<'_>, call: &CallUse) -> Diagnostic {
    let name = &call.name;
    let forms = builtin::forms(model.registry, name);
    let forms: Vec<String> =
        forms.map(|params| format!("`{}`", signature(name, params.into_iter()))).collect();
    let given = words::count(call.arguments, "argument");
    Diagnostic::new(codes::P0135, format!("`{name}` does not take {given}"))
        .at(piece.place(call.at), format!("given {given}"))
        .help(format!("call it as {}", words::list(forms, "or")))
}

fn signature<'p>(name: &str, params: impl Iterator<Item = &'p str>) -> String {
    format!("{name}({})", params.collect::<Vec<_>>().join(", "))
}

/// Arguments by position: each parameter needs one, save those with a default.
pub(super) fn template_call(piece: &Piece<'_>, call: &CallUse, template: &Process) -> Option<Diagnostic> {
    let (name, at) = (&call.name, piece.place(call.at));
    if call.arguments > template.parameters.len() {
        let problem = Diagnostic::new(codes::P0109, format!("too many arguments for `{name}`"))
            .at(at, format!("given {}", words::count(call.arguments, "argument")))
            .label(template.name.span, takes(template))
            .help("remove those that are too many");
        return Some(problem);
    }
    let lacking = template.parameters.get(call.arguments..)?;
    let lacking: Vec<&str> =
        lacking.iter().filter(|param| param.default.is_none()).map(|param| &*param.name.text).collect();
    let first = lacking.first()?;
    let title = format!(
        "`{name}` lacks {} for {}",
        if lacking.len() == 1 { "an argument" } else { "arguments" },
        words::names(&lacking)
    );
    let problem = Diagnostic::new(codes::P0111, title)
        .at(at, format!("nothing is given for `{first}`"))
        .label(template.name.span, takes(template))
        .help(format!("add {}", words::names(&lacking)));
    Some(problem)
}

fn unknown<'a>(model: &Model<'a>, piece: &Piece<'a>, call: &CallUse) -> Diagnostic {
    let (name, at) = (&call.name, piece.place(call.at));
    let problem = |title: String, label: &str| Diagnostic::new(codes::P0106, title).at(at, label);
    if piece.owner.params().contains(name) {
        return problem(format!("`{name}` is a parameter, not a function"), "cannot be called by its name")
            .help(format!("when it holds a function, write `{name}.call(…)`"));
    }
    if let Some(declared) = declared(model, piece, name) {
        let help = match declared {
            Declared::Template(_) => "make processes in a body, or with `start`",
            Declared::Import(_) => "call a function that it gives",
            Declared::Queue(_) => "use a method of it, as `put` or `get`",
            Declared::Shared(_) => "use a method of it",
            _ => "use it without brackets",
        };
        return problem(format!("`{name}` is {}, not a function", declared.what()), "cannot be called here")
            .label(declared.name().span, "declared here")
            .help(help);
    }
    if let Some(capability) = model.registry.withheld(name) {
        return withheld(name, capability, at);
    }
    let callable = |declared: &&Declared<'a>| match declared {
        Declared::Function(_) => true,
        Declared::Template(_) => piece.is_body(),
        _ => false,
    };
    let names = model.names.all.iter().filter(callable).map(|declared| &*declared.name().text);
    let known = names.chain(builtin::names(model.registry));
    let name_span = super::name_span(at, name);
    let otherwise = format!("declare it: `fn {name}(…) {{ … }}`");
    let unknown = problem(format!("there is no function `{name}`"), "not declared");
    suggest::name(unknown, name_span, name, known, &otherwise)
}

fn withheld(name: &str, capability: Capability, at: Span) -> Diagnostic {
    Diagnostic::new(codes::P0362, format!("`{name}` is not given to scripts here"))
        .at(at, format!("needs {}", capability.name()))
        .note("the program that runs the script withholds it")
        .help("do without, or ask for what you need by a host queue or a function of the program")
}
