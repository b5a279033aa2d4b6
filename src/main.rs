//! The `procession` binary: arguments in, exit status out.

fn main() -> std::process::ExitCode {
    procession::runtime::init();
    procession::cli::run(std::env::args_os().collect())
}
