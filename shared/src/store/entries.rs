//! What a store has one of, or one for each channel and resource.

use std::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};

use super::Request;
use crate::{
    address::Address,
    channel::ChannelId,
    chat::retention::Retention,
    identity::{Author, DeviceSeed},
    preferences::Preferences,
    resource::{Descriptor, Have, ResourceId},
    seeding::Seeds,
    time::Millis,
};

/// This device: one in a store.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Device {
    /// What its keys are derived from.
    #[n(0)]
    pub seed: DeviceSeed,
    /// The member's name; empty until chosen.
    #[n(1)]
    pub name: String,
    /// What the member chose.
    #[n(2)]
    #[cbor(default)]
    pub preferences: Preferences,
}

/// A channel this device is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelEntry {
    /// The channel's id, the entry's key.
    pub id: ChannelId,
    /// Where it is met.
    pub address: Address,
    /// When the device joined: the order in lists.
    pub joined: Millis,
    /// What is written in the composer and not yet sent.
    pub draft: String,
    /// Its new messages come without notification.
    pub muted: bool,
    /// Which part of its log is kept.
    pub retention: Retention,
    /// The last turn of its burn switch ([`crate::chat::burn`]).
    pub switch: Option<Vec<u8>>,
    /// How the member appears there, and what it decided about others.
    pub people: PeopleChoices,
    /// What of it the device gets and gives by itself.
    pub seeds: Seeds,
    /// Files that the member asked for and of which nobody has said yet what they are: their ids alone are known. At most
    /// [`crate::limits::MAX_TRANSFERS`].
    pub sought: BTreeSet<ResourceId>,
}

/// What the member chose about people in one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PeopleChoices {
    /// The member's name there, if not that of the device.
    #[n(0)]
    pub name: Option<String>,
    /// The member's avatar there.
    #[n(1)]
    pub avatar: Option<String>,
    /// Who is blocked, with the name that they had then; at most [`crate::limits::MAX_BLOCKED`].
    #[n(2)]
    #[cbor(default)]
    pub blocked: BTreeMap<Author, String>,
    /// Whose messages are not taken any more since they were too many ([`crate::chat::intake`]), with the name that they
    /// had then; as many.
    #[n(3)]
    #[cbor(default)]
    pub held_back: BTreeMap<Author, String>,
}

impl ChannelEntry {
    /// Of a channel that is joined now, as it is before the member does anything there.
    pub fn new(id: ChannelId, address: &Address, joined: Millis) -> Self {
        Self {
            id,
            address: address.to_channel(),
            joined,
            draft: String::new(),
            muted: false,
            retention: Retention::default(),
            switch: None,
            people: PeopleChoices::default(),
            seeds: Seeds::default(),
            sought: BTreeSet::new(),
        }
    }

    /// The request to keep it as it is now.
    pub fn save(&self) -> Request {
        Request::SaveChannel(Box::new(self.clone()))
    }
}

/// A resource this device has, or wants.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct ResourceEntry {
    /// What is known of it; its id is the entry's key.
    #[n(0)]
    pub descriptor: Descriptor,
    /// Where it is shared. One without channels is still being taken in.
    #[n(1)]
    pub channels: BTreeSet<ChannelId>,
    /// The member does not want more of it for now.
    #[n(2)]
    pub paused: bool,
    /// Since when: the order in lists.
    #[n(3)]
    pub added: Millis,
    /// The MD5 was computed on this device, of all bytes.
    #[n(4)]
    #[cbor(default)]
    pub md5_checked: bool,
    /// The member did not ask for it: when it was last wanted ([`crate::seeding`]), as exact as
    /// [`crate::limits::WANTED_STEP`].
    #[n(5)]
    pub automatic: Option<Millis>,
}

/// A resource as a store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResource {
    /// Its entry.
    pub entry: ResourceEntry,
    /// Which of its pieces are there.
    pub have: Have,
}
