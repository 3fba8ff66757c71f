//! Which services an nginx of the deployment passes requests on to, and the files that it reads.
//!
//! What another proxy does is not known here: Traefik, Caddy and load balancers of clouds link nothing.

use super::services::{Mount, Service};
use super::{End, Link, Member, Names};
use crate::formats::nginx::{self, Lead};
use crate::loader::{self, Kind};
use crate::model::Model;
use crate::workspace::{Query, Reader};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Links of a deployment beyond which no more proxies are followed: many that share one configuration multiply them.
const MAX_LINKS: usize = 20_000;
/// Configuration files of nginx in one folder that are read.
const MAX_FILES: usize = 40;

/// Folders in which nginx's images look for further files, and how those end.
const FOLDERS: [(&str, &str); 2] = [("/etc/nginx/conf.d", ".conf"), ("/etc/nginx/templates", ".template")];
/// Those in which the nginx of a distribution does: Debian's and Alpine's.
const OF_PACKAGES: [(&str, &str); 2] = [("/etc/nginx/sites-enabled", ""), ("/etc/nginx/http.d", ".conf")];

/// The files of nginx that a service reads, if it is one: what it mounts, or what its image has, at the places of nginx's own.
pub(crate) fn configurations(reader: &Reader<'_>, service: &Service, image: Option<&Service>) -> Vec<String> {
    if !is_nginx(service, image) {
        return Vec::new();
    }
    let mounts = mounts(service, image);
    let mut found = Vec::new();
    // What `nginx.conf` includes is read with it, where that is given as well.
    let whole = mounts.iter().find_map(|mount| match mount.target.trim_end_matches('/') {
        "/etc/nginx/nginx.conf" => Some(mount.source.clone()),
        "/etc/nginx" => loader::join(&mount.source, "nginx.conf").filter(|path| mount.has(path)),
        _ => None,
    });
    let is_file = |path: &String| reader.loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
    let whole = whole.filter(is_file);
    let text = whole.as_ref().and_then(|path| reader.loader.read(path).ok()).unwrap_or_default();
    // A file that includes nothing of a folder leaves it unread.
    let includes =
        |folder: &str| whole.is_none() || memchr::memmem::find(&text, loader::name(folder).as_bytes()).is_some();
    for mount in &mounts {
        let Mount { source, target, .. } = mount;
        let target = target.trim_end_matches('/');
        let packaged = OF_PACKAGES.into_iter().filter(|_| whole.is_some() || is_packaged(service, image));
        for (folder, ending) in FOLDERS.into_iter().chain(packaged).filter(|(folder, _)| includes(folder)) {
            if target == folder && is_file(source) {
                // The folder is there in the image: a file that is copied to it comes to lie in it.
                if source.ends_with(ending) {
                    found.push(source.clone());
                }
            } else if target == folder && whole.is_none() {
                let names =
                    reader.loader.list(source).into_iter().filter(|name| name.ends_with(ending)).take(MAX_FILES);
                found.extend(
                    names
                        .filter_map(|name| loader::join(source, &name))
                        .filter(|path| is_file(path) && mount.has(path)),
                );
            } else if loader::folder(target) == folder && target.ends_with(ending) && is_file(source) {
                found.push(source.clone());
            }
        }
    }
    found.extend(whole);
    found.sort();
    found.dedup();
    found
}

/// Whether the nginx of a service is the package of a distribution: its image is built on one that is none of nginx's own.
fn is_packaged(service: &Service, image: Option<&Service>) -> bool {
    let beneath = image.map_or(service.image.as_deref(), |image| image.image.as_deref());
    super::images::of(beneath, None).is_none_or(|(program, _)| program != "nginx")
}

/// Whether a service runs nginx: its image is one, or what it starts is.
fn is_nginx(service: &Service, image: Option<&Service>) -> bool {
    let of = |image: Option<&str>| super::images::of(image, None).is_some_and(|(program, _)| program == "nginx");
    let starts = |service: &Service| {
        let words = service.started.iter().flat_map(|(script, _)| &script.commands).flat_map(|it| &it.words);
        words.filter_map(|word| word.known()).any(|word| matches!(loader::name(word), "nginx" | "openresty"))
    };
    match image {
        Some(image) => of(image.image.as_deref()) || starts(service) || starts(image),
        None => of(service.image.as_deref()) || starts(service),
    }
}

/// The configurations that were resolved, by their files and what the containers have where: services may share them.
#[derive(Default)]
pub(super) struct Resolved(BTreeMap<Seen, Option<Arc<Model>>>);

/// A file, and the places inside with what lies there.
type Seen = (String, Vec<(String, String)>);

impl Resolved {
    /// Those of a service.
    pub(super) fn of(
        &mut self,
        reader: &mut Reader<'_>,
        query: &Query,
        service: &Service,
        image: Option<&Service>,
    ) -> Vec<Arc<Model>> {
        let paths = configurations(reader, service, image);
        let places: Vec<(String, String)> = if paths.is_empty() {
            Vec::new()
        } else {
            mounts(service, image).into_iter().map(|mount| (mount.target, mount.source)).collect()
        };
        let found = paths.into_iter().filter_map(|path| {
            let key = (path.clone(), places.clone());
            let known = self.0.entry(key);
            known.or_insert_with(|| resolve(reader, query, &path, service, image).map(Arc::new)).clone()
        });
        found.collect()
    }
}

fn mounts(service: &Service, image: Option<&Service>) -> Vec<Mount> {
    let of_image = image.map(|image| image.mounts.as_slice()).unwrap_or_default();
    // What is mounted hides what the image has there.
    let hidden = |copied: &&Mount| service.mounts.iter().any(|mount| mount.target == copied.target);
    service.mounts.iter().chain(of_image.iter().filter(|copied| !hidden(copied))).cloned().collect()
}

/// A configuration of nginx, as the program in this service reads it: absolute paths are those inside.
pub(crate) fn resolve(
    reader: &mut Reader<'_>,
    query: &Query,
    path: &str,
    service: &Service,
    image: Option<&Service>,
) -> Option<Model> {
    let file = reader.open(path, None).ok()?;
    let format = &nginx::FORMAT;
    let mut query = query.clone();
    let is_folder = |mount: &Mount| reader.loader.stat(&mount.source).is_some_and(|stat| stat.kind == Kind::Folder);
    query.root_map.extend(mounts(service, image).into_iter().filter(is_folder).map(|it| (it.target, it.source)));
    let versions = query.targets.versions(format.schema.program, format.schema.supported);
    let model = Model::new(format, path.into(), versions, Arc::default());
    Some((format.resolve)(reader, &query, file, model))
}

/// Adds the services that one, if it is an nginx, passes requests on to.
pub(super) fn links(services: &[Member], names: &Names, index: usize, links: &mut Vec<Link>) {
    let Some(member) = services.get(index) else { return };
    for model in &member.nginx {
        if links.len() > MAX_LINKS {
            return;
        }
        for Lead { host, port, at, .. } in nginx::leads(model) {
            let Some(to) = names.reached(services, index, &host) else { continue };
            let note = port.map(|port| port.to_string()).unwrap_or_default();
            links.push(Link { from: End::Service(index), to: End::Service(to), kind: "proxy", note, at });
        }
    }
}
