//! Links the commands to a fixed address on Linux: thousands of pointers in tables (key names, what is said of them) are then
//! written when they are linked, and not each time they start, which takes a millisecond of the four, and 0.8 MB of the
//! binary. Where code stands is no secret then; there is no unsafe code of ours that could jump to it.

use std::env::var;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| var(name).is_ok_and(|it| it == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
