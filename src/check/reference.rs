//! How an argument names a queue: `lines`, or `parts[EXPR]` for one of an array.

use crate::ast::Expr;
use crate::source::Span;

/// An argument that has the form of a queue's name, with or without an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    pub name_span: Span,
    pub index: Option<Expr>,
}

/// The name and index that the expression consists of; `None` when it is anything else.
#[must_use]
pub fn queue_reference(expr: &Expr) -> Option<Reference> {
    let text = &*expr.text;
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let name = text.get(..end).filter(|name| !name.starts_with(|c: char| c.is_ascii_digit()))?;
    if name.is_empty() {
        return None;
    }
    let start = expr.span.start as usize;
    let span = |from: usize, to: usize| Span::new(expr.span.source, start + from, start + to);
    let rest = text[end..].trim_start();
    let index = if rest.is_empty() {
        None
    } else {
        let open = text.len() - rest.len();
        let inner = sole_brackets(rest)?;
        let from = open + 1 + (inner.len() - inner.trim_start().len());
        let inner = inner.trim();
        Some(Expr { text: inner.to_owned(), span: span(from, from + inner.len()) })
    };
    Some(Reference { name: name.to_owned(), name_span: span(0, end), index })
}

/// The name that the expression consists of, when it may be that of a lock or the like: one that the variable of
/// the `for` of its start does not hide.
#[must_use]
pub fn shared_reference<'a>(expr: &'a Expr, each: Option<&str>) -> Option<&'a str> {
    let text = &*expr.text;
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (is_name && each != Some(text)).then_some(text)
}

/// What stands in the brackets, when the text is one pair of them and nothing else.
fn sole_brackets(text: &str) -> Option<&str> {
    let mut depth = 0_u32;
    let mut string = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (string, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(quote), _) => string = (quote != c).then_some(quote),
            (None, '"' | '`' | '\'') => string = Some(c),
            (None, '[' | '(' | '{') => depth += 1,
            (None, ']' | ')' | '}') => depth = depth.checked_sub(1)?,
            (None, _) => {}
        }
        if depth == 0 {
            return (text.starts_with('[') && at + 1 == text.len()).then(|| &text[1..at]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn reference(text: &str) -> Option<(String, Option<String>)> {
        let expr = Expr { text: text.to_owned(), span: Span::new(SourceId(0), 7, 7 + text.len()) };
        queue_reference(&expr).map(|found| (found.name, found.index.map(|index| index.text)))
    }

    #[test]
    fn a_name_and_a_single_index_are_references() {
        assert_eq!(reference("lines"), Some(("lines".into(), None)));
        assert_eq!(reference("parts[ i % 4 ]"), Some(("parts".into(), Some("i % 4".into()))));
        assert_eq!(reference("parts [a[\"]\"]]"), Some(("parts".into(), Some("a[\"]\"]".into()))));
    }

    #[test]
    fn other_expressions_are_not() {
        for text in ["", "1", "4x", "\"lines\"", "a[0][1]", "a[0] + b[1]", "a.b", "f(x)", "a[", "a]", "ä"] {
            assert_eq!(reference(text), None, "{text}");
        }
    }

    #[test]
    fn a_variable_of_the_start_hides_what_is_shared() {
        let expr = |text: &str| Expr { text: text.into(), span: Span::new(SourceId(0), 0, text.len()) };
        assert_eq!(shared_reference(&expr("gate"), Some("i")), Some("gate"));
        assert_eq!(shared_reference(&expr("i"), Some("i")), None);
        assert_eq!(shared_reference(&expr("gate.name"), None), None);
    }

    #[test]
    fn spans_lie_in_the_file() {
        let expr = Expr { text: "q[ i ]".into(), span: Span::new(SourceId(0), 10, 16) };
        let found = queue_reference(&expr).unwrap();
        assert_eq!(found.name_span.range(), 10..11);
        assert_eq!(found.index.unwrap().span.range(), 13..14);
    }
}
