//! Templates of Jinja as a tree of text, expressions and statements. No library is asked, as none tells where each piece stands, nor
//! goes on beside what it does not understand.

use crate::text::Span;

/// Templates that are steered deeper are not filled in.
const MAX_DEPTH: usize = 32;
/// Names that a loop gives to one item.
const MAX_NAMES: usize = 8;

/// What a template is made of.
pub(super) enum Node {
    /// Text, comments, and what is not understood.
    Text(Span),
    Print(Tag),
    Set {
        tag: Tag,
        name: String,
        value: Span,
    },
    If {
        arms: Vec<(Tag, Option<Span>, Vec<Self>)>,
        end: Tag,
    },
    For {
        tag: Tag,
        names: Vec<String>,
        list: Span,
        body: Vec<Self>,
        other: Option<(Tag, Vec<Self>)>,
        end: Tag,
    },
}

/// A piece of template syntax.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    pub(super) span: Span,
    /// What stands in it.
    pub(super) inside: Span,
    /// Whether blanks before and behind it are taken away.
    pub(super) trims: (bool, bool),
}

/// The whole template; nothing where its statements do not fit together.
pub(super) fn parse(text: &str) -> Option<Vec<Node>> {
    let (nodes, end) = Reading { text, at: 0 }.nodes(0)?;
    end.is_none().then_some(nodes)
}

struct Reading<'t> {
    text: &'t str,
    at: usize,
}

/// Statements with an end, of which nothing is understood.
const BLOCKS: &[&str] = &["macro", "call", "filter", "block", "autoescape", "with", "trans", "raw"];

impl Reading<'_> {
    /// The next piece of template syntax from `from` on: its two first bytes say of which kind.
    fn tag(&self, from: usize) -> Option<(u8, Tag)> {
        let bytes = self.text.as_bytes();
        let mut at = from;
        loop {
            at += memchr::memchr(b'{', bytes.get(at..)?)?;
            let kind = bytes.get(at + 1).copied()?;
            let closing = match kind {
                b'{' => "}}",
                b'%' => "%}",
                b'#' => "#}",
                _ => {
                    at += 1;
                    continue;
                }
            };
            let found = memchr::memmem::find(bytes.get(at + 2..)?, closing.as_bytes())?;
            let (mut start, mut end) = (at + 2, at + 2 + found);
            let behind = end + 2;
            let before = bytes.get(start).is_some_and(|byte| *byte == b'-');
            start += usize::from(bytes.get(start).is_some_and(|byte| matches!(byte, b'-' | b'+')) && start < end);
            let after = end > start && bytes.get(end - 1).is_some_and(|byte| *byte == b'-');
            end -= usize::from(end > start && bytes.get(end - 1).is_some_and(|byte| matches!(byte, b'-' | b'+')));
            let tag = Tag { span: Span::new(at, behind), inside: Span::new(start, end), trims: (before, after) };
            return Some((kind, tag));
        }
    }

    /// What stands up to the statement that ends or turns the block which it is in, and that statement.
    fn nodes(&mut self, depth: usize) -> Option<(Vec<Node>, Option<Tag>)> {
        if depth > MAX_DEPTH {
            return None;
        }
        let mut nodes = Vec::new();
        loop {
            let Some((kind, tag)) = self.tag(self.at) else {
                nodes.push(Node::Text(Span::new(self.at, self.text.len())));
                self.at = self.text.len();
                return Some((nodes, None));
            };
            if kind == b'#' {
                nodes.push(Node::Text(Span::new(self.at, tag.span.end as usize)));
                self.at = tag.span.end as usize;
                continue;
            }
            nodes.push(Node::Text(Span::new(self.at, tag.span.start as usize)));
            self.at = tag.span.end as usize;
            if kind == b'{' {
                nodes.push(Node::Print(tag));
                continue;
            }
            let (word, behind) = statement(self.text, tag);
            let rest = self.text.get(behind.range()).unwrap_or_default();
            match word {
                "if" => nodes.push(self.branches(tag, behind, depth)?),
                "for" => {
                    let (names, list) = rest.split_once(" in ")?;
                    let list = Span::new(behind.end as usize - list.len(), behind.end as usize);
                    let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
                    if names.len() > MAX_NAMES {
                        return None;
                    }
                    nodes.push(self.repeated(tag, names, list, depth)?);
                }
                "set" if rest.contains('=') => {
                    let (name, value) = rest.split_once('=')?;
                    let value = Span::new(behind.end as usize - value.len(), behind.end as usize);
                    nodes.push(Node::Set { tag, name: name.trim().to_owned(), value });
                }
                "elif" | "else" => return Some((nodes, Some(tag))),
                word if word.starts_with("end") => return Some((nodes, Some(tag))),
                word if word == "set" || BLOCKS.contains(&word) => {
                    if word == "set" {
                        // What the block writes is not worked out, and nothing of it stands in the text.
                        let (name, nothing) = (rest.to_owned(), Span { end: tag.span.start, ..tag.span });
                        nodes.push(Node::Set { tag: Tag { span: nothing, ..tag }, name, value: nothing });
                    }
                    let end = self.end_of(word)?;
                    nodes.push(Node::Text(Span::new(tag.span.start as usize, end)));
                    self.at = end;
                }
                _ => nodes.push(Node::Text(tag.span)),
            }
        }
    }

    /// Where the block of a statement ends that is not understood.
    fn end_of(&self, word: &str) -> Option<usize> {
        let (mut at, mut open) = (self.at, 1);
        let closing = format!("end{word}");
        while open > 0 {
            let (kind, tag) = self.tag(at)?;
            at = tag.span.end as usize;
            let (first, behind) = statement(self.text, tag);
            let assigns = || word == "set" && self.text.get(behind.range()).is_some_and(|rest| rest.contains('='));
            if kind == b'%' && first == closing {
                open -= 1;
            } else if kind == b'%' && first == word && word != "raw" && !assigns() {
                open += 1;
            }
        }
        Some(at)
    }

    fn branches(&mut self, tag: Tag, condition: Span, depth: usize) -> Option<Node> {
        let mut arms = Vec::new();
        let (mut tag, mut condition) = (tag, Some(condition));
        loop {
            let (body, next) = self.nodes(depth + 1)?;
            arms.push((tag, condition, body));
            let next = next?;
            let (word, behind) = statement(self.text, next);
            match word {
                "elif" => condition = Some(behind),
                "else" => condition = None,
                "endif" => return Some(Node::If { arms, end: next }),
                _ => return None,
            }
            tag = next;
        }
    }

    fn repeated(&mut self, tag: Tag, names: Vec<String>, list: Span, depth: usize) -> Option<Node> {
        let (body, next) = self.nodes(depth + 1)?;
        let next = next?;
        match statement(self.text, next).0 {
            "endfor" => Some(Node::For { tag, names, list, body, other: None, end: next }),
            "else" => {
                let (other, end) = self.nodes(depth + 1)?;
                let end = end.filter(|end| statement(self.text, *end).0 == "endfor")?;
                Some(Node::For { tag, names, list, body, other: Some((next, other)), end })
            }
            _ => None,
        }
    }
}

/// The first word of a statement, and where the rest of it stands, without blanks around that.
fn statement(text: &str, tag: Tag) -> (&str, Span) {
    let inside = text.get(tag.inside.range()).unwrap_or_default();
    let blank = inside.len() - inside.trim_start().len();
    let inside = inside.trim();
    let end = inside.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inside.len());
    let (word, rest) = inside.split_at(end);
    let stop = tag.inside.start as usize + blank + inside.len();
    (word, Span::new(stop - rest.trim_start().len(), stop))
}
