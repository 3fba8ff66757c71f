//! Groups of servers: the servers of one, and how requests are shared out among them.

use super::super::grammar;
use super::super::resolve::{Build, Frame};
use super::super::syntax::{Form, Statement};
use super::entries::end;
use super::values::{number, time};
use super::{Fault, Line, addresses, refuse};
use crate::text::Loc;

/// Ways to share requests out that leave no server for when the others are gone.
const WITHOUT_BACKUP: [&str; 3] = ["hash", "ip_hash", "random"];

/// Looks at the whole block. A group has to have servers; in NGINX Plus those of a zone may come from elsewhere.
pub(super) fn look(build: &mut Build<'_, '_>, frame: &Frame, statement: &Statement) {
    let tree = frame.tree.clone();
    let (mut bare, mut unsure, mut without, mut kept) = (true, false, false, false);
    let (mut servers, mut backups) = (0, 0);
    for (_, entry) in tree.children(frame.index()) {
        let words = tree.words(entry);
        let text = &frame.source.text;
        let Some(name) = words.first().map(|word| word.spelt(text)) else {
            (bare, unsure) = (false, true);
            continue;
        };
        let known = !grammar::rows(&name).is_empty();
        bare &= known && !matches!(&*name, "server" | "include" | "zone");
        unsure |= !known || name == "include" || entry.condition.is_some() || entry.form != Form::Simple;
        if &*name == "server" {
            let line = Line { frame, statement: entry, name: "server", words };
            let backup = line.arguments().find(|(index, text)| *index > 1 && text == "backup");
            unsure |= (1..words.len()).any(|index| line.known(index).is_none());
            servers += 1;
            backups += usize::from(backup.is_some());
            if let Some((index, _)) = backup.filter(|_| without && !unsure) {
                let message =
                    "the way to share requests out that stands before it leaves no `backup`; nginx refuses that";
                refuse(build, frame, entry, index, message.into());
            }
        } else if &*name == "keepalive" {
            if std::mem::replace(&mut kept, true) && !unsure {
                refuse(build, frame, entry, 0, "`keepalive` is set twice in one block; nginx refuses that".into());
            }
        } else if known && name != "zone" && !name.starts_with("keepalive") {
            without = WITHOUT_BACKUP.contains(&&*name);
        }
    }
    if bare {
        build.problem(end(frame, statement), "this group has no server; nginx refuses that".into());
    } else if servers > 0 && servers == backups && !unsure {
        let head = tree.words(statement);
        let span = head.first().zip(head.last()).map_or(statement.span, |(first, last)| first.place().to(last.place()));
        let message = "this group has no server but for when the others are gone; nginx refuses that";
        build.problem(Loc::new(frame.file, span), message.into());
    }
}

/// A server of a group.
pub(super) fn server(line: &Line<'_>) -> Result<(), Fault> {
    let Some(address) = line.known(1) else { return Ok(()) };
    if !addresses::server(&address) {
        return Fault::new(1, "nginx refuses this as a host and a port");
    }
    for (index, text) in line.arguments().skip(1) {
        let fits = match text.split_once('=') {
            None => matches!(&*text, "backup" | "down" | "resolve" | "drain"),
            Some(("weight", value)) => number(value).is_some_and(|weight| weight > 0),
            Some(("max_conns" | "max_fails", value)) => number(value).is_some(),
            Some(("fail_timeout" | "slow_start", value)) => time(value, true).is_some(),
            Some(("route" | "service" | "sid" | "id", _)) => true,
            Some(_) => false,
        };
        if !fits {
            return Fault::new(index, "nginx refuses this word for a server of a group");
        }
    }
    Ok(())
}
