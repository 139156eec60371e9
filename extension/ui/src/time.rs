//! Times as people read them, by the browser's own rules for the member's language and time zone.

use catnest::time::Millis;
use wasm_bindgen::JsValue;

fn date(time: Millis) -> js_sys::Date {
    js_sys::Date::new(&JsValue::from_f64(time.0 as f64))
}

/// Hours and minutes.
pub(crate) fn clock(time: Millis) -> String {
    let date = date(time);
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// Day and time.
pub(crate) fn full(time: Millis) -> String {
    date(time)
        .to_locale_string("default", &JsValue::UNDEFINED)
        .into()
}
