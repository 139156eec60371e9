//! Fuzzes [`catnest::fuzz::shelf`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::shelf(bytes));
