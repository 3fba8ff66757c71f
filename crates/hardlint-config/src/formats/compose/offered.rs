//! What can stand at a path of a Compose file, for whoever writes one: by its schema alone, wherever the file is broken.

use super::spec::{FILE, Ty};

/// What can stand at a path.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Offered {
    /// The keys of a map there, each with whether its value may stand on its line.
    pub keys: Vec<(&'static str, bool)>,
    /// The words of which a text there is one.
    pub words: Vec<&'static str>,
}

/// The step of a path into an element of a list.
pub const ELEMENT: &str = "-";

/// What can stand at a path, from the top of the file.
pub fn offered<'p>(path: impl IntoIterator<Item = &'p str>) -> Offered {
    let mut here = vec![&TOP];
    for step in path {
        here = here.into_iter().flat_map(|ty| below(ty, step)).collect();
    }
    let mut found = Offered::default();
    for ty in here {
        add(&mut found, ty);
    }
    found.keys.sort_unstable();
    found.keys.dedup_by_key(|(name, _)| *name);
    found
}

static TOP: Ty = Ty::Object(&FILE);

fn below(ty: &'static Ty, step: &str) -> Vec<&'static Ty> {
    match ty {
        Ty::Any(all) => all.iter().flat_map(|ty| below(ty, step)).collect(),
        Ty::Object(object) => object.get(step).into_iter().collect(),
        Ty::Map(inner) if step != ELEMENT => vec![inner],
        Ty::List(inner, _) if step == ELEMENT => vec![inner],
        _ => Vec::new(),
    }
}

fn add(found: &mut Offered, ty: &'static Ty) {
    match ty {
        Ty::Any(all) => all.iter().for_each(|ty| add(found, ty)),
        Ty::Object(object) => found.keys.extend(object.keys.iter().map(|(name, ty)| (*name, fits_a_line(ty)))),
        Ty::Word(words) => found.words.extend(*words),
        Ty::Bool => found.words.extend(["true", "false"]),
        _ => {}
    }
}

/// Whether a value is no map and no list, or need not be one.
fn fits_a_line(ty: &Ty) -> bool {
    match ty {
        Ty::Any(all) => all.iter().any(fits_a_line),
        Ty::Object(_) | Ty::Map(_) | Ty::List(..) | Ty::Pairs | Ty::Listed => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_followed_from_the_top() {
        let names = |path: &[&'static str]| -> Vec<&'static str> {
            offered(path.iter().copied()).keys.into_iter().map(|(name, _)| name).collect()
        };
        assert!(names(&[]).contains(&"services"));
        assert!(names(&["services", "web"]).contains(&"healthcheck"));
        assert!(names(&["services", "web", "healthcheck"]).contains(&"interval"));
        assert!(names(&["services", "web", "ports", ELEMENT]).contains(&"host_ip"));
        assert!(names(&["volumes", "data"]).contains(&"driver"));
        assert_eq!(names(&["services", "web", "image"]), Vec::<&str>::new());
        assert_eq!(names(&["services", "web", "no", "where"]), Vec::<&str>::new());
        let service = offered(["services", "web"]).keys;
        assert!(service.contains(&("image", true)) && service.contains(&("healthcheck", false)), "{service:?}");
        let condition = offered(["services", "web", "depends_on", "db", "condition"]).words;
        assert!(condition.contains(&"service_healthy"), "{condition:?}");
        assert_eq!(offered(["services", "web", "privileged"]).words, ["true", "false"]);
    }
}
