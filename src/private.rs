//! Files and directories that only their owner may open, whatever the umask and their previous mode.
//!
//! Access of other users is removed where the system permits it. A file of another owner keeps its mode: that owner has
//! chosen it.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The mode of a file.
pub const FILE: u32 = 0o600;
/// The mode of a directory.
pub const DIRECTORY: u32 = 0o700;

/// Makes a directory unless it exists.
///
/// # Errors
/// Those of the system, also if something else has that name.
pub fn make_directory(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(DIRECTORY).create(path) {
        // A umask can take rights from the owner too.
        Ok(()) => std::fs::set_permissions(path, Permissions::from_mode(DIRECTORY)),
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(cause) => Err(cause),
    }
}

/// Makes a directory and its missing parents.
///
/// # Errors
/// As [`make_directory`].
pub fn make_directories(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    path.parent().map_or(Ok(()), make_directories)?;
    make_directory(path)
}

/// Whether a file could be made in a directory, which need not exist yet. A file is made and removed in the part of the
/// path that exists.
///
/// # Errors
/// Those of the system.
pub fn probe(path: &Path) -> io::Result<()> {
    let mut above = path.ancestors().map(|one| if one.as_os_str().is_empty() { Path::new(".") } else { one });
    let there = above.find(|one| one.exists()).unwrap_or(path);
    let file = there.join(format!(".tenantry-probe-{}", std::process::id()));
    open(OpenOptions::new().write(true).create_new(true), &file)?;
    std::fs::remove_file(&file)
}

/// Opens a file as `how` says. Only its owner may open it from then on, whether it is made now or existed with a wider
/// mode.
///
/// # Errors
/// Those of the system.
pub fn open(how: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = how.mode(FILE).open(path)?;
    let found = file.metadata()?.permissions().mode();
    if found & 0o777 != FILE {
        ours(file.set_permissions(Permissions::from_mode(FILE)))?;
    }
    Ok(file)
}

/// Writes a file as a whole: a program that waits for it never finds a part.
///
/// # Errors
/// Those of the system.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let mut file = open(OpenOptions::new().write(true).create(true).truncate(true), Path::new(&new))?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(new, path)
}

/// Removes other users' access to a file, if it exists.
///
/// # Errors
/// Those of the system, except for a file of another owner.
pub fn tighten(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o777 != FILE => {
            ours(std::fs::set_permissions(path, Permissions::from_mode(FILE)))
        }
        Ok(_) => Ok(()),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(cause),
    }
}

/// Removes other users' access to a directory, if all files in it have one of these names or begin with one. A
/// directory that is used for other things too, such as `/tmp`, is left as it is.
///
/// # Errors
/// Those of the system, except for a directory of another owner.
pub fn tighten_directory(path: &Path, names: &[&str]) -> io::Result<()> {
    if std::fs::metadata(path)?.permissions().mode() & 0o777 == DIRECTORY {
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let name = entry?.file_name();
        if !names.iter().any(|known| name.to_string_lossy().starts_with(known)) {
            return Ok(());
        }
    }
    ours(std::fs::set_permissions(path, Permissions::from_mode(DIRECTORY)))
}

/// Ignores errors for files of another owner, and on read-only file systems.
fn ours(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(cause) if matches!(cause.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_was_open_to_others_is_closed() {
        let place = tempfile::tempdir().unwrap();
        let (file, deep) = (place.path().join("file"), place.path().join("a/b"));
        for before in [0o644, 0o666, 0o400, 0o640] {
            std::fs::write(&file, "").unwrap();
            set(&file, before);
            open(OpenOptions::new().append(true).create(true), &file).unwrap();
            assert_eq!(mode(&file), FILE, "{before:o}");
            set(&file, before);
            tighten(&file).unwrap();
            assert_eq!(mode(&file), FILE, "{before:o}");
        }
        make_directories(&deep).unwrap();
        assert_eq!((mode(&deep), mode(deep.parent().unwrap())), (DIRECTORY, DIRECTORY));
        tighten(&place.path().join("nothing")).unwrap();
    }

    #[test]
    fn a_directory_with_other_things_in_it_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        set(place.path(), 0o755);
        std::fs::write(place.path().join("someones.txt"), "").unwrap();
        tighten_directory(place.path(), &["ours"]).unwrap();
        assert_eq!(mode(place.path()), 0o755);
        std::fs::rename(place.path().join("someones.txt"), place.path().join("ours.db")).unwrap();
        tighten_directory(place.path(), &["ours"]).unwrap();
        assert_eq!(mode(place.path()), DIRECTORY);
    }
}
