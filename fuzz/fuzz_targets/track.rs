//! Fuzzes [`catnest::fuzz::track`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::track(bytes));
