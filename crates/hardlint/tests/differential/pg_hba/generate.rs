//! Writes `pg_hba.conf` files: records of all types and methods, with what may stand in each field.

use super::words::{ADDRESSES, METHODS, NAMES, OPTIONS, TYPES};
use crate::case::Case;
use crate::write::{self, Bytes, Mood};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn name(mood: Mood) -> BoxedStrategy<Bytes> {
    // The first ones are right in every version, and in both fields.
    let plain = prop_oneof![32 => select(&NAMES[..6]), 12 => select(&NAMES[..16]), mood.strange(24) => select(NAMES)];
    plain.prop_map(|text| text.as_bytes().to_vec()).boxed()
}

/// An option that fits the method, mostly.
fn options(method: &'static str, mood: Mood) -> BoxedStrategy<Bytes> {
    let own: &[&str] = match method {
        "peer" | "ident" => &["", "", "map=m", "map=\"a b\""],
        "cert" => &["", "map=m", "clientcert=verify-full", "clientname=DN"],
        "ldap" => &[
            "ldapserver=h ldapbasedn=\"dc=x\"",
            "ldapserver=h ldapprefix=\"cn=\"",
            "ldapurl=\"ldap://h/dc=x?uid?sub\"",
            "ldapserver=h ldapsuffix=x ldaptls=1",
        ],
        "radius" => {
            &["radiusservers=10.0.0.1 radiussecrets=s", "radiusservers=\"10.0.0.1,10.0.0.2\" radiussecrets=\"a,b\""]
        }
        "gss" => &["", "include_realm=0", "krb_realm=R", "map=m"],
        "pam" => &["", "pamservice=x", "pam_use_hostname=1"],
        _ => &[""],
    };
    let odd = vec(select(OPTIONS), 1..3).prop_map(|all| all.join(" "));
    prop_oneof![48 => select(own).prop_map(str::to_owned), mood.strange(16) => odd].prop_map(String::into_bytes).boxed()
}

fn record(mood: Mood) -> BoxedStrategy<Bytes> {
    let kind = prop_oneof![6 => Just("local"), 18 => select(&TYPES[..6]), mood.strange(4) => select(TYPES)];
    let method =
        prop_oneof![32 => select(&METHODS[..5]), 16 => select(&METHODS[..12]), mood.strange(16) => select(METHODS)];
    let address = prop_oneof![32 => select(&ADDRESSES[..15]), mood.strange(20) => select(ADDRESSES)];
    let odd = select(vec![
        "\t",
        "  ",
        " \\\n",
        "\\\n",
        ",",
        " , ",
        ", ",
        "\r",
        "\\\r\n",
        " \\\n  \\\n",
        "\x0b",
        "\x0c",
        "\u{a0}",
        "",
        " \\ \n",
        "\\\n#",
        " \"\" ",
    ]);
    let separators = vec(prop_oneof![120 => Just(" "), 12 => Just("\t"), mood.strange(14) => odd], 5);
    let whole = (kind, name(mood), name(mood), address, method).prop_flat_map(
        move |(kind, database, user, address, method)| {
            // Types and methods that fit each other, in a mild file.
            let (kind, method) = match (mood, kind, method) {
                (Mood::Mild, kind, "peer") if kind != "local" => (kind, "md5"),
                (Mood::Mild, kind, "cert") if kind != "hostssl" => (kind, "md5"),
                (Mood::Mild, "local", "gss" | "ident") => ("local", "peer"),
                other => (other.1, other.2),
            };
            // And no address where there is none to have.
            let without = kind == "local";
            let whether = prop_oneof![80 => Just(!without), mood.strange(8) => Just(without)];
            let address = whether.prop_map(move |it| if it { address.as_bytes().to_vec() } else { Vec::new() });
            let cut = prop_oneof![160 => Just(6_usize), mood.strange(12) => 0..6_usize];
            (Just(kind), Just(database), Just(user), address, Just(method), options(method, mood), cut)
        },
    );
    (whole, separators)
        .prop_map(|((kind, database, user, address, method, options, cut), separators)| {
            let fields = [kind.as_bytes(), &database, &user, &address, method.as_bytes(), &options];
            let mut line = Vec::new();
            for (at, field) in fields.into_iter().enumerate().take(cut).filter(|(_, field)| !field.is_empty()) {
                if at > 0 {
                    line.extend_from_slice(separators[at - 1].as_bytes());
                }
                line.extend_from_slice(field);
            }
            line
        })
        .boxed()
}

fn include() -> impl Strategy<Value = Bytes> {
    let texts = vec![
        "include more.conf",
        "include_if_exists nothing.conf",
        "include_dir d",
        "include \"more.conf\"",
        "include @@/more.conf",
        "include nothing.conf",
        "include_dir nothing",
        "include",
        "include a b",
        "include_if_exists more.conf",
        "INCLUDE more.conf",
        "include_dir d/",
        "include d/x.conf",
        "include_dir ''",
        "include \"\"",
        "\"include\" more.conf",
        "include more.conf # c",
        "include more.conf,d/x.conf",
        "include_if_exists d",
        "include d",
        "include_dir more.conf",
        "include ./more.conf",
        "include pg_hba.conf",
        "include_dir .",
        "include_if_exists @@/nothing",
        "include names",
    ];
    select(texts).prop_map(|text| text.as_bytes().to_vec())
}

fn odd() -> impl Strategy<Value = Bytes> {
    let texts: Vec<&'static [u8]> = vec![
        b"",
        b"# comment",
        b"   ",
        b"\t# c",
        b"#host all all all trust",
        b"\\",
        b"# c \\",
        b"\"",
        b"\"\"",
        b",",
        b"local",
        b"local all",
        b"local all all",
        b"host all all",
        b"host all all 10.0.0.0/8",
        b"host all all all trust trust",
        b"\xef\xbb\xbflocal all all peer",
        b"local all \xff peer",
        b"# \xff",
        b"local all \xe9\"\xe9\" peer",
        b"local all a\x00b peer",
        b"\x00",
        b"local all all peer\x00",
        b"local \"all all peer",
        b"\x0clocal all all peer",
        b"\x0blocal all all peer",
        b"local all all peer \\",
        b"local\\",
        b"host all all 127.0.0.1/32 trust\\\\",
        b"{",
        b"[x]",
        b"local=all",
        b"local all all = peer",
        b"local all all peer;",
        b"host all all ::1/128 md5 \"",
        b"local  \"a\nb\" all peer",
        b"@names",
        b"@names all all peer",
        b"\xc2\xa0local all all peer",
    ];
    select(texts).prop_map(<[u8]>::to_vec)
}

fn long() -> impl Strategy<Value = Bytes> {
    (
        select(vec!["local ", "# ", "local all ", "local \"", "host all all all ldap ldapserver="]),
        select(vec!["a", "a,", "a b "]),
        select(vec![63_usize, 64, 255, 256, 1023, 10_239, 10_240, 20_000]),
    )
        .prop_map(|(start, part, length)| {
            let end = if start.ends_with('"') { "\" all peer" } else { " all peer" };
            [start, &part.repeat(length.div_ceil(part.len())), end].concat().into_bytes()
        })
}

fn line(mood: Mood) -> BoxedStrategy<Bytes> {
    let body = prop_oneof![120 => record(mood), mood.strange(8) => include(), mood.strange(16) => odd(), 1 => long()];
    let rare = &[" x", "\"", ",", " ,", "\\", " \\", "\x0c", "\u{2028}", " \"", " =", ";", "\\\n", " \\\n", "\\\n\\"];
    write::line(
        body.boxed(),
        &[" ", "\t", "    ", "\r", "\x0c"],
        (&[" ", "\t", " # c", "#c", "\r", " #", " # \"c"], rare, mood),
    )
}

/// A file of names, which `@` brings in.
fn names() -> BoxedStrategy<Bytes> {
    let words = select(vec![
        "a",
        "b c",
        "d,e",
        "\"f g\"",
        "# c",
        "all",
        "+h",
        "@more",
        "\"@x\"",
        "/^i",
        "j # k",
        "",
        "a \\",
        "\"l",
        "sameuser",
        "@nothing",
        "m,",
        ",n",
        "\u{e9}",
        "@names",
        "replication",
    ]);
    write::file(words.prop_map(|text| text.as_bytes().to_vec()).boxed(), 0..4)
}

pub(crate) fn cases() -> BoxedStrategy<Case> {
    let cases = |mood| {
        let root = prop_oneof![8 => write::file(line(mood), 1..5), 2 => write::file(line(mood), 1..12)];
        let parts = ["more.conf", "d/x.conf", "d/10.conf", "d/.x.conf"];
        write::with_parts("pg_hba.conf", root.boxed(), 0.2, &write::file(line(mood), 0..3), parts)
    };
    let lists = (names(), names(), any::<bool>());
    (write::moods(cases), lists)
        .prop_map(|(mut case, (names, more, there))| {
            let lists = [("names", names), ("more", more.clone()), ("sub/more", more)];
            // In all cases the first is there, so that few are refused for it.
            let count = if there { 3 } else { 1 };
            case.files.extend(lists.into_iter().take(count).map(|(name, bytes)| (name.to_owned(), bytes)));
            case
        })
        .boxed()
}
