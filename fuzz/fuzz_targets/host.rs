//! Fuzzes [`catnest::fuzz::host`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::host(bytes));
