//! Makes a real configuration such that nginx can start with it here: includes, certificates, logs, accounts and the hosts
//! that it passes requests on to are left out or stand for others; addresses become those of this process.

use super::generate::filled;
use crate::case::{Asked, Case};

/// What only the machine that the file was written for can do.
#[rustfmt::skip]
const LEFT_OUT: &[&str] = &[
    "include", "user", "pid", "load_module", "daemon", "master_process", "error_log", "access_log", "ssl_dhparam", "ssl_trusted_certificate", "ssl_client_certificate", "ssl_crl", "ssl_session_ticket_key", "ssl_password_file", "ssl_stapling",
    "ssl_stapling_verify", "ssl_verify_client", "resolver", "lock_file", "working_directory", "client_body_temp_path", "proxy_temp_path", "fastcgi_temp_path", "uwsgi_temp_path", "scgi_temp_path", "proxy_cache_path", "fastcgi_cache_path",
    "proxy_ssl_certificate", "proxy_ssl_certificate_key", "proxy_ssl_trusted_certificate", "worker_rlimit_nofile",
];
const PATHS: &[&str] = &["/", "/index.html", "/a/b.php", "/static/x.css", "/api/x"];
/// What is not followed from one place to another.
const UNFOLLOWED: &[&str] =
    &["if (", "if(", "rewrite ", "auth_", "error_page", "mirror", "set_real_ip", "limit_", "return "];

/// The file, or nothing where a template fills it in.
pub(super) fn case(text: &str) -> Option<Case> {
    if ["{{", "{%", "<%", "__", "%%"].iter().any(|mark| text.contains(mark)) {
        return None;
    }
    let mut out = String::new();
    let (mut ports, mut names, mut group) = (Vec::new(), vec!["localhost".to_owned()], false);
    for line in text.lines() {
        let bare = line.trim();
        group = (group || bare.starts_with("upstream ")) && !bare.starts_with('}');
        out.push_str(&stubbed(bare, line, group, &mut ports, &mut names));
        out.push('\n');
    }
    let whole = out.lines().any(|line| line.trim_start().starts_with("http") && line.contains('{'));
    let text = if whole { out } else { format!("events {{}}\nhttp {{\n{out}}}\n") };
    let mut asked = Vec::new();
    if !UNFOLLOWED.iter().any(|word| text.contains(word)) {
        ports.dedup();
        for port in ports.iter().take(2) {
            for host in names.iter().take(3) {
                let ask = |uri: &&str| {
                    let socket = String::from_utf8(filled(&format!("<A>1:{port}"), "\n")).unwrap();
                    Asked { socket, host: host.clone(), uri: (*uri).to_owned() }
                };
                asked.extend(PATHS.iter().map(ask));
            }
        }
    }
    Some(Case { files: vec![("nginx.conf".to_owned(), filled(&text, "\n"))], asked, ..Case::default() })
}

/// A line, with what stands for it.
fn stubbed(bare: &str, line: &str, group: bool, ports: &mut Vec<String>, names: &mut Vec<String>) -> String {
    let Some(statement) = bare.split(';').next().filter(|_| bare.contains(';')) else { return line.to_owned() };
    let words: Vec<&str> = statement.split_whitespace().collect();
    let rest = bare.get(statement.len()..).unwrap_or_default();
    match words.as_slice() {
        [name, ..] if LEFT_OUT.contains(name) => String::new(),
        ["ssl_certificate", ..] => format!("ssl_certificate @@/../cert.pem{rest}"),
        ["ssl_certificate_key", ..] => format!("ssl_certificate_key @@/../key.pem{rest}"),
        ["listen", address, more @ ..] => {
            let port = address.rsplit(':').next().unwrap_or_default();
            let port = if port.bytes().all(|byte| byte.is_ascii_digit()) { port } else { "80" };
            // Those of IPv6 are addresses of their own.
            let host = if address.starts_with('[') { "<A>3" } else { "<A>1" };
            if !more.contains(&"ssl") && host == "<A>1" {
                ports.push(port.to_owned());
            }
            let more: Vec<&&str> = more.iter().filter(|word| !word.starts_with("ipv6only")).collect();
            let more = more.iter().fold(String::new(), |all, word| all + " " + word);
            format!("listen {host}:{port}{more}{rest}")
        }
        ["server_name", all @ ..] => {
            names.extend(
                all.iter()
                    .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)))
                    .map(|name| (*name).to_owned()),
            );
            line.to_owned()
        }
        ["server", _, more @ ..] if group => format!("server 127.0.0.1:9 {}{rest}", more.join(" ")),
        ["proxy_pass", target] if !target.contains('$') => {
            let (scheme, host) = target.split_once("://").unwrap_or(("http", target));
            let path = host.find('/').map_or("", |at| &host[at..]);
            format!("proxy_pass {scheme}://127.0.0.1:9{path}{rest}")
        }
        [name @ ("fastcgi_pass" | "uwsgi_pass" | "grpc_pass" | "scgi_pass"), target] if !target.contains('$') => {
            format!("{name} 127.0.0.1:9{rest}")
        }
        _ => line.to_owned(),
    }
}
