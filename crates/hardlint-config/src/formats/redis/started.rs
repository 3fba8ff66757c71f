//! What the image says that starts the server with a file: the published images of redis and valkey are compiled with
//! protected mode off, because nothing reaches a container but what is published.
//!
//! Only services count that name this very file on their command line, by the path at which they mount it.

use crate::deployment::services::Service;
use crate::model::{Value, Why};
use crate::syntax::shell::Word;
use crate::text::Loc;

/// The first of the services that mount the file at `path`, where all start the server with it and protected mode is off.
pub(super) fn unprotected(mounting: &[Service], path: &str) -> Option<Loc> {
    let all_are = mounting.iter().all(|service| is_published_image(service) && starts_with(service, path));
    mounting.first().filter(|_| all_are).map(|service| service.at)
}

/// What the services that start the server with the file at `path` say behind its name, which lies over the file: where all
/// of them say the same of a directive, that.
pub(super) fn options(mounting: &[Service], path: &str) -> Vec<(&'static str, Value, Loc)> {
    let mut each = mounting.iter().filter_map(|service| behind(service, path));
    let Some(mut found) = each.next() else { return Vec::new() };
    for other in each {
        found.retain(|(name, value, _)| other.iter().any(|(known, same, _)| known == name && same == value));
    }
    found
}

/// The directives that are looked at on a command line.
const OPTIONS: &[&str] = &["requirepass", "protected-mode"];

/// The options behind the file on the command line of a service; nothing where it does not start with the file.
fn behind(service: &Service, path: &str) -> Option<Vec<(&'static str, Value, Loc)>> {
    let (script, file) = service.started.as_ref()?;
    let is_file = |word: &Word| word.known().is_some_and(|word| service.mounted(word).as_deref() == Some(path));
    let command = script.commands.iter().find(|command| command.words.iter().any(is_file))?;
    let words = command.words.iter().skip_while(|word| !is_file(word)).skip(1).collect::<Vec<_>>();
    let found = words.windows(2).filter_map(|pair| {
        let [name, value] = pair else { return None };
        let name = name.known()?.strip_prefix("--")?.to_ascii_lowercase();
        let name = OPTIONS.iter().find(|known| **known == name)?;
        let at = Loc::new(*file, value.span);
        let text = value.known();
        let value = match (*name, text) {
            ("protected-mode", Some(text)) => Value::Bool(text.eq_ignore_ascii_case("yes")),
            (_, Some(text)) => Value::text(text),
            (_, None) => Value::Unknown(Why::Runtime("what the command line says".into())),
        };
        Some((*name, value, at))
    });
    Some(found.collect())
}

/// Whether the image is one that Docker or the project itself publishes.
fn is_published_image(service: &Service) -> bool {
    let image = service.image.as_deref().unwrap_or_default();
    let name = image.split('@').next().unwrap_or_default();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let name = name.split(':').next().unwrap_or_default();
    service.built.is_none() && matches!(name, "redis" | "valkey/valkey")
}

/// Whether its command line names the file.
fn starts_with(service: &Service, path: &str) -> bool {
    let Some((script, _)) = &service.started else { return false };
    let words = script.commands.iter().flat_map(|command| &command.words);
    words.filter_map(|word| word.known()).any(|word| service.mounted(word).as_deref() == Some(path))
}
