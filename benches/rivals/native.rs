//! Items between native processes of this program, as `rivals native stream PAYLOAD PRODUCERS CONSUMERS ITEMS`, or `joinable
//! WORKERS ITEMS`. PAYLOAD is int, record, textSIZE or bytesSIZE; each the same value again and again, so that no making of
//! items is timed; `ints` go by a hundred at once. Counts and sums are checked; the last line is RESULT and items a second, from the first put to the last get.

use procession::{Bytes, Context, Host, Receiver, Run, Script};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::process::ExitCode;
use std::time::SystemTime;

type Done = Result<(), Box<dyn Error>>;

/// When a process began and ended, how many items it took, and what they weigh.
type Told = (f64, f64, i64, i64);

#[derive(Serialize, Deserialize)]
pub struct Record {
    id: i64,
    name: String,
    ok: bool,
    score: f64,
}

impl Default for Record {
    fn default() -> Self {
        Record { id: 1, name: "item".to_owned(), ok: true, score: 0.5 }
    }
}

pub fn host() -> Host {
    Host::new().process("send", send).process("take", take).process("feed", feed).process("work", work)
}

pub fn run(words: &[String]) -> ExitCode {
    match measure(words) {
        Ok(rate) => {
            println!("RESULT {rate}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn measure(words: &[String]) -> Result<f64, Box<dyn Error>> {
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["stream", payload, producers, consumers, items] => {
            let items: i64 = items.parse()?;
            let weight = match size(payload) {
                Some(size) => items * size as i64,
                None if payload.starts_with("int") => items * (items - 1) / 2,
                None => items,
            };
            let capacity = if size(payload).is_some_and(|size| size > 100_000) { 16 } else { 1000 };
            let script = format!(
                "queue q capacity {capacity}\nhost queue told\n\
                 process send(payload, from, to, out q, out told) native\n\
                 process take(payload, in q, out told) native\n\
                 start take({payload:?}, q, told) * {consumers}\n\
                 start send({payload:?}, {items} * i / {producers}, {items} * (i + 1) / {producers}, q, told) \
                 for i in 0..{producers}\n"
            );
            rate(&script, (items, weight))
        }
        ["joinable", workers, items] => {
            let items: i64 = items.parse()?;
            let script = format!(
                "joinable queue tasks capacity 1000\nhost queue told\n\
                 process feed(items, out tasks, out told) native\nprocess work(in tasks, out told) native\n\
                 start work(tasks, told) * {workers}\nstart feed({items}, tasks, told)\n"
            );
            rate(&script, (items, items * (items - 1) / 2))
        }
        _ => Err("stream PAYLOAD PRODUCERS CONSUMERS ITEMS, or joinable WORKERS ITEMS".into()),
    }
}

/// Items a second of a run in which so many are taken, of this weight in all.
fn rate(script: &str, expected: (i64, i64)) -> Result<f64, Box<dyn Error>> {
    let graph = Script::from_text("bench.proc", script)?.check(&host())?.graph([] as [&str; 0])?;
    let run = Run::builder(&graph).start()?;
    let told: Receiver<Told> = run.receiver("told")?;
    let (mut began, mut ended, mut items, mut weight) = (f64::MAX, 0.0_f64, 0, 0);
    for told in told.iter() {
        let (first, last, count, sum) = told?;
        (began, ended, items, weight) = (began.min(first), ended.max(last), items + count, weight + sum);
    }
    let outcome = run.wait()?;
    if !outcome.success() || (items, weight) != expected {
        return Err(format!("{items} items of {weight} instead of {expected:?}: {outcome:?}").into());
    }
    Ok(items as f64 / (ended - began))
}

fn now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64())
}

/// The number behind `text` or `bytes`.
fn size(payload: &str) -> Option<usize> {
    payload.trim_start_matches(|letter: char| letter.is_alphabetic()).parse().ok()
}

fn send(context: &mut Context) -> Done {
    let payload = context.param::<String>("payload")?;
    let items = context.param::<i64>("from")?..context.param::<i64>("to")?;
    match (payload.as_str(), size(&payload)) {
        ("int", _) => put_all(context, items, |item| item),
        ("ints", _) => put_by_hundreds(context, items),
        (text, Some(size)) if text.starts_with("text") => {
            let text = "x".repeat(size);
            put_all(context, items, |_| text.as_str())
        }
        (_, Some(size)) => {
            let bytes = Bytes(vec![7; size]);
            put_all(context, items, |_| &bytes)
        }
        _ => {
            let record = Record::default();
            put_all(context, items, |_| &record)
        }
    }
}

fn put_all<T: Serialize>(context: &Context, items: std::ops::Range<i64>, make: impl Fn(i64) -> T) -> Done {
    let (q, told) = (context.output::<T>("q")?, context.output::<Told>("told")?);
    told.put(&(now(), 0.0, 0, 0))?;
    for item in items {
        q.put(&make(item))?;
    }
    Ok(())
}

fn take(context: &mut Context) -> Done {
    let payload = context.param::<String>("payload")?;
    match (payload.as_str(), size(&payload)) {
        ("int", _) => take_all(context, "q", |item: i64| item),
        ("ints", _) => take_by_hundreds(context),
        (text, Some(_)) if text.starts_with("text") => {
            take_all(context, "q", |text: String| text.len() as i64)
        }
        (_, Some(_)) => take_all(context, "q", |bytes: Bytes| bytes.0.len() as i64),
        _ => take_all(context, "q", |record: Record| record.id),
    }
}

fn take_all<T: DeserializeOwned>(context: &Context, port: &str, weigh: impl Fn(T) -> i64) -> Done {
    let (q, told) = (context.input::<T>(port)?, context.output::<Told>("told")?);
    let (mut count, mut sum) = (0, 0);
    for item in q.items() {
        sum += weigh(item?);
        count += 1;
    }
    told.put(&(f64::MAX, now(), count, sum))?;
    Ok(())
}

const HUNDRED: usize = 100;

fn put_by_hundreds(context: &Context, items: std::ops::Range<i64>) -> Done {
    let (q, told) = (context.output::<i64>("q")?, context.output::<Told>("told")?);
    told.put(&(now(), 0.0, 0, 0))?;
    for first in items.clone().step_by(HUNDRED) {
        let some: Vec<i64> = (first..items.end.min(first + HUNDRED as i64)).collect();
        q.put_many(&some)?;
    }
    Ok(())
}

fn take_by_hundreds(context: &Context) -> Done {
    let (q, told) = (context.input::<i64>("q")?, context.output::<Told>("told")?);
    let (mut count, mut sum) = (0, 0);
    loop {
        let some = q.get_many(HUNDRED)?;
        if some.is_empty() {
            break;
        }
        count += some.len() as i64;
        sum += some.iter().sum::<i64>();
    }
    told.put(&(f64::MAX, now(), count, sum))?;
    Ok(())
}

fn feed(context: &mut Context) -> Done {
    let items = context.param::<i64>("items")?;
    let (tasks, told) = (context.output::<i64>("tasks")?, context.output::<Told>("told")?);
    let began = now();
    for item in 0..items {
        tasks.put(&item)?;
    }
    tasks.join()?;
    told.put(&(began, now(), 0, 0))?;
    Ok(())
}

/// Its own end does not count: all is done when the last item is acknowledged.
fn work(context: &mut Context) -> Done {
    let (tasks, told) = (context.input::<i64>("tasks")?, context.output::<Told>("told")?);
    let (mut count, mut sum) = (0, 0);
    for item in tasks.items() {
        sum += item?;
        count += 1;
    }
    told.put(&(f64::MAX, 0.0, count, sum))?;
    Ok(())
}
