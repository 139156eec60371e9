//! Commands of the views, carried out or refused.
//!
//! What is saved as a whole, the device and a channel's entry, changes here at once and back if it cannot be saved, so that
//! of two commands under way the later one does not undo the earlier.

use super::{
    Node,
    channel::Channel,
    command::{Command, RequestId},
    event::Problem,
    pending::Pending,
    reading::{Part, Reading},
};
use crate::{
    address::Address,
    channel::{ChannelId, ChannelKey},
    chat::retention::Retention,
    limits,
    profile::is_name,
    store::{ChannelEntry, Request},
    time::Millis,
};

/// Commands that wait while the node starts.
pub(super) const MAX_WAITING_COMMANDS: usize = 64;

impl Node {
    pub(super) fn command(&mut self, now: Millis, request: RequestId, command: Command) {
        if let Some(waiting) = &mut self.waiting {
            if waiting.len() < MAX_WAITING_COMMANDS {
                waiting.push_back((request, command));
            } else {
                self.refuse(request, Problem::Busy);
            }
            return;
        }
        if let Err(problem) = self.try_command(now, request, command) {
            self.refuse(request, problem);
        }
    }

    fn try_command(
        &mut self,
        now: Millis,
        request: RequestId,
        command: Command,
    ) -> Result<(), Problem> {
        if let Some(error) = &self.broken {
            return Err(error.clone().into());
        }
        match command {
            Command::Overview => {
                self.changed = true;
                self.done(request, None);
            }
            Command::SetName { name } => {
                let name = name.trim().to_owned();
                if !is_name(&name) {
                    return Err(Problem::Name);
                }
                let device = self.device.as_mut().ok_or(Problem::Busy)?;
                let before = std::mem::replace(&mut device.name, name);
                let save = Request::SaveDevice(device.clone());
                self.store(save, Pending::SetName { request, before });
            }
            Command::SetProfile {
                channel,
                name,
                avatar,
            } => self.set_profile(request, channel, name, avatar)?,
            Command::Block {
                channel,
                author,
                blocked,
            } => self.block(request, channel, author, blocked)?,
            Command::LetThrough { channel, author } => {
                self.let_through(request, channel, author)?;
            }
            Command::Join { address, retention } => self.join(now, request, &address, retention)?,
            Command::Leave { channel } => {
                self.joined(channel)?.leaving = true;
                self.store(
                    Request::RemoveChannel(channel),
                    Pending::Leave { request, channel },
                );
            }
            Command::Burn { channel, on } => self.turn_burning(now, request, channel, on)?,
            Command::Say { channel, text } if self.joined(channel)?.burning.is_on() => {
                self.say_burning(now, request, channel, &text)?;
            }
            Command::Say { channel, text } => {
                self.say(now, request, channel, &text, Vec::new())?;
            }
            Command::Share { .. }
            | Command::Fetch { .. }
            | Command::Pause { .. }
            | Command::Check { .. }
            | Command::Remove { .. }
            | Command::Unchoose { .. }
            | Command::Transfers => self.file_command(now, request, command)?,
            Command::Draft { channel, text } => {
                if text.len() > limits::MAX_TEXT_BYTES {
                    return Err(Problem::Text);
                }
                let channel_of = self.joined(channel)?;
                if channel_of.burning.is_on() {
                    channel_of.burning.set_draft(text);
                    self.done(request, Some(channel));
                    return Ok(());
                }
                let entry = &mut channel_of.entry;
                entry.draft = text;
                let entry = entry.clone();
                self.store(entry.save(), Pending::Draft { request, channel });
            }
            Command::SetPreferences { preferences } => {
                let device = self.device.as_mut().ok_or(Problem::Busy)?;
                let before = std::mem::replace(&mut device.preferences, preferences);
                let save = Request::SaveDevice(device.clone());
                self.store(save, Pending::SetPreferences { request, before });
            }
            Command::Mute { channel, muted } => {
                let entry = &mut self.joined(channel)?.entry;
                let before = std::mem::replace(&mut entry.muted, muted);
                let save = entry.save();
                self.store(
                    save,
                    Pending::Mute {
                        request,
                        channel,
                        before,
                    },
                );
            }
            Command::Seen { channel, up_to } => {
                let up_to = up_to.into();
                let goes = now + self.preferences().burn_after();
                self.joined(channel)?.burn_at(up_to, goes);
                self.store(
                    Request::See { channel, up_to },
                    Pending::See {
                        request,
                        channel,
                        up_to,
                    },
                );
            }
            Command::Measure { channel } => {
                self.joined(channel)?;
                self.with_channel(now, Some(channel), |channel, _| channel.measure());
                self.done(request, Some(channel));
            }
            Command::Import { channel, records } => self.import(now, request, channel, records)?,
            Command::Export {
                channel,
                part,
                from,
            } => self.export(request, channel, part, from)?,
            Command::ExportIdentity { lock, key } => self.export_identity(request, lock, &key)?,
            Command::ImportIdentity { file, key, replace } => {
                self.import_identity(now, request, &file, &key, replace)?;
            }
            Command::Page {
                channel,
                before,
                limit,
            } => {
                let part = Part::Before(before);
                self.read(Reading::new(request, channel, part, limit))?;
            }
            Command::PageFrom {
                channel,
                from,
                limit,
            } => {
                let part = Part::From(from);
                self.read(Reading::new(request, channel, part, limit))?;
            }
            Command::PageKept {
                channel,
                before,
                limit,
            } => {
                let part = Part::Kept(before);
                self.read(Reading::new(request, channel, part, limit))?;
            }
            Command::PrepareSearch { channel } => self.prepare_search(request, channel)?,
            Command::Search {
                channel,
                query,
                before,
                limit,
            } => self.search(request, channel, &query, before, limit)?,
            Command::Keep {
                channel,
                message,
                kept,
            } => {
                if self.joined(channel)?.burning.get(message.id).is_some() {
                    return Err(Problem::Burning);
                }
                let keep = Request::Keep {
                    channel,
                    position: message.into(),
                    kept,
                };
                let pending = Pending::Keep {
                    request,
                    channel,
                    message: message.id,
                    kept,
                };
                self.store(keep, pending);
            }
            Command::Music(command) => self.music_command(now, request, command)?,
            Command::Recall { channel, message } => self.recall(request, channel, message)?,
            Command::SetRetention { channel, retention } => {
                self.set_retention(request, channel, retention)?;
            }
            Command::Seed { channel, seeds } => self.set_seeds(request, channel, seeds)?,
            Command::SetQuota { bytes } => {
                self.files.set_quota(now, bytes);
                self.done(request, None);
            }
            Command::Outlook { channel, retention } => {
                self.outlook(now, request, channel, retention)?;
            }
        }
        Ok(())
    }

    fn join(
        &mut self,
        now: Millis,
        request: RequestId,
        address: &str,
        retention: Retention,
    ) -> Result<(), Problem> {
        if !retention.is_valid() {
            return Err(Problem::Retention);
        }
        let address: Address = address.parse().map_err(Problem::Address)?;
        if self
            .device
            .as_ref()
            .is_none_or(|device| device.name.is_empty())
        {
            return Err(Problem::Name);
        }
        let id = ChannelKey::of(&address).id();
        if let Some(channel) = self.channels.get_mut(&id) {
            if channel.leaving {
                return Err(Problem::Busy);
            }
            let before = channel.entry.address.clone();
            if channel.entry.address.add_servers_of(&address) {
                let save = channel.entry.save();
                let pending = Pending::AddServers {
                    request,
                    channel: id,
                    before,
                };
                self.store(save, pending);
            } else {
                self.done(request, Some(id));
            }
            return Ok(());
        }
        if self.channels.len() >= limits::MAX_CHANNELS {
            return Err(Problem::TooManyChannels);
        }
        let entry = ChannelEntry {
            retention,
            ..ChannelEntry::new(id, &address, now)
        };
        self.store(entry.save(), Pending::Join { request, entry });
        Ok(())
    }

    pub(super) fn joined(&mut self, channel: ChannelId) -> Result<&mut Channel, Problem> {
        let joined = self.channels.get_mut(&channel);
        joined.filter(|of| !of.leaving).ok_or(Problem::NotJoined)
    }
}
