//! Limits of the system: whether a graph fits in them, and what to change when one was hit.

use crate::runtime::os::process;
use std::io;

/// What a running process costs the interpreter: its control socket, its end, its standard error.
const DESCRIPTORS_A_PROCESS: u64 = 3;
/// What the interpreter needs besides: standard streams, the loop, main, the guardian, callers, items on their way.
const DESCRIPTORS_BESIDES: u64 = 40;

/// Whether so many processes at the same time can be watched, of which so many feed a program.
///
/// # Errors
/// With what is needed, what there is, and what to change.
pub fn check_descriptors(processes: usize, feeders: usize) -> io::Result<()> {
    let there_are = process::descriptor_limit();
    let besides = DESCRIPTORS_BESIDES + feeders as u64;
    let needed = processes as u64 * DESCRIPTORS_A_PROCESS + besides;
    if there_are.is_none_or(|limit| needed <= limit) {
        return Ok(());
    }
    let limit = there_are.unwrap_or_default();
    let most = limit.saturating_sub(besides) / DESCRIPTORS_A_PROCESS;
    Err(io::Error::other(format!(
        "a graph of {processes} processes needs {needed} file descriptors, and only {limit} are allowed; \
         start at most {most}, or raise the limit (`ulimit -Hn {needed}`)"
    )))
}

/// A refusal of the system in words that say which limit was hit and what to change.
#[must_use]
pub fn explain(error: &io::Error) -> String {
    let Some(code) = error.raw_os_error() else { return error.to_string() };
    match rustix::io::Errno::from_raw_os_error(code) {
        rustix::io::Errno::MFILE => format!(
            "the limit of {} open files is reached; start fewer at the same time, or raise it (`ulimit -n`)",
            process::descriptor_limit().unwrap_or_default()
        ),
        rustix::io::Errno::NFILE => {
            "the system's limit of open files is reached (`sysctl fs.file-max`)".to_owned()
        }
        rustix::io::Errno::AGAIN => {
            let limit = process::process_limit();
            let limit = limit
                .map_or_else(|| "the system's limit".to_owned(), |limit| format!("the limit of {limit}"));
            format!("{limit} processes is reached; start fewer at the same time, or raise it (`ulimit -u`)")
        }
        rustix::io::Errno::NOMEM => "the system has no memory left for another process".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_that_fits_is_fine_and_one_that_does_not_is_told_how_many_would() {
        assert!(check_descriptors(1, 1).is_ok());
        let text = check_descriptors(usize::MAX / 8, 0).map_err(|error| error.to_string());
        // Where the system sets no limit everything fits.
        assert!(
            text.is_ok()
                || text.is_err_and(|text| text.contains("file descriptors") && text.contains("ulimit"))
        );
    }

    #[test]
    fn refusals_say_what_to_change() {
        let text = |errno: rustix::io::Errno| explain(&io::Error::from(errno));
        assert!(text(rustix::io::Errno::MFILE).contains("ulimit -n"));
        assert!(text(rustix::io::Errno::AGAIN).contains("ulimit -u"));
        assert!(text(rustix::io::Errno::ACCESS).contains("denied"));
    }
}
