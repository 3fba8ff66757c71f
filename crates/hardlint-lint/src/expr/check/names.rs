//! Settles names: variables, keys, scopes around and inside.

use super::{Checked, Checker, Ty, plain};
use crate::expr::ir::{Ir, Key, KeyName, Where};
use crate::expr::parse::{Expr, ExprKind};
use crate::expr::{Error, closest};
use hardlint_config::schema::{self, KeyId, KindId};
use std::collections::BTreeSet;
use std::ops::Range;

/// A key, as the table has it in one kind or in several.
pub(super) struct Settled {
    pub(super) name: KeyName,
    pub(super) ty: Ty,
    /// Whether it may be absent.
    pub(super) optional: bool,
}

impl Checker<'_> {
    pub(super) fn name(&mut self, name: &str, at: &Range<usize>) -> Result<Checked, Error> {
        if let Some(slot) = self.variables.iter().rposition(|(known, _)| known == name) {
            let ty = self.variables.get(slot).map_or(Ty::Any, |(_, ty)| ty.clone());
            return Ok(Checked { path: Some(format!("{name}#{slot}")), ..plain(Ir::Var(slot), ty) });
        }
        if name == "own" {
            return Err(Error::new(at.clone(), "`own` stands before a key: `own.k`"));
        }
        let kind = self.kind;
        self.of_scope(Where::This, Some(kind), "", name, at)
    }

    pub(super) fn member(&mut self, object: &Expr, name: &str, at: &Range<usize>) -> Result<Checked, Error> {
        if let Some(owner) = self.own(object)? {
            let (place, kind, prefix) = owner;
            return self.key_of(place, kind, &format!("{prefix}own."), name, true, at);
        }
        let checked = self.value(object)?;
        let prefix = checked.path.as_ref().map(|path| format!("{path}."));
        match checked.ty {
            Ty::Scope(kind) => {
                let found = self.of_scope(place(checked.ir), kind, prefix.as_deref().unwrap_or(""), name, at)?;
                Ok(if prefix.is_none() { self.unnamed(found) } else { found })
            }
            Ty::Map(value) => Ok(entry(checked.ir, *value, prefix.as_deref(), name)),
            Ty::Any => Ok(entry(checked.ir, Ty::Any, prefix.as_deref(), name)),
            other => Err(Error::new(at.clone(), format!("{other} has no `{name}`"))),
        }
    }

    /// Without a path nothing can be asked for: what may be absent stays an error, whose words name no path.
    #[expect(clippy::unused_self, reason = "one of the family of checks, which read alike")]
    fn unnamed(&self, found: Checked) -> Checked {
        let path = if found.optional { found.path.map(|path| format!("….{path}")) } else { None };
        Checked { path, ..found }
    }

    /// The scope whose own settings `object` means, if it ends in `own`.
    fn own(&mut self, object: &Expr) -> Result<Option<(Where, Option<KindId>, String)>, Error> {
        match &object.kind {
            ExprKind::Name(name) if name == "own" && !self.variables.iter().any(|(known, _)| known == "own") => {
                Ok(Some((Where::This, Some(self.kind), String::new())))
            }
            ExprKind::Member(scope, name, _) if name == "own" => {
                let checked = self.value(scope)?;
                match checked.ty {
                    Ty::Scope(kind) => {
                        let prefix = checked.path.map_or_else(|| "….".to_owned(), |path| format!("{path}."));
                        Ok(Some((place(checked.ir), kind, prefix)))
                    }
                    // A map may well have a value of that name.
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    /// What a scope has under a name.
    fn of_scope(
        &self,
        of: Where,
        kind: Option<KindId>,
        prefix: &str,
        name: &str,
        at: &Range<usize>,
    ) -> Result<Checked, Error> {
        if name == "label" {
            return Ok(plain(Ir::Label(of), Ty::Text));
        }
        let path = Some(format!("{prefix}{name}"));
        if name == "parent" {
            if kind == Some(KindId(0)) {
                return Err(Error::new(at.clone(), "nothing is around the file itself"));
            }
            return Ok(Checked { path, ..plain(Ir::Scope(Where::Parent(of.into())), Ty::Scope(None)) });
        }
        if self.settle(kind, name).is_some() {
            return self.key_of(of, kind, prefix, name, false, at);
        }
        if let Some(around) = self.schema.kind_named(name) {
            return Ok(Checked { path, ..plain(Ir::Scope(Where::Around(of.into(), around)), Ty::Scope(Some(around))) });
        }
        let plural = self.schema.kinds.iter().find(|kind| kind.plural == name);
        if let Some(inside) = plural.and_then(|kind| self.schema.kind_named(kind.name)) {
            let ty = Ty::List(Ty::Scope(Some(inside)).into());
            return Ok(Checked { path, ..plain(Ir::Inside(of, inside), ty) });
        }
        Err(self.no_such(kind, name, at))
    }

    fn key_of(
        &self,
        of: Where,
        kind: Option<KindId>,
        prefix: &str,
        name: &str,
        own: bool,
        at: &Range<usize>,
    ) -> Result<Checked, Error> {
        let Some(settled) = self.settle(kind, name) else { return Err(self.no_such(kind, name, at)) };
        let ir = Ir::Key(Key { of, name: settled.name, own });
        let path = Some(format!("{prefix}{name}"));
        Ok(Checked { path, optional: own || settled.optional, ..plain(ir, settled.ty) })
    }

    /// The key called `name` in scopes of `kind`, or of any kind.
    pub(super) fn settle(&self, kind: Option<KindId>, name: &str) -> Option<Settled> {
        let optional = |key: &schema::Key| key.default == schema::Default::Absent;
        if let Some(kind) = kind {
            let id = self.schema.key(kind, name)?;
            let key = self.schema.get(id)?;
            return Some(Settled {
                name: KeyName::Known(id),
                ty: Ty::of(key.ty, self.schema),
                optional: optional(key),
            });
        }
        let kinds = 0..u8::try_from(self.schema.kinds.len()).unwrap_or(u8::MAX);
        let ids: Vec<Option<KeyId>> = kinds.map(|kind| self.schema.key(KindId(kind), name)).collect();
        let keys: Vec<&schema::Key> = ids.iter().flatten().filter_map(|id| self.schema.get(*id)).collect();
        let first = keys.first()?;
        let one_type = keys.iter().all(|key| key.ty == first.ty);
        Some(Settled {
            ty: if one_type { Ty::of(first.ty, self.schema) } else { Ty::Any },
            optional: keys.iter().any(|key| optional(key)),
            name: KeyName::ByKind(ids.into()),
        })
    }

    fn no_such(&self, kind: Option<KindId>, name: &str, at: &Range<usize>) -> Error {
        let kind_name = kind.map(|kind| self.schema.kind(kind).name);
        let has = |key: &&schema::Key| kind_name.is_none_or(|kind| key.kinds.contains(&kind));
        let keys = self.schema.keys.iter().filter(has).map(|key| key.name);
        let kinds = self.schema.kinds.iter().flat_map(|kind| [kind.name, kind.plural]);
        let variables = self.variables.iter().map(|(name, _)| name.as_str());
        let known = keys.chain(kinds).chain(variables).chain(["label", "own", "parent"]);
        let of = kind_name.map_or_else(|| "a scope".to_owned(), |kind| format!("`{kind}`"));
        let meant = closest(name, known).map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        Error::new(at.clone(), format!("{of} has no `{name}`{meant}"))
    }

    pub(super) fn index(&mut self, object: &Expr, index: &Expr) -> Result<Checked, Error> {
        if let ExprKind::Text(name) = &index.kind {
            let checked = self.value(object)?;
            let prefix = checked.path.as_ref().map(|path| format!("{path}."));
            return match checked.ty {
                Ty::Map(value) => Ok(entry(checked.ir, *value, prefix.as_deref(), name)),
                Ty::Any => Ok(entry(checked.ir, Ty::Any, prefix.as_deref(), name)),
                other => Err(Error::new(index.at.clone(), format!("{other} has no names to look up"))),
            };
        }
        let (object_checked, index_checked) = (self.value(object)?, self.value(index)?);
        let ty = match (object_checked.ty, &index_checked.ty) {
            (Ty::List(element), Ty::Int | Ty::Any) => *element,
            (Ty::Map(value), Ty::Text | Ty::Any) => *value,
            (Ty::Any, _) => Ty::Any,
            (other, by) => {
                return Err(Error::new(index.at.clone(), format!("{other} cannot be looked up by {by}")));
            }
        };
        Ok(plain(Ir::Index(Box::new((object_checked.ir, index_checked.ir))), ty))
    }

    /// The key that the argument of `lost` names.
    pub(super) fn lost(&mut self, argument: &Expr) -> Result<Checked, Error> {
        let checked = self.any(argument)?;
        let Ir::Key(key) = checked.ir else {
            return Err(Error::new(argument.at.clone(), "`lost` asks for a key"));
        };
        let ty = match checked.ty {
            list @ (Ty::List(_) | Ty::Any) => list,
            other => Ty::List(other.into()),
        };
        Ok(plain(Ir::Lost(Key { own: false, ..key }), ty))
    }
}

/// The scope that an expression is.
fn place(ir: Ir) -> Where {
    match ir {
        Ir::Scope(place) => place,
        other => Where::Of(other.into()),
    }
}

/// The value of a name in a map: it may always be absent.
fn entry(object: Ir, ty: Ty, prefix: Option<&str>, name: &str) -> Checked {
    let path = format!("{}{name}", prefix.unwrap_or("…."));
    Checked {
        ir: Ir::Member(object.into(), name.into()),
        ty,
        path: Some(path),
        optional: true,
        present: [BTreeSet::new(), BTreeSet::new()],
    }
}
