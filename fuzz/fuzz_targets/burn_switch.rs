//! Fuzzes [`catnest::fuzz::burn_switch`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| catnest::fuzz::burn_switch(bytes));
