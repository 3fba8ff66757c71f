//! What is remembered of folders, so that the system is asked little: whether they are below the root, and what is in them.

use super::Disk;
use hardlint_config::loader;
use std::sync::Arc;
use std::{fs, io};

/// Where a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// Below the root, and neither it nor a folder on the way is a link.
    Plain,
    /// Below the root, where a link leads.
    Linked,
    /// Nowhere, or not below the root.
    Not,
}

/// What is known of a folder's names.
#[derive(Clone, Debug)]
pub(super) enum Folder {
    /// How often it was asked about one of them.
    Asked(u8),
    /// All of them, sorted.
    Names(Arc<[String]>),
    /// They cannot be listed.
    Closed,
}

/// Questions about names in a folder that are asked of the system one by one. Formats ask for files that are mostly not
/// there (`.env`, overrides, includes of the image), so that then it is listed once; but who asks for one or two does
/// not have to wait for a list of a hundred thousand.
const FEW: u8 = 2;

impl Disk {
    pub(super) fn is_inside(&self, folder: &str) -> bool {
        let (base, rest) = self.base(folder);
        if rest.is_empty() {
            return true;
        }
        if let Some(known) = self.known_inside(folder) {
            return known != Inside::Not;
        }
        let head = folder.len() - rest.len();
        let ends = rest.match_indices('/').map(|(at, _)| at).chain([rest.len()]);
        // Most folders that are asked for are not there, and lie in one that is known.
        let above = folder.rfind('/').filter(|above| *above > head);
        let known_above = above.filter(|&above| folder.get(..above).is_some_and(|it| self.is_plain(it)));
        for end in ends.skip_while(|end| known_above.is_some_and(|above| head + end <= above)) {
            let Some(path) = folder.get(..head + end) else { break };
            let plain = match self.known_inside(path) {
                Some(known) => known == Inside::Plain,
                None if !self.may_have(loader::folder(path), loader::name(path)) => return false,
                None => match fs::symlink_metadata(base.join(rest.get(..end).unwrap_or_default())) {
                    Ok(found) if found.is_dir() => {
                        self.remember(path, Inside::Plain);
                        true
                    }
                    // What is not there leads nowhere, and nothing lies in it.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return false,
                    Ok(_) | Err(_) => false,
                },
            };
            if !plain {
                // A link on the way, or what is none of our business.
                let whole = self.real(&base.join(rest)).is_ok_and(|real| real.starts_with(base));
                self.remember(folder, if whole { Inside::Linked } else { Inside::Not });
                return whole;
            }
        }
        true
    }

    fn is_plain(&self, folder: &str) -> bool {
        self.known_inside(folder) == Some(Inside::Plain)
    }

    fn known_inside(&self, folder: &str) -> Option<Inside> {
        self.inside.read().ok()?.get(folder).copied()
    }

    fn remember(&self, folder: &str, inside: Inside) {
        if !self.live
            && let Ok(mut known) = self.inside.write()
        {
            known.insert(folder.into(), inside);
        }
    }

    /// The names in a folder that is inside, sorted; nothing if it cannot be listed.
    pub(super) fn names(&self, folder: &str) -> Option<Arc<[String]>> {
        match self.folders.read().ok().and_then(|known| known.get(folder).cloned()) {
            Some(Folder::Names(names)) => return Some(names),
            Some(Folder::Closed) => return None,
            Some(Folder::Asked(_)) | None => {}
        }
        let place = self.found(folder);
        let place = if self.machine { self.real(&place).unwrap_or(place) } else { place };
        let listed = fs::read_dir(place).ok().map(|entries| {
            let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
            let mut names: Vec<String> = names.collect();
            names.sort_unstable();
            Arc::<[String]>::from(names)
        });
        if !self.live
            && let Ok(mut known) = self.folders.write()
        {
            known.insert(folder.into(), listed.clone().map_or(Folder::Closed, Folder::Names));
        }
        listed
    }

    /// Whether it is known already that a folder has no such name in it.
    pub(super) fn is_missing(&self, folder: &str, name: &str) -> bool {
        let known = self.folders.read().ok();
        match known.as_ref().and_then(|known| known.get(folder)) {
            Some(Folder::Names(names)) => !self.live && !has(names, name),
            _ => false,
        }
    }

    /// Whether a folder that is inside may have a name in it.
    pub(super) fn may_have(&self, folder: &str, name: &str) -> bool {
        if self.live {
            return true;
        }
        let known = self.folders.read().ok().and_then(|known| known.get(folder).cloned());
        let asked = match known {
            Some(Folder::Names(names)) => return has(&names, name),
            Some(Folder::Closed) => return true,
            Some(Folder::Asked(count)) => count,
            None => 0,
        };
        if asked >= FEW {
            return self.names(folder).is_none_or(|names| has(&names, name));
        }
        if let Ok(mut known) = self.folders.write() {
            known.entry(folder.into()).or_insert(Folder::Asked(0));
            if let Some(Folder::Asked(count)) = known.get_mut(folder) {
                *count += 1;
            }
        }
        true
    }
}

/// Whether a name is one of these, which are sorted.
fn has(names: &[String], name: &str) -> bool {
    names.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
}
