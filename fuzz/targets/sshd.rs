//! An `sshd_config`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::file("etc/ssh/sshd_config", bytes));
