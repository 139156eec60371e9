//! What stores keep as bytes, alike in each of them: entries as CBOR, and keys one after the other.

use std::collections::BTreeSet;

use minicbor::{Decode, Encode};

use super::{ChannelEntry, Device, PeopleChoices, ResourceEntry, StoreError};
use crate::{
    channel::ChannelId,
    chat::{
        record::{Position, RecordId},
        retention::Retention,
    },
    identity::Author,
    resource::ResourceId,
    seeding::Seeds,
    signed::to_cbor,
    time::Millis,
};

/// A channel's entry without its id, which is the key.
#[derive(Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct ChannelValue {
    #[n(0)]
    address: String,
    #[n(1)]
    joined: Millis,
    #[n(2)]
    draft: String,
    #[n(3)]
    #[cbor(default)]
    muted: bool,
    #[n(4)]
    #[cbor(default)]
    retention: Retention,
    #[cbor(n(5), with = "minicbor::bytes")]
    switch: Option<Vec<u8>>,
    #[n(6)]
    #[cbor(default)]
    people: PeopleChoices,
    #[n(7)]
    #[cbor(default)]
    seeds: Seeds,
    #[n(8)]
    #[cbor(default)]
    sought: BTreeSet<ResourceId>,
}

/// What was stored is not what is there.
pub fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

/// After the last of [`position_key`].
pub const POSITIONS_END: &[u8] = &[0xff; 41];

/// Where a record stands: bytes that sort as positions do.
pub fn position_key(position: Position) -> Vec<u8> {
    [&position.time.0.to_be_bytes()[..], &position.id.0].concat()
}

/// Reads what [`position_key`] gave.
///
/// # Errors
/// When it is something else.
pub fn read_position(key: &[u8]) -> Result<Position, StoreError> {
    let parts = || {
        let (time, id) = key.split_first_chunk::<8>()?;
        Some(Position {
            time: Millis(u64::from_be_bytes(*time)),
            id: RecordId(id.try_into().ok()?),
        })
    };
    parts().ok_or_else(|| damaged("the key of a record"))
}

/// The devices that have a record: their keys, one after the other.
pub fn encode_holders(holders: &BTreeSet<Author>) -> Vec<u8> {
    holders.iter().flat_map(|author| author.0).collect()
}

/// Reads what [`encode_holders`] gave.
///
/// # Errors
/// When it is something else.
pub fn decode_holders(bytes: &[u8]) -> Result<BTreeSet<Author>, StoreError> {
    let (authors, rest) = bytes.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(damaged("who has a record"));
    }
    Ok(authors.iter().copied().map(Author).collect())
}

/// The CBOR of the device.
pub fn encode_device(device: &Device) -> Vec<u8> {
    to_cbor(device)
}

/// Reads what [`encode_device`] gave.
///
/// # Errors
/// When it is something else.
pub fn decode_device(bytes: &[u8]) -> Result<Device, StoreError> {
    minicbor::decode(bytes).map_err(|_| damaged("the device"))
}

/// The CBOR of a resource's entry.
pub fn encode_resource(entry: &ResourceEntry) -> Vec<u8> {
    to_cbor(entry)
}

/// Reads what [`encode_resource`] gave.
///
/// # Errors
/// When it is something else.
pub fn decode_resource(bytes: &[u8]) -> Result<ResourceEntry, StoreError> {
    minicbor::decode(bytes).map_err(|_| damaged("the entry of a resource"))
}

/// The CBOR of a channel's entry, without its id.
pub fn encode_channel(entry: &ChannelEntry) -> Vec<u8> {
    let ChannelEntry {
        id: _,
        address,
        joined,
        draft,
        muted,
        retention,
        switch,
        people,
        seeds,
        sought,
    } = entry;
    to_cbor(&ChannelValue {
        address: address.to_string(),
        joined: *joined,
        draft: draft.clone(),
        muted: *muted,
        retention: *retention,
        switch: switch.clone(),
        people: people.clone(),
        seeds: *seeds,
        sought: sought.clone(),
    })
}

/// Reads what [`encode_channel`] gave, under the bytes of the id.
///
/// # Errors
/// When it is something else.
pub fn decode_channel(key: &[u8], bytes: &[u8]) -> Result<ChannelEntry, StoreError> {
    let ChannelValue {
        address,
        joined,
        draft,
        muted,
        retention,
        switch,
        people,
        seeds,
        sought,
    } = minicbor::decode(bytes).map_err(|_| damaged("a channel's entry"))?;
    let key = key.try_into();
    Ok(ChannelEntry {
        id: ChannelId(key.map_err(|_| damaged("the key of a channel"))?),
        address: address
            .parse()
            .map_err(|_| damaged("a channel's address"))?,
        joined,
        draft,
        muted,
        retention,
        switch,
        people,
        seeds,
        sought,
    })
}
