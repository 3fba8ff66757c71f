//! What is printed for secrets: `NAME (N characters)`, wherever they stand.

use super::is_written;
use hardlint_config::model::{Model, Node, Origin};
use hardlint_config::schema::KeyId;
use hardlint_config::secrets;
use hardlint_config::text::{FileId, Loc, Source, Span};
use hardlint_config::workspace::Reader;
use std::borrow::Cow;
use std::sync::Arc;

/// Where secrets stand, in order.
pub(super) fn secret_places(model: &Model) -> Vec<Loc> {
    let keys = (0_u16..).map(KeyId).zip(model.format.schema.keys);
    let secret: Vec<KeyId> = keys.filter(|(_, key)| key.secret).map(|(id, _)| id).collect();
    let mut places = Vec::new();
    for scope in &model.scopes {
        for id in &secret {
            let nodes = [scope.own.get(*id), scope.effective.get(*id)].into_iter().flatten();
            places.extend(nodes.filter(|node| is_written(node)).map(|node| node.at));
        }
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// Where in the texts something looks like a secret by what stands around it: `echo value | passwd --stdin` tells more than
/// the words of one command do.
pub(super) fn guessed_places(reader: &Reader<'_>) -> Vec<Loc> {
    let files = (0_u32..).map(FileId).zip(reader.sources());
    let of = |(file, source): (FileId, &Arc<Source>)| {
        secrets::spans(&source.text).into_iter().map(move |span| Loc { file, span: Span::new(span.start, span.end) })
    };
    files.flat_map(of).collect()
}

/// Whether all of a value stands where something looks like a secret; quotes do not count.
pub(super) fn is_guessed(node: &Node, guessed: &[Loc]) -> bool {
    let at = node.at;
    let first = guessed.partition_point(|place| (place.file, place.span.end) < (at.file, at.span.start));
    let holds = |place: &Loc| {
        place.file == at.file && place.span.start <= at.span.start + 1 && at.span.end <= place.span.end + 1
    };
    is_written(node) && guessed.iter().skip(first).take(2).any(holds)
}

/// Whether a value stands where a secret does, or is put together from one.
pub(super) fn is_secret(node: &Node, secrets: &[Loc]) -> bool {
    let from = match &node.origin {
        Origin::Derived(from) => &**from,
        _ => &[],
    };
    let overlaps = |at: Loc| {
        let overlaps = |secret: &&Loc| {
            secret.file == at.file && secret.span.start < at.span.end && at.span.start < secret.span.end
        };
        // Sorted by file and start, so that only those before the value's end can overlap it.
        let end = secrets.partition_point(|secret| (secret.file, secret.span.start) < (at.file, at.span.end));
        secrets.iter().take(end).rev().take(16).any(|secret| overlaps(&secret))
    };
    is_written(node) && (overlaps(node.at) || from.iter().any(|at| overlaps(*at)))
}

/// The items of a list without secrets: they may be the words of one command, a flag and its password. What `-u` is
/// followed by is told by the program's name, which may stand before them. A secret is called `name`, or by its flag.
pub(super) fn hide_words(name: &str, before: &str, items: Vec<String>) -> Vec<String> {
    let joined = format!("{before}\n{}", items.join("\n"));
    let spans = secrets::spans(&joined);
    let mut start = before.len() + 1;
    let mut flag = String::new();
    let mut hide = |item: String| {
        let end = start + item.len();
        let first = spans.partition_point(|span| span.end <= start);
        let (mut text, mut at) = (String::new(), start);
        for span in spans.iter().skip(first).take_while(|span| span.start < end) {
            if span.end <= at {
                continue;
            }
            // An item is one argument, also where it has blanks in it: `user:pass word`.
            let led = joined.get(start..span.start.max(start)).is_some_and(|lead| !lead.contains([' ', '\t']));
            let goes_on = joined.get(span.end..).is_some_and(|rest| rest.starts_with([' ', '\t']));
            let span = if led && goes_on { span.start..end } else { span.clone() };
            text.push_str(joined.get(at..span.start.max(at)).unwrap_or_default());
            let secret = joined.get(span.start.max(at)..span.end.min(end)).unwrap_or_default();
            let whole = span.start <= start && span.end >= end && !flag.is_empty();
            text.push_str(&masked(if whole { &flag } else { name }, secret));
            at = span.end.min(end);
        }
        text.push_str(joined.get(at..end).unwrap_or_default());
        start = end + 1;
        flag = if item.starts_with("--") { item.trim_start_matches('-').to_owned() } else { String::new() };
        text
    };
    items.into_iter().map(&mut hide).collect()
}

/// The same of a text that lost its quotes.
pub(super) fn hide_unquoted<'t>(name: &str, text: &'t str) -> Cow<'t, str> {
    secrets::without(text, secrets::spans_unquoted(text), |secret| masked(name, secret))
}

/// A text without the secrets in it, which are called `name`.
pub(super) fn hide<'t>(name: &str, text: &'t str) -> Cow<'t, str> {
    secrets::hide_as(text, |secret| masked(name, secret))
}

/// What is printed for a secret. Nothing hides nothing.
pub fn masked(name: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{name} ({} characters)", text.chars().count()) }
}
