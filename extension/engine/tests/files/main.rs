//! Files from views into the store, and as blobs back to them, by real workers.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails panics; clippy does not know these as tests"
)]

mod blobs;
mod channel;
mod intakes;
mod music;
mod stage;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
