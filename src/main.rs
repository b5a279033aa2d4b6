//! The `procession` binary: arguments in, exit status out.

fn main() -> std::process::ExitCode {
    procession::init(&procession::Host::new());
    procession::cli::run(std::env::args_os().collect())
}
