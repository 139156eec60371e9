//! What the node waits for from its store, and how it goes on from there.

use super::{
    Event, Node, Output, RequestId,
    channel::{Arrival, Channel, Stored},
};
use crate::{
    channel::ChannelId,
    chat::record::Record,
    identity::DeviceSeed,
    limits,
    store::{ChannelEntry, Device, Reply, Request, StoreError, StoredRecord},
    time::Millis,
};

/// What a store request was made for.
#[derive(Debug)]
pub(super) enum Pending {
    LoadDevice,
    SaveNewDevice(Device),
    LoadChannels,
    /// The newest records of a channel that is being opened.
    Resume(ChannelEntry),
    /// Its unsent records.
    ResumeUnsent {
        entry: ChannelEntry,
        newest: Vec<StoredRecord>,
    },
    SetName {
        request: RequestId,
        device: Device,
    },
    Join {
        request: RequestId,
        entry: ChannelEntry,
    },
    AddServers {
        request: RequestId,
        entry: ChannelEntry,
    },
    Leave {
        request: RequestId,
        channel: ChannelId,
    },
    Draft {
        request: RequestId,
        channel: ChannelId,
    },
    Say {
        request: RequestId,
        channel: ChannelId,
        record: Record,
    },
    Arrived {
        channel: ChannelId,
        arrival: Arrival,
    },
    /// If it fails, the record is offered again after the next start: no harm.
    Acknowledge,
    Page {
        request: RequestId,
        channel: ChannelId,
        limit: usize,
    },
}

impl Node {
    pub(super) fn stored(
        &mut self,
        now: Millis,
        pending: Pending,
        result: Result<Reply, StoreError>,
    ) {
        match result {
            Ok(reply) => self.store_did(now, pending, reply),
            Err(error) => self.store_did_not(now, pending, error),
        }
    }

    fn store_did(&mut self, now: Millis, pending: Pending, reply: Reply) {
        match (pending, reply) {
            (Pending::LoadDevice, Reply::Device(Some(device))) => {
                self.device = Some(device);
                self.store(Request::LoadChannels, Pending::LoadChannels);
            }
            (Pending::LoadDevice, _) => {
                let device = Device {
                    seed: DeviceSeed::generate(&mut self.entropy),
                    name: String::new(),
                };
                self.store(
                    Request::SaveDevice(device.clone()),
                    Pending::SaveNewDevice(device),
                );
            }
            (Pending::SaveNewDevice(device), _) => {
                self.device = Some(device);
                self.store(Request::LoadChannels, Pending::LoadChannels);
            }
            (Pending::LoadChannels, Reply::Channels(entries)) => {
                for entry in entries {
                    let newest = Request::LoadPage {
                        channel: entry.id,
                        before: None,
                        limit: limits::MAX_PAGE,
                    };
                    self.store(newest, Pending::Resume(entry));
                }
                self.start_if_loaded(now);
            }
            (Pending::Resume(entry), Reply::Page(newest)) => {
                let unsent = Request::LoadUnsent(entry.id);
                self.store(unsent, Pending::ResumeUnsent { entry, newest });
            }
            (Pending::ResumeUnsent { entry, newest }, Reply::Page(unsent)) => {
                self.open(now, entry, Stored { newest, unsent });
                self.start_if_loaded(now);
            }
            (Pending::SetName { request, device }, _) => {
                let name = device.name.clone();
                self.device = Some(device);
                let ids: Vec<ChannelId> = self.channels.keys().copied().collect();
                for id in ids {
                    self.with_channel(now, Some(id), |channel, tools| channel.rename(&name, tools));
                }
                self.changed = true;
                self.done(request, None);
            }
            (Pending::Join { request, entry }, _) => {
                let id = entry.id;
                self.open(now, entry, Stored::default());
                self.done(request, Some(id));
            }
            (Pending::AddServers { request, entry }, _) => {
                let id = entry.id;
                self.with_channel(now, Some(id), |channel, tools| {
                    channel.entry.address = entry.address;
                    channel.add_servers(tools);
                });
                self.changed = true;
                self.done(request, Some(id));
            }
            (Pending::Leave { request, channel }, _) => {
                self.with_channel(now, Some(channel), Channel::leave);
                self.channels.remove(&channel);
                self.changed = true;
                self.done(request, Some(channel));
            }
            (Pending::Draft { request, channel }, _) => self.done(request, Some(channel)),
            (
                Pending::Say {
                    request,
                    channel,
                    record,
                },
                _,
            ) => {
                self.tell_message(channel, &record);
                self.with_channel(now, Some(channel), |channel, tools| {
                    channel.publish(&record, tools);
                });
                self.done(request, Some(channel));
            }
            (Pending::Arrived { channel, arrival }, Reply::Appended(new)) => {
                if new {
                    self.tell_message(channel, &arrival.record);
                }
                self.with_channel(now, Some(channel), |channel, tools| {
                    if new {
                        channel.pass_on(&arrival, true, tools);
                    } else {
                        channel.had(&arrival.record, tools);
                    }
                });
            }
            (
                Pending::Page {
                    request,
                    channel,
                    limit,
                },
                Reply::Page(page),
            ) => {
                self.page(request, channel, page, limit);
            }
            // An acknowledgement that is kept, or a reply that does not fit its request.
            _ => {}
        }
    }

    fn store_did_not(&mut self, now: Millis, pending: Pending, error: StoreError) {
        match pending {
            Pending::LoadDevice
            | Pending::SaveNewDevice(_)
            | Pending::LoadChannels
            | Pending::Resume(_)
            | Pending::ResumeUnsent { .. } => {
                self.broken = Some(error.clone());
                self.outputs
                    .push_back(Output::Event(Event::Trouble(error.into())));
                self.start(now);
            }
            Pending::SetName { request, .. }
            | Pending::Join { request, .. }
            | Pending::AddServers { request, .. }
            | Pending::Leave { request, .. }
            | Pending::Draft { request, .. }
            | Pending::Page { request, .. } => self.refuse(request, error.into()),
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
                self.tell_message(channel, &arrival.record);
                self.outputs
                    .push_back(Output::Event(Event::Trouble(error.into())));
                self.with_channel(now, Some(channel), |channel, tools| {
                    channel.pass_on(&arrival, false, tools);
                });
            }
            Pending::Acknowledge => {}
        }
    }
}
