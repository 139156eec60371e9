//! What it costs to compare two long logs that are kept in IndexedDB: `cargo xtask bench sync` reads what this prints.
#![cfg(feature = "measure")]
#![expect(
    clippy::unwrap_used,
    reason = "a measurement that fails panics; clippy does not know these as tests"
)]

use catnest::sync::rehearsal::{Case, fill, meet};
use catnest_engine::store::IndexedDbStore;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn figures() {
    for case in Case::ALL {
        let open = async |side: &str| {
            let name = format!("{} {side}", case.name());
            IndexedDbStore::open(&name).await.unwrap()
        };
        let sides = [&open("one").await, &open("other").await];
        fill(sides, case).await.unwrap();
        let began = js_sys::Date::now();
        let figures = meet(sides, usize::MAX).await.unwrap();
        let seconds = (js_sys::Date::now() - began) / 1000.0;
        console_log!("figures: {}", figures.row(case, "chromium", seconds));
    }
}
