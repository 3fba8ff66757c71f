//! The graph of stages: what each is built on, what it copies from, and which of them a build of the target needs.

use super::config::{Var, global};
use super::expand::{Lexer, Variables};
use super::instruction::Op;
use super::mounts;
use super::syntax::{Fault, File, Keyword};
use crate::model::{Str, Text, Why};
use crate::syntax::joined::Joined;
use crate::text::{FileId, Loc};
use std::collections::BTreeMap;

/// A stage.
#[derive(Debug)]
pub(super) struct Stage {
    /// The instruction that begins it, by its index.
    pub(super) from: usize,
    /// The first instruction after its last.
    pub(super) end: usize,
    /// Its name in lower case.
    pub(super) name: Option<String>,
    /// The image that it is built on, variables expanded.
    pub(super) image: Text,
    /// The same as it is written.
    pub(super) image_at: Loc,
    /// What that is.
    pub(super) base: Base,
    /// The stages that it copies from.
    pub(super) copies: Vec<usize>,
    /// Whether it says itself what a container starts.
    pub(super) starts: bool,
}

/// What a stage is built on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// Nothing.
    Scratch,
    /// An earlier stage.
    Stage(usize),
    /// An image from elsewhere.
    Image,
}

/// The stages of a file, and the global arguments before them.
#[derive(Debug, Default)]
pub(super) struct Stages {
    /// The stages in order.
    pub(super) all: Vec<Stage>,
    /// Arguments before the first `FROM`.
    pub(super) globals: BTreeMap<Str, Var>,
    /// What of the graph `docker build` refuses.
    pub(super) faults: Vec<Fault>,
    names: BTreeMap<String, usize>,
}

impl Stages {
    /// Reads the graph.
    pub(super) fn read(file: &File, ops: &[Option<Op>], id: FileId) -> Self {
        let mut stages = Self::default();
        let mut refused = false;
        for (index, (instruction, op)) in file.instructions.iter().zip(ops).enumerate() {
            if let Some(stage) = stages.all.last_mut() {
                stage.end = index + 1;
            }
            match op {
                Some(Op::From { image, name }) => {
                    if let Some(stage) = stages.all.last_mut() {
                        stage.end = index;
                    }
                    stages.from(file, id, index, image, name.as_ref());
                }
                Some(Op::Arg(arguments)) if stages.all.is_empty() => {
                    for argument in arguments {
                        stages.global(file, id, argument);
                    }
                }
                _ if stages.all.is_empty()
                    && !refused
                    && !matches!(instruction.keyword, Keyword::Unknown | Keyword::From) =>
                {
                    refused = true;
                    let message = format!("{} stands before the first FROM", instruction.keyword.name());
                    stages.faults.push(Fault { at: instruction.keyword_at, message });
                }
                _ => {}
            }
        }
        stages.copies(file);
        stages
    }

    fn global(&mut self, file: &File, id: FileId, argument: &super::instruction::Argument) {
        let name = argument.name.text();
        let at = |word: &Joined| Loc::new(id, word.span(0, word.text().len()));
        let var = match &argument.value {
            None => match self.globals.get(name) {
                Some(_) => return,
                None => Var { text: None, at: at(&argument.name) },
            },
            Some(value) => match self.expand(file, value) {
                Ok(text) => Var { text: Some(text), at: at(value) },
                Err(fault) => return self.faults.push(fault),
            },
        };
        self.globals.insert(name.into(), var);
    }

    fn expand(&self, file: &File, word: &Joined) -> Result<Text, Fault> {
        let variables = Variables::new(|name: &str| global(&self.globals, name));
        match Lexer::new(word.text(), file.escape, &file.templates).expand(&variables) {
            Ok(expanded) => Ok(expanded.text()),
            Err(message) => Err(Fault { at: word.span(0, word.text().len()), message }),
        }
    }

    fn from(&mut self, file: &File, id: FileId, index: usize, image: &Joined, name: Option<&Joined>) {
        let at = image.span(0, image.text().len());
        let text = self.expand(file, image).unwrap_or_else(|fault| {
            self.faults.push(fault);
            Text::from_pieces(vec![crate::model::Piece::Hole(Why::Runtime("the image".into()))])
        });
        let base = match &text {
            Text::Known(name) if name.is_empty() => {
                self.faults.push(Fault { at, message: format!("`{}` comes out empty", image.text()) });
                Base::Image
            }
            Text::Known(name) if &**name == "scratch" => Base::Scratch,
            Text::Known(name) => {
                self.names.get(name.to_ascii_lowercase().as_str()).map_or(Base::Image, |at| Base::Stage(*at))
            }
            Text::Pieces(_) => Base::Image,
        };
        let name = name.map(|name| name.text().to_ascii_lowercase());
        if let Some(name) = &name {
            self.names.insert(name.clone(), self.all.len());
        }
        let image_at = Loc::new(id, at);
        self.all.push(Stage {
            from: index,
            end: index + 1,
            name,
            image: text,
            image_at,
            base,
            copies: Vec::new(),
            starts: false,
        });
    }

    fn copies(&mut self, file: &File) {
        for index in 0..self.all.len() {
            let Some(stage) = self.all.get(index) else { continue };
            let mut copies = Vec::new();
            let mut starts = false;
            for instruction in file.instructions.get(stage.from..stage.end).unwrap_or_default() {
                let from = match instruction.keyword {
                    Keyword::Copy => {
                        instruction.flags.iter().find(|flag| flag.name == "from").map(|flag| (flag, flag.text()))
                    }
                    Keyword::Run => {
                        for mount in mounts::read(instruction) {
                            copies.extend(mount.field("from").and_then(|from| self.find(from.text())));
                        }
                        None
                    }
                    Keyword::Cmd | Keyword::Entrypoint => {
                        starts = true;
                        None
                    }
                    _ => None,
                };
                let Some((flag, name)) = from else { continue };
                if let Ok(number) = name.parse::<usize>()
                    && number >= index
                    && !file.template
                {
                    let message = format!("stage {number} is not defined before this one");
                    self.faults.push(Fault { at: flag.value_at(), message });
                }
                copies.extend(self.find(name).filter(|from| *from != index));
            }
            copies.sort_unstable();
            copies.dedup();
            if let Some(stage) = self.all.get_mut(index) {
                stage.copies = copies;
                stage.starts = starts;
            }
        }
    }

    /// The stage with that name or number.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        match name.parse::<usize>() {
            Ok(number) => Some(number).filter(|number| *number < self.all.len()),
            Err(_) => self.names.get(&name.to_ascii_lowercase()).copied(),
        }
    }

    /// The images that a build without `--target` may stand for. What is built on nothing and starts nothing holds files for
    /// another build (a cache, a program to be taken out); the stages that nothing else uses, and that say what a container
    /// starts, are then named by whoever builds them.
    pub(super) fn instead_of(&self, last: usize) -> Vec<usize> {
        let holds_files = |stage: &Stage| stage.base == Base::Scratch && !stage.starts;
        if !self.all.get(last).is_some_and(holds_files) {
            return Vec::new();
        }
        let uses = |stage: &Stage, at: usize| stage.base == Base::Stage(at) || stage.copies.contains(&at);
        let starts = |at: usize| self.all.get(at).is_some_and(|stage| stage.starts);
        (0..last).filter(|&at| starts(at) && !self.all.iter().any(|stage| uses(stage, at))).collect()
    }

    /// The stages of which the image of `target` is made: itself, and those that it is built on.
    pub(super) fn layers(&self, target: usize) -> Vec<bool> {
        let mut found = vec![false; self.all.len()];
        let mut next = Some(target);
        while let Some(at) = next {
            match found.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => break,
            }
            next = match self.all.get(at).map(|stage| &stage.base) {
                Some(Base::Stage(base)) => Some(*base),
                _ => None,
            };
        }
        found
    }

    /// The stages that have to be built for `target`.
    pub(super) fn reachable(&self, target: usize) -> Vec<bool> {
        let mut found = vec![false; self.all.len()];
        let mut next = vec![target];
        while let Some(at) = next.pop() {
            match found.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            let Some(stage) = self.all.get(at) else { continue };
            next.extend(stage.copies.iter().copied());
            if let Base::Stage(base) = stage.base {
                next.push(base);
            }
        }
        found
    }
}
