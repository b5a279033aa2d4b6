//! Graphs on paper: as text for a terminal, as Graphviz and Mermaid text, as JSON, as a picture.

mod circumstances;
mod command;
mod dot;
mod json;
mod mermaid;
mod picture;
mod plan;
mod shared;
mod svg;
#[cfg(test)]
mod tests;
mod text;

pub use dot::dot;
pub use json::json;
pub use mermaid::mermaid;
pub use plan::plan;
pub use svg::svg;
pub use text::text;
