//! `of TYPE`: what the items of a queue must be.

use super::Lower;
use crate::ast::ItemType;
use crate::syntax::grammar::{Pair, Parts, Rule};

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
        parts.pass(Rule::colon);
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
            _ => ItemType::Any,
        }
    }
}
