//! Fuzzes [`catnest::fuzz::lyrics`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::lyrics(bytes));
