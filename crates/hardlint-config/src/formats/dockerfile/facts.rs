//! What follows from the whole: who the container runs as, what is copied into it, which values are secrets.

use super::images::{self, BaseUser};
use super::instruction::Op;
use super::keys::kinds;
use super::pins;
use super::resolve::{Built, set};
use super::starting;
use super::syntax::{File, Keyword};
use super::{context, credentials, sensitive};
use crate::loader;
use crate::model::{Model, Node, Origin, Piece, ScopeId, Text, Value, Why};
use crate::programs;
use crate::schema::KindId;
use crate::secrets;
use crate::text::Loc;
use crate::workspace::Reader;

/// Adds the facts.
pub(super) fn add(
    reader: &Reader<'_>,
    (parsed, ops): (&File, &[Option<Op>]),
    built: &[Built],
    (context, env_files): (Option<&str>, &[String]),
    model: &mut Model,
) {
    for stage in built {
        users(stage, model);
        starting::add(reader, stage, model);
    }
    variables(model);
    host_variables(model);
    secret_values(model);
    consumed(reader, parsed, ops, model);
    for stage in built {
        locked_later(stage, model);
    }
    copies(reader, parsed, built, (context, env_files), model);
    handed_on(built, model);
    credentials::written_keys(reader, parsed, model);
    pins::of_sources(model);
}

/// What a user is called; `None` where that is unknown.
fn user_name(value: &Value) -> Result<&str, Why> {
    let text = match value {
        Value::Text(Text::Known(text)) => text,
        Value::Text(Text::Pieces(pieces)) => match pieces.iter().next() {
            // The user is known where only the group is not.
            Some(Piece::Known(text)) if text.contains(':') => text,
            _ => {
                let why = pieces.iter().find_map(|piece| match piece {
                    Piece::Hole(why) => Some(why.clone()),
                    Piece::Known(_) => None,
                });
                return Err(why.unwrap_or(Why::Runtime("the user".into())));
            }
        },
        Value::Unknown(why) => return Err(why.clone()),
        _ => return Err(Why::Runtime("the user".into())),
    };
    Ok(text.split(':').next().unwrap_or(text).trim())
}

/// Whether a user is root.
pub(super) fn is_root(user: &str) -> bool {
    user == "root"
        || user.eq_ignore_ascii_case("ContainerAdministrator")
        || !user.is_empty() && user.bytes().all(|byte| byte == b'0')
}

pub(super) fn fact(value: Value, at: Loc) -> Node {
    Node::derived(value, at, vec![at])
}

pub(super) fn yes(at: Loc) -> Node {
    fact(Value::Bool(true), at)
}

/// Who the container runs as, and how it came to that.
fn users(stage: &Built, model: &mut Model) {
    let id = stage.scope;
    let base = stage.image.as_ref().map(|(image, at)| match image {
        Text::Known(name) => (images::user(name), *at, name.to_string()),
        Text::Pieces(_) => (None, *at, String::new()),
    });
    let header = model.scope(id).map(|scope| scope.at);
    let node = match (&stage.config.user, &base) {
        (Some(node), _) => match user_name(&node.value) {
            Ok("") => fact(Value::Unknown(Why::Runtime("an empty user".into())), node.at),
            Ok(user) => fact(Value::Bool(is_root(user)), node.at),
            Err(why) => fact(Value::Unknown(why), node.at),
        },
        (None, Some((Some(known), at, _))) => fact(Value::Bool(!matches!(known, BaseUser::Other(_))), *at),
        (None, Some((None, at, name))) => {
            fact(Value::Unknown(Why::Runtime(format!("the user of the image `{name}`").into())), *at)
        }
        // An image of files only, which others copy from, runs nothing.
        (None, None) if stage.config.cmd.is_none() && stage.config.entrypoint.is_none() => match header {
            Some(at) => fact(Value::Unknown(Why::Runtime("what the container starts".into())), at),
            None => return,
        },
        // On nothing at all, a container is root's.
        (None, None) => match header {
            Some(at) => yes(at),
            None => return,
        },
    };
    let who = match (&node.value, &stage.config.user, &base) {
        (Value::Unknown(why), ..) => Value::Unknown(why.clone()),
        (_, Some(user), _) => user.value.clone(),
        (_, None, Some((Some(BaseUser::Other(user)), ..))) => Value::text(*user),
        _ => Value::text("root"),
    };
    set(model, id, kinds::STAGE, "run_user", Node { value: who, ..node.clone() });
    set(model, id, kinds::STAGE, "run_user_is_root", node);
    if let Some((Some(BaseUser::RootThenDrops), at, _)) = &base
        && stage.config.entrypoint.is_none()
    {
        set(model, id, kinds::STAGE, "base_drops_privileges", yes(*at));
    }
    let named: Vec<(bool, Loc)> = stage
        .config
        .users
        .iter()
        .filter_map(|node| Some((is_root(user_name(&node.value).ok().filter(|name| !name.is_empty())?), node.at)))
        .collect();
    if let [.., (true, at)] = named.as_slice() {
        let before = named.iter().find(|(root, _)| !root).map(|(_, at)| *at);
        if let Some(before) = before {
            let node = Node::derived(Value::Bool(true), *at, vec![*at, before]);
            set(model, id, kinds::STAGE, "reset_to_root", node);
        }
    }
    let mine: Vec<(ScopeId, Loc)> = of_kind(model, stage.scopes, kinds::USER)
        .filter_map(|(id, scope)| {
            let node = model.lookup(id, model.format.schema.key(kinds::USER, "user")?).node?;
            is_root(user_name(&node.value).ok()?).then_some((id, scope))
        })
        .collect();
    for (id, at) in mine {
        set(model, id, kinds::USER, "is_root", yes(at));
    }
}

/// The scopes of one kind in a range, with their places.
pub(super) fn of_kind(
    model: &Model,
    (first, last): (usize, usize),
    kind: KindId,
) -> impl Iterator<Item = (ScopeId, Loc)> + '_ {
    let scopes = model.scopes.get(first..last).unwrap_or_default().iter().enumerate();
    scopes
        .filter(move |(_, scope)| scope.kind == kind)
        .filter_map(move |(index, scope)| Some((ScopeId(u32::try_from(first + index).ok()?), scope.at)))
}

/// Variables that switch off the checking of certificates.
fn variables(model: &mut Model) {
    for kind in [kinds::ENV, kinds::ARG] {
        let all = (0, model.scopes.len());
        let found: Vec<(ScopeId, Loc, Loc, String)> = of_kind(model, all, kind)
            .filter_map(|(id, at)| {
                let node = model.lookup(id, model.format.schema.key(kind, "value")?).node?;
                let name = &model.scope(id)?.label;
                Some((id, at, node.at, programs::unverified_variable(name, node.value.as_str()?)?))
            })
            .collect();
        for (id, at, value_at, text) in found {
            let span = if at.span < value_at.span { Loc::new(at.file, at.span.to(value_at.span)) } else { at };
            let node = Node::set(Value::text(text), span);
            set(model, id, kind, "tls_unverified", Node::derived(Value::List(vec![node]), span, vec![span]));
        }
    }
}

/// Variables that stop SSH from comparing the keys of machines.
fn host_variables(model: &mut Model) {
    let found: Vec<(ScopeId, Loc, String)> = of_kind(model, (0, model.scopes.len()), kinds::ENV)
        .filter_map(|(id, at)| {
            let value = model.get(id, "value").and_then(Value::as_str)?;
            Some((id, at, programs::unchecked_host_variable(&model.scope(id)?.label, value)?))
        })
        .collect();
    for (id, at, text) in found {
        set(model, id, kinds::ENV, "host_key_unchecked", fact(Value::text(text), at));
    }
}

/// What only sounds like a secret: fingerprints of public keys, which official images check their downloads with.
fn is_fingerprint(name: &str, value: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    // nginx's directives `uwsgi_pass` and its like name a server.
    ["UWSGI_PASS", "PROXY_PASS", "FASTCGI_PASS"].iter().any(|end| upper.ends_with(end))
        || upper.contains("GPG")
        || value.len() >= 32
            && value.bytes().all(|byte| byte.is_ascii_hexdigit())
            && name.to_ascii_uppercase().contains("KEY")
            && value.len() == 40
}

/// The login that Azure App Service publishes for its web console and asks of every image: nobody's secret, and nobody's
/// to change (learn.microsoft.com, "Configure a custom container").
const PLATFORMS_LOGIN: &str = "root:Docker!";

/// Whether a name is that of a password itself, and not of a key or of where a password is.
fn is_password_name(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default().to_ascii_lowercase();
    matches!(&*last, "password" | "passwd" | "pass" | "pwd")
}

/// Variables and build arguments that hold secrets.
fn secret_values(model: &mut Model) {
    for kind in [kinds::ENV, kinds::ARG] {
        let found: Vec<(ScopeId, Loc, Option<Node>)> = of_kind(model, (0, model.scopes.len()), kind)
            .filter_map(|(id, at)| {
                let name = &model.scope(id)?.label;
                let node = model.lookup(id, model.format.schema.key(kind, "value")?).node.cloned();
                let text = node.as_ref().and_then(|node| node.value.as_str()).unwrap_or_default();
                let is = secrets::is_secret_name(name) && !is_fingerprint(name, text) && !name.ends_with("_DUMMY")
                    || secrets::secret_in(text).is_some();
                is.then_some((id, at, node))
            })
            .collect();
        for (id, at, node) in found {
            set(model, id, kind, "secret", yes(at));
            let Some(node) = node else { continue };
            let Some(text) = node.value.as_str().map(str::to_owned) else { continue };
            // A value that another variable gives stands there, and is told of there.
            let names = secrets::is_name_of_secret(&text);
            let password = kind == kinds::ENV && model.scope(id).is_some_and(|scope| is_password_name(&scope.label));
            let literal = secrets::is_literal(&text) && (!names || password && !text.contains('.'));
            if text.is_empty() || node.origin != Origin::Set || !literal || text == PLATFORMS_LOGIN {
                continue;
            }
            if secrets::is_common_password(&text) {
                set(model, id, kind, "guessable", yes(node.at));
            }
            if kind == kinds::ENV && model.scope(id).is_some_and(|scope| secrets::is_key_name(&scope.label)) {
                set(model, id, kind, "signs", yes(node.at));
            }
            // `LANTERN_PASSWORD=lantern_pass` is one as well, and what the container starts with.
            if names || secrets::is_placeholder(&text) {
                set(model, id, kind, "placeholder", yes(node.at));
            }
            set(model, id, kind, "secret_value", node);
        }
    }
}

/// Whether build arguments are used after they are declared.
fn consumed(reader: &Reader<'_>, parsed: &File, ops: &[Option<Op>], model: &mut Model) {
    let uses = |text: &str, name: &str| {
        let bytes = text.as_bytes();
        memchr::memchr2_iter(b'$', b'{', bytes).any(|at| {
            let rest = bytes.get(at + 1..).and_then(|rest| rest.strip_prefix(name.as_bytes()));
            rest.is_some_and(|rest| rest.first().is_none_or(|byte| *byte != b'_' && !byte.is_ascii_alphanumeric()))
        })
    };
    let all: Vec<(ScopeId, String, u32)> = of_kind(model, (0, model.scopes.len()), kinds::ARG)
        .filter_map(|(id, at)| Some((id, model.scope(id)?.label.to_string(), at.span.start)))
        .take(500)
        .collect();
    let Some(file) = all.first().and_then(|(id, ..)| model.scope(*id)).map(|scope| scope.at.file) else { return };
    let source = reader.source(file);
    for (id, name, at) in all {
        let later = parsed.instructions.iter().zip(ops).filter(|(instruction, _)| instruction.extent.start > at);
        let stage = later.take_while(|(instruction, _)| instruction.keyword != Keyword::From);
        let mut runs =
            stage.clone().filter(|(instruction, _)| instruction.keyword == Keyword::Run && !instruction.trigger);
        // BuildKit writes all arguments that are declared by then before the command: `|1 NAME=value /bin/sh -c …`.
        if let (Some((run, _)), Some(scope)) = (runs.next(), model.scope(id)) {
            let at = scope.at;
            let node = Node::derived(Value::Bool(true), at, vec![at, Loc::new(at.file, run.keyword_at)]);
            set(model, id, kinds::ARG, "in_history", node);
        }
        let mut hit = None;
        for (instruction, _) in stage {
            // The text as it stands, heredocs included.
            if uses(source.slice(instruction.extent), &name) {
                hit = Some(instruction.args_at());
                break;
            }
        }
        if let (Some(hit), Some(scope)) = (hit, model.scope(id)) {
            let at = scope.at;
            let node = Node::derived(Value::Bool(true), at, vec![at, Loc::new(at.file, hit)]);
            set(model, id, kinds::ARG, "consumed", node);
        }
    }
}

/// The copies out of the folder that is built: their scopes, places and sources.
type FromContext = Vec<(ScopeId, Loc, String)>;

/// Says of each copy out of the folder that is built which folder that is, as far as it can be told; gives the copies and
/// the folder. Nothing where nothing is copied.
pub(super) fn contexts(
    reader: &Reader<'_>,
    context: Option<&str>,
    model: &mut Model,
) -> Option<(FromContext, Option<String>)> {
    let key = |name: &str| model.format.schema.key(kinds::COPY, name);
    let (source, from_context) = (key("source")?, key("from_context")?);
    let all = (0, model.scopes.len());
    let copies: FromContext = of_kind(model, all, kinds::COPY)
        .filter(|(id, _)| matches!(model.lookup(*id, from_context).node, Some(Node { value: Value::Bool(true), .. })))
        .filter_map(|(id, at)| Some((id, at, model.lookup(id, source).node?.value.as_str()?.to_owned())))
        .collect();
    if copies.is_empty() {
        return None;
    }
    let sources: Vec<&str> = copies.iter().map(|(_, _, source)| source.as_str()).collect();
    let folder = context.map(str::to_owned).or_else(|| context::folder(reader.loader, &model.path, &sources));
    if let Some(folder) = &folder {
        let text = if folder.is_empty() { "." } else { folder };
        for (id, at, _) in &copies {
            set(model, *id, kinds::COPY, "context", fact(Value::text(text), *at));
        }
    }
    Some((copies, folder))
}

/// The patterns of what a copy leaves out by its own word, `--exclude`.
fn excluded(parsed: &File, at: Loc) -> Vec<&str> {
    let inside = |instruction: &&super::syntax::Instruction| {
        instruction.extent.start <= at.span.start && at.span.end <= instruction.extent.end
    };
    let flags = parsed.instructions.iter().filter(inside).flat_map(|instruction| &instruction.flags);
    flags.filter(|flag| flag.name == "exclude").filter_map(|flag| Some(flag.value.as_ref()?.text())).collect()
}

/// What is copied from the folder that is built.
fn copies(
    reader: &Reader<'_>,
    parsed: &File,
    built: &[Built],
    (context, env_files): (Option<&str>, &[String]),
    model: &mut Model,
) {
    let Some((from_context, folder)) = contexts(reader, context, model) else { return };
    let path = model.path.clone();
    let file = folder.as_deref().and_then(|folder| context::dockerignore(reader.loader, &path, folder));
    let ignore = context::ignore(reader.loader, file.as_deref());
    for (id, at, source) in from_context {
        let clean = source.trim_start_matches("./").trim_matches('/');
        let whole = matches!(clean, "" | "." | "*");
        let left = excluded(parsed, at);
        let with_own = (!left.is_empty()).then(|| ignore.and(&left, if whole { "" } else { clean }));
        let ignore = with_own.as_ref().unwrap_or(&ignore);
        if let Some(file) = &file {
            set(model, id, kinds::COPY, "dockerignore", fact(Value::text(file.as_str()), at));
        }
        if whole {
            set(model, id, kinds::COPY, "whole_context", yes(at));
        } else if ignore.ignores(clean) {
            set(model, id, kinds::COPY, "ignored", yes(at));
        } else if let Some(what) = context::taken(reader.loader, &model.path, folder.as_deref(), clean, ignore) {
            set(model, id, kinds::COPY, "sensitive", fact(Value::text(what), at));
        } else if let Some(target) =
            model.get(id, "destination").and_then(Value::as_str).filter(|it| !it.ends_with('/'))
            && let Some(what) = sensitive::put_as(reader.loader, folder.as_deref(), clean, target)
        {
            set(model, id, kinds::COPY, "sensitive", fact(Value::text(what), at));
        }
        let Some(folder) = &folder else { continue };
        let is_folder = whole
            || loader::join(folder, clean)
                .and_then(|path| reader.loader.stat(&path))
                .is_some_and(|stat| stat.kind == loader::Kind::Folder);
        if is_folder {
            let below = if whole { "" } else { clean };
            let mut found = context::along(reader.loader, folder, below, ignore);
            found.announced.extend(context::awaited(reader.loader, folder, below, ignore, env_files));
            found.announced.sort_unstable();
            found.announced.dedup();
            for (name, found) in [("announced", found.announced), ("unignored", found.unignored)] {
                let nodes: Vec<Node> = found.into_iter().map(|path| fact(Value::text(path), at)).collect();
                if !nodes.is_empty() {
                    set(model, id, kinds::COPY, name, Node::derived(Value::List(nodes), at, vec![at]));
                }
            }
        }
    }
    owners(built, model);
    let folder = folder.as_deref();
    credentials::named(reader.loader, built, folder, &ignore, model);
}

/// Accounts whose password a step takes away, and that a later one locks.
fn locked_later(stage: &Built, model: &mut Model) {
    let text = |id: ScopeId, key: &str| model.get(id, key).and_then(Value::as_str).map(str::to_owned);
    let commands: Vec<(ScopeId, Loc)> = of_kind(model, stage.scopes, kinds::COMMAND).collect();
    let mut found = Vec::new();
    for (index, (id, _)) in commands.iter().enumerate() {
        let Some(account) = text(*id, "clears_password") else { continue };
        let mut later = commands.iter().skip(index + 1);
        let lock = later.find(|(other, _)| text(*other, "locks_account").is_some_and(|locked| locked == account));
        found.extend(lock.map(|(_, at)| (*id, *at)));
    }
    for (id, at) in found {
        set(model, id, kinds::COMMAND, "locked_later", yes(at));
    }
}

/// Copies into a stage whose folder a later stage takes over whole, and secrets that its steps leave there: they become part of
/// the image as well.
fn handed_on(built: &[Built], model: &mut Model) {
    let mut taken: Vec<(ScopeId, String)> = Vec::new();
    let mut found: Vec<(ScopeId, KindId, Loc)> = Vec::new();
    // A stage copies from those before it alone.
    for stage in built.iter().rev() {
        let in_image = model.get(stage.scope, "in_image") == Some(&Value::Bool(true));
        let copies: Vec<(ScopeId, Loc)> = of_kind(model, stage.scopes, kinds::COPY).collect();
        for (id, at) in copies {
            let text = |key: &str| model.get(id, key).and_then(Value::as_str);
            let lands = text("lands_at").unwrap_or_default().trim_end_matches('/');
            let goes_on = taken.iter().any(|(from, path)| *from == stage.scope && is_at_or_below(lands, path));
            if let Some(name) = text("from").filter(|_| in_image || goes_on) {
                let source = text("source").filter(|source| source.starts_with('/'));
                let number = name.parse::<usize>().ok().and_then(|number| built.get(number));
                let called =
                    |it: &&Built| model.scope(it.scope).is_some_and(|scope| scope.label.eq_ignore_ascii_case(name));
                let from = built.iter().find(called).or(number).map(|it| it.scope);
                taken.extend(from.zip(source.map(|source| source.trim_end_matches('/').to_owned())));
            } else if !in_image && goes_on {
                found.push((id, kinds::COPY, at));
            }
        }
        let left = |(id, at): (ScopeId, Loc)| {
            let path = model.get(id, "kept_at").and_then(Value::as_str)?;
            let goes_on = taken.iter().any(|(from, folder)| *from == stage.scope && is_at_or_below(path, folder));
            (goes_on && !in_image).then_some((id, kinds::COMMAND, at))
        };
        found.extend(of_kind(model, stage.scopes, kinds::COMMAND).filter_map(left));
    }
    for (id, kind, at) in found {
        set(model, id, kind, "handed_on", yes(at));
    }
}

fn is_at_or_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a command behind a copy gives the folder that it lies in to a user.
fn is_given_later(stage: &Built, model: &Model, copy: ScopeId, user: &str) -> bool {
    let lands = model.get(copy, "lands_at").and_then(Value::as_str).unwrap_or_default().trim_end_matches('/');
    of_kind(model, stage.scopes, kinds::COMMAND).filter(|(id, _)| *id > copy).any(|(id, _)| {
        let name = model.get(id, "name").and_then(Value::as_str);
        let words = model.get(id, "arguments").and_then(Value::as_list).unwrap_or_default();
        let words = words.iter().filter_map(|word| word.value.as_str());
        let (options, words): (Vec<&str>, Vec<&str>) = words.partition(|word| word.starts_with('-'));
        let is_whole = |word: &&str| *word == "--recursive" || (!word.starts_with("--") && word.contains('R'));
        let Some((owner, paths)) = words.split_first() else { return false };
        name == Some("chown")
            && options.iter().any(is_whole)
            && owner.split(':').next() == Some(user)
            && paths.iter().any(|path| path.starts_with('/') && is_at_or_below(lands, path.trim_end_matches('/')))
    })
}

/// Copies that belong to the user that the image runs as, by their own word alone: what a later `chown -R` gives to that
/// user belongs to it in any case.
fn owners(built: &[Built], model: &mut Model) {
    for stage in built {
        let Some(user) =
            stage.config.user.as_ref().and_then(|node| user_name(&node.value).ok()).filter(|user| !is_root(user))
        else {
            continue;
        };
        let Some(key) = model.format.schema.key(kinds::COPY, "chown") else { return };
        let mine: Vec<(ScopeId, Loc)> = of_kind(model, stage.scopes, kinds::COPY)
            .filter_map(|(id, _)| {
                let node = model.lookup(id, key).node?;
                let decides = user_name(&node.value).ok()? == user && !is_given_later(stage, model, id, user);
                decides.then_some((id, node.at))
            })
            .collect();
        for (id, at) in mine {
            set(model, id, kinds::COPY, "owner_runs", yes(at));
        }
    }
}
