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

const WORD_COUNT: &str = r"#!/usr/bin/env procession
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
";

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
    let script = r###"
param a
param b = [1, 2] + |x| x
  .len()
param c...
const K = 3 * 1024; const L = 1 +
    2
fn f(a, b,) { "}" + '}' + `}${ "}" + `${1}` }` + #"}"# + ##"}"# "## /* } /* } */ */ // }
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
"###;
    let file = tree(script);
    assert_eq!(file.items.len(), 26);
}

#[track_caller]
fn default_of(text: &str) -> String {
    match only(text).kind {
        ItemKind::Param(param) => param.default.map(|value| value.text).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_expression_ends_with_its_line_unless_an_operator_or_a_dot_goes_on() {
    assert_eq!(default_of("param x = 1 // one\n"), "1");
    assert_eq!(default_of("param x = 1 +\n  2;"), "1 +\n  2");
    assert_eq!(default_of("param x = a\n  .b()\n  .c"), "a\n  .b()\n  .c");
    assert_eq!(default_of("param x = f(\n  1,\n  2\n)"), "f(\n  1,\n  2\n)");
    assert_eq!(default_of("param x =\r\n  1..5\r\n"), "1..5");
    assert_eq!(default_of("param x = |a, b| a + b"), "|a, b| a + b");
}

#[test]
fn an_expression_ends_before_a_clause_but_may_use_its_word() {
    let item = only("queue q capacity order order fifo");
    let ItemKind::Queue(queue) = item.kind else { panic!() };
    assert_eq!(queue.clauses.len(), 2);
    let QueueClause::Capacity(Capacity::Items(count)) = &queue.clauses[0].kind else { panic!() };
    assert_eq!(count.text, "order");
    assert_eq!((item.span.start, item.span.end), (0, 33));
}

#[test]
fn clauses_may_stand_on_following_lines() {
    let item = only("start f()\n  * 2 // twice\n  if a\n  after b,\n    c\n  daemon\n");
    let ItemKind::Start(start) = item.kind else { panic!() };
    assert!(start.many.is_some() && start.condition.is_some());
    assert_eq!((start.after.len(), start.clauses.len()), (2, 1));
}

#[test]
fn words_of_the_language_may_be_names() {
    for text in
        ["queue dead", "event begin", "lock start", "table main_", "queue queue", "start start = queue()"]
    {
        only(text);
    }
}

#[test]
fn ports_and_defaults() {
    let ItemKind::Process(process) =
        only("process p(id, in a, out b, c = [1, 2], in_ = |x, y| x) native").kind
    else {
        panic!()
    };
    let directions: Vec<_> = process.parameters.iter().map(|parameter| parameter.direction).collect();
    assert_eq!(directions, [None, Some(Direction::In), Some(Direction::Out), None, None]);
    let defaults: Vec<_> =
        process.parameters.iter().filter_map(|parameter| parameter.default.as_ref()).collect();
    assert_eq!(defaults[0].text, "[1, 2]");
    assert_eq!(defaults[1].text, "|x, y| x");
    assert!(matches!(process.body, ProcessBody::Native(_)));
}

#[test]
fn a_body_is_the_text_between_its_braces() {
    let text = "process p() { print(`}${ \"}\" }`); /* } */ }";
    let ItemKind::Process(process) = only(text).kind else { panic!() };
    let ProcessBody::Block(block) = process.body else { panic!() };
    assert_eq!(block.text, " print(`}${ \"}\" }`); /* } */ ");
    assert_eq!(&text[block.span.range()], block.text);
}

#[test]
fn sizes_and_durations_are_numbers() {
    let clauses = |text: &str| match only(text).kind {
        ItemKind::Start(start) => start.clauses.into_iter().map(|clause| clause.kind).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let read = clauses("start f() timeout 1.5s cpu 2m memory 1_024KiB");
    let expected =
        [ProcessClause::Timeout(1500), ProcessClause::Cpu(120_000), ProcessClause::Memory(1 << 20)];
    assert_eq!(read, expected);
}

#[test]
fn documentation_belongs_to_the_script_or_to_a_declaration() {
    let file = tree("/// Of the script.\n///\n/// More.\n\n/// Of a.\nlock a\n//// no documentation\nlock b");
    assert_eq!(file.docs, ["Of the script.", "", "More."]);
    assert_eq!(file.items[0].docs, ["Of a."]);
    assert!(file.items[1].docs.is_empty());
    let file = tree("\u{feff}#!/bin/procession\r\n///  Of a.\r\nlock a\r\n");
    assert!(file.docs.is_empty());
    assert_eq!(file.items[0].docs, [" Of a."]);
}

#[test]
fn semicolons_and_empty_scripts() {
    assert_eq!(tree("lock a; lock b\nlock c;").items.len(), 3);
    assert_eq!(tree("process p() { } start p()").items.len(), 2);
    for text in ["", "\n", "// only a comment", "/* /* nested */ */", "\u{feff}", "#!x"] {
        assert!(tree(text).items.is_empty());
    }
}

#[test]
fn an_import_names_its_path() {
    let ItemKind::Import(import) = only("import \"a\\tb\\u00e4\"\"c\" as m").kind else { panic!() };
    assert_eq!((&*import.path, &*import.alias.text), ("a\tbä\"c", "m"));
}
