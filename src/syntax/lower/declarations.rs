//! Every declaration, from its matched parts to its node.

use super::Lower;
use super::repeats::Seen;
use crate::ast::{
    Argument, Call, Const, Direction, ExecFormat, Function, Import, ItemKind, Many, Param, Parameter, Pipe,
    Process, ProcessBody, Queue, QueueFlavour, Shared, SharedKind, Start,
};
use crate::syntax::grammar::{Pair, Parts, Rule};

impl Lower {
    pub(super) fn declaration(&mut self, pair: Pair) -> Option<ItemKind> {
        let rule = pair.as_rule();
        let parts = &mut Parts::of(pair);
        Some(match rule {
            Rule::param => ItemKind::Param(self.param(parts)?),
            Rule::constant => ItemKind::Const(self.constant(parts)?),
            Rule::function => ItemKind::Function(self.function(parts)?),
            Rule::import => ItemKind::Import(self.import(parts)?),
            Rule::queue => ItemKind::Queue(self.queue(parts)?),
            Rule::process => ItemKind::Process(self.process(parts)?),
            Rule::thread => ItemKind::Process(self.thread(parts)?),
            Rule::shared => ItemKind::Shared(self.shared(parts.next()?)?),
            Rule::start => ItemKind::Start(self.stage(parts.next()?)?),
            Rule::pipe => ItemKind::Pipe(self.pipe(parts)?),
            Rule::main => ItemKind::Main(self.block(parts.next()?)?),
            _ => return None,
        })
    }

    fn param(&mut self, parts: &mut Parts) -> Option<Param> {
        let name = self.take_name(parts)?;
        let rest = parts.pass(Rule::rest);
        Some(Param { name, rest, default: self.take_expression(parts) })
    }

    fn constant(&mut self, parts: &mut Parts) -> Option<Const> {
        let name = self.take_name(parts)?;
        Some(Const { name, value: self.take_expression(parts)? })
    }

    fn function(&mut self, parts: &mut Parts) -> Option<Function> {
        let name = self.take_name(parts)?;
        let params = self.names(&mut Parts::of(parts.next_of(Rule::names)?));
        Some(Function { name, params, body: self.block(parts.next()?)? })
    }

    fn import(&mut self, parts: &mut Parts) -> Option<Import> {
        let literal = parts.next_of(Rule::text)?;
        let (path, path_span) = (self.text(&literal), self.span(&literal));
        Some(Import { path, path_span, alias: self.take_name(parts)? })
    }

    fn queue(&mut self, parts: &mut Parts) -> Option<Queue> {
        let flavour = match parts.next_of(Rule::flavour).as_ref().map(Pair::as_str) {
            Some("joinable") => QueueFlavour::Joinable,
            Some("broadcast") => QueueFlavour::Broadcast,
            Some("host") => QueueFlavour::Host,
            _ => QueueFlavour::Plain,
        };
        let name = self.take_name(parts)?;
        let array = parts.next_of(Rule::array).and_then(|pair| self.take_expression(&mut Parts::of(pair)));
        Some(Queue { flavour, name, array, clauses: self.queue_clauses(parts) })
    }

    fn process(&mut self, parts: &mut Parts) -> Option<Process> {
        let name = self.take_name(parts)?;
        let parameters = self.parameters(parts.next_of(Rule::parameters)?);
        let clauses = self.process_clauses(parts);
        Some(Process { name, parameters, clauses, body: self.process_body(parts.next()?)? })
    }

    fn process_body(&mut self, pair: Pair) -> Option<ProcessBody> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::native => return Some(ProcessBody::Native(span)),
            Rule::block => return self.block(pair).map(ProcessBody::Block),
            _ => {}
        }
        let mut parts = Parts::of(pair);
        let command = self.take_expression(&mut parts)?;
        let format = match parts.next_of(Rule::exec_format).as_ref().map(Pair::as_str) {
            Some("json") => ExecFormat::Json,
            Some("bytes") => ExecFormat::Bytes,
            Some("nul") => ExecFormat::Nul,
            _ => ExecFormat::Lines,
        };
        Some(ProcessBody::Exec { command, format, span })
    }

    fn thread(&mut self, parts: &mut Parts) -> Option<Process> {
        let name = self.take_name(parts)?;
        let parameters = self.parameters(parts.next_of(Rule::parameters)?);
        let body = ProcessBody::Thread(self.block(parts.next()?)?);
        Some(Process { name, parameters, clauses: Vec::new(), body })
    }

    fn parameters(&mut self, pair: Pair) -> Vec<Parameter> {
        Parts::of(pair).filter_map(|parameter| self.parameter(parameter)).collect()
    }

    fn parameter(&mut self, pair: Pair) -> Option<Parameter> {
        let span = self.span(&pair);
        let parts = &mut Parts::of(pair);
        let direction = parts.next_of(Rule::direction);
        let direction =
            direction.map(|word| if word.as_str() == "in" { Direction::In } else { Direction::Out });
        let name = self.take_name(parts)?;
        Some(Parameter { direction, name, default: self.take_expression(parts), span })
    }

    fn shared(&mut self, pair: Pair) -> Option<Shared> {
        let parts = &mut Parts::of(pair);
        let word = parts.next_of(Rule::plain_kind).or_else(|| parts.next_of(Rule::sized_kind));
        let kind = match word.as_ref().map(Pair::as_str) {
            Some("lock") => SharedKind::Lock,
            Some("event") => SharedKind::Event,
            Some("table") => SharedKind::Table,
            Some("semaphore") => SharedKind::Semaphore,
            Some("barrier") => SharedKind::Barrier,
            _ => SharedKind::Counter,
        };
        let name = self.take_name(parts)?;
        let size = parts.next_of(Rule::size).and_then(|pair| self.take_expression(&mut Parts::of(pair)));
        Some(Shared { kind, name, value: size.or_else(|| self.take_expression(parts)) })
    }

    fn pipe(&mut self, parts: &mut Parts) -> Option<Pipe> {
        let stages = parts.map(|stage| self.pipe_stage(stage));
        Some(Pipe { stages: stages.collect::<Option<_>>()? })
    }

    fn pipe_stage(&mut self, pair: Pair) -> Option<Start> {
        Parts::of(pair.clone()).for_each(|part| self.pipe_takes(&part));
        let start = self.stage(pair)?;
        Some(Start { name: None, condition: None, after: Vec::new(), ..start })
    }

    fn stage(&mut self, pair: Pair) -> Option<Start> {
        let parts = &mut Parts::of(pair);
        let name = self.take_name(parts);
        let call = self.call(parts.next_of(Rule::call)?)?;
        let mut start =
            Start { name, call, many: None, condition: None, after: Vec::new(), clauses: Vec::new() };
        let mut seen = Seen::default();
        for part in parts {
            if self.first(&mut seen, &part) {
                self.stage_part(part, &mut start);
            }
        }
        Some(start)
    }

    fn stage_part(&mut self, part: Pair, start: &mut Start) -> Option<()> {
        match part.as_rule() {
            Rule::times => start.many = self.take_expression(&mut Parts::of(part)).map(Many::Times),
            Rule::each => start.many = self.each(&mut Parts::of(part)),
            Rule::condition => start.condition = self.take_expression(&mut Parts::of(part)),
            Rule::after => start.after = self.names(&mut Parts::of(part)),
            _ => start.clauses.push(self.process_clause(part)?),
        }
        Some(())
    }

    fn each(&mut self, parts: &mut Parts) -> Option<Many> {
        let variable = self.take_name(parts)?;
        Some(Many::Each { variable, values: self.take_expression(parts)? })
    }

    fn call(&mut self, pair: Pair) -> Option<Call> {
        let span = self.span(&pair);
        let parts = &mut Parts::of(pair);
        let module = parts.next_of(Rule::module).and_then(|pair| self.take_name(&mut Parts::of(pair)));
        let template = self.take_name(parts)?;
        let arguments = Parts::of(parts.next_of(Rule::arguments)?);
        let arguments = arguments.filter_map(|pair| self.argument(&mut Parts::of(pair))).collect();
        Some(Call { module, template, arguments, span })
    }

    fn argument(&mut self, parts: &mut Parts) -> Option<Argument> {
        let name = parts.next_of(Rule::label).and_then(|label| self.take_name(&mut Parts::of(label)));
        Some(Argument { name, value: self.take_expression(parts)? })
    }
}
