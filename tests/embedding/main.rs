//! The library inside another program, this one: stages, runs in hand, what they tell.

mod events;
mod functions;
mod hosts;
mod limits;
mod natives;
mod queues;
mod runs;
mod stages;

use libtest_mimic::{Arguments, Trial};
use procession::{Graph, Host, Script};

type Check = fn();

fn main() {
    procession::init(&host());
    if let Some(kind) = std::env::var_os(hosts::KIND) {
        return hosts::live(&kind.to_string_lossy());
    }
    let trials = [
        events::CHECKS,
        functions::CHECKS,
        hosts::CHECKS,
        limits::CHECKS,
        natives::CHECKS,
        queues::CHECKS,
        runs::CHECKS,
        stages::CHECKS,
    ]
    .concat()
    .into_iter()
    .map(|(name, check)| {
        Trial::test(name, move || {
            check();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

/// What this program gives to its scripts.
fn host() -> Host {
    natives::give(functions::give(Host::new()))
}

/// The graph of a script without arguments.
fn graph(text: &str) -> Graph {
    let script = Script::from_text("test.proc", text).expect("it is read");
    script.check(&host()).expect("it checks").graph([] as [&str; 0]).expect("it has a graph")
}
