//! Keys as IndexedDB has them.

use catnest::{
    channel::ChannelId,
    chat::record::Position,
    identity::Author,
    resource::ResourceId,
    store::{
        StoreError,
        bytes::{POSITIONS_END, damaged, position_key, read_position},
    },
};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

fn key(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

pub(super) fn channel_key(id: ChannelId) -> JsValue {
    key(&id.0)
}

/// The key of a record, or the first key that a record of this channel could have.
pub(super) fn record_key(channel: ChannelId, position: Option<Position>) -> JsValue {
    let position = position.map(position_key).unwrap_or_default();
    key(&[&channel.0[..], &position].concat())
}

/// After the last key that a record of this channel could have.
pub(super) fn record_keys_end(channel: ChannelId) -> JsValue {
    key(&[&channel.0[..], POSITIONS_END].concat())
}

/// Where the record stands that a key begins with.
pub(super) fn read_record_key(key: &[u8]) -> Result<Position, StoreError> {
    let position = key
        .get(32..72)
        .ok_or_else(|| damaged("the key of a record"))?;
    read_position(position)
}

/// The key of a record that was recalled, and who recalled it.
pub(super) fn recall_key(channel: ChannelId, position: Position, author: Author) -> JsValue {
    key(&[&channel.0[..], &position_key(position), &author.0].concat())
}

/// The first key that a recall of this record could have, and what is after the last one.
pub(super) fn recall_keys(channel: ChannelId, position: Position) -> (JsValue, JsValue) {
    let end = [&channel.0[..], &position_key(position), &[u8::MAX; 33]].concat();
    (record_key(channel, Some(position)), key(&end))
}

/// The key just after a record's.
pub(super) fn after_record_key(channel: ChannelId, position: Position) -> JsValue {
    key(&[&channel.0[..], &position_key(position), &[0]].concat())
}

pub(super) fn resource_key(id: ResourceId) -> JsValue {
    key(&id.0)
}

/// The key of a value: of a part of a run of pieces, which begins with this one.
pub(super) fn part_key(id: ResourceId, piece: u32, part: u8) -> JsValue {
    key(&[&id.0[..], &piece.to_be_bytes(), &[part]].concat())
}

/// The first key that a part of the run could have that begins with this piece, and what is after the last one.
pub(super) fn part_keys(id: ResourceId, piece: u32) -> (JsValue, JsValue) {
    let first = key(&[&id.0[..], &piece.to_be_bytes()].concat());
    (first, part_key(id, piece, u8::MAX))
}

/// The first key that a part of any piece of this resource could have, and what is after the last one.
pub(super) fn all_part_keys(id: ResourceId) -> (JsValue, JsValue) {
    (key(&id.0), key(&[&id.0[..], &[u8::MAX; 5]].concat()))
}
