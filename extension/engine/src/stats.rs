//! What a connection's statistics say about its path (Identifiers for WebRTC's Statistics API, W3C).

use catnest::link::Path;
use js_sys::{Map, Reflect};
use wasm_bindgen::prelude::*;

/// The path in use, if there is one: transport → selected candidate pair → local candidate.
pub(crate) fn path(report: &JsValue) -> Option<Path> {
    let report: &Map = report.unchecked_ref();
    let mut pair = None;
    report.for_each(&mut |entry, _id| {
        if text(&entry, "type").as_deref() == Some("transport") {
            pair = text(&entry, "selectedCandidatePairId");
        }
    });
    let pair = report.get(&JsValue::from(pair?));
    let relayed = ["localCandidateId", "remoteCandidateId"].iter().any(|end| {
        let candidate = text(&pair, end).map(|id| report.get(&JsValue::from(id)));
        candidate.and_then(|candidate| text(&candidate, "candidateType")) == Some("relay".into())
    });
    // In seconds, and absent until a check was answered.
    let seconds = member(&pair, "currentRoundTripTime").and_then(|value| value.as_f64());
    Some(Path {
        relayed,
        // Saturates, and is 0 for what is no number.
        round_trip_ms: seconds.map(|seconds| (seconds * 1000.0).round() as u32),
    })
}

fn member(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name)).ok()
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    member(object, name)?.as_string()
}
