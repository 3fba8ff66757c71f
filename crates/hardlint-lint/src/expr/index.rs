//! Which scopes lie in which, so that `locations` takes no walk through the model.

use super::ir::{Ir, KeyName, Walk, Where};
use hardlint_config::model::{Model, ScopeId, Why};
use hardlint_config::schema::{KeyId, KindId};

/// The scopes of a model by kind, and in the order of their tree.
#[derive(Debug)]
pub(crate) struct Index {
    /// By kind: the scopes of it, in the order of the tree.
    by_kind: Vec<Vec<ScopeId>>,
    /// By scope: its place in the order of the tree, and one past the place of the last scope in it.
    range: Vec<(u32, u32)>,
    /// Open scopes, in the order of the tree.
    open: Vec<ScopeId>,
    /// A bit for each key: whether any scope has it, or it has a default.
    present: Vec<u64>,
}

/// No scope.
const NONE: u32 = u32::MAX;

impl Index {
    pub(crate) fn new(model: &Model) -> Self {
        // The first scope in each, and the next one beside it: a list for each would be as many pieces of memory.
        let (mut first, mut next) = (vec![NONE; model.scopes.len()], vec![NONE; model.scopes.len()]);
        let mut first_root = NONE;
        let count = u32::try_from(model.scopes.len()).unwrap_or(NONE);
        for (at, scope) in (0..count).zip(&model.scopes).rev() {
            // A parent stands before its children, so that this is a tree whatever a resolver did.
            let parent = scope.parent.filter(|parent| parent.0 < at).and_then(|id| first.get_mut(id.0 as usize));
            let beside = std::mem::replace(parent.unwrap_or(&mut first_root), at);
            if let Some(slot) = next.get_mut(at as usize) {
                *slot = beside;
            }
        }
        let mut index = Self {
            by_kind: vec![Vec::new(); model.format.schema.kinds.len()],
            range: vec![(0, 0); model.scopes.len()],
            open: Vec::new(),
            present: present(model),
        };
        let mut place = 0;
        // The scopes that were entered and not left, the innermost last.
        let mut around: Vec<u32> = Vec::new();
        let mut enter = first_root;
        loop {
            let at = enter as usize;
            let Some(scope) = model.scopes.get(at) else {
                // All in the innermost was entered.
                let Some(left) = around.pop() else { break };
                if let Some(range) = index.range.get_mut(left as usize) {
                    range.1 = place;
                }
                enter = next.get(left as usize).copied().unwrap_or(NONE);
                continue;
            };
            if let Some(range) = index.range.get_mut(at) {
                range.0 = place;
            }
            place += 1;
            if let Some(same) = index.by_kind.get_mut(usize::from(scope.kind.0)) {
                same.push(ScopeId(enter));
            }
            if scope.open.is_some() {
                index.open.push(ScopeId(enter));
            }
            around.push(enter);
            enter = first.get(at).copied().unwrap_or(NONE);
        }
        index
    }

    /// All scopes of one kind.
    pub(crate) fn of_kind(&self, kind: KindId) -> &[ScopeId] {
        self.by_kind.get(usize::from(kind.0)).map_or(&[], Vec::as_slice)
    }

    /// The scopes of one kind inside a scope.
    pub(crate) fn inside(&self, id: ScopeId, kind: KindId) -> &[ScopeId] {
        let (start, end) = self.range_of(id);
        self.between(self.of_kind(kind), start + 1, end)
    }

    /// Why there may be more in a scope than is at hand: it, or one in it, is open.
    pub(crate) fn open<'m>(&self, model: &'m Model, id: ScopeId) -> Option<&'m Why> {
        let (start, end) = self.range_of(id);
        let first = self.between(&self.open, start, end).first()?;
        model.scope(*first)?.open.as_ref()
    }

    /// Whether a condition holds in no scope of a kind, whatever else they set: it asks for a key that none has, or for a
    /// scope of a kind that there is none of. Most rules are about what a file does not have.
    pub(crate) fn never(&self, ir: &Ir, kind: KindId) -> bool {
        // What may be in an open scope is not known.
        self.open.is_empty() && self.is_no(ir, kind)
    }

    fn is_no(&self, ir: &Ir, kind: KindId) -> bool {
        match ir {
            Ir::Bool(known) => !known,
            Ir::And(parts) => parts.iter().any(|part| self.is_no(part, kind)),
            Ir::Or(parts) => parts.iter().all(|part| self.is_no(part, kind)),
            Ir::Has(asked) => match &**asked {
                Ir::Key(key) => match (&key.of, &key.name) {
                    (place, _) if !is_certain(place) => false,
                    (_, KeyName::Known(id)) => !self.is_present(*id),
                    (Where::This, name) => name.in_kind(kind).is_none_or(|id| !self.is_present(id)),
                    (_, KeyName::ByKind(ids)) => !ids.iter().flatten().any(|id| self.is_present(*id)),
                },
                _ => false,
            },
            Ir::Walk(Walk::Exists, list, ..) => match &**list {
                Ir::Inside(Where::This, kind) => self.of_kind(*kind).is_empty(),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_present(&self, key: KeyId) -> bool {
        let (word, bit) = (usize::from(key.0) / 64, key.0 % 64);
        self.present.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    fn range_of(&self, id: ScopeId) -> (u32, u32) {
        self.range.get(id.0 as usize).copied().unwrap_or_default()
    }

    fn between<'s>(&self, scopes: &'s [ScopeId], start: u32, end: u32) -> &'s [ScopeId] {
        let from = scopes.partition_point(|&id| self.range_of(id).0 < start);
        let to = scopes.partition_point(|&id| self.range_of(id).0 < end);
        scopes.get(from..to).unwrap_or_default()
    }
}

/// Whether it is known which scope is meant, or that there is none.
fn is_certain(place: &Where) -> bool {
    match place {
        Where::This => true,
        Where::Parent(of) | Where::Around(of, _) => is_certain(of),
        Where::Of(_) => false,
    }
}

/// A bit for each key of the format's table that any scope has, or that has a default.
fn present(model: &Model) -> Vec<u64> {
    let mut bits = vec![0_u64; model.format.schema.keys.len().div_ceil(64)];
    let mut put = |key: KeyId| {
        if let Some(word) = bits.get_mut(usize::from(key.0) / 64) {
            *word |= 1 << (key.0 % 64);
        }
    };
    model.defaults.keys().for_each(&mut put);
    for scope in &model.scopes {
        scope.own.iter().chain(scope.effective.iter()).for_each(|(key, _)| put(key));
    }
    bits
}
