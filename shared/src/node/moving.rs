//! A member moves to another device: what is taken along, and how a device becomes theirs.
//!
//! The author keys of all channels change at once. So every channel is left as if the device stopped, and opened again
//! from the store as if it started; commands wait meanwhile, and views see nothing in between.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Node, Output, RequestId,
    channel::Channel,
    event::{Event, Problem},
    pending::Pending,
};
use crate::{
    channel::{ChannelId, ChannelKey},
    house::identity_file::{Identity, IdentityFile, Lock, LockKey, Membership},
    limits,
    store::{ChannelEntry, Device, PeopleChoices, Request},
    time::Millis,
};

/// An identity that is being taken in.
#[derive(Debug)]
pub(super) struct MovingIn {
    pub(super) request: RequestId,
    /// Whose the device is if that cannot be stored.
    pub(super) before: Option<Device>,
    /// Channels that this device is not in yet.
    new: Vec<ChannelEntry>,
}

impl Node {
    pub(super) fn export_identity(
        &mut self,
        request: RequestId,
        lock: Lock,
        key: &LockKey,
    ) -> Result<(), Problem> {
        let device = self.device.as_ref().ok_or(Problem::Busy)?;
        let channels = self.in_joining_order().map(|channel| {
            let ChannelEntry {
                address,
                retention,
                muted,
                people,
                ..
            } = channel.entry.clone();
            Membership {
                address,
                retention,
                muted,
                name: people.name,
                avatar: people.avatar,
                blocked: people.blocked,
            }
        });
        let identity = Identity {
            seed: device.seed.clone(),
            name: device.name.clone(),
            preferences: device.preferences,
            channels: channels.collect(),
        };
        let file = identity.seal(lock, key, &mut self.entropy);
        self.outputs.push_back(Output::Event(Event::Identity {
            request: Some(request),
            file: file.to_string(),
        }));
        Ok(())
    }

    pub(super) fn import_identity(
        &mut self,
        now: Millis,
        request: RequestId,
        file: &str,
        key: &LockKey,
        replace: bool,
    ) -> Result<(), Problem> {
        let Identity {
            seed,
            name,
            preferences,
            channels,
        } = IdentityFile::parse(file)?.open(key)?;
        let device = self.device.as_mut().ok_or(Problem::Busy)?;
        let in_use = !device.name.is_empty() || !self.channels.is_empty();
        if device.seed != seed && in_use && !replace {
            return Err(Problem::OtherIdentity { name });
        }
        let new = channels.iter().zip(0..).map(|(channel, place)| {
            let id = ChannelKey::of(&channel.address).id();
            // In the order of the file.
            let joined = now + Duration::from_millis(place);
            ChannelEntry {
                retention: channel.retention,
                muted: channel.muted,
                people: PeopleChoices {
                    name: channel.name.clone(),
                    avatar: channel.avatar.clone(),
                    blocked: channel.blocked.clone(),
                    held_back: BTreeMap::new(),
                },
                ..ChannelEntry::new(id, &channel.address, joined)
            }
        });
        let new: Vec<ChannelEntry> = new
            .filter(|entry| !self.channels.contains_key(&entry.id))
            .collect();
        if self.channels.len() + new.len() > limits::MAX_CHANNELS {
            return Err(Problem::TooManyChannels);
        }
        let moved = Device {
            seed,
            name,
            preferences,
        };
        let before = Some(std::mem::replace(device, moved.clone()));
        let moving = MovingIn {
            request,
            before,
            new,
        };
        self.store(Request::SaveDevice(moved), Pending::MoveIn(moving));
        Ok(())
    }

    /// The device is stored as another member's.
    pub(super) fn move_in(&mut self, now: Millis, moving: MovingIn) {
        self.waiting.get_or_insert_default();
        let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
        for id in ids {
            self.with_channel(now, Some(id), Channel::leave);
            let channel = self.channels.remove(&id);
            // One that is being left is gone a moment earlier.
            if let Some(channel) = channel.filter(|of| !of.leaving) {
                self.resume(channel.entry);
            }
        }
        for entry in moving.new {
            self.store(entry.save(), Pending::MoveInto(entry));
        }
        self.done(moving.request, None);
        self.start_if_loaded(now);
    }
}
