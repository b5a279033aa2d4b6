//! Counters and tables: each question is one step that nobody comes between.

use super::super::asks::refused;
use super::super::stored::weight;
use super::super::{Supervisor, launch};
use super::{Machine, SharedObject};
use crate::queue::sync::{NoSum, sum};
use crate::runtime::connection::Item;
use crate::runtime::parcel;
use crate::value::Value;
use crate::wire::message::{Answer, Parcel};
use crate::wire::shared::{CounterAsk, TableAsk};
use std::collections::BTreeMap;
use std::io;

impl Supervisor<'_> {
    pub(super) fn ask_counter(&mut self, id: u32, number: u32, shared: u32, ask: CounterAsk) {
        let SharedObject { name, machine: Machine::Counter(counter), .. } = &mut self.shared[shared as usize]
        else {
            return;
        };
        let value = match ask {
            CounterAsk::Get {} => Some(*counter),
            CounterAsk::Set { value } => Some(value),
            CounterAsk::Add { amount } => counter.checked_add(amount),
        };
        let Some(value) = value else {
            let message = format!("counter `{name}` would overflow");
            return self.answer(id, number, refused("Overflow", &message), Vec::new());
        };
        *counter = value;
        self.answer_value(id, number, &Value::Int(value));
    }

    pub(super) fn ask_table(&mut self, id: u32, number: u32, shared: u32, ask: TableAsk) {
        if let TableAsk::Add { key, amount } = ask {
            return self.add_to_table(id, number, shared, key, amount);
        }
        if let TableAsk::Set { key, value } = ask {
            let Some(item) = self.open(id, value) else { return };
            if let Err(refusal) = self.store(entry(&key, &item)) {
                return self.answer(id, number, refusal, Vec::new());
            }
            if let Some(table) = self.table(shared) {
                table.insert(key, item);
            }
            return self.answer(id, number, Answer::Done {}, Vec::new());
        }
        let Some(table) = self.table(shared) else { return };
        let value = match ask {
            TableAsk::Get { key } => return self.answer_entry(id, number, shared, &key),
            TableAsk::Remove { key } => {
                let removed = table.remove(&key);
                return self.answer_item(id, number, removed.map_or_else(unit, Ok));
            }
            TableAsk::Contains { key } => Value::Bool(table.contains_key(&key)),
            TableAsk::Len {} => Value::Int(table.len() as i64),
            TableAsk::Keys {} => Value::array(table.keys().map(Value::string).collect()),
            TableAsk::Snapshot {} | TableAsk::Set { .. } | TableAsk::Add { .. } => snapshot(table),
        };
        self.answer_value(id, number, &value);
    }

    fn table(&mut self, shared: u32) -> Option<&mut BTreeMap<String, Item>> {
        match &mut self.shared[shared as usize].machine {
            Machine::Table(table) => Some(table),
            _ => None,
        }
    }

    fn answer_entry(&mut self, id: u32, number: u32, shared: u32, key: &str) {
        let item = self.table(shared).and_then(|table| table.get(key).cloned());
        self.answer_item(id, number, item.map_or_else(unit, Ok));
    }

    /// What is not there counts as 0.
    fn add_to_table(&mut self, id: u32, number: u32, shared: u32, key: String, amount: Parcel) {
        let Some(amount) = self.open(id, amount) else { return };
        let old = self.table(shared).and_then(|table| table.get(&key).cloned());
        let old = old.map_or(Value::Int(0), number_of);
        let reason = match sum(&old, &number_of(amount)) {
            Ok(value) => {
                let item = launch::encode(&value);
                let bytes = item.as_ref().map_or(0, |item| entry(&key, item));
                if let Err(refusal) = self.store(bytes) {
                    return self.answer(id, number, refusal, Vec::new());
                }
                if let (Ok(item), Some(table)) = (&item, self.table(shared)) {
                    table.insert(key, item.clone());
                }
                return self.answer_item(id, number, item);
            }
            Err(NoSum::Overflow) => ("Overflow", "would overflow"),
            Err(NoSum::NotANumber) => ("Type", "is not a number"),
        };
        let message = format!("`{key}` of table `{}` {}", self.shared[shared as usize].name, reason.1);
        self.answer(id, number, refused(reason.0, &message), Vec::new());
    }

    pub(super) fn answer_value(&mut self, id: u32, number: u32, value: &Value) {
        self.answer_item(id, number, launch::encode(value));
    }

    fn answer_item(&mut self, id: u32, number: u32, item: io::Result<Item>) {
        let mut descriptors = Vec::new();
        let answer = match item.and_then(|item| item.into_parcel(&mut descriptors)) {
            Ok(parcel) => Answer::Value { parcel },
            Err(error) => refused("Memory", &error.to_string()),
        };
        self.answer(id, number, answer, descriptors);
    }
}

/// What an entry of a table counts for.
pub(super) fn entry(key: &str, item: &Item) -> u64 {
    weight(item).saturating_add(key.len() as u64)
}

fn unit() -> io::Result<Item> {
    launch::encode(&Value::Unit)
}

/// The number of an item; `()` for anything else. One that does not fit into a message is none.
fn number_of(item: Item) -> Value {
    match item {
        Item::Inline(_) => parcel::unpack(item).unwrap_or(Value::Unit),
        Item::Shared { .. } => Value::Unit,
    }
}

fn snapshot(table: &BTreeMap<String, Item>) -> Value {
    Value::map(table.iter().map(|(key, item)| (key, parcel::unpack(item.clone()).unwrap_or(Value::Unit))))
}
