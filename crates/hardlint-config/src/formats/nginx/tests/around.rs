//! What files that are not at hand may hold.

use super::*;

const SITE: &str = "server { listen 80; root /srv; autoindex on; }";

/// Whether it is known that the site's folders are open to everybody.
fn open(files: &[(&str, &str)]) -> String {
    value(&model(files, Query::default()), "location", "/", "restricted")
}

/// nginx 1.22.1: a second `http` is refused as duplicate.
#[test]
fn what_is_beside_http_hides_nothing_in_it() {
    let main = |more: &str, inside: &str| {
        format!(
            "user www;\ninclude /etc/nginx/modules-enabled/*.conf;\n{more}\nevents {{}}\nhttp {{ {inside} {SITE} }}"
        )
    };
    for (more, inside, beside, expected) in [
        ("", "", ("fastcgi.conf", "fastcgi_param A b;"), "false"),
        ("", "", ("gzip.conf", "gzip on;"), "false"),
        ("include /srv/main.conf;", "", ("x", ""), "false"),
        ("", "include /etc/nginx/conf.d/*.conf;", ("fastcgi.conf", "fastcgi_param A b;"), "false"),
        ("", "include /etc/nginx/conf.d/*.conf;", ("site.conf", "deny all;"), "unknown"),
        ("", "include site.conf; include /etc/nginx/conf.d/*.conf;", ("site.conf", "gzip on;"), "false"),
        ("", "include /etc/nginx/conf.d/*.conf;", ("other.conf", "events {} http {}"), "false"),
        ("", "include /srv/cloudflare.conf;", ("x", ""), "false"),
        ("", "include /srv/real-ip.conf; include /srv/gzip.conf;", ("x", ""), "false"),
        ("", "include /srv/access.conf;", ("x", ""), "unknown"),
        ("", "include cloudflare;", ("x", ""), "false"),
    ] {
        let text = main(more, inside);
        let found = open(&[("nginx.conf", &text), beside]);
        assert_eq!(found, expected, "{more} {inside} {beside:?}");
    }
    let model = model(&[("nginx.conf", &main("", "")), ("gzip.conf", "gzip on;")], Query::default());
    assert_eq!(spelt(&model, model.get(ScopeId(0), "user")), "www");
    assert_eq!(spelt(&model, model.get(ScopeId(0), "worker_processes")), "unknown");
}

#[test]
fn a_site_that_nothing_links_yet_has_what_is_around_those_that_are_linked() {
    let site = "server { listen 443 ssl; root /srv; }";
    let main = "events {}\nhttp { add_header Strict-Transport-Security max-age=31536000 always; \
                include /etc/nginx/sites-enabled/*; server { listen 80; } }";
    let sends = |files: &[(&str, &str)]| value(&model(files, Query::default()), "server", "", "sends_hsts");
    let alone = [("n/sites-available/b", site)];
    assert_eq!(sends(&alone), "false");
    let linked = [("n/sites-available/b", site), ("n/sites-enabled/a", site), ("n/nginx.conf", main)];
    assert_eq!(sends(&linked), "true");
    let elsewhere = [("n/conf.d/b", site), ("n/sites-enabled/a", site), ("n/nginx.conf", main)];
    assert_eq!(sends(&elsewhere), "false");
}
