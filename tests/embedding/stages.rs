//! From text to graph.

use super::{Check, graph, host};
use procession::{ErrorKind, Script};

pub const CHECKS: &[(&str, Check)] = &[
    ("a script goes through its stages", goes_through),
    ("mistakes are told as data", mistakes),
    ("arguments are read as on a command line", arguments),
    ("a file that is missing is an error", missing),
];

const LINE: &str = "param n = 2\nqueue jobs\nprocess a(out jobs) { jobs.put(1); }\n\
                    process b(in jobs) { for j in jobs { print(j); } }\nstart a(jobs) * n\nstart b(jobs) daemon\n";

fn goes_through() {
    let graph = graph(LINE);
    let names: Vec<String> = graph.processes().map(|node| node.name).collect();
    assert_eq!(names, ["a.1", "a.2", "b"]);
    assert_eq!(graph.queues().collect::<Vec<_>>(), ["jobs"]);
    let last = graph.processes().last().expect("there are three");
    assert_eq!((last.takes, last.puts.len(), last.daemon), (vec!["jobs".to_owned()], 0, true));
    assert!(graph.to_text().contains("a.1") && graph.to_dot().contains("digraph"), "{}", graph.to_text());
}

fn mistakes() {
    let error = Script::from_text("x.proc", "process a() { nowhere(1); }\nstart a()\n")
        .and_then(|script| script.check(&host()))
        .expect_err("there is no such function");
    assert_eq!(error.kind(), ErrorKind::Script);
    let problem = &error.diagnostics()[0];
    assert_eq!((problem.is_error, problem.line, problem.column), (true, 1, 15));
    assert_eq!(problem.file.as_deref(), Some("x.proc"));
    assert!(error.report().contains("1 | process a() { nowhere(1); }"), "{}", error.report());
}

fn arguments() {
    let program = Script::from_text("x.proc", LINE).expect("it is read").check(&host()).expect("it checks");
    assert_eq!(program.warnings().len(), 0);
    assert_eq!(program.graph(["--n", "3"]).expect("it has a graph").processes().count(), 4);
    let error = program.graph(["--m", "3"]).expect_err("there is no such param");
    assert_eq!(error.kind(), ErrorKind::Arguments);
    let help = program.graph(["--help"]).expect_err("help is no graph");
    assert_eq!(help.kind(), ErrorKind::Help);
    assert!(help.to_string().contains("--n"), "{help}");
}

fn missing() {
    let error = Script::from_file("/nowhere/x.proc").expect_err("it is not there");
    assert_eq!((error.kind(), error.diagnostics()[0].code), (ErrorKind::Script, "P0400"));
}
