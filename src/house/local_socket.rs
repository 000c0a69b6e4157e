//! The socket in the data directory, by which the operator of this machine calls.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use crate::private;

/// Its name in the data directory.
const NAME: &str = "tenantry.sock";

/// Where it is, in this data directory.
pub fn local_socket(data_dir: &Path) -> PathBuf {
    data_dir.join(NAME)
}

/// The socket of this process; dropping it takes it away.
pub struct LocalSocket {
    path: PathBuf,
    /// Held as long as the socket is ours. The system gives it back when the process dies, so that the next one knows whose
    /// socket lies there.
    _lock: File,
}

impl LocalSocket {
    /// Opens it. A socket that a dead process has left is taken over. Without one the server serves all the same, and the log
    /// says why.
    pub fn open(data_dir: &Path) -> Option<(Self, UnixListener)> {
        let opened = private_directory(data_dir).and_then(|()| Self::bind(data_dir));
        let told = |cause: io::Error| {
            tracing::warn!(
                "there is no socket for the operator's commands: {}: {cause}",
                local_socket(data_dir).display()
            );
        };
        opened.map_err(told).ok()
    }

    fn bind(data_dir: &Path) -> io::Result<(Self, UnixListener)> {
        let (path, beside) = (local_socket(data_dir), data_dir.join(format!("{NAME}.lock")));
        let lock = private::open(OpenOptions::new().create(true).truncate(false).write(true), &beside)?;
        lock.try_lock().map_err(|_| io::Error::other("another process serves it"))?;
        match std::fs::remove_file(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        let socket = Self { path, _lock: lock };
        std::fs::set_permissions(&socket.path, Permissions::from_mode(private::FILE))?;
        Ok((socket, listener))
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        // One that is left behind is taken over by the next process.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Until the socket has its mode, nothing but the directory keeps others out.
fn private_directory(data_dir: &Path) -> io::Result<()> {
    match std::fs::metadata(data_dir)?.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => Err(io::Error::other("others may get into its directory; take that right from them with chmod 700")),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[tokio::test]
    async fn a_socket_that_was_left_is_taken_over_and_one_that_is_served_is_not() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), Permissions::from_mode(private::DIRECTORY)).unwrap();
        let path = local_socket(directory.path());
        // As a process that was killed leaves it: bound once, and nobody listens.
        drop(UnixListener::bind(&path).unwrap());
        assert!(UnixStream::connect(&path).is_err());
        let (socket, listener) = LocalSocket::open(directory.path()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, private::FILE);
        assert!(LocalSocket::open(directory.path()).is_none(), "a live process serves it");
        assert!(UnixStream::connect(&path).is_ok());
        drop((socket, listener));
        assert!(!path.exists());
        assert!(LocalSocket::open(directory.path()).is_some());
    }

    #[tokio::test]
    async fn there_is_none_where_others_may_get_in() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), Permissions::from_mode(0o750)).unwrap();
        assert!(LocalSocket::open(directory.path()).is_none());
        assert!(!local_socket(directory.path()).exists());
    }
}
