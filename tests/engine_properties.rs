//! Both engines over programs that nobody wrote: generated ones, with types that fit and without, and mutations of those
//! of `tests/engines` and of the bodies of all scripts.
//!
//! And `check` refuses no program whose types fit.
//!
//! A short look is part of the suite. `PROCESSION_FUZZ_SECONDS=120` looks for that long, from a place that the clock
//! chooses; a difference is printed with the program.

#[path = "engines/bodies.rs"]
mod bodies;
#[path = "engines/both.rs"]
mod both;
#[path = "engines/programs.rs"]
mod programs;
#[path = "engines/typed.rs"]
mod typed;

use both::{Seen, run, unit};
use procession::script::unit::EngineKind;
use procession::{Host, Script};
use programs::{Dice, generated, mutated, shortened};
use std::time::{Duration, Instant, SystemTime};
use typed::typed;

const FUNCTIONS: &[(&str, &[&str], &str)] = &[
    ("twice", &["x"], "x * 2"),
    ("pick", &["list", "i"], "list[i]"),
    ("grow", &["list"], "list.push(1); list"),
    ("risky", &["n"], "if n > 2 { throw n } else { n + 1 }"),
    ("mine", &[], "this += 1; this"),
    // Nothing may grow without end: Rhai copies what ours shares.
    ("fit", &["all"], "if `${all}`.len() > 300 { throw \"too large\" }"),
];
/// So many programs are looked at in the suite.
const FEW: u64 = 400;
/// What a program may ask before it is stopped.
const POLLS_MAX: u32 = 200;

/// What is wrong with a program, if the engines differ about it.
fn difference(program: &str) -> Option<String> {
    let unit = unit(program, FUNCTIONS);
    let stopped = |seen: &Seen| seen.end == "Stopped";
    let vm = run(&unit, EngineKind::Vm, Some(POLLS_MAX));
    // When each asks is its own: what Rhai would do until it is stopped too tells nothing.
    if stopped(&vm) {
        return None;
    }
    let rhai = run(&unit, EngineKind::Rhai, Some(POLLS_MAX));
    let plain = |seen: &Seen| {
        (
            without_captured(&seen.end),
            seen.printed.iter().map(|line| without_captured(line)).collect::<Vec<_>>(),
        )
    };
    let differ = plain(&vm) != plain(&rhai) && !stopped(&rhai) && !is_known(program, &vm, &rhai);
    differ.then(|| format!("{program}\n  vm   {vm:?}\n  rhai {rhai:?}"))
}

/// Differences that docs/design/engine.md lists.
fn is_known(program: &str, vm: &Seen, rhai: &Seen) -> bool {
    // Rhai loses an error of a function that compares, and one that is no order sorts as it happens.
    let compares = |(at, name): (usize, &str)| {
        let behind = &program[at + name.len()..];
        !behind.starts_with("()") && !behind.starts_with("_desc")
    };
    let sorts = ["sort", "order", "dedup"].iter().any(|name| program.match_indices(name).any(compares));
    let says = |seen: &Seen, words: &str| {
        seen.end.contains(words) || seen.printed.iter().any(|line| line.contains(words))
    };
    let depth = vm.end.starts_with("ErrorStackOverflow") || rhai.end.starts_with("ErrorStackOverflow");
    let busy = says(rhai, "ErrorDataRace");
    let cell = vm.printed.len() == rhai.printed.len()
        && fits(&rhai.end, &vm.end)
        && rhai.printed.iter().zip(&vm.printed).all(|(rhai, vm)| fits(rhai, vm));
    // Rhai gives a constant map new entries, or to a copy of it; `check` refuses assignments to what is in a constant.
    let of_this = program.split("this").skip(1).any(|behind| behind.trim_start().starts_with(['.', '[']));
    let constant = says(vm, "ErrorAssignmentToConstant")
        && !says(rhai, "ErrorAssignmentToConstant")
        && (of_this || !vm.end.contains("`this` is constant"));
    // What is called on what a constant tells of itself.
    let is_of_chain = |char: char| char.is_alphanumeric() || "_.?[]".contains(char);
    let of_told = program.match_indices(".call(").any(|(at, _)| {
        let chain = program[..at].rsplit(|char| !is_of_chain(char)).next().unwrap_or_default();
        chain.starts_with(char::is_uppercase) && chain.contains(['.', '['])
    });
    let constant = constant || of_told && says(vm, "`this` is constant") && !says(rhai, "`this` is constant");
    let method = "ErrorNonPureMethodCallOnConstant";
    let captured = program.contains("const") && says(vm, method) && !says(rhai, method);
    let text = program.contains("index_of(\"");
    // To Rhai the name of a function is a constant, wherever it is put.
    let named = FUNCTIONS.iter().any(|(name, ..)| {
        program.match_indices(name).any(|(at, _)| !program[at + name.len()..].trim_start().starts_with('('))
    });
    let constant = constant
        || named && says(rhai, "ErrorAssignmentToConstant") && !says(vm, "ErrorAssignmentToConstant");
    // Rhai's `filter` and its like let a function change the items: one that takes none of them, or is Rhai's own.
    let of_items = ["map(", "filter(", "some(", "all(", "find(", "index_of(", "reduce(", "reduce_rev("];
    let of_this_changed = program.contains("this") || program.contains("mine");
    let changes = of_items.iter().any(|method| {
        program.split(method).skip(1).any(|behind| {
            let given = behind.trim_start_matches([' ', '(']);
            given.starts_with("||") && of_this_changed
                || ["\"", "`", "Fn("].iter().any(|way| given.starts_with(way))
        })
    });
    // Rhai's `map` may take the variable itself from a `switch`, and put it into its array.
    let of_switch = program.split("map(").skip(1).any(|behind| {
        let body = behind.splitn(3, '|').nth(2).unwrap_or_default();
        body.trim_start_matches([' ', '(', '{']).starts_with("switch")
    });
    let clock = program.contains("timestamp");
    // In which order the arguments of `call` are evaluated.
    let missing = |seen: &Seen| seen.end.starts_with("ErrorVariableNotFound");
    let calls = program.match_indices("call(").any(|(at, _)| !program[..at].ends_with('.'));
    let order = calls && missing(vm) && missing(rhai) && vm.printed == rhai.printed;
    // To Rhai zero and what is no number are the same; the programs that mutations begin with make it under this name.
    let no_number = !cfg!(as_in_rhai) && program.contains("nan");
    of_switch
        || clock
        || changes
        || order
        || captured
        || text
        || sorts
        || depth
        || busy
        || cell
        || constant
        || no_number
}

/// Whether two texts differ only in the types of values that Rhai says nothing about.
fn fits(rhai: &str, vm: &str) -> bool {
    let mut rest = vm;
    rhai.split("a shared value").enumerate().all(|(number, part)| {
        // Before all but the first part there is a type.
        let word = if number == 0 { 0 } else { rest.find(part).unwrap_or(rest.len()) };
        let is_type = rest[..word].chars().all(|char| char.is_alphabetic() || "()_:<>".contains(char));
        rest = &rest[word..];
        let begins = rest.strip_prefix(part);
        rest = begins.unwrap_or(rest);
        is_type && begins.is_some()
    }) && rest.is_empty()
}

/// Which arguments a closure does not take: Rhai counts in what it captured.
fn without_captured(text: &str) -> String {
    let Some((before, rest)) = text.split_once("the closure does not take (") else { return text.to_owned() };
    // Types may have brackets too.
    let mut open = 1;
    let end = rest.char_indices().find(|(_, char)| {
        open += i32::from(*char == '(') - i32::from(*char == ')');
        open == 0
    });
    let behind = end.map_or("", |(at, _)| &rest[at + 1..]);
    format!("{before}the closure does not take (…{}", without_captured(behind))
}

/// What `check` has against a program that is a main. What would change a constant, and a closure that uses what it is
/// called for, it may refuse.
fn refusals(program: &str) -> Vec<String> {
    let function = |(name, params, text): &(&str, &[&str], &str)| {
        format!("fn {name}({}) {{ {text} }}\n", params.join(", "))
    };
    let functions: String = FUNCTIONS.iter().map(function).collect();
    let text = format!("{functions}main {{\n{program}\n}}\n");
    let script = Script::from_text("typed.proc", text).expect("the declarations are read");
    let Err(error) = script.check(&Host::new()) else { return Vec::new() };
    let may_be = ["error[P0115]", "error[P0116]", "error[P0902]"];
    let problems = error.to_string();
    let others = problems.lines().filter(|line| !may_be.iter().any(|code| line.contains(code)));
    others.map(str::to_owned).collect()
}

fn look(seed: u64, programs: impl Iterator<Item = u64>, make: fn(&mut Dice) -> String) {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for number in programs {
        count += 1;
        let program = make(&mut Dice::new(seed.wrapping_add(number)));
        if difference(&program).is_some() {
            let shorter = difference(&shortened(&program, |shorter| difference(shorter).is_some()));
            // A long look may be broken off.
            println!("{}", shorter.as_deref().unwrap_or(&program));
            wrong.extend(shorter);
        }
        if wrong.len() >= 10 {
            break;
        }
    }
    println!("{count} programs from seed {seed}");
    assert!(wrong.is_empty(), "seed {seed}:\n{}", wrong.join("\n\n"));
}

fn look_around(name: &str, make: fn(&mut Dice) -> String) {
    let seconds = std::env::var("PROCESSION_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
    let Some(seconds) = seconds else { return look(0, 0..FEW, make) };
    let end = Instant::now() + Duration::from_secs(seconds);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let seed = now.as_nanos() as u64;
    // A program that takes everything down with it can be found here.
    let last = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("last-{name}.rhai"));
    let next = |number: &u64| {
        let program = make(&mut Dice::new(seed.wrapping_add(*number)));
        std::fs::write(&last, program).expect("the program can be written down");
        Instant::now() < end
    };
    look(seed, (0..).take_while(next), make);
}

/// As bodies do, on a stack that a thousand calls fit into.
fn look_deeply(name: &'static str, make: fn(&mut Dice) -> String) {
    let thread = std::thread::Builder::new().stack_size(1 << 30).spawn(move || look_around(name, make));
    thread.expect("a thread starts").join().expect("both engines mean the same");
}

#[test]
fn generated_programs_mean_the_same() {
    look_deeply("generated", generated);
}

#[test]
fn mutated_programs_mean_the_same() {
    look_deeply("mutated", mutated);
}

#[test]
fn programs_whose_types_fit_mean_the_same() {
    look_deeply("typed", typed);
}

#[test]
fn programs_whose_types_fit_are_not_refused() {
    for number in 0..FEW / 4 {
        let program = typed(&mut Dice::new(number));
        assert_eq!(refusals(&program), [""; 0], "{program}");
    }
}
