//! Keys and values as they are stored.

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    identity::Author,
    store::{ChannelEntry, Device, Mark, ResourceEntry, StoreError},
    time::Millis,
};
use minicbor::{Decode, Encode};

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
    muted: bool,
}

pub(super) fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(what.to_owned())
}

/// Where a record stands: bytes that sort as positions do.
pub(super) fn position_key(position: Position) -> Vec<u8> {
    [&position.time.0.to_be_bytes()[..], &position.id.0].concat()
}

/// After the last position.
pub(super) const POSITIONS_END: &[u8] = &[0xff; 41];

pub(super) fn read_position(key: &[u8]) -> Result<Position, StoreError> {
    let parts = || {
        let (time, id) = key.split_first_chunk::<8>()?;
        Some(Position {
            time: Millis(u64::from_be_bytes(*time)),
            id: RecordId(id.try_into().ok()?),
        })
    };
    parts().ok_or_else(|| damaged("the key of a record"))
}

/// The number of a mark; none has none.
pub(super) fn mark_number(mark: Mark) -> Option<u8> {
    match mark {
        Mark::None => None,
        Mark::Unsent => Some(1),
        Mark::Unread => Some(2),
    }
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

pub(super) fn encode_resource(entry: &ResourceEntry) -> Vec<u8> {
    to_cbor(entry)
}

pub(super) fn decode_resource(bytes: &[u8]) -> Result<ResourceEntry, StoreError> {
    minicbor::decode(bytes).map_err(|_| damaged("the entry of a resource"))
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
