//! What `include` brings in: whole projects, each with its own folder and environment.

use super::{Loading, MAX_DEPTH, below, entry_mut, offer_file, same, take};
use crate::formats::compose::validate::Refusal;
use crate::loader;
use crate::model::{Node, Str, Value, Why};
use crate::text::{FileId, Loc};
use std::collections::{BTreeMap, BTreeSet};

impl Loading<'_, '_> {
    /// Brings in the projects that `include` names.
    pub(super) fn include(&mut self, root: &mut Node, file: FileId, short: &BTreeSet<(Str, Str)>) {
        let Some(include) = take(root, "include") else { return };
        let Value::List(items) = include.value else { return };
        self.including.push(file);
        for item in items {
            self.included(root, &item, short);
        }
        self.including.pop();
    }

    fn included(&mut self, root: &mut Node, item: &Node, short: &BTreeSet<(Str, Str)>) {
        let texts = |node: &Node| match &node.value {
            Value::List(list) => list.iter().filter_map(|node| node.value.as_str().map(str::to_owned)).collect(),
            value => value.as_str().map(str::to_owned).into_iter().collect::<Vec<_>>(),
        };
        let path = item.value.entry("path").unwrap_or(item);
        let mut files = Vec::new();
        let mut first_folder = None;
        for text in texts(path) {
            let target = loader::join(&self.folder, &text);
            let opened = target.as_deref().and_then(|target| self.reader.open(target, Some(path.at)).ok());
            let Some((target, opened)) = target.zip(opened) else {
                self.missing(path.at, &text);
                self.open.get_or_insert(Why::File(text.into()));
                return;
            };
            if self.including.contains(&opened) || self.including.len() >= MAX_DEPTH {
                self.refuse(vec![Refusal { at: path.at, message: "include cycle detected".to_owned() }]);
                return;
            }
            first_folder.get_or_insert_with(|| loader::folder(&target).to_owned());
            files.push(opened);
        }
        if files.is_empty() {
            let names_none = |path: &Node| matches!(&path.value, Value::List(list) if list.is_empty());
            if matches!(item.value, Value::Map(_)) && item.value.entry("path").is_none_or(names_none) {
                // Nothing is included, but its files of variables have to be there.
                for text in item.value.entry("env_file").map(texts).unwrap_or_default() {
                    let there =
                        loader::join(&self.folder, &text).is_some_and(|path| self.reader.open(&path, None).is_ok());
                    if !there {
                        self.missing(item.at, &text);
                    }
                }
                return;
            }
            self.open.get_or_insert(Why::Runtime("what is included".into()));
            return;
        }
        let directory = item.value.entry("project_directory").and_then(|node| node.value.as_str());
        let folder = match directory.map(|directory| loader::join(&self.folder, directory)) {
            Some(Some(folder)) => folder,
            _ => first_folder.unwrap_or_default(),
        };
        let mut environment = self.environment.clone();
        let mut faults = Vec::new();
        if let Some(given) = item.value.entry("env_file") {
            let mut before = Vec::new();
            for text in texts(given) {
                let Some(path) = loader::join(&self.folder, &text) else { continue };
                let (fault, there) = offer_file(self.reader, &path, &mut before, &mut environment);
                faults.extend(fault);
                if !there {
                    self.missing(given.at, &text);
                }
            }
        } else {
            let path = below(&folder, ".env");
            faults.extend(offer_file(self.reader, &path, &mut Vec::new(), &mut environment).0);
        }
        // What reads the file by itself tells of it where only faults are looked for.
        if self.all_needed {
            self.refuse(faults);
        }
        let mut inner = Loading::new(self.reader, &folder, environment);
        inner.including.clone_from(&self.including);
        inner.all_needed = self.all_needed;
        let project = inner.files(&files);
        let inner = inner.done(project);
        self.problems.extend(inner.problems);
        self.open_services.extend(inner.open_services);
        if self.open.is_none() {
            self.open = inner.open;
        }
        self.import(root, inner.root, path.at, short);
    }

    /// Puts what an included project has beside what is there; the same name twice is refused.
    fn import(&mut self, root: &mut Node, from: Node, at: Loc, short: &BTreeSet<(Str, Str)>) {
        let Value::Map(sections) = from.value else { return };
        for section in sections {
            if !matches!(&*section.key, "services" | "volumes" | "networks" | "secrets" | "configs" | "models") {
                continue;
            }
            let Some(target) = entry_mut(root, &section.key) else {
                if let Value::Map(entries) = &mut root.value {
                    entries.push(section);
                }
                continue;
            };
            let (Value::Map(target), Value::Map(more)) = (&mut target.value, section.node.value) else { continue };
            let mut conflict = None;
            let mut places: BTreeMap<Str, usize> =
                target.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
            for entry in more {
                match places.get(&entry.key).and_then(|&at| target.get(at)) {
                    Some(known)
                        if same(&known.node, &entry.node)
                            && !short.contains(&(section.key.clone(), entry.key.clone())) => {}
                    Some(_) => conflict = Some(entry.key),
                    None => {
                        places.insert(entry.key.clone(), target.len());
                        target.push(entry);
                    }
                }
            }
            if let Some(name) = conflict {
                let message = format!("{}.{name} conflicts with imported resource", section.key);
                self.refuse(vec![Refusal { at, message }]);
            }
        }
    }
}
