//! The border to JavaScript: listeners that remove themselves, errors as text, the extension's own APIs.

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget, Window};

/// The document's window.
pub(crate) fn window() -> Result<Window, JsValue> {
    web_sys::window().ok_or_else(|| JsValue::from_str("there is no window"))
}

/// What went wrong, as text for a log.
pub(crate) fn text_of(error: &JsValue) -> String {
    error.dyn_ref::<js_sys::Error>().map_or_else(
        || format!("{error:?}"),
        |error| String::from(error.message()),
    )
}

/// Writes a warning to the document's console.
pub(crate) fn warn(what: &str, error: &JsValue) {
    web_sys::console::warn_2(&JsValue::from_str(what), error);
}

/// A listener that is removed when this is dropped: no event reaches what is gone.
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    pub(crate) fn new(
        target: &EventTarget,
        name: &'static str,
        listener: impl FnMut(Event) + 'static,
    ) -> Self {
        let closure = Closure::<dyn FnMut(Event)>::new(listener);
        if let Err(error) =
            target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref())
        {
            warn(name, &error);
        }
        Self {
            target: target.clone(),
            name,
            closure,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.closure.as_ref().unchecked_ref();
        // It can only fail where there is no such listener, which is what we want.
        let _absent = self
            .target
            .remove_event_listener_with_callback(self.name, callback);
    }
}

#[wasm_bindgen]
extern "C" {
    /// One end of a connection between two parts of the extension (`runtime.Port`).
    #[wasm_bindgen(js_name = Object)]
    pub(crate) type Port;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn name(this: &Port) -> String;

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

    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "runtime"], js_name = onConnect)]
    pub(crate) static ON_CONNECT: ExtensionEvent;
}
