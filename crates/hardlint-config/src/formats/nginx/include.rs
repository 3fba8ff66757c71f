//! Which files an `include` names.
//!
//! nginx takes a relative path from the folder of its main file, whatever file the line stands in. A fragment does not
//! know its main file: there the folders in which it may lie are tried. Absolute paths exist below the root only where
//! something says which folder stands for them.

use super::template;
use crate::loader::{self, Loader};
use crate::workspace::Query;

/// What an `include` names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// These files, in the order in which nginx reads them; `guessed` if nothing but their names says that it does.
    Files {
        /// Paths below the root.
        paths: Vec<String>,
        /// Names that the pattern fits and that lead to no file: links whose target is not at hand.
        dangling: Vec<String>,
        /// Whether the folder is taken for `/etc/nginx` only because the main file lies there.
        guessed: bool,
    },
    /// Nothing, which nginx tolerates.
    Nothing,
    /// A file that comes with nginx, and decides nothing that is judged here.
    Shipped,
    /// Files of the image or the host.
    Elsewhere,
    /// A file that would have to be there.
    Missing,
}

/// Files that every nginx package installs beside the main file.
const SHIPPED: &[&str] = &[
    "mime.types",
    "fastcgi_params",
    "fastcgi.conf",
    "uwsgi_params",
    "scgi_params",
    "fastcgi-php.conf",
    "koi-utf",
    "koi-win",
    "win-utf",
];

/// Files that certbot and Debian write, with all the directives that stand in them.
const KNOWN: &[(&str, &[&str])] = &[
    (
        "/etc/letsencrypt/options-ssl-nginx.conf",
        &[
            "ssl_ciphers",
            "ssl_prefer_server_ciphers",
            "ssl_protocols",
            "ssl_session_cache",
            "ssl_session_tickets",
            "ssl_session_timeout",
        ],
    ),
    ("/etc/nginx/proxy_params", &["proxy_set_header"]),
    ("/etc/nginx/snippets/snakeoil.conf", &["ssl_certificate", "ssl_certificate_key"]),
];

/// What files are called that generators and people write for one thing, with the directives that it takes. Each word of a
/// name has to be one of them.
const NAMED: &[(&[&str], &[&str])] = &[
    (
        &["cf", "cloudflare", "fastly", "ip", "ips", "ipv4", "ipv6", "ranges", "real", "realip"],
        &["set_real_ip_from", "real_ip_header", "real_ip_recursive"],
    ),
    (
        &["brotli", "compress", "compression", "gzip"],
        &["gzip", "gzip_comp_level", "gzip_min_length", "gzip_proxied", "gzip_types", "gzip_vary"],
    ),
    (&["format", "formats", "log", "logformat", "logging", "logs"], &["access_log", "log_format", "error_log"]),
];

/// What a file that is not at hand may set, where it is known who wrote it, or its name tells what for.
pub(super) fn sets(path: &str) -> Option<&'static [&'static str]> {
    let known = KNOWN.iter().find(|(known, _)| *known == path).map(|(_, names)| *names);
    known.or_else(|| {
        let name = loader::name(path);
        let name = name.strip_suffix(".conf").or_else(|| name.strip_suffix(".inc")).unwrap_or(name);
        let lower = name.to_ascii_lowercase();
        let all = |words: &[&str]| lower.split(['-', '_', '.']).all(|word| words.contains(&word));
        NAMED.iter().find(|(words, _)| all(words)).map(|(_, names)| *names)
    })
}

/// Whether a file is one that every nginx package brings.
pub(super) fn is_shipped(path: &str) -> bool {
    let name = loader::name(path);
    SHIPPED.contains(&name) || name == "proxy_params"
}

/// Folders of which the main file's folder is the parent.
const PARTS: &[&str] = &[
    "conf.d",
    "sites-enabled",
    "sites-available",
    "snippets",
    "http.d",
    "conf-enabled",
    "conf-available",
    "vhost.d",
    "vhosts",
    "default.d",
    "includes",
    "include",
    "servers",
    "stream.d",
    "templates",
    "sites",
];

/// Where absolute paths of nginx's own configuration begin.
const PREFIXES: &[&str] = &[
    "/etc/nginx/",
    "/usr/local/nginx/conf/",
    "/usr/local/etc/nginx/",
    "/usr/local/openresty/nginx/conf/",
    "/opt/nginx/conf/",
];

/// Endings under which a file lies before a template is filled in.
const TEMPLATES: &[&str] = &["", ".template", ".j2", ".erb", ".tmpl", ".tpl", ".jinja2", ".gtpl", ".ctmpl"];

/// The files that `pattern` names in a configuration that starts at `main`, which is a main file or else a fragment.
pub(super) fn find(loader: &dyn Loader, query: &Query, main: &str, whole: bool, pattern: &str) -> Found {
    let literal = !loader::is_pattern(pattern);
    let mut guessed = false;
    let (mut paths, mut dangling) = (Vec::new(), Vec::new());
    if pattern.starts_with('/') {
        for (candidate, guess) in absolute(query, main, pattern) {
            (paths, dangling) = expand(loader, &candidate);
            guessed = guess;
            if !(paths.is_empty() && dangling.is_empty()) {
                break;
            }
        }
    } else {
        for base in bases(main, whole) {
            (paths, dangling) = loader::join(&base, pattern).map(|path| expand(loader, &path)).unwrap_or_default();
            if !(paths.is_empty() && dangling.is_empty()) {
                break;
            }
        }
    }
    if !(paths.is_empty() && dangling.is_empty()) {
        return Found::Files { paths, dangling, guessed };
    }
    if let Some(available) = available(loader, query, main, pattern) {
        return Found::Files { paths: available, dangling: Vec::new(), guessed: true };
    }
    if SHIPPED.contains(&loader::name(pattern)) {
        return Found::Shipped;
    }
    match (literal, pattern.starts_with('/') || !whole) {
        (false, false) => Found::Nothing,
        (_, true) => Found::Elsewhere,
        (true, false) => Found::Missing,
    }
}

/// The files of `sites-available` where a pattern asks for all of `sites-enabled`: Debian has links there, which are made on
/// the machine, and projects often keep the first folder alone. A machine has both, and says itself what is enabled.
fn available(loader: &dyn Loader, query: &Query, main: &str, pattern: &str) -> Option<Vec<String>> {
    let folder = loader::folder(pattern);
    if !loader::is_pattern(loader::name(pattern)) || query.on_machine() {
        return None;
    }
    if loader::name(folder) != "sites-enabled" {
        return None;
    }
    let nginx = match loader::name(loader::folder(main)) {
        part if PARTS.contains(&part) => loader::folder(loader::folder(main)),
        _ => loader::folder(main),
    };
    if loader.stat(&loader::join(nginx, "sites-enabled")?).is_some() {
        return None;
    }
    let wanted = format!("sites-available/{}", loader::name(pattern));
    let (mut paths, _) = expand(loader, &loader::join(nginx, &wanted)?);
    // Nobody links what was put aside.
    paths.retain(|path| !is_put_aside(loader::name(path)));
    (!paths.is_empty()).then_some(paths)
}

/// Whether a file is a copy that somebody, an editor or a package manager left, or is switched off by its name.
fn is_put_aside(name: &str) -> bool {
    const ENDINGS: &[&str] = &["~", ".bak", ".backup", ".disabled", ".off", ".old", ".orig", ".rej", ".save", ".swp"];
    let lower = name.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| lower.ends_with(ending)) || lower.contains(".dpkg-") || lower.contains(".bak.")
}

/// Paths below the root that an absolute path may stand for, and whether that is only guessed.
fn absolute(query: &Query, main: &str, pattern: &str) -> Vec<(String, bool)> {
    let mut candidates = Vec::new();
    candidates.extend(query.mapped(pattern).map(|path| (path, false)));
    let folder = loader::folder(main);
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let wanted: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    for (at, pair) in parts.windows(2).enumerate() {
        if wanted.get(..2) == Some(pair) {
            let base = parts.get(..at).unwrap_or_default().join("/");
            candidates.extend(loader::join(&base, pattern.trim_start_matches('/')).map(|path| (path, false)));
        }
    }
    for prefix in PREFIXES {
        if let Some(rest) = pattern.strip_prefix(prefix) {
            candidates.extend(loader::join(folder, rest).map(|path| (path, true)));
            if PARTS.contains(&loader::name(folder)) {
                candidates.extend(loader::join(loader::folder(folder), rest).map(|path| (path, true)));
            }
        }
    }
    candidates
}

/// The folders from which relative paths may count.
fn bases(main: &str, whole: bool) -> Vec<String> {
    let folder = loader::folder(main);
    if whole {
        return vec![folder.to_owned()];
    }
    let parent = loader::folder(folder).to_owned();
    if PARTS.contains(&loader::name(folder)) {
        vec![parent, folder.to_owned()]
    } else {
        vec![folder.to_owned(), parent]
    }
}

/// The files at a path or pattern; where there is none, those that templates make. Then what a pattern fits and is no file,
/// nor anything else.
fn expand(loader: &dyn Loader, pattern: &str) -> (Vec<String>, Vec<String>) {
    let (folder, name) = (loader::folder(pattern), loader::name(pattern));
    let folders = if loader::is_pattern(folder) { loader::glob(loader, folder) } else { vec![folder.to_owned()] };
    let mut dangling = Vec::new();
    for ending in TEMPLATES {
        let wanted = format!("{name}{ending}");
        let mut paths = loader::glob_in(loader, &folders, &wanted);
        paths.retain(|path| {
            let stat = loader.stat(path);
            if stat.is_none() && ending.is_empty() && loader::is_pattern(name) {
                dangling.push(path.clone());
            }
            stat.is_some_and(|stat| stat.kind == loader::Kind::File)
        });
        if !(paths.is_empty() && dangling.is_empty()) {
            debug_assert!(ending.is_empty() || template::is_template(&format!("{pattern}{ending}")));
            return (paths, dangling);
        }
    }
    (Vec::new(), dangling)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Memory;

    fn check(main: &str, whole: bool, pattern: &str, expected: &str) {
        let memory = Memory::new(
            [
                "nginx/nginx.conf",
                "nginx/proxy.inc",
                "nginx/conf.d/10.conf",
                "nginx/conf.d/9.conf",
                "nginx/conf.d/.hidden.conf",
                "rootfs/etc/nginx/nginx.conf",
                "rootfs/etc/nginx/conf.d/a.conf",
                "t/nginx.conf.template",
                "t/proxy.conf.template",
                "debian/nginx.conf",
                "debian/sites-available/shop",
                "debian/sites-available/shop.bak",
                "debian/sites-available/old.disabled",
                "debian/sites-available/wiki.conf",
                "both/nginx.conf",
                "both/sites-available/shop",
                "both/sites-enabled/.keep",
            ]
            .map(|path| (path, "")),
        );
        let query = Query { root_map: vec![("/srv/conf".into(), "nginx".into())], ..Query::default() };
        let found = match find(&memory, &query, main, whole, pattern) {
            Found::Files { paths, guessed, .. } => format!("{}{}", paths.join(" "), if guessed { " ?" } else { "" }),
            other => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{main} {pattern}");
    }

    #[test]
    fn includes_are_found_as_nginx_finds_them() {
        check("nginx/nginx.conf", true, "conf.d/*.conf", "nginx/conf.d/10.conf nginx/conf.d/9.conf");
        check("nginx/nginx.conf", true, "none.d/*.conf", "Nothing");
        check("nginx/nginx.conf", true, "none.conf", "Missing");
        check("nginx/nginx.conf", true, "mime.types", "Shipped");
        check("nginx/nginx.conf", true, "/etc/letsencrypt/options-ssl-nginx.conf", "Elsewhere");
        check("nginx/nginx.conf", true, "/etc/nginx/conf.d/9.conf", "nginx/conf.d/9.conf ?");
        check("nginx/nginx.conf", true, "/srv/conf/conf.d/9.conf", "nginx/conf.d/9.conf");
        check("nginx/nginx.conf", true, "../../etc/passwd", "Missing");
        check("rootfs/etc/nginx/nginx.conf", true, "/etc/nginx/conf.d/*.conf", "rootfs/etc/nginx/conf.d/a.conf");
        check("nginx/conf.d/9.conf", false, "proxy.inc", "nginx/proxy.inc");
        check("nginx/conf.d/9.conf", false, "none.inc", "Elsewhere");
        check("t/nginx.conf.template", true, "proxy.conf", "t/proxy.conf.template");
        let all = "debian/sites-available/shop debian/sites-available/wiki.conf ?";
        check("debian/nginx.conf", true, "/etc/nginx/sites-enabled/*", all);
        check("debian/nginx.conf", true, "sites-enabled/*.conf", "debian/sites-available/wiki.conf ?");
        check("debian/nginx.conf", true, "/etc/nginx/sites-enabled/shop", "Elsewhere");
        check("both/nginx.conf", true, "/etc/nginx/sites-enabled/*", "Elsewhere");
    }
}
