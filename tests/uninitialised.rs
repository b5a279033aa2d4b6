//! A program that has not called `init`, as a test of the usual harness cannot, is told what to do.

use procession::{ErrorKind, Host, Run, Script};

#[test]
fn a_run_is_not_started_without_init() {
    let script = Script::from_text("a.proc", "process a() {}\nstart a()\n").unwrap();
    let graph = script.check(&Host::new()).unwrap().graph([] as [&str; 0]).unwrap();
    let error = Run::builder(&graph).start().err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Init);
    assert!(error.to_string().contains("`procession::init(&host)` first in `main`"), "{error}");
}
