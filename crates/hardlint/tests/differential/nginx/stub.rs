//! Makes a real configuration such that nginx can start with it here: what only its machine has is left out or stands for
//! something at hand, addresses become those of this process, and each server, location and `if` leaves a mark on the
//! requests that come through it.

use super::backend::Backend;
use super::generate::filled;
use super::tree::{self, Statement, bare};
use crate::case::{Asked, Case};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The variable that marks are left on, `|l12|/uri` each: of a server (`s`), a location (`l`), one with a name
/// (`n12@name`) and an `if` in a location (`i`).
pub(super) const TRACE: &str = "$hardlint_trace";
/// The file below a case's folder in which nginx writes the marks of each request.
pub(super) const TRACES: &str = ".traces";
/// Where the files stand that are served.
const SERVED: &str = "@@/www";

/// What only the machine that the file was written for can do, or what asks further requests in between.
#[rustfmt::skip]
const LEFT_OUT: &[&str] = &[
    "user", "pid", "load_module", "daemon", "master_process", "error_log", "access_log", "log_format", "ssl_dhparam", "ssl_trusted_certificate", "ssl_client_certificate", "ssl_crl", "ssl_session_ticket_key", "ssl_password_file", "ssl_stapling",
    "ssl_stapling_verify", "ssl_verify_client", "resolver", "lock_file", "working_directory", "client_body_temp_path", "proxy_temp_path", "fastcgi_temp_path", "uwsgi_temp_path", "scgi_temp_path", "proxy_cache_path", "fastcgi_cache_path",
    "proxy_ssl_certificate", "proxy_ssl_certificate_key", "proxy_ssl_trusted_certificate", "worker_rlimit_nofile", "ssl", "proxy_cache", "fastcgi_cache", "uwsgi_cache", "auth_request", "auth_request_set", "mirror", "ssi", "add_before_body",
    "add_after_body", "stream", "mail", "worker_cpu_affinity", "proxy_bind", "debug_points", "env", "perl_modules", "perl_require", "geoip_country", "geoip_city", "ssl_ecdh_curve", "limit_req", "limit_conn",
];
/// Blocks whose statements are entries of a table.
const TABLES: &[&str] = &["map", "geo", "types", "split_clients", "match", "charset_map"];
const PATHS: &[&str] = &["/", "/index.html", "/a/b.php", "/static/x.css", "/api/x"];
/// How many paths of its own locations a server is asked for, beside these.
const OWN_PATHS: usize = 5;
/// Includes inside each other that are followed.
const DEEPEST: usize = 4;

/// A configuration that nginx may start with: its files as statements, the first that of the start, and its servers.
pub(super) struct Stub {
    pub(super) files: Vec<(String, Vec<Statement>)>,
    servers: Vec<Server>,
}

/// A server, as it is asked.
#[derive(Default)]
struct Server {
    sockets: Vec<String>,
    names: Vec<String>,
    paths: Vec<String>,
}

struct Work {
    backend: Backend,
    files: Vec<(String, Vec<Statement>)>,
    servers: Vec<Server>,
    addresses: Vec<String>,
    ports: BTreeMap<String, usize>,
    marks: usize,
}

/// Nothing where it is no configuration of nginx.
pub(super) fn stub(path: &Path, text: &str, backend: Backend) -> Option<Stub> {
    let statements = tree::parse(&without_template(text))?;
    let folder = path.parent()?;
    let any = |names: &[&str]| statements.iter().any(|it| it.block.is_some() && names.contains(&it.name()));
    let mut work = Work {
        backend,
        files: vec![(String::new(), Vec::new())],
        servers: Vec::new(),
        addresses: vec!["*".to_owned(), "[::]".to_owned()],
        ports: BTreeMap::new(),
        marks: 0,
    };
    let mut all = if any(&["http"]) {
        work.block(statements, "main", folder, 0)
    } else {
        let server = any(&["server", "upstream", "map", "geo"]);
        let known = server || any(&["location"]) || statements.iter().any(|it| OF_SERVERS.contains(&it.name()));
        let part = if server { statements } else { vec![Statement::block("server", statements)] };
        known.then(|| work.block(vec![Statement::block("http", part)], "main", folder, 0))?
    };
    if !all.iter().any(|it| it.name() == "events") {
        all.insert(0, Statement::block("events", Vec::new()));
    }
    let http = all.iter_mut().find(|it| it.name() == "http")?.block.as_mut()?;
    if work.servers.is_empty() {
        let nothing = Statement::block("server", Vec::new());
        http.extend(work.block(vec![nothing], "http", folder, 0));
    }
    http.insert(0, Statement::plain(&format!("log_format hardlint_trace escape=none '{TRACE}'")));
    http.insert(1, Statement::plain(&format!("access_log @@/{TRACES} hardlint_trace")));
    work.files[0] = ("nginx.conf".to_owned(), all);
    Some(Stub { files: work.files, servers: work.servers })
}

/// Directives that tell that what has them is a part of a server.
const OF_SERVERS: &[&str] = &[
    "add_header",
    "proxy_set_header",
    "proxy_pass",
    "ssl_protocols",
    "ssl_ciphers",
    "fastcgi_param",
    "listen",
    "gzip",
];

/// How templates mark what they fill in, and what they do.
const MARKS: &[(&str, &str)] = &[("{#", "#}"), ("{%", "%}"), ("<%", "%>"), ("{{", "}}"), ("%%", "%%")];
/// What a mark begins with that writes nothing by itself.
const STATEMENTS: &[&str] = &["if ", "else", "end", "range ", "with ", "define ", "block ", "template ", "/*", "$"];

/// What a template writes becomes a word, and its statements go, as does what stands for whole lines.
fn without_template(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((at, open, close)) = mark(rest) {
        let Some(length) = rest[at + open.len()..].find(close) else { break };
        let (inside, behind) = rest[at + open.len()..].split_at(length);
        out.push_str(&rest[..at]);
        rest = &behind[close.len()..];
        let told = inside;
        let inside = inside.trim_start_matches(['-', ' ']);
        let alone = out.rsplit('\n').next().unwrap_or_default().trim().is_empty()
            && rest.split('\n').next().unwrap_or_default().trim().is_empty();
        let writes = match open {
            "{{" => !STATEMENTS.iter().any(|word| inside.starts_with(word)),
            "<%" => told.starts_with('='),
            "{#" | "{%" => false,
            _ => true,
        };
        if writes && !alone {
            out.push_str("filled");
        }
    }
    out.push_str(rest);
    out
}

/// The next mark; `${NAME}` is of the environment, as nginx' own variables are in lower case.
fn mark(text: &str) -> Option<(usize, &'static str, &'static str)> {
    let of_templates = MARKS.iter().filter_map(|(open, close)| Some((text.find(open)?, *open, *close)));
    let upper = |at: &usize| text[at + 2..].starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
    let of_environment = text.match_indices("${").map(|(at, _)| at).find(upper).map(|at| (at, "${", "}"));
    of_templates.chain(of_environment).min()
}

impl Stub {
    /// As nginx reads it, and what it is asked.
    pub(super) fn case(&self) -> Case {
        let text = |statements: &[Statement]| filled(&tree::written(statements), "\n");
        let mut files: Vec<_> = self.files.iter().map(|(path, all)| (path.clone(), text(all))).collect();
        files.extend(["index.html", "index.php"].map(|name| (format!("www/{name}"), Vec::new())));
        let asked = self.servers.iter().flat_map(Server::asked).collect();
        Case { files, asked, ..Case::default() }
    }
}

impl Server {
    fn asked(&self) -> Vec<Asked> {
        let host = self.names.iter().find_map(|name| answering_to(name)).unwrap_or_else(|| "nobody.test".to_owned());
        let step = self.paths.len().div_ceil(OWN_PATHS).max(1);
        let own = self.paths.iter().step_by(step).map(String::as_str);
        let uris: Vec<&str> = PATHS.iter().copied().chain(own).collect();
        let mut asked = Vec::new();
        for (at, socket) in self.sockets.iter().enumerate() {
            // Further sockets have the same locations.
            for uri in uris.iter().take(if at == 0 { uris.len() } else { 1 }) {
                let socket = String::from_utf8(filled(socket, "\n")).unwrap();
                asked.push(Asked { socket, host: host.clone(), uri: (*uri).to_owned() });
            }
        }
        asked
    }
}

/// A name that a name of a server stands for.
fn answering_to(name: &str) -> Option<String> {
    let name = name.strip_prefix('.').unwrap_or(name);
    let name = name.replacen("*.", "w.", 1).replacen(".*", ".test", 1);
    let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    plain.then_some(name)
}

impl Work {
    fn block(&mut self, statements: Vec<Statement>, of: &str, folder: &Path, depth: usize) -> Vec<Statement> {
        if TABLES.contains(&of) {
            return statements.into_iter().filter(|it| it.name() != "include").collect();
        }
        statements.into_iter().filter_map(|statement| self.statement(statement, of, folder, depth)).collect()
    }

    fn statement(&mut self, mut statement: Statement, of: &str, folder: &Path, depth: usize) -> Option<Statement> {
        let name = statement.name().to_owned();
        if LEFT_OUT.contains(&&*name) || name.contains("_by_lua") {
            return None;
        }
        if name == "include" {
            return self.include(&statement, of, folder, depth);
        }
        let Some(inside) = statement.block.take() else { return self.line(statement, of) };
        let head = statement.words[1..].join(" ");
        let mark = match (name.as_str(), of) {
            ("server", "http") => {
                self.servers.push(Server::default());
                Some("s".to_owned())
            }
            ("location", _) if head.starts_with('@') => Some("n".to_owned()),
            ("location", _) => {
                self.path(&statement.words);
                Some("l".to_owned())
            }
            ("if", "location") => Some("i".to_owned()),
            _ => None,
        };
        let mut inside = if mark.is_some() { self.marked(mark, &head, inside) } else { inside };
        inside = self.block(inside, &name, folder, depth);
        if name == "server" && of == "http" && self.servers.last().is_some_and(|it| it.sockets.is_empty()) {
            inside.extend(self.line(Statement::plain("listen 80"), "server"));
        }
        statement.block = Some(inside);
        Some(statement)
    }

    fn marked(&mut self, kind: Option<String>, head: &str, mut inside: Vec<Statement>) -> Vec<Statement> {
        self.marks += 1;
        let kind = kind.unwrap_or_default();
        let name = if kind == "n" { head } else { "" };
        inside.insert(0, Statement::plain(&format!("set {TRACE} {TRACE}|{kind}{}{name}|$uri", self.marks)));
        inside
    }

    /// A path that comes to a location.
    fn path(&mut self, words: &[String]) {
        let [_, modifier @ .., path] = words else { return };
        let path = bare(path);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
        if let Some(server) = self.servers.last_mut()
            && !modifier.iter().any(|word| word.starts_with('~'))
            && path.starts_with('/')
            && path.bytes().all(plain)
            && !PATHS.contains(&path)
        {
            server.paths.push(path.to_owned());
        }
    }

    /// A statement without a block, with what stands for its words.
    fn line(&mut self, mut statement: Statement, of: &str) -> Option<Statement> {
        let words: Vec<&str> = statement.words.iter().map(|word| bare(word)).collect();
        let Backend { http, fastcgi } = self.backend;
        let plain = |text: String| Some(Statement::plain(&text));
        match words.as_slice() {
            ["ssl_certificate", ..] => plain("ssl_certificate @@/../cert.pem".to_owned()),
            ["ssl_certificate_key", ..] => plain("ssl_certificate_key @@/../key.pem".to_owned()),
            ["listen", address, more @ ..] => {
                let socket = self.socket(address);
                let server = self.servers.last_mut().filter(|it| !it.sockets.contains(&socket))?;
                server.sockets.push(socket.clone());
                let default = more.iter().find(|word| matches!(**word, "default_server" | "default"));
                plain(format!("listen {socket} {}", default.unwrap_or(&"")).trim_end().to_owned())
            }
            ["server_name", all @ ..] => {
                let all: Vec<String> = all.iter().map(|&name| name.to_owned()).collect();
                if let Some(server) = self.servers.last_mut() {
                    server.names.extend(all);
                }
                Some(statement)
            }
            ["server", _, more @ ..] if of == "upstream" => {
                let known = |word: &&&str| word.starts_with("weight=") || word.starts_with("max_fails=");
                let more = more.iter().filter(known).fold(String::new(), |all, word| all + " " + word);
                plain(format!("server 127.0.0.1:{http}{more}"))
            }
            ["proxy_pass", target] if !target.contains('$') => {
                let host = target.split_once("://").map_or(*target, |(_, host)| host);
                let path = host.find('/').map_or("", |at| &host[at..]).to_owned();
                plain(format!("proxy_pass http://127.0.0.1:{http}{path}"))
            }
            ["fastcgi_pass", ..] => plain(format!("fastcgi_pass 127.0.0.1:{fastcgi}")),
            ["uwsgi_pass", ..] => plain(format!("uwsgi_pass 127.0.0.1:{http}")),
            [name @ ("grpc_pass" | "scgi_pass"), ..] => plain(format!("{name} 127.0.0.1:9")),
            [name @ ("root" | "alias"), place] => {
                let rest = place.find('$').map_or("", |at| &place[at..]);
                let slash = if place.ends_with('/') || !rest.is_empty() { "/" } else { "" };
                let text = format!("{SERVED}{slash}{rest}");
                statement.words = vec![(*name).to_owned(), text];
                Some(statement)
            }
            _ => Some(statement),
        }
    }

    /// Another address for each that is written, and a port that nobody needs a right for.
    fn socket(&mut self, address: &str) -> String {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (host, port) = match address.rsplit_once(':') {
            _ if digits(address) => ("*", address),
            Some((host, port)) if digits(port) && !host.starts_with("unix") => (host, port),
            _ => (address, "80"),
        };
        let host = if host == "0.0.0.0" { "*" } else { host };
        let at = self.addresses.iter().position(|known| known == host).unwrap_or_else(|| {
            self.addresses.push(host.to_owned());
            self.addresses.len() - 1
        });
        let next = 20_000 + self.ports.len();
        let port = self.ports.entry(port.to_owned()).or_insert(next);
        format!("<A>{}:{port}", 5 + at)
    }

    /// The files that it names, where they lie beside the file; else an empty one.
    fn include(&mut self, statement: &Statement, of: &str, folder: &Path, depth: usize) -> Option<Statement> {
        let pattern = bare(statement.words.get(1)?).to_owned();
        let below = pattern.strip_prefix("/etc/nginx/").unwrap_or(&pattern).trim_start_matches("./");
        let found = if depth < DEEPEST && !below.starts_with('/') { matching(folder, below) } else { Vec::new() };
        let at = self.files.len();
        if found.is_empty() {
            self.files.push((format!("include/{at}.conf"), Vec::new()));
            return Some(Statement::plain(&format!("include include/{at}.conf")));
        }
        for (number, path) in found.iter().enumerate() {
            let text = fs::read_to_string(path).unwrap_or_default();
            let statements = tree::parse(&without_template(&text)).unwrap_or_default();
            let place = self.files.len();
            self.files.push((format!("include/{at}/{number:03}.conf"), Vec::new()));
            self.files[place].1 = self.block(statements, of, folder, depth + 1);
        }
        Some(Statement::plain(&format!("include include/{at}/*.conf")))
    }
}

/// The files that a pattern with one star in its last part names.
fn matching(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let place = folder.join(pattern);
    let (Some(inside), Some(name)) = (place.parent(), place.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let Some((before, after)) = name.split_once('*') else {
        return if place.is_file() { vec![place] } else { Vec::new() };
    };
    let entries = fs::read_dir(inside).into_iter().flatten().flatten().map(|entry| entry.path());
    let fits = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.starts_with(before) && name.ends_with(after) && !name.starts_with('.') && path.is_file()
    };
    let mut found: Vec<PathBuf> = entries.filter(fits).collect();
    found.sort();
    found
}
