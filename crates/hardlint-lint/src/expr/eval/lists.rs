//! Questions to lists: which elements satisfy, how many there are, what is among them.
//!
//! A yes rests on the elements that gave it. A no rests on the whole list: its evidence is the header of the scope that
//! the list belongs to, and where that scope is open there may be more elements, so that it is no no.

use super::{Evaluator, element_mark};
use crate::expr::ir::{Ir, Walk};
use crate::expr::text;
use crate::expr::value::{Bound, Entries, Item, Items, List, Map, Mark, MarkKind, Truth, V, What};
use hardlint_config::model::{Piece, Why};
use std::rc::Rc;

/// Whether a walk ends in a truth, and not in a list.
pub(super) fn is_question(walk: Walk) -> bool {
    matches!(walk, Walk::Exists | Walk::All | Walk::ExistsOne)
}

fn item<'a>(list: &List<'a>, at: usize) -> Option<Item<'a>> {
    let bound = match &list.items {
        Items::Made(items) => return items.get(at).cloned(),
        Items::Nodes(nodes) => {
            let node = nodes.get(at)?;
            Bound::Node(node, list.mark.map(|mark| element_mark(mark, node)))
        }
        Items::Scopes(scopes) => Bound::Scope(*scopes.get(at)?, list.owner?),
    };
    Some(Item { bound, sure: true })
}

impl<'a> Evaluator<'a> {
    /// Takes one step; not if the budget is used up.
    pub(super) fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_add(1);
        self.steps_of_all = self.steps_of_all.saturating_add(1);
        self.steps <= super::MAX_STEPS && self.steps_of_all <= super::MAX_STEPS_A_MODEL
    }

    /// An element, with the header of its scope as its mark if it is one.
    fn element(&self, list: &List<'a>, at: usize) -> Option<Item<'a>> {
        let mut found = item(list, at)?;
        if let Bound::Scope(id, mark) = &mut found.bound
            && let Some(scope) = self.model.scope(*id)
        {
            *mark = Mark { kind: MarkKind::Scope, at: scope.at, key: None, scope: *id, node: None, one: None };
        }
        Some(found)
    }

    /// The elements of two lists, one after the other.
    pub(super) fn both(&mut self, a: &List<'a>, b: &List<'a>) -> V<'a> {
        let mut items = Vec::new();
        for (list, at) in (0..a.len()).map(|at| (a, at)).chain((0..b.len()).map(|at| (b, at))) {
            let Some(item) = item(list, at).filter(|_| self.step()) else { return V::unknown(super::BUDGET) };
            items.push(item);
        }
        V::List(List { owner: a.owner.or(b.owner), open: a.open.clone().or(b.open.clone()), ..List::made(items) })
    }

    fn bind(&mut self, slot: usize, bound: Bound<'a>) {
        if self.vars.len() <= slot {
            self.vars.resize(slot + 1, None);
        }
        if let Some(place) = self.vars.get_mut(slot) {
            *place = Some(bound);
        }
    }

    /// The list that an expression is; a map's is that of its names.
    fn list_of(&mut self, ir: &'a Ir) -> Result<List<'a>, Rc<Why>> {
        match self.value(ir) {
            V::List(list) => Ok(list),
            V::Map(map) => Ok(self.names(&map)),
            V::Unknown(why) => Err(why),
            _ => Err(Rc::new(Why::Limit("a value has another type than the rule expects"))),
        }
    }

    /// `exists`, `all` and `exists_one`.
    pub(super) fn walk(&mut self, walk: Walk, list: &'a Ir, slot: usize, inner: &'a Ir) -> Truth {
        let list = match self.list_of(list) {
            Ok(list) => list,
            Err(why) => return self.unknown(&why),
        };
        let whys = self.whys.len();
        // `all` is `exists` of what does not satisfy.
        let wanted = if walk == Walk::All { Truth::No } else { Truth::Yes };
        let mut satisfied = 0_usize;
        let mut unknown = false;
        let mut pending: Vec<Mark<'a>> = Vec::new();
        for at in 0..list.len() {
            let Some(item) = self.element(&list, at).filter(|_| self.step()) else { return self.over_budget() };
            let before = self.marks.len();
            let mark = item.bound.mark();
            let node = item.bound.node();
            self.bind(slot, item.bound);
            let mut truth = self.truth(inner);
            if truth == wanted && !item.sure {
                self.whys.push(Why::Limit("an element may not be in the list"));
                truth = Truth::Unknown;
            }
            if truth == Truth::Unknown {
                unknown = true;
                pending.extend(self.marks.drain(before..));
            } else if truth == wanted {
                satisfied += 1;
                if self.marks.len() == before {
                    self.marks.extend(mark);
                }
                let found = self.marks.get_mut(before..).unwrap_or_default();
                self.ones.add(std::ptr::from_ref(inner).addr(), What::Element(node), found);
            } else {
                self.marks.truncate(before);
            }
        }
        if let Some(why) = &list.open {
            self.whys.push(Why::clone(why));
        }
        let undecided = unknown || list.open.is_some();
        let found = match walk {
            Walk::ExistsOne if satisfied > 1 => Truth::No,
            Walk::ExistsOne if undecided => Truth::Unknown,
            _ if satisfied > 0 => Truth::Yes,
            _ if undecided => Truth::Unknown,
            _ => Truth::No,
        };
        if found == Truth::Unknown {
            self.marks.extend(pending);
        } else {
            self.whys.truncate(whys);
        }
        if found == Truth::No || (found == Truth::Unknown && list.open.is_some()) {
            self.marks.extend(list.owner);
        }
        if walk == Walk::All { !found } else { found }
    }

    /// `filter` and `map`.
    pub(super) fn walked(&mut self, walk: Walk, list: &'a Ir, slot: usize, inner: &'a Ir) -> V<'a> {
        let list = match self.list_of(list) {
            Ok(list) => list,
            Err(why) => return V::Unknown(why),
        };
        let mut items = Vec::new();
        for at in 0..list.len() {
            let Some(item) = self.element(&list, at).filter(|_| self.step()) else { return V::unknown(super::BUDGET) };
            let (marks, whys) = (self.marks.len(), self.whys.len());
            let mark = item.bound.mark();
            self.bind(slot, item.bound.clone());
            if walk == Walk::Map {
                let value = self.value(inner);
                let made_of = self.marks.drain(marks..).next().or(mark);
                items.push(Item { bound: Bound::Made(value, made_of), sure: item.sure });
            } else {
                let truth = self.truth(inner);
                if truth != Truth::No {
                    items.push(Item { sure: item.sure && truth == Truth::Yes, ..item });
                }
            }
            self.marks.truncate(marks);
            self.whys.truncate(whys);
        }
        V::List(List { owner: list.owner, open: list.open, ..List::made(items) })
    }

    /// How many elements, entries or characters there are.
    pub(super) fn size(&mut self, ir: &'a Ir) -> V<'a> {
        let (list, map) = match self.value(ir) {
            V::Text(text) => return count(text.chars().count()),
            V::Pieces(pieces) => {
                let why = pieces.iter().find_map(|piece| match piece {
                    Piece::Hole(why) => Some(Rc::new(why.clone())),
                    Piece::Known(_) => None,
                });
                return match (count(text::known_size(&pieces)), why) {
                    (V::Int(least), Some(why)) => V::Between(least, None, why),
                    (known, _) => known,
                };
            }
            V::List(list) => (list, None),
            V::Map(map) => (self.names(&map), map.mark),
            V::Unknown(why) => return V::Unknown(why),
            _ => return V::of_another_type(),
        };
        self.marks.extend(list.owner.or(map));
        let mut sure = 0_usize;
        for at in 0..list.len() {
            let Some(item) = self.element(&list, at).filter(|_| self.step()) else { return V::unknown(super::BUDGET) };
            if item.sure {
                sure += 1;
                self.marks.extend(item.bound.mark());
            }
        }
        let most = if list.open.is_none() { i64::try_from(list.len()).ok() } else { None };
        match (count(sure), most) {
            (V::Int(least), most) if most != Some(least) => {
                let why = list.open.unwrap_or_else(|| Rc::new(Why::Limit("an element may not be in the list")));
                V::Between(least, most, why)
            }
            (known, _) => known,
        }
    }

    /// Whether the first stands among the elements of the second.
    pub(super) fn is_in(&mut self, sides: &'a (Ir, Ir)) -> Truth {
        let needle = self.value(&sides.0);
        if let Ir::List(elements) = &sides.1 {
            return self.among(&needle, elements);
        }
        let list = match self.list_of(&sides.1) {
            Ok(list) => list,
            Err(why) => return self.unknown(&why),
        };
        let whys = self.whys.len();
        self.marks.extend(list.owner);
        let (mut found, mut unknown) = (false, false);
        for at in 0..list.len() {
            let Some(item) = self.element(&list, at) else { return self.over_budget() };
            let Some(value) = self.bare(&list, at) else { return self.over_budget() };
            let mut truth = self.equal(&needle, &value, 0);
            if truth == Truth::Yes && !item.sure {
                truth = self.unknown(&Why::Limit("an element may not be in the list"));
            }
            if truth == Truth::Yes {
                found = true;
                self.marks.extend(item.bound.mark());
            }
            unknown |= truth == Truth::Unknown;
        }
        if !found {
            if let Some(why) = &list.open {
                return self.unknown(why);
            }
            if unknown {
                return Truth::Unknown;
            }
        }
        self.whys.truncate(whys);
        Truth::from(found)
    }

    /// As [`Self::is_in`] for a list that the rule writes out, without making it.
    fn among(&mut self, needle: &V<'a>, elements: &'a [Ir]) -> Truth {
        let whys = self.whys.len();
        let mut unknown = false;
        for element in elements {
            let value = self.value(element);
            match self.equal(needle, &value, 0) {
                Truth::Yes => {
                    self.whys.truncate(whys);
                    return Truth::Yes;
                }
                truth => unknown |= truth == Truth::Unknown,
            }
        }
        if unknown { Truth::Unknown } else { Truth::No }
    }

    /// The element at a place of a list, or the value of a name in a map.
    pub(super) fn index(&mut self, parts: &'a (Ir, Ir)) -> V<'a> {
        let object = self.value(&parts.0);
        match (object, self.value(&parts.1)) {
            (V::List(list), V::Int(at)) => {
                let found = usize::try_from(at).ok().and_then(|at| self.element(&list, at));
                match found.filter(|_| list_is_sure(&list)) {
                    Some(Item { bound: Bound::Node(node, mark), .. }) => self.node(node, mark, None),
                    Some(Item { bound: Bound::Scope(id, _), .. }) => V::Scope(id),
                    Some(Item { bound: Bound::Made(value, mark), .. }) => {
                        self.marks.extend(mark);
                        value
                    }
                    None => match list.open {
                        Some(why) => V::Unknown(why),
                        None => V::unknown("a list has no element at that place"),
                    },
                }
            }
            (V::Map(map), V::Text(name)) => self.entry(&map, &name),
            (V::Unknown(why), _) | (_, V::Unknown(why)) => V::Unknown(why),
            _ => V::of_another_type(),
        }
    }

    /// The names in a map, as a list.
    fn names(&self, map: &Map<'a>) -> List<'a> {
        let items: Vec<Item<'a>> = match &map.entries {
            Entries::Nodes(entries) => {
                let named = entries.iter().map(|entry| {
                    let mark = map.mark.map(|mark| element_mark(mark, &entry.node));
                    Bound::Made(V::Text((&*entry.key).into()), mark)
                });
                named.map(|bound| Item { bound, sure: true }).collect()
            }
            Entries::Made(entries) => {
                entries.iter().map(|(key, _)| Item { bound: Bound::Made(key.clone(), None), sure: true }).collect()
            }
        };
        let owner = map.mark.and_then(|mark| self.owner(mark.scope, mark.key));
        List { owner, open: map.open.clone(), ..List::made(items) }
    }
}

/// Whether every element surely is in the list, so that their places are known.
fn list_is_sure(list: &List<'_>) -> bool {
    match &list.items {
        Items::Made(items) => items.iter().all(|item| item.sure),
        _ => true,
    }
}

fn count<'a>(number: usize) -> V<'a> {
    V::Int(i64::try_from(number).unwrap_or(i64::MAX))
}
