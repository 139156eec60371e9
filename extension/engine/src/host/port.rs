//! One port to the native host (`host.js`).

use catnest::host::PortEnd;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// What `openHost` gives.
    #[wasm_bindgen(js_name = Object)]
    type Opened;

    #[wasm_bindgen(method, catch)]
    fn say(this: &Opened, message: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    fn close(this: &Opened);

    /// From `engine.js`.
    #[wasm_bindgen(js_name = openHost)]
    fn open_host(heard: &js_sys::Function, ended: &js_sys::Function) -> Opened;
}

/// A port, which is closed when this is dropped.
pub(super) struct HostPort {
    opened: Opened,
    _listeners: [Closure<dyn FnMut(JsValue)>; 2],
}

impl HostPort {
    /// Calls the host. What it says comes as the text of its JSON, whatever it is, and at last its end.
    pub(super) fn open(
        mut heard: impl FnMut(Vec<u8>) + 'static,
        mut ended: impl FnMut(PortEnd) + 'static,
    ) -> Self {
        let listeners = [
            Closure::<dyn FnMut(JsValue)>::new(move |message: JsValue| {
                // Browsers pass on nothing but JSON.
                let text = js_sys::JSON::stringify(&message).unwrap_or_default();
                heard(String::from(text).into_bytes());
            }),
            Closure::<dyn FnMut(JsValue)>::new(move |error: JsValue| {
                ended(match error.as_string() {
                    Some(error) => PortEnd::of_browser(&error),
                    None => PortEnd::Lost,
                });
            }),
        ];
        let [heard, ended] = &listeners;
        let opened = open_host(
            heard.as_ref().unchecked_ref(),
            ended.as_ref().unchecked_ref(),
        );
        Self {
            opened,
            _listeners: listeners,
        }
    }

    /// Says a frame.
    pub(super) fn say(&self, frame: &[u8]) -> Result<(), JsValue> {
        let message = js_sys::JSON::parse(&String::from_utf8_lossy(frame))?;
        self.opened.say(&message)
    }
}

impl Drop for HostPort {
    fn drop(&mut self) {
        self.opened.close();
    }
}
