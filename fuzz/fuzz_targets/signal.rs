//! Fuzzes [`catnest::fuzz::signal`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::signal(bytes));
