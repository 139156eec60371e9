//! Keys and values as they are stored.

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    identity::Author,
    resource::ResourceId,
    store::{ChannelEntry, Device, ResourceEntry, StoreError},
    time::Millis,
};
use js_sys::Uint8Array;
use minicbor::{Decode, Encode};
use wasm_bindgen::JsValue;

/// A channel's entry without its id, which is the key.
#[derive(Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(super) struct ChannelValue {
    #[n(0)]
    address: String,
    #[n(1)]
    joined: Millis,
    #[n(2)]
    draft: String,
    #[n(3)]
    #[cbor(default)]
    muted: bool,
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

fn key(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}

pub(super) fn channel_key(id: ChannelId) -> JsValue {
    key(&id.0)
}

/// The key of a record, or the first key that a record of this channel could have.
pub(super) fn record_key(channel: ChannelId, position: Option<Position>) -> JsValue {
    match position {
        None => key(&channel.0),
        Some(Position { time, id }) => {
            key(&[&channel.0[..], &time.0.to_be_bytes(), &id.0].concat())
        }
    }
}

/// After the last key that a record of this channel could have.
pub(super) fn record_keys_end(channel: ChannelId) -> JsValue {
    key(&[&channel.0[..], &[0xff; 41]].concat())
}

pub(super) fn read_record_key(key: &[u8]) -> Result<Position, StoreError> {
    let parts = || {
        let (_channel, rest) = key.split_first_chunk::<32>()?;
        let (time, id) = rest.split_first_chunk::<8>()?;
        Some(Position {
            time: Millis(u64::from_be_bytes(*time)),
            id: RecordId(id.try_into().ok()?),
        })
    };
    parts().ok_or_else(|| damaged("the key of a record"))
}

/// The key just after a record's.
pub(super) fn after_record_key(channel: ChannelId, position: Position) -> JsValue {
    let Position { time, id } = position;
    key(&[&channel.0[..], &time.0.to_be_bytes(), &id.0, &[0]].concat())
}

pub(super) fn resource_key(id: ResourceId) -> JsValue {
    key(&id.0)
}

/// The key of a piece.
pub(super) fn piece_key(id: ResourceId, piece: u32) -> JsValue {
    key(&[&id.0[..], &piece.to_be_bytes()].concat())
}

/// After the last key that a piece of this resource could have.
pub(super) fn after_piece_keys(id: ResourceId) -> JsValue {
    key(&[&id.0[..], &[0xff; 5]].concat())
}

pub(super) fn encode_resource(entry: &ResourceEntry) -> Vec<u8> {
    to_cbor(entry)
}

pub(super) fn decode_resource(bytes: &[u8]) -> Result<ResourceEntry, StoreError> {
    minicbor::decode(bytes).map_err(|_| damaged("the entry of a resource"))
}

/// The devices that have a record: their keys, one after the other.
pub(super) fn decode_holders(bytes: &[u8]) -> Result<BTreeSet<Author>, StoreError> {
    let (authors, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(damaged("who has a record"));
    }
    Ok(authors.iter().copied().map(Author).collect())
}

pub(super) fn encode_holders(holders: &BTreeSet<Author>) -> Vec<u8> {
    holders.iter().flat_map(|author| author.0).collect()
}

fn to_cbor<T: Encode<()>>(value: &T) -> Vec<u8> {
    #[expect(clippy::unwrap_used, reason = "writing to a Vec cannot fail")]
    minicbor::to_vec(value).unwrap()
}

pub(super) fn encode_device(device: &Device) -> Vec<u8> {
    to_cbor(device)
}

pub(super) fn decode_device(bytes: &[u8]) -> Result<Device, StoreError> {
    minicbor::decode(bytes).map_err(|_| damaged("the device"))
}

pub(super) fn encode_channel(entry: &ChannelEntry) -> Vec<u8> {
    let ChannelEntry {
        id: _,
        address,
        joined,
        draft,
        muted,
    } = entry;
    to_cbor(&ChannelValue {
        address: address.to_string(),
        joined: *joined,
        draft: draft.clone(),
        muted: *muted,
    })
}

pub(super) fn decode_channel(key: &[u8], bytes: &[u8]) -> Result<ChannelEntry, StoreError> {
    let ChannelValue {
        address,
        joined,
        draft,
        muted,
    } = minicbor::decode(bytes).map_err(|_| damaged("a channel's entry"))?;
    Ok(ChannelEntry {
        id: ChannelId(
            key.try_into()
                .map_err(|_| damaged("the key of a channel"))?,
        ),
        address: address
            .parse()
            .map_err(|_| damaged("a channel's address"))?,
        joined,
        draft,
        muted,
    })
}
