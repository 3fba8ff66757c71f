//! What stands under the cursor: why a finding is one, and what a key is, has, and who set it.

use crate::client::Client;
use crate::names;
use crate::session::Session;
use hardlint_config::formats::{Printed, pg_hba};
use hardlint_config::model::{Model, Node, Origin, ScopeId, Value};
use hardlint_config::schema::KeyId;
use hardlint_config::secrets;
use hardlint_config::text::{FileId, Loc, Source, Span};
use hardlint_lint::Resolved;
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};
use std::fmt::Write as _;
use std::sync::Arc;

/// What is to be said of a place in an open document, if anything is.
pub(crate) fn hover(session: &Session, path: &str, position: Position, client: Client) -> Option<Hover> {
    let source = session.source(path)?;
    let offset = u32::try_from(client.encoding.offset(&source, position)).ok()?;
    let mut text = String::new();
    let mut place: Option<Span> = None;
    for finding in session.document(path).iter().flat_map(|document| &document.findings) {
        let span = finding.primary.span;
        if !touches(span, offset) {
            continue;
        }
        place = place.or(Some(span));
        let _ = write!(
            text,
            "**{}** {}: {}\n\n",
            finding.severity.name(),
            code(&finding.rule),
            secrets::hide(&finding.message)
        );
        let _ = write!(text, "{}\n\n", finding.why.trim());
        if let Some(fix) = &finding.fix {
            let _ = write!(text, "Fix: {}\n\n", secrets::hide(&fix.title));
        }
    }
    if let Some((span, about)) = about_key(session, path, offset) {
        if !text.is_empty() {
            text.push_str("---\n\n");
        }
        text.push_str(&about);
        place = Some(span);
    }
    let range = client.encoding.range(&source, place?);
    let contents =
        HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: text.trim_end().to_owned() });
    Some(Hover { contents, range: Some(range) })
}

/// Whether a cursor at `offset` is on it; one behind the last byte is.
fn touches(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

fn about_key(session: &Session, path: &str, offset: u32) -> Option<(Span, String)> {
    session.resolved(path).into_iter().find_map(|(_, Resolved { model, sources })| {
        let file = sources.iter().position(|source| &*source.path == path)?;
        let file = FileId(u32::try_from(file).ok()?);
        let (span, scope, key, node) = setting_at(model, sources, file, offset)?;
        Some((span, told(model, sources, scope, key, node)))
    })
}

/// The setting whose name or value stands at a place: the one that takes the least room.
fn setting_at<'m>(
    model: &'m Model,
    sources: &'m [Arc<Source>],
    file: FileId,
    offset: u32,
) -> Option<(Span, ScopeId, KeyId, &'m Node)> {
    let hit = |at: Loc| {
        let span = written(sources, at);
        (at.file == file && touches(span, offset)).then_some(span)
    };
    let whole = |node: &Node, name: Loc| {
        let value = hit(node.at).filter(|_| !matches!(node.value, Value::Map(_)));
        hit(name).or(value)
    };
    let mut best: Option<(Span, ScopeId, KeyId, &Node)> = None;
    for (scope, key, node, name) in settings(model, sources) {
        let Some(span) = whole(node, name) else { continue };
        if best.as_ref().is_none_or(|(least, ..)| span.end - span.start < least.end - least.start) {
            best = Some((span, scope, key, node));
        }
    }
    best
}

/// The settings that stand on lines of their own, also those that are overruled, each with the place of its name.
pub(crate) fn settings<'m>(
    model: &'m Model,
    sources: &'m [Arc<Source>],
) -> impl Iterator<Item = (ScopeId, KeyId, &'m Node, Loc)> {
    let written = |id: KeyId| model.format.schema.get(id).is_some_and(|key| !key.fact);
    // What a short spelling holds in parts is no line of its own, and what the program adds is none at all.
    let spelt = |key: KeyId, node: &Node| {
        let is_written = matches!(node.origin, Origin::Set | Origin::Environment);
        let name = if is_written { names::name_at(model, sources, key, node) } else { None };
        name.filter(|name| *name != node.at)
    };
    let own = (0_u32..).map(ScopeId).zip(&model.scopes);
    let own = own.flat_map(|(id, scope)| scope.own.iter().map(move |(key, node)| (id, key, node)));
    let lost = model.shadowed.iter().map(|(key, node)| (model.focus, *key, node));
    let listed = own.chain(lost).filter(move |(_, key, _)| written(*key));
    listed.filter_map(move |(scope, key, node)| Some((scope, key, node, spelt(key, node)?)))
}

fn told(model: &Model, sources: &[Arc<Source>], scope: ScopeId, key: KeyId, node: &Node) -> String {
    let name = name(model, sources, key, node);
    let mut text = format!("{} ", code(name));
    if let Some(listed) = model.format.schema.get(key) {
        let _ = write!(text, "{}", listed.doc);
    }
    let found = model.lookup(scope, key);
    let kind = model.scope(scope).map(|scope| (model.format.schema.kind(scope.kind).name, scope.label.trim()));
    let (kind, label) = kind.unwrap_or_default();
    let named = if label.is_empty() { String::new() } else { format!(" {}", code(&secrets::hide(label))) };
    let name = called(name, label);
    let printed =
        |value: &Value| printed(model, key, secret_of(sources, node).unwrap_or(name), value, is_quoted(sources, node));
    let _ = write!(
        text,
        "\n\nIn effect in {kind}{named}: {}",
        found.node.map_or_else(|| "nothing".to_owned(), |node| printed(&node.value))
    );
    // The address of a range says little without its other half.
    if let Some(mask) = model.get(scope, "netmask").and_then(Value::as_str).filter(|_| name == "address") {
        let _ = write!(text, " with the mask {}", code(mask));
    }
    let here = found.at == node.at;
    let _ = match found.origin {
        _ if here => write!(text, ", set here"),
        Origin::Default => write!(text, ", as nothing sets it"),
        Origin::Missing => Ok(()),
        Origin::Environment => write!(text, ", from a variable that {} sets", place(sources, found.at)),
        _ => write!(text, ", set by {}: this line does not decide", place(sources, found.at)),
    };
    if let Some(default) = model.defaults.get(key) {
        let _ = write!(text, "\n\nDefault: {}", printed(&default.value));
    }
    if let Some(listed) = model.format.schema.get(key).filter(|listed| !listed.url.is_empty()) {
        let _ = write!(text, "\n\n[{}]({})", model.format.title, listed.url);
    }
    text
}

/// The file that a place is in.
fn of(sources: &[Arc<Source>], at: Loc) -> Option<&Arc<Source>> {
    sources.get(at.file.0 as usize)
}

/// Where a place is in its document, which is not what was resolved where that is a template that was filled in.
pub(crate) fn written(sources: &[Arc<Source>], at: Loc) -> Span {
    let filled = of(sources, at).and_then(|source| source.filled.as_ref());
    filled.map_or(at.span, |filled| filled.written_at(at.span))
}

/// A place, as people write it.
pub(crate) fn placed(sources: &[Arc<Source>], at: Loc) -> String {
    let told = |source: &Arc<Source>| format!("{}:{}", source.path, source.position(at.span.start).line);
    of(sources, at).map(told).unwrap_or_default()
}

fn place(sources: &[Arc<Source>], at: Loc) -> String {
    code(&placed(sources, at))
}

/// As it is written: `PermitRootLogin`, or the name of a variable.
fn name<'n>(model: &'n Model, sources: &'n [Arc<Source>], key: KeyId, node: &Node) -> &'n str {
    // A record has no names but that of its type: its columns are called as PostgreSQL's view of them does.
    let written = node.name_at.filter(|_| model.format.id != pg_hba::FORMAT.id);
    written.and_then(|at| Some(of(sources, at)?.slice(at.span))).unwrap_or_else(|| model.key_name(key))
}

/// What tells whether a value is a secret: a variable's scope is called what the variable is called.
fn called<'n>(name: &'n str, label: &'n str) -> &'n str {
    let secret = secrets::names_secret(label) || secrets::is_secret_name(label) || secrets::is_key_name(label);
    if secret { label } else { name }
}

/// A setting's value, without secrets.
pub(crate) fn value(model: &Model, sources: &[Arc<Source>], scope: ScopeId, key: KeyId, node: &Node) -> String {
    let label = model.scope(scope).map_or("", |scope| scope.label.trim());
    let own = called(name(model, sources, key, node), label);
    printed(model, key, secret_of(sources, node).unwrap_or(own), &node.value, is_quoted(sources, node))
}

/// Whether there are quotes where a value is written, which are gone where it is printed.
fn is_quoted(sources: &[Arc<Source>], node: &Node) -> bool {
    of(sources, node.at).is_some_and(|source| source.slice(node.at.span).contains(['"', '\'']))
}

/// The variable that brings a secret into a value, by its name: in the line that sets it, or in that which reads it.
fn secret_of<'s>(sources: &'s [Arc<Source>], node: &Node) -> Option<&'s str> {
    let is_secret = |name: &&str| {
        !name.is_empty() && (secrets::names_secret(name) || secrets::is_secret_name(name) || secrets::is_key_name(name))
    };
    let line = |at: Loc| of(sources, at).map(|source| source.line(source.position(at.span.start).line));
    let set = if node.origin == Origin::Environment { line(node.at) } else { None };
    let set = set.and_then(|line| line.split(['=', ':']).next());
    let set = set.map(|name| name.trim().trim_start_matches("export ").trim_start_matches("- ").trim());
    let part = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let read = [node.name_at, Some(node.at)].into_iter().flatten().filter_map(line);
    let read = read.flat_map(|line| line.split('$').skip(1));
    let mut read = read.map(|rest| rest.trim_start_matches('{').split(part).next().unwrap_or_default());
    set.filter(is_secret).or_else(|| read.find(is_secret))
}

/// A value as its program prints it, without secrets.
fn printed(model: &Model, key: KeyId, name: &str, value: &Value, quoted: bool) -> String {
    let called = || secrets::names_secret(name) || secrets::is_secret_name(name) || secrets::is_key_name(name);
    let listed = model.format.schema.get(key);
    // Where the table lists the name, the table knows (`kerberosorlocalpasswd` is a switch).
    let secret = listed.is_some_and(|key| key.secret)
        || listed.is_none_or(|key| !key.name.eq_ignore_ascii_case(name)) && called();
    let unknown = |why: &str| {
        let why = if secret { secrets::why_unknown(why) } else { why };
        format!("not known, as {}", secrets::hide(why))
    };
    if let Value::Unknown(why) = value {
        return unknown(&why.to_string());
    }
    let hide = |text: &str| {
        let spans = if quoted { secrets::spans_unquoted(text) } else { secrets::spans(text) };
        secrets::without(text, spans, |_| "*****".to_owned()).into_owned()
    };
    let shown = |text: &String| {
        if secret {
            return format!("{name} ({} characters)", text.chars().count());
        }
        // What a value is may only be told with its key before it, unless the table knows that `proxy_pass` is no password.
        let plain = format!("{name}: some-value-1");
        let is_misread = listed.is_some_and(|key| key.name.eq_ignore_ascii_case(name)) && hide(&plain) != plain;
        let name = if is_misread { "value" } else { name };
        let line = format!("{name}: {text}");
        let hidden = hide(&line);
        code(hidden.get(name.len() + 2..).unwrap_or_default())
    };
    match (model.format.print)(model, key, value) {
        Printed::One(text) => shown(&text),
        Printed::Many(lines) if lines.is_empty() => "nothing".to_owned(),
        // `--requirepass` and the word behind it are told to be a secret only together.
        Printed::Many(lines) => {
            let line = lines.join(" ");
            match hide(&line) {
                hidden if !secret && hidden != line => code(&hidden),
                _ => lines.iter().map(shown).collect::<Vec<_>>().join(", "),
            }
        }
        Printed::Unknown(why) => unknown(&why),
    }
}

/// Text as code, whatever it holds.
fn code(text: &str) -> String {
    let line = text.replace(['\n', '\r'], " ");
    if line.contains('`') { format!("`` {line} ``") } else { format!("`{line}`") }
}
