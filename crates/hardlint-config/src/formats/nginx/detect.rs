//! Whether a file is nginx configuration, by its structure: many programs have files that look a little like it.

use super::syntax::{Form, Statement, Tree};
use super::{keys, template};
use crate::loader;

/// How much of a file is looked at.
const ENOUGH: usize = 64 * 1024;

/// Blocks that stand at the top of nginx files.
const BLOCKS: &[&str] = &["http", "server", "location", "upstream", "events", "stream", "mail", "map", "geo", "if"];

/// Whether the file is nginx's.
pub(super) fn sniff(path: &str, text: &str) -> bool {
    let mut end = text.len().min(ENOUGH);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut = end < text.len();
    let text = text.get(..end).unwrap_or_default();
    if memchr::memchr(b';', text.as_bytes()).is_none() {
        return false;
    }
    let tree = Tree::parse(text, template::is_template(path));
    let mut blocks = 0;
    let (mut known, mut unknown) = (0, 0);
    for (index, statement) in tree.siblings(0, tree.statements.len()) {
        let name = name(&tree, statement, text);
        match statement.form {
            Form::Block(_) if BLOCKS.contains(&name) => {
                let inside = tree.children(index).filter(|(_, child)| is_known(&tree, child, text)).count();
                let sure = inside > 0 || (matches!(name, "map" | "geo" | "events") && tree.words(statement).len() <= 3);
                if sure {
                    blocks += 1;
                }
            }
            Form::Simple if listed(name) => known += 1,
            Form::Simple => unknown += 1,
            _ => {}
        }
    }
    if blocks > 0 && !foreign(&tree, text) {
        return true;
    }
    // A fragment of directives alone has to be nginx's through and through, and to read well.
    let clean = tree.faults.is_empty() || cut;
    let wanted = if loader::name(loader::folder(path)).contains("nginx") { 1 } else { 2 };
    clean && known >= wanted && unknown * 4 <= known
}

/// Whether the text has what other programs' files with blocks have, and nginx's never.
fn foreign(tree: &Tree, text: &str) -> bool {
    let settings = tree.statements.iter().filter(|statement| {
        let words = tree.words(statement);
        words.get(1).is_some_and(|word| !word.quoted && word.spelt(text) == "=" && name(tree, statement, text) != "if")
    });
    settings.count() * 2 > tree.statements.len()
}

fn name<'t>(tree: &Tree, statement: &Statement, text: &'t str) -> &'t str {
    tree.words(statement).first().and_then(|word| text.get(word.span.range())).unwrap_or_default()
}

/// Whether a statement is a directive of nginx, or a block that holds one.
fn is_known(tree: &Tree, statement: &Statement, text: &str) -> bool {
    let name = name(tree, statement, text);
    match statement.form {
        Form::Simple => listed(name) || name == "include" || name == "server",
        Form::Block(_) => matches!(name, "server" | "location" | "if" | "types" | "upstream" | "map" | "limit_except"),
        Form::Foreign => true,
        Form::Inserted => false,
    }
}

fn listed(name: &str) -> bool {
    let keys = keys::SCHEMA.keys;
    let first = keys.partition_point(|key| key.name < name);
    keys.get(first).is_some_and(|key| key.name == name && !key.fact)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: bool) {
        assert_eq!(sniff(path, text), expected, "{path}\n{text}");
    }

    #[test]
    fn nginx_is_told_by_its_structure() {
        check("x.conf", "server {\n listen 80;\n}\n", true);
        check("x.conf", "upstream a { server b:80; }", true);
        check("x.conf", "location / { proxy_pass http://a; }", true);
        check("x.conf", "events {}\nhttp { include mime.types; }", true);
        check("snippets/proxy.conf", "proxy_set_header Host $host;\nproxy_buffering off;\n", true);
        check("x.conf", "server_name {{ a }};\nlisten 80;\n", true);
        check("x.conf.j2", "{% for a in b %}\nserver { listen {{ a }}; }\n{% endfor %}", true);
    }

    #[test]
    fn other_programs_are_left_alone() {
        check("httpd.conf", "<VirtualHost *:80>\n ServerName a\n</VirtualHost>\n", false);
        check("postgresql.conf", "port = 5432\nssl = on;\n", false);
        check("redis.conf", "bind 127.0.0.1\nport 6379\n", false);
        check("supervisord.conf", "[program:nginx]\ncommand=nginx -g 'daemon off;'\n", false);
        check("logrotate.conf", "/var/log/nginx/*.log {\n daily\n rotate 7\n}\n", false);
        check("named.conf", "options { directory \"/x\"; };\nserver 1.2.3.4 { bogus yes; };\n", false);
        check("consul.conf", "server {\n enabled = true\n address = \"x\"\n}\n", false);
        check(
            "lighttpd.conf",
            "server.port = 80\n$HTTP[\"host\"] == \"a\" { url.redirect = (\"a\" => \"b\") }\n",
            false,
        );
        check("dhcpd.conf", "subnet 10.0.0.0 netmask 255.0.0.0 { option routers 10.0.0.1; }\n", false);
        check("x.conf", "user = a;\n", false);
        check("App.config", "<configuration>\n <a b=\"c;d\"/>\n</configuration>", false);
    }
}
