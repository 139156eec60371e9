//! Gets the text of a track's lyrics, as it comes: it may have to be fetched from others first.

use catnest::{
    channel::ChannelId, limits::MAX_TEXT_FILE_BYTES, music::lyrics::Lyrics, resource::ResourceId,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestInit, Response};

use super::sheet::Sheet;
use crate::{js, panel::cover::address};

/// Stops a request when it is dropped: nobody waits for what it would give.
pub(super) struct Request(AbortController);

impl Request {
    pub(super) fn new() -> Option<Self> {
        AbortController::new().ok().map(Self)
    }

    /// Reads the lyrics; none if they cannot be had. The handle may be dropped before.
    pub(super) fn read(
        &self,
        lyrics: ResourceId,
        channel: ChannelId,
    ) -> impl Future<Output = Option<Sheet>> + use<> {
        let options = RequestInit::new();
        let signal = self.0.signal();
        options.set_signal(Some(&signal));
        let address = address(lyrics, channel);
        async move {
            let bytes = bytes(&address, &options).await.inspect_err(|error| {
                if !signal.aborted() {
                    js::warn("lyrics could not be read", error);
                }
            });
            Some(Sheet::of(Lyrics::read(&bytes.ok()?).ok()?))
        }
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What is at an address, or as much of it as is too much.
async fn bytes(address: &str, options: &RequestInit) -> Result<Vec<u8>, JsValue> {
    let response = leptos::prelude::window().fetch_with_str_and_init(address, options);
    let response: Response = JsFuture::from(response).await?.dyn_into()?;
    let body = response.body().filter(|_| response.ok());
    let body = body.ok_or_else(|| JsValue::from(response.status()))?;
    let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into()?;
    let mut bytes = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await?;
        let member = |name: &str| js_sys::Reflect::get(&part, &name.into());
        if member("done")?.is_truthy() {
            return Ok(bytes);
        }
        let part: js_sys::Uint8Array = member("value")?.dyn_into()?;
        bytes.extend(part.to_vec());
        if bytes.len() > MAX_TEXT_FILE_BYTES {
            // What follows is not wanted, whether or not it still comes.
            let _cancelled = reader.cancel();
            return Ok(bytes);
        }
    }
}
