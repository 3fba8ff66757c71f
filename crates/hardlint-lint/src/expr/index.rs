//! Which scopes lie in which, so that `locations` takes no walk through the model.

use hardlint_config::model::{Model, ScopeId, Why};
use hardlint_config::schema::KindId;

/// The scopes of a model by kind, and in the order of their tree.
#[derive(Debug)]
pub(crate) struct Index {
    /// By kind: the scopes of it, in the order of the tree.
    by_kind: Vec<Vec<ScopeId>>,
    /// By scope: its place in the order of the tree, and one past the place of the last scope in it.
    range: Vec<(u32, u32)>,
    /// Open scopes, in the order of the tree.
    open: Vec<ScopeId>,
}

impl Index {
    pub(crate) fn new(model: &Model) -> Self {
        let mut children: Vec<Vec<u32>> = vec![Vec::new(); model.scopes.len()];
        let mut roots: Vec<u32> = Vec::new();
        for (at, scope) in (0_u32..).zip(&model.scopes) {
            // A parent stands before its children, so that this is a tree whatever a resolver did.
            let parent = scope.parent.filter(|parent| parent.0 < at).and_then(|id| children.get_mut(id.0 as usize));
            parent.unwrap_or(&mut roots).push(at);
        }
        let mut index = Self {
            by_kind: vec![Vec::new(); model.format.schema.kinds.len()],
            range: vec![(0, 0); model.scopes.len()],
            open: Vec::new(),
        };
        let mut place = 0;
        // What is still to be entered, and what is to be left once all in it was.
        let mut stack: Vec<(u32, bool)> = roots.iter().rev().map(|&at| (at, false)).collect();
        while let Some((at, leaving)) = stack.pop() {
            let Some(range) = index.range.get_mut(at as usize) else { continue };
            if leaving {
                range.1 = place;
                continue;
            }
            range.0 = place;
            place += 1;
            let Some(scope) = model.scope(ScopeId(at)) else { continue };
            if let Some(same) = index.by_kind.get_mut(usize::from(scope.kind.0)) {
                same.push(ScopeId(at));
            }
            if scope.open.is_some() {
                index.open.push(ScopeId(at));
            }
            stack.push((at, true));
            stack.extend(children.get(at as usize).into_iter().flatten().rev().map(|&child| (child, false)));
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

    fn range_of(&self, id: ScopeId) -> (u32, u32) {
        self.range.get(id.0 as usize).copied().unwrap_or_default()
    }

    fn between<'s>(&self, scopes: &'s [ScopeId], start: u32, end: u32) -> &'s [ScopeId] {
        let from = scopes.partition_point(|&id| self.range_of(id).0 < start);
        let to = scopes.partition_point(|&id| self.range_of(id).0 < end);
        scopes.get(from..to).unwrap_or_default()
    }
}
