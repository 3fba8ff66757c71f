//! What the images of a project hold that nobody mends any more.

use super::resolve::{Service, set};
use crate::end_of_life;
use crate::formats::dockerfile::image_and_tag;
use crate::model::{Model, Node, Value};

/// Fills the facts in. What a service builds is judged in its Dockerfile; its `image` is only what the result is called.
pub(super) fn fill(model: &mut Model, services: &[Service<'_>]) {
    for service in services.iter().filter(|service| service.node.value.entry("build").is_none()) {
        let Some(image) = service.node.value.entry("image") else { continue };
        let Some(reference) = image.value.as_str() else { continue };
        let (name, tag) = image_and_tag(reference);
        if let Some(what) = end_of_life::of_image(name, tag) {
            set(model, service.id, "end_of_life", Node::derived(Value::text(&*what), image.at, vec![image.at]));
        }
    }
}
