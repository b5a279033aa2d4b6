//! The private folder of a user in which each of their runs has a socket, named by the run's pid.

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// The owner may do everything, nobody else anything.
const PRIVATE: u32 = 0o700;
/// One program may hold so many runs at once that can be asked.
const RUNS_OF_ONE_PROGRAM: u32 = 16;

/// Where the sockets of a user's runs may be. A run uses the first one.
#[must_use]
pub fn places() -> Vec<PathBuf> {
    let own = rustix::process::geteuid().as_raw();
    // After `su` it may still be that of another user, which is none of ours.
    let is_own = |path: &PathBuf| fs::stat(path).is_ok_and(|stat| path.is_absolute() && stat.st_uid == own);
    let session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(is_own);
    let fallback = PathBuf::from(format!("/tmp/procession-{own}"));
    session.map(|folder| folder.join("procession")).into_iter().chain([fallback]).collect()
}

/// A socket on which a run can be asked; its file is removed with it.
#[derive(Debug)]
pub struct Listener {
    pub socket: UnixListener,
    path: PathBuf,
}

impl Listener {
    /// Listens in the user's folder, which is made when it is not there.
    ///
    /// # Errors
    /// When it is not private, or the system refuses.
    pub fn open() -> io::Result<Listener> {
        let place = places().into_iter().next().ok_or(io::ErrorKind::NotFound)?;
        make_private(&place)?;
        Listener::open_in(&place)
    }

    fn open_in(folder: &Path) -> io::Result<Listener> {
        let pid = std::process::id();
        let names = (2..=RUNS_OF_ONE_PROGRAM).map(|run| format!("{pid}.{run}"));
        for name in std::iter::once(pid.to_string()).chain(names) {
            let path = folder.join(name);
            match bind(&path) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                bound => return bound.map(|socket| Listener { socket, path }),
            }
        }
        Err(io::ErrorKind::AddrInUse.into())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Whoever finds a socket of a dead run removes it.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Binds a socket. A file of an earlier process of the same pid is in the way only if somebody listens on it.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let bound = UnixListener::bind(path);
    let in_use = matches!(&bound, Err(error) if error.kind() == io::ErrorKind::AddrInUse);
    if in_use
        && UnixStream::connect(path).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    {
        std::fs::remove_file(path)?;
        return UnixListener::bind(path);
    }
    bound
}

/// Makes a folder that is private, or holds the one that is there to being so.
fn make_private(folder: &Path) -> io::Result<()> {
    match fs::mkdir(folder, Mode::from_raw_mode(PRIVATE)) {
        Ok(()) | Err(Errno::EXIST) => check_private(folder),
        Err(error) => Err(error.into()),
    }
}

/// A folder of somebody else could show us their sockets, and them ours; one that is open to others, too.
///
/// # Errors
/// When it is not private; `NotFound` when it is not there.
pub fn check_private(folder: &Path) -> io::Result<()> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let refused = |what: String| {
        let message = format!("`{}` {what}", folder.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
    };
    let folder = match fs::openat(fs::CWD, folder, flags, Mode::empty()) {
        Ok(folder) => folder,
        Err(Errno::NOTDIR | Errno::LOOP) => return refused("is not a folder".to_owned()),
        Err(error) => return Err(error.into()),
    };
    let stat = fs::statat(&folder, "", AtFlags::EMPTY_PATH)?;
    let mode = stat.st_mode & 0o777;
    if !FileType::from_raw_mode(stat.st_mode).is_dir() {
        refused("is not a folder".to_owned())
    } else if stat.st_uid != rustix::process::geteuid().as_raw() {
        refused("belongs to another user".to_owned())
    } else if mode != PRIVATE {
        refused(format!("has mode {mode:04o} and is not private to its owner"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn with_mode(mode: u32) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        folder
    }

    fn refusal(folder: &Path) -> String {
        let error = check_private(folder).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        error.to_string().replace(&*folder.display().to_string(), "FOLDER")
    }

    #[test]
    fn a_folder_that_is_made_is_private() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("procession");
        make_private(&folder).unwrap();
        make_private(&folder).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, PRIVATE);
    }

    #[test]
    fn a_folder_that_others_can_enter_is_refused() {
        for mode in [0o755, 0o770, 0o701, 0o600] {
            let folder = with_mode(mode);
            let expected = format!("`FOLDER` has mode {mode:04o} and is not private to its owner");
            assert_eq!(refusal(folder.path()), expected);
            assert!(make_private(folder.path()).is_err());
        }
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        let parent = with_mode(PRIVATE);
        let (file, link) = (parent.path().join("file"), parent.path().join("link"));
        std::fs::write(&file, "").unwrap();
        symlink(parent.path(), &link).unwrap();
        assert_eq!(refusal(&file), "`FOLDER` is not a folder");
        assert_eq!(refusal(&link), "`FOLDER` is not a folder");
        assert_eq!(check_private(&parent.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_folder_of_somebody_else_is_refused() {
        // Only root can give a folder away; for everybody else, `/` is somebody else's.
        let folder = with_mode(PRIVATE);
        let given = std::os::unix::fs::chown(folder.path(), Some(12345), None).is_ok();
        let other = if given { folder.path() } else { Path::new("/") };
        assert_eq!(
            refusal(other),
            "`FOLDER` belongs to another user".replace("FOLDER", if given { "FOLDER" } else { "/" })
        );
    }

    #[test]
    fn each_run_of_a_program_has_a_socket_and_its_file_goes_with_it() {
        let folder = with_mode(PRIVATE);
        let names = || {
            let entries = std::fs::read_dir(folder.path()).unwrap().flatten();
            let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let pid = std::process::id();
        let (first, second) =
            (Listener::open_in(folder.path()).unwrap(), Listener::open_in(folder.path()).unwrap());
        assert_eq!(names(), [format!("{pid}"), format!("{pid}.2")]);
        drop(first);
        assert_eq!(names(), [format!("{pid}.2")]);
        drop(second);
        assert!(names().is_empty());
    }

    #[test]
    fn a_file_that_nobody_listens_on_is_not_in_the_way() {
        let folder = with_mode(PRIVATE);
        let path = folder.path().join(std::process::id().to_string());
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        assert_eq!(Listener::open_in(folder.path()).unwrap().path, path);
    }
}
