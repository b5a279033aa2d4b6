//! Events as text for a person, on standard error: an uncaught error with its source line and trace.

use super::standard_error::StandardError;
use super::{Event, InHand, Limit, Observer, RanInto, Remains, Stuck, Uncaught};
use crate::diagnostic::words;
use crate::source::{LineColumn, Sources};

/// Writes events as they come.
pub struct Human {
    sources: Sources,
    errors: StandardError,
}

impl Human {
    #[must_use]
    pub fn new(sources: Sources) -> Self {
        Human { sources, errors: StandardError::default() }
    }

    /// The text of an event, with its newline.
    #[must_use]
    pub fn text(&self, event: &Event) -> String {
        match event {
            Event::Started { .. }
            | Event::Ended { .. }
            | Event::Printed { .. }
            | Event::Waiting { .. }
            | Event::GoesOn { .. }
            | Event::Counted { .. } => String::new(),
            Event::Logged { line, .. } => format!("{line}\n"),
            Event::Failed { name, host, pid, exit, uncaught, ran_into, remains } => {
                let process = match host {
                    Some(host) => format!("thread `{name}` of process `{host}` (pid {pid})"),
                    None => format!("process `{name}` (pid {pid})"),
                };
                let mut text = self.failed(&process, *exit, uncaught.as_ref(), *ran_into);
                tell_remains(remains, uncaught.is_none(), &mut text);
                text
            }
            Event::NotStarted { name, reason } => {
                format!("error: process `{name}` could not be started: {reason}\n")
            }
            Event::Misbehaved { name, pid, what } => {
                format!("error: process `{name}` (pid {pid}) broke the protocol and is killed: {what}\n")
            }
            Event::Restarting { name, attempt, times, in_ms } => {
                let when =
                    if *in_ms == 0 { "now".to_owned() } else { format!("in {}", words::duration(*in_ms)) };
                format!("note: process `{name}` is started again {when} ({attempt} of {times})\n")
            }
            Event::RestartDropped { name } => {
                format!("note: process `{name}` is not started again: its streams have ended\n")
            }
            Event::Replaced { name, pid, exit } => {
                format!(
                    "note: worker `{name}` (pid {pid}) {}; another takes its place\n",
                    words::ended(*exit)
                )
            }
            Event::Skipped { name, because } => {
                format!("note: `{name}` was not started: `{because}` did not end with success\n")
            }
            Event::Dropped { queue, consumer, items } => {
                let items = words::count(*items as usize, "item");
                let whose = consumer.as_ref().map(|name| format!(" for `{name}`")).unwrap_or_default();
                format!("note: queue `{queue}` was full{whose} and dropped {items}\n")
            }
            Event::ItemFailed { queue, item, attempts, reason } => {
                let times = words::count(*attempts as usize, "time");
                format!(
                    "error: an item of queue `{queue}` was not acknowledged: {item}\n  \
                     it was handed out {times}; {reason}\n"
                )
            }
            Event::Released { name, held } => {
                format!("note: `{name}` ended holding {held}, now released\n")
            }
            Event::Deadlock { stuck, cycle } => self.deadlock(stuck, cycle),
            Event::OutputFailed { reason } => format!("error: cannot write standard output: {reason}\n"),
            Event::Stopped { signal, processes } => {
                let processes = words::count(*processes, "process");
                format!("stopped by {signal}: {processes} ended\n")
            }
        }
    }

    fn failed(
        &self,
        process: &str,
        exit: i32,
        uncaught: Option<&Uncaught>,
        ran_into: Option<RanInto>,
    ) -> String {
        let mut text = match (uncaught, ran_into) {
            (Some(error), _) => self.uncaught(process, error),
            (None, Some(RanInto { limit, certain: true })) => {
                format!("error: {process} {}\n", reached(limit))
            }
            (None, _) => format!("error: {process} {}\n", ended(exit)),
        };
        match ran_into {
            // It was told to end, and perhaps did not care.
            Some(RanInto { limit: Limit::Time { .. }, .. }) if uncaught.is_none() && exit != -SIGTERM => {
                text.push_str(&format!("  it {}\n", ended(exit)));
            }
            Some(RanInto { limit, certain: false }) => {
                text.push_str(&format!("  perhaps it {}\n", reached(limit)));
            }
            Some(RanInto { limit, .. }) if uncaught.is_some() => {
                text.push_str(&format!("  it {}\n", reached(limit)));
            }
            _ => {}
        }
        text
    }

    fn uncaught(&self, process: &str, error: &Uncaught) -> String {
        let mut text = format!("error: {process} failed: {}\n", error.message);
        if let Some(place) = error.place {
            self.place(place, &mut text);
        }
        for (function, called_at) in &error.trace {
            let at = called_at.map(|place| format!(", called at {}", self.location(place)));
            text.push_str(&format!("  in `{function}`{}\n", at.unwrap_or_default()));
        }
        text
    }

    /// The source line with a mark under the place.
    fn place(&self, (source, line, column): (u32, u32, u32), text: &mut String) {
        text.push_str(&format!("  --> {}\n", self.location((source, line, column))));
        let Some(code) = self.line(source, line) else { return };
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let shown: String = code.chars().take(160).map(|c| if c == '\t' { ' ' } else { c }).collect();
        text.push_str(&format!("{margin} |\n{number} | {shown}\n"));
        if (column as usize) <= shown.chars().count() {
            text.push_str(&format!("{margin} | {}^\n", " ".repeat(column.saturating_sub(1) as usize)));
        }
    }

    fn location(&self, (source, line, column): (u32, u32, u32)) -> String {
        let name = self.source(source).map_or("?", crate::source::Source::name);
        format!("{name}:{line}:{column}")
    }

    fn source(&self, index: u32) -> Option<&crate::source::Source> {
        self.sources.iter().nth(index as usize).map(|(_, source)| source)
    }

    fn line(&self, source: u32, line: u32) -> Option<&str> {
        let source = self.source(source)?;
        // A line beyond the file's end has no text to show.
        let offset = source.offset(LineColumn { line, column: 1 });
        (source.line_column(offset).line == line).then(|| source.line(line))
    }

    fn deadlock(&self, stuck: &[Stuck], cycle: &[usize]) -> String {
        let mut text = String::from("deadlock: these processes wait for each other and can never go on\n");
        for process in stuck {
            let at = process.at.map(|(source, line)| {
                let name = self.source(source).map_or("?", crate::source::Source::name);
                format!(" at {name}:{line}")
            });
            text.push_str(&format!("  {}: {}{}\n", process.name, process.waits_for, at.unwrap_or_default()));
            if let Some((source, line)) = process.at
                && let Some(code) = self.line(source, line)
            {
                text.push_str(&format!("    {}\n", code.trim()));
            }
        }
        let names: Vec<&str> =
            cycle.iter().filter_map(|&at| stuck.get(at)).map(|p| p.name.as_str()).collect();
        if let Some(first) = names.first() {
            text.push_str(&format!("  cycle: {} -> {first}\n", names.join(" -> ")));
        }
        text
    }
}

const SIGTERM: i32 = 15;

fn ended(exit: i32) -> String {
    match exit {
        ..0 => format!("was ended by {}", words::signal(-exit)),
        code => format!("ended with exit code {code}"),
    }
}

fn reached(limit: Limit) -> String {
    match limit {
        Limit::Memory { bytes } => format!("ran into its memory limit of {}", words::size(bytes)),
        Limit::Cpu { ms } => format!("used up its {} of processor time", words::duration(ms)),
        Limit::Time { ms } => format!("was ended by its timeout of {}", words::duration(ms)),
    }
}

/// At most so many items in hand are listed.
const IN_HAND_SHOWN: usize = 3;

/// Last words explain an end that has no error of its own.
fn tell_remains(remains: &Remains, unexplained: bool, text: &mut String) {
    for InHand { queue, item, attempt } in remains.in_hand.iter().take(IN_HAND_SHOWN) {
        let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
        text.push_str(&format!("  in hand, of queue `{queue}`{again}: {item}\n"));
    }
    if remains.in_hand.len() > IN_HAND_SHOWN {
        let more = words::count(remains.in_hand.len() - IN_HAND_SHOWN, "more item");
        text.push_str(&format!("  and {more}\n"));
    }
    if unexplained && !remains.last_words.is_empty() {
        text.push_str("  its last lines on standard error:\n");
        remains.last_words.iter().for_each(|line| text.push_str(&format!("    {line}\n")));
    }
}

impl Observer for Human {
    fn event(&mut self, event: &Event) {
        let text = self.text(event);
        if !text.is_empty() {
            self.errors.write(&text);
        }
    }
}
