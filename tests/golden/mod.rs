//! Golden scripts: programs with what they must say and print written in them.

pub mod example;
pub mod form;
pub mod notes;
pub mod process;
pub mod trial;
