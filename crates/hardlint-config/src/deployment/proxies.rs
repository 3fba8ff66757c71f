//! Which services an nginx of the deployment passes requests on to, and the files that it reads.
//!
//! What another proxy does is not known here: Traefik, Caddy and load balancers of clouds link nothing.

use super::services::{Mount, Service};
use super::{End, Link, Member, named};
use crate::formats::nginx::{self, Lead};
use crate::loader::{self, Kind};
use crate::model::Model;
use crate::workspace::{Query, Reader};
use std::sync::Arc;

/// Configuration files of nginx in one folder that are read.
const MAX_FILES: usize = 40;

/// Folders in which nginx's images look for further files.
const FOLDERS: [&str; 3] = ["/etc/nginx/conf.d", "/etc/nginx/templates", "/etc/nginx/sites-enabled"];

/// The files of nginx that a service reads: what it mounts, or what its image has, at the places of nginx's own.
pub(crate) fn configurations(reader: &Reader<'_>, service: &Service, image: Option<&Service>) -> Vec<String> {
    let mounts = mounts(service, image);
    let mut found = Vec::new();
    // What `nginx.conf` includes is read with it, where that is given as well.
    let whole = mounts.iter().find_map(|mount| match mount.target.trim_end_matches('/') {
        "/etc/nginx/nginx.conf" => Some(mount.source.clone()),
        "/etc/nginx" => loader::join(&mount.source, "nginx.conf"),
        _ => None,
    });
    let is_file = |path: &String| reader.loader.stat(path).is_some_and(|stat| stat.kind == Kind::File);
    found.extend(whole.filter(is_file));
    for Mount { source, target, .. } in &mounts {
        let target = target.trim_end_matches('/');
        if FOLDERS.contains(&target) {
            let names = reader.loader.list(source).into_iter().take(MAX_FILES);
            let names = names.filter(|name| name.contains(".conf"));
            found.extend(names.filter_map(|name| loader::join(source, &name)).filter(is_file));
        } else if FOLDERS.contains(&loader::folder(target)) && is_file(source) {
            found.push(source.clone());
        }
    }
    found.sort();
    found.dedup();
    found
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
pub(super) fn links(reader: &mut Reader<'_>, query: &Query, services: &[Member], index: usize, links: &mut Vec<Link>) {
    let Some(member) = services.get(index) else { return };
    for path in configurations(reader, &member.service, member.inside.as_deref()) {
        let Some(model) = resolve(reader, query, &path, &member.service, member.inside.as_deref()) else { continue };
        for Lead { host, port, at, .. } in nginx::leads(&model) {
            let Some(to) = named(services, &host).filter(|to| *to != index) else { continue };
            let note = port.map(|port| port.to_string()).unwrap_or_default();
            links.push(Link { from: End::Service(index), to: End::Service(to), kind: "proxy", note, at });
        }
    }
}
