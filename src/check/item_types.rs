//! What items must be, against what the text of a body shows of them. What is not seen may fit.

use crate::ast::{ItemType, Order, Queue, QueueClause};
use crate::script::analysis::{At, Seen, Shape};
use crate::source::Span;

/// A place within a value that is seen to be something else: `[3].id` is a string, not an int.
pub(super) struct Misfit {
    pub at: At,
    pub path: String,
    pub what: String,
}

impl Misfit {
    fn new(seen: &Seen, what: String) -> Self {
        Misfit { at: seen.at, path: String::new(), what }
    }

    pub fn within(mut self, step: &str) -> Self {
        self.path.insert_str(0, step);
        self
    }

    /// As the error says it that the `put` would throw.
    pub fn sentence(&self) -> String {
        let place = if self.path.is_empty() { "the item" } else { &self.path };
        format!("{place} {}", self.what)
    }
}

/// What a queue takes: its type and where that is declared.
#[derive(Clone, Copy)]
pub(super) struct Takes<'a> {
    declared: Option<&'a ItemType>,
    /// Items are pairs of a priority and such a value.
    prioritised: bool,
    pub span: Span,
}

impl<'a> Takes<'a> {
    /// `None` when it takes anything.
    pub fn of(queue: &'a Queue) -> Option<Self> {
        let mut takes = Takes { declared: None, prioritised: false, span: queue.name.span };
        for clause in &queue.clauses {
            match &clause.kind {
                QueueClause::Of(item_type) => (takes.declared, takes.span) = (Some(item_type), clause.span),
                QueueClause::Order(Order::Priority) => takes.prioritised = true,
                _ => {}
            }
        }
        // An array type is that of the pair.
        if let (true, Some(ItemType::ArrayOf(value))) = (takes.prioritised, takes.declared) {
            takes.declared = Some(value);
        }
        (takes.declared.is_some() || takes.prioritised).then_some(takes)
    }

    /// What to do about an item that is not taken.
    pub fn help(self) -> &'static str {
        match self.declared {
            Some(_) => "put what the queue was declared for, or change its `of`",
            None => "put a priority and a value, as `[1, value]`, or leave out `order priority`",
        }
    }

    /// The keys that an item has, when it is a map of certain keys.
    pub fn keys(self) -> Option<Vec<&'a str>> {
        match self.declared {
            Some(ItemType::Record(fields)) if !self.prioritised => {
                Some(fields.iter().map(|(key, ..)| &**key).collect())
            }
            _ => None,
        }
    }

    /// The first place of a dead letter that is something else. Letters have no priority.
    pub fn misfit_of_letters(self) -> Option<Misfit> {
        let entry = |key: &str, shape| (key.to_owned(), Seen { at: At::default(), shape });
        let entries =
            [("item", Shape::Unknown), ("attempts", Shape::Of("int")), ("last", Shape::Of("string"))];
        let letter = Shape::Map(entries.map(|(key, shape)| entry(key, shape)).into());
        misfit(self.declared?, &Seen { at: At::default(), shape: letter })
    }

    /// The first place of an item that is seen to be something else.
    pub fn misfit(self, item: &Seen) -> Option<Misfit> {
        let value = |item| self.declared.and_then(|declared| misfit(declared, item));
        if !self.prioritised {
            return value(item);
        }
        let Shape::Array(pair) = &item.shape else { return unlike(item, "`[priority, value]`") };
        let [priority, beside] = &pair[..] else {
            let what = format!("is an array of {}, not `[priority, value]`", pair.len());
            return Some(Misfit::new(item, what));
        };
        let is_number = matches!(priority.shape.type_name(), None | Some("int" | "float"));
        let no_number = if is_number { None } else { unlike(priority, "a number") };
        no_number
            .map(|misfit| misfit.within("[0]"))
            .or_else(|| value(beside).map(|misfit| misfit.within("[1]")))
    }
}

fn misfit(item_type: &ItemType, item: &Seen) -> Option<Misfit> {
    let wanted = match (item_type, &item.shape) {
        (_, Shape::Unknown)
        | (ItemType::Any, _)
        | (ItemType::Map, Shape::Map(_))
        | (ItemType::Float, Shape::Of("int")) => return None,
        (ItemType::ArrayOf(inner), Shape::Array(items)) => {
            let mut all = items.iter().enumerate();
            return all.find_map(|(index, item)| Some(misfit(inner, item)?.within(&format!("[{index}]"))));
        }
        (ItemType::Record(fields), Shape::Map(entries)) => return record_misfit(fields, entries, item),
        (ItemType::Int, _) => ("int", "an int"),
        (ItemType::Float, _) => ("float", "a float"),
        (ItemType::Bool, _) => ("bool", "a bool"),
        (ItemType::String, _) => ("string", "a string"),
        (ItemType::Blob, _) => ("blob", "a blob"),
        (ItemType::ArrayOf(_), _) => ("array", "an array"),
        (ItemType::Map | ItemType::Record(_), _) => ("map", "a map"),
    };
    if item.shape.type_name() == Some(wanted.0) { None } else { unlike(item, wanted.1) }
}

fn record_misfit(
    fields: &[(String, ItemType, bool)],
    entries: &[(String, Seen)],
    item: &Seen,
) -> Option<Misfit> {
    let field = |(key, item_type, optional): &(String, ItemType, bool)| {
        let step = format!(".{key}");
        match entries.iter().find(|(other, _)| other == key) {
            Some((_, value)) if *optional && value.shape == Shape::Of("()") => None,
            Some((_, value)) => Some(misfit(item_type, value)?.within(&step)),
            None if *optional => None,
            None => Some(Misfit::new(item, "is missing".to_owned()).within(&step)),
        }
    };
    let is_known = |key: &String| fields.iter().any(|(known, ..)| known == key);
    fields.iter().find_map(field).or_else(|| {
        let (key, value) = entries.iter().find(|(key, _)| !is_known(key))?;
        Some(Misfit::new(value, "is a key too many".to_owned()).within(&format!(".{key}")))
    })
}

/// Something that is seen to be of another type than is wanted.
fn unlike(item: &Seen, wanted: &str) -> Option<Misfit> {
    let found = match item.shape.type_name()? {
        "()" => "`()`".to_owned(),
        vowel @ ("int" | "array") => format!("an {vowel}"),
        other => format!("a {other}"),
    };
    Some(Misfit::new(item, format!("is {found}, not {wanted}")))
}
