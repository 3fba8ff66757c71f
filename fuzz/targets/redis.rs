//! A `redis.conf`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hardlint_fuzz::file("redis.conf", bytes));
