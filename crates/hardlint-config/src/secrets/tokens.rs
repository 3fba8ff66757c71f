//! Words that are hidden for what they look like, wherever they stand in a text.
//!
//! This is looser than [`super::secret_in`], which decides what is told to people: hiding too much costs a word of a
//! message.

/// Forms of values that are secrets wherever they stand.
const TOKENS: &[&str] = &[
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxa-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "sk-",
    "AKIA",
    "ASIA",
    "SG.",
    "npm_",
    "pypi-",
    "AIza",
    "eyJ",
    "hvs.",
    "dop_v1_",
    "doo_v1_",
    "dor_v1_",
    "dckr_pat_",
    "whsec_",
    "glrt-",
    "gldt-",
    "xapp-",
    "shpat_",
    "shpca_",
    "shppa_",
    "shpss_",
    "GOCSPX-",
    "NRAK-",
    "PMAK-",
    "figd_",
    "glsa_",
    "lin_api_",
    "pscale_pw_",
    "pscale_tkn_",
    "rubygems_",
    "sntrys_",
    "sntryu_",
    "tskey-auth-",
    "AKCp",
    "CFPAT-",
    "HRKU-",
    "gsk_",
    "lsv2_",
    "pplx-",
    "pul-",
    "r8_",
    "sbp_",
    "sq0atp-",
    "sq0csp-",
    "tfp_",
    "xai-",
    "xkeysib-",
];

/// Whether a user's name is a key: nobody is called so.
pub(super) fn is_key(user: &str) -> bool {
    let digits = user.bytes().filter(u8::is_ascii_digit).count();
    user.len() >= 16
        && digits >= 4
        && user.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// Whether a word is a key by its prefix.
pub(super) fn is_token(word: &str) -> bool {
    // The shortest of them, `SG.` and twelve letters, are longer than most words.
    if word.len() < 15 {
        return false;
    }
    let Some(prefix) = TOKENS.iter().find(|prefix| word.starts_with(**prefix)) else { return false };
    let rest = word.get(prefix.len()..).unwrap_or_default();
    let digit = rest.bytes().any(|byte| byte.is_ascii_digit());
    let capital = rest.bytes().any(|byte| byte.is_ascii_uppercase());
    // `sk-` also begins the names of things, such as sshd's `sk-ecdsa-sha2-nistp256@openssh.com`.
    if *prefix == "sk-" { rest.len() >= 16 && digit && capital } else { rest.len() >= 12 && (digit || capital) }
}
