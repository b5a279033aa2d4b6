//! Which argument of a call goes to which parameter of its template.

use crate::ast::{Argument, Call, Process};

/// The outcome of laying a call's arguments beside a template's parameters.
#[derive(Debug, Default)]
pub struct Matched<'a> {
    /// For each parameter of the template, the argument that it gets.
    pub by_parameter: Vec<Option<&'a Argument>>,
    pub misfits: Vec<Misfit<'a>>,
}

/// An argument that fits no parameter.
#[derive(Clone, Copy, Debug)]
pub enum Misfit<'a> {
    /// More values by position than parameters.
    TooMany(&'a Argument),
    /// No parameter has this name.
    UnknownName(&'a Argument),
    /// The parameter (its index) has its argument already.
    Twice(&'a Argument, usize),
    /// By position, but behind one by name.
    PositionAfterName(&'a Argument),
}

/// Matches by name, and by position in order. In a `pipe`, positions skip ports.
#[must_use]
pub fn match_arguments<'a>(template: &Process, call: &'a Call, in_pipe: bool) -> Matched<'a> {
    let mut matched = Matched { by_parameter: vec![None; template.parameters.len()], misfits: Vec::new() };
    let mut positions =
        (0..template.parameters.len()).filter(|&at| !in_pipe || template.parameters[at].direction.is_none());
    let mut names_begun = false;
    for argument in &call.arguments {
        names_begun |= argument.name.is_some();
        let place = match &argument.name {
            None if names_begun => Err(Misfit::PositionAfterName(argument)),
            None => positions.next().ok_or(Misfit::TooMany(argument)),
            Some(name) => template
                .parameters
                .iter()
                .position(|parameter| parameter.name.text == name.text)
                .ok_or(Misfit::UnknownName(argument)),
        };
        matched.put(place, argument);
    }
    matched
}

impl<'a> Matched<'a> {
    fn put(&mut self, place: Result<usize, Misfit<'a>>, argument: &'a Argument) {
        match place {
            Ok(index) if self.by_parameter[index].is_some() => {
                self.misfits.push(Misfit::Twice(argument, index));
            }
            Ok(index) => self.by_parameter[index] = Some(argument),
            Err(misfit) => self.misfits.push(misfit),
        }
    }
}
