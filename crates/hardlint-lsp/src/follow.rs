//! Where a place leads: document links, definitions and references.

use crate::client::Client;
use crate::session::Session;
use hardlint_config::text::{Source, Span};
use hardlint_config::variables::{self, Named};
use lsp_types::{DocumentLink, Location, Position};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The places of a document that name one other file.
pub(crate) fn links(session: &mut Session, path: &str, client: Client) -> Vec<DocumentLink> {
    let Some(source) = session.source(path) else { return Vec::new() };
    let joined = session.joined(path);
    let one = |at: Span| joined.led.iter().filter(|led| led.at == at).count() == 1;
    let whole = joined.led.iter().filter(|led| led.to.is_none() && one(led.at) && !source.slice(led.at).contains('\n'));
    let link = |led: &hardlint_config::deployment::following::Led| DocumentLink {
        range: client.encoding.range(&source, led.at),
        target: session.uri(&led.path),
        tooltip: None,
        data: None,
    };
    whole.map(link).collect()
}

/// Where what stands at a place is defined.
pub(crate) fn definition(session: &mut Session, path: &str, position: Position, client: Client) -> Vec<Location> {
    let Some((source, offset)) = place(session, path, position, client) else { return Vec::new() };
    let joined = session.joined(path);
    let here = joined.led.iter().filter(|led| led.at.start as usize <= offset && offset <= led.at.end as usize);
    let least = here.clone().map(|led| led.at.end - led.at.start).min();
    let mut found = Vec::new();
    // A name in a longer text is what is meant.
    if let Some((at, name)) = variables::at(format(session, path), &source.text, offset)
        && least.is_none_or(|least| at.end - at.start < least)
    {
        let all = named(session, path, &name);
        let sets = all.into_iter().filter(|(other, named)| named.sets && (*other.path != *path || named.at != at));
        found.extend(sets.filter_map(|(source, named)| location(session, &source, named.at, client)));
    }
    if found.is_empty() {
        for led in here.filter(|led| Some(led.at.end - led.at.start) == least) {
            let Some(target) = session.text(&led.path) else { continue };
            found.extend(location(session, &target, led.to.unwrap_or_default(), client));
        }
    }
    found
}

/// Where the variable at a place is set and read, in all files that are judged with this one.
pub(crate) fn references(
    session: &Session,
    path: &str,
    position: Position,
    declaration: bool,
    client: Client,
) -> Vec<Location> {
    let Some((source, offset)) = place(session, path, position, client) else { return Vec::new() };
    let Some((_, name)) = variables::at(format(session, path), &source.text, offset) else { return Vec::new() };
    let all = named(session, path, &name).into_iter().filter(|(_, named)| declaration || !named.sets);
    all.filter_map(|(source, named)| location(session, &source, named.at, client)).collect()
}

fn place(session: &Session, path: &str, position: Position, client: Client) -> Option<(Source, usize)> {
    let source = session.source(path)?;
    let offset = client.encoding.offset(&source, position);
    Some((source, offset))
}

fn format(session: &Session, path: &str) -> &'static str {
    session.slot(path).and_then(hardlint_config::workspace::Slot::format).unwrap_or_default()
}

/// Where a variable is named in the files that take part in a unit that a document takes part in.
fn named(session: &Session, path: &str, name: &str) -> Vec<(Arc<Source>, Named)> {
    let own = session.source(path).map(Arc::new);
    let beside = session.beside(path).into_iter().flat_map(|(_, resolved)| resolved.sources.clone());
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for source in own.into_iter().chain(beside) {
        if seen.insert(source.path.clone()) {
            let names = variables::names(format(session, &source.path), &source.text, name);
            found.extend(names.into_iter().map(|named| (source.clone(), named)));
        }
    }
    found.sort_by(|a, b| (&a.0.path, a.1).cmp(&(&b.0.path, b.1)));
    found
}

fn location(session: &Session, source: &Source, at: Span, client: Client) -> Option<Location> {
    Some(Location { uri: session.uri(&source.path)?, range: client.encoding.range(source, at) })
}
