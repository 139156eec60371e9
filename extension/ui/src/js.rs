//! The border to JavaScript: the extension's own APIs, the page's address, pauses.

use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// One end of a connection between two parts of the extension (`runtime.Port`).
    #[wasm_bindgen(js_name = Object)]
    pub(crate) type Port;

    #[wasm_bindgen(method, catch, js_name = postMessage)]
    pub(crate) fn post_message(this: &Port, message: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, getter, js_name = onMessage)]
    pub(crate) fn on_message(this: &Port) -> ExtensionEvent;

    #[wasm_bindgen(method, getter, js_name = onDisconnect)]
    pub(crate) fn on_disconnect(this: &Port) -> ExtensionEvent;

    /// `events.Event` of the extension APIs.
    #[wasm_bindgen(js_name = Object)]
    pub(crate) type ExtensionEvent;

    #[wasm_bindgen(method, js_name = addListener)]
    pub(crate) fn add_listener(this: &ExtensionEvent, listener: &js_sys::Function);

    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = sendMessage)]
    pub(crate) async fn send_message(message: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = connect)]
    pub(crate) fn connect(options: &JsValue) -> Result<Port, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "i18n"], js_name = getUILanguage)]
    pub(crate) fn ui_language() -> String;
}

/// Writes a warning to the page's console.
pub(crate) fn warn(what: &str, error: &JsValue) {
    web_sys::console::warn_2(&JsValue::from_str(what), error);
}

/// A parameter of the page's own address.
pub(crate) fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search)
        .ok()?
        .get(name)
}

/// Waits.
pub(crate) async fn pause(duration: Duration) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout(
            move || {
                // A promise's own resolve function does not throw.
                let _resolved = resolve.call0(&JsValue::UNDEFINED);
            },
            duration,
        );
    });
    let _waited = JsFuture::from(promise).await;
}

/// Puts a text on the clipboard.
pub(crate) fn copy(text: &str) {
    let _copied = window().navigator().clipboard().write_text(text);
}
