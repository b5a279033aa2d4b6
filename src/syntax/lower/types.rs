//! `of TYPE`: what the items of a queue must be.

use super::Lower;
use crate::ast::ItemType;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Diagnostic, codes};
use crate::source::Span;
use crate::syntax::grammar::{Pair, Parts, Rule};
use crate::syntax::junk::shortened;

impl Lower {
    pub(super) fn item_type(&mut self, pair: Pair) -> Option<ItemType> {
        let part = Parts::of(pair).next()?;
        Some(match part.as_rule() {
            Rule::type_name => self.type_name(&part),
            Rule::array_type => ItemType::ArrayOf(Box::new(self.item_type(Parts::of(part).next()?)?)),
            _ => {
                let fields = Parts::of(part).map(|field| self.field(field));
                ItemType::Record(fields.collect::<Option<_>>()?)
            }
        })
    }

    fn field(&mut self, pair: Pair) -> Option<(String, ItemType, bool)> {
        let parts = &mut Parts::of(pair);
        let key = parts.next_of(Rule::key)?;
        let key = self.key(&key);
        let item_type = self.item_type(parts.next()?)?;
        Some((key, item_type, parts.pass(Rule::optional)))
    }

    fn type_name(&mut self, pair: &Pair) -> ItemType {
        match pair.as_str() {
            "int" => ItemType::Int,
            "float" => ItemType::Float,
            "bool" => ItemType::Bool,
            "string" => ItemType::String,
            "blob" => ItemType::Blob,
            "map" => ItemType::Map,
            "any" => ItemType::Any,
            unknown => {
                let problem = unknown_type(unknown, self.span(pair));
                self.problems.push(problem);
                ItemType::Any
            }
        }
    }
}

const TYPES: [&str; 7] = ["int", "float", "bool", "string", "blob", "map", "any"];

/// Names of types in other languages, and ours.
const FOREIGN: [(&str, &str); 10] = [
    ("str", "string"),
    ("text", "string"),
    ("integer", "int"),
    ("i64", "int"),
    ("double", "float"),
    ("f64", "float"),
    ("boolean", "bool"),
    ("bytes", "blob"),
    ("dict", "map"),
    ("object", "map"),
];

fn unknown_type(word: &str, span: Span) -> Diagnostic {
    let problem = Diagnostic::new(codes::P0013, format!("there is no type `{}`", shortened(word)));
    let foreign = FOREIGN.iter().find(|(foreign, _)| *foreign == word).map(|(_, ours)| *ours);
    match foreign.or_else(|| nearest(word, TYPES)) {
        Some(ours) => problem.at(span, "unknown").help(format!("did you mean `{ours}`?")).edit(span, ours),
        None => problem.at(span, "unknown").help(format!(
            "the types are {}, `[TYPE]` and `#{{key: TYPE}}`",
            TYPES.map(|name| format!("`{name}`")).join(", ")
        )),
    }
}
