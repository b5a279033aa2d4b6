//! What can be put into a queue: from the type as it is declared to the type that values are held against.

use super::Queue;
use crate::ast::{self, Order};
use crate::value::item_type::{Field, ItemType};

impl Queue {
    /// What can be put into it. The items of a priority queue are pairs: an array type tells what stands in the
    /// pair beside the priority, and so does any other type.
    #[must_use]
    pub fn takes(&self) -> ItemType {
        let declared = self.item_type.as_ref().map_or(ItemType::Any, of);
        match (self.order, declared) {
            (Order::Priority, ItemType::ArrayOf(value)) => ItemType::Prioritised(value),
            (Order::Priority, value) => ItemType::Prioritised(Box::new(value)),
            (Order::Fifo | Order::Lifo, whole) => whole,
        }
    }
}

fn of(declared: &ast::ItemType) -> ItemType {
    match declared {
        ast::ItemType::Any => ItemType::Any,
        ast::ItemType::Int => ItemType::Int,
        ast::ItemType::Float => ItemType::Float,
        ast::ItemType::Bool => ItemType::Bool,
        ast::ItemType::String => ItemType::String,
        ast::ItemType::Blob => ItemType::Blob,
        ast::ItemType::Map => ItemType::Map,
        ast::ItemType::ArrayOf(inner) => ItemType::ArrayOf(Box::new(of(inner))),
        ast::ItemType::Record(fields) => {
            let field = |(key, declared, optional): &(String, ast::ItemType, bool)| Field {
                key: key.clone(),
                item_type: of(declared),
                optional: *optional,
            };
            ItemType::Record(fields.iter().map(field).collect())
        }
    }
}
