//! Fills a template of Jinja in, as far as its variables are known. What is not known stays as it is written.

use super::ansible::Variables;
use super::expression::{self, Names};
use super::gather::{self, Layer};
use super::parts::{Part, Place};
use super::template::{self, Node, Tag};
use super::value::Value;
use crate::secrets;
use crate::text::Span;
use std::collections::HashMap;
use std::rc::Rc;

/// Templates that are steered by more are not filled in.
const MAX_STEPS: usize = 50_000;
/// How much longer than the template its text may become.
const MAX_GROWTH: usize = 256 << 10;
/// Variables that are set to others, and these to others.
const MAX_CHAIN: usize = 8;
/// Places that are told of one variable, and of one expression.
const MAX_PLACES: usize = 2;
const MAX_USED: usize = 8;

/// The filled text, its parts, and what set the variables; nothing where nothing is known of the template.
pub(super) fn fill(text: &str, variables: Option<&Variables>) -> Option<(String, Vec<Part>, Vec<Place>)> {
    let nodes = template::parse(text)?;
    let mut set = HashMap::new();
    assigned(&nodes, true, &mut set);
    let mut writing = Writing {
        template: text,
        variables,
        trims: variables.is_some(),
        set,
        assigned: HashMap::new(),
        locals: Vec::new(),
        asked: HashMap::new(),
        places: Vec::new(),
        used: Vec::new(),
        conditions: Vec::new(),
        out: String::with_capacity(text.len()),
        parts: Vec::new(),
        skips: Skips::Nothing,
        steps: 0,
        chain: 0,
        changed: false,
    };
    writing.nodes(&nodes)?;
    writing.changed.then_some((writing.out, writing.parts, writing.places))
}

/// The variables that the template itself sets, and whether it does so once and always.
fn assigned(nodes: &[Node], top: bool, found: &mut HashMap<String, bool>) {
    for node in nodes {
        match node {
            Node::Set { name, .. } => {
                found.entry(name.clone()).and_modify(|once| *once = false).or_insert(top);
            }
            Node::If { arms, .. } => arms.iter().for_each(|(_, _, body)| assigned(body, false, found)),
            Node::For { body, other, .. } => {
                assigned(body, false, found);
                if let Some((_, body)) = other {
                    assigned(body, false, found);
                }
            }
            Node::Text(_) | Node::Print(_) => {}
        }
    }
}

/// What of the text behind a tag is left out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Skips {
    Nothing,
    Newline,
    Blanks,
}

struct Writing<'w> {
    template: &'w str,
    variables: Option<&'w Variables>,
    /// Whether the first newline behind a statement goes with it, as Ansible has it.
    trims: bool,
    /// What the template itself sets, and whether it does so once and always.
    set: HashMap<String, bool>,
    /// What it sets so far.
    assigned: HashMap<String, Value>,
    /// What loops set, the innermost last.
    locals: Vec<(String, Value)>,
    /// What was asked of the files, by name: the value, and the places that it comes from.
    asked: HashMap<String, Rc<(Value, Vec<usize>)>>,
    places: Vec<Place>,
    /// The places that the values which were asked for last come from.
    used: Vec<usize>,
    /// Those that what is written now is there for.
    conditions: Vec<usize>,
    out: String,
    parts: Vec<Part>,
    skips: Skips,
    steps: usize,
    chain: usize,
    changed: bool,
}

impl Writing<'_> {
    fn slice(&self, span: Span) -> &str {
        self.template.get(span.range()).unwrap_or_default()
    }

    /// Nothing where it comes to too much.
    fn step(&mut self) -> Option<()> {
        self.steps += 1;
        (self.steps <= MAX_STEPS && self.out.len() <= self.template.len() * 2 + MAX_GROWTH).then_some(())
    }

    fn nodes(&mut self, nodes: &[Node]) -> Option<()> {
        for node in nodes {
            self.step()?;
            match node {
                Node::Text(span) => self.text(*span),
                Node::Print(tag) => self.print(*tag),
                Node::Set { tag, name, value } => {
                    let once = self.set.get(name).is_some_and(|once| *once);
                    let value = if once { self.asked(*value) } else { Value::Unknown };
                    self.assigned.insert(name.clone(), value);
                    self.verbatim(tag.span);
                }
                Node::If { arms, end } => self.branches(arms, *end)?,
                Node::For { tag, names, list, body, other, end } => {
                    self.repeated(*tag, names, *list, body, other.as_ref(), *end)?;
                }
            }
        }
        Some(())
    }

    fn text(&mut self, span: Span) {
        let text = self.slice(span);
        let left_out = match self.skips {
            Skips::Nothing => 0,
            Skips::Newline => ["\r\n", "\n"].iter().find(|end| text.starts_with(**end)).map_or(0, |end| end.len()),
            Skips::Blanks => text.len() - text.trim_start().len(),
        };
        if !text.is_empty() {
            self.skips = Skips::Nothing;
        }
        self.verbatim(Span::new(span.start as usize + left_out, span.end as usize));
    }

    fn verbatim(&mut self, span: Span) {
        self.skips = Skips::Nothing;
        let text = self.template.get(span.range()).unwrap_or_default();
        if !text.is_empty() {
            let start = u32::try_from(self.out.len()).unwrap_or(u32::MAX);
            self.parts.push(Part { start, from: span, verbatim: true, places: self.conditions.clone() });
            self.out.push_str(text);
        }
    }

    /// Takes away the blanks that stand last.
    fn trim(&mut self) {
        self.out.truncate(self.out.trim_end().len());
        let length = self.out.len();
        while self.parts.last().is_some_and(|part| part.start as usize >= length) {
            self.parts.pop();
        }
    }

    /// What a statement leaves behind that is decided.
    fn decided(&mut self, tag: Tag) {
        self.changed = true;
        if tag.trims.0 {
            self.trim();
        }
        self.skips = match tag.trims.1 {
            true => Skips::Blanks,
            false if self.trims => Skips::Newline,
            false => Skips::Nothing,
        };
    }

    /// The value of an expression of the template.
    fn asked(&mut self, span: Span) -> Value {
        self.used.clear();
        let text = self.template.get(span.range()).unwrap_or_default();
        expression::evaluate(text, self)
    }

    fn print(&mut self, tag: Tag) {
        let value = self.asked(tag.inside);
        // What has template syntax left in it is not known after all.
        let plain = |text: &String| !text.contains("{{") && !text.contains("{%") && !text.contains('\u{1b}');
        let Some(text) = value.printed().filter(plain) else {
            self.verbatim(tag.span);
            return;
        };
        self.changed = true;
        if tag.trims.0 {
            self.trim();
        }
        let start = u32::try_from(self.out.len()).unwrap_or(u32::MAX);
        let places = self.used.iter().chain(&self.conditions).copied().collect();
        self.parts.push(Part { start, from: tag.span, verbatim: false, places });
        self.out.push_str(&text);
        self.skips = if tag.trims.1 { Skips::Blanks } else { Skips::Nothing };
    }

    fn branches(&mut self, arms: &[(Tag, Option<Span>, Vec<Node>)], end: Tag) -> Option<()> {
        let before = self.conditions.len();
        let mut taken = None;
        let mut known = true;
        for (index, (_, condition, _)) in arms.iter().enumerate() {
            let truth = condition.map_or(Some(true), |condition| self.asked(condition).truth());
            if condition.is_some() && self.conditions.len() < MAX_USED {
                self.conditions.extend(&self.used);
            }
            match truth {
                Some(true) => {
                    taken = Some(index);
                    break;
                }
                Some(false) => {}
                None => {
                    known = false;
                    break;
                }
            }
        }
        if known {
            for (index, (tag, _, body)) in arms.iter().enumerate() {
                // Blanks go with the tags at both ends of what is taken.
                if index == 0 || taken == Some(index) || taken.is_some_and(|taken| taken + 1 == index) {
                    self.decided(*tag);
                }
                if taken == Some(index) {
                    self.nodes(body)?;
                }
            }
            self.conditions.truncate(before);
            self.decided(end);
            return Some(());
        }
        self.conditions.truncate(before);
        for (tag, _, body) in arms {
            self.verbatim(tag.span);
            self.nodes(body)?;
        }
        self.verbatim(end.span);
        Some(())
    }

    fn repeated(
        &mut self,
        tag: Tag,
        names: &[String],
        list: Span,
        body: &[Node],
        other: Option<&(Tag, Vec<Node>)>,
        end: Tag,
    ) -> Option<()> {
        let (before, locals) = (self.conditions.len(), self.locals.len());
        let items = match self.asked(list) {
            Value::List(items) => Some(items),
            Value::Map(entries) => Some(entries.into_iter().map(|(name, _)| Value::Text(name)).collect()),
            _ => None,
        };
        let Some(items) = items else {
            self.verbatim(tag.span);
            let unknown = names.iter().map(String::as_str).chain(["loop"]);
            self.locals.extend(unknown.map(|name| (name.to_owned(), Value::Unknown)));
            self.nodes(body)?;
            self.locals.truncate(locals);
            if let Some((tag, other)) = other {
                self.verbatim(tag.span);
                self.nodes(other)?;
            }
            self.verbatim(end.span);
            return Some(());
        };
        if before < MAX_USED {
            self.conditions.extend(&self.used);
        }
        let count = items.len();
        self.decided(tag);
        for (index, item) in items.into_iter().enumerate() {
            self.step()?;
            let item = self.settled(names.first().map_or("", String::as_str), item);
            match (names, &item) {
                ([name], _) => self.locals.push((name.clone(), item)),
                (names, Value::List(parts)) if parts.len() == names.len() => {
                    for (name, part) in names.iter().zip(parts) {
                        let part = self.settled(name, part.clone());
                        self.locals.push((name.clone(), part));
                    }
                }
                _ => self.locals.extend(names.iter().map(|name| (name.clone(), Value::Unknown))),
            }
            let number = |number: usize| i64::try_from(number).map_or(Value::Unknown, Value::Int);
            let about = [
                ("first", Value::Bool(index == 0)),
                ("last", Value::Bool(index + 1 == count)),
                ("index", number(index + 1)),
                ("index0", number(index)),
                ("length", number(count)),
            ];
            let about = about.map(|(name, value)| (name.to_owned(), value)).to_vec();
            self.locals.push(("loop".to_owned(), Value::Map(about)));
            self.nodes(body)?;
            self.locals.truncate(locals);
            self.decided(if index + 1 == count { Tag { trims: (end.trims.0, tag.trims.1), ..end } } else { end });
            self.skips = if tag.trims.1 {
                Skips::Blanks
            } else if self.trims {
                Skips::Newline
            } else {
                Skips::Nothing
            };
        }
        self.conditions.truncate(before);
        if let Some((_, other)) = other.filter(|_| count == 0) {
            self.nodes(other)?;
        }
        self.decided(end);
        Some(())
    }

    /// A value that is itself a template.
    fn inner(&mut self, text: &str) -> Value {
        self.chain += 1;
        let value = if self.chain > MAX_CHAIN || text.contains("{%") { Value::Unknown } else { self.mixed(text) };
        self.chain -= 1;
        value
    }

    fn mixed(&mut self, text: &str) -> Value {
        let whole = text.trim();
        let mut out = String::new();
        let mut rest = whole;
        while let Some((before, behind)) = rest.split_once("{{") {
            let Some((inside, after)) = behind.split_once("}}") else { return Value::Unknown };
            let value = expression::evaluate(inside.trim_matches('-'), self);
            if before.is_empty() && after.is_empty() && out.is_empty() {
                // It is set, to what is not at hand: no default takes its place.
                return if matches!(value, Value::Undefined) { Value::Unknown } else { value };
            }
            let Some(text) = value.printed() else { return Value::Unknown };
            out.push_str(before);
            out.push_str(&text);
            rest = after;
        }
        out.push_str(rest);
        Value::Text(out)
    }
}

/// Names that only the machine, or what runs the play, has an answer for.
fn is_of_the_run(name: &str) -> bool {
    const RUN: &[&str] = &[
        "hostvars",
        "groups",
        "group_names",
        "inventory_hostname",
        "inventory_hostname_short",
        "inventory_dir",
        "item",
        "play_hosts",
        "playbook_dir",
        "role_path",
        "role_name",
        "omit",
        "lookup",
        "query",
        "pillar",
        "grains",
        "salt",
        "template_host",
        "loop",
        "vars",
        "environment",
    ];
    RUN.contains(&name) || name.starts_with("ansible_")
}

impl Writing<'_> {
    /// Asks the files for a variable, once.
    fn ask(&mut self, name: &str) -> Rc<(Value, Vec<usize>)> {
        let (value, settings) = match self.variables {
            Some(variables) => variables.value(name),
            None => (Value::Undefined, Vec::new()),
        };
        let value = if value == Value::Undefined && is_of_the_run(name) { Value::Unknown } else { value };
        let files = self.variables.map(|variables| variables.tree.files.as_slice()).unwrap_or_default();
        let mut places = Vec::new();
        for setting in settings.into_iter().take(MAX_PLACES) {
            let Some(source) = files.get(setting.file).cloned() else { continue };
            places.push(self.places.len());
            let default = setting.layer == Layer::Defaults;
            self.places.push(Place { source, span: setting.at, name: name.into(), default, file: setting.file });
        }
        let known = Rc::new((value, places));
        self.asked.insert(name.to_owned(), known.clone());
        known
    }
}

impl Names for Writing<'_> {
    fn value(&mut self, name: &str) -> Value {
        if let Some((_, value)) = self.locals.iter().rev().find(|(known, _)| known == name) {
            return value.clone();
        }
        if let Some(value) = self.assigned.get(name) {
            return value.clone();
        }
        if self.set.contains_key(name) {
            return Value::Unknown;
        }
        let known = self.asked.get(name).cloned().unwrap_or_else(|| self.ask(name));
        let (value, places) = &*known;
        // A long value is work whenever it is used.
        self.steps += 1 + value.size();
        if self.steps > MAX_STEPS {
            return Value::Unknown;
        }
        self.used.extend(places.iter().take(MAX_USED.saturating_sub(self.used.len())));
        self.settled(name, value.clone())
    }

    fn settled(&mut self, name: &str, value: Value) -> Value {
        let value = match value {
            Value::Text(text) if text.contains("{{") || text.contains("{%") => self.inner(&text),
            value => value,
        };
        let open = |text: &str| {
            text.is_empty() || secrets::is_guessable(text) || secrets::is_placeholder(text) || secrets::is_switch(text)
        };
        match value {
            // A secret is in one place only, and nothing is to carry it further.
            Value::Text(text) if gather::is_secret(name) && !open(&text) => Value::Unknown,
            value => value,
        }
    }
}
