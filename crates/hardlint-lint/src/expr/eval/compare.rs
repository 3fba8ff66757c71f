//! Comparisons, arithmetic and questions to text.

use super::{BUDGET, Evaluator};
use crate::expr::ir::Ir;
use crate::expr::parse::Binary;
use crate::expr::pattern::Pattern;
use crate::expr::text;
use crate::expr::value::{Bound, Entries, Items, List, Map, Truth, V};
use hardlint_config::model::{Entry, Piece, Text, Why};
use std::cmp::Ordering;

/// How deep values nest at most where they are compared.
const MAX_DEPTH: usize = 32;

/// What is asked of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextQuestion {
    StartsWith,
    EndsWith,
    Contains,
}

impl<'a> Evaluator<'a> {
    pub(super) fn compare(&mut self, operator: Binary, sides: &'a (Ir, Ir)) -> Truth {
        let (a, b) = (self.value(&sides.0), self.value(&sides.1));
        for side in [&a, &b] {
            self.settle(side);
        }
        match operator {
            Binary::Equal => self.equal(&a, &b, 0),
            Binary::NotEqual => !self.equal(&a, &b, 0),
            Binary::Less => self.ordered(&a, &b, Ordering::is_lt),
            Binary::AtMost => self.ordered(&a, &b, Ordering::is_le),
            Binary::Greater => self.ordered(&a, &b, Ordering::is_gt),
            _ => self.ordered(&a, &b, Ordering::is_ge),
        }
    }

    /// Takes what was put off: a list, a map or a reference that is compared as a whole is evidence as a whole.
    fn settle(&mut self, value: &V<'a>) {
        match value {
            V::List(list) => self.marks.extend(list.mark.or(list.owner)),
            V::Map(map) => self.marks.extend(map.mark),
            _ => {}
        }
    }

    fn because(&mut self, values: [&V<'a>; 2]) -> Truth {
        let before = self.whys.len();
        for value in values {
            match value {
                V::Unknown(why) | V::Between(_, _, why) => self.whys.push(Why::clone(why)),
                V::Pieces(pieces) => self.whys.extend(pieces.iter().filter_map(|piece| match piece {
                    Piece::Hole(why) => Some(why.clone()),
                    Piece::Known(_) => None,
                })),
                _ => {}
            }
        }
        if self.whys.len() == before {
            self.whys.push(Why::Limit("a value has another type than the rule expects"));
        }
        Truth::Unknown
    }

    /// Whether two values are equal. Values of different types are not, as in CEL; numbers are one type here.
    pub(super) fn equal(&mut self, a: &V<'a>, b: &V<'a>, depth: usize) -> Truth {
        match (a, b) {
            (V::Unknown(_), _) | (_, V::Unknown(_)) => self.because([a, b]),
            (V::Text(a), V::Text(b)) => Truth::from(a == b),
            (V::Pieces(pieces), V::Text(known)) | (V::Text(known), V::Pieces(pieces)) => {
                self.decided(text::equals(pieces, known), [a, b])
            }
            (V::Pieces(x), V::Pieces(y)) => {
                let possible = text::may_equal(x, y);
                self.decided((!possible).then_some(false), [a, b])
            }
            (V::Bool(a), V::Bool(b)) => Truth::from(a == b),
            (V::Null, V::Null) => Truth::Yes,
            (V::Scope(a), V::Scope(b)) => Truth::from(a == b),
            (V::List(x), V::List(y)) if depth < MAX_DEPTH => self.equal_lists(x, y, depth),
            (V::Map(x), V::Map(y)) if depth < MAX_DEPTH => self.equal_maps(x, y, depth),
            (V::List(_), V::List(_)) | (V::Map(_), V::Map(_)) => {
                self.unknown(&Why::Limit("a value nests too deep to be compared"))
            }
            (V::Int(_) | V::Float(_) | V::Between(..), V::Int(_) | V::Float(_) | V::Between(..)) => {
                self.ordered(a, b, Ordering::is_eq)
            }
            _ => Truth::No,
        }
    }

    fn decided(&mut self, decided: Option<bool>, values: [&V<'a>; 2]) -> Truth {
        decided.map_or_else(|| self.because(values), Truth::from)
    }

    fn equal_lists(&mut self, a: &List<'a>, b: &List<'a>, depth: usize) -> Truth {
        let open = a.open.as_ref().or(b.open.as_ref());
        if let Some(why) = open {
            return self.unknown(why);
        }
        if a.len() != b.len() {
            return Truth::No;
        }
        let whys = self.whys.len();
        let mut unknown = false;
        for at in 0..a.len() {
            let (Some(x), Some(y)) = (self.bare(a, at), self.bare(b, at)) else { return self.over_budget() };
            match self.equal(&x, &y, depth + 1) {
                Truth::No => {
                    self.whys.truncate(whys);
                    return Truth::No;
                }
                truth => unknown |= truth == Truth::Unknown,
            }
        }
        if unknown { Truth::Unknown } else { Truth::Yes }
    }

    fn equal_maps(&mut self, a: &Map<'a>, b: &Map<'a>, depth: usize) -> Truth {
        let open = a.open.as_ref().or(b.open.as_ref());
        if let Some(why) = open {
            return self.unknown(why);
        }
        let (a, b) = (self.pairs(a), self.pairs(b));
        if a.len() != b.len() {
            return Truth::No;
        }
        let whys = self.whys.len();
        let mut unknown = false;
        for (key, value) in &a {
            if !self.step() {
                return self.over_budget();
            }
            let mut found = Truth::No;
            for (other, its) in &b {
                if self.equal(key, other, depth + 1) == Truth::Yes {
                    found = self.equal(value, its, depth + 1);
                    break;
                }
            }
            if found == Truth::No {
                self.whys.truncate(whys);
                return Truth::No;
            }
            unknown |= found == Truth::Unknown;
        }
        if unknown { Truth::Unknown } else { Truth::Yes }
    }

    fn pairs(&mut self, map: &Map<'a>) -> Vec<(V<'a>, V<'a>)> {
        match &map.entries {
            Entries::Made(pairs) => pairs.to_vec(),
            Entries::Nodes(entries) => {
                let pair = |entry: &'a Entry| (V::Text((&*entry.key).into()), self.node(&entry.node, None, None));
                entries.iter().map(pair).collect()
            }
        }
    }

    /// An element of a list, without its being evidence.
    pub(super) fn bare(&mut self, list: &List<'a>, at: usize) -> Option<V<'a>> {
        if !self.step() {
            return None;
        }
        Some(match &list.items {
            Items::Nodes(nodes) => self.node(nodes.get(at)?, None, None),
            Items::Scopes(scopes) => V::Scope(*scopes.get(at)?),
            Items::Made(items) => match &items.get(at)?.bound {
                Bound::Node(node, _) => self.node(node, None, None),
                Bound::Scope(id, _) => V::Scope(*id),
                Bound::Made(value, _) => value.clone(),
            },
        })
    }

    pub(super) fn over_budget(&mut self) -> Truth {
        self.unknown(&Why::Limit(BUDGET))
    }

    fn ordered(&mut self, a: &V<'a>, b: &V<'a>, holds: fn(Ordering) -> bool) -> Truth {
        let order = match (a, b) {
            (V::Int(a), V::Int(b)) => Some(a.cmp(b)),
            (V::Float(a), V::Float(b)) => a.partial_cmp(b),
            (V::Int(a), V::Float(b)) => int_to_float(*a, *b),
            (V::Float(a), V::Int(b)) => int_to_float(*b, *a).map(Ordering::reverse),
            (V::Text(a), V::Text(b)) => Some(a.cmp(b)),
            (V::Bool(a), V::Bool(b)) => Some(a.cmp(b)),
            (V::Between(..), V::Int(_) | V::Between(..)) | (V::Int(_), V::Between(..)) => {
                let decided = between(a, b, holds);
                return self.decided(decided, [a, b]);
            }
            _ => return self.because([a, b]),
        };
        Truth::from(order.is_some_and(holds))
    }

    pub(super) fn text_truth(&mut self, sides: &'a (Ir, Ir), question: TextQuestion) -> Truth {
        let (a, b) = (self.value(&sides.0), self.value(&sides.1));
        let decided = match (&a, &b) {
            (V::Text(text), V::Text(part)) => Some(match question {
                TextQuestion::StartsWith => text.starts_with(&**part),
                TextQuestion::EndsWith => text.ends_with(&**part),
                TextQuestion::Contains => text.contains(&**part),
            }),
            (V::Pieces(pieces), V::Text(part)) => match question {
                TextQuestion::StartsWith => text::starts_with(pieces, part),
                TextQuestion::EndsWith => text::ends_with(pieces, part),
                TextQuestion::Contains => text::contains(pieces, part),
            },
            _ => None,
        };
        self.decided(decided, [&a, &b])
    }

    pub(super) fn matches(&mut self, ir: &'a Ir, pattern: &'a Pattern) -> Truth {
        let value = self.value(ir);
        let decided = match &value {
            V::Text(text) => Some(pattern.known(text)),
            V::Pieces(pieces) => pattern.pieces(pieces),
            _ => None,
        };
        self.decided(decided, [&value, &V::Null])
    }

    pub(super) fn minus(&mut self, ir: &'a Ir) -> V<'a> {
        match self.value(ir) {
            V::Int(number) => number.checked_neg().map_or_else(overflow, V::Int),
            V::Float(number) => V::Float(-number),
            V::Unknown(why) | V::Between(_, _, why) => V::Unknown(why),
            _ => V::of_another_type(),
        }
    }
}

/// Orders a whole number and one with a fraction exactly, however large.
fn int_to_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let whole = float.trunc();
    #[expect(clippy::cast_possible_truncation, reason = "a float beyond the range becomes the end of the range")]
    let near = whole as i64;
    // Beyond the range the float is above, or below, every whole number.
    if whole >= 9_223_372_036_854_775_808.0 {
        return Some(Ordering::Less);
    }
    if whole < -9_223_372_036_854_775_808.0 {
        return Some(Ordering::Greater);
    }
    Some(int.cmp(&near).then_with(|| 0.0.partial_cmp(&(float - whole)).unwrap_or(Ordering::Equal)))
}

/// Whether what holds does so for all numbers that two ranges allow.
fn between(a: &V<'_>, b: &V<'_>, holds: fn(Ordering) -> bool) -> Option<bool> {
    let range = |value: &V<'_>| match value {
        V::Int(number) => (*number, Some(*number)),
        V::Between(low, high, _) => (*low, *high),
        _ => (i64::MIN, None),
    };
    let ((a_low, a_high), (b_low, b_high)) = (range(a), range(b));
    let may_be_less = b_high.is_none_or(|b_high| a_low < b_high);
    let may_be_greater = a_high.is_none_or(|a_high| b_low < a_high);
    let may_be_equal = a_high.is_none_or(|high| b_low <= high) && b_high.is_none_or(|high| a_low <= high);
    let possible =
        [(Ordering::Less, may_be_less), (Ordering::Equal, may_be_equal), (Ordering::Greater, may_be_greater)];
    let mut verdicts = possible.iter().filter(|(_, may)| *may).map(|(order, _)| holds(*order));
    let first = verdicts.next()?;
    verdicts.all(|verdict| verdict == first).then_some(first)
}

fn overflow<'a>() -> V<'a> {
    V::unknown("a number leaves the range of whole numbers")
}

pub(super) fn arithmetic<'a>(operator: Binary, a: V<'a>, b: V<'a>) -> V<'a> {
    match (a, b) {
        (V::Int(a), V::Int(b)) => whole(operator, a, b),
        (V::Float(a), V::Float(b)) => match operator {
            Binary::Plus => V::Float(a + b),
            Binary::Minus => V::Float(a - b),
            Binary::Times => V::Float(a * b),
            Binary::Over => V::Float(a / b),
            _ => V::of_another_type(),
        },
        (V::Unknown(why) | V::Between(_, _, why), _) | (_, V::Unknown(why) | V::Between(_, _, why)) => V::Unknown(why),
        (V::Text(a), V::Text(b)) if operator == Binary::Plus => V::Text(format!("{a}{b}").into()),
        (a @ (V::Text(_) | V::Pieces(_)), b @ (V::Text(_) | V::Pieces(_))) if operator == Binary::Plus => {
            match Text::from_pieces([pieces(a), pieces(b)].concat()) {
                Text::Known(text) => V::Text(String::from(text).into()),
                Text::Pieces(pieces) => V::Pieces(pieces.into_vec().into()),
            }
        }
        _ => V::of_another_type(),
    }
}

fn whole<'a>(operator: Binary, a: i64, b: i64) -> V<'a> {
    if b == 0 && matches!(operator, Binary::Over | Binary::Modulo) {
        return V::unknown("a number is divided by zero");
    }
    let result = match operator {
        Binary::Plus => a.checked_add(b),
        Binary::Minus => a.checked_sub(b),
        Binary::Times => a.checked_mul(b),
        Binary::Over => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    result.map_or_else(overflow, V::Int)
}

fn pieces(value: V<'_>) -> Vec<Piece> {
    match value {
        V::Text(text) => vec![Piece::Known(text.into())],
        V::Pieces(pieces) => pieces.into_owned(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn large_numbers_are_ordered_exactly() {
        assert_eq!(int_to_float(i64::MAX, 9_223_372_036_854_775_807.0), Some(Ordering::Less));
        assert_eq!(int_to_float(2, 2.5), Some(Ordering::Less));
        assert_eq!(int_to_float(-2, -2.5), Some(Ordering::Greater));
        assert_eq!(int_to_float(1, f64::NAN), None);
    }

    #[test]
    fn a_range_decides_when_all_of_it_agrees() {
        let why = || Rc::new(Why::Limit("test"));
        let at_least_two = V::Between(2, None, why());
        assert_eq!(between(&at_least_two, &V::Int(1), Ordering::is_gt), Some(true));
        assert_eq!(between(&at_least_two, &V::Int(1), Ordering::is_eq), Some(false));
        assert_eq!(between(&at_least_two, &V::Int(2), Ordering::is_gt), None);
        assert_eq!(between(&V::Int(5), &V::Between(0, Some(4), why()), Ordering::is_gt), Some(true));
    }
}
