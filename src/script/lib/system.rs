//! What the system says of files, in our words.

use crate::script::confinement;
use crate::script::fault::Fault;
use crate::value::Value;
use std::io;

/// An error about a file: its path and the system's reason.
pub(super) fn failed(path: &str, error: &io::Error) -> Fault {
    Fault::error("Io", format!("`{path}`: {}", reason(error))).with("path", Value::string(path))
}

fn reason(error: &io::Error) -> String {
    plain_reason(&error.to_string())
}

/// The system's words without its number, as a fragment. The system does not say who refuses.
pub(super) fn plain_reason(text: &str) -> String {
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_lowercase().collect::<String>());
    let reason = format!("{}{}", first.unwrap_or_default(), chars.as_str());
    if reason == "permission denied" && confinement::holds() {
        return format!("{reason}, as this process is confined by `allow`");
    }
    reason
}
