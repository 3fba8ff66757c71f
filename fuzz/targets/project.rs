//! Several files, joined to a deployment.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::project(bytes));
