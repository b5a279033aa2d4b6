//! The `procession` command.

fn main() {
    procession::runtime::init();
}
