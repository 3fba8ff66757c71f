//! Paths of the file system, most of which begin with a folder that is not known here.

use super::value::{NOT_FOLLOWED, Py, Val, why_of};
use super::{Interp, Rc};
use crate::loader;
use crate::model::{Piece, Text, Why};
use crate::text::Loc;

/// Stands for the root in texts: where it is deployed is not known.
fn root() -> Why {
    Why::Runtime("the folder that the project is deployed to".into())
}

fn split(text: &Text) -> (Vec<Piece>, String) {
    match text {
        Text::Known(text) => (Vec::new(), text.to_string()),
        Text::Pieces(pieces) => match pieces.split_last() {
            Some((Piece::Known(tail), head)) => (head.to_vec(), tail.to_string()),
            _ => (pieces.to_vec(), String::new()),
        },
    }
}

fn whole(mut head: Vec<Piece>, tail: String) -> Text {
    head.push(Piece::Known(tail.into()));
    Text::from_pieces(head)
}

/// The folder that a path lies in.
pub(super) fn parent(text: &Text) -> Text {
    let (head, tail) = split(text);
    match tail.rsplit_once('/') {
        Some(("", _)) if head.is_empty() => Text::Known("/".into()),
        Some((folder, _)) => whole(head, folder.to_owned()),
        None if head.is_empty() => Text::Known("".into()),
        None => Text::Pieces(Box::new([Piece::Hole(Why::Runtime("a folder above the project".into()))])),
    }
}

/// The last part of a path.
pub(super) fn name(text: &Text) -> Option<String> {
    let (head, tail) = split(text);
    match tail.rsplit_once('/') {
        Some((_, name)) => Some(name.to_owned()),
        None => head.is_empty().then_some(tail),
    }
}

/// Without `.` and `..`, as far as the known end goes.
pub(super) fn normal(text: &Text) -> Text {
    let (head, tail) = split(text);
    let absolute = tail.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in tail.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.is_empty() && !head.is_empty() => {
                return Text::Pieces(Box::new([Piece::Hole(Why::Runtime("a folder above the project".into()))]));
            }
            ".." if absolute || parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    let tail = if absolute && (head.is_empty() || !joined.is_empty()) { format!("/{joined}") } else { joined };
    whole(head, tail)
}

/// `path / value`, `os.path.join(path, value)` for one value.
pub(super) fn joined(path: &Text, value: &Text) -> Text {
    if let Text::Known(value) = value
        && value.starts_with('/')
    {
        return Text::Known(value.clone());
    }
    let (head, tail) = split(path);
    let slash = !(head.is_empty() && tail.is_empty() || tail.ends_with('/'));
    let start = whole(head, if slash { format!("{tail}/") } else { tail });
    super::operators::joined(&start, value)
}

/// `Path / value`, which takes away needless slashes.
pub(super) fn join(path: &Text, value: &Val, at: Loc) -> Val {
    match &value.py {
        Py::Str(value) | Py::Path(value) => {
            let value = match &**value {
                Text::Known(value) => Text::Known(tidy(value).into()),
                pieces @ Text::Pieces(_) => pieces.clone(),
            };
            Val::new(Py::Path(Rc::new(joined(path, &value))), at)
        }
        _ => Val::unknown(why_of(value), at),
    }
}

/// As `pathlib` writes a path: no double slashes, no `.`, no slash at the end.
pub(super) fn tidy(path: &str) -> String {
    let absolute = path.starts_with('/');
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

/// Whether the folder that a relative path leads to from another has a module in it. Above all that is at hand, it has.
pub(crate) fn has_module(start: &str, path: &str, module: &str) -> bool {
    let mut parts: Vec<&str> = start.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match part {
            ".." if parts.pop().is_none() => return path.bytes().all(|byte| matches!(byte, b'.' | b'/')),
            ".." => {}
            part => parts.push(part),
        }
    }
    let mut above = module.split('/').filter(|part| !part.is_empty());
    parts.iter().all(|part| above.next() == Some(*part)) && above.next().is_some()
}

impl Interp<'_, '_> {
    /// `__file__`.
    pub(super) fn module_file(&self, at: Loc) -> Val {
        let path = self.spaces.get(self.space).map_or_else(|| "".into(), |space| space.path.clone());
        Val::new(Py::Str(Rc::new(under_root(&path))), at)
    }

    /// `__name__`: the module's own part of it.
    pub(super) fn module_name(&self, at: Loc) -> Val {
        if let Some(name) = self.app_module_name() {
            return Val::text(name, at);
        }
        Val::unknown(Why::Runtime("the name under which the module is imported".into()), at)
    }

    /// The path below the root that a text means; a path that is not absolute is taken from the working folder, which is
    /// the root or the folder of `manage.py`.
    pub(super) fn below_root(&self, val: &Val) -> Option<String> {
        let (Py::Str(text) | Py::Path(text)) = &val.py else { return None };
        match &**text {
            Text::Known(text) if !text.starts_with('/') => {
                let path = self.spaces.get(self.space).map_or_else(|| "".into(), |space| space.path.clone());
                let mut folder = loader::folder(&path).to_owned();
                loop {
                    let found = loader::join(&folder, text)?;
                    let manage = loader::join(&folder, "manage.py")?;
                    if folder.is_empty() || self.reader.loader.stat(&manage).is_some() {
                        return Some(found);
                    }
                    folder = loader::folder(&folder).to_owned();
                }
            }
            Text::Known(_) => None,
            Text::Pieces(pieces) => match pieces.as_ref() {
                [Piece::Hole(why), Piece::Known(tail)] if *why == root() => {
                    loader::join("", tail.trim_start_matches('/'))
                }
                _ => None,
            },
        }
    }

    /// Whether a folder has a module in it: one above it, or, for a relative one, what is there from where modules are
    /// imported.
    pub(crate) fn holds(&self, folder: &Val, module: &str) -> Option<bool> {
        let (Py::Str(text) | Py::Path(text)) = &folder.py else { return None };
        match &**text {
            Text::Known(text) if text.starts_with('/') => tidy(text).len().eq(&1).then_some(true),
            Text::Known(text) if text.is_empty() => None,
            Text::Known(text) => {
                let roots = super::import::import_roots(self.reader.loader, module);
                Some(has_module(roots.first().map_or("", String::as_str), text, module))
            }
            Text::Pieces(pieces) => match pieces.as_ref() {
                [Piece::Hole(why)] if *why == root() => Some(true),
                [Piece::Hole(why), Piece::Known(tail)] if *why == root() => {
                    Some(has_module("", tail.trim_start_matches('/'), module))
                }
                _ => None,
            },
        }
    }

    /// The folder that an application of Flask looks for its files in.
    pub(crate) fn app_folder(&self, app: usize) -> Option<Rc<str>> {
        match self.heap.get(app) {
            Some(super::value::Obj::App(app)) => app.folder.clone(),
            _ => None,
        }
    }

    /// Whether an attribute of an application is set where all of it is known.
    pub(crate) fn app_sets(&self, app: usize, name: &str) -> bool {
        let Some(super::value::Obj::App(app)) = self.heap.get(app) else { return false };
        matches!(self.heap.get(app.fields), Some(super::value::Obj::Dict(dict)) if dict.text(name).is_some())
    }

    /// A text that a path may be made of.
    pub(super) fn path_text(val: &Val) -> Option<Text> {
        match &val.py {
            Py::Str(text) | Py::Path(text) => Some((**text).clone()),
            Py::Unknown(why, _) => Some(Text::Pieces(Box::new([Piece::Hole((**why).clone())]))),
            _ => None,
        }
    }

    /// `path.name` where that is no method.
    pub(super) fn path_attribute(path: &Text, name: &str, at: Loc) -> Option<Val> {
        Some(match name {
            "parent" => Val::new(Py::Path(Rc::new(parent(path))), at),
            "name" => match self::name(path) {
                Some(name) => Val::text(name, at),
                None => Val::unknown(NOT_FOLLOWED, at),
            },
            "stem" => match self::name(path) {
                Some(name) => {
                    let stem = name
                        .rsplit_once('.')
                        .map_or(name.as_str(), |(stem, _)| if stem.is_empty() { &name } else { stem });
                    Val::text(stem, at)
                }
                None => Val::unknown(NOT_FOLLOWED, at),
            },
            _ => return None,
        })
    }
}

/// The text of a path below the root.
pub(super) fn under_root(path: &str) -> Text {
    Text::Pieces(Box::new([Piece::Hole(root()), Piece::Known(format!("/{path}").into())]))
}

#[cfg(test)]
mod tests {
    use super::has_module;

    #[test]
    fn folders_that_a_module_lies_in() {
        for (start, path, module, expected) in [
            ("", ".", "app.py", true),
            ("", "..", "app.py", true),
            ("", "../..", "shop/app.py", true),
            ("", "../static", "shop/app.py", false),
            ("shop", "", "shop/app.py", true),
            ("shop", "./", "shop/app.py", true),
            ("shop", "..", "shop/app.py", true),
            ("shop", "../shop", "shop/app.py", true),
            ("shop", "static", "shop/app.py", false),
            ("shop", "../static", "shop/app.py", false),
            ("", "sho", "shop/app.py", false),
            ("", "shop/app.py", "shop/app.py", false),
        ] {
            assert_eq!(has_module(start, path, module), expected, "{start} {path} {module}");
        }
    }
}
