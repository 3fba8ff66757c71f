//! Methods of texts.

use super::call::Args;
use super::value::{Kind, NOT_FOLLOWED, Py, Val, why_of};
use super::{Eval, Interp, Rc};
use crate::model::{Piece, Text};
use crate::syntax::python::BinaryOp;
use crate::text::Loc;

impl Interp<'_, '_> {
    pub(super) fn str_method(&mut self, owner: &Val, name: &str, args: &Args, at: Loc) -> Eval<Val> {
        if name == "join" {
            return self.str_join(owner, args, at);
        }
        if name == "format" {
            return self.str_format(owner, args, at);
        }
        let Some(text) = owner.as_str().map(str::to_owned) else {
            let why = why_of(owner);
            return Ok(match name {
                // Still text.
                "strip" | "lstrip" | "rstrip" | "lower" | "upper" | "title" | "replace" | "removeprefix"
                | "removesuffix" | "capitalize" => {
                    Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why)])), at).from(owner.source.clone())
                }
                "split" | "splitlines" | "rsplit" => self.new_list(vec![Val::new(Py::Splat(Rc::new(why)), at)], at),
                "startswith" | "endswith" | "isdigit" | "isnumeric" => Self::hole_test(owner, name, args, at),
                _ => Val::unknown(why, at),
            });
        };
        let given: Option<Vec<String>> = args.pos.iter().map(|arg| arg.as_str().map(str::to_owned)).collect();
        let arg = |place: usize| given.as_ref().and_then(|given| given.get(place)).map(String::as_str);
        let bare = args.pos.is_empty() && args.named.is_empty();
        let one = |found: String| Val::text(found, at).from(owner.source.clone());
        Ok(match (name, arg(0)) {
            ("strip", None) if bare => one(text.trim_matches(white).to_owned()),
            ("lstrip", None) if bare => one(text.trim_start_matches(white).to_owned()),
            ("rstrip", None) if bare => one(text.trim_end_matches(white).to_owned()),
            ("strip", Some(chars)) => one(text.trim_matches(|c| chars.contains(c)).to_owned()),
            ("lstrip", Some(chars)) => one(text.trim_start_matches(|c| chars.contains(c)).to_owned()),
            ("rstrip", Some(chars)) => one(text.trim_end_matches(|c| chars.contains(c)).to_owned()),
            ("lower" | "casefold", None) if bare => one(text.to_lowercase()),
            ("upper", None) if bare => one(text.to_uppercase()),
            ("capitalize", None) if bare => one(capitalized(&text)),
            ("title", None) if bare && text.is_ascii() => one(titled(&text)),
            ("replace", Some(from)) if args.pos.len() == 2 => match arg(1) {
                Some(to) => one(text.replace(from, to)),
                None => Val::unknown(NOT_FOLLOWED, at),
            },
            ("removeprefix", Some(part)) => one(text.strip_prefix(part).unwrap_or(&text).to_owned()),
            ("removesuffix", Some(part)) => one(text.strip_suffix(part).unwrap_or(&text).to_owned()),
            ("startswith", Some(part)) => Val::new(Py::Bool(text.starts_with(part)), at),
            ("endswith", Some(part)) => Val::new(Py::Bool(text.ends_with(part)), at),
            ("isdigit" | "isnumeric" | "isdecimal", None) if text.is_ascii() => {
                Val::new(Py::Bool(!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())), at)
            }
            ("encode", first) if args.named.is_empty() && first.is_none_or(is_utf_8) && args.pos.len() < 2 => {
                Val::new(Py::Bytes(text.as_bytes().into()), at)
            }
            ("find" | "rfind" | "index" | "rindex", Some(part)) if args.pos.len() == 1 => {
                let place = if name.starts_with('r') { text.rfind(part) } else { text.find(part) };
                let letters = place.and_then(|place| text.get(..place)).map(|before| before.chars().count());
                match letters.and_then(|count| i64::try_from(count).ok()) {
                    Some(count) => Val::new(Py::Int(count), at),
                    None if name.ends_with("index") => {
                        return self.fail("ValueError", "the place of a text that is not there", at);
                    }
                    None => Val::new(Py::Int(-1), at),
                }
            }
            ("split" | "rsplit" | "partition" | "rpartition", Some("")) => {
                return self.fail("ValueError", "a text taken apart at nothing", at);
            }
            ("count", Some(part)) if !part.is_empty() => {
                Val::new(Py::Int(i64::try_from(text.matches(part).count()).unwrap_or(0)), at)
            }
            ("split" | "rsplit" | "splitlines" | "partition" | "rpartition", _) => {
                self.str_split(owner, &text, name, args, at)
            }
            _ => Val::unknown(NOT_FOLLOWED, at),
        })
    }

    /// What the known ends of a text tell.
    pub(super) fn hole_test(owner: &Val, name: &str, args: &Args, at: Loc) -> Val {
        let why = why_of(owner);
        let known = || -> Option<bool> {
            let Py::Str(text) = &owner.py else { return None };
            let Text::Pieces(pieces) = &**text else { return None };
            let part = args.pos.first()?.as_str()?;
            let end = if name == "startswith" { pieces.first()? } else { pieces.last()? };
            let Piece::Known(end) = end else { return None };
            match name {
                "startswith" if end.len() >= part.len() => Some(end.starts_with(part)),
                "endswith" if end.len() >= part.len() => Some(end.ends_with(part)),
                _ => None,
            }
        };
        match known() {
            Some(truth) => Val::new(Py::Bool(truth), at),
            None => Val::unknown_as(why, Kind::Bool, at),
        }
    }

    pub(super) fn str_split(&mut self, owner: &Val, text: &str, name: &str, args: &Args, at: Loc) -> Val {
        let sep = args.get(0, "sep").filter(|sep| !matches!(sep.py, Py::None));
        let max = args.get(1, "maxsplit").map(Val::as_int);
        let part = |part: &str| Val::text(part, at).from(owner.source.clone());
        let parts: Vec<Val> = match (name, sep.map(Val::as_str), max) {
            ("splitlines", None, None) if args.pos.is_empty() && args.named.is_empty() && !ends_oddly(text) => {
                text.lines().map(part).collect()
            }
            ("split" | "rsplit", None, None) => text.split(white).filter(|found| !found.is_empty()).map(part).collect(),
            ("split" | "rsplit", Some(Some(sep)), None) if !sep.is_empty() => text.split(sep).map(part).collect(),
            ("split", Some(Some(sep)), Some(Some(max))) if !sep.is_empty() && max >= 0 => {
                text.splitn(usize::try_from(max).unwrap_or(0) + 1, sep).map(part).collect()
            }
            ("rsplit", Some(Some(sep)), Some(Some(max))) if !sep.is_empty() && max >= 0 => {
                let mut parts: Vec<Val> = text.rsplitn(usize::try_from(max).unwrap_or(0) + 1, sep).map(part).collect();
                parts.reverse();
                parts
            }
            ("partition", Some(Some(sep)), None) if !sep.is_empty() => {
                let (a, b, c) = text.split_once(sep).map_or((text, "", ""), |(a, c)| (a, sep, c));
                return Val::new(Py::Tuple(Rc::new(vec![part(a), part(b), part(c)])), at);
            }
            ("rpartition", Some(Some(sep)), None) if !sep.is_empty() => {
                let (a, b, c) = text.rsplit_once(sep).map_or(("", "", text), |(a, c)| (a, sep, c));
                return Val::new(Py::Tuple(Rc::new(vec![part(a), part(b), part(c)])), at);
            }
            _ => return Val::unknown(NOT_FOLLOWED, at),
        };
        self.step(parts.len());
        self.new_list(parts, at)
    }

    pub(super) fn str_join(&mut self, owner: &Val, args: &Args, at: Loc) -> Eval<Val> {
        let Some(values) = args.pos.first() else { return Ok(Val::unknown(NOT_FOLLOWED, at)) };
        self.iterates(values, at)?;
        let mut results = Vec::new();
        for (when, list) in self.elements(values) {
            let val = match list {
                Err(why) => Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why)])), at),
                Ok(list) => {
                    let mut result = Val::text("", at);
                    for (index, element) in list.iter().enumerate() {
                        if index > 0 {
                            result = self.binary(&result, BinaryOp::Add, owner, at)?;
                        }
                        let element = match &element.py {
                            Py::Splat(why) => {
                                Self::plain_text(Text::Pieces(Box::new([Piece::Hole((**why).clone())])), at)
                            }
                            _ => element.clone(),
                        };
                        if self.type_of(&element).is_some_and(|kind| kind != super::raising::Type::Str) {
                            return self.fail("TypeError", "a text joined with what is none", at);
                        }
                        result = self.binary(&result, BinaryOp::Add, &element, at)?;
                        if result.is_unknown() || !self.step(1) {
                            break;
                        }
                    }
                    result
                }
            };
            results.push((when, val));
        }
        Ok(self.choice(results, at))
    }

    /// `"{} {name}".format(…)`: plain fields only.
    pub(super) fn str_format(&mut self, owner: &Val, args: &Args, at: Loc) -> Eval<Val> {
        let Some(text) = owner.as_str().map(str::to_owned) else {
            return Ok(Self::plain_text(Text::Pieces(Box::new([Piece::Hole(why_of(owner))])), at));
        };
        let mut result = Val::text("", at);
        let mut rest = text.as_str();
        let (mut count, mut numbered, mut counted) = (0, false, false);
        while let Some(place) = rest.find(['{', '}']) {
            let (before, after) = rest.split_at(place);
            result = self.binary(&result, BinaryOp::Add, &Val::text(before, at), at)?;
            if let Some(doubled) = ["{{", "}}"].iter().find(|doubled| after.starts_with(**doubled)) {
                let brace = doubled.get(..1).unwrap_or_default();
                result = self.binary(&result, BinaryOp::Add, &Val::text(brace, at), at)?;
                rest = after.get(2..).unwrap_or_default();
                continue;
            }
            let Some((field, after)) = after.get(1..).and_then(|after| after.split_once('}')) else {
                return Ok(Val::unknown(NOT_FOLLOWED, at));
            };
            let odd = field.contains([':', '!', '.', '[', '{']);
            let given = if field.is_empty() {
                counted = true;
                count += 1;
                args.pos.get(count - 1)
            } else if let Ok(place) = field.parse::<usize>() {
                numbered = true;
                args.pos.get(place)
            } else {
                args.named(field)
            };
            if odd {
                self.doubts(at);
            }
            if numbered && counted {
                return self.fail("ValueError", "places that are numbered, and others that are not", at);
            }
            let part = match given.cloned() {
                Some(given) => self.text_of(&given, at)?,
                None if !odd && field.bytes().all(|byte| byte.is_ascii_digit()) => {
                    return self.fail("IndexError", "a text with more places than values", at);
                }
                None if !odd => {
                    return self.fail("KeyError", "a text with a place for what is not given", at);
                }
                None => Self::plain_text(Text::Pieces(Box::new([Piece::Hole(NOT_FOLLOWED)])), at),
            };
            result = self.binary(&result, BinaryOp::Add, &part, at)?;
            rest = after;
        }
        self.binary(&result, BinaryOp::Add, &Val::text(rest, at), at)
    }
}

fn is_utf_8(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "utf-8" | "utf8")
}

/// Whether lines end otherwise than with `\n` and `\r\n`.
fn ends_oddly(text: &str) -> bool {
    let odd = |c: char| matches!(c, '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    text.contains(odd) || text.replace("\r\n", "\n").contains('\r')
}

/// What Python strips and splits at.
pub(super) fn white(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    first + &chars.as_str().to_lowercase()
}

pub(super) fn titled(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|c| {
            let c = if inside { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
            inside = c.is_ascii_alphabetic();
            c
        })
        .collect()
}
