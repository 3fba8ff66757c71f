//! Settings that have to fit each other, as nginx compares them when blocks take over what is set around them.

use super::super::resolve::Build;
use super::values::{number, size};
use super::zones::unsure;
use super::{Fault, Line};
use crate::model::{Model, ScopeId};
use crate::text::Loc;
use std::collections::{BTreeMap, BTreeSet};

/// A page of memory, which buffers have where no size is set: machines with others are rare.
const PAGE: i64 = 4096;

/// What answers come from by way of buffers.
const BUFFERED: [&str; 4] = ["fastcgi", "proxy", "scgi", "uwsgi"];
/// What is set of the buffers, behind the names of these.
const BUFFERS: [&str; 5] =
    ["_buffer_size", "_buffers", "_busy_buffers_size", "_temp_file_write_size", "_max_temp_file_size"];

/// What is noted, beside the buffers.
const NOTED: [&str; 30] = [
    "charset",
    "connection_pool_size",
    "grpc_ssl_certificate",
    "grpc_ssl_certificate_key",
    "grpc_ssl_trusted_certificate",
    "grpc_ssl_verify",
    "large_client_header_buffers",
    "map_hash_bucket_size",
    "map_hash_max_size",
    "proxy_headers_hash_bucket_size",
    "proxy_headers_hash_max_size",
    "proxy_ssl_certificate",
    "proxy_ssl_certificate_key",
    "proxy_ssl_trusted_certificate",
    "proxy_ssl_verify",
    "referer_hash_bucket_size",
    "referer_hash_max_size",
    "secure_link",
    "secure_link_md5",
    "secure_link_secret",
    "server_names_hash_bucket_size",
    "server_names_hash_max_size",
    "source_charset",
    "types_hash_bucket_size",
    "types_hash_max_size",
    "uwsgi_ssl_certificate",
    "uwsgi_ssl_certificate_key",
    "uwsgi_ssl_trusted_certificate",
    "uwsgi_ssl_verify",
    "variables_hash_bucket_size",
];

/// What blocks set of these.
#[derive(Debug, Default)]
pub(in super::super) struct Settings {
    all: BTreeMap<String, BTreeMap<ScopeId, Setting>>,
    /// The pairs of charsets that a `charset_map` is for.
    charsets: BTreeSet<[String; 2]>,
    /// Blocks that pass requests on by TLS, and what by: `proxy` and its like.
    by_tls: Vec<(ScopeId, &'static str)>,
}

#[derive(Debug)]
struct Setting {
    /// Nothing where a template decides on them.
    words: Option<Vec<String>>,
    at: Loc,
}

/// What holds of a setting in a block.
enum Held<'s> {
    /// Nothing sets it.
    Nothing,
    Unknown,
    Set(&'s [String], Loc),
}

/// Notes a line.
pub(super) fn note(build: &mut Build<'_, '_>, line: &Line<'_>) {
    let of_buffers = || {
        let rest = BUFFERED.iter().find_map(|of| line.name.strip_prefix(of));
        rest.is_some_and(|rest| BUFFERS.contains(&rest))
    };
    if NOTED.binary_search(&line.name).is_err() && !of_buffers() {
        return;
    }
    let words = (1..line.words.len()).map(|index| Some(line.known(index)?.into_owned())).collect::<Option<_>>();
    let (Some(first), Some(last)) = (line.words.first(), line.words.last()) else { return };
    let at = Loc::new(line.frame.file, first.place().to(last.place()));
    let setting = Setting { words: if unsure(line) { None } else { words }, at };
    let blocks = build.seen.settings.all.entry(line.name.to_owned()).or_default();
    blocks.entry(line.frame.scope).or_insert(setting);
}

/// Notes a block that passes requests on by TLS.
pub(super) fn by_tls(build: &mut Build<'_, '_>, line: &Line<'_>, what: &'static str) {
    if !unsure(line) {
        build.seen.settings.by_tls.push((line.frame.scope, what));
    }
}

/// `charset_map ONE OTHER`, which goes both ways.
pub(super) fn charset_map(build: &mut Build<'_, '_>, line: &Line<'_>) -> Result<(), Fault> {
    let (Some(one), Some(other)) = (line.known(1), line.known(2)) else {
        build.seen.hidden = true;
        return Ok(());
    };
    let mut pair = [one.to_ascii_lowercase(), other.to_ascii_lowercase()];
    pair.sort();
    if pair[0] == pair[1] {
        return Fault::new(2, "nginx refuses a `charset_map` of a charset to itself");
    }
    if build.seen.settings.charsets.insert(pair) || unsure(line) {
        Ok(())
    } else {
        Fault::new(2, "there is a `charset_map` for these charsets already; nginx refuses that")
    }
}

/// What does not fit.
pub(super) fn problems(build: &Build<'_, '_>, settings: &Settings) -> Vec<(Loc, String)> {
    let mut found = Vec::new();
    for of in BUFFERED {
        for scope in settings.blocks(build, &BUFFERS.map(|what| format!("{of}{what}"))) {
            found.extend(settings.buffers(&build.model, scope, of));
        }
    }
    for scope in settings.blocks(build, &["connection_pool_size".to_owned(), "large_client_header_buffers".to_owned()])
    {
        found.extend(settings.pool(&build.model, scope));
    }
    for scope in settings.blocks(build, &["charset".to_owned(), "source_charset".to_owned()]) {
        found.extend(settings.charsets(&build.model, scope));
    }
    found.extend(settings.links());
    for (scope, what) in &settings.by_tls {
        found.extend(settings.tls(&build.model, *scope, what));
    }
    found
}

impl Settings {
    /// The blocks in which nginx compares: those that set something, and for `http` all servers.
    fn blocks(&self, build: &Build<'_, '_>, names: &[String]) -> BTreeSet<ScopeId> {
        let mut found = BTreeSet::new();
        for scope in names.iter().filter_map(|name| self.all.get(name)).flat_map(BTreeMap::keys) {
            let inside = build.model.ancestors(*scope).any(|(id, _)| build.site.servers.contains(&id));
            if inside {
                found.insert(*scope);
            } else {
                found.extend(build.site.servers.iter().copied());
            }
        }
        found
    }

    fn get(&self, model: &Model, scope: ScopeId, name: &str) -> Held<'_> {
        let Some(blocks) = self.all.get(name) else { return Held::Nothing };
        match model.ancestors(scope).find_map(|(id, _)| blocks.get(&id)) {
            None => Held::Nothing,
            Some(Setting { words: None, .. }) => Held::Unknown,
            Some(Setting { words: Some(words), at }) => Held::Set(words, *at),
        }
    }

    /// A size, and where it is set; nothing where it is not known.
    #[expect(clippy::option_option, reason = "whether it is known, and whether it is set")]
    fn size(&self, model: &Model, scope: ScopeId, name: &str) -> Option<Option<(i64, Loc)>> {
        match self.get(model, scope, name) {
            Held::Nothing => Some(None),
            Held::Unknown => None,
            Held::Set(words, at) => Some(Some((size(words.first()?, false)?, at))),
        }
    }

    /// The same for a number.
    #[expect(clippy::option_option, reason = "whether it is known, and whether it is set")]
    pub(super) fn number(&self, model: &Model, scope: ScopeId, name: &str) -> Option<Option<(i64, Loc)>> {
        match self.get(model, scope, name) {
            Held::Nothing => Some(None),
            Held::Unknown => None,
            Held::Set(words, at) => Some(Some((number(words.first()?)?, at))),
        }
    }

    /// The same for one that is set only for all, and that the lines which were read so far set.
    #[expect(clippy::option_option, reason = "whether it is known, and whether it is set")]
    pub(super) fn number_anywhere(&self, name: &str) -> Option<Option<(i64, Loc)>> {
        match self.all.get(name).and_then(|blocks| blocks.values().next()) {
            None => Some(None),
            Some(Setting { words, at }) => Some(Some((number(words.as_ref()?.first()?)?, *at))),
        }
    }

    /// Both ways to sign links in one block.
    fn links(&self) -> Vec<(Loc, String)> {
        let known = |name: &str| self.all.get(name).into_iter().flatten().filter(|(_, set)| set.words.is_some());
        let other = |scope: &ScopeId| {
            ["secure_link", "secure_link_md5"].iter().any(|name| known(name).any(|(other, _)| other == scope))
        };
        let mixed = known("secure_link_secret").filter(|(scope, _)| other(scope));
        let message = "`secure_link_secret` and `secure_link` stand in one block; nginx refuses that";
        mixed.map(|(_, set)| (set.at, message.to_owned())).collect()
    }

    /// Buffers: how many, how large, and where that is set; nothing where it is not known.
    #[expect(clippy::option_option, reason = "whether it is known, and whether it is set")]
    fn several(&self, model: &Model, scope: ScopeId, name: &str) -> Option<Option<(i64, i64, Loc)>> {
        match self.get(model, scope, name) {
            Held::Nothing => Some(None),
            Held::Unknown => None,
            Held::Set(words, at) => {
                let (count, bytes) = (number(words.first()?)?, size(words.get(1)?, false)?);
                Some(Some((count, bytes, at)))
            }
        }
    }

    fn buffers(&self, model: &Model, scope: ScopeId, of: &str) -> Option<(Loc, String)> {
        let size = |what: &str| self.size(model, scope, &format!("{of}{what}"));
        let (first, all) = (size("_buffer_size")?, self.several(model, scope, &format!("{of}_buffers"))?);
        let busy = size("_busy_buffers_size")?;
        let (written, kept) = (size("_temp_file_write_size")?, size("_max_temp_file_size")?);
        let (count, each) = all.map_or((8, PAGE), |(count, each, _)| (count, each));
        let one = first.map_or(PAGE, |(bytes, _)| bytes).max(each);
        let too_small = |name: &str| format!("`{of}{name}` is less than one buffer of the answer; nginx refuses that");
        if let Some((bytes, at)) = busy
            && bytes < one
        {
            return Some((at, too_small("_busy_buffers_size")));
        }
        if busy.map_or(one.saturating_mul(2), |(bytes, _)| bytes) > (count - 1).saturating_mul(each) {
            let at = busy.or(first).map(|(_, at)| at).or(all.map(|(_, _, at)| at))?;
            let busy = if busy.is_some() { "" } else { ", which is twice the largest buffer," };
            let message =
                format!("`{of}_busy_buffers_size`{busy} is more than all `{of}_buffers` but one; nginx refuses that");
            return Some((at, message));
        }
        if let Some((bytes, at)) = written
            && bytes < one
        {
            return Some((at, too_small("_temp_file_write_size")));
        }
        kept.filter(|(bytes, _)| *bytes > 0 && *bytes < one).map(|(_, at)| (at, too_small("_max_temp_file_size")))
    }

    /// The pool of a connection has to fit into a buffer for headers.
    fn pool(&self, model: &Model, server: ScopeId) -> Option<(Loc, String)> {
        const USUAL: i64 = 512;
        const USUAL_BUFFER: i64 = 8192;
        let pool = self.size(model, server, "connection_pool_size")?;
        let buffers = self.several(model, server, "large_client_header_buffers")?;
        let fits = buffers.map_or(USUAL_BUFFER, |(_, bytes, _)| bytes) >= pool.map_or(USUAL, |(bytes, _)| bytes);
        let at = pool.map(|(_, at)| at).or(buffers.map(|(_, _, at)| at))?;
        let message = "one of `large_client_header_buffers` is less than `connection_pool_size`; nginx refuses that";
        (!fits).then(|| (at, message.to_owned()))
    }

    /// What is sent in another charset than it is in has to be mapped.
    fn charsets(&self, model: &Model, scope: ScopeId) -> Option<(Loc, String)> {
        let (Held::Set(to, to_at), Held::Set(from, from_at)) =
            (self.get(model, scope, "charset"), self.get(model, scope, "source_charset"))
        else {
            return None;
        };
        let (to, from) = (to.first()?.to_ascii_lowercase(), from.first()?.to_ascii_lowercase());
        if to == "off" || to == from || to.starts_with('$') || from.starts_with('$') {
            return None;
        }
        let mut pair = [to, from];
        pair.sort();
        let message = "no `charset_map` is for these two charsets; nginx refuses that";
        (!self.charsets.contains(&pair)).then(|| (to_at.max(from_at), message.to_owned()))
    }

    /// Checked by nothing, or with a certificate that has no key.
    fn tls(&self, model: &Model, scope: ScopeId, what: &str) -> Option<(Loc, String)> {
        let get = |name: &str| self.get(model, scope, &format!("{what}_ssl_{name}"));
        let set = |words: &[String]| words.first().is_some_and(|word| !word.is_empty());
        if let Held::Set(words, at) = get("verify")
            && words.first().is_some_and(|word| word.eq_ignore_ascii_case("on"))
        {
            let missing = match get("trusted_certificate") {
                Held::Nothing => true,
                Held::Unknown => false,
                Held::Set(words, _) => !set(words),
            };
            if missing {
                let message =
                    format!("`{what}_ssl_verify` has no `{what}_ssl_trusted_certificate`; nginx refuses that");
                return Some((at, message));
            }
        }
        match (get("certificate"), get("certificate_key")) {
            (Held::Set(_, at), Held::Nothing) => {
                Some((at, format!("this certificate has no `{what}_ssl_certificate_key`; nginx refuses that")))
            }
            _ => None,
        }
    }
}
