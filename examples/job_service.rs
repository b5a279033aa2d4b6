//! A service without a web: it takes jobs as they come, has a script do them, and hands out what comes of them.

use procession::{Error, Host, Run, Script};
use serde::{Deserialize, Serialize};

const SCRIPT: &str = r#"
host queue jobs capacity 8
host queue results

process work(in jobs, out results) {
    for job in jobs { results.put(#{ id: job.id, sum: job.numbers.sum() }); }
}

start work(jobs, results) * 3
"#;

#[derive(Serialize)]
struct Job {
    id: u32,
    numbers: Vec<i64>,
}

#[derive(Deserialize)]
struct Done {
    id: u32,
    sum: i64,
}

fn main() -> Result<(), Error> {
    let host = Host::new();
    procession::init(&host);
    let graph = Script::from_text("jobs.proc", SCRIPT)?.check(&host)?.graph([] as [&str; 0])?;
    let run = Run::builder(&graph).start()?;
    let (jobs, results) = (run.sender::<Job>("jobs")?, run.receiver::<Done>("results")?);
    // Jobs come on a thread of their own; when it is done with its sender the stream ends.
    let clients = std::thread::spawn(move || {
        (1..=20).try_for_each(|id| jobs.send(&Job { id, numbers: (0..=i64::from(id)).collect() }))
    });
    let mut done = results.iter().collect::<Result<Vec<Done>, Error>>()?;
    done.sort_by_key(|done| done.id);
    for Done { id, sum } in done.iter().take(3) {
        println!("job {id}: {sum}");
    }
    println!("{} jobs done", done.len());
    clients.join().expect("the clients do not panic")?;
    assert!(run.wait()?.success());
    Ok(())
}
