//! Redirections, of commands and of groups, and the bodies of heredocs.

use super::parse::Parser;
use super::word::{Part, Word};
use super::{Command, Inside, Redirect};
use crate::text::Span;

pub(super) struct Heredoc {
    /// The command and its redirection; none where it belongs to a group.
    pub(super) of: Option<(usize, usize)>,
    name: String,
    strip_tabs: bool,
    expand: bool,
}

impl Parser<'_> {
    /// Redirections after `)`, `}`, `done`.
    pub(super) fn group_redirects(&mut self) {
        loop {
            self.blanks();
            let digits = self.digits();
            if !matches!(self.ahead(digits), Some(b'<' | b'>')) && !self.starts_with("&>") {
                return;
            }
            let mut nobody = Command::default();
            self.redirect(&mut nobody, digits, None);
        }
    }

    pub(super) fn digits(&self) -> usize {
        (0..9).find(|by| !self.ahead(*by).is_some_and(|byte| byte.is_ascii_digit())).unwrap_or(0)
    }

    pub(super) fn redirect(
        &mut self,
        command: &mut Command,
        digits: usize,
        heredocs: Option<&mut Vec<(usize, Heredoc)>>,
    ) {
        const MARKS: &[&str] = &["<<<", "<<-", "&>>", "<<", ">>", ">&", "<&", "&>", "<>", ">|", "<", ">"];
        let descriptor = self.slice(self.at, self.at + digits).parse().ok();
        self.at += digits;
        let Some(mark) = MARKS.iter().find(|mark| self.starts_with(mark)) else {
            self.at += 1;
            return;
        };
        self.at += mark.len();
        self.blanks();
        let target = self.word();
        if *mark == "<<" || *mark == "<<-" {
            let expand = target.parts.iter().all(|part| !matches!(part, Part::Text { quoted: true, .. }));
            let heredoc = Heredoc { of: None, name: target.shown(), strip_tabs: *mark == "<<-", expand };
            match heredocs {
                Some(heredocs) => heredocs.push((command.redirects.len(), heredoc)),
                None => self.heredocs.push(heredoc),
            }
        }
        command.redirects.push(Redirect { mark, descriptor, target });
    }

    /// The bodies of heredocs, which begin here.
    pub(super) fn bodies(&mut self) {
        for heredoc in std::mem::take(&mut self.heredocs) {
            let start = self.at;
            let mut end = self.end;
            while self.at < self.end {
                let line = self.at;
                self.skip_comment();
                let text = self.slice(line, self.at).trim_end_matches('\r');
                let text = if heredoc.strip_tabs { text.trim_start_matches('\t') } else { text };
                let ends = text == heredoc.name;
                self.at = (self.at + 1).min(self.end);
                if ends {
                    end = line;
                    break;
                }
            }
            let after = self.at;
            let body = Span::new(start, end);
            let parts = if heredoc.expand {
                (self.at, end) = (start, std::mem::replace(&mut self.end, end));
                let parts = self.quoted(None);
                self.end = end;
                parts
            } else {
                vec![Part::Text { text: self.slice(start, end).into(), at: body, quoted: true }]
            };
            self.at = after;
            let inner = std::mem::take(&mut self.inner);
            let Some((command, redirect)) = heredoc.of else { continue };
            for (from, to, how) in inner {
                for inside in self.script.commands.get_mut(from..to).unwrap_or_default() {
                    inside.inside.get_or_insert(Inside { command, how });
                }
            }
            let redirects = self.script.commands.get_mut(command).map(|command| &mut command.redirects);
            if let Some(redirect) = redirects.and_then(|redirects| redirects.get_mut(redirect)) {
                redirect.target = Word::new(parts, body);
            }
        }
    }
}
