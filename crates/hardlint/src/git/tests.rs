//! Compares what is read here with what git says of repositories that it made.

use super::*;
use crate::scratch::Scratch;
use std::process::Command;

/// Runs git in a folder; nothing where it is not at hand.
fn git(folder: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@shop.example", "-c", "core.excludesFile="])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .ok()?;
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[expect(clippy::print_stderr, reason = "says why a test compares nothing")]
fn made(name: &str, init: &[&str]) -> Option<Scratch> {
    let scratch = Scratch::new(name);
    if git(&scratch.path(""), init).is_none() {
        eprintln!("skipped: git is not at hand");
        return None;
    }
    Some(scratch)
}

fn states(repositories: &Repositories, root: &Path, paths: &[&str]) -> Vec<Git> {
    paths.iter().map(|path| repositories.state(root, path)).collect()
}

const TREE: &[&str] = &[
    ".env",
    ".env.example",
    "a/.env",
    "a/b/kept.log",
    "a/b/x.log",
    "a/own",
    "build/c/.env",
    "deep/er/file",
    "excluded",
    "new",
    "z",
];

fn fill(scratch: &Scratch) {
    for path in TREE {
        scratch.write(path, "x\n");
    }
    scratch.write(".gitignore", ".env\n/build/\n*.log\n");
    scratch.write("a/.gitignore", "own\n!kept.log\n");
    scratch.write(".git/info/exclude", "excluded\n");
}

#[test]
fn what_is_tracked_and_ignored_is_what_git_says() {
    for (version, init) in [("2", "sha1"), ("3", "sha1"), ("4", "sha1"), ("2", "sha256"), ("4", "sha256")] {
        let name = format!("git-{version}-{init}");
        let Some(scratch) = made(&name, &["init", "-q", &format!("--object-format={init}")]) else { return };
        fill(&scratch);
        let top = scratch.path("");
        let run = |args: &[&str]| git(&top, args).unwrap();
        run(&["config", "index.version", version]);
        run(&["add", "-f", ".env", ".gitignore", ".env.example", "a/b/x.log", "deep/er/file", "z"]);
        if version == "3" {
            // An entry that is only intended makes git write the third version.
            run(&["add", "-N", "new"]);
        }
        run(&["update-index", "--index-version", version]);
        let tracked = run(&["ls-files"]);
        let others = run(&["ls-files", "--others", "--exclude-standard"]);
        let repositories = Repositories::new(false);
        for path in TREE {
            let expected = if tracked.lines().any(|line| line == *path) {
                Git::Tracked
            } else if others.lines().any(|line| line == *path) {
                Git::Untracked
            } else {
                Git::Ignored
            };
            assert_eq!(repositories.state(&top, path), expected, "{name} {path}");
        }
    }
}

#[test]
fn trees_beside_the_repository_and_below_it_have_their_own_index() {
    let Some(scratch) = made("git-trees", &["init", "-q", "main"]) else { return };
    scratch.write("main/.env", "x");
    let run = |folder: &str, args: &[&str]| git(&scratch.path(folder), args).unwrap();
    run("main", &["add", ".env"]);
    run("main", &["commit", "-qm", "a"]);
    run("main", &["worktree", "add", "-q", "../beside"]);
    run("beside", &["rm", "-q", "--cached", ".env"]);
    scratch.write("main/.git/info/exclude", "*.log\n");
    run("", &["init", "-q", "main/inner"]);
    scratch.write("main/inner/.env", "x");
    let repositories = Repositories::new(false);
    let root = scratch.path("");
    assert_eq!(
        states(&repositories, &root, &["main/.env", "beside/.env", "beside/a.log", "main/inner/.env", "nowhere"]),
        [Git::Tracked, Git::Untracked, Git::Ignored, Git::Untracked, Git::NoRepository]
    );
    // The repository may begin above the root.
    scratch.write("main/app/.env", "x");
    assert_eq!(Repositories::new(false).state(&scratch.path("main/app"), ".env"), Git::Untracked);
}

/// git keeps the index of a large repository in two files, of which the one that changes is small.
#[test]
fn an_index_that_is_split_is_what_git_says() {
    for (version, format) in [("2", "sha1"), ("4", "sha1"), ("2", "sha256")] {
        let name = format!("git-split-{version}-{format}");
        let Some(scratch) = made(&name, &["init", "-q", &format!("--object-format={format}")]) else { return };
        let top = scratch.path("");
        let run = |args: &[&str]| git(&top, args).unwrap();
        let names: Vec<String> = (0..200).map(|at| format!("d{}/f{at}", at % 7)).collect();
        for name in &names {
            scratch.write(name, "x");
        }
        run(&["config", "core.splitIndex", "true"]);
        run(&["config", "splitIndex.maxPercentChange", "100"]);
        run(&["add", "."]);
        run(&["update-index", "--index-version", version, "--split-index"]);
        let shared = || {
            let files = fs::read_dir(scratch.path(".git")).unwrap().flatten().map(|it| it.path());
            files.filter(|it| it.to_string_lossy().contains("sharedindex.")).collect::<Vec<_>>()
        };
        let same = |step: &str| {
            assert!(!shared().is_empty(), "{name}, {step}");
            let tracked: std::collections::BTreeSet<String> = run(&["ls-files"]).lines().map(str::to_owned).collect();
            let repositories = Repositories::new(false);
            for name in names.iter().map(String::as_str).chain(["a", "d1/new", "zz"]) {
                assert_eq!(repositories.is_tracked(&top, name), tracked.contains(name), "{step}: {name}");
            }
            let below: Vec<&String> = tracked.iter().filter(|name| name.starts_with("d1/")).collect();
            assert_eq!(repositories.tracked_below(&top, "d1").iter().collect::<Vec<_>>(), below, "{step}");
            assert!(!repositories.is_unread(&top, "a"), "{step}");
        };
        same("whole");
        for name in ["d1/f1", "d2/f2", "d5/f187"] {
            scratch.write(name, "changed");
        }
        run(&["rm", "-q", "--cached", "d1/f8", "d1/f15", "d3/f199"]);
        scratch.write("a", "x");
        scratch.write("d1/new", "x");
        run(&["add", "a", "d1/f1", "d1/new", "d2/f2"]);
        same("changed");
        // The part that is shared may be gone.
        for path in shared() {
            fs::remove_file(path).unwrap();
        }
        let repositories = Repositories::new(false);
        assert!(repositories.is_unread(&top, "a") && repositories.state(&top, "a") == Git::Unknown);
    }
}

#[test]
fn a_folder_that_was_asked_for_is_not_hidden_by_what_stands_above_it() {
    let Some(scratch) = made("git-asked", &["init", "-q"]) else { return };
    scratch.write(".gitignore", "build/\n");
    scratch.write("build/app/.gitignore", "own\n");
    let top = scratch.path("");
    let mut repositories = Repositories::new(false);
    let paths = ["build/app/.env", "build/app/own", "build/x"];
    assert_eq!(states(&repositories, &top, &paths), [Git::Ignored; 3]);
    repositories.ask_for(asked([("build/app", true)].into_iter()));
    assert_eq!(states(&repositories, &top, &paths), [Git::Untracked, Git::Ignored, Git::Ignored]);
    repositories.ask_for(asked([("build/x", false)].into_iter()));
    assert_eq!(states(&repositories, &top, &paths), [Git::Untracked, Git::Ignored, Git::Untracked]);
}

#[test]
fn a_live_index_is_read_again_when_it_changes() {
    let Some(scratch) = made("git-live", &["init", "-q"]) else { return };
    let top = scratch.path("");
    let (live, once) = (Repositories::new(true), Repositories::new(false));
    let of = |repositories: &Repositories| repositories.state(&top, "a");
    assert_eq!((of(&live), of(&once)), (Git::Untracked, Git::Untracked));
    scratch.write("a", "x");
    git(&top, &["add", "a"]).unwrap();
    assert_eq!((of(&live), of(&once)), (Git::Tracked, Git::Untracked));
}

/// Of a real index each byte is changed, and it is cut at each place: no answer may be a panic, and none takes memory.
#[test]
fn a_hostile_index_is_no_harm() {
    for version in ["2", "4"] {
        let Some(scratch) = made(&format!("git-hostile-{version}"), &["init", "-q"]) else { return };
        for path in ["a", "dir/b", "dir/c"] {
            scratch.write(path, "x");
        }
        git(&scratch.path(""), &["add", "."]).unwrap();
        git(&scratch.path(""), &["update-index", "--index-version", version]).unwrap();
        let bytes = fs::read(scratch.path(".git/index")).unwrap();
        let none = |_: &str| None;
        assert_eq!(Index::read(&bytes, false, none).has("dir/b"), Some(true));
        for at in 0..bytes.len() {
            assert_eq!(Index::read(&bytes[..at], false, none).has("dir/b"), None, "cut at {at}");
            for byte in [0, 0x7f, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = byte;
                let _ = (Index::read(&changed, false, none).has("dir/b"), Index::read(&changed, true, none).has("a"));
            }
        }
    }
    // A folder that only looks like a repository is none; one with an index that is none is not known.
    let scratch = Scratch::new("git-looks");
    scratch.write("a/.git/index", "DIRC");
    scratch.write("b/.git/HEAD", "ref: refs/heads/main\n");
    scratch.write("b/.git/index", b"DIRC\0\0\0\x02\xff\xff\xff\xff");
    scratch.write("c/.git", "gitdir: ../nowhere\n");
    let repositories = Repositories::new(false);
    assert_eq!(
        states(&repositories, &scratch.path(""), &["a/x", "b/x", "c/x"]),
        [Git::NoRepository, Git::Unknown, Git::NoRepository]
    );
}
