//! Whether a configuration is made for an image of which nothing at hand publishes a port.
//!
//! Platforms that run such images end TLS themselves, and the container answers them in the clear. Where a Compose file is
//! at hand, that says what is reached, and nothing is assumed.

use crate::formats::dockerfile;
use crate::loader;
use crate::model::{Model, ScopeId, Value};
use crate::workspace::Reader;

/// Folders above a file in which what makes an image is looked for.
const NEAR: usize = 3;

/// Whether a Dockerfile near the file names it, or a folder that holds it, and no Compose file lies there or above.
pub(super) fn unpublished(reader: &Reader<'_>, path: &str) -> bool {
    let mut folder = loader::folder(path);
    let mut made = false;
    for depth in 0.. {
        let names = reader.loader.list(folder);
        if names.iter().any(|name| is_compose(name)) {
            return false;
        }
        made = made || (depth <= NEAR && names.iter().any(|name| dockerfile::makes(reader.loader, folder, name, path)));
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    made
}

/// Whether a Dockerfile or a Compose file near the file names it: nginx runs in a container, and has to listen on all
/// addresses of that to be reached at all.
pub(super) fn contained(reader: &Reader<'_>, path: &str) -> bool {
    let mut folder = loader::folder(path);
    for _ in 0..=NEAR {
        let names = reader.loader.list(folder);
        let mounts = |name: &String| {
            let file = loader::join(folder, name).and_then(|path| reader.loader.read(&path).ok());
            let below = path.strip_prefix(folder).unwrap_or(path).trim_start_matches('/');
            file.is_some_and(|text| below.split('/').any(|part| memchr::memmem::find(&text, part.as_bytes()).is_some()))
        };
        if names
            .iter()
            .any(|name| dockerfile::makes(reader.loader, folder, name, path) || is_compose(name) && mounts(name))
        {
            return true;
        }
        if folder.is_empty() {
            break;
        }
        folder = loader::folder(folder);
    }
    false
}

/// Whether a server's files lie where Azure App Service mounts a site's: that platform ends TLS, and reaches the port alone.
pub(super) fn serves_a_platforms_folder(model: &Model, server: ScopeId) -> bool {
    let root = model.get(server, "root").and_then(Value::as_str);
    root.is_some_and(|root| root == "/home/site/wwwroot" || root.starts_with("/home/site/wwwroot/"))
}

fn is_compose(name: &str) -> bool {
    let yaml = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml"));
    yaml.is_some_and(|name| name.starts_with("docker-compose") || name.starts_with("compose"))
}
