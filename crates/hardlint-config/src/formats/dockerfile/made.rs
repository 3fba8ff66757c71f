//! Whether a file is made for an image: a Dockerfile near it names it, or a folder that holds it.

use crate::loader::{self, Loader};

/// Folders above a file in which what makes an image is looked for.
const NEAR: usize = 6;

/// Whether a file is made for an image, by a Dockerfile in its folder or in one near above, or by lying in a `rootfs`,
/// which is what images are filled from.
pub(in crate::formats) fn for_image(loader: &dyn Loader, path: &str) -> bool {
    let mut folder = loader::folder(path);
    if folder.split('/').any(|part| part == "rootfs") {
        return true;
    }
    for _ in 0..NEAR {
        if loader.list(folder).iter().any(|name| makes(loader, folder, name, path)) {
            return true;
        }
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    false
}

/// Whether the file `name` of a folder makes an image, and names the path or a part of it below the folder.
pub(in crate::formats) fn makes(loader: &dyn Loader, folder: &str, name: &str, path: &str) -> bool {
    let is_recipe = |word: &str| matches!(word, "Dockerfile" | "Containerfile");
    if !name.split('.').any(is_recipe) {
        return false;
    }
    let below = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
    let Some(text) = loader::join(folder, name).and_then(|path| loader.read(&path).ok()) else { return false };
    below.split('/').any(|part| memchr::memmem::find(&text, part.as_bytes()).is_some())
}
