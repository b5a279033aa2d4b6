//! Signals as bytes of a stream, one for each signal that asks the program to end.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// Signals that ask the program to end do nothing from now on.
pub fn ignore() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::default())?;
    }
    Ok(())
}

/// A stream that gives the number of each signal that asks the program to end.
pub fn stream() -> io::Result<UnixStream> {
    let (reader, writer) = UnixStream::pair()?;
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let mut writer = writer;
        for signal in signals.forever() {
            // The run is over when its reader is gone.
            if writer.write_all(&[u8::try_from(signal).unwrap_or(0)]).is_err() {
                break;
            }
        }
    })?;
    Ok(reader)
}
