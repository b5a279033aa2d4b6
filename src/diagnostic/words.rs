//! Small pieces of wording: plurals, lists, ordinals, durations. Messages are never built by hand.

use std::fmt::Display;

/// `1 item`, `3 items`; also `1 process`, `2 processes` and `1 entry`, `2 entries`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {}", plural(noun)) }
}

/// The plural of a regular English noun.
#[must_use]
pub fn plural(noun: &str) -> String {
    let before_y = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    if let Some(stem) = before_y {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|ending| noun.ends_with(ending));
    format!("{noun}{}", if hisses { "es" } else { "s" })
}

/// Joins words as a sentence does: `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn list<T: Display>(words: impl IntoIterator<Item = T>, conjunction: &str) -> String {
    let words: Vec<String> = words.into_iter().map(|word| word.to_string()).collect();
    match words.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {conjunction} {last}", first.join(", ")),
    }
}

/// "`a`, `b` and `c`".
#[must_use]
pub fn names<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    list(names.into_iter().map(|name| format!("`{name}`")), "and")
}

/// "`a`, `b` or `c`".
#[must_use]
pub fn choices<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    list(names.into_iter().map(|name| format!("`{name}`")), "or")
}

/// `first`, `second`, … `twelfth`, then `13th`, `22nd`.
#[must_use]
pub fn ordinal(number: usize) -> String {
    const WRITTEN: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
        "eleventh", "twelfth",
    ];
    if let Some(word) = number.checked_sub(1).and_then(|index| WRITTEN.get(index)) {
        return (*word).to_owned();
    }
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// A duration as people say it: `250 ms`, `1.5 s`, `2 min 5 s`, `3 h 20 min`.
#[must_use]
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0 => format!("{ms} ms"),
        1..60 => format!("{} s", tenths(ms)),
        60..3600 => pair(seconds / 60, "min", seconds % 60, "s"),
        _ => pair(seconds / 3600, "h", seconds % 3600 / 60, "min"),
    }
}

/// A size in the unit in which it is a round number: `64 MiB`, `512 MB`; of an odd one, in whole ones of the largest.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 8] = [
        ("TiB", 1 << 40),
        ("TB", 1_000_000_000_000),
        ("GiB", 1 << 30),
        ("GB", 1_000_000_000),
        ("MiB", 1 << 20),
        ("MB", 1_000_000),
        ("KiB", 1 << 10),
        ("KB", 1_000),
    ];
    let fits = |&&(_, unit): &&(&str, u64)| bytes >= unit;
    let round = UNITS.iter().filter(fits).find(|(_, unit)| bytes.is_multiple_of(*unit));
    // One that is round in no unit is told in a decimal one.
    let decimal = || UNITS.iter().skip(1).step_by(2).find(fits);
    match round.or_else(decimal) {
        Some((name, unit)) => format!("{} {name}", bytes / unit),
        None => count(bytes as usize, "byte"),
    }
}

/// Seconds with one decimal, which is left out when it is zero.
fn tenths(ms: u64) -> String {
    match ms % 1000 / 100 {
        0 => (ms / 1000).to_string(),
        tenth => format!("{}.{tenth}", ms / 1000),
    }
}

fn pair(large: u64, large_unit: &str, small: u64, small_unit: &str) -> String {
    if small == 0 {
        format!("{large} {large_unit}")
    } else {
        format!("{large} {large_unit} {small} {small_unit}")
    }
}

/// The name of a signal: `SIGKILL`; one without a name of its own is `signal 42`.
#[must_use]
pub fn signal(number: i32) -> String {
    const NAMED: [(i32, &str); 19] = [
        (1, "SIGHUP"),
        (2, "SIGINT"),
        (3, "SIGQUIT"),
        (4, "SIGILL"),
        (5, "SIGTRAP"),
        (6, "SIGABRT"),
        (7, "SIGBUS"),
        (8, "SIGFPE"),
        (9, "SIGKILL"),
        (10, "SIGUSR1"),
        (11, "SIGSEGV"),
        (12, "SIGUSR2"),
        (13, "SIGPIPE"),
        (14, "SIGALRM"),
        (15, "SIGTERM"),
        (18, "SIGCONT"),
        (19, "SIGSTOP"),
        (24, "SIGXCPU"),
        (31, "SIGSYS"),
    ];
    let found = NAMED.iter().find(|(known, _)| *known == number);
    found.map_or_else(|| format!("signal {number}"), |(_, name)| (*name).to_owned())
}

/// How a process ended, by its exit code or minus the number of a signal.
#[must_use]
pub fn ended(exit: i32) -> String {
    if exit < 0 { format!("was ended by {}", signal(-exit)) } else { format!("ended with exit code {exit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_told_by_code_or_signal() {
        assert_eq!(ended(3), "ended with exit code 3");
        assert_eq!(ended(-9), "was ended by SIGKILL");
    }

    #[test]
    fn signals_have_their_names() {
        assert_eq!(signal(9), "SIGKILL");
        assert_eq!(signal(42), "signal 42");
    }

    #[test]
    fn nouns_follow_their_number() {
        assert_eq!(count(0, "item"), "0 items");
        assert_eq!(count(1, "process"), "1 process");
        assert_eq!(count(2, "process"), "2 processes");
        assert_eq!(count(2, "entry"), "2 entries");
        assert_eq!(count(2, "delay"), "2 delays");
        assert_eq!(count(2, "branch"), "2 branches");
    }

    #[test]
    fn lists_read_as_a_sentence_does() {
        assert_eq!(names(Vec::<&str>::new()), "");
        assert_eq!(names(["a"]), "`a`");
        assert_eq!(names(["a", "b"]), "`a` and `b`");
        assert_eq!(names(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(choices(["a", "b"]), "`a` or `b`");
    }

    #[test]
    fn sizes_use_the_unit_that_is_round() {
        let written: Vec<String> =
            [1, 999, 1024, 64 << 20, 512_000_000, 3 << 30, 2_000_001].map(size).to_vec();
        let expected = ["1 byte", "999 bytes", "1 KiB", "64 MiB", "512 MB", "3 GiB", "2 MB"];
        assert_eq!(written, expected);
    }

    #[test]
    fn ordinals_are_words_up_to_twelve() {
        let written: Vec<String> = [0, 1, 12, 13, 21, 22, 23, 24, 111, 112].map(ordinal).to_vec();
        let expected = ["0th", "first", "twelfth", "13th", "21st", "22nd", "23rd", "24th", "111th", "112th"];
        assert_eq!(written, expected);
    }

    #[test]
    fn durations_use_the_unit_that_fits() {
        let written: Vec<String> =
            [0, 999, 1000, 1500, 1550, 59_999, 60_000, 125_000, 3_600_000, 12_000_000].map(duration).to_vec();
        let expected =
            ["0 ms", "999 ms", "1 s", "1.5 s", "1.5 s", "59.9 s", "1 min", "2 min 5 s", "1 h", "3 h 20 min"];
        assert_eq!(written, expected);
    }
}
