//! The folders that a client has open, and the project that each file belongs to.

use super::Server;
use crate::position;
use crate::session::{Buffer, Session};
use hardlint_config::reads::Change;
use lsp_types::{DidChangeWorkspaceFoldersParams, InitializeParams, Uri};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A folder that the client has open.
#[derive(Debug)]
pub(super) struct Folder {
    /// As the client calls it: a link may lead there.
    path: PathBuf,
    /// The session of the project that was found for it.
    session: Option<usize>,
}

impl Folder {
    fn new(path: PathBuf) -> Self {
        Self { path, session: None }
    }
}

/// The folders that the client has open at the start.
pub(super) fn of_client(params: &InitializeParams) -> Vec<Folder> {
    let all = params.workspace_folders.iter().flatten().filter_map(|folder| position::path(&folder.uri));
    let mut all: Vec<Folder> = all.map(Folder::new).collect();
    if all.is_empty() {
        #[expect(deprecated, reason = "older clients name one folder, so")]
        all.extend(params.root_uri.as_ref().and_then(position::path).map(Folder::new));
    }
    all
}

impl Server<'_> {
    /// The session for a file, found or made, and the file's path there.
    fn session(&mut self, path: &Path) -> Option<(usize, String)> {
        let around = self.folders.iter().enumerate().filter(|(_, folder)| path.starts_with(&folder.path));
        let around = around.max_by_key(|(_, folder)| folder.path.as_os_str().len()).map(|(index, _)| index);
        if let Some(index) = around {
            // Also where one around it is known: it may be a project of its own.
            self.of_folder(index)?;
        }
        if let Some(known) = self.known(path) {
            return Some(known);
        }
        self.found(path.parent()?)?;
        self.known(path)
    }

    /// The session that a file is in, of roots inside each other that of the inner one.
    fn known(&self, path: &Path) -> Option<(usize, String)> {
        let known = self.sessions.iter();
        let known = known.filter_map(|(id, session)| Some((*id, session.host.below(path)?)));
        known.min_by_key(|(_, below)| below.len())
    }

    /// The session of one of the client's folders.
    fn of_folder(&mut self, index: usize) -> Option<usize> {
        let folder = self.folders.get(index)?;
        if folder.session.is_some() {
            return folder.session;
        }
        let path = folder.path.clone();
        let id = self.found(&path)?;
        self.folders.get_mut(index)?.session = Some(id);
        self.sessions.get_mut(&id)?.call(&path);
        Some(id)
    }

    /// Finds the projects of all folders.
    pub(super) fn find_all(&mut self) {
        for index in 0..self.folders.len() {
            self.of_folder(index);
        }
    }

    /// The sessions, each with the roots of others that lie inside its own: what is in there is not its to tell.
    pub(super) fn apart(&self) -> Vec<(&Session, Vec<&Path>)> {
        let roots: Vec<&Path> = self.sessions.values().map(|session| session.host.folder()).collect();
        let inner = |session: &Session| {
            let own = session.host.folder();
            roots.iter().copied().filter(|root| *root != own && root.starts_with(own)).collect()
        };
        self.sessions.values().map(|session| (session, inner(session))).collect()
    }

    /// Finds the project of a folder, which may be known.
    fn found(&mut self, folder: &Path) -> Option<usize> {
        let start = Instant::now();
        match (self.find)(folder, &self.asked) {
            Ok(host) => {
                self.complaint.clear();
                let known = self.sessions.iter().find(|(_, session)| session.host.folder() == host.folder());
                if let Some((id, _)) = known {
                    return Some(*id);
                }
                self.begin_progress();
                let id = self.sessions.keys().next_back().map_or(0, |last| last + 1);
                self.sessions.insert(id, Session::new(host));
                (self.log)(&format!("finding a project took {} µs", start.elapsed().as_micros()));
                Some(id)
            }
            Err(error) => {
                self.complain(&error);
                None
            }
        }
    }

    /// Takes a document into the project that it belongs to, or keeps it until there is one.
    pub(super) fn house(&mut self, buffer: Buffer) {
        let Some(path) = position::path(&buffer.uri) else { return };
        let name = buffer.uri.as_str().to_owned();
        let found = self.session(&path);
        let found = found.and_then(|(id, below)| Some((self.sessions.get_mut(&id)?, id, below)));
        if let Some((session, id, below)) = found {
            session.open(&below, buffer);
            self.places.insert(name, (id, below));
        } else {
            self.places.remove(&name);
            self.homeless.insert(name, buffer);
        }
    }

    /// Takes in that something else stands at some places.
    pub(super) fn touched(&mut self, changes: &[(Uri, bool)]) {
        let mut again = BTreeSet::new();
        for (id, session) in &mut self.sessions {
            let mut own = Vec::new();
            for (uri, whole) in changes {
                let Some(place) = position::path(uri) else { continue };
                if session.host.is_settings(&place) {
                    again.insert(*id);
                }
                let Some(path) = session.host.below(&place) else { continue };
                own.push(Change { path, whole: *whole });
            }
            if !own.is_empty() {
                session.changed(&own);
            }
        }
        for id in again {
            self.again(id);
        }
        // What was wrong with settings may be mended.
        for buffer in std::mem::take(&mut self.homeless).into_values() {
            self.house(buffer);
        }
    }

    /// Finds a project anew, and takes its documents along.
    pub(super) fn again(&mut self, id: usize) {
        let Some(session) = self.sessions.get(&id) else { return };
        let host = match (self.find)(session.host.folder(), &self.asked) {
            Ok(host) => host,
            // Half-written settings leave what was.
            Err(error) => return self.complain(&error),
        };
        self.complaint.clear();
        let Some(before) = self.sessions.remove(&id) else { return };
        // Without its settings a folder may be part of the project around it.
        if before.host.folder() == host.folder() {
            let mut session = Session::new(host);
            let own = self.folders.iter().filter(|folder| folder.session == Some(id));
            own.for_each(|folder| session.call(&folder.path));
            self.sessions.insert(id, session);
        } else {
            self.forget_gone();
        }
        for buffer in before.into_buffers() {
            self.house(buffer);
        }
    }

    pub(super) fn folders_changed(&mut self, params: &DidChangeWorkspaceFoldersParams) {
        let gone: Vec<_> = params.event.removed.iter().filter_map(|it| position::path(&it.uri)).collect();
        self.folders.retain(|folder| !gone.contains(&folder.path));
        for path in params.event.added.iter().filter_map(|it| position::path(&it.uri)) {
            if self.folders.iter().all(|folder| folder.path != path) {
                self.folders.push(Folder::new(path));
            }
        }
        self.drop_unused();
    }

    /// Lets projects go of which neither a folder nor a document is open.
    pub(super) fn drop_unused(&mut self) {
        let Self { sessions, folders, .. } = self;
        sessions.retain(|id, session| {
            let root = session.host.folder();
            let has = |folder: &Folder| folder.session == Some(*id) || root.starts_with(&folder.path);
            session.documents().next().is_some() || folders.iter().any(has)
        });
        self.forget_gone();
    }

    /// Lets folders be found anew whose project is gone.
    fn forget_gone(&mut self) {
        for folder in &mut self.folders {
            folder.session = folder.session.filter(|id| self.sessions.contains_key(id));
        }
    }
}
