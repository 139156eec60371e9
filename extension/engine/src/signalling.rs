//! WebSockets to signalling servers.

use catnest::{
    limits,
    node::{ServerInput, ServerKey},
    signal::SUBPROTOCOL,
};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, WebSocket};

use crate::{
    feed::Feed,
    js::{self, Listener},
};

/// One WebSocket; closed when dropped.
pub(crate) struct Server {
    socket: WebSocket,
    // Removed before the socket is closed, so that a closing we asked for is no news.
    listeners: Vec<Listener>,
}

impl Server {
    pub(crate) fn open(feed: Feed, key: ServerKey, url: &str) -> Result<Self, JsValue> {
        let socket = WebSocket::new_with_str(url, SUBPROTOCOL)?;
        let (opened, heard, closed) = (feed.clone(), feed.clone(), feed);
        let listeners = vec![
            Listener::new(&socket, "open", move |_| {
                opened.server(key, ServerInput::Opened);
            }),
            Listener::new(&socket, "message", move |event| {
                let data = event.unchecked_into::<MessageEvent>().data();
                // Measured in UTF-16 units first: a text this long is over the limit in bytes, too, and is not copied.
                let text = data.dyn_into::<js_sys::JsString>().ok();
                if let Some(text) =
                    text.filter(|text| text.length() as usize <= limits::MAX_SIGNAL_BYTES)
                {
                    heard.server(key, ServerInput::Text(text.into()));
                }
            }),
            Listener::new(&socket, "close", move |_| closed.server_closed(key)),
        ];
        Ok(Self { socket, listeners })
    }

    pub(crate) fn send(&self, text: &str) {
        // On a socket that is closing the text is lost, as on the way; the close event follows.
        if let Err(error) = self.socket.send_with_str(text) {
            js::warn("a signalling message was not sent", &error);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listeners.clear();
        // Fails only for a code or reason of the wrong form, and there is none.
        let _closed = self.socket.close();
    }
}
