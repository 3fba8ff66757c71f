//! What a picture says of the links: which services are joined, and which files belong to which service.
//!
//! A picture has less room than the graph: several links of a kind between the same two services are one line, and an
//! order of starting is drawn only where nothing else joins the two.

use super::{File, Graph, Link, Service};
use crate::report::clean;
use std::collections::{BTreeMap, BTreeSet};

/// What joins two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One passes requests on to the other.
    Proxy,
    /// One is a client of the other.
    Connects,
    /// One is started after the other.
    DependsOn,
}

impl Kind {
    fn of(link: &Link) -> Option<Self> {
        match link.kind {
            "proxy" => Some(Self::Proxy),
            "connects" => Some(Self::Connects),
            "depends_on" => Some(Self::DependsOn),
            _ => None,
        }
    }

    /// What stands beside the line in a legend.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Proxy => "passes requests on",
            Self::Connects => "connects",
            Self::DependsOn => "starts after",
        }
    }
}

/// Two services that are joined, by their index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Join {
    pub from: usize,
    pub to: usize,
    pub kind: Kind,
    /// What more there is to say, as a label: ports, paths.
    pub label: String,
    /// The places that tell.
    pub at: Vec<String>,
}

/// All joins of a graph.
pub struct Joins {
    /// By what they begin at, then by what they lead to.
    all: Vec<Join>,
    /// Those that lead to a service, by their index.
    leading: BTreeMap<usize, Vec<usize>>,
}

impl Joins {
    pub fn new(graph: &Graph) -> Self {
        let index = graph.index();
        let mut found: BTreeMap<(usize, usize, Kind), Vec<&Link>> = BTreeMap::new();
        for link in &graph.links {
            let ends = (index.get(link.from.as_str()), index.get(link.to.as_str()));
            if let (Some(kind), (Some(&from), Some(&to))) = (Kind::of(link), ends)
                && from != to
            {
                found.entry((from, to, kind)).or_default().push(link);
            }
        }
        let others = found.keys().filter(|(.., kind)| *kind != Kind::DependsOn);
        let otherwise: BTreeSet<_> = others.flat_map(|&(from, to, _)| [(from, to), (to, from)]).collect();
        let drawn = found
            .into_iter()
            .filter(|((from, to, kind), _)| *kind != Kind::DependsOn || !otherwise.contains(&(*from, *to)));
        let all: Vec<Join> = drawn.map(|((from, to, kind), links)| join(from, to, kind, &links)).collect();
        let mut leading: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, join) in all.iter().enumerate() {
            leading.entry(join.to).or_default().push(index);
        }
        Self { all, leading }
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Join> {
        self.all.iter()
    }

    /// Those that begin at a service.
    pub fn from(&self, service: usize) -> &[Join] {
        let start = self.all.partition_point(|join| join.from < service);
        let end = self.all.partition_point(|join| join.from <= service);
        self.all.get(start..end).unwrap_or_default()
    }

    /// Those that lead to a service.
    pub fn to(&self, service: usize) -> impl Iterator<Item = &Join> {
        let leading = self.leading.get(&service).map(Vec::as_slice).unwrap_or_default();
        leading.iter().filter_map(|index| self.all.get(*index))
    }
}

fn join(from: usize, to: usize, kind: Kind, links: &[&Link]) -> Join {
    let notes: BTreeSet<&str> = links.iter().map(|link| link.note.as_str()).filter(|note| !note.is_empty()).collect();
    let at: BTreeSet<String> = links.iter().map(|link| link.at.short()).collect();
    let label = notes.into_iter().map(clean::line).collect::<Vec<_>>().join(", ");
    Join { from, to, kind, label, at: at.into_iter().collect() }
}

/// A file of a service.
pub struct Attached<'a> {
    pub path: &'a str,
    /// What links it: `build`, `mount`; nothing where another file brings it in.
    pub kind: &'static str,
    /// The path inside, and the like.
    pub note: &'a str,
    /// What is known of it.
    pub file: Option<&'a File>,
}

/// All links by their ends.
pub struct Ends<'a> {
    from: BTreeMap<&'a str, Vec<&'a Link>>,
    to: BTreeMap<&'a str, Vec<&'a Link>>,
}

impl<'a> Ends<'a> {
    pub fn new(graph: &'a Graph) -> Self {
        let mut ends = Self { from: BTreeMap::new(), to: BTreeMap::new() };
        for link in &graph.links {
            ends.from.entry(&link.from).or_default().push(link);
            ends.to.entry(&link.to).or_default().push(link);
        }
        ends
    }

    /// The links that begin there.
    pub fn from(&self, from: &str) -> &[&'a Link] {
        self.from.get(from).map(Vec::as_slice).unwrap_or_default()
    }

    /// The links that lead there.
    pub fn to(&self, to: &str) -> &[&'a Link] {
        self.to.get(to).map(Vec::as_slice).unwrap_or_default()
    }

    /// The files of a service: first those that it names itself. Its Compose file is not among them, that is its project.
    pub fn attached(&self, graph: &'a Graph, service: &'a Service) -> Vec<Attached<'a>> {
        let mut seen = BTreeSet::from([service.project.as_str()]);
        let mut attached = Vec::new();
        for link in self.from(&service.id) {
            let file = graph.file(&link.to);
            let is_file = file.is_some() || service.files.contains(&link.to);
            if is_file && Kind::of(link).is_none() && seen.insert(&link.to) {
                attached.push(Attached { path: &link.to, kind: link.kind, note: &link.note, file });
            }
        }
        for path in &service.files {
            if seen.insert(path) {
                attached.push(Attached { path, kind: "", note: "", file: graph.file(path) });
            }
        }
        attached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample;

    #[test]
    fn an_order_of_starting_is_drawn_only_where_nothing_else_joins_the_two() {
        let graph = sample::three();
        let name = |index: usize| graph.services[index].name.as_str();
        let drawn: Vec<_> = Joins::new(&graph)
            .iter()
            .map(|join| (name(join.from), name(join.to), join.kind))
            .map(|it| format!("{it:?}"))
            .collect();
        assert_eq!(drawn, [r#"("proxy", "web", Proxy)"#, r#"("web", "db", Connects)"#]);
        let mut alone = sample::three();
        alone.links.retain(|link| link.kind != "connects");
        assert!(Joins::new(&alone).iter().any(|join| join.kind == Kind::DependsOn));
    }

    #[test]
    fn a_service_has_the_files_that_it_names_before_those_that_they_bring_in() {
        let graph = sample::three();
        let ends = Ends::new(&graph);
        let attached = ends.attached(&graph, &graph.services[0]);
        let files: Vec<_> = attached.iter().map(|it| (it.kind, it.path)).collect();
        assert_eq!(files, [("mount", "deploy/nginx.conf"), ("", "deploy/sites/shop.conf")]);
    }
}
