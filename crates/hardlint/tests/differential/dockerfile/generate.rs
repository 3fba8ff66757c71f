//! Writes Dockerfiles: instructions with flags, arrays, heredocs, continued lines, comments in between and directives
//! before them.

use crate::case::Case;
use crate::write::{Mood, moods, mostly};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// What stands before the first instruction. (`# check=` is no directive to the parser of 2023.)
const DIRECTIVES: &[&str] = &[
    "",
    "# syntax=docker/dockerfile:1\n",
    "# escape=`\n",
    "# syntax=docker/dockerfile:1\n# escape=`\n",
    "# a comment\n",
    "\n",
    "# escape=\\\n",
    "#escape=`\n",
    "#  ESCAPE  =  `  \n",
    "# comment\n# escape=`\n",
    "\n# escape=`\n",
    "# escape=`\n# escape=`\n",
    "# escape=x\n",
    "# escape=\n",
    "# foo=bar\n# escape=`\n",
    "\u{feff}",
    "\u{feff}# escape=`\n",
    "ARG V=1\n",
    "# escape=` \t\n",
    "\t# escape=`\n",
    "# escape = ``\n",
    "# syntax=a\n# syntax=b\n",
    "#\u{a0}escape=`\n",
];

const FLAGS: &[&str] = &[
    "--mount=type=cache,target=/x ",
    "--chown=1:2 ",
    "--from=b ",
    "--platform=$BUILDPLATFORM ",
    "--mount=type=secret,id=y,required ",
    "--link ",
    "--network=none ",
    "--interval=5s ",
    "--mount=\"type=cache,target=/a b\" ",
    "--x=y\\ z ",
    "--x='a b'\"c\" ",
    "-- ",
    "--",
    "--a--b ",
    "--x= ",
    "---x ",
    "--x=\"",
    "-x ",
    "--=y ",
    "--x=a\\",
];

/// What `RUN`, `CMD` and their like are given.
const COMMANDS: &[&str] = &[
    "echo hello",
    "apt-get update && apt-get install -y x",
    "[\"a\", \"b c\"]",
    "make   'a  b'   \"c\"",
    "echo $X ${Y:-z}",
    "[]",
    "[ \"a\" , \"b\" ]",
    "['a', 'b']",
    "[\"a\",]",
    "[\"a\" \"b\"]",
    "[ -f x ] && y",
    "[\"\\u0041\\n\\\"\", \"\\/\"]",
    "[\"a\\\\b\"]",
    "[\"\\x\"]",
    "[\"a\", 1]",
    "[null]",
    "[{\"a\": [1, 2.5e3]}]",
    "[\"é\", \"\\ud83d\\ude00\"]",
    "[\"a\", \"b\"",
    "echo # not a comment",
    "a\\\\",
    "echo \"a\\\"b\"",
    "cat <<<x",
    "echo $((1 << 2))",
    "echo \"<<EOF\"",
    "echo 1<< EOF",
    "echo it's",
    "x \u{a0} y",
    "[\"\t\"]",
    "[01]",
    "",
    "echo `date`",
    "C:\\x\\",
    "echo a<<b<<c d",
];

const PAIRS: &[&str] = &[
    "A=b",
    "C=\"d e\"",
    "old the   rest",
    "F=g\\ h",
    "I='j k'",
    "X=",
    "Y=\"\"",
    "A=\"b\"'c'd",
    "\"k\"=v",
    "E=\"f\\\"g\"",
    "G='a\\'",
    "only",
    "=x",
    "a=b=c",
    "$X=y",
    "A=b\\",
    "p='q",
    "t\tu",
    "v=\u{a0}w",
    "z=`q r`",
    "n=\\n",
    "a='\"' b=\"'\"",
];

const PATHS: &[&str] = &[
    "a /b",
    ". /app",
    "[\"a b\", \"/c d\"]",
    "a b c/",
    "https://e/x.tgz /x",
    "a\tb",
    "a",
    "[\"a\"]",
    "\"a b\" /c",
    "a\\ b /c",
    "$X ${Y}/ /",
    "[a, b]",
    "",
    "a \u{c} b",
];

/// Heredocs: what announces them, and their lines.
const HEREDOCS: &[&str] = &[
    "<<EOF\necho a\nEOF",
    "<<EOF\n# b\nUSER root\nEOF",
    "<<-EOF\n\techo\n\t\tb\n\tEOF",
    "<<\"EOF\"\n$a\nEOF",
    "cat <<A && cat <<-B\na\nA\n\tb\n\tB",
    "<<'E F'\n1\nE F",
    "python3 /dev/fd/3 3<<E\nx\nE",
    "<<a.txt <<b.txt /d/\n1\na.txt\n2\nb.txt",
    "--chown=1:2 <<EOF /etc/motd\nhi\nEOF",
    "<<EOF\nx\\\nEOF",
    "<<EOF\nEOF",
    "<<EOF\n\n\nEOF",
    "<<EOF\nEOF \nEOF",
    "cat <<$X\na\n$X",
    "cat <<EOF>x\na\nEOF>x",
    "cat <<EOF | sh\na\nEOF",
    "<<E\"O\"F\na\nEOF",
    "cat << EOF\na\nEOF",
    "<<EOF\nnever",
    "cat <<EOF \\\n | sh\na\nEOF",
    "<<-'EOF'\n\t\tEOF",
    "12<<E x\nE",
    "<<E\\OF\nEOF",
    "<<${X:-E}\na\nE",
    "<<é\né",
    "['a', <<E]\nE",
    "[\"a\"] <<E\nE",
];

const OTHERS: &[&str] = &[
    "USER app",
    "WORKDIR /a b",
    "EXPOSE 80 443/tcp  8000-8010/udp",
    "ARG V=1",
    "HEALTHCHECK CMD curl -f x",
    "VOLUME /a /b",
    "STOPSIGNAL SIGTERM",
    "FROM b AS c",
    "HEALTHCHECK NONE",
    "HEALTHCHECK --interval=5s --retries=3 CMD [\"a\", \"b\"]",
    "VOLUME [\"/a\", \"/b\"]",
    "SHELL [\"sh\", \"-c\"]",
    "ARG A B=\"1 2\" C='3'",
    "MAINTAINER A B <a@b>",
    "FROM --platform=x  a  as  C",
    "USER \"a b\"",
    "USER",
    "FROM",
    "HEALTHCHECK",
    "HEALTHCHECK  CMD",
    "HEALTHCHECK cmd\techo",
    "EXPOSE",
    "VOLUME",
    "ARG",
    "ARG A=\\",
    "FROB x y",
    "SHELL sh",
    "HEALTHCHECK [\"a\"]",
    "EXPOSE [\"80\"]",
    "FROM [\"a\"]",
    "ARG a='b",
    "HEALTHCHECK CMD [\"a\", 1]",
    "VOLUME [1]",
    "VOLUME []",
    "WORKDIR [\"/a\"]",
    "run",
    "\u{a0}USER a",
    "USER\u{a0}a",
    "RÜN x",
    "ONBUILD",
    "ONBUILD --x RUN y",
    "ONBUILD FROB",
    "# comment",
    "",
    "  ",
    "\\",
    "\\\n\\",
    "`",
    "USER a\\ ",
    "LABEL a.b=\"c d\" \"e\"='f'",
    "LABEL a",
    "LABEL",
    "ENV",
    "\u{c}USER a",
    "USER\u{c}a\u{b}b",
];

/// What is put into a blank of an instruction: a line that is continued, with what may stand between.
const BREAKS: &[&str] = &[
    " \\\n",
    " \\\n    ",
    " \\\n# comment\n ",
    " \\\n\n  ",
    " \\  \n ",
    " \\\t\n\t",
    "\\\n",
    " \\\n  # a\n  # b\n",
    " \\\n \\\n",
    " `\n",
    " \\\\\n",
    " \\\n   \n \n",
    " \\\n# \\\n",
];

fn instruction(mood: Mood) -> BoxedStrategy<String> {
    let flags = || prop_oneof![8 => vec(mostly(FLAGS, mood), 0..1), 3 => vec(mostly(FLAGS, mood), 1..3)];
    let flagged = |names: &'static [&'static str], words: &'static [&'static str]| {
        (select(names), flags(), mostly(words, mood))
            .prop_map(|(name, flags, words)| format!("{name} {}{words}", flags.concat()))
    };
    let pairs = prop_oneof![2 => vec(mostly(PAIRS, mood), 1..2), 3 => vec(mostly(PAIRS, mood), 1..4)]
        .prop_map(|pairs| pairs.join(" "));
    let pairs =
        (select(&["ENV ", "LABEL ", "ENV ", "ENV  "][..]), pairs).prop_map(|(name, pairs)| format!("{name}{pairs}"));
    let plain = prop_oneof![
        8 => flagged(&["RUN", "CMD", "ENTRYPOINT", "run", "HEALTHCHECK CMD", "SHELL"], COMMANDS),
        5 => flagged(&["COPY", "ADD", "Copy"], PATHS),
        5 => pairs,
        4 => flagged(&["RUN", "COPY", "ADD", "CMD", "run"], HEREDOCS),
        10 => mostly(OTHERS, mood).prop_map(str::to_owned),
    ];
    let trigger = prop_oneof![24 => Just(""), 1 => Just("ONBUILD "), mood.strange(1) => Just("onbuild\t")];
    let breaks = prop_oneof![5 => Just(Vec::new()), 2 => vec((mostly(BREAKS, mood), any::<usize>()), 1..3)];
    let indent = prop_oneof![16 => Just(""), 1 => Just("  "), 1 => Just("\t")];
    let tail = prop_oneof![24 => Just(""), 1 => Just("  "), mood.strange(1) => select(&["\t", " # c", " \\", "\r", "\u{a0}"][..])];
    (indent, trigger, plain, breaks, tail)
        .prop_map(|(indent, trigger, plain, breaks, tail)| {
            let (head, body) = plain.split_once('\n').map_or((plain.as_str(), None), |(head, body)| (head, Some(body)));
            let mut head = format!("{trigger}{head}");
            for (text, at) in breaks {
                let blanks: Vec<usize> = head.match_indices(' ').map(|(at, _)| at).collect();
                if let Some(place) = blanks.get(at % blanks.len().max(1)) {
                    head.replace_range(place..&(place + 1), text);
                }
            }
            let body = body.map(|body| format!("\n{body}")).unwrap_or_default();
            format!("{indent}{head}{tail}{body}")
        })
        .boxed()
}

pub(super) fn cases() -> BoxedStrategy<Case> {
    moods(|mood| {
        let from = prop_oneof![30 => Just("FROM a\n"), mood.strange(1) => Just("")];
        let ends = prop_oneof![30 => Just("\n"), 2 => Just("\r\n"), mood.strange(1) => select(&["\n\n", "\r", "\n\n# c\n"][..])];
        let last = prop_oneof![8 => Just(true), 1 => Just(false)];
        (mostly(DIRECTIVES, mood), from, vec(instruction(mood), 1..7), ends, last)
            .prop_map(|(directives, from, instructions, end, last)| {
                let mut text = format!("{directives}{from}{}", instructions.join("\n"));
                if last {
                    text.push('\n');
                }
                let text = if end == "\n" { text } else { text.replace('\n', end) };
                Case { files: vec![("Dockerfile".to_owned(), text.into_bytes())], ..Case::default() }
            })
            .boxed()
    })
}
