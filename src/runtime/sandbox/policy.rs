//! From what a script allows to rules for the kernel. Pure.

use crate::script::Confinement;

/// What is allowed; all else is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    pub rules: Vec<Rule>,
    /// TCP ports.
    pub ports: Vec<u16>,
    /// Whether programs may be run at all.
    pub runs: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A path, or the name of a program.
    pub what: String,
    pub access: Access,
    /// It is the system's: where it is not there nothing is missing.
    pub of_system: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A file, or a folder with all in it.
    Read,
    /// The same: to change, make and remove, and to see names, without which no folder is removed.
    Write,
    /// A program, or a folder of programs.
    Run,
}

impl Access {
    pub fn word(self) -> &'static str {
        match self {
            Access::Read => "read",
            Access::Write => "write",
            Access::Run => "run",
        }
    }
}

/// What everybody may read: devices that tell nothing, and the zones of times.
const HARMLESS: [&str; 6] =
    ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/etc/localtime", "/usr/share/zoneinfo"];
/// What programs are linked with and cannot start without.
const OF_PROGRAMS: [&str; 17] = [
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local/lib",
    "/usr/share",
    "/proc",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
    "/etc/nsswitch.conf",
    "/etc/hosts",
    "/etc/passwd",
    "/etc/group",
    "/etc/ssl",
];
/// Those that load programs: the kernel runs them in a program's place.
const LOADERS: [&str; 6] = [
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-linux-riscv64-lp64d.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
    "/lib/ld-musl-riscv64.so.1",
];

/// The policy of a process; `program` is what an exec process is.
pub fn of(confinement: &Confinement, program: Option<&str>) -> Policy {
    let mut rules = Vec::new();
    let mut add = |what: &str, access, of_system| {
        rules.push(Rule { what: what.to_owned(), access, of_system });
    };
    confinement.reads.iter().for_each(|path| add(path, Access::Read, false));
    confinement.writes.iter().for_each(|path| add(path, Access::Write, false));
    confinement.runs.iter().for_each(|name| add(name, Access::Run, false));
    // A program that is not there is told when it is to be run.
    program.iter().for_each(|name| add(name, Access::Run, true));
    HARMLESS.iter().for_each(|path| add(path, Access::Read, true));
    add("/dev/null", Access::Write, true);
    let runs = program.is_some() || !confinement.runs.is_empty();
    if runs {
        OF_PROGRAMS.iter().for_each(|path| add(path, Access::Read, true));
        LOADERS.iter().for_each(|path| add(path, Access::Run, true));
    }
    Policy { rules, ports: confinement.ports.clone(), runs }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(policy: &Policy) -> Vec<(&str, Access)> {
        let own = policy.rules.iter().filter(|rule| !rule.of_system);
        own.map(|rule| (&*rule.what, rule.access)).collect()
    }

    #[test]
    fn nothing_is_next_to_nothing() {
        let policy = of(&Confinement::default(), None);
        assert!(named(&policy).is_empty() && !policy.runs && policy.ports.is_empty());
        let what: Vec<&str> = policy.rules.iter().map(|rule| &*rule.what).collect();
        assert_eq!(what, [&HARMLESS[..], &["/dev/null"]].concat());
    }

    #[test]
    fn what_is_named_is_allowed() {
        let confinement = Confinement {
            reads: vec!["a".into()],
            writes: vec!["b".into()],
            runs: Vec::new(),
            ports: vec![80],
        };
        let policy = of(&confinement, None);
        assert_eq!(named(&policy), [("a", Access::Read), ("b", Access::Write)]);
        assert_eq!((policy.runs, policy.ports), (false, vec![80]));
    }

    #[test]
    fn an_exec_process_may_run_its_program() {
        let policy = of(&Confinement::default(), Some("sort"));
        assert!(policy.runs);
        assert!(policy.rules.iter().any(|rule| rule.what == "sort" && rule.access == Access::Run));
        assert!(policy.rules.iter().any(|rule| rule.what == "/usr/lib" && rule.access == Access::Read));
    }
}
