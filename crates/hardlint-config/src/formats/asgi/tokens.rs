//! Calls that sign tokens or read them, wherever in the module they stand: with `PyJWT` (`jwt`) or python-jose (`jose.jwt`).
//!
//! Functions that answer requests are not run, so that a call in one is taken by itself: what it is given counts as far as it is
//! bound by the module, and not by a function around it.

use super::resolve::Facts;
use crate::formats::python::{Obj, Py, Source, Val};
use crate::model::{ScopeId, Value};
use crate::syntax::python::{
    Argument, ArgumentName, Expr, ExprKind, FormatPart, Function, Stmt, StmtKind, parse, set_names,
};
use crate::text::Loc;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Calls that are looked at.
const MAX: usize = 500;
/// Expressions and blocks inside each other.
const MAX_DEPTH: usize = 120;

/// Fills in the calls, the ways of hashing passwords among them.
pub(super) fn fill(facts: &mut Facts<'_, '_, '_>) {
    facts.hashing();
    let source = facts.interp.source(facts.file);
    let has = |word: &str| memchr::memmem::find(source.text.as_bytes(), word.as_bytes()).is_some();
    if !has("jwt") || !has("encode(") && !has("decode(") {
        return;
    }
    let module = parse(&source.text);
    let mut found = Vec::new();
    let mut walk = Walk { calls: &mut found, locals: Vec::new(), depth: 0 };
    walk.block(&module.body);
    for (call, locals) in found {
        facts.token(call, &locals);
    }
}

/// Calls of `….encode` and `….decode`, each with the names that the functions around it bind.
type Calls<'m> = Vec<(&'m Expr, Rc<BTreeSet<String>>)>;

struct Walk<'m, 'c> {
    calls: &'c mut Calls<'m>,
    locals: Vec<Rc<BTreeSet<String>>>,
    depth: usize,
}

impl<'m> Walk<'m, '_> {
    fn block(&mut self, body: &'m [Stmt]) {
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        for stmt in body {
            self.stmt(stmt);
        }
        self.depth -= 1;
    }

    fn stmt(&mut self, stmt: &'m Stmt) {
        match &stmt.kind {
            StmtKind::Expr(value)
            | StmtKind::Return(Some(value))
            | StmtKind::Raise(Some(value))
            | StmtKind::Assert(value)
            | StmtKind::Assign(_, value)
            | StmtKind::Annotated(_, _, Some(value))
            | StmtKind::Augment(_, _, value) => self.expr(value),
            StmtKind::If(tests) => {
                for (test, body) in tests {
                    if let Some(test) = test {
                        self.expr(test);
                    }
                    self.block(body);
                }
            }
            StmtKind::For(_, iter, body, orelse) => {
                self.expr(iter);
                self.block(body);
                self.block(orelse);
            }
            StmtKind::While(test, body) => {
                self.expr(test);
                self.block(body);
            }
            StmtKind::With(items, body) => {
                for (item, _) in items {
                    self.expr(item);
                }
                self.block(body);
            }
            StmtKind::Try(body, handlers, orelse, last) => {
                self.block(body);
                for handler in handlers {
                    self.block(&handler.body);
                }
                self.block(orelse);
                self.block(last);
            }
            StmtKind::Def(function) => self.function(function),
            StmtKind::Class(class) => self.block(&class.body),
            _ => {}
        }
    }

    fn function(&mut self, function: &'m Function) {
        let mut names: BTreeSet<String> = self.locals.last().map(|names| (**names).clone()).unwrap_or_default();
        names.extend(function.parameters.iter().map(|parameter| parameter.name.to_string()));
        // A call may change what it is called on, and binds no name.
        names.extend(set_names(&function.body).iter().map(ToString::to_string));
        self.locals.push(Rc::new(names));
        self.block(&function.body);
        self.locals.pop();
    }

    fn expr(&mut self, expr: &'m Expr) {
        if self.depth > MAX_DEPTH || self.calls.len() >= MAX {
            return;
        }
        self.depth += 1;
        if let ExprKind::Call(function, _) = &expr.kind
            && matches!(&function.kind, ExprKind::Attribute(_, name) | ExprKind::Name(name) if matches!(&**name, "encode" | "decode"))
        {
            self.calls.push((expr, self.locals.last().cloned().unwrap_or_default()));
        }
        each_part(expr, &mut |part| self.expr(part));
        self.depth -= 1;
    }
}

/// The expressions that an expression is made of, as far as calls stand in them.
fn each_part<'e>(expr: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    match &expr.kind {
        ExprKind::Call(function, arguments) => {
            f(function);
            for argument in arguments {
                f(&argument.value);
            }
        }
        ExprKind::Attribute(inner, _)
        | ExprKind::Starred(inner)
        | ExprKind::Not(inner)
        | ExprKind::Negative(inner)
        | ExprKind::Named(_, inner) => f(inner),
        ExprKind::Index(a, b) | ExprKind::Binary(a, _, b) => {
            f(a);
            f(b);
        }
        ExprKind::Conditional(a, b, c) => [a, b, c].into_iter().for_each(|part| f(part)),
        ExprKind::List(list)
        | ExprKind::Tuple(list)
        | ExprKind::Set(list)
        | ExprKind::And(list)
        | ExprKind::Or(list) => {
            list.iter().for_each(f);
        }
        ExprKind::Dict(entries) => entries.iter().for_each(|(key, value)| {
            key.iter().for_each(&mut *f);
            f(value);
        }),
        ExprKind::Compare(left, tests) => {
            f(left);
            for (_, right) in tests {
                f(right);
            }
        }
        ExprKind::Format(parts) => parts.iter().for_each(|part| {
            if let FormatPart::Value(inner, _) = part {
                f(inner);
            }
        }),
        _ => {}
    }
}

/// Whether an expression has one of these names in it, or something that names are not looked for in.
fn names_one(expr: &Expr, names: &BTreeSet<String>, depth: usize) -> bool {
    match &expr.kind {
        _ if depth > MAX_DEPTH => true,
        ExprKind::Name(name) => names.contains(&**name),
        ExprKind::Comprehension(..) | ExprKind::Lambda(_) | ExprKind::Other => true,
        _ => {
            let mut found = false;
            each_part(expr, &mut |part| found |= names_one(part, names, depth + 1));
            found
        }
    }
}

/// The argument at a place, or by a name.
fn argument<'e>(arguments: &'e [Argument], place: usize, name: &str) -> Option<&'e Expr> {
    let by_name = arguments.iter().find(|it| matches!(&it.name, ArgumentName::Named(known) if **known == *name));
    let at_place = || arguments.get(place).filter(|it| it.name == ArgumentName::Place);
    by_name.or_else(at_place).map(|argument| &argument.value)
}

impl Facts<'_, '_, '_> {
    fn token(&mut self, call: &Expr, locals: &BTreeSet<String>) {
        let ExprKind::Call(function, arguments) = &call.kind else { return };
        if names_one(function, locals, 0) {
            return;
        }
        let Py::Ext(name) = self.interp.evaluate(self.space, function).py else { return };
        let signs = match &*name {
            "jwt.encode" | "jose.jwt.encode" => true,
            "jwt.decode" | "jose.jwt.decode" => false,
            _ => return,
        };
        let at = Loc::new(self.file, call.span);
        let value = |facts: &mut Self, expr: Option<&Expr>| {
            let expr = expr.filter(|expr| !names_one(expr, locals, 0))?;
            Some(facts.interp.evaluate(facts.space, expr))
        };
        let key = value(self, argument(arguments, 1, "key"));
        let algorithm = argument(arguments, 2, if signs { "algorithm" } else { "algorithms" });
        let algorithms = value(self, algorithm);
        let open = arguments.iter().any(|it| matches!(it.name, ArgumentName::Rest | ArgumentName::RestByName));
        let none = algorithms.as_ref().is_some_and(|val| self.names_none(val));
        let options = value(self, argument(arguments, usize::MAX, "options"));
        let verify = value(self, argument(arguments, usize::MAX, "verify"));
        let off = options.as_ref().and_then(|val| self.option(val, "verify_signature")).or(verify);
        let off = off.filter(|val| !signs && !open && self.interp.truth_of(val) == Some(false));
        let lasts = options.as_ref().and_then(|val| self.option(val, "verify_exp"));
        let lasts = lasts.filter(|val| !signs && !open && self.interp.truth_of(val) == Some(false));
        let empty = key.as_ref().filter(|val| is_empty(val) && val.source == Source::Literal).map(|val| val.at);
        let named = algorithms.as_ref().and_then(Val::as_str).unwrap_or_default().to_owned();
        let values = vec![
            ("algorithm", Value::text(named)),
            ("takes_any_algorithm", Value::Bool(none)),
            ("verifies", Value::Bool(off.is_none())),
            ("verifies_expiry", Value::Bool(lasts.is_none())),
            ("key_is_empty", Value::Bool(empty.is_some())),
        ];
        let label = if signs { "encode" } else { "decode" };
        let Some(scope) = self.push("token", label, ScopeId(0), at, values) else { return };
        if none && let Some(val) = &algorithms {
            self.put(scope, "takes_any_algorithm", Value::Bool(true), val.at);
        }
        if let Some(val) = off {
            self.put(scope, "verifies", Value::Bool(false), val.at);
        }
        if let Some(val) = lasts {
            self.put(scope, "verifies_expiry", Value::Bool(false), val.at);
        }
        if let Some(at) = empty {
            self.put(scope, "key_is_empty", Value::Bool(true), at);
        }
        if let Some(key) = key {
            let shown = argument(arguments, 1, "key").map(last_name).unwrap_or_default();
            self.key("token", &shown, scope, &key);
        }
    }

    fn names_none(&mut self, val: &Val) -> bool {
        let is_none = |val: &Val| val.as_str().is_some_and(|text| text.eq_ignore_ascii_case("none"));
        if is_none(val) {
            return true;
        }
        matches!(self.interp.items(val).as_slice(), [(_, Ok(list))] if list.iter().any(is_none))
    }

    fn option(&self, val: &Val, name: &str) -> Option<Val> {
        let Py::Ref(id) = val.py else { return None };
        match self.interp.objects(id).as_slice() {
            [(_, Obj::Dict(dict))] if dict.open.is_none() => dict.text(name).cloned(),
            _ => None,
        }
    }

    /// `CryptContext(schemes=[…])` of passlib.
    fn hashing(&mut self) {
        let calls = self.calls.iter().filter(|call| &*call.name == "passlib.context.CryptContext");
        let calls: Vec<_> = calls.map(|call| (call.at, call.args.clone())).collect();
        for (at, args) in calls {
            let Some(schemes) = args.get(0, "schemes").cloned().filter(|_| args.open.is_none()) else { continue };
            let names = match (schemes.as_str(), self.interp.items(&schemes).as_slice()) {
                (Some(text), _) => text.split(',').map(|part| part.trim().to_owned()).collect(),
                (None, [(_, Ok(list))]) => list.iter().filter_map(Val::as_str).map(str::to_owned).collect::<Vec<_>>(),
                _ => continue,
            };
            let default = args.named("default").and_then(Val::as_str).map(str::to_owned);
            let Some(scheme) = default.or_else(|| names.first().cloned()) else { continue };
            let rounds = ["bcrypt__rounds", "bcrypt__default_rounds"].iter().find_map(|name| args.named(name));
            let values = vec![
                ("scheme", Value::text(scheme.as_str())),
                ("is_weak", Value::Bool(is_weak(&scheme))),
                ("rounds", Value::Int(rounds.and_then(Val::as_int).unwrap_or(0))),
            ];
            let Some(scope) = self.push("hashing", &scheme, ScopeId(0), at, values) else { continue };
            self.put(scope, "is_weak", Value::Bool(is_weak(&scheme)), schemes.at);
            if let Some(val) = rounds {
                self.put(scope, "rounds", Value::Int(val.as_int().unwrap_or(0)), val.at);
            }
        }
    }
}

fn is_empty(val: &Val) -> bool {
    val.as_str() == Some("") || matches!(&val.py, Py::Bytes(bytes) if bytes.is_empty())
}

/// Whether a scheme of passlib is fast, or none at all.
fn is_weak(scheme: &str) -> bool {
    const FAST: &[&str] = &[
        "apr_md5_crypt",
        "bigcrypt",
        "bsdi_crypt",
        "crypt16",
        "des_crypt",
        "django_disabled",
        "django_salted_md5",
        "django_salted_sha1",
        "lmhash",
        "md5_crypt",
        "mysql323",
        "mysql41",
        "nthash",
        "plaintext",
        "unix_disabled",
    ];
    FAST.contains(&scheme)
        || scheme.starts_with("hex_")
        || scheme.starts_with("ldap_") && scheme.ends_with("md5")
        || scheme == "ldap_plaintext"
}

fn last_name(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Name(name) | ExprKind::Attribute(_, name) => name.to_string(),
        _ => "key".to_owned(),
    }
}
