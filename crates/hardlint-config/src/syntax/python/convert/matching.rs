//! `match`, where its cases only compare: as the tests that they are.

use super::super::ast::{CompareOp, Expr, ExprKind, Stmt, StmtKind};
use super::{Convert, span};
use crate::text::Span;
use ruff_python_ast as ruff;
use ruff_text_size::Ranged;

/// The name that the subject of a `match` has while it is compared.
const SUBJECT: &str = "match subject";

/// Cases of one `match` that are followed.
const MAX_CASES: usize = 100;

/// Whether a pattern only compares: with values, or with nothing. One that binds a name has no guard that could ask for it.
fn is_plain(pattern: &ruff::Pattern, guarded: bool) -> bool {
    match pattern {
        ruff::Pattern::MatchValue(_) | ruff::Pattern::MatchSingleton(_) => true,
        // Alternatives stand side by side, and do not nest.
        ruff::Pattern::MatchOr(any) => any
            .patterns
            .iter()
            .all(|one| matches!(one, ruff::Pattern::MatchValue(_) | ruff::Pattern::MatchSingleton(_))),
        ruff::Pattern::MatchAs(whole) => whole.pattern.is_none() && (whole.name.is_none() || !guarded),
        _ => false,
    }
}

impl Convert {
    /// `match`, as the tests that its cases are: the subject is bound to a name that no module can have, and compared.
    pub(super) fn cases(&mut self, s: &ruff::StmtMatch) -> StmtKind {
        let at = span(s.subject.range());
        let plain =
            s.cases.len() <= MAX_CASES && s.cases.iter().all(|case| is_plain(&case.pattern, case.guard.is_some()));
        if !plain {
            // What takes values apart is not followed.
            let cases: Vec<Stmt> = s.cases.iter().flat_map(|case| self.block(&case.body)).collect();
            return StmtKind::Other(cases);
        }
        let name = |at: Span| Expr { span: at, kind: ExprKind::Name(SUBJECT.into()) };
        let mut tests = Vec::new();
        for case in &s.cases {
            let place = span(case.pattern.range());
            let mut parts: Vec<Expr> = self.pattern(&case.pattern).into_iter().collect();
            parts.extend(case.guard.as_deref().map(|guard| self.expr(guard)));
            let mut body = Vec::new();
            if let ruff::Pattern::MatchAs(ruff::PatternMatchAs { name: Some(bound), .. }) = &case.pattern {
                let bound = Expr { span: place, kind: ExprKind::Name(bound.as_str().into()) };
                body.push(Stmt { span: place, kind: StmtKind::Assign(vec![bound], name(place)) });
            }
            body.extend(self.block(&case.body));
            let whole = parts.iter().map(|part| part.span).reduce(Span::to).unwrap_or(place);
            let test =
                if parts.len() > 1 { Some(Expr { span: whole, kind: ExprKind::And(parts) }) } else { parts.pop() };
            let last = test.is_none();
            tests.push((test, body));
            if last {
                break;
            }
        }
        let subject = Stmt { span: at, kind: StmtKind::Assign(vec![name(at)], self.expr(&s.subject)) };
        StmtKind::If(vec![(None, vec![subject, Stmt { span: span(s.range), kind: StmtKind::If(tests) }])])
    }

    /// The test that a plain pattern is; `None` for one that takes everything.
    fn pattern(&mut self, pattern: &ruff::Pattern) -> Option<Expr> {
        let at = span(pattern.range());
        let compare = |op: CompareOp, with: Expr| {
            let subject = Expr { span: at, kind: ExprKind::Name(SUBJECT.into()) };
            Some(Expr { span: at, kind: ExprKind::Compare(Box::new(subject), vec![(op, with)]) })
        };
        match pattern {
            ruff::Pattern::MatchValue(value) => compare(CompareOp::Eq, self.expr(&value.value)),
            ruff::Pattern::MatchSingleton(single) => {
                let kind = match single.value {
                    ruff::Singleton::None => ExprKind::None,
                    ruff::Singleton::True => ExprKind::Bool(true),
                    ruff::Singleton::False => ExprKind::Bool(false),
                };
                compare(CompareOp::Is, Expr { span: at, kind })
            }
            ruff::Pattern::MatchOr(any) => {
                let any: Option<Vec<Expr>> = any.patterns.iter().map(|pattern| self.pattern(pattern)).collect();
                any.map(|any| Expr { span: at, kind: ExprKind::Or(any) })
            }
            _ => None,
        }
    }
}
