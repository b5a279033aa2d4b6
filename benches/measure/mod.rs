//! Two programs in turn, A B A B …: medians, the median of the ratios, and that both print the same.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What came of it: medians in seconds, and how many times as fast ours is.
pub struct Duel {
    pub ours: f64,
    pub theirs: f64,
    pub ratio: f64,
}

/// Runs both in turn; the first round does not count.
pub fn duel(what: &str, rounds: usize, ours: impl Fn() -> Command, theirs: impl Fn() -> Command) -> Duel {
    let (mut a_times, mut b_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=rounds {
        let (a, a_out) = time(&mut ours());
        let (b, b_out) = time(&mut theirs());
        assert_eq!(
            String::from_utf8_lossy(&a_out),
            String::from_utf8_lossy(&b_out),
            "{what}: the programs disagree"
        );
        if round > 0 {
            a_times.push(a.as_secs_f64());
            b_times.push(b.as_secs_f64());
            ratios.push(b.as_secs_f64() / a.as_secs_f64());
        }
    }
    Duel { ours: median(a_times), theirs: median(b_times), ratio: median(ratios) }
}

/// How long a program runs from its start to its end, and what it prints.
pub fn time(command: &mut Command) -> (Duration, Vec<u8>) {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let time = start.elapsed();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    (time, output.stdout)
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
