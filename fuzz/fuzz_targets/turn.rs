//! Fuzzes [`catnest::fuzz::turn`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::turn(bytes));
