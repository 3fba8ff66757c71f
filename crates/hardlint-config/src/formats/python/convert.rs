//! From the evaluator's values to those of the model.

use super::Interp;
use super::repr::agree;
use super::value::{Lit, Lits, NOT_FOLLOWED, Obj, Py, Source, Val, why_of};
use crate::model::{Branch, Entry, Node, Origin, Str, Value, Why};

/// Values inside each other, and values in all, that a setting is given as.
const MAX_DEPTH: usize = 24;

/// The model's node of a value. `left` bounds how many nodes are made; `default` stands for no value.
pub(crate) fn node(interp: &Interp<'_, '_>, val: &Val, default: &Node, left: &mut usize) -> Node {
    let mut within = Within { interp, default, left };
    within.node(val, &[], 0)
}

/// What a value came from, seen through a choice: what its last alternative came from if the others only say that a
/// variable is set.
pub(crate) fn source_of(val: &Val) -> Source {
    match &val.py {
        Py::Choice(alts) => {
            let sources = alts.iter().map(|alt| &alt.val.source);
            let default = sources.clone().find(|source| matches!(source, Source::EnvironmentDefault(_)));
            default.or_else(|| sources.clone().next()).cloned().unwrap_or_default()
        }
        _ => val.source.clone(),
    }
}

/// What values are made nodes with.
struct Within<'n, 'i, 'f> {
    interp: &'n Interp<'i, 'f>,
    default: &'n Node,
    left: &'n mut usize,
}

impl Within<'_, '_, '_> {
    /// The node of a value, where these conditions hold.
    fn node(&mut self, val: &Val, when: &[Lit], depth: usize) -> Node {
        let origin = match val.source {
            Source::Environment(_) => Origin::Environment,
            _ => Origin::Set,
        };
        if depth > MAX_DEPTH || *self.left == 0 {
            return Node { value: Value::Unknown(super::SPENT), origin, at: val.at, name_at: None };
        }
        *self.left -= 1;
        let value = match &val.py {
            Py::Unbound => return self.default.clone(),
            Py::None => Value::Null,
            Py::Bool(value) => Value::Bool(*value),
            Py::Int(value) => Value::Int(*value),
            Py::Float(value) => Value::Float(*value),
            Py::Str(text) | Py::Path(text) => Value::Text((**text).clone()),
            Py::Bytes(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Value::text(text),
                Err(_) => Value::Unknown(Why::Limit("bytes that are no text")),
            },
            Py::Delta(_) => super::repr(self.interp, val).map_or(Value::Unknown(NOT_FOLLOWED), Value::text),
            Py::Tuple(list) => Value::List(list.iter().map(|val| self.node(val, when, depth + 1)).collect()),
            Py::Ref(id) => {
                let mut contents = self.interp.contents(*id);
                contents.retain(|(also, _)| agree(when, also));
                self.object(val, &contents, when, depth)
            }
            Py::Choice(alts) => {
                let alts = alts.iter().filter(|alt| self.interp.possible(&alt.when) && agree(when, &alt.when));
                let alts: Vec<(Lits, Val)> = alts.map(|alt| (alt.when.clone(), alt.val.clone())).collect();
                match alts.as_slice() {
                    [(also, only)] => return self.node(only, &joined(when, also), depth + 1),
                    _ => Value::Choice(
                        alts.iter()
                            .map(|(also, val)| Branch {
                                when: condition(self.interp, also),
                                node: self.node(val, &joined(when, also), depth + 1),
                            })
                            .collect(),
                    ),
                }
            }
            _ => Value::Unknown(why_of(val)),
        };
        Node { value, origin, at: val.at, name_at: None }
    }

    fn object(&mut self, val: &Val, contents: &[(Lits, Obj)], when: &[Lit], depth: usize) -> Value {
        match contents {
            [(_, obj)] => match obj {
                Obj::List(list) | Obj::Set(list) => {
                    Value::List(list.iter().map(|val| self.node(val, when, depth + 1)).collect())
                }
                Obj::Dict(dict) if dict.open.is_none() => Value::Map(
                    dict.entries
                        .iter()
                        .map(|(key, value)| {
                            let name = key
                                .as_str()
                                .map_or_else(|| super::repr(self.interp, key).unwrap_or_default(), str::to_owned);
                            let node = self.node(value, when, depth + 1).named(key.at);
                            Entry { key: name.into(), node }
                        })
                        .collect(),
                ),
                Obj::Dict(dict) => Value::Unknown(dict.open.as_deref().cloned().unwrap_or(NOT_FOLLOWED)),
                Obj::Unknown(why) => Value::Unknown((**why).clone()),
                _ => Value::Unknown(NOT_FOLLOWED),
            },
            many => Value::Choice(
                many.iter()
                    .map(|(also, obj)| {
                        let one = [(also.clone(), obj.clone())];
                        let value = self.object(val, &one, &joined(when, also), depth + 1);
                        Branch { when: condition(self.interp, also), node: Node::set(value, val.at) }
                    })
                    .collect(),
            ),
        }
    }
}

fn joined(when: &[Lit], also: &[Lit]) -> Vec<Lit> {
    when.iter().chain(also).copied().collect()
}

/// Conditions as people read them.
pub(super) fn condition(interp: &Interp<'_, '_>, when: &[Lit]) -> Str {
    let words: Vec<String> = when
        .iter()
        .map(|lit| {
            let text = interp.conds.get(lit.cond).map_or("", |text| text);
            match (lit.holds, text.strip_suffix(" is set")) {
                (true, _) => text.to_owned(),
                (false, Some(name)) => format!("{name} is not set"),
                (false, None) => match text.strip_suffix(" is installed") {
                    Some(name) => format!("{name} is not installed"),
                    None => format!("not {text}"),
                },
            }
        })
        .collect();
    if words.is_empty() { "otherwise".into() } else { words.join(" and ").into() }
}
