//! A walk through moments: something small changes at each step, and after each the verdict is held against the
//! rules. `PROCESSION_STEPS` says how many steps, `PROCESSION_SEED` from where.

use super::fits;
use super::moments::SHARED;
use procession::queue::wait::{
    On, ProcessState, ProcessView, QueueView, SharedView, Snapshot, Verdict, Waits,
};

/// Numbers that look random (xorshift64*), the same for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, most: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as u32 % most
    }

    fn one_in(&mut self, many: u32) -> bool {
        self.below(many) == 0
    }

    fn toggle(&mut self, ids: &mut Vec<u32>, among: u32) {
        let id = self.below(among);
        if let Some(place) = ids.iter().position(|&other| other == id) {
            ids.remove(place);
        } else {
            ids.push(id);
            ids.sort_unstable();
        }
    }

    fn single(&mut self, moment: &Snapshot) -> On {
        let (processes, queues) = (moment.processes.len() as u32, moment.queues.len() as u32);
        match self.below(12) {
            0..=4 => On::Get(self.below(queues)),
            5 => On::Put(self.below(queues)),
            6 => On::Acknowledged(self.below(queues)),
            7..=8 => On::Join(self.below(processes)),
            9 => On::Permit(self.below(SHARED)),
            10 => On::Event(self.below(SHARED)),
            _ => On::Barrier(self.below(SHARED)),
        }
    }

    fn wait(&mut self, moment: &Snapshot) -> Waits {
        let on = if self.one_in(8) {
            let get = |random: &mut Random| On::Get(random.below(moment.queues.len() as u32));
            let join = |random: &mut Random| On::Join(random.below(moment.processes.len() as u32));
            let one = |random: &mut Random| if random.one_in(2) { get(random) } else { join(random) };
            On::Any((0..=self.below(2)).map(|_| one(self)).collect())
        } else {
            self.single(moment)
        };
        Waits { on, timed: self.one_in(20) }
    }

    fn state(&mut self, moment: &Snapshot) -> ProcessState {
        match self.below(17) {
            0 => ProcessState::Running,
            1 => ProcessState::RestartDue,
            2..=3 => ProcessState::Ended,
            4 => {
                let processes = moment.processes.len() as u32;
                ProcessState::NotStarted((0..self.below(3)).map(|_| self.below(processes)).collect())
            }
            _ => ProcessState::Waiting((0..=self.below(2)).map(|_| self.wait(moment)).collect()),
        }
    }

    /// Something small is otherwise than before.
    fn change(&mut self, moment: &mut Snapshot) {
        let queues = moment.queues.len() as u32;
        let at = self.below(moment.processes.len() as u32) as usize;
        match self.below(10) {
            0..=3 => moment.processes[at].state = self.state(moment),
            4 => self.toggle(&mut moment.processes[at].holds, queues),
            5 => self.toggle(&mut moment.processes[at].takes, queues),
            6 => match self.below(4) {
                0 => self.toggle(&mut moment.processes[at].shares, SHARED),
                1 => self.toggle(&mut moment.processes[at].permits, SHARED),
                2 => self.toggle(&mut moment.processes[at].leases, queues),
                _ => moment.processes[at].leases.clear(),
            },
            7 => {
                let place = self.below(SHARED) as usize;
                moment.shared[place].deserted = self.one_in(3);
                moment.processes[0].implicit = self.one_in(2);
            }
            _ => self.change_queue(moment),
        }
    }

    fn change_queue(&mut self, moment: &mut Snapshot) {
        let at = self.below(moment.queues.len() as u32);
        let of_letters = moment.queues.iter().any(|queue| queue.dead_letter_of.contains(&at));
        let other = self.below(moment.queues.len() as u32);
        let is_plain = other != at && !of_letters && moment.queues[other as usize].dead_letter_of.is_empty();
        let queue = &mut moment.queues[at as usize];
        match self.below(6) {
            0 => queue.ended = self.one_in(4),
            1 => queue.joinable = self.one_in(2),
            2 => queue.unfinished = usize::from(self.one_in(4)),
            3 => queue.expressly_held = self.one_in(4),
            4 => {
                queue.full = self.one_in(5);
                queue.len = usize::from(queue.full || self.one_in(5));
            }
            // Letters of letters are beyond the rules.
            _ if is_plain && self.one_in(3) => queue.dead_letter_of = vec![other],
            _ => queue.dead_letter_of.clear(),
        }
    }

    fn beginning(&mut self) -> Snapshot {
        let (processes, queues) = (1 + self.below(5), 1 + self.below(4));
        let process = |id| ProcessView {
            id,
            state: ProcessState::Running,
            holds: Vec::new(),
            takes: Vec::new(),
            leases: Vec::new(),
            shares: Vec::new(),
            permits: Vec::new(),
            implicit: false,
        };
        let queue = |id| QueueView {
            id,
            len: 0,
            full: false,
            joinable: false,
            unfinished: 0,
            ended: false,
            dead_letter_of: Vec::new(),
            audience: None,
            expressly_held: false,
        };
        Snapshot {
            processes: (0..processes).map(process).collect(),
            queues: (0..queues).map(queue).collect(),
            shared: vec![SharedView::default(); SHARED as usize],
        }
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn every_step_of_a_long_walk_is_judged_by_the_rules() {
    let (steps, seed) = (number("PROCESSION_STEPS", 100_000), number("PROCESSION_SEED", 1));
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut moment = random.beginning();
    let mut verdicts = [0_u64; 4];
    for step in 0..steps {
        // Now and then from the beginning, with other numbers of processes and queues.
        if step % 200 == 199 {
            moment = random.beginning();
        }
        random.change(&mut moment);
        match fits(&moment) {
            Ok(verdict) => verdicts[kind(&verdict)] += 1,
            Err(problem) => panic!("step {step} of seed {seed}: {problem}\n{moment:#?}"),
        }
    }
    let [fine, ends, breaks, deadlocks] = verdicts;
    println!(
        "{steps} steps of seed {seed}: {fine} fine, {ends} ends, {breaks} broken barriers, {deadlocks} deadlocks"
    );
    assert!(
        verdicts.iter().all(|&count| count > steps / 2000),
        "the walk goes around something: {verdicts:?}"
    );
}

fn kind(verdict: &Verdict) -> usize {
    match verdict {
        Verdict::Fine => 0,
        Verdict::End(_) => 1,
        Verdict::Break(_) => 2,
        Verdict::Deadlock(_) => 3,
    }
}
