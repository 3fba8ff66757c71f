//! What the image says that starts the server with a file: the published images of redis and valkey are compiled with
//! protected mode off, because nothing reaches a container but what is published.
//!
//! Only services count that name this very file on their command line, by the path at which they mount it.

use crate::deployment::services::Service;
use crate::text::Loc;

/// The first of the services that mount the file at `path`, where all start the server with it and protected mode is off.
pub(super) fn unprotected(mounting: &[Service], path: &str) -> Option<Loc> {
    let all_are = mounting.iter().all(|service| is_published_image(service) && starts_with(service, path));
    mounting.first().filter(|_| all_are).map(|service| service.at)
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
