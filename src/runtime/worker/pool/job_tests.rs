//! Whatever workers do with the chunks of a job, each item has one result, and in order where that is wanted.

use super::super::input::{Input, Then};
use super::super::message::Answer;
use super::super::sizes::Sizes;
use super::*;
use proptest::prelude::*;

/// What a worker does with the chunk that it takes.
#[derive(Clone, Debug)]
enum Deed {
    /// All of it, at once.
    Whole,
    /// So many items; the rest is given back.
    Part(usize),
    /// So many items are said, one more is kept, the rest is given back.
    Alone(usize),
    /// Dies, at the end of so many items; these were said when the chunk was begun anew.
    Dies(usize),
    /// As `Alone`, and dies then.
    DiesAlone(usize),
}

fn deeds() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Whole),
        2 => (0..9_usize).prop_map(Deed::Part),
        2 => (0..9_usize).prop_map(Deed::Alone),
        2 => (0..9_usize).prop_map(Deed::Dies),
        1 => (0..9_usize).prop_map(Deed::DiesAlone),
    ]
}

/// A job, and the tasks that are out with how often each was begun.
struct Play {
    job: Job,
    out: VecDeque<(Task, u32)>,
    taken: Vec<Result<i64, ()>>,
}

fn answer(task: &Task, first: usize, count: usize, keeps: usize) -> Answer {
    let results = task.items[first..first + count].to_vec();
    let (job, chunk) = (task.job, task.chunk);
    // A microsecond each, so that chunks grow.
    let nanoseconds = count as u64 * 1_000;
    Answer { job, chunk, first, keeps, nanoseconds, results, failures: Vec::new() }
}

impl Play {
    fn new(items: i64, ordered: bool, ahead: Ahead) -> Play {
        let function = Rc::new(Function { name: "f".into(), home: None, captured: vec![] });
        let sizes = Sizes::measured(0, 20);
        let plan = Plan { id: 1, function, spread: false, sizes, workers: 2, ahead, ordered };
        let input = Input::Range { next: 0, end: items.into() };
        Play { job: Job::new(plan, input), out: VecDeque::new(), taken: Vec::new() }
    }

    fn feed(&mut self) {
        while self.job.has_room() && self.job.has_more() {
            let (first, items) = self.job.take_back().unwrap_or_else(|| {
                let size = self.job.size();
                let pulled = self.job.input.as_mut().unwrap().pull(size, true);
                self.job.input_is_over |= matches!(pulled.then, Then::End);
                (self.job.place(pulled.items.len()), pulled.items)
            });
            if !items.is_empty() {
                self.out.push_back((self.job.task(first, items), 1));
            }
        }
    }

    /// A worker takes the next task.
    fn step(&mut self, deed: &Deed) {
        let Some((task, attempt)) = self.out.pop_front() else { return };
        let len = task.items.len();
        match *deed {
            // The second worker says what came of each item at once, and gives nothing back.
            _ if attempt > 1 && !matches!(deed, Deed::Dies(_) | Deed::DiesAlone(_)) => {
                (0..len).for_each(|at| self.job.absorb(answer(&task, at, 1, len - at - 1)));
            }
            Deed::Whole => self.job.absorb(answer(&task, 0, len, 0)),
            Deed::Part(done) => self.job.absorb(answer(&task, 0, done.clamp(1, len), 0)),
            Deed::Alone(done) => {
                let done = done.min(len - 1);
                self.job.absorb(answer(&task, 0, done, 1));
                self.job.absorb(answer(&task, done, 1, 0));
            }
            Deed::DiesAlone(done) if attempt == 1 => {
                self.job.absorb(answer(&task, 0, done.min(len - 1), 1));
                self.out.push_front((task, 2));
            }
            Deed::Dies(done) | Deed::DiesAlone(done) if attempt > 1 => {
                (0..done.min(len - 1)).for_each(|at| self.job.absorb(answer(&task, at, 1, len - at - 1)));
                self.job.died(task.chunk, |_| Fault::Stopped);
            }
            Deed::Dies(_) | Deed::DiesAlone(_) => self.out.push_front((task, 2)),
        }
    }

    fn take(&mut self, most: usize) {
        for _ in 0..most {
            let Some(outcome) = self.job.results.take() else { break };
            self.taken.push(outcome.map(|value| value.as_int().unwrap_or(-1)).map_err(|_| ()));
        }
    }
}

proptest! {
    #[test]
    fn each_item_has_one_result(
        items in 0..200_i64,
        ordered: bool,
        window: bool,
        deeds in prop::collection::vec((deeds(), 0..30_usize), 1..60),
    ) {
        let mut play = Play::new(items, ordered, if window { Ahead::Window } else { Ahead::Free });
        let mut deeds = deeds.iter().cycle();
        // Each turn takes at least one result, or brings one nearer.
        for _ in 0..20_000 {
            play.feed();
            let Some((deed, most)) = deeds.next() else { break };
            play.step(deed);
            play.take(*most);
            if play.job.is_done() {
                break;
            }
            if play.out.is_empty() {
                play.take(usize::MAX);
            }
        }
        prop_assert!(play.job.is_done());
        play.take(usize::MAX);
        prop_assert_eq!(play.taken.len(), items as usize);
        let mut seen: Vec<i64> = play.taken.iter().filter_map(|taken| taken.ok()).collect();
        if ordered {
            prop_assert!(play.taken.iter().zip(0..).all(|(taken, at)| taken.is_err() || *taken == Ok(at)));
        }
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), play.taken.iter().filter(|taken| taken.is_ok()).count());
        // Those of a joinable queue are acknowledged, each once.
        prop_assert_eq!(play.job.to_acknowledge, items as usize);
    }
}

#[test]
fn a_job_in_a_loop_runs_only_so_far_ahead() {
    let mut play = Play::new(1_000_000, true, Ahead::Window);
    for _ in 0..100 {
        play.feed();
        play.step(&Deed::Whole);
    }
    assert!(play.out.is_empty() && !play.job.has_room());
    assert_eq!(play.job.results.pieces(), 2 * KEPT_A_WORKER);
    play.take(1);
    play.feed();
    assert_eq!(play.out.len(), 1);
}

#[test]
fn what_others_wait_for_is_sent_however_much_is_kept() {
    let mut play = Play::new(1_000, true, Ahead::Window);
    play.feed();
    let first = play.out.pop_front().unwrap();
    for _ in 0..100 {
        play.step(&Deed::Whole);
        play.feed();
    }
    assert!(play.job.results.take().is_none() && !play.job.has_room());
    play.job.absorb(answer(&first.0, 0, 0, 0));
    play.feed();
    assert_eq!(play.out.front().map(|(task, _)| task.items[0].clone()), Some(Value::Int(0)));
}

/// Chunks of a chosen size that are short wait in larger numbers, so that whoever gives them out need not hurry.
#[test]
fn of_short_chunks_more_are_out() {
    let out_after = |nanoseconds: u64| {
        let mut play = Play::new(1_000, true, Ahead::Free);
        play.job.plan.sizes = Sizes::Fixed(1);
        play.feed();
        let before = play.out.len();
        let (task, _) = play.out.pop_front().unwrap();
        play.job.absorb(Answer { nanoseconds, ..answer(&task, 0, 1, 0) });
        play.feed();
        (before, play.out.len())
    };
    assert_eq!(out_after(5_000), (4, 128));
    assert_eq!(out_after(200_000), (4, 12));
    assert_eq!(out_after(50_000_000), (4, 4));
}
