//! Where a report goes: standard output, or a file that takes the old one's place when it is whole.

use crate::fix::write::beside;
use crate::root::shown;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Where a report goes: many small pieces are written as few large ones.
pub struct Out {
    writer: Box<dyn Write>,
    /// What is written to, and what it is to be in the end.
    becomes: Option<(PathBuf, PathBuf)>,
}

impl Out {
    /// Standard output.
    pub fn standard() -> Self {
        Self { writer: Box::new(BufWriter::with_capacity(1 << 16, io::stdout().lock())), becomes: None }
    }

    /// A file. What is not one, such as a pipe, is written to as it stands.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn file(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
            let said = format!("there is no folder `{}`: make it first", shown(folder));
            return Err(io::Error::new(io::ErrorKind::NotFound, said));
        }
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder: name a file in it"));
        }
        let real = fs::canonicalize(path);
        let to = real.as_deref().unwrap_or(path).to_owned();
        // `/dev/stdout` is a link to what has no path, and another file would take the link's own place.
        let is_link = fs::symlink_metadata(path).is_ok_and(|it| it.is_symlink());
        let is_special = real.is_err() && is_link || fs::metadata(path).is_ok_and(|it| !it.is_file());
        let fresh = if is_special { None } else { beside(&to, |path| File::create_new(path)).ok() };
        let Some((file, beside)) = fresh else {
            // The folder may be nobody's to write to, and the file still be.
            return Ok(Self { writer: Box::new(BufWriter::new(File::create(path)?)), becomes: None });
        };
        if let Ok(metadata) = fs::metadata(&to) {
            let _ = file.set_permissions(metadata.permissions());
        }
        Ok(Self { writer: Box::new(BufWriter::new(file)), becomes: Some((beside, to)) })
    }

    /// Everything was written.
    ///
    /// # Errors
    /// Where it could not be.
    pub fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        match self.becomes.take() {
            Some((beside, to)) => fs::rename(&beside, to).inspect_err(|_| {
                let _ = fs::remove_file(beside);
            }),
            None => Ok(()),
        }
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        if let Some((beside, _)) = self.becomes.take() {
            let _ = fs::remove_file(beside);
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_report_is_whole_or_the_old_one() {
        let scratch = Scratch::new("out");
        scratch.write("a", "old");
        let mut out = Out::file(&scratch.path("a")).unwrap();
        out.write_all(b"new").unwrap();
        out.flush().unwrap();
        assert_eq!(fs::read_to_string(scratch.path("a")).unwrap(), "old");
        drop(out);
        assert_eq!(fs::read_dir(scratch.path("")).unwrap().count(), 1);
        let mut out = Out::file(&scratch.path("a")).unwrap();
        out.write_all(b"new").unwrap();
        out.finish().unwrap();
        assert_eq!(fs::read_to_string(scratch.path("a")).unwrap(), "new");
        assert_eq!(fs::read_dir(scratch.path("")).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_one_and_what_is_no_file_is_written_to() {
        let scratch = Scratch::new("out-link");
        scratch.write("a", "old");
        scratch.link("a", "b");
        let mut out = Out::file(&scratch.path("b")).unwrap();
        out.write_all(b"new").unwrap();
        out.finish().unwrap();
        assert!(fs::symlink_metadata(scratch.path("b")).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(scratch.path("a")).unwrap(), "new");
        Out::file(Path::new("/dev/null")).unwrap().finish().unwrap();
        // What a link leads to may have no path, or not be there yet.
        let (mut read, write) = io::pipe().unwrap();
        let end = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&write));
        std::os::unix::fs::symlink(&end, scratch.path("pipe")).unwrap();
        scratch.link("later", "to-come");
        for name in ["pipe", "to-come"] {
            let mut out = Out::file(&scratch.path(name)).unwrap();
            out.write_all(b"new").unwrap();
            out.finish().unwrap();
            assert!(fs::symlink_metadata(scratch.path(name)).unwrap().is_symlink(), "{name}");
        }
        drop(write);
        let mut text = String::new();
        io::Read::read_to_string(&mut read, &mut text).unwrap();
        assert_eq!((text.as_str(), fs::read_to_string(scratch.path("later")).unwrap().as_str()), ("new", "new"));
        assert!(Out::file(&scratch.path("")).is_err());
        assert!(Out::file(&scratch.path("no/where")).is_err());
    }
}
