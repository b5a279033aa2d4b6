//! The bodies of the scripts of this repository, each as a program by itself: what a process is given is declared in
//! front of it, and its queues are arrays.

use super::both::{run, unit};
use procession::ast::{Direction, File, ItemKind, ProcessBody};
use procession::script::unit::EngineKind;
use procession::source::{Source, Sources};
use std::path::Path;
use std::sync::OnceLock;

/// What reaches out of the program, waits for others, or is another thing each time.
const APART: &[&str] = &[
    "read_",
    "write_",
    "append_",
    "rename",
    "exists",
    "file_size",
    "is_dir",
    "glob",
    "list_dir",
    "make_dir",
    "walk",
    "temp_dir",
    "exec",
    "exit",
    "rand",
    "seed",
    "now",
    "pid",
    "cpu_count",
    "local_queue",
    "log_",
    "stdin_lines",
    "env",
    "start",
    "pool",
    "wait",
    "sleep",
    "\"/",
];
/// What the members of queues are called in arrays.
const MEMBERS: &[(&str, &str)] =
    &[(".put(", ".push("), (".get()", ".pop()"), (".task_done()", ".len()"), (".put_many(", ".append(")];
const GIVEN: [&str; 6] = [
    "3",
    "\"one two\"",
    "[3, 1, 2]",
    "[\"one two\", \"two\"]",
    "[#{id: 1, name: \"x\", value: 2.5}]",
    "#{a: 1, b: 2}",
];

pub fn bodies() -> &'static [String] {
    static BODIES: OnceLock<Vec<String>> = OnceLock::new();
    BODIES.get_or_init(|| {
        let mut bodies = Vec::new();
        for folder in ["scripts", "scripts/lib", "tests/scripts/run"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let entries = std::fs::read_dir(&folder).expect("the folder can be read");
            let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            files.retain(|path| path.extension().is_some_and(|extension| extension == "proc"));
            files.sort();
            for file in files {
                let text = std::fs::read_to_string(&file).expect("the script can be read");
                of_script(&text, &mut bodies);
            }
        }
        assert!(bodies.len() > 100, "only {} bodies", bodies.len());
        bodies
    })
}

fn of_script(text: &str, bodies: &mut Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("a.proc", text));
    let (file, _) = procession::syntax::parse(&sources, id);
    let around = around(&file);
    for item in &file.items {
        let (mut program, block) = match &item.kind {
            ItemKind::Main(block) => (around.clone(), block),
            ItemKind::Process(process) => {
                let (ProcessBody::Block(block) | ProcessBody::Thread(block)) = &process.body else {
                    continue;
                };
                let mut program = around.clone();
                for (number, parameter) in process.parameters.iter().enumerate() {
                    let given = match parameter.direction {
                        Some(Direction::Out) => "[]",
                        _ => GIVEN[(bodies.len() + number) % GIVEN.len()],
                    };
                    program += &format!("let {} = {given};\n", parameter.name.text);
                }
                (program, block)
            }
            _ => continue,
        };
        program += &block.text;
        for (of_queue, of_array) in MEMBERS {
            program = program.replace(of_queue, of_array);
        }
        // What is large once may be larger with other words.
        let is_large = |number: &str| number.len() > 4 && number.bytes().all(|byte| byte.is_ascii_digit());
        let is_large = program.replace('_', "").split(|char: char| !char.is_alphanumeric()).any(is_large);
        let is_read = || !run(&unit(&program, &[]), EngineKind::Vm, Some(0)).end.starts_with("Syntax");
        if !is_large && !APART.iter().any(|word| program.contains(word)) && is_read() {
            bodies.push(program);
        }
    }
}

/// The declarations that all bodies of a script see.
fn around(file: &File) -> String {
    let mut text = String::new();
    for item in &file.items {
        text += &match &item.kind {
            ItemKind::Function(function) => {
                let params: Vec<_> = function.params.iter().map(|name| name.text.as_str()).collect();
                format!("fn {}({}) {{{}}}\n", function.name.text, params.join(", "), function.body.text)
            }
            ItemKind::Const(constant) => format!("const {} = {};\n", constant.name.text, constant.value.text),
            ItemKind::Param(param) => {
                let default = param.default.as_ref().map_or(GIVEN[0], |default| &default.text);
                format!("const {} = {default};\n", param.name.text)
            }
            ItemKind::Queue(queue) => format!("let {} = [4, 5];\n", queue.name.text),
            _ => String::new(),
        };
    }
    text
}
