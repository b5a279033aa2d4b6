//! What is allowed and most likely not meant: each a small file with one function over the model.

use super::model::Model;
use crate::diagnostic::Diagnostic;

type Rule = fn(&Model<'_>, &mut Vec<Diagnostic>);

/// Warnings that hold whatever else is wrong.
pub(super) const ALWAYS: &[Rule] = &[];

/// Warnings that need a script without errors: what is missing may be what the error is about.
pub(super) const WITHOUT_ERRORS: &[Rule] = &[];
