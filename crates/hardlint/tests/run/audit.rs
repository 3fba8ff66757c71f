//! What an auditor is handed: archives, what a server prints, the files of a machine.

use crate::scratch::Scratch;
use std::process::Command;

fn run(scratch: &Scratch, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--output-format", "concise"])
        .args(args)
        .current_dir(scratch.path(""))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

const MAIN: &str = "events {}\nhttp {\n  include /etc/nginx/conf.d/*.conf;\n}\n";
const SITE: &str = "server {\n  listen 80;\n  location /a { alias /srv/a/; }\n}\n";

#[test]
fn what_nginx_prints_is_judged_file_by_file() {
    let scratch = Scratch::new("audit-nginx");
    let dump = format!(
        "# configuration file /etc/nginx/nginx.conf:\n{MAIN}\n# configuration file /etc/nginx/conf.d/a.conf:\n{SITE}\n"
    );
    scratch.write("dump.txt", dump);
    let (status, out, err) = run(&scratch, &["dump.txt"]);
    assert_eq!(status, 1, "{out}{err}");
    assert!(out.contains("dump.txt/etc/nginx/conf.d/a.conf:3:12: high[nginx/alias-traversal]"), "{out}");
    assert!(!out.contains("problem"), "{out}");
    // Who says what a file is, or that it is looked at by itself, means the file.
    for given in [&["--type", "nginx", "dump.txt"][..], &["--type", "nginx", "--file-by-file", "dump.txt"]] {
        let (status, out, err) = run(&scratch, given);
        assert!(status == 3 && (out + &err).contains("dump.txt:8:1: problem: nginx does not allow `server` here"));
    }
    let (status, _, err) = run(&scratch, &["--fix", "dump.txt"]);
    assert!(status == 2 && err.contains("--fix and --diff have nothing to write to"), "{err}");
}

#[test]
fn a_file_that_nginx_prints_is_nginx_whatever_its_name_and_where_it_leads() {
    let scratch = Scratch::new("audit-nginx-names");
    let dump = |main: &str, site: &str, include: &str| {
        let text = format!(
            "# configuration file {main}:\nevents {{}}\nhttp {{ include {include}; }}\n\n# configuration file {site}:\n{SITE}\n"
        );
        scratch.write("dump.txt", text);
        run(&scratch, &["dump.txt"])
    };
    for (main, site, include, told) in [
        ("/tmp/k", "/tmp/s", "s", "tmp/s"),
        ("/tmp/k", "/tmp/../srv/s", "../srv/s", "srv/s"),
        ("/hardlint.toml", "/Dockerfile", "Dockerfile", "Dockerfile"),
    ] {
        let (status, out, err) = dump(main, site, include);
        assert_eq!(status, 1, "{out}{err}");
        assert!(out.contains(&format!("dump.txt/{told}:3:12: high[nginx/alias-traversal]")), "{out}");
        assert!(!out.contains("problem") && !out.contains("dockerfile/"), "{out}");
    }
    // What no include that we follow leads to is judged by itself.
    let (status, out, err) = dump("/tmp/k", "/tmp/s", "/no/*.conf");
    assert!(status == 1 && out.contains("dump.txt/tmp/s:3:12: high[nginx/alias-traversal]"), "{out}{err}");
}

#[test]
fn an_archive_is_judged_as_the_repository() {
    let scratch = Scratch::new("audit-tar");
    scratch.write("repo/compose.yaml", "services:\n  a: {image: 'x:1', privileged: true}\n");
    scratch.write("repo/hardlint.toml", "ignore = ['compose/image-*']\n");
    let made = Command::new("tar").args(["-cf", "repo.tar", "-C", "repo", "."]).current_dir(scratch.path("")).status();
    assert!(made.unwrap().success());
    let (status, out, err) = run(&scratch, &["repo.tar"]);
    assert_eq!(status, 1, "{err}");
    let (_, folder, _) = run(&scratch, &["repo"]);
    assert_eq!(out, folder.replace("repo/", "repo.tar/"));
    assert!(out.contains("repo.tar/compose.yaml:2"), "{out}");
}

#[test]
fn an_archive_may_be_packed_with_gzip_and_its_settings_be_left_out() {
    let scratch = Scratch::new("audit-packed");
    let service = "services:\n  a: {image: 'x:1', privileged: true, pid: host}\n";
    scratch.write("repo/compose.yaml", service);
    scratch.write("repo/hardlint.toml", "ignore = ['compose/privileged-container']\n");
    let made = Command::new("tar").args(["-czf", "repo.tgz", "-C", "repo", "."]).current_dir(scratch.path("")).status();
    assert!(made.unwrap().success());
    let (_, packed, _) = run(&scratch, &["repo.tgz"]);
    let (_, folder, _) = run(&scratch, &["repo"]);
    assert!(packed == folder.replace("repo/", "repo.tgz/") && packed.contains("repo.tgz/compose.yaml:2"), "{packed}");
    for path in ["repo.tgz", "repo"] {
        let (_, out, _) = run(&scratch, &["--isolated", path]);
        assert!(out.contains("compose/privileged-container") && !folder.contains("privileged-container"), "{out}");
    }
}

#[test]
fn the_files_of_a_machine_are_read_with_absolute_paths_as_they_are() {
    let scratch = Scratch::new("audit-host");
    scratch.write("host/etc/nginx/nginx.conf", MAIN);
    scratch.write("host/etc/nginx/conf.d/a.conf", SITE);
    scratch.write("host/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
    scratch.write("host/etc/ssh/sshd_config.d/x.conf", "PermitEmptyPasswords yes\n");
    scratch.write("host/srv/compose.yaml", "services:\n  a: {image: x, privileged: true}\n");
    let (status, out, err) = run(&scratch, &["--host", "host"]);
    assert_eq!(status, 1, "{err}");
    assert!(out.contains("host/etc/nginx/conf.d/a.conf:3:12: high[nginx/alias-traversal]"), "{out}{err}");
    assert!(out.contains("host/etc/ssh/sshd_config.d/x.conf:1:"), "{out}");
    assert!(!out.contains("host/srv") && !out.contains("problem"), "{out}");
    permissions(&scratch);
    let (status, _, err) = run(&scratch, &["--host", "host/srv"]);
    assert!(status == 2 && err.contains("has no folder `etc`"), "{err}");
}

/// Keys, and files that have passwords in them, are asked who may read them.
fn permissions(scratch: &Scratch) {
    let site = "server {\n  listen 443 ssl;\n  root /srv/a;\n  ssl_certificate /etc/ssl/a.pem;\n  ssl_certificate_key /etc/ssl/a.key;\n  ssl_session_ticket_key /etc/ssl/t.key;\n}\n";
    scratch.write("host/etc/nginx/conf.d/a.conf", site);
    scratch.write("host/etc/redis/redis.conf", "requirepass fake-0123456789-0123456789-0123456789\n");
    scratch.write("host/etc/default/app.env", "DB_PASSWORD=not-a-real-one-49\n");
    scratch.write("host/etc/postgresql/17/main/postgresql.conf", "ssl = on\nssl_key_file = '/etc/ssl/a.key'\n");
    for name in ["a.key", "t.key"] {
        scratch.write(&format!("host/etc/ssl/{name}"), "");
    }
    let found = |mode: &str| {
        for path in ["host/etc/ssl/a.key", "host/etc/redis/redis.conf", "host/etc/default/app.env"] {
            let done = Command::new("chmod").args([mode, path]).current_dir(scratch.path("")).status();
            assert!(done.unwrap().success());
        }
        let rules = "nginx/private-key-readable,nginx/session-ticket-key-file-tracked,redis/password-readable,env/file-permissions,postgres/key-file-permissive-or-tracked";
        let (_, out, _) = run(scratch, &["--host", "host", "--select", rules]);
        out.lines().filter_map(|line| Some(line.split_once(": ")?.0.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(found("640"), [""; 0]);
    let all = [
        "default/app.env:1:13",
        "nginx/conf.d/a.conf:5:23",
        "postgresql/17/main/postgresql.conf:2:17",
        "redis/redis.conf:1:13",
    ];
    assert_eq!(found("644"), all.map(|place| format!("host/etc/{place}")));
}

/// What everybody may write to, and host keys that everybody may read; a link that leads nowhere.
#[test]
fn the_permissions_and_links_of_a_machine_count() {
    let scratch = Scratch::new("audit-permissions");
    scratch.write("host/etc/nginx/nginx.conf", "events {}\nhttp {\n  include sites-enabled/*;\n}\n");
    scratch.write("host/etc/nginx/sites-enabled/a", "server { listen 127.0.0.1:80; return 204; }\n");
    scratch.write("host/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n");
    scratch.write("host/etc/ssh/sshd_config.d/x.conf", "PermitRootLogin no\n");
    scratch.write("host/etc/ssh/ssh_host_rsa_key", "");
    let chmod = |mode: &str, path: &str| {
        let done = Command::new("chmod").args([mode, path]).current_dir(scratch.path("host/etc")).status();
        assert!(done.unwrap().success());
    };
    let found = |arguments: &[&str]| {
        let rules = "sshd/host-key-readable,sshd/configuration-writable,nginx/configuration-writable";
        let (_, out, _) = run(&scratch, &[arguments, &["--select", rules]].concat());
        let line = |line: &str| line.split('`').next().unwrap().trim_start_matches("host/etc/").to_owned();
        out.lines().map(line).collect::<Vec<_>>()
    };
    for (path, mode) in [("ssh/ssh_host_rsa_key", "600"), ("ssh", "755"), ("ssh/sshd_config.d/x.conf", "644")] {
        chmod(mode, path);
    }
    assert_eq!(found(&["--host", "host"]), [""; 0]);
    chmod("644", "ssh/ssh_host_rsa_key");
    chmod("666", "ssh/sshd_config.d/x.conf");
    // A folder that everybody may write to is one whose files everybody may replace.
    chmod("777", "nginx/sites-enabled");
    let all = [
        "nginx/sites-enabled/a:1:1: high[nginx/configuration-writable] everybody with an account on the machine may write to ",
        "ssh/sshd_config:1:1: high[sshd/host-key-readable] everybody with an account on the machine may read the host's private key ",
        "ssh/sshd_config.d/x.conf:1:1: high[sshd/configuration-writable] everybody with an account on the machine may write to ",
    ];
    assert_eq!(found(&["--host", "host"]), all);
    assert_eq!(found(&["host"]), [""; 0], "the files of a project have the permissions of whoever checks it out");
    chmod("755", "nginx/sites-enabled");
    chmod("644", "ssh/sshd_config.d/x.conf");
    chmod("600", "ssh/ssh_host_rsa_key");
    std::os::unix::fs::symlink("/etc/nginx/sites-available/b", scratch.path("host/etc/nginx/sites-enabled/b")).unwrap();
    for arguments in [&["--host", "host"][..], &["host"]] {
        let (_, out, _) = run(&scratch, arguments);
        assert!(!out.contains("problem"), "the target may be on the machine: {out}");
    }
}

#[test]
fn what_programs_print_is_known_by_its_content() {
    let scratch = Scratch::new("audit-printed");
    scratch
        .write("server.txt", "port 22\naddressfamily any\nusepam yes\npermitrootlogin no\npermitemptypasswords yes\n");
    scratch.write("all.json", "{\"name\": \"p\", \"services\": {\"a\": {\"image\": \"x:1\", \"privileged\": true}}}");
    let (status, out, err) = run(&scratch, &["server.txt", "all.json"]);
    assert_eq!(status, 1, "{err}");
    assert!(out.contains("server.txt:5:22: critical[sshd/permit-empty-passwords]"), "{out}");
    assert!(out.contains("[compose/privileged-container]"), "{out}");
    // What the server tells of itself is told of, where it stands.
    scratch.write("all.txt", "name|setting\nserver_version|15.1\nlisten_addresses|*\nssl|off\n(3 rows)\n");
    let (status, out, err) = run(&scratch, &["all.txt"]);
    assert!(status == 1 && !out.contains("problem"), "{out}{err}");
    assert!(out.contains("all.txt/postgresql.conf:4:8: high[postgres/ssl-off]"), "{out}");
    scratch.write("none.txt", "name|setting\n(0 rows)\n");
    let (status, _, err) = run(&scratch, &["none.txt"]);
    assert!(
        status == 2 && err.contains("`none.txt`: it begins as a table of PostgreSQL's settings, and has none"),
        "{err}"
    );
    // A folder is searched by names alone.
    let (status, _, err) = run(&scratch, &["."]);
    assert!(status == 0 && !err.contains("--type"), "{err}");
}

#[test]
fn a_file_that_is_not_read_is_told_where_it_was_asked_for() {
    let scratch = Scratch::new("audit-unknown");
    scratch.write("notes.txt", "text\n");
    scratch.write("more.txt", "text\n");
    let said = "it is neither by name nor by content a file that hardlint reads: --type says what a file is";
    let (status, out, _) = run(&scratch, &["notes.txt"]);
    assert_eq!((status, out), (3, format!("notes.txt: problem: {said}\n")));
    let (status, out, _) = run(&scratch, &["notes.txt", "more.txt"]);
    assert_eq!((status, out), (3, format!("more.txt: problem: {said}\nnotes.txt: problem: {said}\n")));
    std::fs::create_dir(scratch.path("empty")).unwrap();
    let (status, out, _) = run(&scratch, &["notes.txt", "empty"]);
    assert_eq!((status, out), (3, format!("notes.txt: problem: {said}\n")));
    // Beside one that is read it is worth knowing; a folder may well have none.
    scratch.write("nginx.conf", "events {}\n");
    let (status, out, _) = run(&scratch, &["notes.txt", "nginx.conf"]);
    assert_eq!((status, out), (0, format!("notes.txt: notice: {said}\n")));
    // Hooks name whatever was changed.
    for named in [&["notes.txt", "nginx.conf"][..], &["notes.txt"]] {
        let (status, out, err) = run(&scratch, &[&["--ignore-unknown"], named].concat());
        assert_eq!((status, out.as_str()), (0, ""), "{err}");
    }
    scratch.link("nowhere", "link");
    assert_eq!(run(&scratch, &["--ignore-unknown", "link", "nginx.conf"]).0, 3, "what cannot be read is no such file");
    // Of an archive that is not unpacked, what is.
    scratch.write("all.zip", b"PK\x03\x04\x00".as_slice());
    let (status, out, _) = run(&scratch, &["all.zip"]);
    assert!(status == 3 && out.starts_with("all.zip: problem: archives are unpacked as tar writes them"), "{out}");
    // The settings may say so.
    scratch.write("hardlint.toml", "[files]\n'notes.txt' = 'none'\n");
    let (status, out, err) = run(&scratch, &["notes.txt"]);
    assert!(status == 0 && out.is_empty() && err.contains("keeps something from being told: files"), "{err}");
}

/// What was named and cannot be read is a problem wherever it stands and whatever it is called.
#[test]
fn what_cannot_be_read_is_a_problem_beside_what_can() {
    let scratch = Scratch::new("audit-unreadable");
    scratch.write("nginx.conf", "events {}\n");
    scratch.pipe("pipe");
    scratch.link("nowhere", "link");
    scratch.write("wide.txt", b"\xff\xfen\0");
    for (path, said) in [
        ("pipe", "pipe: problem: it is a pipe, socket or device, which is not read\n"),
        ("link", "link: problem: it is a link that leads to no file\n"),
        ("/dev/null", "/dev/null: problem: it is a pipe, socket or device, which is not read\n"),
    ] {
        let (status, out, err) = run(&scratch, &["nginx.conf", path]);
        assert_eq!((status, out.as_str()), (3, said), "{err}");
        let (status, _, err) = run(&scratch, &["--diff", "nginx.conf", path]);
        assert!(status == 3 && err.contains(said), "{err}");
    }
    let (status, out, _) = run(&scratch, &["nginx.conf", "wide.txt"]);
    assert!(status == 0 && out.starts_with("wide.txt: notice: it is UTF-16"), "{out}");
}

#[test]
fn what_an_archive_has_and_is_not_read_is_a_problem() {
    let scratch = Scratch::new("audit-passed-over");
    scratch.write("ok/nginx.conf", "events {}\n");
    scratch.write("evil/compose.yaml", "services:\n  a: {image: x, privileged: true}\n");
    std::fs::hard_link(scratch.path("evil/compose.yaml"), scratch.path("ok/compose.yaml")).unwrap();
    let tar = |args: &[&str]| Command::new("tar").args(args).current_dir(scratch.path("ok")).status().unwrap();
    assert!(tar(&["cPf", "../a.tar", "nginx.conf", "../evil/compose.yaml", "compose.yaml"]).success());
    let (status, out, err) = run(&scratch, &["a.tar"]);
    let expected = "a.tar/../evil/compose.yaml: problem: its name leads out of the archive, where nothing is read\n\
                    a.tar/compose.yaml: problem: it is a hard link, which is not followed in an archive\n";
    assert_eq!((status, out.as_str()), (3, expected), "{err}");
}

/// What `git archive` writes is tracked, and it says the commit; of another archive nobody knows.
#[test]
fn what_is_in_an_archive_of_a_commit_is_tracked() {
    let scratch = Scratch::new("audit-commit");
    scratch.write("repo/.env", "DB_PASSWORD=not-a-real-one-49\n");
    let git = |args: &[&str]| {
        let own = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"];
        let mut git = Command::new("git");
        git.args(own).args(args).current_dir(scratch.path("repo")).env("GIT_CONFIG_GLOBAL", "/dev/null");
        git.status().is_ok_and(|status| status.success())
    };
    if !git(&["init", "-q"]) {
        return;
    }
    assert!(git(&["add", "-A"]) && git(&["commit", "-qm", "one"]));
    assert!(
        git(&["archive", "-o", "../commit.tar.gz", "HEAD"]) && git(&["archive", "-o", "../tree.tar", "HEAD^{tree}"])
    );
    for (path, expected) in [("commit.tar.gz", 1), ("tree.tar", 0)] {
        let (_, out, err) = run(&scratch, &[path, "--select", "env/env-file-tracked-by-git"]);
        assert_eq!(out.lines().count(), expected, "{path}: {out}{err}");
    }
}

/// All that is in an archive was put into it; git writes what it tracks, whatever ignores it.
#[test]
fn no_ignore_file_hides_what_an_archive_has() {
    let scratch = Scratch::new("audit-ignored");
    scratch.write("own/.gitignore", "d/\n*.yaml\n");
    scratch.write("own/d/compose.yaml", "services:\n  a: {image: x, privileged: true}\n");
    scratch.write("own/d/.gitignore", "*\n");
    let tar = |args: &[&str]| Command::new("tar").args(args).current_dir(scratch.path("")).status().unwrap();
    assert!(tar(&["cf", "a.tar", "-C", "own", "."]).success());
    let (status, out, err) = run(&scratch, &["a.tar", "--select", "compose/privileged-container"]);
    assert!(status == 1 && out.starts_with("a.tar/d/compose.yaml:2:29: critical"), "{out}{err}");
}

/// Of several links to a folder, the same one counts on all machines: one that is called as what runs.
#[test]
fn a_folder_that_several_links_lead_to_is_called_as_what_runs() {
    let server = "events {}\nhttp { server { listen 80; location /x { alias /srv/x/; } } }\n";
    for (at, other) in ["samples", "example", "test", "docs-example", "nginx-old"].into_iter().enumerate() {
        let scratch = Scratch::new(&format!("audit-links-{at}"));
        scratch.write("disk/etc/.keep", "");
        scratch.write("disk/opt/conf/nginx/nginx.conf", server);
        for (to, from) in [("/opt/conf/nginx", "nginx"), ("/opt/conf/nginx", other)] {
            scratch.link(to, &format!("disk/etc/{from}"));
        }
        scratch.link("/opt/conf", "disk/etc/demo");
        let (status, out, err) = run(&scratch, &["--host", "disk", "--select", "nginx/alias-traversal"]);
        assert!(status == 1 && out.starts_with("disk/etc/nginx/nginx.conf:2:37: "), "{other}: {out}{err}");
    }
}

/// A machine's folder may be a link, and then its files have the names that its programs open them by.
#[test]
fn folders_of_a_machine_may_be_links() {
    let scratch = Scratch::new("audit-linked");
    let server = "events {}\nhttp { server { listen 80; location /x { alias /srv/x/; } } }\n";
    scratch.write("disk/opt/nginx/nginx.conf", server);
    scratch.write("disk/usr/etc/redis/redis.conf", "bind 0.0.0.0\nprotected-mode no\n");
    scratch.link("/usr/etc", "disk/etc");
    scratch.link("/opt/nginx", "disk/usr/etc/nginx");
    scratch.link("../../opt/nginx", "disk/usr/etc/again");
    for (to, from) in [("/", "root"), ("..", "up"), ("loop", "loop"), ("/proc", "proc"), ("redis", "same")] {
        scratch.link(to, &format!("disk/usr/etc/{from}"));
    }
    scratch.write("outside/nginx.conf", server);
    scratch.link("../../../outside", "disk/usr/etc/out");
    scratch.write("disk/proc/nginx.conf", server);
    // No ignore file hides what a machine runs with.
    scratch.write("disk/usr/etc/.gitignore", "redis\n");
    let (status, out, err) =
        run(&scratch, &["--host", "disk", "--select", "nginx/alias-traversal,redis/unauthenticated"]);
    let found: Vec<&str> = out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(status, 1, "{err}");
    assert_eq!(found, ["disk/etc/again/nginx.conf:2:37:", "disk/etc/redis/redis.conf:2:16:"], "{err}");
    std::fs::create_dir_all(scratch.path("bare/etc")).unwrap();
    let (status, out, _) = run(&scratch, &["--host", "bare"]);
    assert!(status == 3 && out.starts_with("bare/etc: problem: no file in it is one that hardlint reads"), "{out}");
}

/// Of a machine that is mounted somewhere, absolute links lead to its own files, and what is enabled by a link is told once.
#[test]
fn a_mounted_machine_has_its_own_root() {
    let scratch = Scratch::new("audit-mounted");
    scratch.write(
        "disk/etc/nginx/nginx.conf",
        "events {}\nhttp {\n  include /etc/nginx/sites-enabled/*;\n  include /opt/more.conf;\n}\n",
    );
    let server = |port: u16| format!("server {{ listen {port}; location /x {{ alias /srv/x/; }} }}\n");
    scratch.write("disk/etc/nginx/sites-available/shop", server(8081));
    scratch.write("disk/srv/app/site.conf", server(8082));
    scratch.write("disk/opt/more.conf", server(8083));
    scratch.write("disk/etc/nginx/sites-enabled/.keep", "");
    let link = |to: &str, name: &str| {
        let place = scratch.path(&format!("disk/etc/nginx/sites-enabled/{name}"));
        std::os::unix::fs::symlink(to, place).unwrap();
    };
    link("/etc/nginx/sites-available/shop", "shop");
    link("/srv/app/site.conf", "app");
    // Neither leads to files of this machine.
    link("/etc/passwd", "none");
    link("../../../../../../../../etc/hostname", "out");
    let (_, out, err) = run(&scratch, &["--host", "disk"]);
    let told: Vec<&str> = out.lines().filter(|line| line.contains("alias-traversal")).collect();
    assert_eq!(told.len(), 3, "{out}\n{err}");
    for place in ["sites-enabled/shop:1", "sites-enabled/app:1", "opt/more.conf:1"] {
        assert!(told.iter().any(|line| line.contains(place)), "{place}: {out}");
    }
    // The same in a repository, by links that lead to a file beside.
    scratch.write("repo/nginx.conf", "events {}\nhttp {\n  include sites-enabled/*;\n}\n");
    scratch.write("repo/sites-available/shop", server(8081));
    scratch.write("repo/sites-enabled/.keep", "");
    std::os::unix::fs::symlink("../sites-available/shop", scratch.path("repo/sites-enabled/shop")).unwrap();
    let (_, out, _) = run(&scratch, &["repo"]);
    assert_eq!(out.lines().filter(|line| line.contains("alias-traversal")).count(), 1, "{out}");
}
