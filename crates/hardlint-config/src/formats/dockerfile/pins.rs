//! What images and stages are pinned to: tags, digests, versions that are still mended.

use super::facts::{fact, of_kind, yes};
use super::images;
use super::keys::kinds;
use super::resolve::set;
use crate::end_of_life;
use crate::loader::{self, Loader};
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

/// Adds which stages are built on what is kept beside a newer one.
pub(super) fn superseded(loader: &dyn Loader, model: &mut Model) {
    let found: Vec<(ScopeId, Loc)> = of_kind(model, (0, model.scopes.len()), kinds::STAGE)
        .filter_map(|(id, _)| {
            let node = model.lookup(id, model.format.schema.key(kinds::STAGE, "end_of_life")?).node?;
            is_superseded(loader, &model.path, node.value.as_str()?).then_some((id, node.at))
        })
        .collect();
    for (id, at) in found {
        set(model, id, kinds::STAGE, "superseded", yes(at));
    }
}

/// Whether the file, or a folder that it is in, is named by the version that ended (`PHP 7.3, since …`), and one beside it
/// that is named in the same way by a newer one: the old one is kept for who needs it.
fn is_superseded(loader: &dyn Loader, path: &str, ended: &str) -> bool {
    let version = ended.split(',').next().and_then(|what| what.rsplit(' ').next()).unwrap_or_default();
    let of = |text: &str| text.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>();
    let Some(version) = of(version) else { return false };
    let starts = |own: &[u32]| own.iter().zip(&version).all(|(a, b)| a == b);
    let mut rest = path;
    while !rest.is_empty() {
        let (folder, name) = (loader::folder(rest), loader::name(rest));
        let (shape, own) = versions_in(name);
        if let Some(place) = own.iter().position(|it| starts(it)) {
            let below = path.get(rest.len()..).unwrap_or_default().trim_start_matches('/');
            let newer = |other: &String| {
                let (other_shape, others) = versions_in(other);
                let beside = |index: usize| others.get(index) == own.get(index);
                other_shape == shape
                    && others.get(place) > own.get(place)
                    && (0..own.len()).all(|index| index == place || beside(index))
                    && loader::join(folder, other)
                        .and_then(|there| if below.is_empty() { Some(there) } else { loader::join(&there, below) })
                        .is_some_and(|there| loader.stat(&there).is_some())
            };
            if loader.list(folder).iter().any(newer) {
                return true;
            }
        }
        rest = folder;
    }
    false
}

/// A name with its numbers taken out, and the versions that they are.
fn versions_in(name: &str) -> (String, Vec<Vec<u32>>) {
    let (mut shape, mut found) = (String::new(), Vec::new());
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        let number = number.trim_end_matches('.');
        shape.push_str(before);
        shape.push('#');
        found.push(number.split('.').filter_map(|part| part.parse().ok()).collect());
        rest = after;
    }
    shape.push_str(rest);
    (shape, found)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    #[test]
    fn what_a_newer_one_beside_it_replaces_is_named_by_its_version() {
        let memory = Memory::new([
            ("fpm/php7.3.2/Dockerfile", ""),
            ("fpm/php7.3.4/Dockerfile", ""),
            ("store-9.6-pool-2.Dockerfile", ""),
            ("store-10-pool-2.Dockerfile", ""),
            ("store-11-pool-3.Dockerfile", ""),
            ("store/9.4/Dockerfile", ""),
            ("store/9.6/Dockerfile", ""),
            ("store/9.4/backup/Dockerfile", ""),
            ("Dockerfile-15", ""),
            ("Dockerfile-17", ""),
        ]);
        for (path, ended, expected) in [
            ("fpm/php7.3.2/Dockerfile", "PHP 7.3, since 2021-12-06", true),
            ("fpm/php7.3.4/Dockerfile", "PHP 7.3, since 2021-12-06", false),
            ("store/9.4/Dockerfile", "PostgreSQL 9.4, since 2020-02-13", true),
            ("store/9.4/backup/Dockerfile", "PostgreSQL 9.4, since 2020-02-13", false),
            ("store-9.6-pool-2.Dockerfile", "PostgreSQL 9.6, since 2021-11-11", true),
            // The newest with that pool.
            ("store-10-pool-2.Dockerfile", "PostgreSQL 10, since 2022-11-10", false),
            ("store-10-pool-2.Dockerfile", "Debian 9, since 2022-06-30", false),
            ("Dockerfile-15", "Ubuntu 20.04, since 2025-05-31", false),
            ("Dockerfile-15", "PostgreSQL 15, since 2027-11-11", true),
        ] {
            assert_eq!(is_superseded(&memory, path, ended), expected, "{path}: {ended}");
        }
    }
}
