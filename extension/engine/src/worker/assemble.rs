//! A blob of a resource, for a view to show or save.

use catnest::{
    resource::{Have, Outline, ResourceId, media_type, pieces},
    store::Store,
};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag};

use crate::store::IndexedDbStore;

/// Bytes that are in memory at a time: each batch becomes a blob, which the browser keeps, on the disk if need be.
const BATCH_BYTES: u64 = 4 * 1024 * 1024;

/// What came of putting a resource together.
pub(super) enum Assembled {
    /// All of it.
    Whole(Blob),
    /// Bytes of it are not there, or were not what they were, and are not kept.
    Lacks,
    /// It is not there at all.
    Nothing,
}

/// The bytes of a resource, if they are all there, and what they were.
pub(super) async fn blob(store: &IndexedDbStore, id: ResourceId) -> Result<Assembled, JsValue> {
    let text = |error: catnest::store::StoreError| JsValue::from(error.to_string());
    let stored = store.resource(id).await.map_err(text)?;
    let outline = store.outline(id).await.map_err(text)?;
    let Some(stored) = stored else {
        return Ok(Assembled::Nothing);
    };
    if !Have::is_complete(&stored.have) {
        return Ok(Assembled::Lacks);
    }
    // The only piece of a small resource is proved by the id itself, and its outline was never asked for.
    let only = || Outline::check(id, stored.entry.descriptor.length, &id.0).ok();
    let Some(outline) = outline.or_else(only) else {
        return Ok(Assembled::Nothing);
    };
    let length = outline.length();
    let together = (BATCH_BYTES / pieces::piece_bytes(length)).max(1) as usize;
    let all: Vec<u32> = (0..pieces::count(length)).collect();
    let parts = Array::new();
    for batch in all.chunks(together) {
        let found = store.pieces(id, batch).await.map_err(text)?;
        let damaged: Vec<u32> = batch
            .iter()
            .zip(&found)
            .filter(|(piece, bytes)| {
                let proven = bytes.as_ref().map(|bytes| outline.proves(**piece, bytes));
                proven != Some(true)
            })
            .map(|(piece, _)| *piece)
            .collect();
        if !damaged.is_empty() {
            store.drop_pieces(id, &damaged).await.map_err(text)?;
            return Ok(Assembled::Lacks);
        }
        let bytes = found
            .iter()
            .flatten()
            .map(|bytes| Uint8Array::from(&bytes[..]));
        let part = Blob::new_with_u8_array_sequence(&bytes.collect::<Array>())?;
        parts.push(&part.into());
    }
    let options = BlobPropertyBag::new();
    options.set_type(media_type::harmless(&stored.entry.descriptor.media_type));
    let blob = Blob::new_with_blob_sequence_and_options(&parts, &options)?;
    Ok(Assembled::Whole(blob))
}
