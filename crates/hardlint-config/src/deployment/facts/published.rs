//! Secrets in images that are given away: what a build takes along with its whole folder, where the service gives the image
//! a name that is pushed to.
//!
//! A copy that names such a file is told of at the Dockerfile, however the image is used. A copy of the whole folder takes
//! what happens to lie there: also a file of variables that no repository has, but that the project cannot start without.

use super::Facts;
use crate::deployment::Member;
use crate::formats::dockerfile;
use crate::loader;
use crate::model::{Node, Value};
use crate::text::Loc;
use crate::workspace::Reader;

/// Fills in what an image gives away.
pub(super) fn fill(reader: &Reader<'_>, facts: &mut Facts<'_, '_>) {
    let deployment = facts.deployment;
    for (index, member) in deployment.services.iter().enumerate() {
        let image = member.image.as_deref().unwrap_or_default();
        let name = image.split('@').next().unwrap_or_default();
        // `localhost/name` and a name alone are not pushed; where a variable names the registry, nothing tells.
        let pushed = |host: &&str| !host.starts_with("localhost") && !host.contains('?');
        let host = name.split_once('/').map(|(host, _)| host).filter(pushed);
        let registry = host.is_some_and(|host| host.contains(['.', ':']));
        let files = if host.is_some() { taken(reader, member) } else { Vec::new() };
        let from: Vec<Loc> = files.iter().map(|(_, at)| *at).collect();
        let list = files.iter().map(|(path, at)| Node::derived(Value::text(path.as_str()), *at, vec![*at])).collect();
        facts.of_service(index, "gives_away", Value::List(list), from);
        facts.of_service(index, "registry", Value::Bool(registry), Vec::new());
    }
}

/// Files of variables of the deployment that a copy of the whole folder takes into the image.
fn taken(reader: &Reader<'_>, member: &Member) -> Vec<(String, Loc)> {
    let (Some(built), Some(image)) = (&member.service.built, &member.inside) else { return Vec::new() };
    let Some(copy) = image.mounts.iter().find(|copied| copied.source == built.context) else { return Vec::new() };
    let below = |path: &str| {
        let folder = built.context.as_str();
        if folder.is_empty() {
            Some(path.to_owned())
        } else {
            path.strip_prefix(folder)?.strip_prefix('/').map(str::to_owned)
        }
    };
    let mut found = Vec::new();
    for (path, ..) in &member.service.env_files {
        let Some(inside) = below(path) else { continue };
        let is_taken = dockerfile::takes_along(reader.loader, &built.dockerfile, &built.context, &inside);
        if is_taken && !found.iter().any(|(known, _)| known == path) {
            found.push((path.clone(), copy.at));
        }
    }
    found.retain(|(path, _)| !loader::name(path).is_empty());
    found
}
