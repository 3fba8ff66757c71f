//! What Dockerfiles mean: the images that they make, what is known of their parts, and what is refused.

mod stages;

use super::*;
use crate::loader::Memory;
use crate::model::{ScopeId, Why};
use crate::workspace::{Query, Workspace};

/// Resolves the first of some files.
pub(super) fn model_of(files: &[(&str, &str)], target: Option<&str>) -> Model {
    let memory = Memory::new(files.iter().map(|(path, text)| (*path, *text)));
    let conditions = target.map(|name| ("target".to_owned(), name.to_owned())).into_iter().collect();
    let workspace = Workspace::new(&memory, Query { conditions, ..Query::default() });
    workspace.resolve(&mut workspace.reader(), &files[0].0.into(), &FORMAT)
}

pub(super) fn model(text: &str) -> Model {
    model_of(&[("Dockerfile", text)], None)
}

/// A key of the target's image, as it is printed: lists with `|` between their elements, `?` for what is unknown.
pub(super) fn shows(model: &Model, scope: ScopeId, name: &str) -> String {
    let Some(value) = model.get(scope, name) else { return "-".to_owned() };
    match print(model, KeyId(0), value) {
        Printed::One(text) => text,
        Printed::Many(texts) => texts.join("|"),
        Printed::Unknown(_) => "?".to_owned(),
    }
}

fn id(index: usize) -> ScopeId {
    ScopeId(u32::try_from(index).unwrap())
}

/// The scopes of a kind, with a key of each.
pub(super) fn each(model: &Model, kind: &str, name: &str) -> Vec<String> {
    let kind = FORMAT.schema.kind_named(kind).unwrap();
    let all = model.scopes.iter().enumerate().filter(|(_, scope)| scope.kind == kind);
    all.map(|(index, scope)| format!("{} {}", scope.label, shows(model, id(index), name))).collect()
}

fn problems(text: &str) -> Vec<String> {
    let model = model(text);
    model.problems.iter().map(|problem| problem.message.clone()).collect()
}

#[test]
fn the_table_of_keys_is_sound() {
    crate::schema::check(FORMAT.schema).unwrap();
}

#[test]
fn images_are_configured_as_buildkit_configures_them() {
    // (Dockerfile, key, value); the values are what BuildKit's Dockerfile2LLB gave, or follow from its documentation.
    for (text, key, expected) in [
        ("FROM a AS build\nUSER app\nFROM build AS mid\nFROM mid\n", "User", "app"),
        ("FROM a AS Build\nUSER app\nFROM BUILD\n", "User", "app"),
        ("FROM scratch\nUSER root\nUSER \"nobody\"\n", "User", "nobody"),
        ("FROM a\nUSER app\nFROM scratch\n", "User", "-"),
        ("ARG U=global\nFROM scratch\nUSER ${U:-fallback}\n", "User", "fallback"),
        ("ARG U=global\nFROM scratch\nARG U\nUSER ${U:-fallback}\n", "User", "global"),
        ("ARG U=global\nFROM scratch\nARG U=local\nUSER $U\n", "User", "local"),
        ("FROM scratch\nARG U\nUSER $U\n", "User", "?"),
        ("FROM scratch\nUSER $UNDEF\n", "User", ""),
        ("FROM debian\nUSER $UNDEF\n", "User", "?"),
        ("FROM scratch AS a\nARG U=x\nFROM a\nUSER $U\n", "User", "x"),
        ("FROM scratch\nENV U=env\nUSER ${U}\n", "User", "env"),
        ("FROM scratch\nUSER ${U:+x}y\n", "User", "y"),
        ("FROM scratch\nUSER \\$U\n", "User", "$U"),
        ("FROM scratch\nRUN <<EOF\nUSER root\nEOF\nUSER app\n", "User", "app"),
        (
            "FROM scratch\nENV OLD style value\n",
            "Env",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|OLD=style value",
        ),
        ("FROM a\nENV abc=hello\nENV abc=bye def=$abc\nENV ghi=$abc\n", "Env", "abc=bye|def=hello|ghi=bye"),
        ("FROM a\nENV A=1 B=2\nENV A=3\n", "Env", "A=3|B=2"),
        ("FROM a\nENV A=\"x y\" B=x\\ y C='$A'\n", "Env", "A=x y|B=x y|C=$A"),
        ("FROM a\nENV PATH=/x:$PATH\n", "Env", "PATH=/x:${PATH}"),
        (
            "FROM a\nENV A=foo.tar.gz\nENV B=${A%.*} C=${A%%.*} D=${A#*.} E=${A##*.} F=${A/.tar/-}\n",
            "Env",
            "A=foo.tar.gz|B=foo.tar|C=foo|D=tar.gz|E=gz|F=foo-.gz",
        ),
        ("FROM a\nCMD ['sh','-c']\n", "Cmd", "/bin/sh|-c|['sh','-c']"),
        ("FROM a\nCMD [\"a\"] # c\n", "Cmd", "/bin/sh|-c|[\"a\"] # c"),
        ("FROM a\nCMD [\"a\", \"$b\"]\n", "Cmd", "a|$b"),
        ("FROM a\nSHELL [\"/bin/bash\", \"-ec\"]\nCMD echo hi\n", "Cmd", "/bin/bash|-ec|echo hi"),
        ("FROM a\nCMD x\nENTRYPOINT [\"e\"]\n", "Cmd", "/bin/sh|-c|x"),
        ("FROM a AS b\nCMD x\nFROM b\nENTRYPOINT [\"e\"]\n", "Cmd", ""),
        ("FROM a AS b\nCMD x\nFROM b\n", "Cmd", "/bin/sh|-c|x"),
        ("FROM a\nENTRYPOINT [\"e\"]\nENTRYPOINT [\"f\"]\n", "Entrypoint", "f"),
        ("FROM a\nEXPOSE 8001-8003 22 80/udp\nEXPOSE 22\n", "ExposedPorts", "22/tcp|80/udp|8001/tcp|8002/tcp|8003/tcp"),
        ("FROM scratch\nARG P=\"80 81\"\nEXPOSE $P\n", "ExposedPorts", "80/tcp|81/tcp"),
        ("FROM a\nHEALTHCHECK CMD curl x\n", "Healthcheck", "CMD-SHELL|curl x"),
        ("FROM a\nHEALTHCHECK --interval=5s CMD [\"curl\", \"x\"]\n", "Healthcheck", "CMD|curl|x"),
        ("FROM a\nHEALTHCHECK CMD x\nHEALTHCHECK NONE\n", "Healthcheck", "NONE"),
        ("FROM a\nWORKDIR /a\nWORKDIR b/../c\n", "WorkingDir", "/a/c"),
        ("FROM a\nWORKDIR b\n", "WorkingDir", "?"),
        ("FROM scratch\nWORKDIR b\n", "WorkingDir", "/b"),
        ("FROM scratch\n", "WorkingDir", "/"),
        ("FROM a\nVOLUME /b /a\nVOLUME [\"/c d\"]\n", "Volumes", "/a|/b|/c d"),
        ("FROM a\nLABEL b=1 a=\"x y\"\nLABEL b=2\n", "Labels", "a=x y|b=2"),
        ("FROM a\nSTOPSIGNAL SIGQUIT\n", "StopSignal", "SIGQUIT"),
        ("FROM a\nONBUILD USER root\nUSER app\n", "User", "app"),
        ("FROM a\nONBUILD RUN x --y\n", "OnBuild", "RUN x --y"),
        ("FROM a AS b\nONBUILD USER root\nUSER app\nFROM b\n", "User", "root"),
        ("FROM a AS b\nONBUILD USER root\nFROM b AS c\nUSER app\nFROM c\n", "User", "app"),
        (
            "# escape=`\nFROM scratch\nENV A=x` y\n",
            "Env",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin|A=x y",
        ),
    ] {
        let model = model(text);
        assert_eq!(shows(&model, model.focus, key), expected, "{text}");
        assert!(model.problems.is_empty(), "{text}: {:?}", model.problems);
    }
}

#[test]
fn what_docker_build_refuses_is_a_problem() {
    for (text, part) in [
        ("FROM a\nFROB x\n", "did you mean FROM?"),
        ("FROM a\nEXPSE 1\n", "did you mean EXPOSE?"),
        ("FROM a\nWHATEVER x\n", "unknown instruction: WHATEVER"),
        ("", "no instructions"),
        ("# only\n", "no instructions"),
        ("ARG A\n", "no FROM"),
        ("RUN x\nFROM a\n", "before the first FROM"),
        ("FROM\n", "FROM requires"),
        ("FROM a b\n", "FROM requires"),
        ("FROM a AS 1x\n", "cannot be a stage's name"),
        ("FROM $NONE\n", "comes out empty"),
        ("FROM a\nUSER\n", "exactly one"),
        ("FROM a\nCOPY x\n", "at least two"),
        ("FROM a\nENV A\n", "two arguments"),
        ("FROM a\nENV =b\n", "blank"),
        ("FROM a\nARG =b\n", "blank"),
        ("FROM a\nEXPOSE\n", "at least one"),
        ("FROM a\nEXPOSE http\n", "is no port"),
        ("FROM a\nSHELL bash -c\n", "JSON"),
        ("FROM a\nRUN --mnt=x y\n", "unknown flag: --mnt"),
        ("FROM a\nCMD --x y\n", "unknown flag: --x"),
        ("FROM a\nCOPY --chown a b\n", "no value"),
        ("FROM a\nCOPY --link=x a b\n", "true or false"),
        ("FROM a\nCOPY --from=x --from=y a b\n", "stands twice"),
        ("FROM a\nCOPY --from=3 a b\n", "not defined before"),
        ("FROM a\nHEALTHCHECK x\n", "CMD or NONE"),
        ("FROM a\nHEALTHCHECK --interval=5 CMD x\n", "no time"),
        ("FROM a\nHEALTHCHECK --interval=5us CMD x\n", "less than 1ms"),
        ("FROM a\nONBUILD ONBUILD RUN x\n", "cannot be the trigger"),
        ("FROM a\nCMD [\"a\", 1]\n", "strings only"),
        ("FROM a\nRUN <<E\nx\n", "never ended"),
        ("FROM a\nUSER ${x@Q}\n", "does not know the operator"),
        ("FROM a\nUSER \"x\n", "never closed"),
        ("FROM scratch\nUSER ${X:?give one}\n", "X: give one"),
    ] {
        let found = problems(text);
        assert!(found.len() == 1 && found[0].contains(part), "{text}: {found:?}");
    }
}

#[test]
fn templates_leave_holes_and_no_problems() {
    for (path, text, key, expected) in [
        ("Dockerfile.j2", "FROM {{ image }}\nUSER app\n", "image", "?"),
        ("Dockerfile.j2", "FROM {{ image }}\nUSER app\n", "User", "app"),
        ("Dockerfile.template", "FROM debian:%%SUITE%%-slim\nUSER %%USER%%\n", "User", "?"),
        ("Dockerfile.erb", "FROM a\nENV A=<%= a b %>\n", "User", "-"),
        ("Dockerfile", "{% if x %}\nFROM a\n{% endif %}\nUSER root\n", "User", "?"),
        ("Dockerfile.j2", "FROM a\nRUN x \\\n{% if y %}\n  z \\\n{% endif %}\n  w\nUSER b\n", "User", "?"),
    ] {
        let model = model_of(&[(path, text)], None);
        assert_eq!(shows(&model, model.focus, key), expected, "{text}");
        assert!(model.problems.is_empty(), "{text}: {:?}", model.problems);
    }
    // In a plain Dockerfile braces are text.
    let plain = model("FROM a\nENV F={{.Names}}\n");
    assert_eq!(shows(&plain, plain.focus, "Env"), "F={{.Names}}");
}

#[test]
fn who_the_container_runs_as() {
    for (text, expected) in [
        ("FROM debian\n", "true"),
        ("FROM debian\nUSER 0\n", "true"),
        ("FROM debian\nUSER root:app\n", "true"),
        ("FROM debian\nUSER 00:0\n", "true"),
        ("FROM debian\nUSER app\n", "false"),
        ("FROM debian\nUSER 1000:0\n", "false"),
        ("FROM debian\nUSER 1000:${GID}\n", "false"),
        ("FROM debian\nUSER ${UID}\n", "?"),
        ("FROM debian\nARG UID=0\nUSER ${UID}\n", "true"),
        ("FROM registry.example.com/base\n", "?"),
        ("FROM bitnami/redis:7\n", "false"),
        ("FROM bitnami/redis:7\nUSER root\n", "true"),
        ("ARG BASE=python\nFROM ${BASE}:3.12\n", "true"),
        ("FROM ${BASE}\n", "-"),
        ("FROM scratch\n", "?"),
        ("FROM scratch\nCMD [\"/x\"]\n", "true"),
        ("FROM debian AS b\nUSER app\nFROM b\n", "false"),
        ("FROM debian AS b\nUSER app\nFROM debian\nCOPY --from=b a b\n", "true"),
    ] {
        let model = model(text);
        if expected != "-" {
            assert_eq!(shows(&model, model.focus, "run_user_is_root"), expected, "{text}");
        }
    }
    let fact = |text: &str, name: &str| {
        let model = model(text);
        shows(&model, model.focus, name)
    };
    assert_eq!(fact("FROM debian\nUSER app\nUSER root\n", "reset_to_root"), "true");
    assert_eq!(fact("FROM debian\nUSER root\nUSER app\n", "reset_to_root"), "false");
    assert_eq!(fact("FROM debian\nUSER root\n", "reset_to_root"), "false");
    assert_eq!(fact("FROM postgres\n", "base_drops_privileges"), "true");
    assert_eq!(fact("FROM postgres\nENTRYPOINT [\"x\"]\n", "base_drops_privileges"), "false");
    assert_eq!(fact("FROM debian\nENTRYPOINT [\"gosu\", \"app\", \"x\"]\n", "drops_privileges"), "true");
    assert_eq!(fact("FROM debian\nCMD exec su-exec app x\n", "drops_privileges"), "true");
    assert_eq!(fact("FROM debian\nRUN apt-get install gosu\nCMD [\"/run.sh\"]\n", "drops_privileges"), "true");
    assert_eq!(fact("FROM debian\nENTRYPOINT [\"docker-entrypoint.sh\"]\n", "drops_privileges"), "true");
    assert_eq!(fact("FROM debian\nENTRYPOINT [\"/run.sh\"]\n", "drops_privileges"), "false");
    let script = [
        ("Dockerfile", "FROM debian\nCOPY entrypoint.sh /\nENTRYPOINT [\"/entrypoint.sh\"]\n"),
        ("entrypoint.sh", "#!/bin/sh\nexec gosu app \"$@\"\n"),
    ];
    let model = model_of(&script, None);
    assert_eq!(shows(&model, model.focus, "drops_privileges"), "true");
    let unseen = model_of(&[("Dockerfile", "FROM debian\nEXPOSE 80\nENTRYPOINT [\"/entrypoint.sh\"]\n")], None);
    assert_eq!(shows(&unseen, unseen.focus, "starts"), "unseen");
    let base = model_of(&[("Dockerfile.base", "FROM debian\n")], None);
    assert_eq!(shows(&base, base.focus, "is_base"), "true");
}

#[test]
fn values_point_at_what_decides_them() {
    let text = "FROM debian\nARG WHO=root\nUSER $WHO\nRUN curl -fsSLk \\\n  https://x\n";
    let model = model(text);
    let at = |scope: ScopeId, name: &str| {
        let key = FORMAT.schema.key(model.scope(scope).unwrap().kind, name).unwrap();
        &text[model.lookup(scope, key).at.span.range()]
    };
    assert_eq!(at(model.focus, "User"), "root");
    assert_eq!(at(model.focus, "run_user_is_root"), "root");
    let command = model.scopes.iter().position(|scope| &*scope.label == "curl").unwrap();
    assert_eq!(at(id(command), "tls_unverified"), "-fsSLk");
    assert_eq!(at(id(command), "download_url"), "https://x");
    assert_eq!(&text[model.scope(model.focus).unwrap().at.span.range()], "FROM debian");
}

#[test]
fn what_is_copied_out_of_the_folder() {
    let files = [
        (
            "app/Dockerfile",
            "FROM debian\nCOPY . /app\nCOPY .env /x\nCOPY run.sh tls.key /y/\nADD https://e/x /z\nCOPY --from=a .env /\n",
        ),
        ("app/.env", "DB_PASSWORD=not-a-real-one"),
        ("app/run.sh", ""),
        ("app/tls.key", "-----BEGIN PRIVATE KEY-----"),
    ];
    let model = model_of(&files, None);
    let all = |name: &str| each(&model, "copy", name);
    assert_eq!(all("whole_context")[0], ". true");
    assert_eq!(all("unignored")[0], ". .env|tls.key");
    assert_eq!(all("sensitive")[1], ".env environment variables");
    assert_eq!(all("sensitive")[2], "run.sh -");
    assert_eq!(all("sensitive")[3], "tls.key a private key");
    assert_eq!(all("is_url")[4], "https://e/x true");
    assert_eq!(all("sensitive")[5], ".env -");
    let pattern = |env: (&'static str, &'static str)| {
        let model = model_of(&[("Dockerfile", "FROM a\nCOPY x .env* /app/\n"), ("x", ""), env], None);
        each(&model, "copy", "sensitive")[1].clone()
    };
    assert_eq!(pattern(("y", "")), ".env* environment variables");
    assert_eq!(pattern((".env.example", "DB_PASSWORD=not-a-real-one")), ".env* -");
    assert_eq!(pattern((".env.local", "DB_PASSWORD=not-a-real-one")), ".env* environment variables");
    assert_eq!(pattern((".env.local", "PORT=80")), ".env* -");
    let mut with = files.to_vec();
    with.push(("app/.dockerignore", ".env\n*.key\n"));
    let model = model_of(&with, None);
    assert_eq!(each(&model, "copy", "unignored")[0], ". -");
    assert_eq!(each(&model, "copy", "ignored")[1], ".env true");
    assert_eq!(each(&model, "copy", "sensitive")[1], ".env -");
    assert_eq!(each(&model, "copy", "dockerignore")[0], ". app/.dockerignore");
}

/// A few lines would name all ports over and over.
#[test]
fn so_many_ports_are_listed_and_no_more() {
    let model = model("FROM a\nEXPOSE 1-65535\nEXPOSE 1-65535\nEXPOSE 1-65535\nEXPOSE 9/udp\n");
    let exposed = each(&model, "stage", "ExposedPorts").concat();
    assert!(exposed.contains("65535/tcp") && !exposed.contains("9/udp"), "{}", exposed.len());
}

#[test]
fn shells_that_are_not_read_are_open() {
    let model = model("# escape=`\nFROM mcr.microsoft.com/windows/servercore\nRUN curl -k x\n");
    assert!(each(&model, "command", "name").is_empty());
    assert!(model.scopes.iter().any(|scope| matches!(scope.open, Some(Why::Limit(_)))));
    // What is known to be for Linux is read, however its lines go on.
    for text in
        ["# escape=`\nFROM debian:12\nRUN curl -k x\n", "# escape=`\nFROM a/b\nRUN apt-get update && curl -k x\n"]
    {
        assert!(each(&self::model(text), "command", "name").iter().any(|name| name.starts_with("curl ")), "{text}");
    }
    assert!(each(&self::model("# escape=`\nFROM a/b\nRUN curl -k x\n"), "command", "name").is_empty());
    assert!(!each(&self::model("FROM a.example/nowindows:1\nRUN curl -k x\n"), "command", "name").is_empty());
    let python = self::model("FROM a\nRUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n");
    assert!(each(&python, "command", "name").is_empty());
}

#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "reads real files where the environment names some"
)]
fn files_at_hand_are_understood() {
    let Ok(root) = std::env::var("HARDLINT_CORPUS") else {
        eprintln!("skipped: HARDLINT_CORPUS names no folder of real projects");
        return;
    };
    let mut next = vec![std::path::PathBuf::from(root)];
    let (mut files, mut refused) = (0, Vec::new());
    while let Some(folder) = next.pop() {
        let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                next.push(path);
                continue;
            }
            let name = path.to_string_lossy().into_owned();
            let Ok(bytes) = std::fs::read(&path) else { continue };
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let named = match crate::formats::by_name(&name) {
                crate::formats::ByName::Is(format) => format.id == FORMAT.id,
                crate::formats::ByName::Perhaps => {
                    sniff(&name, &text)
                        && crate::formats::by_content(&name, &text).is_some_and(|found| found.format.id == FORMAT.id)
                }
                crate::formats::ByName::Nothing => false,
            };
            if !named {
                continue;
            }
            files += 1;
            let model = model_of(&[(crate::loader::name(&name), &text)], None);
            refused.extend(model.problems.iter().map(|problem| format!("{name}: {}", problem.message)));
            // Nor does a file that is cut off anywhere, or that has a byte too many.
            for cut in (0..text.len()).step_by(text.len() / 3 + 1).filter(|at| text.is_char_boundary(*at)) {
                model_of(&[("Dockerfile", &text[..cut])], None);
                model_of(&[("Dockerfile", &format!("{}\"$({{<<{}", &text[..cut], &text[cut..]))], None);
            }
        }
    }
    eprintln!("{files} files\n{}", refused.join("\n"));
    assert!(files > 300);
    // Some are parts of others, or hold what Docker refuses.
    assert!(refused.len() * 100 <= files, "{} of {files}", refused.len());
}

#[test]
fn secrets_are_told_from_what_only_sounds_like_one() {
    let text = "FROM a\nARG TOKEN\nARG DB_PASSWORD=not-a-real-one\nARG P\nENV API_TOKEN=abc123real X_FILE=/run/x\n\
        ENV API_KEY=$P DB_PASSWORD_FILE=/run/secrets/x SECRET=changeme EMPTY_TOKEN=\n\
        ENV GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568 URL=postgres://u:not-real@h/d X_UWSGI_PASS=app L=postgres://u:p@localhost/d\n\
        RUN curl -H \"Authorization: $TOKEN\" https://x\n";
    let model = model(text);
    let yes = |kind: &str, name: &str| -> Vec<String> {
        each(&model, kind, name).into_iter().filter(|text| !text.ends_with(" -") && !text.ends_with(" false")).collect()
    };
    assert_eq!(yes("arg", "secret_value"), ["DB_PASSWORD not-a-real-one"]);
    assert_eq!(yes("arg", "secret"), ["TOKEN true", "DB_PASSWORD true"]);
    assert_eq!(yes("arg", "consumed"), ["TOKEN true", "P true"]);
    assert_eq!(
        yes("env", "secret_value"),
        ["API_TOKEN abc123real", "SECRET changeme", "URL postgres://u:not-real@h/d"]
    );
    assert_eq!(yes("env", "placeholder"), ["SECRET true"]);
    let named = self::model("FROM a\nENV A_PASSWORD=lantern_pass B_PASSWORD=admin1 TLS_KEY_PASSWORD=server.key\n");
    let all = |name: &str| each(&named, "env", name);
    assert_eq!(all("secret_value"), ["A_PASSWORD lantern_pass", "B_PASSWORD admin1", "TLS_KEY_PASSWORD -"]);
    assert_eq!(all("placeholder"), ["A_PASSWORD true", "B_PASSWORD false", "TLS_KEY_PASSWORD false"]);
    assert_eq!(all("guessable"), ["A_PASSWORD false", "B_PASSWORD true", "TLS_KEY_PASSWORD false"]);
}

#[test]
fn a_value_that_doubles_with_each_line_becomes_unknown() {
    let doubling = |lines: usize| format!("FROM debian\nENV A=ab\n{}", "ENV A=$A$A\n".repeat(lines));
    let known = model(&doubling(10));
    assert!(each(&known, "env", "value").last().unwrap().len() > 2048);
    let bounded = model(&doubling(60));
    assert!(each(&bounded, "env", "value").last().unwrap().len() < 200);
    assert!(
        model(&format!("FROM debian\nENV A={}\nENV A={}\n", "x".repeat(60_000), "$A".repeat(5000))).problems.is_empty()
    );
}

#[test]
fn what_variables_bring_into_all_lines_together_is_bounded() {
    let lines = (0..400).fold(String::new(), |text, n| text + &format!("LABEL b{n}=$A\nENV B{n}=$A\n"));
    let model = model(&format!("FROM scratch\nENV A={}\n{lines}", "x".repeat(60_000)));
    let values = each(&model, "env", "value");
    assert_eq!(values.len(), 401);
    let long = values.iter().filter(|value| value.len() > 50_000).count();
    assert!((2..20).contains(&long), "{long}");
    assert!(model.problems.is_empty());
}
