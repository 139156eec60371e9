//! Fuzzes [`catnest::fuzz::ban_table`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::ban_table(bytes));
