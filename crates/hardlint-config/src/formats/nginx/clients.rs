//! Who is believed about the client: what a proxy says of its address, its certificate, and the name servers.

use super::facts::{Facts, Known};
use super::listen::{self, Reach};
use super::resolve::{Build, Frame};
use super::statements::fact;
use super::syntax::Tree;
use crate::model::{Node, Text, Value, Why};
use crate::text::Loc;

/// A `set_real_ip_from` line.
pub(super) fn real_ip_source(build: &mut Build<'_, '_>, frame: &Frame, address: Option<&Text>, at: Loc) {
    let label = match address {
        Some(Text::Known(text)) => text.clone(),
        _ => "".into(),
    };
    let scope = build.scope("real_ip_source", &label, Some(frame.scope), at);
    let everyone = match address {
        Some(Text::Known(text)) => {
            let bits = text.split_once('/').and_then(|(_, bits)| bits.parse::<u8>().ok());
            Value::Bool(bits.is_some_and(|bits| bits <= 1))
        }
        _ => Value::Unknown(Why::Template("set_real_ip_from".into())),
    };
    let beyond = match address {
        Some(Text::Known(text)) => Value::Bool(goes_beyond_private(text)),
        _ => Value::Unknown(Why::Template("set_real_ip_from".into())),
    };
    fact(build, scope, "beyond_private", Node::set(beyond, at));
    fact(build, scope, "everyone", Node::set(everyone, at));
}

/// Whether a range takes in a private network, and a good part of the public ones with it: `172.0.0.0/8`, of which
/// `172.16.0.0/12` is private.
fn goes_beyond_private(range: &str) -> bool {
    let Some((address, bits)) = range.split_once('/') else { return false };
    let (Ok(address), Ok(bits)) = (address.parse::<std::net::Ipv4Addr>(), bits.parse::<u32>()) else { return false };
    let first = |bits: u32, address: u32| if bits == 0 { 0 } else { address >> (32 - bits.min(32)) };
    let holds = |private: (u32, u32)| bits < private.1 && first(bits, private.0) == first(bits, address.to_bits());
    let private = [(0x0a00_0000, 8), (0xac10_0000, 12), (0xc0a8_0000, 16)];
    private.into_iter().any(holds)
}

/// A `resolver` line.
pub(super) fn lookup(build: &mut Build<'_, '_>, frame: &Frame, words: Vec<(Text, Loc)>, at: Loc) {
    let scope = build.scope("lookup", "", Some(frame.scope), at);
    let servers = words.into_iter().filter_map(|(word, at)| {
        let Text::Known(word) = word else { return None };
        let address = match word.strip_prefix('[') {
            Some(inner) => inner.split(']').next().unwrap_or_default(),
            None if word.matches(':').count() == 1 => word.split(':').next().unwrap_or_default(),
            None => &word,
        };
        let public = listen::reach_of(address) == Some(Reach::Public);
        public.then(|| Node::set(Value::text(address), at))
    });
    let servers = Value::List(servers.collect());
    fact(build, scope, "public_resolvers", Node::set(servers, at));
}

/// Whether a file reads what nginx knows of a client's certificate, in a variable or in a program that it names.
pub(super) fn reads_certificate(text: &str, tree: &Tree) -> bool {
    let names = |text: &str| {
        let mut found = text.match_indices("ssl_client_").map(|(at, found)| at + found.len());
        found.any(|at| !text.get(at..).is_some_and(|rest| rest.starts_with("certificate")))
            || ["js_import", "js_include", "_by_lua", "perl_", "auth_request"].iter().any(|word| text.contains(word))
    };
    if !names(text) {
        return false;
    }
    tree.statements.iter().any(|statement| {
        let words = tree.words(statement);
        let log = words.first().is_some_and(|word| word.spelt(text) == "log_format");
        !log && words.iter().any(|word| names(&word.spelt(text)))
    })
}

/// Works out the facts about servers.
pub(super) fn fill(facts: &mut Facts<'_>) {
    for server in facts.site.servers.clone() {
        let at = facts.at(server);
        let asks = match facts.model.get(server, "ssl_verify_client") {
            Some(Value::Text(Text::Known(text))) => Known::of(matches!(&**text, "optional" | "optional_no_ca")),
            None => Known::No,
            Some(_) => Known::Unknown,
        };
        let read = if facts.site.reads_client_certificate { Known::Yes } else { facts.unless_open(server, Known::No) };
        let unread = match (asks, read) {
            (Known::No, _) | (_, Known::Yes) => Known::No,
            (Known::Yes, Known::No) => facts.bool(server, "tls"),
            _ => Known::Unknown,
        };
        facts.put_known(server, "client_certificate_unread", unread, at);
    }
}

#[cfg(test)]
mod tests {
    use super::goes_beyond_private;

    #[test]
    fn ranges_that_mean_a_private_network_and_take_in_more() {
        for (range, expected) in [
            ("172.0.0.0/8", true),
            ("192.0.0.0/8", true),
            ("192.168.0.0/12", true),
            ("10.0.0.0/7", true),
            ("10.0.0.0/8", false),
            ("172.16.0.0/12", false),
            ("192.168.1.0/24", false),
            ("103.21.244.0/22", false),
            ("104.16.0.0/13", false),
            ("10.0.0.1", false),
        ] {
            assert_eq!(goes_beyond_private(range), expected, "{range}");
        }
    }
}
