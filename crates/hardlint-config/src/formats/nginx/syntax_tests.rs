use super::*;
use std::fmt::Write;

fn shape(text: &str, template: bool) -> String {
    let tree = Tree::parse(text, template);
    let mut out = String::new();
    print(&tree, text, 0, tree.statements.len(), &mut out);
    for fault in &tree.faults {
        let line = text[..fault.span.start as usize].matches('\n').count() + 1;
        writeln!(out, "! {line} {}", fault.message.split(':').next().unwrap_or_default()).unwrap();
    }
    out.trim_end().to_owned()
}

fn print(tree: &Tree, text: &str, from: usize, to: usize, out: &mut String) {
    for (index, statement) in tree.siblings(from, to) {
        if statement.condition.is_some() {
            out.push('?');
        }
        let words: Vec<String> = tree.words(statement).iter().map(|word| format!("[{}]", word.spelt(text))).collect();
        out.push_str(&words.join(""));
        match statement.form {
            Form::Simple => out.push_str(";\n"),
            Form::Foreign => out.push_str("{lua}\n"),
            Form::Inserted => writeln!(out, "<{}>", &text[statement.span.range()]).unwrap(),
            Form::Block(_) => {
                out.push_str("{\n");
                print(tree, text, index + 1, statement.next as usize, out);
                out.push_str("}\n");
            }
        }
    }
}

fn check(text: &str, expected: &str) {
    assert_eq!(shape(text, false), expected, "{text}");
}

#[test]
fn tokens_are_cut_where_nginx_cuts_them() {
    check("a b;", "[a][b];");
    check("a\tb\r\n c ;", "[a][b][c];");
    check("server_name a#b;", "[server_name][a#b];");
    check("a b; # c\nd;", "[a][b];\n[d];");
    check(r#"a "x;{}#y" 'it\'s' e\ f;"#, r"[a][x;{}#y][it's][e\ f];");
    check(r#""server_tokens" off;"#, "[server_tokens][off];");
    check("a ${name}b;", "[a][${name}b];");
    check("if ($a = \"b\") { c; }", "[if][($a][=][b][)]{\n[c];\n}");
    check("a }b;", "[a];\n[b];\n! 1 `;` is missing here\n! 1 unexpected `}`");
    check("a b}c;", "[a][b}c];");
    check(
        "location ~ ^/a{2}$ { }",
        "[location][~][^/a]{\n[2}$]{\n}\n}\n! 1 the block of `location ~ ^/a` on line 1 is not closed",
    );
    check("a \"\";", "[a][];");
    check(r"a \t\n\q;", "[a][\t\n\\q];");
    check("a é;", "[a][é];");
}

#[test]
fn what_nginx_refuses_is_told_and_reading_goes_on() {
    check("a b\nc d;", "[a][b][c][d];");
    check("a 'it''s'; b;", "[a][it][s];\n[b];\n! 1 unexpected `'`");
    check(";", "! 1 unexpected `;`");
    check("{ }", "! 1 unexpected `{`\n! 1 unexpected `}`");
    check("a {\n", "[a]{\n}\n! 2 the block of `a` on line 1 is not closed");
    check("a { b; } }\nc;", "[a]{\n[b];\n}\n[c];\n! 1 unexpected `}`");
    check("a", "[a];\n! 1 `;` is missing behind line 1");
    check("a \"b;\nc d;", "[a][b];\n[c][d];\n! 2 the quote on line 1 is not closed");
    check("\u{feff}a b;", "[a][b];\n! 1 a byte order mark");
    check("\\", "[\\];\n! 1 `;` is missing behind line 1");
}

#[test]
fn lua_is_skipped() {
    check("content_by_lua_block { local t = {\"}\"} } a;", "[content_by_lua_block]{lua}\n[a];");
    check("x_by_lua_block {", "[x_by_lua_block]{lua}\n! 1 this Lua block is not closed");
}

#[test]
fn templates_are_read_as_far_as_they_go() {
    check("server_name {{ domain }};", "[server_name][{{ domain }}];");
    check("a \"{{ env \"X\" }}\";", "[a][{{ env \"X\" }}];");
    check("{% if a %}\nlisten 80;\n{% endif %}\nb;", "?[listen][80];\n[b];");
    check("{% if a %}\nserver {\n listen 80;\n}\n{% endif %}", "?[server]{\n[listen][80];\n}");
    check("server {\n{{ extra }}\n a;\n}", "[server]{\n<{{ extra }}>\n[a];\n}");
    check("<% @x.each do |y| -%>\nserver <%= y %>;\n<% end -%>", "?[server][<%= y %>];");
    check("a {{ x }}\n b;", "[a][{{ x }}][b];");
    check("server {\n listen ${PORT};\n ${HTTPS}\n # c\n}", "[server]{\n[listen][${PORT}];\n<${HTTPS}>\n}");
    check(
        "proxy_pass {% if a %}{{ b }}{% else %}c{% endif %};",
        "[proxy_pass][{% if a %}{{ b }}{% else %}c{% endif %}];",
    );
    check("{{/*\n words { \n*/}}\na;", "[a];");
    // Braces in plain text are no template.
    check("log_format j '{\"a\": {\"b\": \"$x\"}}';", "[log_format][j][{\"a\": {\"b\": \"$x\"}}];");
    // Tags that cross blocks leave open what belongs where; that is no fault of the file.
    let crossed = Tree::parse("{% if a %}\nx {\n{% else %}\ny {\n{% endif %}\nb; }", true);
    assert!(crossed.crossed && crossed.faults.is_empty());
}

#[test]
fn depth_and_size_are_bounded() {
    let deep = format!("{}{}", "a {".repeat(10_000), "}".repeat(10_000));
    assert!(Tree::parse(&deep, false).faults.is_empty());
    let open = Tree::parse(&"a {".repeat(20_000), false);
    assert_eq!(open.faults.len(), 1);
    for hostile in ["{{", "{%", "<%", "${", "'", "\"", "\\", "{", "}", ";", "{{a}}", "${A}"] {
        Tree::parse(&hostile.repeat(4_000), false);
        Tree::parse(&hostile.repeat(4_000), true);
    }
    let many = Tree::parse(&"a;".repeat(MOST_STATEMENTS + 5), false);
    assert!(many.cut.is_some());
}
