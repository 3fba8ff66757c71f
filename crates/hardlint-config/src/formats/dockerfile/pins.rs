//! What images and stages are pinned to: tags, digests, versions that are still mended.

use super::facts::{fact, of_kind, yes};
use super::images;
use super::keys::kinds;
use super::resolve::set;
use crate::end_of_life;
use crate::model::{Model, Node, ScopeId, Value};
use crate::schema::KindId;
use crate::text::Loc;

/// Adds what is known of the image that a stage is built on, and as what it is `written`; it comes from elsewhere.
pub(super) fn of_stage(model: &mut Model, id: ScopeId, image: &str, written: &str, at: Loc) {
    // Docker refuses an image without a name.
    if image.is_empty() {
        return;
    }
    if written.contains('$') {
        set(model, id, kinds::STAGE, "image_is_default", yes(at));
    }
    let mut put = |name: &str, text: &str| set(model, id, kinds::STAGE, name, fact(Value::text(text), at));
    if let Some((_, digest)) = image.split_once('@') {
        put("image_digest", digest);
    }
    let (name, tag) = images::split(image);
    // With a digest, Docker does not look at the tag.
    if !image.contains('@') {
        put("image_tag", if tag.is_empty() { "latest" } else { tag });
    }
    if let Some(what) = end_of_life::of_image(name, tag) {
        put("end_of_life", &what);
    }
}

/// Adds which copies and mounts come from an image that has no tag.
pub(super) fn of_sources(model: &mut Model) {
    let all = (0, model.scopes.len());
    for kind in [kinds::COPY, kinds::MOUNT] {
        let found: Vec<(ScopeId, Node)> =
            of_kind(model, all, kind).filter_map(|(id, _)| Some((id, unpinned(model, kind, id)?))).collect();
        for (id, node) in found {
            set(model, id, kind, "from_unpinned", node);
        }
    }
}

fn unpinned(model: &Model, kind: KindId, id: ScopeId) -> Option<Node> {
    let node = model.lookup(id, model.format.schema.key(kind, "from")?).node?;
    let from = node.value.as_str()?;
    let (name, tag) = images::split(from);
    let pinned = from.contains('@') || !tag.is_empty() && tag != "latest";
    // A plain name may be a stage, a folder that `--build-context` names, or an image that everybody knows.
    let image = name.contains('/') || images::user(from).is_some();
    if pinned || !image || from.bytes().all(|byte| byte.is_ascii_digit()) || is_stage(model, from) {
        return None;
    }
    Some(Node::derived(Value::text(from), node.at, vec![node.at]))
}

fn is_stage(model: &Model, name: &str) -> bool {
    let stages = model.scopes.iter().filter(|scope| scope.kind == kinds::STAGE);
    stages.map(|stage| &*stage.label).any(|label| label.eq_ignore_ascii_case(name))
}
