//! What `hardlint explain` says of rules, and of places.

use crate::command::run;
use crate::scratch::Scratch;

#[test]
fn what_is_told_beside_rules_is_explained() {
    let scratch = Scratch::new("explain-allow");
    scratch.write("Dockerfile", "FROM scratch\n# hardlint: alow[dockerfile/x] why\nUSER 1000\n");
    let (_, out, _) = run(&scratch, &["check", "--output-format", "concise"]);
    assert!(
        out.contains("Dockerfile:2:13: low[hardlint/unused-allow] `alow` allows nothing: write `allow[rule]`"),
        "{out}"
    );
    for id in ["hardlint/unused-allow", "hardlint/allow-without-reason"] {
        let (status, out, _) = run(&scratch, &["explain", id]);
        assert!(status == 0 && out.contains(&format!("[{id}]: an allow ")), "{out}");
    }
}

#[test]
fn what_is_deployed_is_explained_at_every_file_that_took_part() {
    let scratch = Scratch::new("explain-deployment");
    let compose = concat!(
        "services:\n  proxy:\n    image: nginx:1.28\n    ports: ['443:443', '80:80']\n",
        "    volumes: ['./site.conf:/etc/nginx/conf.d/site.conf']\n  app:\n    image: shop:1\n    ports:\n      - 8000:8000\n"
    );
    scratch.write("compose.yaml", compose);
    let site = "server {\n  listen 443 ssl;\n  location / { proxy_pass http://app:8000; }\n  location /more/ {\n    proxy_pass http://app.shop.example:8000;\n  }\n}\n";
    scratch.write("site.conf", site);
    let at = |rule: &str, place: &str| run(&scratch, &["explain", &format!("deployment/{rule}"), "--at", place]);
    for (rule, place, said) in [
        ("application-port-beside-proxy", "compose.yaml:9", "fires for service `app` at compose.yaml:6:3"),
        ("clear-text-to-remote-upstream", "site.conf:5", "fires for exit"),
        ("clear-text-to-remote-upstream", "site.conf:1", "No `exit` of what is deployed rests on line 1 of site.conf"),
        ("clear-text-to-remote-upstream", "compose.yaml:3", "No `exit` of what is deployed rests on line 3 of"),
    ] {
        let (status, out, err) = at(rule, place);
        assert!(status == 0 && out.contains(said), "{rule} {place}: {out}{err}");
    }
}

#[test]
fn why_check_is_silent_is_explained_at_a_line() {
    let scratch = Scratch::new("explain-silence");
    scratch.write("app/Dockerfile", "FROM debian:12\nRUN chmod -R 777 /srv/data\nCMD [\"sleep\", \"9\"]\n");
    scratch.write("dev/Dockerfile", "FROM debian:12\nRUN echo 'app ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers\n");
    // Lines are broken where the width ends.
    let explain = |place: &str| {
        let (status, told, err) = run(&scratch, &["explain", place]);
        assert_eq!(status, 0, "{err}");
        told.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = explain("app/Dockerfile:2");
    assert!(told.contains("dockerfile/world-writable fires"), "{told}");
    assert!(told.contains("`check` does not tell of it by default"), "{told}");
    assert!(told.contains("leaves it to --pedantic where `!has(world_writable_code)`"), "{told}");
    let told = explain("dev/Dockerfile:2");
    assert!(told.contains("This is for development"), "{told}");
    assert!(told.contains("`check --role production`"), "{told}");
    let told = explain("dev/Dockerfile:1");
    assert!(!told.contains("sudo-in-image"), "{told}");
    scratch.write("notes.conf", "nothing\n");
    let told = explain("notes.conf:1");
    assert!(told.contains("No rule speaks at notes.conf:1"), "{told}");
}

#[test]
fn what_lies_over_others_is_explained_with_them() {
    let scratch = Scratch::new("explain-over");
    scratch.write("compose.yaml", "services:\n  web: {image: 'shop/web:1'}\n");
    scratch.write("compose.prod.yaml", "services:\n  web:\n    restart: always\n");
    scratch.write("up.sh", "docker compose -f compose.yaml -f compose.prod.yaml up -d\n");
    let rule = "compose/image-latest-or-untagged";
    let (_, told, err) = run(&scratch, &["explain", rule, "--at", "compose.prod.yaml:3"]);
    assert!(!told.contains("cannot tell"), "{told}{err}");
}
