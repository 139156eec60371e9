//! Fuzzes [`catnest::fuzz::queue`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::queue(bytes));
