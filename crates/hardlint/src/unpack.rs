//! Inputs that hold many files, or one in another form: an archive as `git archive` writes it, also packed with gzip, what
//! `nginx -T` prints, and the settings that a server of `PostgreSQL` tells.
//!
//! They are unpacked into a folder of their own that nobody else can read, and that is gone when the run is; from then on
//! they are a root as any other. Nothing is written outside that folder, whatever names the input has.

mod gzip;
mod postgres;

use crate::root::shown;
use anyhow::{Context, Result, bail};
use hardlint_config::formats::{self, ByName, Format};
use hardlint_config::loader::{MAX_FILE, ReadError};
use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::process;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

/// No input is unpacked to more than this.
const MOST: u64 = 4 << 30;
/// No more than this is read of what an archive says of a file: names, links, and attributes.
const LONGEST_HEAD: u64 = 1 << 20;
/// What `git archive` says of a commit is shorter.
const LONGEST_COMMENT: u64 = 1024;
/// No system takes a longer name.
const LONGEST_NAME: usize = 4096;
/// What `nginx -T` writes before each file.
const MARK: &str = "# configuration file ";

/// A folder with what was in an input.
#[derive(Debug)]
pub struct Unpacked {
    /// Without symbolic links.
    pub folder: PathBuf,
    /// What all its files are, whatever their names, where a server printed what it reads. Absolute paths are meant as they
    /// are then.
    pub printed: Option<&'static Format>,
    /// Whether they are the files of a commit, which `git archive` names: all that is there is tracked.
    pub of_commit: bool,
    /// Entries that are not in the folder though they may matter, by their names, and why.
    pub passed_over: Vec<(String, String)>,
}

/// Entries that are passed over are named up to this many.
const NAMED: usize = 20;

impl Unpacked {
    fn pass_over(&mut self, path: &Path, why: &str) {
        match self.passed_over.len() {
            NAMED => self.passed_over.push((String::new(), "more entries of it are passed over".to_owned())),
            0..NAMED => self.passed_over.push((path.to_string_lossy().into_owned(), why.to_owned())),
            _ => {}
        }
    }

    /// Whether a folder on the way to a place is a link that leads out, or nowhere.
    fn leads_out(&self, path: &Path) -> bool {
        let mut way = self.folder.clone();
        let folders = path.parent().into_iter().flat_map(Path::components);
        folders.into_iter().any(|part| {
            way.push(part);
            let is_link = way.symlink_metadata().is_ok_and(|it| it.is_symlink());
            let own = || fs::canonicalize(&self.folder).ok();
            is_link && !fs::canonicalize(&way).ok().zip(own()).is_some_and(|(real, own)| real.starts_with(own))
        })
    }
}

impl Drop for Unpacked {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What is in an input, if it is one that holds many files.
///
/// # Errors
/// Where it is one, and cannot be unpacked.
pub fn unpacked(path: &Path) -> Result<Option<Unpacked>> {
    let mut begin = Vec::new();
    // To open a pipe would be to wait for who writes to it.
    if !fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let Ok(file) = File::open(path).and_then(|mut file| {
        (&mut file).take(4096).read_to_end(&mut begin)?;
        Ok(file)
    }) else {
        return Ok(None);
    };
    drop(file);
    let said = || format!("`{}`", shown(path));
    if is_archive(&begin) {
        archive(File::open(path)?).with_context(said).map(Some)
    } else if gzip::is(&begin) {
        // Manual pages and old logs are packed as well.
        packed(path).with_context(said)
    } else if is_dump(&begin) {
        dump(path).with_context(said)
    } else if postgres::is_table(&String::from_utf8_lossy(&begin)) {
        settings(path).with_context(said).map(Some)
    } else {
        Ok(None)
    }
}

/// What a text is that holds many files, if it is one.
pub fn many(begin: &[u8]) -> Option<&'static str> {
    let begin = begin.get(..4096).unwrap_or(begin);
    match begin {
        begin if is_archive(begin) || gzip::is(begin) => Some("an archive"),
        begin if is_dump(begin) => Some("what `nginx -T` prints"),
        _ => None,
    }
}

/// Whether the first line but what nginx says of its check is the mark of a file.
fn is_dump(begin: &[u8]) -> bool {
    let begin = String::from_utf8_lossy(begin);
    let first = begin.lines().find(|line| !line.starts_with("nginx: ") && !line.trim().is_empty());
    first.is_some_and(|line| line.starts_with(MARK) && line.ends_with(':'))
}

fn is_archive(begin: &[u8]) -> bool {
    begin.get(257..262) == Some(b"ustar")
}

/// What is in an archive that gzip made smaller; nothing where it is no archive.
fn packed(path: &Path) -> Result<Option<Unpacked>> {
    let open = || Ok::<_, io::Error>(gzip::Gunzip::new(io::BufReader::new(File::open(path)?)));
    let mut begin = Vec::new();
    // What cannot be read to there is told where it is read as what its name says.
    if open()?.take(512).read_to_end(&mut begin).is_err() || !is_archive(&begin) {
        return Ok(None);
    }
    // Entries that are passed over are read as well.
    archive(open()?.take(MOST)).map(Some)
}

fn archive(input: impl Read) -> Result<Unpacked> {
    let mut unpacked = fresh(None)?;
    // Long names and other extensions come before an entry is told, and say themselves how long they are.
    let left_of_head = Rc::new(Cell::new(LONGEST_HEAD));
    let guarded = Guarded { input: io::BufReader::new(input), left: left_of_head.clone() };
    let mut archive = tar::Archive::new(guarded);
    archive.set_preserve_mtime(false);
    let mut left = MOST;
    for entry in archive.entries()? {
        let mut entry = entry.map_err(cut)?;
        left_of_head.set(u64::MAX);
        let name = entry.path_bytes().len().max(entry.link_name_bytes().map_or(0, |name| name.len()));
        if name > LONGEST_NAME {
            bail!("it holds a file with a name of {name} bytes, and no system has names of more than {LONGEST_NAME}");
        }
        let kind = entry.header().entry_type();
        let size = entry.size();
        // A larger file is not read anyway; a hard link is not made by git.
        if !(kind.is_file() || kind.is_dir() || kind.is_symlink()) || size > MAX_FILE {
            // What is passed over comes before the next head; of a file with holes, less than its size.
            let stored = if kind.is_gnu_sparse() { entry.header().entry_size()? } else { size };
            left_of_head.set(LONGEST_HEAD.saturating_add(stored));
            if kind.is_pax_global_extensions() && size < LONGEST_COMMENT {
                let mut said = String::new();
                unpacked.of_commit |= entry.read_to_string(&mut said).is_ok() && names_commit(&said);
                continue;
            }
            let path = entry.path()?.into_owned();
            let ours = path.to_str().is_some_and(|path| matches!(formats::by_name(path), ByName::Is(_)));
            if ours && size > MAX_FILE {
                unpacked.pass_over(&path, &ReadError::TooLarge(size).to_string());
            } else if ours && kind.is_hard_link() {
                unpacked.pass_over(&path, "it is a hard link, which is not followed in an archive");
            } else if ours && !kind.is_pax_global_extensions() {
                unpacked.pass_over(&path, &ReadError::NotAFile.to_string());
            }
            continue;
        }
        left = left.checked_sub(size.max(512)).context("it holds more than 4 GB")?;
        let path = entry.path()?.into_owned();
        let leads_out = unpacked.leads_out(&path);
        if (leads_out || !entry.unpack_in(&unpacked.folder).map_err(cut)?) && !kind.is_dir() {
            unpacked.pass_over(&path, "its name leads out of the archive, where nothing is read");
        }
        io::copy(&mut entry, &mut io::sink()).map_err(cut)?;
        left_of_head.set(LONGEST_HEAD);
    }
    // The sum that tells whether all of it is as it was stands at its very end.
    left_of_head.set(u64::MAX);
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(cut)?;
    Ok(unpacked)
}

/// Whether what an archive says of all its files is what `git archive` says: the commit that they are of.
fn names_commit(said: &str) -> bool {
    let comments = said.lines().filter_map(|line| line.split_once(' ')?.1.strip_prefix("comment="));
    let mut ids = comments.filter(|id| matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    ids.next().is_some()
}

/// An input of which only so much is read.
struct Guarded<R> {
    input: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        let left = self.left.get().checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "what it says of one of its files, as the name, is over 1 MB")
        })?;
        self.left.set(left);
        Ok(count)
    }
}

/// Why an archive cannot be read to its end.
fn cut(error: io::Error) -> anyhow::Error {
    let told = error.kind() == io::ErrorKind::InvalidData;
    if told { error.into() } else { anyhow::Error::new(error).context("it is no whole archive") }
}

fn dump(path: &Path) -> Result<Option<Unpacked>> {
    if fs::metadata(path)?.len() > MAX_FILE {
        bail!("it is larger than 64 MB");
    }
    let text = fs::read(path)?;
    let unpacked = fresh(Some(&formats::nginx::FORMAT))?;
    let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (line, number) in text.split_inclusive(|&byte| byte == b'\n').zip(1..) {
        match named(line).with_context(|| format!("line {number}"))? {
            Some(name) => files.push((unpacked.folder.join(name), Vec::new())),
            None => files.last_mut().into_iter().for_each(|(_, text)| text.extend_from_slice(line)),
        }
    }
    for (path, mut text) in files {
        // nginx ends each file with an empty line of its own.
        if text.ends_with(b"\n\n") {
            text.pop();
        }
        let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        written.with_context(|| {
            let name = path.strip_prefix(&unpacked.folder).unwrap_or(&path);
            format!("its file `/{}` cannot be unpacked", shown(name))
        })?;
    }
    Ok(Some(unpacked))
}

fn settings(path: &Path) -> Result<Unpacked> {
    if fs::metadata(path)?.len() > MAX_FILE {
        bail!("it is larger than 64 MB");
    }
    let text = fs::read(path)?;
    let made = postgres::configuration(&String::from_utf8_lossy(&text));
    // What was cut off is not what the server runs with.
    if made.trim().is_empty() {
        bail!(
            "it begins as a table of PostgreSQL's settings, and has none: give it as `psql -A` or `psql --csv` prints it"
        );
    }
    let unpacked = fresh(Some(&formats::postgres::FORMAT))?;
    fs::write(unpacked.folder.join("postgresql.conf"), made)?;
    Ok(unpacked)
}

/// The path that a mark names, below the root; nothing for what is no mark. nginx joins the folder and what `include`
/// says as they are, so that there can be `..`, which above the root leads to the root.
fn named(line: &[u8]) -> Result<Option<PathBuf>> {
    let line = line.trim_ascii_end();
    let Some(name) = line.strip_prefix(MARK.as_bytes()).and_then(|rest| rest.strip_suffix(b":")) else {
        return Ok(None);
    };
    let Ok(name) = str::from_utf8(name) else { bail!("the name of this file is not UTF-8") };
    let mut below = PathBuf::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => below.push(part),
            Component::ParentDir => _ = below.pop(),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    if below.file_name().is_none() || name.ends_with('/') {
        bail!("this names no file");
    }
    Ok(Some(below))
}

/// A new folder that only its owner can read.
fn fresh(printed: Option<&'static Format>) -> Result<Unpacked> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("hardlint-{}-{number}.unpacked", process::id()));
    private(&folder).with_context(|| format!("`{}`", shown(&folder)))?;
    Ok(Unpacked { folder: fs::canonicalize(folder)?, printed, of_commit: false, passed_over: Vec::new() })
}

#[cfg(unix)]
fn private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn tar(files: &[(&str, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, text) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(text.len() as u64);
            header.set_mode(0o600);
            // The setters refuse what leads out, which others do not.
            header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap()
    }

    #[test]
    fn an_archive_may_be_packed() {
        let scratch = Scratch::new("unpack-packed");
        scratch.write("a.tar.gz", gzip::tests::packed(&tar(&[("a/nginx.conf", "events {}"), ("../b", "x")])));
        let unpacked = unpacked(&scratch.path("a.tar.gz")).unwrap().unwrap();
        assert_eq!(fs::read_to_string(unpacked.folder.join("a/nginx.conf")).unwrap(), "events {}");
        assert!(!unpacked.folder.join("b").exists() && !unpacked.folder.join("../b").exists());
        // What is no archive is no input of many files.
        scratch.write("page.1.gz", gzip::tests::packed(b"text"));
        scratch.write("cut.gz", &gzip::tests::packed(b"text")[..9]);
        for name in ["page.1.gz", "cut.gz"] {
            assert!(super::unpacked(&scratch.path(name)).unwrap().is_none(), "{name}");
        }
        let whole = gzip::tests::packed(&tar(&[("a", &"lantern and loom ".repeat(900)), ("b", "x")]));
        scratch.write("cut.tar.gz", &whole[..whole.len() - 12]);
        let error = super::unpacked(&scratch.path("cut.tar.gz")).unwrap_err();
        assert!(format!("{error:#}").contains("it is no whole"), "{error:#}");
        // The sum stands behind all that is unpacked.
        let mut wrong = whole;
        let last = wrong.len() - 6;
        wrong[last] ^= 1;
        scratch.write("wrong.tar.gz", &wrong);
        let error = super::unpacked(&scratch.path("wrong.tar.gz")).unwrap_err();
        assert!(format!("{error:#}").contains("it is no whole file of gzip"), "{error:#}");
        // Zeros without end, in an entry that is too large to be looked at.
        let mut header = tar::Header::from_byte_slice(&tar(&[("a", "")])[..512]).clone();
        header.set_size(96 << 20);
        header.set_cksum();
        let bomb = [header.as_bytes().as_slice(), &vec![0; 96 << 20]].concat();
        scratch.write("bomb.tar.gz", gzip::tests::packed(&bomb));
        let error = super::unpacked(&scratch.path("bomb.tar.gz")).unwrap_err();
        assert!(format!("{error:#}").contains("it becomes more than 200 times as large as it is"), "{error:#}");
    }

    #[test]
    fn an_archive_is_unpacked_and_nothing_gets_out_of_it() {
        let scratch = Scratch::new("unpack");
        scratch.write("a.tar", tar(&[("x/sshd_config", "Port 22\n"), ("../../out", "x"), ("/etc/abs", "y")]));
        let unpacked = unpacked(&scratch.path("a.tar")).unwrap().unwrap();
        let folder = unpacked.folder.clone();
        assert_eq!(fs::read_to_string(folder.join("x/sshd_config")).unwrap(), "Port 22\n");
        assert!(folder.join("etc/abs").is_file() && !folder.join("../../out").exists());
        let why = "its name leads out of the archive, where nothing is read";
        assert_eq!(unpacked.passed_over, [("../../out".to_owned(), why.to_owned())]);
        drop(unpacked);
        assert!(!folder.exists());
    }

    #[test]
    fn what_lies_behind_a_link_that_leads_out_is_passed_over() {
        let scratch = Scratch::new("unpack-link");
        let mut builder = tar::Builder::new(Vec::new());
        let mut link = tar::Header::new_ustar();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        builder.append_link(&mut link, "out", "/tmp").unwrap();
        let mut archive = builder.into_inner().unwrap();
        archive.truncate(512);
        archive.extend(tar(&[("out/compose.yaml", "services: {}\n"), ("own/compose.yaml", "services: {}\n")]));
        scratch.write("a.tar", archive);
        let unpacked = unpacked(&scratch.path("a.tar")).unwrap().unwrap();
        let passed: Vec<&str> = unpacked.passed_over.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(passed, ["out/compose.yaml"]);
        assert!(unpacked.folder.join("own/compose.yaml").is_file());
    }

    #[test]
    fn names_in_an_archive_are_as_long_as_names_are() {
        /// An entry that gives the next one its name.
        fn long_name(length: usize) -> Vec<u8> {
            let mut header = tar::Header::new_gnu();
            header.set_path("././@LongLink").unwrap();
            header.set_entry_type(tar::EntryType::GNULongName);
            header.set_size(length as u64);
            header.set_cksum();
            [header.as_bytes().as_slice(), &vec![b'a'; length], &vec![0; (512 - length % 512) % 512]].concat()
        }
        let scratch = Scratch::new("unpack-names");
        let rest = tar(&[("b/sshd_config", "Port 22\n")]);
        // What is passed over has no part in what is said of the next.
        let mut large = tar::Header::new_gnu();
        large.set_path("c").unwrap();
        large.set_size(MAX_FILE + 512);
        large.set_cksum();
        let large = [large.as_bytes().as_slice(), &vec![0; usize::try_from(MAX_FILE).unwrap() + 512]].concat();
        for (name, bytes, said) in [
            ("a.tar", [long_name(2 << 20), rest.clone()].concat(), Some("is over 1 MB")),
            ("b.tar", [long_name(5000), rest.clone()].concat(), Some("a name of 5000 bytes")),
            ("c.tar", [large.clone(), rest.clone()].concat(), None),
            ("d.tar", [large, long_name(2 << 20), rest].concat(), Some("is over 1 MB")),
        ] {
            scratch.write(name, bytes);
            match (unpacked(&scratch.path(name)), said) {
                (Err(error), Some(said)) => {
                    let error = format!("{error:#}");
                    assert!(error.contains(said) && error.len() < 500, "{name}: {error:.500}");
                }
                (Ok(Some(unpacked)), None) => assert!(unpacked.folder.join("b/sshd_config").is_file(), "{name}"),
                (other, _) => panic!("{name}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_broken_archive_is_told_and_other_files_are_none() {
        let scratch = Scratch::new("unpack-broken");
        let mut bytes = tar(&[("a", "1"), ("b", "2")]);
        bytes.truncate(700);
        scratch.write("a.tar", bytes);
        assert!(unpacked(&scratch.path("a.tar")).is_err());
        scratch.write("b", "x # configuration file /a:\n");
        for path in ["b", "none", ""] {
            assert!(unpacked(&scratch.path(path)).unwrap().is_none(), "{path}");
        }
    }

    #[test]
    fn what_nginx_prints_becomes_its_files() {
        let scratch = Scratch::new("unpack-nginx");
        let text = "nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n\
            # configuration file /etc/nginx/nginx.conf:\nevents {}\n\n# configuration file /etc/nginx/../../../x:\nb\n\
            # configuration file /etc/nginx/c.conf:\nc;\n\n";
        scratch.write("dump", text);
        let unpacked = unpacked(&scratch.path("dump")).unwrap().unwrap();
        assert!(unpacked.printed.is_some_and(|format| format.id == "nginx"));
        let text = |path: &str| fs::read_to_string(unpacked.folder.join(path)).unwrap();
        assert!(text("etc/nginx/nginx.conf").starts_with("events {}\n"));
        assert_eq!(text("etc/nginx/c.conf"), "c;\n");
        assert_eq!(text("x"), "b\n");
        assert_eq!(fs::read_dir(&unpacked.folder).unwrap().count(), 2);
    }

    #[test]
    fn nothing_of_what_nginx_prints_is_passed_over() {
        let scratch = Scratch::new("unpack-nginx-not");
        let begin = b"# configuration file /n.conf:\nevents {}\n";
        for (marks, said) in [
            (&b"# configuration file /etc/\xff:\n"[..], "line 3: the name of this file is not UTF-8"),
            (b"# configuration file /etc/nginx/:\n", "line 3: this names no file"),
            (b"# configuration file /..:\n", "line 3: this names no file"),
            (b"# configuration file /n.conf/a:\nx\n", "its file `/n.conf/a` cannot be unpacked"),
        ] {
            scratch.write("dump", [&begin[..], marks].concat());
            let error = format!("{:#}", unpacked(&scratch.path("dump")).unwrap_err());
            assert!(error.contains(said), "{error}");
        }
    }
}
