//! Where a player gets a file from: an address for its `<audio>`, and nothing else that it has to know.
//!
//! Where a service worker answers, that address plays while the file still comes. Where none does, as in Firefox, whose
//! extensions have none, it is there once all of the file is.

use catnest::{
    channel::ChannelId,
    node::{Problem, ReadPart, ReadProblem},
    resource::{ResourceId, media_type},
};
use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag, Url};

use super::{Reads, Streams, stream::Load};
use crate::{js, mail::Mail};

/// The folder of addresses that the service worker answers.
pub const FOLDER: &str = "/stream/";

/// Where files are got from: from the service worker, while they come, or else from memory, once they are here.
#[derive(Clone)]
pub struct Source {
    streams: Streams,
    /// Whether a service worker answers.
    is_answered: fn() -> bool,
}

/// An address of a file. What it needs is let go of when it is dropped.
#[derive(Debug)]
pub struct Address {
    url: String,
    /// Of a stream; an address of memory has none.
    load: Option<Load>,
}

impl Source {
    /// What `is_answered` tells is asked anew for each file.
    pub fn new(streams: Streams, is_answered: fn() -> bool) -> Self {
        Self {
            streams,
            is_answered,
        }
    }

    /// The one that this browser has.
    pub fn of_browser(streams: Streams) -> Self {
        Self::new(streams, is_controlled)
    }

    /// An address of a file, which is got from a channel if it is not here. It is there at once, or once all is.
    ///
    /// # Errors
    /// When there will be none; what is wrong with a stream, the player hears instead.
    pub async fn address(
        &self,
        file: ResourceId,
        channel: Option<ChannelId>,
    ) -> Result<Address, ReadProblem> {
        match self.at_once(file, channel) {
            Some(address) => Ok(address),
            None => whole(self.streams.reads(), file, channel).await,
        }
    }

    /// The same without waiting, if there is nothing to wait for.
    pub fn at_once(&self, file: ResourceId, channel: Option<ChannelId>) -> Option<Address> {
        (self.is_answered)().then(|| {
            let load = self.streams.load();
            let channel = channel.map(|channel| format!("&channel={channel}"));
            let (number, channel) = (load.number(), channel.unwrap_or_default());
            Address {
                url: format!("{FOLDER}{file}?load={number}{channel}"),
                load: Some(load),
            }
        })
    }
}

/// Whether a service worker answers what this document asks for: browsers that have none for extensions still have the
/// interface, and a document may be older than its worker.
fn is_controlled() -> bool {
    let member = |of: &JsValue, name: &str| Reflect::get(of, &name.into());
    let controller = js::window()
        .and_then(|window| member(&window.navigator(), "serviceWorker"))
        .and_then(|container| member(&container, "controller"));
    controller.is_ok_and(|controller| controller.is_object())
}

impl Address {
    /// For the player's `src`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether all of the file is here, in memory.
    pub fn is_whole(&self) -> bool {
        self.load.is_none()
    }

    /// Of what is in memory.
    pub(crate) fn of_blob(blob: &Blob) -> Result<Self, JsValue> {
        let url = Url::create_object_url_with_blob(blob)?;
        Ok(Self { url, load: None })
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        if self.is_whole() {
            // Only what is no address is refused.
            let _revoked = Url::revoke_object_url(&self.url);
        }
    }
}

/// Reads all of a file. Each part becomes a blob at once, which the browser keeps, on the
/// disk if need be.
async fn whole(
    reads: &Reads,
    file: ResourceId,
    channel: Option<ChannelId>,
) -> Result<Address, ReadProblem> {
    let mail = Mail::default();
    let came = mail.clone();
    let reader = reads.reader(move |part| came.put(part));
    reader.begin(file, channel, 0, u64::MAX);
    let parts = Array::new();
    let mut media_type = media_type::UNKNOWN.to_owned();
    loop {
        match mail.take().await {
            ReadPart::Opened(descriptor) => {
                media_type = media_type::harmless(&descriptor.media_type).to_owned();
            }
            ReadPart::Bytes { bytes, .. } => {
                let bytes = Array::of1(&Uint8Array::from(&bytes[..]));
                let part = Blob::new_with_u8_array_sequence(&bytes).map_err(no_room)?;
                parts.push(&part.into());
            }
            ReadPart::End => break,
            ReadPart::Failed(problem) => return Err(problem),
        }
        reader.more();
    }
    let options = BlobPropertyBag::new();
    options.set_type(&media_type);
    let blob = Blob::new_with_blob_sequence_and_options(&parts, &options);
    let address = blob.and_then(|blob| Address::of_blob(&blob));
    address.map_err(no_room)
}

/// The browser makes no blob: it has no room for one.
fn no_room(error: JsValue) -> ReadProblem {
    js::warn("a file cannot be played", &error);
    ReadProblem::Problem(Problem::StoreFull)
}
