//! What happens when processes are killed, stopped, or cut off from their surroundings: the run ends or goes on
//! as promised, nothing is lost, and nobody is left.

#[path = "faults/memory.rs"]
mod memory;
#[cfg(debug_assertions)]
#[path = "faults/points.rs"]
mod points;
#[path = "faults/pools.rs"]
mod pools;
#[path = "faults/programs.rs"]
mod programs;
// Other tests use the rest of it.
#[allow(dead_code)]
#[path = "faults/run.rs"]
mod run;
#[path = "faults/shared.rs"]
mod shared;
#[path = "faults/shutdown.rs"]
mod shutdown;
#[path = "faults/starts.rs"]
mod starts;
#[path = "faults/storm.rs"]
mod storm;

use run::{LIMIT, Run, pid, until};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::time::Instant;

/// Two that wait and one that never does.
const LONG: &str = r"
process waits(out ids) { ids.put(pid()); sleep(1000); }
process spins(out ids) { ids.put(pid()); loop { } }
queue ids
start waits(ids) * 2
start spins(ids)
main { for i in 0..3 { print(ids.get()); } print(); sleep(1000); }
";

/// A run in which all processes are under way.
fn long() -> Run {
    let run = Run::start(LONG);
    for _ in 0..4 {
        run.line();
    }
    run
}

fn kill(process: Pid) {
    kill_process(process, Signal::KILL).expect("the process runs");
}

#[test]
fn nobody_outlives_a_killed_interpreter() {
    let run = long();
    assert_eq!(run.processes().len(), 4);
    run.signal(Signal::KILL);
    assert_eq!(run.end().status, 128 + 9);
}

/// Programs that have started others, in main and in a process: the interpreter, a worker, and three
/// for each program. It prints the worker's pid, then waits for ever.
const PROGRAMS: &str = r#"
process runs() on failure ignore { print(pid()); exec(["sh", "-c", "sleep 1000 & sleep 1000; true"]); }
start runs()
main { exec(["sh", "-c", "sleep 1000 & sleep 1000; true"]); }
"#;

/// A run of [`PROGRAMS`] that has started them all.
fn programs() -> (Run, Pid) {
    let run = Run::start(PROGRAMS);
    let worker = run.pid();
    run.until(|run| run.processes().len() == 8);
    (run, worker)
}

#[test]
fn what_a_program_has_started_ends_with_the_interpreter() {
    let (run, _) = programs();
    run.signal(Signal::KILL);
    assert_eq!(run.end().status, 128 + 9);
}

#[test]
fn what_a_program_has_started_ends_with_its_process() {
    let (run, worker) = programs();
    kill(worker);
    run.until(|run| run.processes().len() == 4);
    run.signal(Signal::TERM);
    assert_eq!(run.end().status, 143);
}

#[test]
fn what_a_program_has_started_ends_with_its_time() {
    let run = Run::start(
        r#"
        process runs() {
            try { exec(["sh", "-c", "sleep 1000 & sleep 1000; true"], #{timeout: 0.3}); }
            catch (e) { print(e.kind); sleep(1000); }
        }
        start runs()
        "#,
    );
    assert_eq!(run.line(), "Timeout");
    run.until(|run| run.processes().len() == 2);
    run.signal(Signal::TERM);
    assert_eq!(run.end().status, 143);
}

#[test]
fn what_a_program_has_started_ends_with_the_run() {
    let (run, _) = programs();
    run.signal(Signal::INT);
    assert_eq!(run.end().status, 130);
}

#[test]
fn a_killed_guardian_is_replaced() {
    let run = long();
    let deadline = Instant::now() + LIMIT;
    let first = until(deadline, || run.guardian()).expect("there is a guardian");
    kill(first);
    let second = until(deadline, || run.guardian().filter(|&pid| pid != first));
    assert!(second.is_some(), "there is no second guardian");
    run.signal(Signal::KILL);
    assert_eq!(run.end().status, 128 + 9);
}

#[test]
fn a_signal_stops_everybody_and_is_said_in_one_line() {
    for (signal, name, status) in [(Signal::TERM, "SIGTERM", 143), (Signal::INT, "SIGINT", 130)] {
        let run = long();
        run.signal(signal);
        let ended = run.end();
        assert_eq!(ended.status, status);
        assert_eq!(ended.stderr, format!("stopped by {name}: 3 processes ended"));
    }
}

#[test]
fn a_stopped_process_is_killed_when_its_grace_is_over() {
    let run = long();
    let worker = run.processes().into_iter().find(|&pid| pid != run.interpreter()).expect("workers run");
    kill_process(worker, Signal::STOP).expect("the worker runs");
    run.signal(Signal::TERM);
    assert_eq!(run.end().status, 143);
}

#[test]
fn a_second_interrupt_kills_at_once() {
    let run = long();
    for worker in run.processes().into_iter().filter(|&pid| pid != run.interpreter()) {
        kill_process(worker, Signal::STOP).expect("the worker runs");
    }
    let begin = Instant::now();
    run.signal(Signal::INT);
    assert!(run.error_line().starts_with("stopped by SIGINT"));
    run.signal(Signal::INT);
    assert_eq!(run.end().status, 130);
    assert!(begin.elapsed().as_millis() < 1900, "it waited for the end of the grace");
}

#[test]
fn an_item_in_a_killed_hand_reaches_another() {
    let run = Run::start(
        r#"
        joinable queue jobs
        process worker(in jobs) on failure ignore {
            for job in jobs {
                if jobs.attempt == 1 { print(pid()); sleep(1000); }
                print(`${job}, attempt ${jobs.attempt}`);
            }
        }
        start worker(jobs) * 2
        main { jobs.put("x"); jobs.join(); print("joined"); }
        "#,
    );
    kill(run.pid());
    assert_eq!((run.line().as_str(), run.line().as_str()), ("x, attempt 2", "joined"));
    assert_eq!(run.end().status, 0);
}

#[test]
fn the_others_go_on_when_one_that_waits_for_an_item_is_killed() {
    let mut run = Run::start(
        r#"
        queue items
        process taker(in items) on failure ignore { for item in items { print(`got ${item}`); } }
        start first = taker(items)
        start second = taker(items)
        main {
            while first.waiting_on != "get items" || second.waiting_on != "get items" { sleep(0.01); }
            print(first.pid);
            for line in stdin_lines() { while first.is_alive { sleep(0.01); } items.put(1); items.put(2); items.close(); }
        }
        "#,
    );
    kill(run.pid());
    run.tell("go");
    let ended = run.finish_input().end();
    let got = ["got 1", "got 2"].map(String::from).into();
    assert_eq!((ended.status, ended.lines), (0, got), "{}", ended.stderr);
}

#[test]
fn nothing_that_put_returned_for_is_lost_when_a_waiting_producer_is_killed() {
    let mut run = Run::start(
        r#"
        queue rows capacity 3
        process makes(id, out rows) on failure ignore {
            for i in 0..50 { rows.put([id, i]); print(`put ${id} ${i}`); }
        }
        start first = makes("a", rows)
        start second = makes("b", rows)
        main {
            while first.waiting_on != "put rows" || second.waiting_on != "put rows" { sleep(0.01); }
            print(first.pid);
            for line in stdin_lines() { while first.is_alive { sleep(0.01); } }
            rows.close();
            for row in rows { print(`got ${row[0]} ${row[1]}`); }
        }
        "#,
    );
    let mut lines = Vec::new();
    let killed = loop {
        let line = run.line();
        if !line.starts_with("put") {
            break pid(&line);
        }
        lines.push(line);
    };
    kill(killed);
    run.tell("go");
    let ended = run.finish_input().end();
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    lines.extend(ended.lines);
    let those = |what: &str| -> Vec<String> {
        lines.iter().filter_map(|line| line.strip_prefix(what)).map(str::to_owned).collect()
    };
    let (mut put, mut got) = (those("put "), those("got "));
    put.sort();
    got.sort();
    assert_eq!(put, got);
    assert_eq!(got.iter().filter(|row| row.starts_with('b')).count(), 50);
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    for script in [
        "process p() { loop { print(pid()); } }\nstart p() * 2\n",
        "main { loop { print(1); } }\n",
        "process p() { loop { print(1); } }\nstart p()\nmain { sleep(1000); }\n",
    ] {
        let run = Run::start_in_shell("\"$0\" run \"$1\" | head -1; exit ${PIPESTATUS:-0}", script);
        let ended = run.end();
        assert_eq!((ended.status, ended.lines.len(), ended.stderr.as_str()), (0, 1, ""), "{script}");
    }
}

const SPEAKS: &str = "process p() { print(1); }\nstart p()\nmain { for l in stdin_lines() { print(l); } }\n";

#[test]
fn a_closed_input_is_an_empty_one() {
    let ended = Run::start_in_shell("exec \"$0\" run \"$1\" <&-", SPEAKS).end();
    assert_eq!((ended.status, ended.lines, ended.stderr), (0, ["1".to_owned()].into(), String::new()));
}

#[test]
fn a_closed_output_takes_everything() {
    let ended = Run::start_in_shell("exec \"$0\" run \"$1\" <&- >&-", SPEAKS).end();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
}

#[test]
fn a_full_output_is_a_failure() {
    let line = "exec \"$0\" run \"$1\" > /dev/full";
    let refused = "error: cannot write standard output: No space left on device (os error 28)";
    for script in ["main { print(1); }\n", "process p() { loop { print(1); } }\nstart p()\n"] {
        let ended = Run::start_in_shell(line, script).end();
        assert_eq!((ended.status, ended.stderr.as_str()), (1, refused));
    }
}

#[test]
fn a_full_standard_error_changes_nothing() {
    let script =
        "process p() { debug(1); throw 2; }\nstart p() on failure ignore\nmain { debug(3); print(4); }\n";
    let ended = Run::start_in_shell("exec \"$0\" run \"$1\" 2> /dev/full", script).end();
    assert_eq!((ended.status, ended.lines), (0, ["4".to_owned()].into()));
}

#[test]
fn what_a_command_cannot_print_is_a_failure() {
    let refused = "error: cannot write standard output: No space left on device (os error 28)";
    for words in ["graph \"$1\"", "explain P0107", "explain", "doc"] {
        let line = format!("exec \"$0\" {words} > /dev/full");
        let ended = Run::start_in_shell(&line, SPEAKS).end();
        assert_eq!((ended.status, ended.stderr.as_str()), (1, refused), "{words}");
    }
}

#[test]
fn a_thousand_processes_start_and_are_joined() {
    let run = Run::start(
        "queue done\n\
         process child(i, out done) { done.put(i); }\n\
         start child(i, done) for i in 0..1000\n\
         main { let sum = 0; let count = 0; for i in done { sum += i; count += 1; } print(`${count} ${sum}`); }\n",
    );
    let ended = run.end();
    assert_eq!((ended.status, ended.lines), (0, ["1000 499500".to_owned()].into()), "{}", ended.stderr);
}

#[test]
fn main_starts_and_joins_three_hundred() {
    let run = Run::start(
        "queue done\n\
         process child(i, out done) { done.put(i); }\n\
         main {\n\
             let all = [];\n\
             for i in 0..300 { let c = child(i, done); c.start(); all.push(c); }\n\
             for c in all { c.join(); }\n\
             print(`${done.len} ${all.filter(|c| c.exitcode == 0).len()}`);\n\
         }\n",
    );
    let ended = run.end();
    assert_eq!((ended.status, ended.lines), (0, ["300 300".to_owned()].into()), "{}", ended.stderr);
}

#[test]
fn every_item_is_done_while_workers_are_killed() {
    let mut run = Run::start(
        r#"
        joinable queue jobs capacity 16 redeliver 1000
        queue done capacity 4
        process makes(from, out jobs) { for i in from..from + 300 { jobs.put(i); } }
        process works(in jobs, out done) restart 1000 backoff 1ms {
            for job in jobs { done.put(`${pid()} ${job}`); }
        }
        start makes(0, jobs)
        start makes(300, jobs)
        start works(jobs, done) * 4
        main {
            let count = 0;
            for item in done {
                count += 1;
                print(item);
                if count % 20 == 0 { print("now"); for answer in stdin_lines() { break; } }
            }
            print("end");
        }
        "#,
    );
    let (mut seen, mut killed, mut last) = (BTreeSet::new(), 0, None);
    loop {
        let line = run.line();
        match line.split_once(' ') {
            Some((worker, job)) => {
                seen.insert(job.to_owned());
                last = Some(pid(worker));
            }
            None if line == "end" => break,
            // Not at the very end: once the stream has ended there is nothing left to restart for.
            None => {
                let worker = last.filter(|_| seen.len() < 600);
                killed += usize::from(worker.is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok()));
                run.tell("go on");
            }
        }
    }
    assert_eq!(seen.len(), 600);
    assert!(killed >= 10, "only {killed} were killed");
    let ended = run.end();
    assert_eq!(ended.status, 0, "{}", ended.stderr);
}

/// A process of so many arguments of so many bytes each, started by the graph and by main.
fn with_arguments(count: usize, bytes: usize) -> String {
    let names: Vec<String> = (0..count).map(|index| format!("a{index}")).collect();
    let sum = names.iter().map(|name| format!("{name}.len()")).collect::<Vec<_>>().join(" + ");
    let given = vec!["BIG"; count].join(", ");
    let by_name = names.iter().map(|name| format!("{name}: BIG")).collect::<Vec<_>>().join(", ");
    format!(
        "const BIG = blob({bytes}, 1)\nprocess takes({names}) {{ print({sum}); }}\nstart takes({given})\n\
         main {{ takes.named(#{{ {by_name} }}).start().join(); }}\n",
        names = names.join(", "),
    )
}

#[test]
fn arguments_are_as_many_and_as_large_as_one_likes() {
    // More large ones than descriptors go with one system call; more small ones than go into one message.
    for (count, bytes) in [(40, 300_000), (80, 250_000)] {
        let ended = Run::start(&with_arguments(count, bytes)).end();
        let sum = (count * bytes).to_string();
        assert_eq!((ended.status, ended.lines), (0, [sum.clone(), sum].into()), "{}", ended.stderr);
    }
}

#[test]
fn a_graph_that_needs_too_many_descriptors_is_refused_before_it_starts() {
    let run = Run::start_in_shell(
        "ulimit -n 100; exec \"$0\" run \"$1\"",
        "process speak() { print(\"never\"); }\nstart speak() * 50\n",
    );
    let ended = run.end();
    assert_eq!((ended.status, ended.lines.len()), (1, 0));
    let expected =
        "a graph of 50 processes needs 190 file descriptors, and only 100 are allowed; start at most 20";
    assert!(ended.stderr.contains(expected), "{}", ended.stderr);
}

#[test]
fn running_out_of_descriptors_is_an_error_that_can_be_caught() {
    let script = r#"
        queue never
        process nap(in never) { for x in never { } }
        main {
            let refused = ();
            for i in 0..100 { try { nap(never).start(); } catch (e) { refused = e; break; } }
            print(refused.kind);
            print(refused.message);
        }
    "#;
    let ended = Run::start_in_shell("ulimit -n 100; exec \"$0\" run \"$1\"", script).end();
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    assert_eq!(ended.lines[0], "Process");
    assert!(ended.lines[1].contains("the limit of 100 open files is reached"), "{}", ended.lines[1]);
}

/// Root has no limit of processes: the run is another user's then, who has no others.
const FEW_PROCESSES: &str = r#"
    if [ "$(id -u)" = 0 ]; then
        chmod a+rx . && chmod a+r "$1"
        exec prlimit --nproc=14 setpriv --reuid 61234 --regid 61234 --clear-groups "$0" run "$1"
    fi
    exec prlimit --nproc=$(($(ps -L -o pid= -u "$(id -u)" | wc -l) + 10)) "$0" run "$1"
"#;

#[test]
fn running_out_of_processes_is_an_error_that_can_be_caught() {
    let script = r#"
        queue never
        process nap(in never) { for x in never { } }
        main {
            let refused = ();
            for i in 0..100 { try { nap(never).start(); } catch (e) { refused = e; break; } }
            print(refused.kind);
            print(refused.message);
        }
    "#;
    let ended = Run::start_in_shell(FEW_PROCESSES, script).end();
    assert_eq!((ended.status, ended.lines.len()), (0, 2), "{}", ended.stderr);
    assert_eq!(ended.lines[0], "Process");
    for part in ["the limit of ", " processes is reached", "`ulimit -u`"] {
        assert!(ended.lines[1].contains(part), "{}", ended.lines[1]);
    }
}

#[test]
fn a_graph_that_runs_out_of_processes_says_so_and_leaves_nobody() {
    let script = "process nap() { sleep(1000); }\nstart nap() * 60\n";
    let ended = Run::start_in_shell(FEW_PROCESSES, script).end();
    assert_eq!(ended.status, 1, "{}", ended.stderr);
    for part in ["error: process `nap.", "could not be started: the limit of ", "(`ulimit -u`)"] {
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
}

#[test]
fn what_the_threads_of_a_killed_process_had_in_hand_reaches_another() {
    let run = Run::start(
        r#"
        joinable queue jobs
        thread takes(jobs, taken) {
            jobs.get();
            taken.put(1);
            sleep(1000);
        }
        process doomed(in jobs) on failure ignore {
            let taken = local_queue();
            for i in 0..3 { takes(jobs, taken).start(); }
            for i in 0..3 { taken.get(); }
            print(pid());
        }
        process heir(in jobs) { for job in jobs { print(`${job}, attempt ${jobs.attempt}`); } }
        start first = doomed(jobs)
        main {
            for job in ["a", "b", "c", "d"] { jobs.put(job); }
            first.join();
            heir(jobs).start();
            jobs.join();
            print("joined");
        }
        "#,
    );
    kill(run.pid());
    let ended = run.end();
    let mut lines: Vec<&str> = ended.lines.iter().map(String::as_str).collect();
    // Which thread had taken which is not known.
    lines.sort_unstable();
    let got = ["a, attempt 2", "b, attempt 2", "c, attempt 2", "d, attempt 1", "joined"];
    assert_eq!((ended.status, lines), (0, got.to_vec()), "{}", ended.stderr);
}

#[test]
fn a_thread_that_computes_for_ever_does_not_hold_the_end_of_a_run() {
    let run = Run::start(
        r"
        thread spins(begun) { begun.put(1); loop { } }
        main {
            let begun = local_queue();
            for i in 0..2 { spins(begun).start(); }
            for i in 0..2 { begun.get(); }
            print(pid());
            sleep(1000);
        }
        ",
    );
    run.pid();
    run.signal(Signal::INT);
    let ended = run.end();
    assert_eq!((ended.status, ended.stderr.as_str()), (130, "stopped by SIGINT: 0 processes ended"));
}
