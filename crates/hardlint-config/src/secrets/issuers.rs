//! Keys that a provider gave out, told by their form: whose they are, and whether they open anything.

use super::forms;
use std::ops::Range;

/// A key that a provider gave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Where in the value it stands.
    pub at: Range<usize>,
    /// Who gave it out.
    pub provider: &'static str,
    /// Whether it opens only what was made for trying things out.
    pub test: bool,
}

/// Who gives out keys that begin so.
const PROVIDERS: &[(&str, &str)] = &[
    ("AGE-SECRET-KEY-1", "age"),
    ("AIza", "Google"),
    ("AKCp", "Artifactory"),
    ("AKIA", "AWS"),
    ("ASIA", "AWS"),
    ("ATATT3", "Atlassian"),
    ("CFPAT-", "Contentful"),
    ("GOCSPX-", "Google"),
    ("HRKU-", "Heroku"),
    ("NRAK-", "New Relic"),
    ("PMAK-", "Postman"),
    ("SG.", "SendGrid"),
    ("dapi", "Databricks"),
    ("dckr_pat_", "Docker Hub"),
    ("do", "DigitalOcean"),
    ("dp.pt.", "Doppler"),
    ("figd_", "Figma"),
    ("gh", "GitHub"),
    ("github_pat_", "GitHub"),
    ("gl", "GitLab"),
    ("glsa_", "Grafana"),
    ("gsk_", "Groq"),
    ("hf_", "Hugging Face"),
    ("hvs.", "Vault"),
    ("lin_api_", "Linear"),
    ("lsv2_", "LangSmith"),
    ("npm_", "npm"),
    ("ntn_", "Notion"),
    ("pat", "Airtable"),
    ("pplx-", "Perplexity"),
    ("pscale_", "PlanetScale"),
    ("pul-", "Pulumi"),
    ("pypi-", "PyPI"),
    ("r8_", "Replicate"),
    ("rk_", "Stripe"),
    ("rubygems_", "RubyGems"),
    ("sbp_", "Supabase"),
    ("shp", "Shopify"),
    ("sdk-", "LaunchDarkly"),
    ("sk-", "OpenAI"),
    ("sk-ant-", "Anthropic"),
    ("sk-or-v1-", "OpenRouter"),
    ("sk-proj-", "OpenAI"),
    ("sk-svcacct-", "OpenAI"),
    ("sk_", "Stripe"),
    ("sntry", "Sentry"),
    ("sq", "SonarQube"),
    ("sq0", "Square"),
    ("tfp_", "Typeform"),
    ("tskey-auth-", "Tailscale"),
    ("v1.0-", "Cloudflare"),
    ("whsec_", "Stripe"),
    ("x", "Slack"),
    ("xai-", "xAI"),
    ("xkeysib-", "Brevo"),
];

/// The key in a value that a provider gave out; one of which the checksum is wrong is none.
pub fn issued(value: &str) -> Option<Issued> {
    if value.len() < forms::SHORTEST {
        return None;
    }
    if let Some(at) = forms::test_key(value) {
        return Some(Issued { at, provider: "Stripe", test: true });
    }
    if let Some(at) = forms::provider_key(value) {
        let key = value.get(at.clone())?;
        let provider = provider_of(key);
        return sums_up(key).then_some(Issued { at, provider, test: false });
    }
    if let Some(at) = forms::marked_key(value) {
        let key = value.get(at.clone())?;
        let provider = if key.contains(".atlasv1.") {
            "Terraform Cloud"
        } else if key.contains("-us") {
            "Mailchimp"
        } else {
            provider_of(key)
        };
        return Some(Issued { at, provider, test: false });
    }
    let of = |provider| move |at| Issued { at, provider, test: false };
    let hook = || {
        let at = forms::webhook_in(value)?;
        let provider = if value.contains("slack.com") {
            "Slack"
        } else if value.contains("office.com") {
            "Microsoft Teams"
        } else {
            "Discord"
        };
        Some(of(provider)(at))
    };
    // Each of them has one of these.
    let has = |byte: u8| memchr::memchr(byte, value.as_bytes()).is_some();
    has(b'/')
        .then(hook)
        .flatten()
        .or_else(|| has(b':').then(|| forms::bot_token(value).map(of("Telegram"))).flatten())
        .or_else(|| has(b'=').then(|| forms::connection_key(value).map(of("Azure"))).flatten())
}

/// Whether a value is all one key that a provider gave out, for more than trying things out.
pub(super) fn is_given_out(value: &str) -> bool {
    issued(value).is_some_and(|issued| !issued.test && issued.at == (0..value.len()))
}

fn provider_of(key: &str) -> &'static str {
    let named = PROVIDERS.iter().filter(|(start, _)| key.starts_with(start)).max_by_key(|(start, _)| start.len());
    named.map_or("a provider", |(_, provider)| *provider)
}

/// Whether a key of GitHub's ends with its checksum; others have none.
fn sums_up(key: &str) -> bool {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let Some(rest) = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].iter().find_map(|start| key.strip_prefix(start)) else {
        return true;
    };
    let (Some(drawn), Some(sum)) = (rest.get(..30), rest.get(30..36)) else { return false };
    // Tokens of applications have other lengths, and no checksum that is documented.
    if rest.len() != 36 {
        return true;
    }
    let mut left = crc32(drawn.as_bytes());
    let mut expected = [b'0'; 6];
    for digit in expected.iter_mut().rev() {
        *digit = DIGITS.get((left % 62) as usize).copied().unwrap_or(b'0');
        left /= 62;
    }
    sum.as_bytes() == expected
}

/// The checksum of zip files and of Ethernet.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// A private key, and whether a passphrase is needed to use it: `-----BEGIN … PRIVATE KEY-----`, or that in base64.
pub fn private_key(value: &str) -> Option<PrivateKey> {
    const IN_BASE64: &str = "LS0tLS1CRUdJTi";
    /// `ENCRYPTED` behind `-----BEGIN `, as it comes out in base64.
    const ENCRYPTED_IN_BASE64: &str = "LS0tLS1CRUdJTiBFTkNSWVBURU";
    /// ` PRIVATE KEY` at each of the three places that it can begin at, without what is shared with its neighbours.
    const NAMES_IN_BASE64: [&str; 3] = ["UFJJVkFURSBLRV", "BSSVZBVEUgS0VZ", "QUklWQVRFIEtFW"];
    if let Some(at) = value.find(IN_BASE64) {
        let rest = value.get(at..)?;
        let head = rest.get(..rest.floor_char_boundary(80)).unwrap_or(rest);
        let named = NAMES_IN_BASE64.iter().any(|name| head.contains(name)) && rest.len() > 200;
        return named.then(|| PrivateKey { encrypted: rest.starts_with(ENCRYPTED_IN_BASE64) });
    }
    let rest = value.get(value.find("-----BEGIN ")?..)?;
    let head = rest.get(11..)?.split("-----").next()?;
    let body = rest.get(11 + head.len() + 5..)?;
    // A line that shows where one goes has nothing behind it.
    let coded = body.bytes().filter(u8::is_ascii_alphanumeric).count();
    let is_key = head.ends_with("PRIVATE KEY") || head == "PGP PRIVATE KEY BLOCK";
    (is_key && coded > 60).then(|| PrivateKey { encrypted: head.contains("ENCRYPTED") || body.contains("ENCRYPTED") })
}

/// A private key that stands somewhere in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateKey {
    /// Whether a passphrase is needed to use it.
    pub encrypted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The token that descriptions of GitHub's checksum have as their example, in pieces.
    fn github(last: &str) -> String {
        ["gh", "p_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", last].concat()
    }

    #[test]
    fn a_key_is_its_providers_if_its_checksum_is_right() {
        let good = github("0mLq17");
        assert_eq!(issued(&good), Some(Issued { at: 0..good.len(), provider: "GitHub", test: false }));
        assert_eq!(issued(&github("0mLq18")), None);
        let gitlab = format!("glpat-{}", "not-a-real-token-1234");
        assert_eq!(issued(&gitlab).map(|it| it.provider), Some("GitLab"));
        let stripe = ["sk_", "test_", "q7Zk2mR9xT4vB8nL1wY6q7Zk"].concat();
        assert_eq!(issued(&stripe).map(|it| (it.provider, it.test)), Some(("Stripe", true)));
        assert_eq!(issued("postgres://app:hunter2@db/app"), None);
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn private_keys_are_told_in_text_and_in_base64() {
        let body = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk";
        let pem = |kind: &str| format!("-----BEGIN {kind}-----\\n{body}\\n-----END {kind}-----");
        assert_eq!(private_key(&pem("RSA PRIVATE KEY")), Some(PrivateKey { encrypted: false }));
        assert_eq!(private_key(&pem("ENCRYPTED PRIVATE KEY")), Some(PrivateKey { encrypted: true }));
        for none in ["CERTIFICATE", "PUBLIC KEY"] {
            assert_eq!(private_key(&pem(none)), None, "{none}");
        }
        assert_eq!(private_key("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"), None);
        // `-----BEGIN OPENSSH PRIVATE KEY-----` in base64, and `-----BEGIN CERTIFICATE-----`.
        let coded = |head: &str| format!("{head}{}", "QUJD".repeat(60));
        assert_eq!(
            private_key(&coded("LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZBVEUgS0VZLS0tLS0K")),
            Some(PrivateKey { encrypted: false })
        );
        assert_eq!(private_key(&coded("LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg")), None);
    }
}
