//! Secrets that stand in a project's files: one scope for each place where one opens a service or signs for it, with all that
//! holds it for that, and one for each value or default that only clients hold.

use super::images::{self, Class};
use super::interpolate::{self, Environment};
use super::keys::SECRET;
use super::load::Loaded;
use super::resolve::{Service, Variable, set};
use crate::formats::{airflow, label};
use crate::model::{Model, Node, Origin, Scope, ScopeId, Str, Text, Value};
use crate::secrets;
use crate::text::{Loc, Span};
use crate::workspace::Reader;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Defaults nested deeper than this are not looked into.
const MAX_DEPTH: usize = 4;

/// What a secret is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Purpose {
    /// Nothing at hand checks it.
    #[default]
    Client,
    /// The service that holds it signs, encrypts or keeps sessions with it.
    Key,
    /// It lets into a service that holds it.
    Server,
}

/// A secret, and the places that hold it.
#[derive(Default)]
struct Secret {
    cause: Cause,
    name: Str,
    name_at: Option<Loc>,
    holder: String,
    /// The services that it is given to, those first that it opens.
    services: BTreeSet<(Reverse<Purpose>, String)>,
    places: Vec<Node>,
    /// Where those stand.
    known: BTreeSet<Loc>,
    known_default: bool,
    guessable: bool,
    purpose: Purpose,
    /// What it is for in the services that hold it and can be reached.
    reached: BTreeSet<Purpose>,
}

/// How a secret is written, what it is, and for defaults the variable: what is one cause.
type Cause = (&'static str, Str, Str);

/// A service that is looked at.
#[derive(Clone, Copy)]
struct Holder<'s> {
    service: &'s Service<'s>,
    exposed: bool,
    /// What of it is looked at: a variable, or a key.
    part: &'s str,
    /// What the secrets of a key are for; those of a variable are for what its name says.
    fixed: Option<Purpose>,
    /// Whether its secrets are the names of their users, which is what is tried first.
    is_user: bool,
}

impl Holder<'_> {
    /// What its secrets are for: asked for those that are found, as most variables hold none.
    fn purpose(self) -> Purpose {
        self.fixed.unwrap_or_else(|| purpose(self.service, self.part))
    }
}

/// Adds the secrets of all services to the model.
pub(super) fn fill(
    reader: &Reader<'_>,
    model: &mut Model,
    loaded: &Loaded,
    services: &[Service<'_>],
    exposed: &BTreeMap<ScopeId, bool>,
) {
    let mut found = Found::default();
    let configs = loaded.root.value.entry("configs");
    for service in services {
        let is_exposed = |service: &Service<'_>| exposed.get(&service.id).copied().unwrap_or(false);
        // The service that makes the accounts of Airflow ends; the one that asks for them is another of the same image.
        let exposed = is_exposed(service)
            || service.environment.iter().any(|it| &*it.name == "_AIRFLOW_WWW_USER_PASSWORD")
                && services.iter().any(|other| is_exposed(other) && serves_airflow(other) && is_alike(service, other));
        for variable in service.environment.iter().filter(|it| may_be_secret(it)) {
            let holder = Holder { service, exposed, part: &variable.name, fixed: None, is_user: false };
            found.variable(reader, holder, variable, &loaded.environment);
        }
        found.arguments(reader, service, exposed, &loaded.environment);
        found.service(reader, service, exposed, &loaded.environment);
        found.contents(configs, service, exposed);
    }
    found.gather();
    found.join();
    for secret in &found.secrets {
        add(model, secret);
    }
}

/// Whether a service is the one of Airflow that people log in to.
fn serves_airflow(service: &Service<'_>) -> bool {
    let words = service.node.value.entry("command").and_then(|node| node.value.as_list()).unwrap_or_default();
    let mut words = words.iter().filter_map(|word| word.value.as_str()).flat_map(str::split_whitespace);
    words.any(|word| matches!(word, "webserver" | "api-server" | "standalone"))
}

/// Whether two services are of one image.
fn is_alike(one: &Service<'_>, other: &Service<'_>) -> bool {
    let image = |service: &Service<'_>| service.node.value.entry("image").map(|node| node.value.clone());
    let build = |service: &Service<'_>| {
        let build = service.node.value.entry("build")?;
        build.value.entry("context").or(Some(build)).map(|node| node.value.clone())
    };
    image(one).is_some() && image(one) == image(other) || build(one).is_some() && build(one) == build(other)
}

/// What makes a scope the same over time: a secret is that of the service that it is given to, of several that which it
/// opens, else the first by name, so that their order does not matter.
pub(super) fn identity(model: &Model, id: ScopeId) -> Vec<Str> {
    let mut words = label(model, id);
    if let Some(Value::List(services)) = model.get(id, "given_to") {
        words.splice(0..0, services.first().and_then(|node| node.value.as_str()).map(Str::from));
    }
    words
}

fn add(model: &mut Model, secret: &Secret) {
    let Some(first) = secret.places.first() else { return };
    let mut scope = Scope::new(SECRET, secret.name.clone(), Some(model.focus), first.at);
    scope.label_at = secret.name_at.unwrap_or(first.at);
    let id = model.push(scope);
    let from: Vec<Loc> = secret.places.iter().map(|place| place.at).collect();
    let fact = |value: Value| Node::derived(value, first.at, from.clone());
    set(model, id, "written", fact(Value::text(secret.cause.0)));
    set(model, id, "known_default", fact(Value::Bool(secret.known_default)));
    let plain = |value: Value| Node::derived(value, first.at, Vec::new());
    let (purpose, exposed) = match secret.purpose {
        Purpose::Client => ("", !secret.reached.is_empty()),
        Purpose::Key => ("key", !secret.reached.is_empty()),
        Purpose::Server => ("server", secret.reached.contains(&Purpose::Server)),
    };
    let strength = match secret.guessable {
        _ if secrets::is_template(&secret.cause.1) => "template",
        true => "guessable",
        false => "fixed",
    };
    set(model, id, "exposed", plain(Value::Bool(exposed)));
    set(model, id, "given_to_browsers", plain(Value::Bool(secrets::is_given_to_browsers(&secret.name))));
    set(model, id, "holder", plain(Value::text(secret.holder.as_str())));
    set(model, id, "purpose", plain(Value::text(purpose)));
    set(model, id, "strength", plain(Value::text(strength)));
    let services = secret.services.iter().map(|(_, service)| plain(Value::text(service.as_str())));
    set(model, id, "given_to", plain(Value::List(services.collect())));
    set(model, id, "secret_values", fact(Value::List(secret.places.clone())));
}

#[derive(Default)]
struct Found {
    secrets: Vec<Secret>,
    /// Those of each cause, by the place where it opens something or signs; without one where clients hold it.
    by_cause: BTreeMap<Cause, BTreeMap<Option<Loc>, usize>>,
}

impl Found {
    fn put(&mut self, cause: Cause, name: &str, place: Node, known_default: bool, holder: Holder<'_>) {
        let next = self.secrets.len();
        let slots = self.by_cause.entry(cause.clone()).or_default();
        // What several services have from one place is one secret, whatever it is for in each.
        let of_place = |slot: &&usize| self.secrets.get(**slot).is_some_and(|it| it.known.contains(&place.at));
        let known = slots.get(&Some(place.at)).or_else(|| slots.get(&None).filter(of_place)).copied();
        // A default is one by its variable, which is what is mended.
        let own = (cause.0 != "default" && holder.purpose() != Purpose::Client).then_some(place.at);
        let slot = known.unwrap_or_else(|| *slots.entry(own).or_insert(next));
        if own.is_some() {
            slots.insert(own, slot);
        }
        if slot == next {
            self.secrets.push(Secret { cause, ..Secret::default() });
        }
        let Some(secret) = self.secrets.get_mut(slot) else { return };
        // The place that gives the value its meaning is the one to mend first.
        let leads = (known_default, holder.purpose()) > (secret.known_default, secret.purpose);
        if secret.places.is_empty() || leads {
            secret.name = name.into();
            secret.name_at = place.name_at;
            secret.holder = format!("{} of {}", holder.part, holder.service.name);
        }
        secret.services.insert((Reverse(holder.purpose()), holder.service.name.to_string()));
        secret.known_default |= known_default;
        secret.purpose = secret.purpose.max(holder.purpose());
        secret.guessable |= holder.is_user || is_guessable(holder.service, &secret.cause.1);
        if holder.exposed {
            secret.reached.insert(holder.purpose());
        }
        match (secret.known.insert(place.at), leads) {
            (true, true) => secret.places.insert(0, place),
            (true, false) => secret.places.push(place),
            // What leads only ever rises, so that this search is made a few times for a secret and not for each place.
            (false, true) => {
                if let Some(known) = secret.places.iter().position(|known| known.at == place.at) {
                    secret.places.swap(0, known);
                }
            }
            (false, false) => {}
        }
    }

    /// Puts what clients hold to what the same value is for elsewhere: to that of the first service by name.
    fn gather(&mut self) {
        for slots in std::mem::take(&mut self.by_cause).into_values() {
            let Some(&clients) = slots.get(&None) else { continue };
            let services = |slot: usize| self.secrets.get(slot).map(|secret| secret.services.clone());
            let others = slots.values().copied().filter(|slot| *slot != clients);
            let Some(into) = others.min_by_key(|slot| services(*slot)) else { continue };
            let held =
                self.secrets.get_mut(clients).filter(|secret| secret.purpose == Purpose::Client).map(std::mem::take);
            if let (Some(held), Some(into)) = (held, self.secrets.get_mut(into)) {
                into.places.extend(held.places);
                into.services.extend(held.services);
                into.reached.extend(held.reached);
                into.guessable |= held.guessable;
            }
        }
    }

    /// Puts what clients hold to the server that checks it, and defaults that nothing checks together by their value:
    /// `"postgres"` of one database is one fault, however its clients call it.
    fn join(&mut self) {
        let mut servers: BTreeMap<Str, usize> = BTreeMap::new();
        for (slot, secret) in self.secrets.iter().enumerate() {
            let told = secret.cause.0 != "file" || secret.known_default;
            if secret.purpose == Purpose::Server && told {
                servers.entry(secret.cause.1.clone()).or_insert(slot);
            }
        }
        let mut clients: BTreeMap<Str, usize> = BTreeMap::new();
        for slot in 0..self.secrets.len() {
            let Some(secret) = self.secrets.get(slot) else { continue };
            let (written, value, _) = &secret.cause;
            if secret.purpose != Purpose::Client || *written == "file" {
                continue;
            }
            let server = servers.get(value).or_else(|| servers.get(quoted_password(value)?)).copied();
            let into = match server {
                Some(server) => server,
                None if *written == "default" => *clients.entry(value.clone()).or_insert(slot),
                None => slot,
            };
            if into == slot {
                continue;
            }
            let places = self.secrets.get_mut(slot).map(|secret| std::mem::take(&mut secret.places));
            if let Some(into) = self.secrets.get_mut(into) {
                into.places.extend(places.unwrap_or_default());
            }
        }
    }

    fn variable(&mut self, reader: &Reader<'_>, holder: Holder<'_>, it: &Variable, project: &Environment) {
        let Some(value) = it.node.value.as_str() else { return };
        // PostgREST does not start with one that is shorter, so that nothing is signed with it.
        let image =
            || images::reference(&holder.service.node.value.entry("image")?.value).as_deref().map(images::base_name);
        if &*it.name == "PGRST_JWT_SECRET" && value.chars().count() < 32 && image().as_deref() == Some("postgrest") {
            return;
        }
        let known_default = is_known_default(holder.service, it, value) && holder.purpose() == Purpose::Server;
        let from_file = it.from_file || it.node.origin == Origin::Environment;
        self.setting(reader, holder, &it.name, &it.node, (known_default, from_file), project);
    }

    /// A value under a name: known to everybody or not, and from a file of variables or not.
    fn setting(
        &mut self,
        reader: &Reader<'_>,
        holder: Holder<'_>,
        name: &str,
        node: &Node,
        (known_default, from_file): (bool, bool),
        project: &Environment,
    ) {
        let Some(value) = node.value.as_str().filter(|value| !value.is_empty()) else { return };
        let whole = value;
        let form = if known_default || is_secret(name, whole) { None } else { secrets::secret_in(whole) };
        let (value, holder) = match &form {
            None if !known_default && !is_secret(name, whole) => return,
            None => (whole, holder),
            // Whatever it is called, it is for whom the address names.
            Some(part) => {
                let value = whole.get(part.clone()).unwrap_or_default();
                let before = whole.get(..part.start).unwrap_or_default().trim_end_matches(':');
                let is_user = before.rsplit('/').next() == Some(value);
                (value, Holder { fixed: Some(Purpose::Client), is_user, ..holder })
            }
        };
        let place = |at: Loc| {
            let at = form.as_ref().and_then(|part| narrowed(reader, at, whole, part)).unwrap_or(at);
            Node { value: Value::text(value), at, ..node.clone() }
        };
        let written = if from_file {
            "file"
        } else if interpolate::expressions(reader.slice(node.at)).is_empty() {
            "literal"
        } else {
            // A default in use is told where defaults are looked for.
            if let Some((variable, span)) = whole_default(reader, node, project) {
                let place = place(Loc::new(node.at.file, span));
                self.put(("default", value.into(), variable.as_str().into()), &variable, place, known_default, holder);
            }
            return;
        };
        self.put((written, value.into(), "".into()), name, place(node.at), known_default, holder);
    }

    /// Private keys in configuration files whose text stands in the project.
    fn contents(&mut self, configs: Option<&Node>, service: &Service<'_>, exposed: bool) {
        let given = service.node.value.entry("configs").and_then(|node| node.value.as_list()).unwrap_or_default();
        for config in given {
            let Some(name) = config.value.entry("source").and_then(|node| node.value.as_str()) else { continue };
            let content = configs.and_then(|all| all.value.entry(name)?.value.entry("content"));
            let Some((content, text)) = content.and_then(|node| Some((node, node.value.as_str()?))) else { continue };
            if secrets::private_key(text).is_some() {
                let holder = Holder { service, exposed, part: "configs", fixed: Some(Purpose::Server), is_user: false };
                self.put(("literal", text.into(), "".into()), name, content.clone(), false, holder);
            }
        }
    }

    /// What a build is given as arguments: it stands in the history of the image.
    fn arguments(&mut self, reader: &Reader<'_>, service: &Service<'_>, exposed: bool, project: &Environment) {
        let build = service.node.value.entry("build");
        let Some(Value::Map(arguments)) = build.and_then(|build| build.value.entry("args")).map(|node| &node.value)
        else {
            return;
        };
        for argument in arguments {
            let holder = Holder { service, exposed, part: &argument.key, fixed: Some(Purpose::Client), is_user: false };
            self.setting(reader, holder, &argument.key, &argument.node, (false, false), project);
        }
    }

    /// The defaults of variables with a secret's name, where they give the service one: what else uses them, such as a
    /// check of its health, sets nothing.
    fn service(&mut self, reader: &Reader<'_>, service: &Service<'_>, exposed: bool, environment: &Environment) {
        if let Some(Value::Map(entries)) = service.node.value.entry("environment").map(|node| &node.value) {
            for entry in entries.iter().filter(|entry| written_with_variable(reader, &entry.node)) {
                let holder = Holder { service, exposed, part: &entry.key, fixed: None, is_user: false };
                self.defaults(reader, &entry.node, holder, environment);
            }
        }
        let store = image(service).as_deref().and_then(images::class) == Some(Class::Store);
        let fixed = Some(if store { Purpose::Server } else { Purpose::Client });
        for part in ["command", "entrypoint"] {
            if let Some(node) = service.node.value.entry(part) {
                let holder = Holder { service, exposed, part, fixed, is_user: false };
                self.defaults(reader, node, holder, environment);
                for word in node.value.as_list().unwrap_or_default() {
                    self.defaults(reader, word, holder, environment);
                }
            }
        }
    }

    fn defaults(&mut self, reader: &Reader<'_>, node: &Node, holder: Holder<'_>, environment: &Environment) {
        if written_with_variable(reader, node) {
            self.text(reader.slice(node.at), node.at, holder, environment, 0);
        }
    }

    fn text(&mut self, raw: &str, at: Loc, holder: Holder<'_>, environment: &Environment, depth: usize) {
        for expression in interpolate::expressions(raw) {
            let operator = expression.operator;
            if !matches!(operator, "-" | ":-") || is_set(environment, expression.name, operator) {
                continue;
            }
            let end = expression.range.end - 1;
            let start = end.saturating_sub(expression.argument.len());
            let base = at.span.start as usize;
            let place = Loc::new(at.file, Span::new(base + start, base + end));
            if expression.argument.contains("${") {
                if depth < MAX_DEPTH {
                    self.text(expression.argument, place, holder, environment, depth + 1);
                }
            } else if is_secret(expression.name, expression.argument) {
                let key = if is_key(holder.service, expression.name) { Purpose::Key } else { Purpose::Client };
                let holder = Holder { fixed: Some(holder.purpose().max(key)), ..holder };
                let cause = ("default", expression.argument.into(), expression.name.into());
                let value = Value::text(expression.argument);
                let place = Node { value, origin: Origin::Set, at: place, name_at: None };
                self.put(cause, expression.name, place, false, holder);
            }
        }
    }
}

/// Whether a variable's name lets it hold a secret, or its value has the form of one.
fn may_be_secret(variable: &Variable) -> bool {
    // What AWS calls the key, and not the key: it is drawn by AWS, and shown in its pages and logs.
    if variable.node.value.as_str().is_some_and(secrets::is_key_id) {
        return false;
    }
    variable.secret
        || images::password_of(&variable.name).is_some()
        || variable.node.value.as_str().is_some_and(|value| secrets::secret_in(value).is_some())
}

/// Where a part of a value stands, if the value stands in the file as it is.
fn narrowed(reader: &Reader<'_>, at: Loc, value: &str, part: &Range<usize>) -> Option<Loc> {
    let start = at.span.start as usize + reader.slice(at).find(value)?;
    Some(Loc::new(at.file, Span::new(start + part.start, start + part.end)))
}

/// Whether a value is written with a variable in it that may have a default.
fn written_with_variable(reader: &Reader<'_>, node: &Node) -> bool {
    matches!(node.value, Value::Text(_)) && node.origin == Origin::Set && reader.slice(node.at).contains("${")
}

fn image<'l>(service: &Service<'l>) -> Option<Cow<'l, str>> {
    service.node.value.entry("image").and_then(|node| images::reference(&node.value))
}

/// Whether a name is that of a key of the service's own; `X_SECRET_KEY` beside `X_ACCESS_KEY` is a login elsewhere.
fn is_key(service: &Service<'_>, name: &str) -> bool {
    let access = name.replace("SECRET", "ACCESS").replace("Secret", "Access");
    secrets::is_key_name(name) && !service.environment.iter().any(|it| access != name && *it.name == *access)
}

/// What a variable's secret is for in a service.
fn purpose(service: &Service<'_>, name: &str) -> Purpose {
    let known = images::password_of(name).is_some();
    if !known && is_key(service, name) {
        return Purpose::Key;
    }
    let reference = image(service);
    let reference = reference.as_deref();
    let server = if secrets::is_for_another_service(name) {
        // Servers that speak the protocol of S3 take the names of its clients' variables.
        reference.map(images::base_name).is_some_and(|name| name.contains("seaweedfs") || name.contains("garage"))
    } else {
        let store = reference.and_then(images::class) == Some(Class::Store);
        match images::makes_account(name, reference, service.name) {
            Some(makes) => makes && (known || store),
            None => known || store || secrets::is_administrators(name),
        }
    };
    if server { Purpose::Server } else { Purpose::Client }
}

/// Whether a value is a common word, with or without digits behind it, or a name that stands beside it.
fn is_guessable(service: &Service<'_>, value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    secrets::is_guessable(value)
        || lower == service.name.to_ascii_lowercase()
        || image(service).is_some_and(|reference| images::base_name(&reference) == lower)
        || service.beside().make(value)
}

/// The password in a record in JSON, as in `{"username": "a", "password": "b"}`.
fn quoted_password(value: &str) -> Option<&str> {
    if !value.starts_with('{') {
        return None;
    }
    let mut parts = value.split('"');
    parts.find(|part| secrets::is_secret_name(part))?;
    parts.nth(1)
}

/// Whether a value under a name is a secret, and not the example of one that is only had from somebody else.
fn is_secret(name: &str, value: &str) -> bool {
    let example = secrets::is_placeholder(value)
        && secrets::is_for_another_service(name)
        && !secrets::is_published_example(value);
    let literal = secrets::is_literal(value) && !secrets::is_choice(name, value);
    let secret = secrets::is_secret_name(name) && !airflow::names_where_it_is_kept(name);
    secret && (literal || is_left_in(name, value)) && !example
}

/// Whether a value in angle brackets was to be filled in and is in force as it stands; no program takes one for a key of
/// Fernet, which has a form.
fn is_left_in(name: &str, value: &str) -> bool {
    let inner = value.strip_prefix('<').and_then(|value| value.strip_suffix('>'));
    inner.is_some_and(|inner| !inner.is_empty() && !inner.contains(['<', '>'])) && !name.contains("FERNET")
}

/// Whether a variable has a value, so that its default is not used.
fn is_set(environment: &Environment, name: &str, operator: &str) -> bool {
    environment.get(name).is_some_and(|variable| match &variable.value {
        Text::Known(value) => !value.is_empty() || operator == "-",
        Text::Pieces(_) => true,
    })
}

/// The variable and the default's place, where a value is all one default that is in use.
fn whole_default(reader: &Reader<'_>, node: &Node, environment: &Environment) -> Option<(String, Span)> {
    let raw = reader.slice(node.at);
    let expressions = interpolate::expressions(raw);
    let [expression] = expressions.as_slice() else { return None };
    let quoted = raw.trim_matches(['"', '\'']);
    let whole = expression.range.len() == quoted.len();
    let default = matches!(expression.operator, "-" | ":-") && !expression.argument.contains("${");
    if !whole || !default || is_set(environment, expression.name, expression.operator) {
        return None;
    }
    let end = node.at.span.start as usize + expression.range.end - 1;
    Some((expression.name.to_owned(), Span::new(end - expression.argument.len(), end)))
}

/// Whether a variable gives a server a password that everybody knows.
fn is_known_default(service: &Service<'_>, variable: &Variable, value: &str) -> bool {
    let named = |name: &str| service.environment.iter().find(|it| &*it.name == name)?.node.value.as_str();
    images::is_published(&variable.name, value, &named)
}
