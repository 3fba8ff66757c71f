//! A Dockerfile, with the shell text in it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::file("Dockerfile", bytes));
