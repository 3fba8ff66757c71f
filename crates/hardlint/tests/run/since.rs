//! `--since`: only what a change brought.

use crate::scratch::Scratch;
use std::process::Command;

/// Runs git, with nothing of who runs the tests; nothing where there is none.
fn git(scratch: &Scratch, folder: &str, args: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"])
        .args(args)
        .current_dir(scratch.path(folder))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .ok()?;
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

fn check(scratch: &Scratch, folder: &str, args: &[&str]) -> (i32, Vec<String>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--output-format", "concise", "--select", "nginx/alias-traversal"])
        .args(args)
        .current_dir(scratch.path(folder))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let found = text(&output.stdout).lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    (output.status.code().unwrap(), found, text(&output.stderr))
}

fn site(locations: &[&str]) -> String {
    let aliases = locations.iter().map(|it| format!("  location /{it} {{ alias /srv/{it}/; }}\n"));
    format!("server {{\n  listen 80;\n{}}}\n", aliases.collect::<String>())
}

/// A repository with one commit on `main`.
#[expect(clippy::print_stderr, reason = "says why a test compares nothing")]
fn repository(name: &str) -> Option<Scratch> {
    let scratch = Scratch::new(name);
    scratch.write("repo/nginx.conf", "events {}\nhttp { include conf.d/*.conf; }\n");
    scratch.write("repo/conf.d/a.conf", site(&["old"]));
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("skipped: git is not at hand");
        return None;
    }
    git(&scratch, "repo", &["init", "-q", "-b", "main"])?;
    commit(&scratch, "one");
    Some(scratch)
}

fn commit(scratch: &Scratch, message: &str) -> String {
    git(scratch, "repo", &["add", "-A"]).unwrap();
    git(scratch, "repo", &["commit", "-qm", message]).unwrap();
    git(scratch, "repo", &["rev-parse", "HEAD"]).unwrap()
}

#[test]
fn only_what_a_change_brought_is_told() {
    let Some(scratch) = repository("since") else { return };
    git(&scratch, "repo", &["checkout", "-qb", "work"]);
    // Lines move, one location comes; a file is new and in no commit yet.
    scratch.write("repo/conf.d/a.conf", format!("# A comment.\n\n{}", site(&["new", "old"])));
    commit(&scratch, "two");
    scratch.write("repo/conf.d/b.conf", site(&["later"]));
    let both = (1, vec!["conf.d/a.conf:5:12:".to_owned(), "conf.d/b.conf:3:12:".to_owned()]);
    let later = (1, vec!["conf.d/b.conf:3:12:".to_owned()]);
    let one = git(&scratch, "repo", &["rev-parse", "main"]).unwrap();
    let cases =
        [("main", &both), ("HEAD~1", &both), ("HEAD^", &both), ("@^1", &both), (&one, &both), (&one[..7], &both)];
    let and_packed = |scratch: &Scratch| {
        for (revision, (status, found)) in cases.into_iter().chain([("HEAD", &later), ("work", &later), ("@", &later)])
        {
            let (code, told, err) = check(scratch, "repo", &["--since", revision]);
            assert_eq!((code, &told), (*status, found), "{revision}: {err}");
            assert!(err.contains(&format!("older than the change since `{revision}`")), "{err}");
        }
    };
    and_packed(&scratch);
    git(&scratch, "repo", &["gc", "-q"]);
    assert!(!scratch.path("repo/.git/refs/heads/main").exists());
    and_packed(&scratch);
    // A tag of a tag, a file alone, and a folder.
    git(&scratch, "repo", &["tag", "-am", "x", "v1", "main"]);
    git(&scratch, "repo", &["tag", "-am", "x", "v2", "v1"]);
    for paths in [&["conf.d"][..], &["conf.d/a.conf", "conf.d/b.conf"]] {
        let (_, told, err) = check(&scratch, "repo", &[&["--since", "v2"], paths].concat());
        assert_eq!(told, both.1, "{err}");
    }
    // A file that has another name now is the same; nothing is told twice.
    git(&scratch, "repo", &["mv", "conf.d/a.conf", "conf.d/z.conf"]);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD"]).1, later.1);
    // A work tree has a HEAD of its own, and shares the rest.
    git(&scratch, "repo", &["worktree", "add", "-q", "../tree", "main"]);
    scratch.write("tree/conf.d/a.conf", site(&["tree", "old"]));
    for revision in ["HEAD", "work"] {
        assert_eq!(check(&scratch, "tree", &["--since", revision]).1, ["conf.d/a.conf:3:12:"], "{revision}");
    }
}

/// A file that goes stands for the one that it became, and for no other that has the same fault.
#[test]
fn a_file_that_goes_hides_nothing_in_another() {
    let Some(scratch) = repository("since-goes") else { return };
    scratch.write("repo/conf.d/key.conf", site(&["same"]));
    commit(&scratch, "two");
    std::fs::remove_file(scratch.path("repo/conf.d/key.conf")).unwrap();
    std::fs::remove_file(scratch.path("repo/conf.d/a.conf")).unwrap();
    let more = |location: &str| site(&[location]).replace("80;\n", "80;\n  server_name shop.example;\n");
    scratch.write("repo/conf.d/x.conf", more("same"));
    scratch.write("repo/conf.d/y.conf", more("old"));
    let now = |since: &str| check(&scratch, "repo", &["--since", since]).1;
    assert_eq!(now("HEAD"), ["conf.d/x.conf:4:12:", "conf.d/y.conf:4:12:"]);
    // As it was, it is the same; and once.
    scratch.write("repo/conf.d/x.conf", site(&["same"]));
    assert_eq!(now("HEAD"), ["conf.d/y.conf:4:12:"]);
    scratch.write("repo/conf.d/z.conf", site(&["same"]));
    assert_eq!(now("HEAD"), ["conf.d/y.conf:4:12:", "conf.d/z.conf:3:12:"]);
    // Of a longer file, another line that is at fault is new; the rest may be as it was.
    let long = |to: &str| {
        let names: String = (0..40).map(|at| format!("  server_name n{at}.example;\n")).collect::<Vec<_>>().concat();
        site(&["same"]).replace("80;\n", &format!("80;\n{names}")).replace("/srv/same/", to)
    };
    scratch.write("repo/conf.d/long.conf", long("/srv/same/"));
    let all = commit(&scratch, "three");
    std::fs::remove_file(scratch.path("repo/conf.d/long.conf")).unwrap();
    scratch.write("repo/conf.d/w.conf", long("/srv/same/").replace("n7.example", "another.example"));
    assert_eq!(now(&all), [""; 0]);
    scratch.write("repo/conf.d/w.conf", long("/srv/secret/"));
    assert_eq!(now(&all), ["conf.d/w.conf:43:12:"]);
}

/// What `main` mended in the meantime is not what this change broke.
#[test]
fn a_change_begins_where_it_left_the_branch() {
    let Some(scratch) = repository("since-fork") else { return };
    git(&scratch, "repo", &["checkout", "-qb", "work"]);
    scratch.write("repo/conf.d/b.conf", site(&["mine"]));
    commit(&scratch, "mine");
    git(&scratch, "repo", &["checkout", "-q", "main"]);
    scratch.write("repo/conf.d/a.conf", site(&[]));
    for round in ["mend", "more", "again"] {
        scratch.write("repo/README", round);
        commit(&scratch, round);
    }
    git(&scratch, "repo", &["checkout", "-q", "work"]);
    assert_eq!(check(&scratch, "repo", &["--since", "main"]).1, ["conf.d/b.conf:3:12:"]);
    // Merged, the change is what both differ in.
    git(&scratch, "repo", &["merge", "-q", "--no-edit", "main"]);
    assert_eq!(check(&scratch, "repo", &["--since", "main"]).1, ["conf.d/b.conf:3:12:"]);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD^2"]).1, ["conf.d/b.conf:3:12:"]);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD^1"]).1, [""; 0]);
}

/// Commits of one second stand in no order but that of their names, which their messages change here.
#[test]
fn commits_of_one_second_have_the_same_beginning() {
    let Some(scratch) = repository("since-second") else { return };
    let at = |args: &[&str]| {
        let date = "2026-01-02T03:04:05+00:00";
        let status = Command::new("git")
            .args(["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"])
            .args(args)
            .current_dir(scratch.path("repo"))
            .envs([("GIT_COMMITTER_DATE", date), ("GIT_AUTHOR_DATE", date), ("GIT_CONFIG_GLOBAL", "/dev/null")])
            .status();
        assert!(status.unwrap().success(), "git {args:?}");
    };
    at(&["commit", "-q", "--amend", "-m", "one"]);
    for round in 0..12 {
        let (work, other) = (format!("work-{round}"), format!("other-{round}"));
        at(&["checkout", "-q", "main"]);
        at(&["commit", "-q", "--allow-empty", "-m", &round.to_string()]);
        at(&["checkout", "-qb", &work, "main"]);
        scratch.write("repo/conf.d/b.conf", site(&["mine"]));
        at(&["add", "-A"]);
        at(&["commit", "-qm", &work]);
        at(&["checkout", "-qb", &other, "main"]);
        at(&["commit", "-q", "--allow-empty", "-m", &other]);
        at(&["checkout", "-q", &work]);
        at(&["merge", "-q", "--no-ff", "--no-edit", &other]);
        assert_eq!(check(&scratch, "repo", &["--since", "HEAD^1"]).1, [""; 0], "{round}");
        assert_eq!(check(&scratch, "repo", &["--since", "HEAD^2"]).1, ["conf.d/b.conf:3:12:"], "{round}");
    }
}

#[test]
fn what_git_ignores_is_the_same_before_and_after() {
    let Some(scratch) = repository("since-ignored") else { return };
    scratch.write("repo/.gitignore", "*.local\n");
    scratch.write("repo/conf.d/a.local", "alias /srv/a/;\n");
    scratch.write("repo/conf.d/a.conf", "server {\n  listen 80;\n  location /a { include conf.d/a.local; }\n}\n");
    commit(&scratch, "two");
    assert_eq!(check(&scratch, "repo", &[]).1.len(), 1);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD"]).1, [""; 0]);
    // What is tracked no more was, and what is not added yet was not.
    git(&scratch, "repo", &["add", "-f", "conf.d/a.local"]);
    git(&scratch, "repo", &["commit", "-qm", "three"]);
    scratch.write("repo/conf.d/a.local", "alias /srv/b/;\n");
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD"]).1, [""; 0]);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD~2"]).1.len(), 1);
}

/// What lies in another repository, or is ignored and asked for by name, was the same before as far as anybody knows.
#[test]
fn what_no_commit_holds_is_the_same_before_and_after() {
    let Some(scratch) = repository("since-elsewhere") else { return };
    scratch.write("other/nginx.conf", format!("events {{}}\nhttp {{\n{}}}\n", site(&["other"])));
    git(&scratch, "other", &["init", "-q", "-b", "main"]);
    git(&scratch, "other", &["add", "-A"]);
    git(&scratch, "other", &["commit", "-qm", "one"]);
    let from = scratch.path("other").display().to_string();
    git(&scratch, "repo", &["-c", "protocol.file.allow=always", "submodule", "add", "-q", &from, "module"]);
    scratch.write("repo/.gitignore", "local/\n");
    scratch.write("repo/local/nginx.conf", format!("events {{}}\nhttp {{\n{}}}\n", site(&["local"])));
    commit(&scratch, "two");
    git(&scratch, "repo", &["clone", "-q", &from, "nested"]);
    scratch.write("repo/README", "x");
    git(&scratch, "repo", &["add", "README"]);
    git(&scratch, "repo", &["commit", "-qm", "three"]);
    let all = check(&scratch, "repo", &[]).1;
    assert_eq!(all.len(), 3, "its own, the module and the nested clone: {all:?}");
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD~1"]).1, [""; 0]);
    assert_eq!(check(&scratch, "repo", &["local"]).1.len(), 1);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD~1", "local"]).1, [""; 0]);
    // What was another repository and is a part of this one now is new in it.
    git(&scratch, "repo", &["rm", "-q", "--cached", "module"]);
    std::fs::remove_file(scratch.path("repo/module/.git")).unwrap();
    git(&scratch, "repo", &["add", "module"]);
    git(&scratch, "repo", &["commit", "-qm", "four"]);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD~1"]).1, ["module/nginx.conf:5:12:"]);
}

/// What was before is judged with all of the root, and so is what is now, whatever was asked for of it.
#[test]
fn a_file_by_name_is_judged_as_it_was() {
    let Some(scratch) = repository("since-named") else { return };
    scratch.write(
        "repo/compose.yaml",
        "services:\n  web:\n    image: a/b:1\n    env_file: .env\n    environment:\n      S: ${SECRET_KEY}\n",
    );
    scratch.write("repo/.env", "SECRET_KEY=changeme\n");
    git(&scratch, "repo", &["add", "-f", ".env"]);
    commit(&scratch, "two");
    for path in [".env", "compose.yaml", "."] {
        let (status, found, err) = check(&scratch, "repo", &["--select", "*", "--since", "HEAD", path]);
        assert_eq!((status, found), (0, Vec::new()), "{path}: {err}");
    }
    let text = std::fs::read_to_string(scratch.path("repo/compose.yaml")).unwrap();
    scratch.write("repo/compose.yaml", text + "    privileged: true\n");
    let (status, found, err) = check(&scratch, "repo", &["--select", "*", "--since", "HEAD", "compose.yaml"]);
    assert_eq!((status, found), (1, vec!["compose.yaml:7:17:".to_owned()]), "{err}");
}

/// git ignores what an ignore file says of what it tracks.
#[test]
fn an_ignore_file_hides_nothing_that_is_tracked() {
    let Some(scratch) = repository("since-tracked") else { return };
    scratch.write("repo/.gitignore", "d/\n*.conf\n");
    scratch.write("repo/d/nginx.conf", format!("events {{}}\nhttp {{\n{}}}\n", site(&["x"])));
    commit(&scratch, "two");
    assert_eq!(check(&scratch, "repo", &[]).1, ["conf.d/a.conf:3:12:"]);
    git(&scratch, "repo", &["add", "-f", "d/nginx.conf"]);
    git(&scratch, "repo", &["commit", "-qm", "three"]);
    assert_eq!(check(&scratch, "repo", &[]).1, ["conf.d/a.conf:3:12:", "d/nginx.conf:5:12:"]);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD~1"]).1, ["d/nginx.conf:5:12:"]);
    assert_eq!(check(&scratch, "repo", &["--since", "HEAD"]).1, [""; 0]);
}

/// A settings file makes a folder a root of its own, which is one of the commit's folders.
#[test]
fn a_root_may_be_a_folder_of_the_repository() {
    let Some(scratch) = repository("since-folder") else { return };
    scratch.write("repo/part/hardlint.toml", "exclude = ['none']\n");
    scratch.write("repo/part/nginx.conf", format!("events {{}}\nhttp {{\n{}}}\n", site(&["old"])));
    std::fs::create_dir_all(scratch.path("repo/part/fresh")).unwrap();
    commit(&scratch, "two");
    scratch.write("repo/part/nginx.conf", format!("events {{}}\nhttp {{\n{}}}\n", site(&["old", "new"])));
    assert_eq!(check(&scratch, "repo/part", &["--since", "HEAD"]).1, ["nginx.conf:6:12:"]);
    // Before, it was not there.
    assert_eq!(check(&scratch, "repo/part", &["--since", "HEAD~1"]).1.len(), 2);
}

#[test]
fn fixes_are_made_only_for_what_is_new() {
    let Some(scratch) = repository("since-fix") else { return };
    scratch.write("repo/conf.d/a.conf", site(&["new", "old"]));
    let fixed = |known: [&str; 2]| {
        let (_, _, err) = check(&scratch, "repo", &[&known[..], &["--fix", "--unsafe-fixes"]].concat());
        let text = std::fs::read_to_string(scratch.path("repo/conf.d/a.conf")).unwrap();
        assert!(text.contains("location /new/ {") && text.contains("location /old {"), "{text}{err}");
        assert!(err.contains("Fixed 1 finding in 1 file"), "{err}");
    };
    fixed(["--since", "HEAD"]);
    // The same of what a baseline remembers.
    scratch.write("repo/conf.d/a.conf", site(&["old"]));
    check(&scratch, "repo", &["--write-baseline", "known.json"]);
    scratch.write("repo/conf.d/a.conf", site(&["new", "old"]));
    fixed(["--baseline", "known.json"]);
}

#[test]
fn what_cannot_be_compared_is_told() {
    let Some(scratch) = repository("since-errors") else { return };
    for revision in ["nope", "main~5", "HEAD^3", "main~x", "main@{1}", "../HEAD", "-", "", "main..work", "refs/heads"] {
        let (status, told, err) = check(&scratch, "repo", &["--since", revision]);
        assert_eq!((status, told.len()), (2, 0), "{revision}: {err}");
        assert!(err.contains("names no commit of"), "{revision}: {err}");
    }
    for revision in ["main^{commit}", "main^{}"] {
        assert_eq!(check(&scratch, "repo", &["--since", revision]).0, 0, "{revision}");
    }
    scratch.write("plain/nginx.conf", "events {}\n");
    let (status, _, err) = check(&scratch, "plain", &["--since", "main"]);
    assert!(status == 2 && err.contains("is in no repository of git"), "{err}");
    // A clone without its history says how to get it.
    scratch.write("repo/README", "x");
    commit(&scratch, "two");
    let from = format!("file://{}", scratch.path("repo").display());
    git(&scratch, "", &["clone", "-q", "--depth", "1", &from, "shallow"]);
    assert_eq!(check(&scratch, "shallow", &["--since", "HEAD"]).1, [""; 0]);
    let (status, _, err) = check(&scratch, "shallow", &["--since", "HEAD~1"]);
    assert!(status == 2 && err.contains("fetch-depth: 0"), "{err}");
    // So does one whose branches have nothing in common in it.
    git(&scratch, "repo", &["checkout", "-qb", "work", "HEAD~1"]);
    scratch.write("repo/NEWS", "x");
    commit(&scratch, "three");
    git(&scratch, "repo", &["checkout", "-q", "main"]);
    git(&scratch, "", &["clone", "-q", "--depth", "1", "-b", "work", &from, "apart"]);
    git(&scratch, "apart", &["fetch", "-q", "--depth", "1", "origin", "main"]);
    let (status, _, err) = check(&scratch, "apart", &["--since", "FETCH_HEAD"]);
    assert!(status == 2 && err.contains("fetch-depth: 0"), "{err}");
    // A broken object ends nothing but what asks for it.
    let blob = git(&scratch, "repo", &["rev-parse", "HEAD:conf.d/a.conf"]).unwrap();
    let object = scratch.path(&format!("repo/.git/objects/{}/{}", &blob[..2], &blob[2..]));
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, "lies").unwrap();
    let (status, told, _) = check(&scratch, "repo", &["--since", "HEAD"]);
    assert_eq!((status, told.len()), (1, 1));
    let tree = git(&scratch, "repo", &["rev-parse", "HEAD^{tree}"]).unwrap();
    let object = scratch.path(&format!("repo/.git/objects/{}/{}", &tree[..2], &tree[2..]));
    std::fs::remove_file(&object).unwrap();
    let (status, _, err) = check(&scratch, "repo", &["--since", "HEAD"]);
    assert!(status == 2 && err.contains("of the repository cannot be read"), "{err}");
}

/// Lines of many runs can be put together: each says which commit of which repository it is about.
#[test]
fn lines_tell_the_repository_and_the_commit() {
    let Some(scratch) = repository("since-lines") else { return };
    let line = |scratch: &Scratch| {
        let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(["check", "--output-format", "jsonl", "--select", "nginx/alias-traversal"])
            .current_dir(scratch.path("repo"))
            .output()
            .unwrap();
        let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        ["repository", "commit", "version"].map(|key| line[key].clone())
    };
    let commit = git(&scratch, "repo", &["rev-parse", "HEAD"]).unwrap();
    assert_eq!(line(&scratch), [serde_json::Value::Null, commit.as_str().into(), env!("CARGO_PKG_VERSION").into()]);
    git(&scratch, "repo", &["remote", "add", "mirror", "https://mirror.example/a.git"]);
    git(&scratch, "repo", &["remote", "add", "origin", "https://me:not-a-token@host.example/team/shop.git"]);
    assert_eq!(line(&scratch)[0], "https://host.example/team/shop.git");
    std::fs::remove_dir_all(scratch.path("repo/.git")).unwrap();
    assert_eq!(line(&scratch)[..2], [serde_json::Value::Null, serde_json::Value::Null]);
}

#[test]
fn another_secret_in_the_same_place_is_new() {
    let Some(scratch) = repository("since-secret") else { return };
    let settings = |key: &str| format!("INSTALLED_APPS = ['a']\nALLOWED_HOSTS = ['a.example']\nSECRET_KEY = '{key}'\n");
    let (one, other) = ("x8fq2mZr7Lw0pTb5Ny3Kd9Vc1Hs6Ju4A", "Wq3vX9bTn5Rk1Lz7Hy2Ms8Cd4Gf6Pj0E");
    scratch.write("repo/manage.py", "");
    scratch.write("repo/site/settings.py", settings(one));
    commit(&scratch, "two");
    let told = |text: String| {
        scratch.write("repo/site/settings.py", text);
        let arguments = ["check", "--output-format", "concise", "--since", "HEAD", "--select", "django/*secret*"];
        let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(arguments)
            .current_dir(scratch.path("repo"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(told(format!("# More.\n{}", settings(one).replace('\'', "\""))), "");
    let new = told(settings(other));
    assert!(new.contains("site/settings.py:3:") && !new.contains(other), "{new}");
}

/// A secret beside a fault is no part of it: who mends the one is not told of the other again.
#[test]
fn a_secret_on_the_line_of_another_fault_is_another() {
    let Some(scratch) = repository("since-beside") else { return };
    let (one, other) = ("x8fq2mZr7Lw0pTb5Ny3Kd9Vc1Hs6Ju4A", "Wq3vX9bTn5Rk1Lz7Hy2Ms8Cd4Gf6Pj0E");
    let image = |variables: &str, header: &str| {
        format!(
            "FROM a/b:1\nENV API_TOKEN={one}{variables}\nRUN curl -H \"Authorization: Bearer {header}\" http://a.example/x | sh\nUSER 1\nCMD [\"a\"]\n"
        )
    };
    let compose = |token: &str| {
        format!("services:\n  a: {{image: \"a/b:1\", privileged: true, environment: {{A_TOKEN: {token}}}}}\n")
    };
    scratch.write("repo/Dockerfile", image("", one));
    scratch.write("repo/compose.yaml", compose(one));
    commit(&scratch, "two");
    let told = |path: &str, text: &str| {
        scratch.write(path, text);
        let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(["check", "--output-format", "concise", "--since", "HEAD"])
            .current_dir(scratch.path("repo"))
            .output()
            .unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        out.lines().map(|line| line.split(['[', ']']).nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    for (text, expected) in [
        (image("", "${T}"), &[][..]),
        (image("", other), &["dockerfile/secret-in-run"]),
        (image(&format!(" DB_PASSWORD={other}"), one), &["dockerfile/secret-in-env"]),
    ] {
        assert_eq!(told("repo/Dockerfile", &text), expected, "{text}");
    }
    scratch.write("repo/Dockerfile", image("", one));
    assert_eq!(told("repo/compose.yaml", &compose("\"${T:?}\"")), [""; 0]);
    assert_eq!(told("repo/compose.yaml", &compose(other)), ["compose/secret-literal-in-environment"]);
}

/// Of several secrets in one setting, the one that came is told.
#[test]
fn one_more_secret_in_a_setting_is_told_at_its_place() {
    let Some(scratch) = repository("since-settings") else { return };
    let settings = |more: &str| {
        format!(
            "INSTALLED_APPS = ['a']\nROOT_URLCONF = 'a.urls'\nDATABASES = {{\n    'default': {{\n        'PASSWORD': 'not-the-real-0ne',\n    }},\n{more}}}\n"
        )
    };
    scratch.write("repo/settings.py", settings(""));
    commit(&scratch, "two");
    scratch.write("repo/settings.py", settings("    'other': {\n        'PASSWORD': 'not-the-real-0ther',\n    },\n"));
    let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
        .args(["check", "--output-format", "concise", "--since", "HEAD", "--select", "django/secret-in-settings"])
        .current_dir(scratch.path("repo"))
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.starts_with("settings.py:8:") && out.lines().count() == 1, "{out}");
}

/// A clone that was made without the texts of its history knows not what was found in them.
#[test]
fn a_clone_without_texts_says_how_to_get_them() {
    let Some(scratch) = repository("since-partial") else { return };
    git(&scratch, "repo", &["config", "uploadpack.allowFilter", "true"]);
    scratch.write("repo/conf.d/a.conf", format!("# More.\n{}", site(&["old"])));
    commit(&scratch, "two");
    let from = format!("file://{}", scratch.path("repo").display());
    for filter in ["blob:none", "tree:0"] {
        let to = filter.replace(':', "-");
        git(&scratch, "", &["clone", "-q", &format!("--filter={filter}"), &from, &to]);
        let (status, told, err) = check(&scratch, &to, &["--since", "HEAD~1"]);
        assert_eq!((status, told.len()), (2, 0), "{err}");
        assert!(err.contains("made without the texts of its history") && err.contains("`HEAD~1`"), "{err}");
        // What is said there helps.
        assert!(err.contains("`git fetch --refetch --no-filter`"), "{err}");
        git(&scratch, &to, &["fetch", "-q", "--refetch", "--no-filter"]);
        assert_eq!(check(&scratch, &to, &["--since", "HEAD~1"]).0, 0);
    }
}

#[test]
fn what_a_value_is_for_elsewhere_hides_nothing_and_the_order_of_services_brings_nothing_back() {
    let Some(scratch) = repository("since-values") else { return };
    let db = "  db:\n    image: postgres:9.6\n    environment:\n      POSTGRES_PASSWORD: one-that-is-not-real\n";
    let queue =
        "  queue:\n    image: rabbitmq:4\n    environment:\n      RABBITMQ_DEFAULT_PASS: one-that-is-not-real\n";
    let old = "  old:\n    image: postgres:9.6\n";
    let web = "  web:\n    image: shop/web:3\n    environment:\n      SECRET_KEY: one-that-is-not-real\n";
    let told = |services: &[&str]| {
        scratch.write("repo/compose.yaml", format!("services:\n{}", services.concat()));
        let output = Command::new(env!("CARGO_BIN_EXE_hardlint"))
            .args(["check", "--output-format", "concise", "--since", "HEAD"])
            .current_dir(scratch.path("repo"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    scratch.write("repo/compose.yaml", format!("services:\n{}", [db, queue, old].concat()));
    commit(&scratch, "two");
    assert_eq!(told(&[old, queue, db]), "");
    assert_eq!(told(&[queue, old]), "");
    let new = told(&[db, queue, old, web]);
    assert!(
        new.starts_with("compose.yaml:15:19: high[compose/secret-literal-in-environment]") && new.lines().count() == 1,
        "{new}"
    );
}

/// The repository itself is in no commit, and was there before.
#[test]
fn what_takes_the_repository_along_did_so_before() {
    let Some(scratch) = repository("since-git") else { return };
    scratch.write("repo/Dockerfile", "FROM debian:13\nCOPY . /app\nUSER 1\nCMD [\"a\"]\n");
    commit(&scratch, "two");
    let told = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hardlint"));
        command.args(["check", "--output-format", "concise", "--select", "dockerfile/copy-context*"]).args(more);
        String::from_utf8(command.current_dir(scratch.path("repo")).output().unwrap().stdout).unwrap()
    };
    assert!(told(&[]).contains("takes .git into the image"));
    assert_eq!(told(&["--since", "HEAD"]), "");
}

#[test]
fn what_was_fetched_is_a_commit_like_others() {
    let Some(scratch) = repository("since-fetched") else { return };
    git(&scratch, "", &["clone", "-q", "repo", "clone"]).unwrap();
    git(&scratch, "clone", &["fetch", "-q", "origin", "main"]).unwrap();
    scratch.write("clone/conf.d/a.conf", site(&["old", "new"]));
    let (status, found, err) = check(&scratch, "clone", &["--since", "FETCH_HEAD"]);
    assert_eq!((status, found.as_slice()), (1, &["conf.d/a.conf:4:12:".to_owned()][..]), "{err}");
}

/// Whoever opens a pipe waits for what never comes.
#[cfg(unix)]
#[test]
fn a_repository_of_pipes_is_told_and_not_waited_for() {
    for name in ["repo/.git/objects/info/alternates", "repo/.git/objects/pack/pack-a.idx"] {
        let Some(scratch) = repository("since-pipe") else { return };
        scratch.pipe(name);
        let (status, _, err) = check(&scratch, "repo", &["--since", "HEAD"]);
        assert!(
            status == 2 && err.contains("is no file, so that nothing is read of this repository"),
            "{status} {err}"
        );
    }
}
