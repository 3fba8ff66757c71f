//! The effective configuration of one file (and of what it includes): scopes, their settings, and who set each.
//!
//! A resolver fills in what each scope sets itself ([`Scope::own`]) and, where the program does not simply take the
//! nearest value, what holds instead ([`Scope::effective`]); [`Model::lookup`] answers for everybody else. Nothing here
//! knows a format.

mod value;

use crate::deployment::role::Role;
use crate::formats::Format;
use crate::problem::Problem;
use crate::schema::{Key, KeyId, KindId, Schema, Type};
use crate::text::{Loc, Span};
use crate::version::Versions;
use std::collections::HashMap;
use std::sync::Arc;
use value::NOWHERE;
pub use value::{
    Branch, Entry, MAX_BRANCHES, MOST_BROUGHT, MOST_BROUGHT_IN_FILE, Node, Origin, Piece, Str, TOO_LONG, Text, Value,
    Why,
};

/// A scope's place in its [`Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub u32);

/// Something that the program decides on: a server, a location, a service, a Match block.
#[derive(Clone, Debug)]
pub struct Scope {
    /// What it is.
    pub kind: KindId,
    /// Its name, as people would call it: `/files`, `web`, `User alice`; empty where it has none.
    pub label: Str,
    /// Where the name stands; the header again where it has none.
    pub label_at: Loc,
    /// The scope that it lies in, and whose values it inherits.
    pub parent: Option<ScopeId>,
    /// Its header: where a finding about something missing points.
    pub at: Loc,
    /// All of it in the file of its header, from the first byte to the last.
    pub extent: Span,
    /// What it sets itself.
    pub own: Settings,
    /// What holds where taking the nearest value would be wrong.
    pub effective: Settings,
    /// Why something that belongs here may not be at hand, so that nothing can be called absent.
    pub open: Option<Why>,
    /// What was taken as empty because the program tolerates that it is missing, so that findings lose confidence.
    pub assumed: Option<Assumed>,
    /// What it is for, and all that lies in it, where the file itself says so.
    pub role: Option<Role>,
}

/// Something missing that the program would tolerate, and that was taken as empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// What is missing.
    pub what: Why,
    /// Whether even values that are set here could be overruled by it; else only what is absent or default.
    pub overrules: bool,
}

/// Settings by key, sorted.
#[derive(Clone, Debug, Default)]
pub struct Settings(Vec<(KeyId, Node)>);

impl Settings {
    /// The value of `key`.
    pub fn get(&self, key: KeyId) -> Option<&Node> {
        self.0.binary_search_by_key(&key, |(id, _)| *id).ok().and_then(|index| self.0.get(index)).map(|(_, node)| node)
    }

    /// The value of `key`, to change it.
    pub fn get_mut(&mut self, key: KeyId) -> Option<&mut Node> {
        let index = self.0.binary_search_by_key(&key, |(id, _)| *id).ok()?;
        self.0.get_mut(index).map(|(_, node)| node)
    }

    /// Sets `key`, and gives back what it was.
    pub fn set(&mut self, key: KeyId, node: Node) -> Option<Node> {
        if self.0.last().is_none_or(|(last, _)| *last < key) {
            self.0.push((key, node));
            return None;
        }
        match self.0.binary_search_by_key(&key, |(id, _)| *id) {
            Ok(index) => self.0.get_mut(index).map(|slot| std::mem::replace(&mut slot.1, node)),
            Err(index) => {
                self.0.insert(index, (key, node));
                None
            }
        }
    }

    /// Adds to the list that `key` holds, which is made if it is not there.
    pub fn push(&mut self, key: KeyId, element: Node) {
        if let Some(Node { value: Value::List(list), .. }) = self.get_mut(key) {
            list.push(element);
        } else {
            let list = Node { value: Value::Null, ..element.clone() };
            self.set(key, Node { value: Value::List(vec![element]), ..list });
        }
    }

    /// All keys with their values, in the order of the key table.
    pub fn iter(&self) -> impl Iterator<Item = (KeyId, &Node)> {
        self.0.iter().map(|(key, node)| (*key, node))
    }

    /// All values, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.0.iter_mut().map(|(_, node)| node)
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The effective configuration of one file and of all that it includes.
#[derive(Debug)]
pub struct Model {
    /// What the file is.
    pub format: &'static Format,
    /// The file, as a path below the root.
    pub path: Arc<str>,
    /// The scopes in source order; the first is the file itself.
    pub scopes: Vec<Scope>,
    /// Names of keys that the format's table does not list; the ids go on where the table's end.
    pub unlisted: Vec<Str>,
    unlisted_at: HashMap<Str, KeyId>,
    /// The scope whose settings are the file's answer: what `show` prints first.
    pub focus: ScopeId,
    /// The whole as one document, where the program itself would print one (Compose) and it was asked for.
    pub document: Option<Node>,
    /// For each key of the focus, what was overruled; the last one lost first.
    pub shadowed: Vec<(KeyId, Node)>,
    /// Why it cannot be understood in full.
    pub problems: Vec<Problem>,
    /// Lines that the program does not take and no problem tells of, such as those behind the first.
    pub untold: Vec<Loc>,
    /// The environments of the services that run it, where they differ in what it reads.
    pub variants: Vec<Variant>,
    /// The versions that it was resolved for.
    pub versions: Versions,
    /// Values that hold by default, by key.
    pub defaults: Arc<Defaults>,
}

/// Services of a Compose project that give what they run the same environment.
#[derive(Clone, Debug)]
pub struct Variant {
    /// The first file of their project.
    pub project: String,
    /// Their names, and where those stand.
    pub services: Vec<(Str, Loc)>,
    /// What they are for.
    pub role: Role,
    /// Whether they set something that was read and not known.
    pub differs: bool,
}

/// The value of a key in a scope, and how it came about.
#[derive(Clone, Debug)]
pub struct Found<'m> {
    /// The value; `None` if the key is absent.
    pub node: Option<&'m Node>,
    /// Who decided it, seen from the scope that was asked.
    pub origin: Origin,
    /// Where a finding about it points.
    pub at: Loc,
    /// The scope that holds it.
    pub scope: ScopeId,
}

/// The defaults of a format for a range of versions.
#[derive(Debug, Default)]
pub struct Defaults(Vec<Option<Node>>);

impl Defaults {
    /// The defaults in `versions`; those on which the versions differ are unknown.
    pub fn new(schema: &Schema, versions: Versions) -> Self {
        let value = |key: &Key| match key.default.over(versions)? {
            Some(text) => Some(key.ty.value(text)),
            None => Some(Value::Unknown(Why::Version(key.name.into()))),
        };
        Self(schema.keys.iter().map(|key| value(key).map(Node::default_value)).collect())
    }

    /// The keys that have one.
    pub fn keys(&self) -> impl Iterator<Item = KeyId> {
        (0..).map(KeyId).zip(&self.0).filter(|(_, node)| node.is_some()).map(|(key, _)| key)
    }

    /// The default of `key`.
    pub fn get(&self, key: KeyId) -> Option<&Node> {
        self.0.get(usize::from(key.0)).and_then(Option::as_ref)
    }
}

impl Scope {
    /// An empty scope at `at`.
    pub fn new(kind: KindId, label: impl Into<Str>, parent: Option<ScopeId>, at: Loc) -> Self {
        Self {
            kind,
            label: label.into(),
            label_at: at,
            parent,
            at,
            extent: at.span,
            own: Settings::default(),
            effective: Settings::default(),
            open: None,
            assumed: None,
            role: None,
        }
    }
}

impl Model {
    /// A model of `path` with nothing in it; the caller pushes the scopes, the file's own first.
    pub fn new(format: &'static Format, path: Arc<str>, versions: Versions, defaults: Arc<Defaults>) -> Self {
        Self {
            format,
            path,
            scopes: Vec::new(),
            unlisted: Vec::new(),
            unlisted_at: HashMap::new(),
            focus: ScopeId(0),
            document: None,
            shadowed: Vec::new(),
            problems: Vec::new(),
            untold: Vec::new(),
            variants: Vec::new(),
            versions,
            defaults,
        }
    }

    /// Adds a scope.
    pub fn push(&mut self, scope: Scope) -> ScopeId {
        let id = ScopeId(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        self.scopes.push(scope);
        id
    }

    /// The scope with that id.
    pub fn scope(&self, id: ScopeId) -> Option<&Scope> {
        self.scopes.get(id.0 as usize)
    }

    /// The scope with that id, to change it.
    pub fn scope_mut(&mut self, id: ScopeId) -> Option<&mut Scope> {
        self.scopes.get_mut(id.0 as usize)
    }

    /// The key called `name` in scopes of `kind`, which is remembered if the format's table does not list it.
    pub fn key(&mut self, kind: KindId, name: &str) -> KeyId {
        if let Some(id) = self.format.schema.key(kind, name) {
            return id;
        }
        if let Some(&id) = self.unlisted_at.get(name) {
            return id;
        }
        let id = u16::try_from(self.format.schema.keys.len() + self.unlisted.len()).map_or(KeyId(u16::MAX), KeyId);
        self.unlisted.push(name.into());
        self.unlisted_at.insert(name.into(), id);
        id
    }

    /// The key called `name` that the format's table does not list, if anything sets it.
    pub fn unlisted_key(&self, name: &str) -> Option<KeyId> {
        self.unlisted_at.get(name).copied()
    }

    /// What a key is called.
    pub fn key_name(&self, id: KeyId) -> &str {
        let listed = self.format.schema.keys.len();
        match self.format.schema.get(id) {
            Some(key) => key.name,
            None => usize::from(id.0).checked_sub(listed).and_then(|at| self.unlisted.get(at)).map_or("", |name| name),
        }
    }

    /// The scope itself and those around it, innermost first.
    pub fn ancestors(&self, id: ScopeId) -> impl Iterator<Item = (ScopeId, &Scope)> {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next?;
            let scope = self.scope(id)?;
            // A parent stands before its children, so that this ends whatever a resolver did.
            next = scope.parent.filter(|parent| parent.0 < id.0);
            Some((id, scope))
        })
    }

    /// What the file itself says that a scope is for: the scope, or else the nearest around it that it says anything of.
    pub fn role(&self, id: ScopeId) -> Option<Role> {
        self.ancestors(id).find_map(|(_, scope)| scope.role)
    }

    /// The value of `key` that holds in `id`, and how it came about: what the resolver said, else what the scope sets,
    /// else the nearest ancestor's if the key is inherited, else the default.
    pub fn lookup(&self, id: ScopeId, key: KeyId) -> Found<'_> {
        let inherits = self.format.schema.get(key).is_none_or(|key| key.inherits);
        for (depth, (at, scope)) in self.ancestors(id).enumerate() {
            if depth > 0 && !inherits {
                break;
            }
            if let Some(node) = scope.effective.get(key).or_else(|| scope.own.get(key)) {
                let origin =
                    if depth > 0 && node.origin == Origin::Set { Origin::Inherited } else { node.origin.clone() };
                let place = if node.origin == Origin::Default { scope.at } else { node.at };
                return Found { node: Some(node), origin, at: place, scope: at };
            }
        }
        let at = self.scope(id).map_or(NOWHERE, |scope| scope.at);
        match self.defaults.get(key) {
            Some(node) => Found { node: Some(node), origin: Origin::Default, at, scope: id },
            None => Found { node: None, origin: Origin::Missing, at, scope: id },
        }
    }

    /// The value of the key called `name` that holds in `id`.
    pub fn get(&self, id: ScopeId, name: &str) -> Option<&Value> {
        let kind = self.scope(id)?.kind;
        let key = self.format.schema.key(kind, name).or_else(|| self.unlisted_at.get(name).copied())?;
        self.lookup(id, key).node.map(|node| &node.value)
    }

    /// The type of `key`, [`Type::Any`] where the table does not list it.
    pub fn key_type(&self, key: KeyId) -> Type {
        self.format.schema.get(key).map_or(Type::Any, |key| key.ty)
    }
}
