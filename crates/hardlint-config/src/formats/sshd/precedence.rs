//! Which of several lines holds: of most keywords the first that is read, of some the last; and those that make lists add to
//! them.

use super::facts;
use super::keys::kind;
use super::keywords::{Again, Arg, Keyword};
use super::print;
use super::values;
use super::walk::{Lost, MAX_TOLD, Walk};
use crate::model::{Node, Scope, Settings, Value, Why};
use crate::schema::KeyId;
use crate::text::Loc;
use crate::version::Version;

/// How many ports and subsystems sshd takes.
const MAX_LISTED: usize = 256;

/// Whether `AuthorizedKeysCommand` is set, which keeps a later `AuthorizedPrincipalsCommand` from having an effect.
fn keys_command(own: &Settings) -> bool {
    super::resolve::id("authorizedkeyscommand").is_some_and(|key| own.get(key).is_some())
}

impl Walk<'_, '_> {
    /// Sets a value in a block or in the whole file, unless an earlier one holds.
    pub(super) fn set(&mut self, block: Option<usize>, row: &'static Keyword, node: Node) {
        let scope = self.scope_of(block);
        let Some(key) = self.model.format.schema.key(kind::FILE, row.name) else { return };
        if matches!(row.arg, Arg::Algorithms(_)) {
            self.written.entry((block, row.name)).or_insert_with(|| node.clone());
        }
        let negated = facts::shuts_out(row, &node);
        let node = facts::listed(row, node, self.model.versions);
        let nothing = matches!((row.arg, &node.value), (Arg::Algorithms(_), Value::List(names)) if names.is_empty());
        let everywhere = block.and_then(|block| self.blocks.get(block)).is_none_or(|block| block.all);
        let at = node.at;
        let Some(own) = self.model.scope_mut(scope).map(|scope| &mut scope.own) else { return };
        match row.again {
            Again::Nothing => match own.get(key) {
                None => {
                    own.set(key, node);
                    // sshd puts lists together when it has read all, and names no line.
                    if (negated || nothing) && everywhere {
                        let what = if negated { "negated names" } else { "no names that it knows" };
                        self.problem(at, format!("`{}` has {what}: sshd does not start", row.spelling));
                    }
                }
                Some(winner) => {
                    if let Some(value) = values::with_interval(row, &winner.value, &node.value) {
                        let whole = Node { value, ..winner.clone() };
                        own.set(key, whole);
                        return;
                    }
                    let winner = winner.clone();
                    self.ignore(block, row, key, node, &winner);
                }
            },
            // A defect of sshd's: it looks whether the other command is set.
            Again::Replaces if row.name == "authorizedprincipalscommand" && keys_command(own) => {
                self.lost.push(Lost { block, key, node });
            }
            Again::Replaces => {
                if let Some(node) = own.set(key, node) {
                    self.lost.push(Lost { block, key, node });
                }
            }
            Again::Adds | Again::AddsName => self.add(block, row, key, node),
        }
    }

    fn add(&mut self, block: Option<usize>, row: &'static Keyword, key: KeyId, node: Node) {
        let scope = self.scope_of(block);
        let Some(own) = self.model.scope_mut(scope).map(|scope| &mut scope.own) else { return };
        let Some(Node { value: Value::List(list), .. }) = own.get_mut(key) else {
            // A value that is unknown as a whole stays so, whatever is added.
            if own.get(key).is_none() {
                own.set(key, node);
            }
            return;
        };
        let Value::List(elements) = node.value else {
            own.set(key, node);
            return;
        };
        let at = elements.first().map_or(node.at, |element| element.at);
        if list.len() >= MAX_LISTED && matches!(row.arg, Arg::Port | Arg::Subsystem) {
            return self.problem(at, format!("sshd takes {MAX_LISTED} lines with `{}` at most", row.spelling));
        }
        if row.again == Again::Adds {
            list.extend(elements);
            return;
        }
        // A name in quotes may have blanks.
        let name = |node: &Node| -> Option<String> {
            let raw = self.reader.slice(node.at);
            let quote = raw.chars().next().filter(|first| matches!(first, '"' | '\''));
            let quoted = quote.and_then(|quote| raw.get(1..)?.split(quote).next()).filter(|name| !name.contains('\\'));
            let first = || node.value.as_str().and_then(|text| text.split(' ').next());
            quoted.or_else(first).map(str::to_owned)
        };
        for element in elements {
            let Some(winner) = list.iter().find(|known| name(known) == name(&element)).cloned() else {
                list.push(element);
                continue;
            };
            if self.model.versions.newest < Version([9, 5, 0]) {
                let name = name(&element).unwrap_or_default();
                return self
                    .problem(element.at, format!("the subsystem `{name}` is defined twice: sshd does not start"));
            }
            return self.ignore(block, row, key, element, &winner);
        }
    }

    /// Remembers a line that an earlier one keeps from having an effect.
    pub(super) fn ignore(&mut self, block: Option<usize>, row: &Keyword, key: KeyId, node: Node, winner: &Node) {
        self.ignored += 1;
        if self.ignored > MAX_TOLD {
            if self.ignored == MAX_TOLD + 1 {
                let message = format!("more than {MAX_TOLD} lines have no effect; the rest of them is not told");
                self.tell(node.at, message);
            }
            return;
        }
        let parent = self.scope_of(block);
        let label = self.model.scope(parent).map(|scope| scope.label.clone()).unwrap_or_default();
        let header = match node.name_at {
            Some(name) if name.file == node.at.file => Loc::new(name.file, name.span.to(node.at.span)),
            _ => node.at,
        };
        let mut scope = Scope::new(kind::IGNORED, row.spelling, Some(parent), header);
        scope.label_at = node.name_at.unwrap_or(header);
        let schema = self.model.format.schema;
        let mut put = |name: &str, node: Node| {
            if let Some(key) = schema.key(kind::IGNORED, name) {
                scope.effective.set(key, node);
            }
        };
        let stricter = facts::stricter(row.name, &node.value, &winner.value);
        let stricter = stricter.map_or(Value::Unknown(Why::Limit("the values cannot be compared")), Value::Bool);
        put("value", Node { value: print::shown(row, &node.value), ..node.clone() });
        put("winner", Node { value: print::shown(row, &winner.value), ..winner.clone() });
        put("stricter", Node::derived(stricter, node.at, vec![node.at, winner.at]));
        put("keyword", Node::derived(Value::text(row.spelling), scope.label_at, vec![scope.label_at]));
        put("decides_for", Node::derived(Value::text(label), header, vec![header]));
        self.model.push(scope);
        self.lost.push(Lost { block, key, node });
    }
}
