//! Landlock: which files this process can reach, which programs it can run, which TCP ports it can use.

use super::policy::{Access, Policy, Rule};
use super::programs;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, NetPort, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};
use std::path::{Path, PathBuf};

/// What has to be there: all rights on files and folders, those of shortening files among them.
const FILES: ABI = ABI::V3;
/// Signals to others, and their sockets without a path, from this version on.
const SCOPES: ABI = ABI::V6;

/// What a policy is to the kernel.
pub fn rules(policy: &Policy) -> Result<RulesetCreated, String> {
    let mut ruleset = ruleset(policy).map_err(|error| cannot(&error))?;
    for rule in &policy.rules {
        for path in places(rule)? {
            ruleset = allow(ruleset, &path, rule)?;
        }
    }
    for port in &policy.ports {
        let port = NetPort::new(*port, AccessNet::BindTcp | AccessNet::ConnectTcp);
        ruleset = ruleset.add_rule(port).map_err(|error| cannot(&error))?;
    }
    Ok(ruleset)
}

/// From now on they hold, besides those that hold already.
pub fn restrict(rules: RulesetCreated) -> Result<(), String> {
    rules.restrict_self().map(|_| ()).map_err(|error| cannot(&error))
}

fn ruleset(policy: &Policy) -> Result<RulesetCreated, RulesetError> {
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let mut ruleset = ruleset.handle_access(AccessFs::from_all(FILES))?;
    if !policy.ports.is_empty() {
        ruleset = ruleset.handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)?;
    }
    let ruleset = ruleset.set_compatibility(CompatLevel::BestEffort).scope(Scope::from_all(SCOPES))?;
    ruleset.create()
}

/// The files that a rule is for.
fn places(rule: &Rule) -> Result<Vec<PathBuf>, String> {
    let found = match rule.access {
        Access::Run => programs::files(&rule.what),
        Access::Read | Access::Write => vec![PathBuf::from(&rule.what)],
    };
    if found.is_empty() && !rule.of_system {
        return Err(not_there(rule));
    }
    Ok(found)
}

fn allow(ruleset: RulesetCreated, path: &Path, rule: &Rule) -> Result<RulesetCreated, String> {
    let Ok(place) = PathFd::new(path) else {
        return if rule.of_system { Ok(ruleset) } else { Err(not_there(rule)) };
    };
    let all = rights(rule.access);
    let rights = if path.is_dir() { all } else { all & AccessFs::from_file(FILES) };
    ruleset.add_rule(PathBeneath::new(place, rights)).map_err(|error| cannot(&error))
}

fn rights(access: Access) -> BitFlags<AccessFs> {
    match access {
        Access::Read => AccessFs::ReadFile | AccessFs::ReadDir,
        // A device file would be a way to all of a disk.
        Access::Write => {
            let devices = AccessFs::MakeChar | AccessFs::MakeBlock;
            (AccessFs::from_write(FILES) | AccessFs::ReadDir) & !devices
        }
        // Scripts are read by their interpreters.
        Access::Run => AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir,
    }
}

fn not_there(rule: &Rule) -> String {
    let access = rule.access.word();
    let what = if rule.access == Access::Run { "program" } else { "file or folder" };
    format!("cannot allow {access} `{}`: there is no such {what}", rule.what)
}

fn cannot(error: &RulesetError) -> String {
    format!(
        "the kernel cannot confine it ({error}); that takes Landlock, from Linux 6.2 on, for ports from 6.7 on"
    )
}
