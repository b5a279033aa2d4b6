//! Help for a name that is not known: the nearest known one of the right kind.

use crate::diagnostic::{Diagnostic, suggest::nearest};
use crate::source::Span;

/// Names that a wrong one is compared with, at most: beyond them no suggestion is worth the time.
const COMPARED_MAX: usize = 1000;

/// Adds "did you mean" with its edit, or the other help when no known name is near.
pub(super) fn name<'n>(
    problem: Diagnostic,
    span: Span,
    wrong: &str,
    known: impl IntoIterator<Item = &'n str>,
    otherwise: &str,
) -> Diagnostic {
    match nearest(wrong, known.into_iter().take(COMPARED_MAX)) {
        Some(found) => problem.help(format!("did you mean `{found}`?")).edit(span, found),
        None => problem.help(otherwise),
    }
}
