//! What becomes of what the store did not do.

use super::{
    Event, Node, Output, export::Exporting, import::Importing, pending::Pending,
    recalling::Recalling, sharing::Sharing,
};
use crate::{store::StoreError, time::Millis};

impl Node {
    pub(super) fn store_did_not(&mut self, now: Millis, pending: Pending, error: StoreError) {
        match pending {
            Pending::LoadDevice
            | Pending::SaveNewDevice(_)
            | Pending::LoadChannels
            | Pending::LoadResources
            | Pending::Resume { .. } => {
                self.broken = Some(error.clone());
                self.outputs
                    .push_back(Output::Event(Event::Trouble(error.into())));
                self.start(now);
            }
            Pending::SetName { request, before } => {
                if let Some(device) = &mut self.device {
                    device.name = before;
                }
                self.refuse(request, error.into());
            }
            Pending::SetPreferences { request, before } => {
                if let Some(device) = &mut self.device {
                    device.preferences = before;
                }
                self.refuse(request, error.into());
            }
            Pending::Mute {
                request,
                channel,
                before,
            } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.entry.muted = before;
                }
                self.refuse(request, error.into());
            }
            Pending::People {
                request,
                channel,
                before,
            } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.entry.people = before;
                }
                self.refuse(request, error.into());
            }
            Pending::FindShared(Sharing { request, .. })
            | Pending::EnterShared(Sharing { request, .. })
            | Pending::Join { request, .. }
            | Pending::See { request, .. }
            | Pending::Import(Importing { request, .. })
            | Pending::Export(Exporting { request, .. })
            | Pending::Draft { request, .. }
            | Pending::FindRecalled(Recalling { request, .. })
            | Pending::Keep { request, .. } => self.refuse(request, error.into()),
            Pending::MoveIn(moving) => {
                self.device = moving.before;
                self.refuse(moving.request, error.into());
            }
            // The others are joined.
            Pending::MoveInto(_) => {
                self.outputs
                    .push_back(Output::Event(Event::Trouble(error.into())));
                self.start_if_loaded(now);
            }
            Pending::Texts { channel, before } => {
                self.texts_not_read(channel, before, &error.into());
            }
            Pending::Found(finding) => self.refuse(finding.request, error.into()),
            Pending::Read(reading) => self.refuse(reading.request, error.into()),
            Pending::Outlook(outlook) => self.refuse(outlook.request(), error.into()),
            Pending::AddServers {
                request,
                channel,
                before,
            } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.entry.address = before;
                }
                self.refuse(request, error.into());
            }
            Pending::Turn {
                request,
                channel,
                switch,
                before,
            } => {
                self.burning_not_turned(channel, &switch, before);
                self.refuse(request, error.into());
            }
            Pending::Retention {
                request,
                channel,
                before,
            } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.entry.retention = before;
                }
                self.refuse(request, error.into());
            }
            Pending::Seeds {
                request,
                channel,
                before,
            } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.entry.seeds = before;
                }
                self.refuse(request, error.into());
            }
            Pending::Fetch(asking) => self.not_asked(&asking, error),
            Pending::Unfetch(unasking) | Pending::Remove(unasking) => {
                self.not_unasked(&unasking, error);
            }
            Pending::WishesKept { channel, before } => self.wishes_not_kept(channel, &before),
            Pending::Leave { request, channel } => self.not_left(request, channel, error),
            Pending::Keeping { channel, .. } => self.not_kept_to(now, channel, error),
            Pending::Say {
                request,
                channel,
                record,
            } => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.unwrite(&record);
                }
                self.refuse(request, error.into());
            }
            // It cannot be kept, but it can be read, and others can keep it.
            Pending::Arrived { channel, arrival } => {
                self.arrived(now, channel, &arrival);
                self.outputs
                    .push_back(Output::Event(Event::Trouble(error.into())));
                self.with_channel(now, Some(channel), |channel, tools| {
                    channel.pass_on(&arrival, false, tools);
                });
            }
            Pending::History { channel, pending } => {
                self.history_failed(now, channel, pending, error);
            }
            Pending::Acknowledge { .. }
            | Pending::DraftSaid
            | Pending::Files(_)
            | Pending::Music(_)
            | Pending::HeldBack
            | Pending::SwitchKept
            | Pending::Offers(_)
            | Pending::Recalls(_) => {}
        }
    }
}
