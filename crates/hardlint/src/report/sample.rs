//! A report for the tests of all renderers.

use super::{Named, Outcome, Part, Picture};
use crate::root::Names;
use hardlint_config::deployment::role::Role;
use hardlint_config::text::{Source, Span};
use hardlint_lint::diagnostic::{
    Confidence, Diagnostic, Edit, Fingerprint, Fix, Label, Place, Report, Safety, Severity, Trouble,
};
use std::collections::BTreeMap;
use std::sync::Arc;

const SITE: &str = "server {
    listen 80;
    location /files {
        alias /srv/files/;
    }
    location / { return 404; }
    location /x { # password \"hunter22\"
    }
}
";

fn label(source: &Arc<Source>, needle: &str, text: &str) -> Label {
    let start = source.text.find(needle).unwrap();
    Label { source: source.clone(), span: Span::new(start, start + needle.len()), text: text.to_owned() }
}

pub fn outcome() -> Outcome {
    let site = Arc::new(Source::new("conf.d/site.conf", SITE));
    let main = Arc::new(Source::new("nginx.conf", "include conf.d/*.conf;\n"));
    let rule: Arc<str> = "nginx/alias-traversal".into();
    let fingerprint = |ordinal| Fingerprint {
        rule: rule.clone(),
        path: site.path.clone(),
        scopes: vec!["shop.example".into(), "/files".into()],
        key: "alias".into(),
        ordinal,
    };
    let why = "A request for `/files../secret` leaves the folder,\nso anybody reads the files beside it.\n\nEnd the location with a slash.\n";
    let behind = label(&site, "/files", "").span.end;
    let places = |needle, ordinal| vec![Place::at(label(&site, needle, ""), &fingerprint(ordinal))];
    let first = Diagnostic {
        rule: rule.clone(),
        severity: Severity::High,
        confidence: Confidence::Medium,
        message: "`location /files` can be left through `alias /srv/files/`".to_owned(),
        primary: label(&site, "/files", "the slash is missing here"),
        places: places("/files", 0),
        related: vec![label(&site, "/srv/files/", "`alias` is set here"), label(&main, "include", "")],
        more_related: 2,
        fix: Some(Fix {
            title: "end the location with a slash".to_owned(),
            safety: Safety::Unsafe,
            edits: vec![Edit { source: site.clone(), span: Span { start: behind, end: behind }, text: "/".to_owned() }],
        }),
        why: why.into(),
        fingerprint: fingerprint(0),
        role: Role::Unknown,
        assumed: Some("`snippets/tls.conf` is not at hand".to_owned()),
    };
    let second = Diagnostic {
        severity: Severity::Low,
        confidence: Confidence::High,
        message: "`location /x` again".to_owned(),
        primary: label(&site, "/x", ""),
        places: places("/x", 1),
        related: Vec::new(),
        more_related: 0,
        fix: None,
        fingerprint: fingerprint(1),
        assumed: None,
        ..first.clone()
    };
    let end = SITE.len() - 2;
    let at = Label { source: site.clone(), span: Span::new(end, end + 1), text: String::new() };
    let problems = vec![
        Trouble {
            path: site.path.clone(),
            at: Some(at),
            message: "unexpected end of file, expecting `}`".to_owned(),
            notice: false,
        },
        Trouble {
            path: "certs/dhparam".into(),
            at: None,
            message: "it is not text: a NUL byte stands at offset 3".to_owned(),
            notice: false,
        },
    ];
    let secret = label(&site, "hunter22", "").span;
    let masks = BTreeMap::from([(site.path.clone(), vec![secret])]);
    let report = Report { diagnostics: vec![first, second], problems, masks, ..Report::default() };
    let named = Named {
        title: "location can be left through its alias".to_owned(),
        url: "https://example.org/alias".to_owned(),
        references: vec!["CWE-22".to_owned(), "https://example.org/nginx".to_owned()],
    };
    let rules = BTreeMap::from([(rule, named)]);
    let picture = Picture::default();
    Outcome {
        rules,
        picture,
        parts: vec![Part { report, names: Names::default(), files: BTreeMap::from([("nginx", 2)]), narrowed: None }],
    }
}
