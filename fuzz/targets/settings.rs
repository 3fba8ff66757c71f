//! A settings file.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::settings(bytes));
