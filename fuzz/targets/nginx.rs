//! The configuration of nginx.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::file("nginx.conf", bytes));
