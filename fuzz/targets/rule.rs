//! A rule, with its expressions.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::rule(bytes));
