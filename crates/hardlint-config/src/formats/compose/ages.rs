//! What the images of a project hold that nobody mends any more: one fact for each such version, at the first service
//! that runs it, because one change of version is one decision.

use super::resolve::{Service, set};
use crate::end_of_life;
use crate::formats::dockerfile::image_and_tag;
use crate::model::{Model, Node, ScopeId, Value};
use crate::text::Loc;
use std::collections::BTreeMap;

/// Fills the facts in. What a service builds is judged in its Dockerfile; its `image` is only what the result is called.
pub(super) fn fill(model: &mut Model, services: &[Service<'_>]) {
    let mut found: BTreeMap<String, (ScopeId, Vec<Loc>)> = BTreeMap::new();
    for service in services.iter().filter(|service| service.node.value.entry("build").is_none()) {
        let Some(image) = service.node.value.entry("image") else { continue };
        let Some(reference) = image.value.as_str() else { continue };
        let (name, tag) = image_and_tag(reference);
        if let Some(what) = end_of_life::of_image(name, tag) {
            found.entry(what).or_insert_with(|| (service.id, Vec::new())).1.push(image.at);
        }
    }
    for (what, (service, places)) in found {
        let Some(&first) = places.first() else { continue };
        set(model, service, "end_of_life", Node::derived(Value::text(&*what), first, places));
    }
}
