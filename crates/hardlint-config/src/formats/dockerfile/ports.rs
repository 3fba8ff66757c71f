//! Ports of `EXPOSE`: `80`, `53/udp`, `8000-8010/tcp`, and the forms with addresses that Docker's own reader takes.

/// The most ports that one range may open here; Docker knows no such limit, but no more exist.
const MOST: u32 = 65_536;

/// The ports, as the image's configuration has them.
///
/// # Errors
/// What Docker refuses it for.
pub(super) fn read(text: &str) -> Result<Vec<String>, String> {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol.to_ascii_lowercase() };
    if !["tcp", "udp", "sctp"].contains(&protocol.as_str()) {
        return Err(format!("`{text}` names no protocol that Docker knows: tcp, udp or sctp"));
    }
    // `address:host:container`: the container's port is the last.
    let container = ports.rsplit(':').next().unwrap_or(ports);
    let (first, last) = container.split_once('-').unwrap_or((container, container));
    let number = |text: &str| text.parse::<u16>().map_err(|_| format!("`{text}` is no port"));
    let (first, last) = (u32::from(number(first)?), u32::from(number(last)?));
    if last < first || last - first >= MOST {
        return Err(format!("`{container}` is no range of ports: it ends before it begins"));
    }
    Ok((first..=last).map(|port| format!("{port}/{protocol}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_open_and_protocols_default() {
        assert_eq!(read("22").unwrap(), ["22/tcp"]);
        assert_eq!(read("53/UDP").unwrap(), ["53/udp"]);
        assert_eq!(read("8000-8002").unwrap(), ["8000/tcp", "8001/tcp", "8002/tcp"]);
        assert_eq!(read("127.0.0.1:80:8080").unwrap(), ["8080/tcp"]);
        assert!(read("http").is_err());
        assert!(read("70000").is_err());
        assert!(read("9-8").is_err());
        assert!(read("80/icmp").is_err());
    }
}
