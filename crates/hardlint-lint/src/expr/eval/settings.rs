//! Looks settings up: in which scope a key is asked, what holds there, and what an open scope may hide.

use super::super::ir::{Key, Where};
use super::super::value::{Bound, Item, List, Mark, MarkKind, V};
use super::{Evaluator, element_mark, kind_of};
use hardlint_config::model::{Node, Origin, Scope, ScopeId, Value, Why};
use hardlint_config::schema::KeyId;
use std::rc::Rc;

/// A setting, looked up.
#[derive(Clone, Copy)]
pub(super) enum Found<'a> {
    /// Also why there may be more of it, if it is a list or a map.
    There(&'a Node, Mark<'a>, Option<&'a Why>),
    Absent(Mark<'a>),
    /// It may be there: its scope is open.
    Unknown(&'a Why, Mark<'a>),
}

/// A scope that is not there, or not to be told.
pub(super) enum NoScope {
    Absent,
    Unknown(Rc<Why>),
}

impl<'a> Evaluator<'a> {
    pub(super) fn read(&mut self, found: Found<'a>) -> V<'a> {
        match found {
            Found::There(node, mark, open) => self.node(node, Some(mark), open),
            Found::Absent(mark) => {
                self.marks.push(mark);
                V::unknown("nothing sets a key that the rule takes as given")
            }
            Found::Unknown(why, mark) => {
                self.marks.push(mark);
                V::Unknown(Rc::new(why.clone()))
            }
        }
    }

    pub(super) fn locate(&mut self, place: &'a Where) -> Result<ScopeId, NoScope> {
        match place {
            Where::This => Ok(self.this),
            Where::Parent(of) => {
                let id = self.locate(of)?;
                self.model.scope(id).and_then(|scope| scope.parent).ok_or(NoScope::Absent)
            }
            Where::Around(of, kind) => {
                let id = self.locate(of)?;
                let mut around = self.model.ancestors(id).skip(1);
                around.find(|(_, scope)| scope.kind == *kind).map(|(id, _)| id).ok_or(NoScope::Absent)
            }
            Where::Of(ir) => match self.value(ir) {
                V::Scope(id) => Ok(id),
                V::Unknown(why) => Err(NoScope::Unknown(why)),
                _ => Err(NoScope::Absent),
            },
        }
    }

    pub(super) fn find(&mut self, key: &'a Key) -> Result<Found<'a>, NoScope> {
        let id = self.locate(&key.of)?;
        let scope = self.model.scope(id).ok_or(NoScope::Absent)?;
        let Some(key_id) = key.name.in_kind(scope.kind) else { return Ok(absent(id, scope, None)) };
        Ok(if key.own { own(id, scope, key_id) } else { self.effective(id, scope, key_id) })
    }

    /// As [`Model::lookup`], and with an eye on what open scopes may hold.
    fn effective(&self, id: ScopeId, scope: &'a Scope, key: KeyId) -> Found<'a> {
        let inherits = self.model.format.schema.get(key).is_none_or(|key| key.inherits);
        let mut open: Option<&'a Why> = None;
        for (depth, (_, holder)) in self.model.ancestors(id).enumerate() {
            if depth > 0 && !inherits {
                break;
            }
            let found = holder.effective.get(key).or_else(|| holder.own.get(key));
            if let Some(node) = found.filter(|node| node.origin != Origin::Missing) {
                let kind = match &node.origin {
                    Origin::Set if depth > 0 => MarkKind::Inherited,
                    other => kind_of(other),
                };
                let at = if kind == MarkKind::Default { scope.at } else { node.at };
                let mark = Mark { kind, at, key: Some(key), scope: id, node: Some(node), one: None };
                // A default only holds where nothing sets the key; what is set further out, only where nothing nearer does.
                let guess = open.or(holder.open.as_ref().filter(|_| kind == MarkKind::Default));
                return match guess {
                    Some(why) => Found::Unknown(why, mark),
                    None => Found::There(node, mark, holder.open.as_ref()),
                };
            }
            open = open.or(holder.open.as_ref());
        }
        let default = self.model.defaults.get(key);
        let kind = if default.is_some() { MarkKind::Default } else { MarkKind::Missing };
        let mark = Mark { kind, at: scope.at, key: Some(key), scope: id, node: default, one: None };
        match (open, default) {
            (Some(why), _) => Found::Unknown(why, mark),
            (None, Some(node)) => Found::There(node, mark, None),
            (None, None) => Found::Absent(mark),
        }
    }

    /// What the parent holds of a list that the scope sets anew, and that does not hold in the scope.
    pub(super) fn lost(&mut self, key: &'a Key) -> V<'a> {
        let empty = V::List(List::made(Vec::new()));
        let Ok(id) = self.locate(&key.of) else { return empty };
        let Some(scope) = self.model.scope(id) else { return empty };
        let Some(key_id) = key.name.in_kind(scope.kind) else { return empty };
        let (Found::There(..), Some(parent)) = (own(id, scope, key_id), scope.parent) else { return empty };
        let Some(above) = self.model.scope(parent) else { return empty };
        let kept = match self.effective(id, scope, key_id) {
            Found::There(node, ..) => nodes(node),
            _ => &[],
        };
        let (node, mark) = match self.effective(parent, above, key_id) {
            Found::There(node, mark, _) if mark.kind != MarkKind::Default => (node, mark),
            Found::Unknown(why, _) => return V::Unknown(Rc::new(why.clone())),
            _ => return empty,
        };
        if let Value::Unknown(why) = &node.value {
            return V::Unknown(Rc::new(why.clone()));
        }
        let mark = Mark { kind: if mark.kind == MarkKind::Set { MarkKind::Inherited } else { mark.kind }, ..mark };
        let places: std::collections::BTreeSet<_> = kept.iter().map(|node| node.at).collect();
        let lost = nodes(node).iter().filter(|node| !places.contains(&node.at));
        let items = lost.map(|node| Item { bound: Bound::Node(node, Some(element_mark(mark, node))), sure: true });
        V::List(List { owner: self.owner(id, Some(key_id)), ..List::made(items.collect()) })
    }
}

fn nodes(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(nodes) => nodes,
        _ => std::slice::from_ref(node),
    }
}

fn own(id: ScopeId, scope: &Scope, key: KeyId) -> Found<'_> {
    match scope.own.get(key).filter(|node| node.origin != Origin::Missing) {
        Some(node) => {
            let mark = Mark {
                kind: kind_of(&node.origin),
                at: node.at,
                key: Some(key),
                scope: id,
                node: Some(node),
                one: None,
            };
            Found::There(node, mark, scope.open.as_ref())
        }
        None => absent(id, scope, Some(key)),
    }
}

fn absent(id: ScopeId, scope: &Scope, key: Option<KeyId>) -> Found<'_> {
    let mark = Mark { kind: MarkKind::Missing, at: scope.at, key, scope: id, node: None, one: None };
    match &scope.open {
        Some(why) => Found::Unknown(why, mark),
        None => Found::Absent(mark),
    }
}
