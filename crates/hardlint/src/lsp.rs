//! `hardlint lsp`: the language server, over the same disk, walk and linter as `check`.

use crate::args::{Judging, Lsp, Reading};
use crate::disk::{self, Disk};
use crate::project::{self, Looking};
use crate::root::{self, Root};
use crate::{CLEAN, USAGE, config, linter, rules, walk};
use anyhow::{Result, bail};
use hardlint_config::loader::{self, Loader};
use hardlint_config::workspace::{Query, Slot, Slots, Workspace};
use hardlint_lint::Linter;
use hardlint_lint::rule::Rule;
use hardlint_lsp::{Asked, Ended, Host, connect};
use std::fs;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The exit status that the protocol asks for where a client ends the server without shutting it down.
const UNASKED: u8 = 1;

/// Serves one client over standard input and output, and gives the exit status.
pub fn run(args: &Lsp) -> u8 {
    let find = |folder: &Path, asked: &Asked| match Found::new(folder, asked) {
        Ok(found) => Ok(Box::new(found) as Box<dyn Host>),
        Err(error) => Err(format!("{error:#}")),
    };
    let log = |line: &str| {
        if args.log {
            let _ = writeln!(io::stderr(), "hardlint: {}", crate::report::clean::line(line));
        }
    };
    let (connection, threads) = connect(BufReader::new(io::stdin()), io::stdout());
    let ended = hardlint_lsp::serve(&connection, &find, &log);
    // The threads end with the channels that the connection holds. What the one that reads has to say may quote a document.
    drop(connection);
    if ended == Ended::Otherwise {
        log("the client is gone, or broke the protocol");
        return USAGE;
    }
    threads.join();
    if ended == Ended::Unasked { UNASKED } else { CLEAN }
}

/// A project on the disk.
struct Found {
    root: Root,
    disk: Disk,
    query: Query,
    linter: Linter,
    /// The settings files, those that others extend as well: as they are named, and as what that leads to.
    extended: Vec<PathBuf>,
}

impl Found {
    fn new(folder: &Path, asked: &Asked) -> Result<Self> {
        let Some(root) = root::find(&[folder.to_owned()], root::Using::Found)?.into_iter().next() else {
            bail!("`{}` has no root", root::shown(folder));
        };
        let mut disk = Disk::live(root.folder.clone());
        let query = project::query(&Reading::default(), &root, &mut disk, &mut Vec::new())?;
        let judging = Judging {
            pedantic: asked.pedantic,
            preview: asked.preview,
            severity: asked.severity,
            confidence: asked.confidence,
            select: asked.select.clone(),
            ignore: asked.ignore.clone(),
            ..Judging::default()
        };
        let linter = linter::new(&judging, root.settings.as_ref())?;
        let files: Vec<&Path> = root.settings.iter().flat_map(config::Found::files).collect();
        let named = |path: &Path| Some(fs::canonicalize(path.parent()?).ok()?.join(path.file_name()?));
        let named = files.iter().filter_map(|path| named(path));
        let extended = named.chain(files.iter().filter_map(|path| fs::canonicalize(path).ok())).collect();
        Ok(Self { root, disk, query, linter, extended })
    }

    fn looking(&self) -> Looking<'_> {
        Looking { root: &self.root, given: None, isolated: false, role: None }
    }
}

impl Host for Found {
    fn folder(&self) -> &Path {
        &self.root.folder
    }

    fn below(&self, path: &Path) -> Option<String> {
        let folder = fs::canonicalize(path.parent()?).ok()?;
        disk::below(&self.root.folder, &folder.join(path.file_name()?))
    }

    fn loader(&self) -> &dyn Loader {
        &self.disk
    }

    fn linter(&self) -> &Linter {
        &self.linter
    }

    fn query(&self) -> Query {
        self.query.clone()
    }

    fn files(&self) -> Arc<Slots> {
        let walked = walk::walk(&self.root, &self.root.arguments);
        self.looking().fill(&self.disk, self.query.clone(), &walked.files).workspace.into_slots()
    }

    fn look(&self, workspace: &Workspace<'_>, path: &Arc<str>) -> Slot {
        self.looking().look_again(&self.disk, workspace, path)
    }

    fn walks(&self, path: &str) -> bool {
        walk::comes_by(&self.root, path)
    }

    fn writes(&self, path: &str) -> bool {
        self.disk.writable(path).is_some()
    }

    fn is_settings(&self, place: &Path) -> bool {
        // An ignore file decides which files there are.
        let own = |path: &str| matches!(path, "hardlint.toml" | "pyproject.toml") || loader::name(path) == ".gitignore";
        if self.below(place).is_some_and(|path| own(&path)) {
            return true;
        }
        let folder = place.parent().and_then(|folder| fs::canonicalize(folder).ok());
        let real = folder.zip(place.file_name()).map(|(folder, name)| folder.join(name));
        real.is_some_and(|real| self.extended.contains(&real))
    }

    fn url(&self, rule: &Rule) -> String {
        rules::url(rule)
    }
}
