//! Files that got other names, or were moved into others.

use super::*;

#[test]
fn a_renamed_file_brings_nothing_back() {
    let scratch = Scratch::new("baseline-renamed");
    scratch.write(".git/HEAD", "");
    let compose = "services:\n  web:\n    image: x\n    privileged: true\n    ports: ['0.0.0.0:5432:5432']\n";
    for (path, text) in [
        ("compose.yaml", compose),
        ("ssh/sshd_config", "PermitRootLogin yes\nPermitEmptyPasswords yes\n"),
        ("old/Dockerfile", "FROM debian\nRUN curl http://x | sh\n"),
        ("pg/postgresql.conf", "listen_addresses = '*'\nfsync = off\n"),
    ] {
        scratch.write(path, text);
    }
    let nginx = "events {}\nhttp { server { listen 80; location /a { alias /srv/a/; autoindex on; } } }\n";
    scratch.write("nginx/nginx.conf", nginx);
    assert_eq!(run(&scratch, &["--write-baseline", "base.json"]).0, 0);
    for (from, to) in [
        ("compose.yaml", "docker-compose.yml"),
        ("ssh/sshd_config", "sshd/sshd_config"),
        ("old/Dockerfile", "new/Dockerfile"),
        ("pg/postgresql.conf", "db/postgresql.conf"),
        ("nginx/nginx.conf", "proxy/nginx.conf"),
    ] {
        fs::create_dir_all(scratch.path(to).parent().unwrap()).unwrap();
        fs::rename(scratch.path(from), scratch.path(to)).unwrap();
    }
    assert_eq!(new(&scratch), "");
    // A copy of what is still there is new.
    scratch.write("zzz/nginx.conf", nginx);
    let told = new(&scratch);
    assert!(told.contains("zzz/nginx.conf:2") && !told.contains("proxy/"), "{told}");
}

/// What was found in a file that is gone stands for the same in one that came, and not for a fault that came to another.
#[test]
fn a_file_that_goes_hides_nothing_in_one_that_stays() {
    let harmless = "services:\n  web:\n    image: shop/web:1\n";
    let open = "services:\n  web:\n    image: shop/web:1\n    privileged: true\n";
    let files = [("batch/compose.yaml", open), ("shop/compose.yaml", harmless)];
    let told_after = |path: &str| {
        told(&files, |scratch| {
            fs::remove_file(scratch.path("batch/compose.yaml")).unwrap();
            scratch.write(path, open);
        })
    };
    assert!(told_after("shop/compose.yaml").contains("shop/compose.yaml:4:17: critical[compose/privileged-container]"));
    assert!(!told_after("tasks/compose.yaml").contains("privileged-container"));
}

/// A file that has another name says nearly all that it said; what only has the same fault is another.
#[test]
fn a_file_that_goes_stands_for_one_that_says_the_same() {
    let service = |image: &str, more: &str| {
        format!(
            "services:\n  web:\n    image: {image}\n    restart: always\n    environment:\n      MODE: {image}\n    privileged: true\n    init: true\n\
             \x20   hostname: web\n    user: \"1000\"\n{more}"
        )
    };
    let old = service("shop/web:1", "");
    let moved_to = |text: &str| {
        told(&[("batch/compose.yaml", &old)], |scratch| {
            fs::remove_file(scratch.path("batch/compose.yaml")).unwrap();
            scratch.write("tasks/compose.yaml", text);
        })
    };
    let more = "    ports:\n      - 127.0.0.1:80:80\n".to_owned() + &"# more\n".repeat(100);
    assert!(!moved_to(&service("shop/web:1", &more)).contains("privileged-container"));
    assert!(!moved_to(&service("shop/web:1", "").replace("    init: true\n", "")).contains("privileged-container"));
    // What all files of the format have is in both.
    let another = moved_to(&service("pages/site:3", "volumes:\n  data: {}\n"));
    assert!(another.contains("tasks/compose.yaml:7:17: critical[compose/privileged-container]"), "{another}");
}

/// Of a few lines nobody can tell whether they are those of the file that is gone, but where nothing else is said.
#[test]
fn a_short_file_that_goes_hides_no_other() {
    let cases = [
        ("redis.conf", "bind 0.0.0.0\nprotected-mode no\n", "maxmemory 3gb\n", "redis/unauthenticated"),
        ("pg_hba.conf", "host all all 0.0.0.0/0 trust\n", "local all all peer\n", "pg_hba/hba-trust-remote"),
        ("compose.yaml", "services:\n  web:\n    image: a/b:1\n    privileged: true\n", "name: x\n", "privileged"),
        ("Dockerfile", "FROM a:1\nRUN curl http://x/y | sh\n", "WORKDIR /srv\n", "curl-pipe-shell"),
        (".env", "SECRET_KEY=changeme\n", "DEBUG=0\n", "env/placeholder-secret-in-use"),
        // The value may be another, and no baseline knows.
        (".env", "DB_PASSWORD=changeme\n", "", "env/placeholder-secret-in-use"),
    ];
    for (name, old, more, rule) in cases {
        let told = told(&[(&format!("a/{name}"), old)], |scratch| {
            fs::remove_dir_all(scratch.path("a")).unwrap();
            scratch.write(&format!("b/{name}"), old.to_owned() + more);
        });
        assert!(told.contains(rule), "{name}: {told}");
    }
}

/// A link that is still there is not gone, and stands for nothing but what it leads to.
#[test]
fn a_link_that_is_there_hides_nothing_elsewhere() {
    let harmless = "services:\n  web:\n    image: a/b:1\n";
    let open = format!("{harmless}    privileged: true\n");
    let scratch = Scratch::new("baseline-link");
    scratch.write(".git/HEAD", "");
    scratch.write("dev/compose.yaml", &open);
    scratch.link("dev/compose.yaml", "compose.yaml");
    assert_eq!(run(&scratch, &["--write-baseline", "base.json"]).0, 0);
    scratch.write("dev/compose.yaml", harmless);
    scratch.write("shop/compose.yaml", &open);
    assert!(new(&scratch).contains("shop/compose.yaml:4:17: critical[compose/privileged-container]"));
}

#[test]
fn what_moves_into_a_file_that_is_brought_in_is_the_same() {
    let main = |body: &str| {
        format!("events {{}}\nhttp {{\n  server {{\n    listen 80;\n    server_name a.example;\n{body}  }}\n}}\n")
    };
    let location = "    location /x { alias /srv/x/; }\n";
    let include = "    include conf.d/*.conf;\n";
    let after = |path: &str| {
        let before = main(&[location, include].concat());
        told(&[("nginx.conf", &before), ("conf.d/y.conf", "gzip on;\n")], |scratch| {
            scratch.write("nginx.conf", main(include));
            scratch.write(path, location);
        })
    };
    assert!(!after("conf.d/x.conf").contains("alias-traversal"));
    // A file that was there before is another's.
    assert!(after("conf.d/y.conf").contains("alias-traversal"));
    // So is one that is not brought in where it was.
    let elsewhere = told(&[("nginx.conf", &main(location))], |scratch| {
        scratch.write("nginx.conf", main(""));
        scratch.write("b/nginx.conf", main(location));
    });
    assert!(elsewhere.contains("b/nginx.conf:6:") && elsewhere.contains("alias-traversal"), "{elsewhere}");
}

#[test]
fn a_file_that_became_a_link_to_its_new_place_is_the_same() {
    let open = "services:\n  web:\n    image: shop/web:1\n    privileged: true\n";
    let told = told(&[("compose.yaml", open)], |scratch| {
        scratch.write("deploy/compose.yaml", open);
        fs::remove_file(scratch.path("compose.yaml")).unwrap();
        scratch.link("deploy/compose.yaml", "compose.yaml");
    });
    assert_eq!(told, "");
}

#[test]
fn a_folder_that_became_a_link_to_its_new_place_is_the_same() {
    let open = "services:\n  web:\n    image: shop/web:1\n    privileged: true\n";
    let told = told(&[("a/compose.yaml", open)], |scratch| {
        fs::rename(scratch.path("a"), scratch.path("b")).unwrap();
        scratch.link("b", "a");
    });
    assert_eq!(told, "");
}

#[test]
fn another_secret_in_a_file_that_is_brought_in_is_new() {
    let key = "SECRET_KEY = \"x8fq2mZr7Lw0pTb5Ny3Kd9Vc1Hs6Ju4A\"\n";
    let settings = |line: &str| format!("INSTALLED_APPS = [\"a\"]\nALLOWED_HOSTS = [\"a.example\"]\n{line}");
    let told = told(&[("site/settings.py", &settings(key)), ("manage.py", "")], |scratch| {
        scratch.write("site/settings.py", settings("from .prod import *\n"));
        scratch.write("site/prod.py", "SECRET_KEY = \"Wq3vX9bTn5Rk1Lz7Hy2Ms8Cd4Gf6Pj0E\"\n");
    });
    assert!(told.contains("site/prod.py:1:"), "{told}");
}

#[test]
fn a_service_that_begins_to_be_extended_is_new() {
    let open = "    privileged: true\n";
    let before = format!("services:\n  web:\n    image: shop/web:1\n{open}  w2:\n    image: shop/w2:1\n");
    let told = told(&[("compose.yaml", &before)], |scratch| {
        let mended = "services:\n  web:\n    image: shop/web:1\n  w2:\n    extends: {file: x.yaml, service: web}\n";
        scratch.write("compose.yaml", mended);
        scratch.write("x.yaml", format!("services:\n  web:\n    image: shop/other:1\n{open}"));
    });
    assert!(told.contains("x.yaml:4:") && told.contains("privileged"), "{told}");
}

#[test]
fn a_file_that_was_mended_on_its_way_has_its_new_name_for_itself() {
    let file = |image: &str, privileged: bool| {
        let more = ["A", "B", "C", "D", "E", "F", "G", "H"].map(|name| format!("      {name}: \"1\"\n")).concat();
        let open = if privileged { "    privileged: true\n" } else { "" };
        format!("services:\n  web:\n    image: {image}\n{open}    environment:\n{more}")
    };
    let told = told(&[("a/compose.yaml", &file("shop/web:1", true))], |scratch| {
        fs::remove_file(scratch.path("a/compose.yaml")).unwrap();
        scratch.write("z/compose.yaml", file("shop/web:1", false));
        scratch.write("c/compose.yaml", file("shop/other:1", true));
    });
    assert!(told.contains("c/compose.yaml:4:"), "{told}");
}

/// What a server has no more is not what another one is given by a file that it begins to bring in.
#[test]
fn what_moves_into_a_file_that_another_brings_in_is_new() {
    let site = |first: &str, second: &str| {
        format!(
            "events {{}}\nhttp {{\n  server {{ listen 80; server_name a.example;\n{first}  }}\n  server {{ listen 80; server_name b.example;\n{second}  }}\n}}\n"
        )
    };
    let location = "location /x { alias /srv/x/; }\n";
    let moved = |first: &str, second: &str| {
        told(&[("nginx.conf", &site(location, ""))], |scratch| {
            scratch.write("nginx.conf", site(first, second));
            scratch.write("x.conf", location);
        })
    };
    assert_eq!(moved("include x.conf;\n", ""), "");
    let other = moved("", "include x.conf;\n");
    assert!(other.contains("x.conf:1:") && other.contains("[nginx/alias-traversal]"), "{other}");
}
