//! The smallest host: a script, its stages, a run, and what it prints.

use procession::{Error, Host, Run, Script};

const SCRIPT: &str = r#"
param name = "world"
queue greetings

process greet(name, out greetings) { for word in ["hello", "goodbye"] { greetings.put(`${word}, ${name}`); } }
process show(in greetings) { for line in greetings { print(line); } }

start greet(name, greetings)
start show(greetings)
"#;

fn main() -> Result<(), Error> {
    let host = Host::new();
    procession::init(&host);
    let program = Script::from_text("hello.proc", SCRIPT)?.check(&host)?;
    let graph = program.graph(["--name", "host"])?;
    let outcome = Run::builder(&graph).stdout().start()?.wait()?;
    println!("{} processes, status {}", outcome.processes.len(), outcome.status);
    Ok(())
}
