//! What is known of images that people work in through a browser: editors, terminals, files and documents. Most ask for a
//! login unless they are told not to, and some answer with the first one of their manual.

use super::consoles::Reach::{self, Control, Login, View};
use super::consoles::{value, word_nodes, words};
use super::resolve::Service;

/// What answers on a port of a service whose image is called `image`, and what whoever gets there can do.
pub(super) fn on(service: &Service<'_>, reference: &str, image: &str, port: i64) -> Option<(&'static str, Reach)> {
    let sets = |starts: &[&str]| {
        service.environment.iter().any(|variable| starts.iter().any(|start| variable.name.starts_with(start)))
    };
    // What stands in files of its own is not known, nor what an image that the project builds brings along.
    let has = |names: &[&str]| names.iter().any(|name| service.node.value.entry(name).is_some());
    let told = || has(&["build", "configs", "env_file", "extends", "secrets"]);
    let mounted = |starts: &[&str]| {
        let mounts = service.node.value.entry("volumes").and_then(|node| node.value.as_list()).unwrap_or_default();
        let targets = mounts.iter().filter_map(|mount| mount.value.entry("target")?.value.as_str());
        targets.into_iter().any(|target| starts.iter().any(|start| target.starts_with(start)))
    };
    match image {
        // Whose image nobody tells a password asks for none; the other one asks unless it is told not to.
        "code-server" if matches!(port, 8080 | 8443) => {
            let told_not_to = words(service).any(|word| word == "none" || word == "--auth=none");
            let unasked = reference.contains("linuxserver/")
                && !sets(&["PASSWORD", "HASHED_PASSWORD", "FILE__PASSWORD", "FILE__HASHED_PASSWORD"])
                && !told();
            (told_not_to || unasked).then_some(("code-server", Control))
        }
        // The image's own configuration opens it; a command takes the place of that.
        "nats" if port == 8222 => {
            let opens = |word: &str| ["-m", "--http_port", "-http_port"].iter().any(|option| word.starts_with(option));
            let own = word_nodes(service).next().is_none() && !mounted(&["/etc/nats", "/nats"]) && !told();
            (own || words(service).any(opens)).then_some(("NATS's monitoring", View))
        }
        // A terminal, which takes what is typed since its seventh version only where it is told so.
        "ttyd" if port == 7681 => {
            let asks = |word: &str| {
                let options = ["-c", "--credential", "-H", "--auth-header"];
                options.iter().any(|option| {
                    word.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
                })
            };
            let open = !words(service).any(asks) && word_nodes(service).all(|word| word.value.as_str().is_some());
            let writes = words(service).any(|word| matches!(word, "-W" | "--writable"));
            open.then_some(("ttyd's terminal", if writes { Control } else { View }))
        }
        "filebrowser" if matches!(port, 80 | 8080) => {
            let on = |text: &str| !matches!(text, "false" | "0" | "");
            let open = words(service).any(|word| word == "--noauth") || value(service, "FB_NOAUTH").is_some_and(on);
            open.then_some(("File Browser", Control))
        }
        // Whoever gets there has documents fetched from any address, and converted.
        "documentserver" if port == 80 => {
            let off = value(service, "JWT_ENABLED").is_some_and(|on| on.eq_ignore_ascii_case("false"));
            off.then_some(("ONLYOFFICE's document server", Control))
        }
        // Its first login, `admin@example.com` with the password `password`, is that of its manual.
        "speedtest-tracker" if matches!(port, 80 | 443) => {
            (!sets(&["ADMIN_PASSWORD"]) && !told()).then_some(("Speedtest Tracker", Login))
        }
        _ => None,
    }
}
