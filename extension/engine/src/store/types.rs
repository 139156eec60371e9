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

/// Whose a list of tracks is, after its channel: others after the device itself, and nothing that begins like another.
fn list_owner(of: Option<Author>) -> Vec<u8> {
    of.map_or_else(|| vec![0], |author| [&[1], &author.0[..]].concat())
}

/// The key of a track.
pub(super) fn track_key(channel: ChannelId, of: Option<Author>, id: ResourceId) -> JsValue {
    key(&[&channel.0[..], &list_owner(of), &id.0].concat())
}

/// The first key that a track of a list could have, or one after `after`, and what is after the last one.
pub(super) fn track_keys(
    channel: ChannelId,
    of: Option<Author>,
    after: Option<ResourceId>,
) -> (JsValue, JsValue) {
    let list = [&channel.0[..], &list_owner(of)].concat();
    let after = after.map_or(Vec::new(), |id| [&id.0[..], &[0]].concat());
    let end = [&list[..], &[u8::MAX; 33]].concat();
    (key(&[list, after].concat()), key(&end))
}

/// The first key that a track could have of anybody's list after that of `after`, and what is after the last one of this
/// channel.
pub(super) fn shelf_keys(channel: ChannelId, after: Option<Author>) -> (JsValue, JsValue) {
    let first = match after {
        Some(author) => track_keys(channel, Some(author), None).1,
        None => key(&[&channel.0[..], &[1]].concat()),
    };
    (first, lists_end(channel))
}

/// The first key that a track of any list in this channel could have, and what is after the last one.
pub(super) fn all_track_keys(channel: ChannelId) -> (JsValue, JsValue) {
    (channel_key(channel), lists_end(channel))
}

fn lists_end(channel: ChannelId) -> JsValue {
    key(&[&channel.0[..], &[2]].concat())
}

/// Which track of its list it is that a key is of.
pub(super) fn read_track_key(key: &[u8]) -> Result<ResourceId, StoreError> {
    let id = key.last_chunk::<32>();
    id.copied()
        .map(ResourceId)
        .ok_or_else(|| damaged("the key of a track"))
}

/// In whose list the track is that a key is of.
pub(super) fn read_shelf_key(key: &[u8]) -> Result<Author, StoreError> {
    let author = key.get(33..).and_then(|rest| rest.first_chunk::<32>());
    author
        .copied()
        .map(Author)
        .ok_or_else(|| damaged("the key of a track"))
}
