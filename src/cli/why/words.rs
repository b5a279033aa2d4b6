//! Chains of waits in words, one step a line.

use super::chains::Chain;
use crate::cli::ps::{capacity, how};
use crate::diagnostic::{printable, words};
use crate::wire::watch::{HeldNow, OnNow, ProcessNow, RunNow, StateNow};

/// Of a larger group so many are named.
const NAMED: usize = 3;

/// All chains, with an empty line between them.
#[must_use]
pub fn text(run: &RunNow, chains: &[Chain]) -> String {
    if chains.is_empty() {
        return "no process waits for another\n".to_owned();
    }
    let told = chains.iter().map(|chain| Teller { run }.chain(chain).join("\n") + "\n");
    told.collect::<Vec<_>>().join("\n")
}

struct Teller<'a> {
    run: &'a RunNow,
}

impl Teller<'_> {
    fn chain(&self, chain: &Chain) -> Vec<String> {
        let Some(first) = chain.held.first().and_then(|&index| self.run.processes.get(index)) else {
            return Vec::new();
        };
        let mut lines = vec![format!("{} {}", self.subject(chain), self.does(first, chain.held.len() > 1))];
        let mut last = first;
        for (at, &index) in chain.by.iter().enumerate() {
            let (Some(next), Some(held)) = (self.run.processes.get(index), last.held) else { break };
            let does = if chain.told_before && at + 1 == chain.by.len() {
                "is held up itself, as told above".to_owned()
            } else {
                self.does(next, false)
            };
            lines.push(self.step(&held, next, &does));
            last = next;
        }
        lines.extend(self.outlook(last).map(str::to_owned));
        lines
    }

    fn subject(&self, chain: &Chain) -> String {
        let names = chain.held.iter().filter_map(|&index| self.run.processes.get(index)).map(quoted);
        let mut names: Vec<String> = names.collect();
        if names.len() > NAMED + 1 {
            let others = names.split_off(NAMED).len();
            names.push(format!("{others} others"));
        }
        words::list(names, "and")
    }

    /// "`rows` is empty because `parse.1`, one of 3 that put into it, does this".
    fn step(&self, held: &HeldNow, by: &ProcessNow, does: &str) -> String {
        let one_of = |verb: &str| match held.of {
            0 | 1 => String::new(),
            of => format!(", one of {of} that {verb},"),
        };
        let who = quoted(by);
        match held.on {
            OnNow::Item { queue } => {
                format!("{} is empty because {who}{} {does}", self.queue(queue), one_of("put into it"))
            }
            OnNow::Room { queue } => {
                let capacity = self.run.queues.get(queue as usize).and_then(capacity);
                let capacity = capacity.map(|capacity| format!(" ({capacity})")).unwrap_or_default();
                let one_of =
                    if held.of > 1 { one_of("take from it") } else { ", which takes from it,".to_owned() };
                format!("{} is full{capacity} because {who}{one_of} {does}", self.queue(queue))
            }
            OnNow::Acknowledgement { queue } => {
                let open =
                    self.run.queues.get(queue as usize).and_then(|queue| queue.unfinished).unwrap_or(0);
                let (items, are) =
                    (words::count(open as usize, "item"), if open == 1 { "is" } else { "are" });
                let one_of = if held.of > 1 { one_of("have some in hand") } else { String::new() };
                format!("{items} of {} {are} not done because {who}{one_of} {does}", self.queue(queue))
            }
            OnNow::End { .. } => format!("{who} {does}"),
            OnNow::Permit { shared } => {
                let all = if held.of > 1 { ", one of those that hold it,".to_owned() } else { String::new() };
                format!("{} is held because {who}{all} {does}", self.shared(shared))
            }
            OnNow::Event { shared } => {
                format!("{} is not set because {who}{} {does}", self.shared(shared), one_of("can set it"))
            }
            OnNow::Barrier { shared } => {
                format!("{} is not complete because {who} {does}", self.shared(shared))
            }
        }
    }

    /// What a process does, behind its name.
    fn does(&self, process: &ProcessNow, many: bool) -> String {
        let at = place(process);
        let verb = |stem: &str| format!("{stem}{}", if many { "" } else { "s" });
        match &process.state {
            StateNow::Created { after } if after.is_empty() => "is about to be started".to_owned(),
            StateNow::Created { after } => {
                let names = after.iter().filter_map(|&index| self.run.processes.get(index as usize));
                format!("{} when {} has ended", verb("start"), words::list(names.map(quoted), "and"))
            }
            StateNow::RestartDue { time, end } => {
                let time = words::ordinal(*time as usize);
                format!("is being restarted, for the {time} time, after {}", how(*end))
            }
            StateNow::Ready {} => "is being started".to_owned(),
            StateNow::Running {} => {
                let since = at.map(|at| format!(" since {at}")).unwrap_or_default();
                format!("has run for {}{since}", words::duration(process.silent_ms))
            }
            StateNow::Waiting { what, on, timed } => {
                let at = at.map(|at| format!(" ({at})")).unwrap_or_default();
                let limit = if *timed { ", with a time limit" } else { "" };
                match (on.as_slice(), what.strip_prefix("exec ")) {
                    ([], Some(program)) => {
                        format!("{} the program `{}`{at}", verb("run"), printable(program))
                    }
                    ([], _) if what == "sleep" => format!("{}{at}", verb("sleep")),
                    ([], _) => format!("{} ({}){at}{limit}", verb("wait"), printable(what)),
                    (things, _) => {
                        let things = words::list(things.iter().map(|&on| self.thing(on)), "or");
                        format!("{} for {things}{at}{limit}", verb("wait"))
                    }
                }
            }
            StateNow::Ended { end } if end.code == 0 => "has ended".to_owned(),
            StateNow::Ended { end } if end.code < 0 || end.timed_out => {
                format!("was ended by {}", how(*end))
            }
            StateNow::Ended { end } => format!("has ended with {}", how(*end)),
            StateNow::Skipped {} => "was not started".to_owned(),
        }
    }

    fn thing(&self, on: OnNow) -> String {
        match on {
            OnNow::Item { queue } => format!("an item from {}", self.queue(queue)),
            OnNow::Room { queue } => format!("room in {}", self.queue(queue)),
            OnNow::Acknowledgement { queue } => {
                format!("the acknowledgement of all items of {}", self.queue(queue))
            }
            OnNow::Permit { shared } | OnNow::Event { shared } | OnNow::Barrier { shared } => {
                self.shared(shared)
            }
            OnNow::End { process } => {
                let name = self.run.processes.get(process as usize).map(quoted);
                format!("the end of {}", name.unwrap_or_default())
            }
        }
    }

    /// Of one that waits and is held up by nobody: how its wait may end.
    fn outlook(&self, last: &ProcessNow) -> Option<&'static str> {
        let StateNow::Waiting { on, timed, .. } = &last.state else { return None };
        if last.held.is_some() || on.is_empty() {
            None
        } else if on.iter().any(|&on| self.is_there(on)) {
            Some("that is there: it is about to go on")
        } else if *timed {
            Some("only its time limit ends this wait")
        } else {
            Some("nobody is left who could give it that")
        }
    }

    fn is_there(&self, on: OnNow) -> bool {
        let queue = |queue: u32| self.run.queues.get(queue as usize);
        match on {
            OnNow::Item { queue: id } => queue(id).is_some_and(|queue| queue.len > 0 || queue.ended),
            OnNow::Room { queue: id } => queue(id).is_some_and(|queue| queue.ended || !queue.full),
            OnNow::Acknowledgement { queue: id } => {
                queue(id).is_some_and(|queue| queue.unfinished.is_none_or(|open| open == 0))
            }
            OnNow::End { .. } | OnNow::Permit { .. } | OnNow::Event { .. } | OnNow::Barrier { .. } => false,
        }
    }

    /// "the lock `door`".
    fn shared(&self, id: u32) -> String {
        let shared = self.run.shared.get(id as usize);
        shared.map_or_else(String::new, |(kind, name)| format!("the {kind} `{}`", printable(name)))
    }

    fn queue(&self, id: u32) -> String {
        let name = self.run.queues.get(id as usize).map_or("?", |queue| queue.name.as_str());
        format!("`{}`", printable(name))
    }
}

fn quoted(process: &ProcessNow) -> String {
    format!("`{}`", printable(&process.name))
}

fn place(process: &ProcessNow) -> Option<String> {
    process.at.as_ref().map(|(file, line)| format!("{}:{line}", printable(file)))
}
