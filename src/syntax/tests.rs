//! Valid scripts, declaration by declaration: what the tree says about them.

use super::parse;
use crate::ast::{Capacity, Direction, File, Item, ItemKind, Many, ProcessBody, ProcessClause, QueueClause};
use crate::source::{Source, Sources};

/// The tree of a script that has no problems.
fn tree(text: &str) -> File {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("test.proc", text));
    let (file, problems) = parse(&sources, id);
    assert!(problems.is_empty(), "{text}\n{problems:#?}");
    file
}

/// The only declaration of a script.
fn only(text: &str) -> Item {
    let mut items = tree(text).items;
    assert_eq!(items.len(), 1, "{text}\n{items:#?}");
    items.remove(0)
}

const WORD_COUNT: &str = r#"#!/usr/bin/env procession
/// Count the words of many files on every core.

param files...                          // everything after the options
/// How many counters run side by side.
param workers = cpu_count()

queue lines capacity 4096
queue counts

process reader(files, out lines) {
    for f in files { for line in read_lines(f) { lines.put(line); } }
}

process report(in counts) {
    let total = #{};
    for w in total.keys().sorted_by(|a, b| total[b] - total[a]).take(10) { print(`${total[w]} ${w}`); }
}

start reader(files, lines)
start counter(lines, counts) * workers
start report(counts)
"#;

#[test]
fn a_whole_script() {
    let file = tree(WORD_COUNT);
    assert_eq!(file.docs, ["Count the words of many files on every core."]);
    assert_eq!(file.items.len(), 9);
    assert_eq!(file.items[1].docs, ["How many counters run side by side."]);
    let ItemKind::Start(start) = &file.items[7].kind else { panic!() };
    assert!(matches!(&start.many, Some(Many::Times(count)) if count.text == "workers"));
}

#[test]
fn every_declaration() {
    let script = r####"
param a
param b = [1, 2] + |x| x
  .len()
param c...
const K = 3 * 1024; const L = 1 +
    2
fn f(a, b,) { "}" + '}' + `}${ "}" + `${1}` }` + #"}"# + ##"}"#"## /* } /* } */ */ // }
}
import "a.proc" as m
queue q1
joinable queue dead[4] of [#{id: int, "name x": string?}] capacity 64MiB redeliver 3 dead letter q1
broadcast queue b1 capacity n * 2 order priority
  when full drop oldest
host queue h of #{} capacity unbounded when full wait
process p(id, in tasks, out results, verbose = [1, 2], f = |a, b| a + b) restart 3 backoff 1.5s timeout 2m
   nice -5 memory 1GiB cpu 1h cwd "x" + `${1}` env #{ A: f(1, 2), "B": 2 } allow read "p", write "q",
   run "r", net "h:1" daemon { }
process sorter(in lines, out sorted) exec ["sort", "-u"] as json
process resize(in paths, out done, width) on failure ignore native
thread t(q) { loop { } }
lock l
semaphore s(4)
event begin
barrier bb(n + (1))
counter c1
counter c2 = 10
table t2
start p2 = m::func2(name: "z2", 5, |a, b| a + b) daemon
start shard(i, parts[i]) for i in 0..4 if i > 2 after a, b on failure restart n backoff 5ms allow nothing
pipe list(dir) -> resize(width: 640) * cpu_count() -> save(out_dir)
main { }
"####;
    let file = tree(script);
    assert_eq!(file.items.len(), 26);
}
