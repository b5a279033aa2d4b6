//! What the processes of a run may reach at most.

use crate::script::Confinement;
use std::path::Path;

/// What the processes of a run may reach of the system at most, whatever `allow` of the script says. All else is refused
/// by the kernel: files and programs, sockets, other processes. See [`Builder::allow`](crate::Builder::allow).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allow {
    pub(crate) confinement: Confinement,
}

impl Allow {
    /// Nothing at all; what may be reached is added.
    #[must_use]
    pub fn nothing() -> Allow {
        Allow::default()
    }

    /// A file may be read, or a folder with all in it.
    #[must_use]
    pub fn read(mut self, path: &str) -> Allow {
        self.confinement.reads.push(absolute(path));
        self
    }

    /// A file may be written, or a folder with all in it changed.
    #[must_use]
    pub fn write(mut self, path: &str) -> Allow {
        self.confinement.writes.push(absolute(path));
        self
    }

    /// A program may be run, by its path or its name in this program's `PATH`; or all programs of a folder. A name that
    /// is not found allows nothing.
    #[must_use]
    pub fn run(mut self, program: &str) -> Allow {
        let found = if program.contains('/') { Some(absolute(program)) } else { in_path(program) };
        self.confinement.runs.extend(found);
        self
    }

    /// A TCP port may be used, of any host.
    #[must_use]
    pub fn port(mut self, port: u16) -> Allow {
        self.confinement.ports.push(port);
        self
    }
}

/// A script can have its processes run in another folder.
fn absolute(path: &str) -> String {
    let absolute = std::path::absolute(path).ok();
    absolute.as_deref().and_then(Path::to_str).unwrap_or(path).to_owned()
}

/// A script can give its processes another `PATH`.
fn in_path(program: &str) -> Option<String> {
    let folders = std::env::var_os("PATH")?;
    let mut found = std::env::split_paths(&folders).map(|folder| folder.join(program));
    found.find(|path| path.is_file())?.to_str().map(absolute)
}
