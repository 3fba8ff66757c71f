//! The variables and labels of a service: those that its files set, and those that it sets itself.

use super::super::interpolate::{self, Environment};
use super::super::validate::Refusal;
use super::super::{canonical, dotenv};
use super::{Variable, each};
use crate::model::{Entry, Node, Origin, Str, Value, Why};
use crate::text::Loc;
use crate::workspace::Reader;
use std::collections::BTreeMap;

/// The environment of a service: its files in order, then `environment`.
pub(super) fn environment(
    reader: &mut Reader<'_>,
    project: &Environment,
    service: &Node,
    refusals: &mut Vec<Refusal>,
) -> (Vec<Variable>, Option<Why>) {
    let mut found: Vec<Variable> = Vec::new();
    let mut places: BTreeMap<Str, usize> = BTreeMap::new();
    let mut open = None;
    let mut put = |variable: Variable| {
        if let Some(slot) = places.get(&variable.name).and_then(|&at| found.get_mut(at)) {
            *slot = variable;
        } else {
            places.insert(variable.name.clone(), found.len());
            found.push(variable);
        }
    };
    let own = match service.value.entry("environment").map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.as_slice(),
        Some(Value::List(_) | Value::Unknown(_)) => {
            open = Some(Why::Runtime("part of the environment".into()));
            &[]
        }
        _ => &[],
    };
    if let Some(files) = service.value.entry("env_file") {
        // Values in the files see the project's variables first, then those of `environment`.
        let mut first = project.clone();
        for entry in own {
            if let Value::Text(text) = &entry.node.value {
                first.offer(&entry.key, interpolate::Variable { value: text.clone(), at: Some(entry.node.at) });
            }
        }
        // And then what the lines above set, also those of earlier files.
        let mut seen = first.clone();
        each(files, |file| {
            if let Err(why) = from_file(reader, &first, &mut seen, file, &mut put, refusals) {
                open = Some(why);
            }
        });
    }
    for entry in own {
        let mut node = entry.node.clone();
        if node.value == Value::Null {
            // Passed on from where Compose runs.
            match project.get(&entry.key) {
                Some(variable) => {
                    node.value = Value::Text(variable.value.clone());
                    node.origin = Origin::Environment;
                    node.at = variable.at.unwrap_or(node.at);
                }
                // It is printed without a value.
                None if project.closed => {}
                None => node.value = Value::Unknown(Why::Variable(entry.key.clone())),
            }
        }
        put(Variable { name: entry.key.clone(), node, from_file: false, secret: false, scope: None });
    }
    (found, open)
}

fn from_file(
    reader: &mut Reader<'_>,
    first: &Environment,
    seen: &mut Environment,
    file: &Node,
    put: &mut impl FnMut(Variable),
    refusals: &mut Vec<Refusal>,
) -> Result<(), Why> {
    let path = file.value.entry("path").and_then(|node| node.value.as_str());
    let path = path.ok_or_else(|| Why::Runtime("the path of an `env_file`".into()))?;
    let required = file.value.entry("required").is_none_or(|node| node.value != Value::Bool(false));
    let missing = || Why::File(path.into());
    let below = canonical::below_root(path).ok_or_else(missing)?;
    let opened = match reader.open(below, Some(file.at)) {
        Ok(opened) => opened,
        Err(_) if !required => return Ok(()),
        Err(_) => {
            refusals.push(Refusal { at: file.at, message: format!("env file {path} not found") });
            return Err(missing());
        }
    };
    if let Some(format) = file.value.entry("format")
        && let Some(name) = format.value.as_str().filter(|name| !matches!(*name, "" | "raw"))
    {
        refusals.push(Refusal { at: format.at, message: format!("unsupported env_file format \"{name}\"") });
        return Err(missing());
    }
    let source = reader.source(opened).clone();
    let raw = file.value.entry("format").is_some_and(|node| node.value.as_str() == Some("raw"));
    let (lines, fault) = if raw {
        dotenv::read_raw(opened, &source.text, first, seen)
    } else {
        dotenv::read_after(opened, &source.text, first, seen)
    };
    for line in lines {
        let (value, at, origin) = match line.value {
            Some((value, at)) => (Value::Text(value), at, Origin::Set),
            None => match first.get(&line.name) {
                Some(variable) => {
                    (Value::Text(variable.value.clone()), variable.at.unwrap_or(line.name_at), Origin::Environment)
                }
                None if first.closed => continue,
                None => (Value::Unknown(Why::Variable(line.name.clone())), line.name_at, Origin::Set),
            },
        };
        let node = Node { value, origin, at, name_at: Some(line.name_at) };
        put(Variable { name: line.name, node, from_file: true, secret: false, scope: None });
    }
    match fault {
        Some(at) => {
            refusals.push(Refusal { at: Loc::new(opened, at), message: format!("failed to read {path}") });
            Err(missing())
        }
        None => Ok(()),
    }
}

/// The labels that files set, before those of the service itself.
pub(super) fn labels(reader: &mut Reader<'_>, service: &Node, refusals: &mut Vec<Refusal>) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    // Of variables, only those of these files are put in.
    let mut alone = Environment::default();
    alone.closed = true;
    let mut seen = alone.clone();
    let files = service.value.entry("label_file").and_then(|node| node.value.as_list()).unwrap_or_default();
    for file in files {
        let Some(path) = file.value.as_str() else { continue };
        let opened = canonical::below_root(path).and_then(|path| reader.open(path, Some(file.at)).ok());
        let Some(opened) = opened else {
            refusals.push(Refusal { at: file.at, message: format!("label file {path} not found") });
            continue;
        };
        let source = reader.source(opened).clone();
        let (lines, fault) = dotenv::read_after(opened, &source.text, &alone, &mut seen);
        let refusal = |at| Refusal { at: Loc::new(opened, at), message: format!("failed to read {path}") };
        refusals.extend(fault.map(refusal));
        for line in lines {
            let Some((value, at)) = line.value else { continue };
            found.retain(|entry| entry.key != line.name);
            let node = Node { value: Value::Text(value), origin: Origin::Set, at, name_at: Some(line.name_at) };
            found.push(Entry { key: line.name, node });
        }
    }
    found
}
