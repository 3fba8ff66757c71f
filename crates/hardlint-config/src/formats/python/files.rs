//! Files of the project that a module opens: what JSON and YAML at hand say is as known as what stands in the code.

use super::call::Args;
use super::value::{NOT_FOLLOWED, Outside, Py, Source, Val, why_of};
use super::{Eval, Interp, MAX_SIZE, MAX_TEXT, json};
use crate::loader::{Git, Kind};
use crate::model::{Node, Text, Value, Why};
use crate::syntax::yaml;
use crate::text::{FileId, Loc, Span};
use std::rc::Rc;

/// What an opened file is called among the values of the outside.
const OPENED: &str = "open";

/// The functions that make values of a file of JSON, and of one of YAML.
const JSON: &[&str] = &["json.load", "simplejson.load", "ujson.load"];
const YAML: &[&str] = &["yaml.full_load", "yaml.load", "yaml.safe_load", "yaml.unsafe_load"];

/// Whether what stands in a file is not what is read where it runs: something fills it in, decrypts it or looks it up.
pub(super) fn is_filled_in(text: &str) -> bool {
    let marked = ["{{", "${", "<%", "ENC["].iter().any(|mark| text.contains(mark));
    let looked_up =
        ["vault:", "op://", "arn:aws:", "ref+", "sops:", "gcp-sm://"].iter().any(|start| text.starts_with(start));
    marked || looked_up || text.starts_with('<') && text.trim_end().ends_with('>')
}

impl Interp<'_, '_> {
    /// Functions that open files, and that make values of what stands in them; `None` for others, and for files that are
    /// not at hand.
    pub(super) fn call_on_file(&mut self, name: &str, args: &Args, at: Loc) -> Option<Eval<Val>> {
        let first = args.pos.first()?;
        if matches!(name, "open" | "io.open" | "codecs.open") {
            let mode = args.get(1, "mode").map(|mode| mode.as_str().map(str::to_owned));
            if mode.is_some_and(|mode| mode.is_none_or(|mode| mode.contains(['w', 'a', 'x', '+']))) {
                return None;
            }
            // What is not at hand may not be there, which is an exception.
            if self.alts(first).iter().any(|(_, path)| self.at_hand(path, at).is_none()) {
                return None;
            }
            return Some(self.map(&first.clone(), at, |interp, path| Ok(interp.opened(path, at))));
        }
        let yaml = YAML.contains(&name);
        if !yaml && !JSON.contains(&name) && name != "json.loads" {
            return None;
        }
        let is_file = |val: &Val| matches!(&val.py, Py::Outside(opened) if &*opened.name == OPENED);
        let alternatives = self.alts(first);
        if !alternatives.iter().any(|(_, val)| is_file(val) || self.is_whole_file(val)) {
            return None;
        }
        Some(self.map(&first.clone(), at, |interp, val| {
            let file = match &val.py {
                Py::Outside(opened) if &*opened.name == OPENED => {
                    opened.args.pos.first().and_then(|path| interp.at_hand(path, at))
                }
                _ if interp.is_whole_file(val) => Some(val.at.file),
                _ => None,
            };
            let Some(file) = file else { return Ok(Val::unknown(why_of(val), at)) };
            let text = interp.reader.source(file).text.clone();
            let read = if yaml { interp.yaml_of(&text, file) } else { json::of_file(interp, &text, file) };
            Ok(read.unwrap_or_else(|| Val::unknown(NOT_FOLLOWED, at)))
        }))
    }

    /// A file that is opened; unknown where it is not at hand.
    pub(super) fn opened(&mut self, path: &Val, at: Loc) -> Val {
        if self.at_hand(path, at).is_none() {
            let name = self.below_root(path).unwrap_or_else(|| self.excerpt(path.at));
            return Val::unknown(Why::File(name.into()), at);
        }
        let args = Args { pos: vec![path.clone()], ..Args::default() };
        Val::new(Py::Outside(Rc::new(Outside { name: OPENED.into(), args })), at)
    }

    /// All that a file says, as a text at the place of all of it.
    pub(super) fn whole(&mut self, path: &Val, at: Loc) -> Option<Val> {
        let file = self.at_hand(path, at)?;
        let text = self.reader.source(file).text.clone();
        if text.len() > MAX_TEXT || text.lines().nth(1).is_none() && is_filled_in(&text) {
            return None;
        }
        let place = Loc::new(file, Span::new(0, text.len()));
        Some(Val { py: Py::Str(Rc::new(Text::Known((&*text).into()))), at: place, source: Source::Literal })
    }

    /// Whether a text is all that a file says.
    fn is_whole_file(&self, val: &Val) -> bool {
        let source = self.reader.source(val.at.file);
        val.at.span == Span::new(0, source.text.len()) && val.as_str() == Some(&*source.text)
    }

    /// The file at a path, where it is one of the repository's.
    fn at_hand(&mut self, path: &Val, at: Loc) -> Option<FileId> {
        let path = self.below_root(path)?;
        let is_file = self.reader.loader.stat(&path).is_some_and(|stat| stat.kind == Kind::File);
        let there = is_file && self.reader.loader.git(&path) != Git::Ignored;
        if there { self.reader.open(&path, Some(at)).ok() } else { None }
    }

    /// What a file of YAML says; `None` where it is none, or has several documents.
    fn yaml_of(&mut self, text: &str, file: FileId) -> Option<Val> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let parsed = yaml::parse(text);
        let [document] = parsed.documents.as_slice() else { return None };
        if parsed.fault.is_some() {
            return None;
        }
        let built = yaml::build::build(document, file, text)?;
        let mut left = MAX_SIZE;
        Some(self.of_node(&built.root, text, &mut left))
    }

    /// A value of YAML as `PyYAML` has it.
    fn of_node(&mut self, node: &Node, text: &str, left: &mut usize) -> Val {
        let at = node.at;
        if *left == 0 || !self.step(1) {
            return Val::unknown(super::SPENT, at);
        }
        *left -= 1;
        let py = match &node.value {
            Value::Null => Py::None,
            Value::Bool(value) => Py::Bool(*value),
            Value::Int(value) => Py::Int(*value),
            Value::Text(Text::Known(word)) => {
                let bare = text.get(at.span.range()) == Some(&**word);
                match word.to_ascii_lowercase().as_str() {
                    "yes" | "on" if bare => Py::Bool(true),
                    "no" | "off" if bare => Py::Bool(false),
                    _ if is_filled_in(word) => return Val::unknown(NOT_FOLLOWED, at),
                    _ => Py::Str(Rc::new(Text::Known(word.clone()))),
                }
            }
            Value::List(list) => {
                let list = list.iter().map(|node| self.of_node(node, text, left)).collect();
                return self.new_list(list, at);
            }
            Value::Map(entries) => {
                let entry = |(key, val): (String, Val)| (Val::text(key, val.at), val);
                let entries: Vec<(String, Val)> = entries
                    .iter()
                    .map(|entry| (entry.key.to_string(), self.of_node(&entry.node, text, left)))
                    .collect();
                return self.new_dict(entries.into_iter().map(entry).collect::<Vec<_>>(), at);
            }
            _ => return Val::unknown(NOT_FOLLOWED, at),
        };
        Val { py, at, source: Source::Literal }
    }
}
