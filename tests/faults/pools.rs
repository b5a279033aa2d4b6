//! Workers of pools, and owners of pools, that are killed.

use super::run::{Run, pid};
use super::{Pid, Signal, kill};

#[test]
fn a_worker_that_is_killed_in_a_task_is_replaced() {
    let run = Run::start(
        r#"
        main {
            let pool = pool(2);
            let once = |x| { if x == 1 && !exists("begun") { write_text("begun", ""); print(pid()); sleep(1000); } x };
            print(pool.map([1, 2, 3], once));
            print(pool.map_async(0..3, |x| x).get());
        }
        "#,
    );
    kill(run.pid());
    let ended = run.end();
    assert_eq!((ended.status, ended.lines), (0, ["[1, 2, 3]", "[0, 1, 2]"].map(String::from).into()));
    assert!(ended.stderr.contains("note: worker `pool-1."), "{}", ended.stderr);
    assert!(ended.stderr.contains("was ended by SIGKILL; another takes its place"), "{}", ended.stderr);
}

#[test]
fn an_item_on_which_two_workers_were_killed_is_named() {
    let run = Run::start(
        r#"
        main {
            let pool = pool(3);
            let deadly = |x| { if x == 17 { print(pid()); sleep(1000); } x };
            let seen = [];
            try {
                for x in pool.imap_unordered(0..100, deadly, #{ chunk: 10 }) { seen.push(x); }
            } catch (e) { print(`${e.kind} ${e.item} ${e.attempts}; ${e.last}`); }
            print(pool.map(0..100, |x| x).sum());
        }
        "#,
    );
    kill(run.pid());
    kill(run.pid());
    let line = run.line();
    assert!(line.starts_with("Died 17 2; process `pool-1."), "{line}");
    assert!(line.ends_with("` was ended by SIGKILL before it acknowledged it"), "{line}");
    let ended = run.end();
    assert_eq!((ended.status, ended.lines), (0, ["4950".to_owned()].into()), "{}", ended.stderr);
}

/// Short tasks are taken together: only the one that a worker was at counts as tried, and none is done twice. Those
/// behind both of the deadly ones lay before two workers that died.
#[test]
fn of_tasks_that_are_taken_together_only_deadly_ones_are_tried_again() {
    let run = Run::start(
        r#"
        main {
            let pool = pool(1);
            let deadly = |x| { print(`at ${x}`); if x in [300, 310] { exit(3); } x };
            let jobs = [];
            for i in 0..400 { jobs.push(pool.apply_async(deadly, [i])); }
            let sum = 0;
            for job in jobs {
                try { sum += job.get(); } catch (e) { print(`${e.kind} ${e.item} ${e.attempts}`); }
            }
            print(`sum ${sum}`);
        }
        "#,
    );
    let ended = run.end();
    assert_eq!(ended.status, 0, "{}", ended.stderr);
    let (at, told): (Vec<_>, Vec<_>) = ended.lines.iter().partition(|line| line.starts_with("at "));
    assert_eq!(told, ["Died [300] 2", "Died [310] 2", "sum 79190"]);
    let expected = (0..=300).chain(300..=310).chain(310..400).map(|item| format!("at {item}"));
    assert!(at.into_iter().cloned().eq(expected), "each once and in order, but for the deadly ones");
}

/// A task waits for the one behind it, which its worker may have taken with it.
#[test]
fn tasks_behind_one_that_waits_or_takes_long_go_to_others() {
    for waiting in ["sleep(0.001);", ""] {
        let script = r#"
            main {
                let pool = pool(2);
                let meets = |x| {
                    if x == 200 { while !exists("met") { WAITING } }
                    if x == 201 { write_text("met", ""); }
                    x
                };
                print(pool.map(0..400, meets, #{ chunk: 1 }).sum());
                let jobs = [];
                remove("met");
                for i in 0..400 { jobs.push(pool.apply_async(meets, [i])); }
                print(jobs.map(|job| job.get()).sum());
            }
            "#;
        let ended = Run::start(&script.replace("WAITING", waiting)).end();
        let sums = ["79800", "79800"].map(String::from);
        assert_eq!((ended.status, ended.lines), (0, sums.into()), "{}", ended.stderr);
    }
}

#[test]
fn idle_workers_that_are_killed_are_replaced() {
    let mut run = Run::start(
        r#"
        main {
            let pool = pool(2);
            make_dir("here");
            let pids = pool.map([1, 2], |x| { write_text(`here/${x}`, ""); while list_dir("here").len() < 2 { sleep(0.001); } pid() }, #{ chunk: 1 });
            for id in pids { print(id); }
            for line in stdin_lines() { while active_children().some(|child| child.pid in pids) { sleep(0.001); } }
            print(pool.map([1, 2, 3], |x| x));
            print(active_children().len());
        }
        "#,
    );
    kill(run.pid());
    kill(run.pid());
    run.tell("go");
    let ended = run.finish_input().end();
    assert_eq!(
        (ended.status, ended.lines),
        (0, ["[1, 2, 3]", "2"].map(String::from).into()),
        "{}",
        ended.stderr
    );
}

#[test]
fn workers_killed_before_they_begin_end_their_pool() {
    let run = Run::start(
        r#"
        main {
            let pool = pool(1, #{ initializer: || { print(pid()); sleep(1000); } });
            try { pool.map([1, 2, 3], |x| x); } catch (e) { print(`${e.kind}: ${e.message}`); }
            pool.close();
            pool.join();
        }
        "#,
    );
    for _ in 0..3 {
        kill(run.pid());
    }
    let ended = run.end();
    let message =
        "Initializer: the initializer of `pool-1` failed 3 times: the last one was ended by SIGKILL";
    assert_eq!((ended.status, ended.lines), (0, [message.to_owned()].into()), "{}", ended.stderr);
}

/// A process whose pool is at work for ever.
const OWNER: &str = r#"
process owner() on failure ignore {
    let pool = pool(2);
    print(pid());
    for x in pool.imap(0..10, |_x| { print("at work"); sleep(1000); }) { print(x); }
}
start owner()
"#;

/// The owner, when both of its workers are at work.
fn at_work(run: &Run) -> Pid {
    let owner = run.pid();
    assert_eq!((run.line().as_str(), run.line().as_str()), ("at work", "at work"));
    owner
}

#[test]
fn the_workers_of_a_killed_owner_end() {
    let run = Run::start(OWNER);
    kill(at_work(&run));
    assert_eq!(run.end().status, 0);
}

#[test]
fn workers_end_with_their_interpreter_and_with_their_run() {
    for (signal, status) in [(Signal::KILL, 128 + 9), (Signal::INT, 130), (Signal::TERM, 143)] {
        let run = Run::start(OWNER);
        at_work(&run);
        assert_eq!(run.processes().len(), 4);
        run.signal(signal);
        assert_eq!(run.end().status, status);
    }
}

#[test]
fn no_result_is_lost_or_doubled_while_workers_are_killed() {
    let mut run = Run::start(
        r#"
        main {
            let pool = pool(3);
            let count = 0;
            let sum = 0;
            let results = pool.imap_unordered(0..600, |x| { if x % 50 == 49 && !exists(`${x}`) { write_text(`${x}`, ""); print(pid()); sleep(1000); } x }, #{ chunk: 10 });
            for x in results { count += 1; sum += x; }
            print(`${count} ${sum}`);
        }
        "#,
    );
    for _ in 0..12 {
        kill(pid(&run.line()));
    }
    assert_eq!(run.line(), format!("600 {}", 600 * 599 / 2));
    run = run.finish_input();
    assert_eq!(run.end().status, 0);
}

#[test]
fn a_result_comes_before_the_next_line_of_input_does() {
    let mut run = Run::start(
        "main { let pool = pool(2); for shout in pool.imap(stdin_lines(), |l| l.to_upper()) { print(shout); } }",
    );
    for word in ["one", "two", "three"] {
        run.tell(word);
        assert_eq!(run.line(), word.to_uppercase());
    }
    assert_eq!(run.finish_input().end().status, 0);
}
