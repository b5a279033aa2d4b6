//! Many runs at the same time in one program, each with its own arguments, output and outcome.

use procession::{Error, Event, Host, Run, Script};
use std::sync::mpsc::channel;

const SCRIPT: &str = r#"
param n = 1
queue numbers

process count(n, out numbers) { for i in 1..=n { numbers.put(i); } }
process add(in numbers) { let sum = 0; for i in numbers { sum += i; } print(sum); }

start count(n, numbers)
start add(numbers)
"#;

fn main() -> Result<(), Error> {
    let host = Host::new();
    procession::init(&host);
    let program = Script::from_text("sum.proc", SCRIPT)?.check(&host)?;
    let (sender, lines) = channel();
    let mut runs = Vec::new();
    for n in 1..=8 {
        let sender = sender.clone();
        let observer = move |event: &Event| {
            if let Event::Printed { line, .. } = event {
                // Who does not listen any more does not want to know.
                let _ = sender.send((n, line.clone()));
            }
        };
        let graph = program.graph(["--n".to_owned(), n.to_string()])?;
        runs.push(Run::builder(&graph).observer(observer).start()?);
    }
    drop(sender);
    let mut lines: Vec<(u32, String)> = lines.iter().take(8).collect();
    lines.sort();
    for (n, line) in lines {
        println!("1 to {n}: {line}");
    }
    for run in &runs {
        assert!(run.wait()?.success());
    }
    Ok(())
}
