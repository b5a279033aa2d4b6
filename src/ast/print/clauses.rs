//! The clauses of queues and processes as text.

use super::super::{
    AllowKind, Allowance, Capacity, Expr, OnFailure, Order, ProcessClause, QueueClause, WhenFull,
};
use super::values::{duration, item_type, key, quoted, size};

pub fn queue_clause(clause: &QueueClause) -> String {
    match clause {
        QueueClause::Of(kind) => format!("of {}", item_type(kind)),
        QueueClause::Capacity(Capacity::Items(count)) => format!("capacity {}", count.text),
        QueueClause::Capacity(Capacity::Bytes(bytes)) => format!("capacity {}", size(*bytes)),
        QueueClause::Capacity(Capacity::Unbounded) => "capacity unbounded".to_owned(),
        QueueClause::Order(Order::Fifo) => "order fifo".to_owned(),
        QueueClause::Order(Order::Lifo) => "order lifo".to_owned(),
        QueueClause::Order(Order::Priority) => "order priority".to_owned(),
        QueueClause::WhenFull(WhenFull::Wait) => "when full wait".to_owned(),
        QueueClause::WhenFull(WhenFull::DropOldest) => "when full drop oldest".to_owned(),
        QueueClause::WhenFull(WhenFull::DropNewest) => "when full drop newest".to_owned(),
        QueueClause::Redeliver(times) => format!("redeliver {}", times.text),
        QueueClause::DeadLetter(queue) => format!("dead letter {}", queue.text),
    }
}

pub fn process_clause(clause: &ProcessClause) -> String {
    match clause {
        ProcessClause::Daemon => "daemon".to_owned(),
        ProcessClause::OnFailure(policy) => on_failure(policy),
        ProcessClause::Timeout(ms) => format!("timeout {}", duration(*ms)),
        ProcessClause::Nice(value) => format!("nice {}", value.text),
        ProcessClause::Memory(bytes) => format!("memory {}", size(*bytes)),
        ProcessClause::Cpu(ms) => format!("cpu {}", duration(*ms)),
        ProcessClause::Cwd(path) => format!("cwd {}", path.text),
        ProcessClause::Env(variables) => env(variables),
        ProcessClause::Allow(allowed) => allow(allowed),
    }
}

fn on_failure(policy: &OnFailure) -> String {
    match policy {
        OnFailure::Stop => "on failure stop".to_owned(),
        OnFailure::Continue => "on failure continue".to_owned(),
        OnFailure::Ignore => "on failure ignore".to_owned(),
        OnFailure::Restart { times, backoff_ms } => {
            let backoff = backoff_ms.map_or_else(String::new, |ms| format!(" backoff {}", duration(ms)));
            format!("restart {}{backoff}", times.text)
        }
    }
}

fn env(variables: &[(String, Expr)]) -> String {
    if variables.is_empty() {
        return "env #{}".to_owned();
    }
    let variables: Vec<String> =
        variables.iter().map(|(name, value)| format!("{}: {}", key(name), value.text)).collect();
    format!("env #{{ {} }}", variables.join(", "))
}

fn allow(allowed: &[Allowance]) -> String {
    if allowed.is_empty() {
        return "allow nothing".to_owned();
    }
    let allowed: Vec<String> = allowed.iter().map(allowance).collect();
    format!("allow {}", allowed.join(", "))
}

fn allowance(allowance: &Allowance) -> String {
    let what = match allowance.what {
        AllowKind::Read => "read",
        AllowKind::Write => "write",
        AllowKind::Run => "run",
        AllowKind::Net => "net",
    };
    format!("{what} {}", quoted(&allowance.value))
}
