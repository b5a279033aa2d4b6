//! seccomp: refuses the calls of the system that lead around Landlock.

use super::policy::Policy;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use std::collections::BTreeMap;

/// Ways to the network, to others' memory and to files that no path leads over.
const ALWAYS: [i64; 11] = [
    libc::SYS_io_uring_setup,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_open_by_handle_at,
    libc::SYS_pidfd_getfd,
];
/// The same calls with this bit, for programs with short addresses on x86-64.
const SHORT_ADDRESSES: i64 = 0x4000_0000;
const SOCKET_TYPE_MASK: u64 = 0xf;
const MSG_FASTOPEN: u64 = libc::MSG_FASTOPEN as u64;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

pub fn install(policy: &Policy) -> Result<(), String> {
    let cannot = |error: String| format!("the kernel cannot confine it: {error}");
    let program = program(policy).map_err(|error| cannot(error.to_string()))?;
    seccompiler::apply_filter(&program).map_err(|error| cannot(error.to_string()))
}

fn program(policy: &Policy) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: Rules = ALWAYS.iter().map(|call| (*call, Vec::new())).collect();
    if !policy.runs {
        rules.insert(libc::SYS_execve, Vec::new());
        rules.insert(libc::SYS_execveat, Vec::new());
    }
    if policy.ports.is_empty() {
        rules.insert(libc::SYS_socket, Vec::new());
    } else {
        only_tcp(&mut rules)?;
    }
    if cfg!(target_arch = "x86_64") {
        let others: Vec<_> =
            rules.iter().map(|(call, rules)| (call | SHORT_ADDRESSES, rules.clone())).collect();
        rules.extend(others);
    }
    let refuse = SeccompAction::Errno(libc::EACCES as u32);
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch)?.try_into()
}

/// Sockets of the internet that are TCP, which Landlock looks after, and connect by `connect`.
fn only_tcp(rules: &mut Rules) -> Result<(), seccompiler::BackendError> {
    let is = |argument, operator, value: i32| {
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value as u64)
    };
    let mut refused = vec![
        SeccompRule::new(vec![
            is(0, SeccompCmpOp::Ne, libc::AF_INET)?,
            is(0, SeccompCmpOp::Ne, libc::AF_INET6)?,
        ])?,
        SeccompRule::new(vec![is(2, SeccompCmpOp::Ne, 0)?, is(2, SeccompCmpOp::Ne, libc::IPPROTO_TCP)?])?,
    ];
    let others = (0..=SOCKET_TYPE_MASK as i32).filter(|kind| *kind != libc::SOCK_STREAM);
    for kind in others {
        refused.push(SeccompRule::new(vec![is(1, SeccompCmpOp::MaskedEq(SOCKET_TYPE_MASK), kind)?])?);
    }
    rules.insert(libc::SYS_socket, refused);
    for (call, argument) in [(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)] {
        let connects = SeccompCondition::new(
            argument,
            SeccompCmpArgLen::Dword,
            SeccompCmpOp::MaskedEq(MSG_FASTOPEN),
            MSG_FASTOPEN,
        )?;
        rules.insert(call, vec![SeccompRule::new(vec![connects])?]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::policy;
    use super::*;
    use crate::script::Confinement;

    #[test]
    fn every_policy_has_a_program() {
        let ports = Confinement { ports: vec![80], ..Confinement::default() };
        for confinement in [Confinement::default(), ports] {
            assert!(program(&policy::of(&confinement, None)).is_ok());
            assert!(program(&policy::of(&confinement, Some("sort"))).is_ok());
        }
    }
}
