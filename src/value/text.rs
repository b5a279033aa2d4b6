//! Texts: shared, and copied on write. A short one is a single piece of memory.

use ahash::RandomState;
use compact_str::{CompactString, ToCompactString};
use std::borrow::{Borrow, Cow};
use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;

#[derive(Clone, Default)]
pub struct Text(Rc<CompactString>);

/// A text of which there is one. A short one lies where this does.
pub(super) type Unshared = CompactString;

/// A key that is longer is not looked for among those that are known.
const KEY_BYTES_MAX: usize = 32;
const KEYS: usize = 256;

thread_local! {
    /// Keys that were met lately, each where its hash says.
    static KNOWN: RefCell<Vec<Text>> = const { RefCell::new(Vec::new()) };
}

impl Text {
    /// The text of a key: the very one that was given for these characters before, if that was not long ago.
    #[must_use]
    pub fn of_key(key: &str) -> Text {
        if key.len() > KEY_BYTES_MAX {
            return key.into();
        }
        let place = RandomState::with_seeds(1, 2, 3, 4).hash_one(key) as usize % KEYS;
        KNOWN.with_borrow_mut(|known| {
            if known.is_empty() {
                known.resize(KEYS, Text::default());
            }
            if known[place] != key {
                known[place] = key.into();
            }
            known[place].clone()
        })
    }

    /// The decimal digits of an int.
    #[must_use]
    #[inline]
    pub fn of_int(int: i64) -> Text {
        Text(Rc::new(int.to_compact_string()))
    }

    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both are the same piece of memory.
    #[must_use]
    #[inline]
    pub fn is_same(&self, other: &Text) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Another piece of memory with the same content.
    #[must_use]
    pub fn copied(&self) -> Text {
        Text(Rc::new((*self.0).clone()))
    }

    pub fn push(&mut self, char: char) {
        Rc::make_mut(&mut self.0).push(char);
    }

    pub fn push_str(&mut self, text: &str) {
        Rc::make_mut(&mut self.0).push_str(text);
    }

    pub fn push_int(&mut self, int: i64) {
        self.push_str(&int.to_compact_string());
    }

    pub fn pop(&mut self) -> Option<char> {
        Rc::make_mut(&mut self.0).pop()
    }

    pub fn truncate(&mut self, bytes: usize) {
        Rc::make_mut(&mut self.0).truncate(bytes);
    }
}

impl Deref for Text {
    type Target = str;
    #[inline]
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    #[inline]
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Text {
    #[inline]
    fn from(text: &str) -> Text {
        Text(Rc::new(text.into()))
    }
}

impl From<&String> for Text {
    fn from(text: &String) -> Text {
        text.as_str().into()
    }
}

impl From<Unshared> for Text {
    fn from(text: Unshared) -> Text {
        Text(Rc::new(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text(Rc::new(text.into()))
    }
}

impl From<Cow<'_, str>> for Text {
    fn from(text: Cow<'_, str>) -> Text {
        Text(Rc::new(text.into()))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> String {
        Rc::unwrap_or_clone(text.0).into_string()
    }
}

impl From<&Text> for Text {
    fn from(text: &Text) -> Text {
        text.clone()
    }
}

impl PartialEq for Text {
    #[inline]
    fn eq(&self, other: &Text) -> bool {
        self.is_same(other) || self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Text) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Text) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Text {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_text() {
        let key = Text::of_key("name");
        assert!(key.is_same(&Text::of_key("name")));
        assert!(!key.is_same(&Text::from("name")));
        let long = "k".repeat(KEY_BYTES_MAX + 1);
        assert!(!Text::of_key(&long).is_same(&Text::of_key(&long)));
    }

    #[test]
    fn what_is_written_is_not_shared() {
        let mut text = Text::of_int(-12);
        let copy = text.clone();
        text.push_int(3);
        assert_eq!((text.as_str(), copy.as_str()), ("-123", "-12"));
    }
}
