//! The clauses of queues and processes.

use super::Lower;
use super::repeats::Seen;
use crate::ast::{
    AllowKind, Allowance, Capacity, Clause, Expr, OnFailure, Order, ProcessClause, QueueClause, WhenFull,
};
use crate::syntax::grammar::{Pair, Parts, Rule};

impl Lower {
    pub(super) fn queue_clauses(&mut self, parts: &mut Parts) -> Vec<Clause<QueueClause>> {
        let mut seen = Seen::default();
        let clauses = parts.filter(|pair| self.first(&mut seen, pair)).collect::<Vec<_>>();
        clauses.into_iter().filter_map(|pair| self.queue_clause(pair)).collect()
    }

    fn queue_clause(&mut self, pair: Pair) -> Option<Clause<QueueClause>> {
        let (rule, span) = (pair.as_rule(), self.span(&pair));
        let parts = &mut Parts::of(pair);
        let kind = match rule {
            Rule::of => QueueClause::Of(self.item_type(parts.next()?)?),
            Rule::capacity => QueueClause::Capacity(self.capacity(parts.next()?)),
            Rule::order => QueueClause::Order(order(parts.next()?.as_str())),
            Rule::when_full => QueueClause::WhenFull(when_full(parts)?),
            Rule::redeliver => QueueClause::Redeliver(self.take_expression(parts)?),
            Rule::dead_letter => QueueClause::DeadLetter(self.take_name(parts)?),
            _ => return None,
        };
        Some(Clause { kind, span })
    }

    fn capacity(&mut self, pair: Pair) -> Capacity {
        match pair.as_rule() {
            Rule::unbounded => Capacity::Unbounded,
            Rule::quantity => Capacity::Bytes(self.size(&pair)),
            _ => Capacity::Items(self.expression(&pair)),
        }
    }

    pub(super) fn process_clauses(&mut self, parts: &mut Parts) -> Vec<Clause<ProcessClause>> {
        let bodies = [Rule::exec, Rule::native, Rule::block];
        let clauses = std::iter::from_fn(|| parts.next_unless(&bodies));
        let mut seen = Seen::default();
        let clauses: Vec<_> = clauses.filter(|pair| self.first(&mut seen, pair)).collect();
        clauses.into_iter().filter_map(|pair| self.process_clause(pair)).collect()
    }

    pub(super) fn process_clause(&mut self, pair: Pair) -> Option<Clause<ProcessClause>> {
        let (rule, span) = (pair.as_rule(), self.span(&pair));
        let parts = &mut Parts::of(pair.clone());
        let kind = match rule {
            Rule::daemon => ProcessClause::Daemon,
            Rule::on_failure => ProcessClause::OnFailure(self.on_failure(parts)?),
            Rule::restart => ProcessClause::OnFailure(self.restart(parts)?),
            Rule::timeout => ProcessClause::Timeout(self.duration(&parts.next()?)),
            Rule::nice => ProcessClause::Nice(self.take_expression(parts)?),
            Rule::memory => ProcessClause::Memory(self.size(&parts.next()?)),
            Rule::cpu => ProcessClause::Cpu(self.duration(&parts.next()?)),
            Rule::cwd => ProcessClause::Cwd(self.take_expression(parts)?),
            Rule::env => ProcessClause::Env(parts.filter_map(|pair| self.variable(pair)).collect()),
            Rule::allow => ProcessClause::Allow(parts.filter_map(|pair| self.allowance(pair)).collect()),
            _ => return None,
        };
        Some(Clause { kind, span })
    }

    fn on_failure(&mut self, parts: &mut Parts) -> Option<OnFailure> {
        let policy = parts.next()?;
        Some(match policy.as_str() {
            "stop" => OnFailure::Stop,
            "continue" => OnFailure::Continue,
            "ignore" => OnFailure::Ignore,
            _ => self.restart(&mut Parts::of(policy))?,
        })
    }

    fn restart(&mut self, parts: &mut Parts) -> Option<OnFailure> {
        let times = self.take_expression(parts)?;
        let backoff = parts.next_of(Rule::backoff).and_then(|pair| Parts::of(pair).next());
        Some(OnFailure::Restart { times, backoff_ms: backoff.map(|pair| self.duration(&pair)) })
    }

    fn variable(&mut self, pair: Pair) -> Option<(String, Expr)> {
        let parts = &mut Parts::of(pair);
        let key = parts.next_of(Rule::key)?;
        let key = self.key(&key);
        Some((key, self.take_expression(parts)?))
    }

    /// `None` for the word `nothing`.
    fn allowance(&mut self, pair: Pair) -> Option<Allowance> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let what = match parts.next_of(Rule::allow_kind)?.as_str() {
            "read" => AllowKind::Read,
            "write" => AllowKind::Write,
            "run" => AllowKind::Run,
            _ => AllowKind::Net,
        };
        let value = parts.next_of(Rule::text)?;
        Some(Allowance { what, value: self.text(&value), span })
    }
}

fn order(word: &str) -> Order {
    match word {
        "lifo" => Order::Lifo,
        "priority" => Order::Priority,
        _ => Order::Fifo,
    }
}

fn when_full(parts: &mut Parts) -> Option<WhenFull> {
    let policy = parts.next()?;
    if policy.as_rule() == Rule::wait {
        return Some(WhenFull::Wait);
    }
    let kind = Parts::of(policy).next_of(Rule::drop_kind)?;
    Some(if kind.as_str() == "oldest" { WhenFull::DropOldest } else { WhenFull::DropNewest })
}
