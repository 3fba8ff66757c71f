//! What images start, with the scripts and services beside them.

use super::super::tests::{each, model, model_of, shows};

#[test]
fn what_the_container_starts() {
    let entrypoint = "FROM debian\nENTRYPOINT [\"/entrypoint.sh\"]\n";
    let command = |text: &str| format!("{entrypoint}CMD {text}\n");
    let compose = |text: &str| format!("services: {{ s: {{ build: ., {text} }} }}\n");
    for (dockerfile, script, services, starts, message) in [
        ("FROM debian\n", "", "", "nothing", "the container runs as `root`"),
        ("FROM caddy\n", "", "", "server", "the container runs as `root`"),
        ("FROM debian\nENTRYPOINT [\"jq\"]\n", "", "", "tool", "the container runs as `root`"),
        ("FROM debian\nENTRYPOINT [\"app\"]\nCMD [\"--help\"]\n", "", "", "tool", "the container runs as `root`"),
        ("FROM debian\nENTRYPOINT [\"app\"]\nEXPOSE 80\n", "", "", "server", "the container runs as `root`"),
        ("FROM debian\nCMD [\"app\"]\n", "", "", "program", "the container runs as `root`"),
        ("FROM debian\nCMD [\"app\"]\n", "", "ports: []", "server", "the container runs as `root`"),
        ("FROM debian\n", "", "command: npm run dev", "development", "the container runs as `root`"),
        ("FROM debian\n", "", "command: bash -c 'a && gunicorn x'", "server", "the container runs as `root`"),
        (
            "FROM debian\nCMD nginx -g 'daemon off;'\n",
            "",
            "",
            "daemon",
            "the container starts as `root`; the workers of `nginx` are another user's",
        ),
        ("FROM debian\nUSER 0\nCMD [\"/sbin/init\"]\n", "", "", "system", "the container runs `init` as `0`"),
        (entrypoint, "", "", "tool", "the container runs as `root`"),
        (&command("[\"--list\"]"), "", "", "tool", "the container runs as `root`"),
        (
            &format!("{entrypoint}EXPOSE 80\n"),
            "",
            "",
            "unseen",
            "the container starts as `root`; whether `entrypoint.sh` gives that up is not known here",
        ),
        (&command("cron -f"), "", "", "system", "the container runs `cron` as `root`"),
        (&command("[\"app\"]"), "exec \"$@\"", "", "program", "the container runs as `root`"),
        (&command("[\"app\"]"), "exec supervisord", "", "system", "the container runs `supervisord` as `root`"),
        (
            entrypoint,
            "exec su-exec app app",
            "",
            "program",
            "the container starts as `root`, which `entrypoint.sh` seems to give up",
        ),
        (
            entrypoint,
            "exec chroot --userspec=app / app",
            "",
            "program",
            "the container starts as `root`, which `entrypoint.sh` seems to give up",
        ),
        (entrypoint, "sudo app", "", "program", "the container runs as `root`"),
        (
            "FROM postgres:16\n",
            "",
            "",
            "nothing",
            "the container starts as `root`, which `postgres:16` gives up for its work",
        ),
    ] {
        let services = if services.is_empty() { String::new() } else { compose(services) };
        let mut files = vec![("Dockerfile", dockerfile)];
        files.extend((!script.is_empty()).then_some(("entrypoint.sh", script)));
        files.extend((!services.is_empty()).then_some(("compose.yaml", services.as_str())));
        let model = model_of(&files, None);
        assert_eq!(shows(&model, model.focus, "starts"), starts, "{files:?}");
        assert_eq!(shows(&model, model.focus, "starts_as"), message, "{files:?}");
    }
    for (path, expected) in [
        ("base/Dockerfile", "true"),
        ("build/Dockerfile", "true"),
        ("build-tools/Dockerfile", "false"),
        ("app/Dockerfile", "false"),
    ] {
        let model = model_of(&[(path, "FROM debian\n")], None);
        assert_eq!(shows(&model, model.focus, "is_base"), expected, "{path}");
    }
    let made = model("FROM debian\nRUN useradd app\n");
    assert_eq!(shows(&made, made.focus, "has_own_user"), "true");
    for (packages, expected) in [
        ("postgresql-15 acl", "true"),
        ("redis-server=5:*", "true"),
        ("postgresql-client-15", "false"),
        ("curl", "false"),
    ] {
        let model = model(&format!("FROM debian\nRUN apt-get install -y {packages}\n"));
        assert_eq!(shows(&model, model.focus, "has_own_user"), expected, "{packages}");
    }
}

#[test]
fn the_configuration_of_uwsgi_may_name_its_user() {
    let app = "[uwsgi]\nhttp = :8000\n";
    let [user, root] = ["www-data", "root"].map(|user| format!("{app}uid = {user}\n"));
    let direct = "FROM debian\nCMD [\"uwsgi\", \"--ini\", \"/app/uwsgi.ini\"]\n";
    let script = "FROM debian\nCMD [\"./run.sh\"]\n";
    for (dockerfile, ini, expected) in [
        (direct, user.as_str(), "true"),
        (direct, root.as_str(), "false"),
        (direct, app, "false"),
        (script, user.as_str(), "true"),
        (script, app, "false"),
    ] {
        let files = [("Dockerfile", dockerfile), ("run.sh", "exec uwsgi uwsgi.ini\n"), ("uwsgi.ini", ini)];
        let found = each(&model_of(&files, None), "stage", "drops_privileges");
        assert_eq!(found, [format!("debian {expected}")], "{dockerfile}{ini}");
    }
    let copied = "FROM debian\nCOPY ./uWSGI/uwsgi.ini /app/\nCMD [\"uwsgi\", \"--ini\", \"uwsgi.ini\"]\n";
    let elsewhere = [("Dockerfile", copied), ("uWSGI/uwsgi.ini", user.as_str())];
    assert_eq!(each(&model_of(&elsewhere, None), "stage", "drops_privileges"), ["debian true"]);
    let commented = [("Dockerfile", script), ("run.sh", "# uwsgi.ini\n"), ("uwsgi.ini", user.as_str())];
    assert_eq!(each(&model_of(&commented, None), "stage", "drops_privileges"), ["debian false"]);
}
