//! Fuzzes [`catnest::fuzz::address`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::address(bytes));
