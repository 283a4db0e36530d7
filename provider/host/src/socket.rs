//! The socket: in a folder of its own that only this user may enter.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::{UnixListener, UnixStream};

/// A listening socket; its folder is removed when this is dropped.
pub(crate) struct Socket {
    folder: TempDir,
    listener: UnixListener,
}

const NAME: &str = "socket";

impl Socket {
    /// Listens in a new folder, after removing those of processes that are gone.
    pub(crate) fn bind(provider: &str) -> io::Result<Self> {
        let prefix = format!("terraform-provider-{provider}-");
        remove_stale(&std::env::temp_dir(), &prefix);
        let folder = tempfile::Builder::new()
            .prefix(&format!("{prefix}{}-", std::process::id()))
            .permissions(Permissions::from_mode(0o700))
            .tempdir()?;
        let listener = UnixListener::bind(folder.path().join(NAME))?;
        Ok(Self { folder, listener })
    }

    pub(crate) async fn accept(&self) -> io::Result<UnixStream> {
        let (stream, _) = self.listener.accept().await?;
        Ok(stream)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join(NAME)
    }
}

/// Removes what killed processes left. Nothing depends on it, so a failure is no error.
fn remove_stale(temp: &Path, prefix: &str) {
    let Ok(entries) = std::fs::read_dir(temp) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process =
            name.to_str().and_then(|name| name.strip_prefix(prefix)).and_then(|it| it.split('-').next());
        if process.is_some_and(is_gone) && refuses(&entry.path().join(NAME)) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the process is surely gone. Where there is no `/proc` that is not known.
fn is_gone(process: &str) -> bool {
    process.parse::<u32>().is_ok()
        && Path::new("/proc/self").exists()
        && !Path::new("/proc").join(process).exists()
}

/// Whether nobody listens; a process in another container would, though its id is not seen here.
fn refuses(socket: &Path) -> bool {
    std::os::unix::net::UnixStream::connect(socket)
        .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_folder_is_private_and_removed() {
        let socket = Socket::bind("test").unwrap();
        let folder = socket.path().parent().unwrap().to_owned();
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        drop(socket);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn only_folders_of_dead_processes_are_removed() {
        let temp = tempfile::tempdir().unwrap();
        let dead = temp.path().join("p-4294967295-x"); // beyond any process id
        let listening = temp.path().join("p-4294967294-x");
        let stranger = temp.path().join("p-notes");
        let living = temp.path().join(format!("p-{}-x", std::process::id()));
        for folder in [&dead, &listening, &stranger, &living] {
            std::fs::create_dir(folder).unwrap();
        }
        drop(std::os::unix::net::UnixListener::bind(dead.join(NAME)).unwrap());
        drop(std::os::unix::net::UnixListener::bind(living.join(NAME)).unwrap());
        let _listener = std::os::unix::net::UnixListener::bind(listening.join(NAME)).unwrap();
        remove_stale(temp.path(), "p-");
        let left = [dead.exists(), listening.exists(), stranger.exists(), living.exists()];
        assert_eq!(left, [false, true, true, true]);
    }
}
