//! Eight workers do many items while one after the other is killed by SIGKILL, wherever it is: no item is lost, and one
//! is done twice only by a second attempt, as `redeliver` allows. Over both transports.
//!
//! In the suite it is a short run. `PROCESSION_CHAOS="ITEMS KILLS SEEDS"` asks for more, as `.ci/chaos` does, and
//! `PROCESSION_CHAOS_SEED` for one seed again. Seeds and counts are printed.

#[path = "faults/run.rs"]
#[allow(dead_code)]
mod run;

use run::{Run, pid};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

const WORKERS: usize = 8;
/// No run of the size asked for takes longer.
const LIMIT: Duration = Duration::from_secs(600);

/// What is asked for.
#[derive(Clone, Copy)]
struct Size {
    items: usize,
    kills: usize,
    seeds: u64,
}

fn size() -> Size {
    let text = std::env::var("PROCESSION_CHAOS").unwrap_or_else(|_| "4000 25 2".to_owned());
    let numbers: Vec<usize> = text.split(' ').map(|word| word.parse().expect("three numbers")).collect();
    Size { items: numbers[0], kills: numbers[1], seeds: numbers[2] as u64 }
}

/// Numbers that look random (xorshift64*), the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % most.max(1)
    }
}

/// After so many results main waits for a word from the test: so the workers are never far ahead of who kills them.
const STEP: usize = 20;

/// Two producers, the workers, and main, which prints each result as it comes.
fn script(items: usize) -> String {
    format!(
        r#"
        joinable queue jobs capacity 64 redeliver 1000
        queue done capacity 64
        process makes(from, count, out jobs) {{ for i in from..from + count {{ jobs.put(i); }} }}
        process works(in jobs, out done) restart 100000 backoff 1ms {{
            print(`worker ${{pid()}}`);
            for job in jobs {{ done.put([job, jobs.attempt]); }}
        }}
        start makes(0, {half}, jobs)
        start makes({half}, {rest}, jobs)
        start works(jobs, done) * {WORKERS}
        main {{
            let words = stdin_lines();
            let seen = 0;
            for item in done {{
                print(`${{item[0]}} ${{item[1]}}`);
                seen += 1;
                if seen % {STEP} == 0 {{ for word in words {{ break; }} }}
            }}
        }}
        "#,
        half = items / 2,
        rest = items - items / 2,
    )
}

/// What came of a run.
#[derive(Default)]
struct Counts {
    results: usize,
    distinct: usize,
    twice: usize,
    most_attempts: u32,
    kills: usize,
}

/// Who is killed next, and after how many results more.
struct Killer {
    random: Random,
    left: usize,
    /// So many results are between two kills, on average.
    every: usize,
    workers: Vec<Pid>,
    next: usize,
}

impl Killer {
    fn new(seed: u64, size: Size) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        // All are to have happened a good while before the end.
        let every = (size.items * 8 / 10 / size.kills).max(1);
        let next = random.below(2 * every);
        Killer { random, left: size.kills, every, workers: Vec::new(), next }
    }

    fn result(&mut self) {
        if self.next > 0 {
            self.next -= 1;
            return;
        }
        if self.left == 0 || self.workers.is_empty() {
            return;
        }
        self.next = self.random.below(2 * self.every);
        // Anywhere within what the workers do between two results.
        let pause = Instant::now() + Duration::from_micros(self.random.below(500) as u64);
        while Instant::now() < pause {
            std::hint::spin_loop();
        }
        let place = self.random.below(self.workers.len());
        let worker = self.workers.swap_remove(place);
        if kill_process(worker, Signal::KILL).is_ok() {
            self.left -= 1;
        }
    }
}

fn one_run(seed: u64, transport: &str, size: Size) -> Counts {
    let deadline = Instant::now() + LIMIT;
    let mut run = Run::start_by(&["run", "--transport", transport], &script(size.items));
    let mut killer = Killer::new(seed, size);
    let mut attempts: HashMap<usize, BTreeSet<u32>> = HashMap::new();
    let mut counts = Counts::default();
    while let Some(line) = run.next_line(deadline) {
        let (first, second) = line.split_once(' ').expect("two words");
        if first == "worker" {
            killer.workers.push(pid(second));
            continue;
        }
        let (item, attempt) = (first.parse().expect("an item"), second.parse().expect("an attempt"));
        counts.results += 1;
        let fresh = attempts.entry(item).or_default().insert(attempt);
        assert!(fresh, "seed {seed}: item {item} came twice of attempt {attempt}");
        killer.result();
        if counts.results.is_multiple_of(STEP) {
            run.tell("go on");
        }
    }
    let ended = run.end();
    assert_eq!(ended.status, 0, "seed {seed}: {}", ended.stderr);
    counts.kills = ended.stderr.matches("was ended by SIGKILL").count();
    counts.distinct = attempts.len();
    counts.twice = counts.results - counts.distinct;
    counts.most_attempts = attempts.values().flatten().copied().max().unwrap_or(0);
    assert_eq!(counts.distinct, size.items, "seed {seed}: items are lost");
    assert!(attempts.keys().all(|item| *item < size.items), "seed {seed}: items come from nowhere");
    // A death gives back what was in hand, and that is one item.
    assert!(
        counts.twice <= counts.kills,
        "seed {seed}: {} came twice of {} deaths",
        counts.twice,
        counts.kills
    );
    counts
}

#[test]
fn nothing_is_lost_while_workers_are_killed() {
    let size = size();
    let first: Option<u64> = std::env::var("PROCESSION_CHAOS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = first.map_or(1..=size.seeds, |seed| seed..=seed);
    for (seed, transport) in seeds.flat_map(|seed| ["auto", "broker"].map(|transport| (seed, transport))) {
        let begin = Instant::now();
        let counts = one_run(seed, transport, size);
        println!(
            "seed {seed}, {transport}: {} items, {} results, {} of them second attempts (at most attempt {}), {} kills, {:.1} s",
            counts.distinct,
            counts.results,
            counts.twice,
            counts.most_attempts,
            counts.kills,
            begin.elapsed().as_secs_f64()
        );
        assert!(counts.kills * 10 >= size.kills * 9, "seed {seed}: only {} were killed", counts.kills);
    }
}
