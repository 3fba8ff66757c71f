//! Scripts and the commands in them; what each is was asked of `bash -n`, or is the shell's manual.

use super::*;

/// Reads a script that stands in a file as it is.
fn read(text: &str) -> Script {
    Script::shell(&Joined::of(text, Span::new(0, text.len())))
}

/// The commands, words with `_` for holes; `<n` reads from command n, `@n` stands inside it.
fn shown(text: &str) -> Vec<String> {
    let word = |word: &Word| {
        let part = |part: &Part| match part {
            Part::Text { text, .. } => text.to_string(),
            _ => "_".to_owned(),
        };
        word.parts.iter().map(part).collect::<String>()
    };
    let command = |command: &Command| {
        let mut out: Vec<String> =
            command.assignments.iter().map(|a| format!("{}={}", a.name, word(&a.value))).collect();
        out.extend(command.words.iter().map(word));
        out.extend(command.redirects.iter().map(|r| format!("{}[{}]", r.mark, word(&r.target))));
        out.extend(command.reads_from.map(|at| format!("<{at}")));
        out.extend(command.inside.map(|inside| format!("@{}", inside.command)));
        out.join(" ")
    };
    read(text).commands.iter().map(command).collect()
}

#[test]
fn commands_are_found_wherever_they_stand() {
    for (text, expected) in [
        ("a b && c || d; e & f", &["a b", "c", "d", "e", "f"][..]),
        ("a\nb # c\n# d\ne", &["a", "b", "e"]),
        ("a \\\n b", &["a b"]),
        ("a 'b c' \"d $e\" f\\ g", &["a b c d _ f g"]),
        ("a | b |& c", &["a", "b <0", "c <1"]),
        ("a |\n b", &["a", "b <0"]),
        ("a || b", &["a", "b"]),
        ("(a; b) | c", &["a", "b", "c <1"]),
        ("a | (b; c)", &["a", "b <0", "c <0"]),
        ("a | { b; c; } | d", &["a", "b <0", "c <0", "d <2"]),
        ("{ a; } > f", &["a"]),
        ("if a; then b; elif c; then d; else e; fi; f", &["a", "b", "c", "d", "e", "f"]),
        ("while read x; do a $x; done < f | b", &["read x", "a _", "b <1"]),
        ("for x in 1 2 $(a); do b; done; c", &["a", "b", "c"]),
        ("for x; do b; done", &["b"]),
        ("for ((i=0; i<3; i++)); do b; done", &["b"]),
        ("case $x in a|b) c ;; (d) e;; *) f; esac; g", &["c", "e", "f", "g"]),
        ("case \"$(a)\" in\n  b) c ;;\n  d | e)\n f ;;\nesac", &["a", "c", "f"]),
        ("f() { a; }; f", &["a", "f"]),
        ("function f { a; }; f", &["a", "f"]),
        ("! a", &["a"]),
        ("[ -f x ] && a", &["[ -f x ]", "a"]),
        ("[[ $x =~ ^a(b|c)$ && y < z ]] || a", &["[[ _ =~ ^a ( b | c ) $ & & y < z ]]", "a"]),
        ("((x > 1)) && a", &["a"]),
        ("A=1 B=$C d", &["A=1 B=_ d"]),
        ("A=1; export B=2", &["A=1", "export B=2"]),
        ("A=(x y); a", &["A=_", "a"]),
        ("a > f 2>&1 < g >> h &> i", &["a >[f] >&[1] <[g] >>[h] &>[i]"]),
        ("a <<< \"b c\"", &["a <<<[b c]"]),
        ("a <<E | b\nx $y\nE\nc", &["a <<[x _\n]", "b <0", "c"]),
        ("a <<'E'\nx $y\nE", &["a <<[x $y\n]"]),
        ("a <<-E\n\tx\n\tE\nb", &["a <<-[\tx\n]", "b"]),
        ("a <<E <<F\n1\nE\n2\nF\nb", &["a <<[1\n] <<[2\n]", "b"]),
        ("a $(b | c) d", &["b @2", "c <0 @2", "a _ d"]),
        ("a \"$(b \"$(c)\")\"", &["c @1", "b _ @2", "a _"]),
        ("a `b c`", &["b c @1", "a _"]),
        ("a <(b) >(c)", &["b @2", "c @2", "a _ _"]),
        ("a ${x:-$(b)} ${y%\"}\"}", &["b @1", "a _ _"]),
        ("a $((1 + (2 << 3))) b", &["a _ b"]),
        ("a $'b\\nc' $\"d\"", &["a b\nc d"]),
        ("a {b,c} *.x ~/y", &["a {b,c} *.x ~/y"]),
        ("a b#c #d", &["a b#c"]),
        ("echo 'it'\\''s'", &["echo it's"]),
        ("a \"\" b", &["a  b"]),
        ("\"a\"/b", &["a/b"]),
        ("sh -c 'a | b'", &["sh -c a | b", "a @0", "b <1 @0"]),
        ("bash -exc \"a $x\"", &["bash -exc a _", "a _ @0"]),
        ("su - app -c 'a b'", &["su - app -c a b", "a b @0"]),
        ("eval \"a b\"", &["eval a b", "a b @0"]),
        ("sh <<E\na\nb\nE", &["sh <<[a\nb\n]", "a @0", "b @0"]),
        ("sh x.sh <<E\na\nE", &["sh x.sh <<[a\n]"]),
        ("sudo -u app sh -c 'a'", &["sudo -u app sh -c a", "a @0"]),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn programs_are_seen_through_those_that_only_run_them() {
    for (text, expected) in [
        ("/usr/bin/curl x", "curl"),
        ("sudo -E bash -", "bash"),
        ("sudo -u app FOO=1 x", "FOO=1"),
        // As of an exec form that is not closed.
        ("'[--token=/not-a-real-one',", "[--token"),
        ("env -i A=1 B=2 x y", "x"),
        ("exec gosu app x", "x"),
        ("timeout -k 5 10 x", "x"),
        ("xargs -n 1 x", "x"),
        ("time x", "x"),
        ("env", "env"),
        ("sudo", "sudo"),
        ("nice -n 5 x", "x"),
    ] {
        assert_eq!(read(text).commands[0].program(), Some(expected), "{text}");
    }
    assert_eq!(read("$X y").commands[0].program(), None);
}

#[test]
fn places_are_those_of_the_file() {
    let source = "RUN a \\\n  'b c' | sh -c \"x $y\"";
    let mut text = Joined::of(source, Span::new(4, 6));
    text.push(source, Span::new(8, source.len()));
    let script = Script::shell(&text);
    let at = |span: Span| &source[span.range()];
    assert_eq!(at(script.commands[0].words[1].span), "'b c'");
    assert_eq!(at(script.commands[0].span), "a \\\n  'b c'");
    assert_eq!(at(script.commands[2].words[0].span), "x");
    assert_eq!(at(script.commands[2].words[1].span), "$y");
}

#[test]
fn text_that_no_shell_takes_ends() {
    for text in [
        "$(",
        "`",
        "\"",
        "'",
        "${",
        "((",
        "a (",
        "a )",
        ")",
        "}",
        "fi",
        "esac",
        ";;",
        "case",
        "case x in",
        "for",
        "<",
        "a <<",
        "a <<E",
        "a <<E\n",
        "|",
        "&&",
        "&",
        "[[",
        "function",
        "a=(",
        "$'",
        "\\",
        "<(",
        "a \\",
        "${x",
        "if",
        "é $(é \"é",
    ] {
        read(text);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the time it takes is what is tested")]
fn deep_and_long_scripts_take_linear_time() {
    let started = std::time::Instant::now();
    for text in [
        "$(",
        "(",
        "{ ",
        "\"$(",
        "if ",
        "case x in ",
        "<<a ",
        "`",
        "${x:-",
        "a | ",
        "a <<E\nE\n",
        "sh -c \"",
        "((",
        "<(",
        "${x:-\"",
    ] {
        let script = read(&text.repeat(40_000));
        assert!(script.commands.len() <= 120_000);
    }
    assert!(read(&"$(".repeat(1000)).truncated);
    // Seconds even in a debug build on a slow machine; anything quadratic takes minutes.
    assert!(started.elapsed().as_secs() < 60);
}
