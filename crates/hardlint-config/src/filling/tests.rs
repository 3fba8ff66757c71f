use super::ansible::Variables;
use super::jinja;
use crate::loader::Memory;
use crate::text::Span;
use crate::workspace::Memo;

const ROLE: &str = "roles/ssh/templates/sshd_config.j2";

fn filled(files: &[(&str, &str)], template: &str) -> String {
    let loader = Memory::new(files.iter().copied().chain([(ROLE, template)]));
    let memo = Memo::default();
    let variables = Variables::of(&loader, &memo, ROLE);
    jinja::fill(template, variables.as_ref()).map_or_else(|| template.to_owned(), |(text, ..)| text)
}

#[test]
fn what_sets_a_variable_last_is_what_is_filled_in() {
    let defaults = ("roles/ssh/defaults/main.yml", "x: \"defaults\"\n");
    let all = ("group_vars/all.yml", "x: all\n");
    let web = ("group_vars/web.yml", "x: web\n");
    let host = ("host_vars/one.yml", "x: one\n");
    let vars = ("roles/ssh/vars/main.yml", "x: role\n");
    let parameter = ("site.yml", "- hosts: all\n  roles:\n    - { role: ssh, x: parameter }\n");
    let other = ("site.yml", "- hosts: all\n  roles:\n    - { role: web, x: parameter }\n");
    let play = ("site.yml", "- hosts: all\n  vars:\n    x: play\n  roles: [ssh]\n");
    let fact = ("roles/ssh/tasks/main.yml", "- set_fact:\n    x: fact\n");
    let register = ("roles/ssh/tasks/main.yml", "- command: id\n  register: x\n");
    let staging = ("inventories/staging/group_vars/all.yml", "x: staging\n");
    let vault = ("group_vars/all/main.yml", "$ANSIBLE_VAULT;1.1;AES256\n00\n");
    let secrets = ("group_vars/all/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n00\n");
    let inventory = ("hosts", "[web:vars]\nx=web\n");
    let unknown = "{{ x }}";
    for (files, expected) in [
        (&[defaults][..], "defaults"),
        (&[defaults, all], "all"),
        (&[defaults, all, web], "web"),
        (&[defaults, web, host], unknown),
        (&[defaults, web, inventory], unknown),
        (&[defaults, all, web, vars], "role"),
        (&[defaults, vars, parameter], "parameter"),
        (&[defaults, other], "defaults"),
        (&[defaults, all, play], unknown),
        (&[defaults, fact], unknown),
        (&[defaults, register], unknown),
        (&[defaults, staging], "defaults"),
        (&[defaults, vault], unknown),
        (&[defaults, secrets], "defaults"),
        (&[("roles/other/defaults/main.yml", "x: other\n")], unknown),
        (&[defaults, ("vars/rescue.yml", "x: rescue\n")], unknown),
        (&[defaults, ("docker-compose.yml", "services: {a: {environment: {x: b}}}\n")], "defaults"),
        (&[defaults, ("hosts.yml", "all: {hosts: {one: {x: one}}}\n")], "one"),
        (&[defaults, ("all.yml", "x: loaded\n")], unknown),
        (&[defaults, ("roles/other/defaults/main.yml", "x: other\n")], "defaults"),
        (&[defaults, ("roles/other/vars/main.yml", "x: other\n")], unknown),
        (&[("roles/ssh/defaults/main.yml", "x: !vault |\n  $ANSIBLE_VAULT\n")], unknown),
        (&[("roles/ssh/defaults/main.yml", "y: a\nx: \"{{ y }}-{{ y }}\"\n")], "a-a"),
        (&[("roles/ssh/defaults/main.yml", "x: \"{{ x }}\"\n")], unknown),
        (&[], unknown),
    ] {
        assert_eq!(filled(files, unknown), expected, "{files:?}");
    }
}

#[test]
fn expressions_are_worked_out_as_far_as_they_are_known() {
    let defaults = "t: true\nw: \"yes\"\nn: 22\nl: [a, b]\nd: { port: 23, deep: { x: y } }\ne: ''\nz:\n";
    for (template, expected) in [
        ("{{ n }}", "22"),
        ("{{ t }}", "True"),
        ("{{ t | ternary('yes', 'no') }}", "yes"),
        ("{{ 'yes' if t else 'no' }}", "yes"),
        ("{{ 'yes' if not (w | bool) else 'no' }}", "no"),
        ("{{ d.port }}{{ d['port'] }}{{ d.deep.x }}", "2323y"),
        ("{{ d.other }}", "{{ d.other }}"),
        ("{{ l | join(',') }}", "a,b"),
        ("{{ l }}", "{{ l }}"),
        ("{{ e | default('x') }}", ""),
        ("{{ e | default('x', true) }}", "x"),
        ("{{ nobody | default('x') }}", "x"),
        ("{{ nobody.ever | default('x') | upper }}", "X"),
        ("{{ ansible_port | default(22) }}", "{{ ansible_port | default(22) }}"),
        ("{{ f(n) }}", "{{ f(n) }}"),
        ("{{ n | unheard_of }}", "{{ n | unheard_of }}"),
        ("{% if t %}a{% else %}b{% endif %}", "a"),
        ("{% if n == 22 and w == 'yes' %}a{% endif %}", "a"),
        ("{% if n == 23 %}a{% elif t %}b{% endif %}c", "bc"),
        ("{% if nobody %}a{{ n }}{% endif %}", "{% if nobody %}a22{% endif %}"),
        ("{% if nobody is defined %}a{% endif %}", "{% if nobody is defined %}a{% endif %}"),
        ("{% for x in l %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %};", "a,b;"),
        ("{% for x in other %}{{ x }}{{ n }}{% endfor %}", "{% for x in other %}{{ x }}22{% endfor %}"),
        ("{% for k, v in d.items() %}{{ k }} {% endfor %}", "port deep "),
        ("{% set m = n %}{{ m }}", "{% set m = n %}22"),
        ("{% if nobody %}{% set n = 1 %}{% endif %}{{ n }}", "{% if nobody %}{% set n = 1 %}{% endif %}{{ n }}"),
        ("{% raw %}{{ n }}{% endraw %}{{ n }}", "{% raw %}{{ n }}{% endraw %}22"),
        ("{# {{ n }} #}{{ n }}", "{# {{ n }} #}22"),
        ("a {{- n -}} b", "a22b"),
        ("{% if t %}\na\n{% endif %}\nb", "a\nb"),
        ("{% if t %}{{ n }}", "{% if t %}{{ n }}"),
        ("{% macro m(n) %}{{ n }}{% endmacro %}{{ n }}", "{% macro m(n) %}{{ n }}{% endmacro %}22"),
    ] {
        assert_eq!(filled(&[("roles/ssh/defaults/main.yml", defaults)], template), expected, "{template}");
    }
}

#[test]
fn what_is_encrypted_may_set_what_its_name_says() {
    let sealed = "$ANSIBLE_VAULT;1.1;AES256\n00\n";
    let text = "redis_password: ''\nport: 22\nkey: \"{{ vault_key }}\"\nredis: { bind: 0.0.0.0, password: '' }\n";
    let defaults = ("roles/ssh/defaults/main.yml", text);
    for (files, template, expected) in [
        (&[defaults][..], "{{ redis_password }}", ""),
        (&[defaults, ("group_vars/all/vault.yml", sealed)], "{{ redis_password }}", "{{ redis_password }}"),
        (&[defaults, ("group_vars/all/vault.yml", sealed)], "{{ port }}", "22"),
        (&[defaults, ("host_vars/one.yml", sealed)], "{{ port }}", "{{ port }}"),
        (&[defaults], "{{ redis.bind }}", "0.0.0.0"),
        (&[defaults, ("group_vars/secrets.yml", sealed)], "{{ redis.bind }}", "{{ redis.bind }}"),
        // What is set to something that is not at hand is set.
        (&[defaults], "{{ key | default('changeme') }}", "{{ key | default('changeme') }}"),
    ] {
        assert_eq!(filled(files, template), expected, "{files:?} {template}");
    }
}

#[test]
fn secrets_are_filled_in_only_where_anybody_guesses_them() {
    let defaults =
        "db_password: Zk83nfQ0vmw2\nadmin_password: admin\nnested: { password: Zk83nfQ0vmw2 }\nempty_password: ''\n";
    let template = "{{ db_password }} {{ admin_password }} {{ nested.password }} [{{ empty_password }}]";
    let expected = "{{ db_password }} admin {{ nested.password }} []";
    assert_eq!(filled(&[("roles/ssh/defaults/main.yml", defaults)], template), expected);
}

#[test]
fn places_are_those_of_the_template_and_of_what_sets_the_variables() {
    let template = "Port 22\n{% for x in users %}\nA {{ x }} {{ y }} b\n{% endfor %}\nend\n";
    let defaults = ("roles/ssh/defaults/main.yml", "users: [one, two]\ny: long-value\n");
    let loader = Memory::new([defaults, (ROLE, template)]);
    let variables = Variables::of(&loader, &Memo::default(), ROLE);
    let (text, parts, places) = jinja::fill(template, variables.as_ref()).unwrap();
    assert_eq!(text, "Port 22\nA one long-value b\nA two long-value b\nend\n");
    let filled = super::Filled::new(crate::text::Source::new(ROLE, template), parts, places, Vec::new());
    let at = |of: &str| {
        let start = text.rfind(of).unwrap();
        Span::new(start, start + of.len())
    };
    let written = |span: Span| &template[filled.written_at(span).range()];
    assert_eq!(written(at("Port")), "Port");
    assert_eq!(written(at("two")), "{{ x }}");
    assert_eq!(written(at("long-value b")), "{{ y }} b");
    assert_eq!(written(at("end")), "end");
    assert_eq!(filled.verbatim_at(at("Port 22")).map(|span| &template[span.range()]), Some("Port 22"));
    // What a loop writes is not one item's alone.
    assert_eq!(filled.verbatim_at(at(" b")), None);
    assert_eq!(filled.verbatim_at(at("value b")), None);
    let names = |span: Span| filled.places(span).iter().map(|place| place.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(at("long")), ["users", "y"]);
    assert_eq!(names(at("Port")), Vec::<String>::new());
}

#[test]
fn no_text_is_too_much() {
    let defaults =
        format!("l: [{}]\nx: \"{}\"\ny: \"{}\"\n", "a,".repeat(900), "x".repeat(9000), "{{ x }}".repeat(900));
    let files = [("roles/ssh/defaults/main.yml", defaults.as_str())];
    for template in [
        "{{ x ~ x }}".repeat(5_000),
        "{{ y }}".repeat(100),
        format!("{}{{{{ x }}}}", "{% if x %}".repeat(5_000)),
        format!("{}{{{{ x }}}}{}", "{% for a in l %}".repeat(30), "{% endfor %}".repeat(30)),
        format!("{{{{ {}x }}}}", "(".repeat(50_000)),
        format!("{{{{ x{} }}}}", " ~ x".repeat(50_000)),
        format!("{{{{ x | replace('x', x){} }}}}", " | replace('x', x)".repeat(50)),
        "{{".repeat(50_000),
        "{% raw %}".repeat(20_000),
        "{% set x = l %}".repeat(20_000),
        "{% macro a() %}".repeat(20_000),
        "{% else %}{% endif %}{% endfor %}".repeat(5_000),
        "{{ x['".repeat(5_000),
        "{% for in %}{% endfor %}{{ -}}{%-%}{{-}}{{+}}".repeat(1_000),
    ] {
        let text = filled(&files, &template);
        assert!(text.len() < template.len() * 2 + (1 << 20));
    }
}

#[test]
fn any_part_of_a_template_is_read() {
    let template = "a {%- if n == 22 and 'x' in l -%} {{ l | join('\\n') }} {% elif t %}{{ d['k'].x }}{% else %}é{% endif %}\n\
                    {% for k, v in d.items() %}{{ loop.index }}{{- v -}}{% endfor %}{% set q = 'é' ~ n %}{{ q }}{# c #}";
    let defaults = ("roles/ssh/defaults/main.yml", "n: 22\nl: [é, b]\nd: {k: {x: é}}\nt: true\n");
    let loader = Memory::new([defaults, (ROLE, template)]);
    let variables = Variables::of(&loader, &Memo::default(), ROLE);
    let places: Vec<usize> = (0..=template.len()).filter(|at| template.is_char_boundary(*at)).collect();
    for start in &places {
        for end in places.iter().filter(|end| *end >= start) {
            let part = &template[*start..*end];
            let Some((text, parts, places)) = jinja::fill(part, variables.as_ref()) else { continue };
            let filled = super::Filled::new(crate::text::Source::new(ROLE, part), parts, places, Vec::new());
            for at in 0..=text.len() {
                let span = filled.written_at(Span::new(at, text.len()));
                assert!(span.start <= span.end && span.end as usize <= part.len(), "{part:?} {at}");
            }
        }
    }
}
