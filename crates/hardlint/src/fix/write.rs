//! A text in the place of a file's: whole or not at all, and only if nobody else wrote to the file meanwhile.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;

/// Names that are tried for the file that is to take the other's place.
const NAMES: u32 = 100;

/// Puts `text` in the place of `before` in the file at `path`, which is no link.
///
/// # Errors
/// Where the file says something else by now, or cannot be written.
pub fn replace(path: &Path, before: &str, text: &str) -> io::Result<()> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is not to be written to"));
    }
    // What is written may be a secret: nobody else can read it before it has the rights of the other.
    let (mut fresh, beside) = beside(path, private)?;
    let written = (|| {
        fresh.write_all(text.as_bytes())?;
        keep_owner(&fresh, &metadata);
        fresh.set_permissions(metadata.permissions())?;
        fresh.sync_all()?;
        // The last thing before the names change: what was written since is not to be lost.
        let mut now = Vec::with_capacity(before.len());
        file.read_to_end(&mut now)?;
        if now != before.as_bytes() {
            return Err(io::Error::other("it was changed meanwhile"));
        }
        fs::rename(&beside, path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Whether a file is known by other names, which would go on leading to what it was.
#[cfg(unix)]
pub fn has_other_names(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|found| found.nlink() > 1)
}

/// The same where nobody can tell.
#[cfg(not(unix))]
pub fn has_other_names(_path: &Path) -> bool {
    false
}

/// A new file in the same folder.
///
/// # Errors
/// Where none can be made.
pub fn beside(path: &Path, open: fn(&Path) -> io::Result<File>) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut last = None;
    for number in 0..NAMES {
        let beside = path.with_file_name(format!(".{name}.hardlint-{}-{number}", process::id()));
        match open(&beside) {
            Ok(file) => return Ok((file, beside)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| io::Error::other("no name is free beside it")))
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Whoever runs as root mends the files of others, who go on owning them. For everybody else there is nothing to do.
#[cfg(unix)]
fn keep_owner(file: &File, like: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let _ = fchown(file, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_file: &File, _like: &fs::Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_file_keeps_its_mode_and_nothing_is_left_beside_it() {
        let scratch = Scratch::new("replace");
        scratch.write("a", "old");
        let path = scratch.path("a");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, "old", "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        assert_eq!(fs::read_dir(scratch.path("")).unwrap().count(), 1);
    }

    #[test]
    fn what_others_wrote_meanwhile_stays() {
        let scratch = Scratch::new("changed");
        scratch.write("a", "theirs");
        let error = replace(&scratch.path("a"), "old", "new").unwrap_err();
        assert_eq!(error.to_string(), "it was changed meanwhile");
        assert_eq!(fs::read_to_string(scratch.path("a")).unwrap(), "theirs");
        assert_eq!(fs::read_dir(scratch.path("")).unwrap().count(), 1);
        scratch.write("b", "old");
        fs::set_permissions(scratch.path("b"), fs::Permissions::from_mode(0o444)).unwrap();
        assert!(replace(&scratch.path("b"), "old", "new").is_err());
        assert_eq!(fs::read_to_string(scratch.path("b")).unwrap(), "old");
    }
}
