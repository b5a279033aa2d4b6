//! A tree as text again, in one way of writing: parsing what this prints gives the same tree, and printing
//! that gives the same text. Comments are not in the tree and get lost; documentation stays.

mod clauses;
mod values;

use super::{
    Argument, Call, Direction, ExecFormat, File, Function, Item, ItemKind, Many, Param, Parameter, Pipe,
    Process, ProcessBody, Queue, QueueFlavour, Shared, SharedKind, Start,
};
use clauses::{process_clause, queue_clause};
use values::quoted;
pub use values::{item_type, size};

/// Longer declarations are broken before their clauses.
const WIDTH: usize = 100;

/// The text of a tree.
#[must_use]
pub fn print(file: &File) -> String {
    let mut text = documentation(&file.docs);
    let mut previous: Option<&Item> = None;
    for item in &file.items {
        let first_with_docs = previous.is_none() && !file.docs.is_empty();
        if first_with_docs || previous.is_some_and(|previous| !belong_together(previous, item)) {
            text.push('\n');
        }
        text.push_str(&documentation(&item.docs));
        text.push_str(&declaration(&item.kind));
        text.push('\n');
        previous = Some(item);
    }
    text
}

fn documentation(lines: &[String]) -> String {
    let line = |line: &String| if line.is_empty() { "///\n".to_owned() } else { format!("/// {line}\n") };
    lines.iter().map(line).collect()
}

/// Whether two declarations stand without an empty line between them: short ones of a kind.
fn belong_together(first: &Item, second: &Item) -> bool {
    let short =
        |item: &Item| !matches!(item.kind, ItemKind::Function(_) | ItemKind::Process(_) | ItemKind::Main(_));
    std::mem::discriminant(&first.kind) == std::mem::discriminant(&second.kind) && short(second)
}

fn declaration(kind: &ItemKind) -> String {
    match kind {
        ItemKind::Param(declared) => param(declared),
        ItemKind::Const(declared) => format!("const {} = {}", declared.name.text, declared.value.text),
        ItemKind::Function(declared) => function(declared),
        ItemKind::Import(declared) => {
            format!("import {} as {}", quoted(&declared.path), declared.alias.text)
        }
        ItemKind::Queue(declared) => queue(declared),
        ItemKind::Process(declared) => process(declared),
        ItemKind::Shared(declared) => shared(declared),
        ItemKind::Start(declared) => {
            let (head, parts) = stage(declared);
            joined(&format!("start {head}"), &parts)
        }
        ItemKind::Pipe(declared) => pipe(declared),
        ItemKind::Main(body) => format!("main {{{}}}", body.text),
    }
}

/// The parts behind a head: on its line, or on a line each when that would be too long.
fn joined(head: &str, parts: &[String]) -> String {
    let length = head.chars().count() + parts.iter().map(|part| part.chars().count() + 1).sum::<usize>();
    let separator = if length > WIDTH { "\n    " } else { " " };
    parts.iter().fold(head.to_owned(), |text, part| format!("{text}{separator}{part}"))
}

fn param(param: &Param) -> String {
    let name = &param.name.text;
    match &param.default {
        _ if param.rest => format!("param {name}..."),
        Some(default) => format!("param {name} = {}", default.text),
        None => format!("param {name}"),
    }
}

fn function(function: &Function) -> String {
    let params: Vec<&str> = function.params.iter().map(|name| &*name.text).collect();
    format!("fn {}({}) {{{}}}", function.name.text, params.join(", "), function.body.text)
}

fn queue(queue: &Queue) -> String {
    let flavour = match queue.flavour {
        QueueFlavour::Plain => "",
        QueueFlavour::Joinable => "joinable ",
        QueueFlavour::Broadcast => "broadcast ",
        QueueFlavour::Host => "host ",
    };
    let array = queue.array.as_ref().map_or_else(String::new, |size| format!("[{}]", size.text));
    let clauses: Vec<String> = queue.clauses.iter().map(|clause| queue_clause(&clause.kind)).collect();
    joined(&format!("{flavour}queue {}{array}", queue.name.text), &clauses)
}

fn process(process: &Process) -> String {
    let word = if process.is_thread() { "thread" } else { "process" };
    let head = format!("{word} {}({})", process.name.text, parameters(&process.parameters));
    let clauses: Vec<String> = process.clauses.iter().map(|clause| process_clause(&clause.kind)).collect();
    let head = joined(&head, &clauses);
    let separator = if head.contains('\n') && !clauses.is_empty() { '\n' } else { ' ' };
    format!("{head}{separator}{}", process_body(&process.body))
}

fn process_body(body: &ProcessBody) -> String {
    match body {
        ProcessBody::Block(block) | ProcessBody::Thread(block) => format!("{{{}}}", block.text),
        ProcessBody::Native(_) => "native".to_owned(),
        ProcessBody::Exec { command, format, .. } => {
            let format = match format {
                ExecFormat::Lines => "",
                ExecFormat::Json => " as json",
                ExecFormat::Bytes => " as bytes",
                ExecFormat::Nul => " as nul",
            };
            format!("exec {}{format}", command.text)
        }
    }
}

fn parameters(parameters: &[Parameter]) -> String {
    parameters.iter().map(parameter).collect::<Vec<_>>().join(", ")
}

fn parameter(parameter: &Parameter) -> String {
    let direction = match parameter.direction {
        Some(Direction::In) => "in ",
        Some(Direction::Out) => "out ",
        None => "",
    };
    let default = parameter.default.as_ref().map_or_else(String::new, |value| format!(" = {}", value.text));
    format!("{direction}{}{default}", parameter.name.text)
}

fn shared(shared: &Shared) -> String {
    let (word, name) = (shared.kind.word(), &shared.name.text);
    match (&shared.value, shared.kind) {
        (None, _) => format!("{word} {name}"),
        (Some(value), SharedKind::Counter) => format!("{word} {name} = {}", value.text),
        (Some(value), _) => format!("{word} {name}({})", value.text),
    }
}

fn pipe(pipe: &Pipe) -> String {
    let mut stages = pipe.stages.iter().map(|start| {
        let (head, parts) = stage(start);
        joined(&head, &parts)
    });
    let first = stages.next().unwrap_or_default();
    let others: Vec<String> = stages.map(|stage| format!("-> {stage}")).collect();
    joined(&format!("pipe {first}"), &others)
}

/// The head of a start, `NAME = CALL`, and all that follows it.
fn stage(start: &Start) -> (String, Vec<String>) {
    let name = start.name.as_ref().map_or_else(String::new, |name| format!("{} = ", name.text));
    let many = start.many.as_ref().map(|many| match many {
        Many::Times(count) => format!("* {}", count.text),
        Many::Each { variable, values } => format!("for {} in {}", variable.text, values.text),
    });
    let condition = start.condition.as_ref().map(|condition| format!("if {}", condition.text));
    let after: Vec<&str> = start.after.iter().map(|name| &*name.text).collect();
    let after = Some(format!("after {}", after.join(", "))).filter(|_| !after.is_empty());
    let clauses = start.clauses.iter().map(|clause| process_clause(&clause.kind));
    (
        format!("{name}{}", call(&start.call)),
        many.into_iter().chain(condition).chain(after).chain(clauses).collect(),
    )
}

fn call(call: &Call) -> String {
    let module = call.module.as_ref().map_or_else(String::new, |module| format!("{}::", module.text));
    let arguments: Vec<String> = call.arguments.iter().map(argument).collect();
    format!("{module}{}({})", call.template.text, arguments.join(", "))
}

fn argument(argument: &Argument) -> String {
    let name = argument.name.as_ref().map_or_else(String::new, |name| format!("{}: ", name.text));
    format!("{name}{}", argument.value.text)
}

#[cfg(test)]
mod tests;
