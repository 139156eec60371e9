//! What the node waits for from its store, and how it goes on from there.

use super::{
    Delivery, Event, Node, Output, RequestId,
    channel::{Arrival, Channel, Stored},
    files::Waiting,
    sharing::Sharing,
};
use crate::{
    channel::ChannelId,
    chat::record::{Position, Record, RecordId},
    identity::DeviceSeed,
    limits,
    preferences::Preferences,
    store::{ChannelEntry, Device, Mark, Reply, Request, StoreError},
    time::Millis,
};

/// What a store request was made for.
#[derive(Debug)]
pub(super) enum Pending {
    LoadDevice,
    SaveNewDevice(Device),
    LoadChannels,
    LoadResources,
    /// Something about files.
    Files(Waiting),
    /// A file that is to be shared is looked up.
    FindShared(Sharing),
    /// It is entered as shared.
    EnterShared(Sharing),
    /// A file is removed.
    Remove {
        request: RequestId,
    },
    /// A channel that is being opened: what is known of it already.
    Resume {
        entry: ChannelEntry,
        stored: Stored,
    },
    SetName {
        request: RequestId,
        before: String,
    },
    Join {
        request: RequestId,
        entry: ChannelEntry,
    },
    AddServers {
        request: RequestId,
        entry: ChannelEntry,
    },
    SetPreferences {
        request: RequestId,
        before: Preferences,
    },
    Mute {
        request: RequestId,
        channel: ChannelId,
        before: bool,
    },
    See {
        request: RequestId,
        channel: ChannelId,
        up_to: Position,
    },
    Import {
        request: RequestId,
        channel: ChannelId,
        records: Vec<Record>,
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
    /// If it fails, what was said stands in the composer again after the next start: no harm.
    DraftSaid,
    Arrived {
        channel: ChannelId,
        arrival: Arrival,
    },
    /// If it fails, the record is offered again after the next start: no harm.
    Acknowledge {
        channel: ChannelId,
        message: RecordId,
    },
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
        let pending = match pending {
            Pending::Files(waiting) => return self.files_stored(now, waiting, result),
            pending => pending,
        };
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
                    preferences: Preferences::default(),
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
            (Pending::LoadResources, Reply::Resources(resources)) => {
                // Of a store that failed meanwhile nothing is done, and no channel is missing for that.
                if self.broken.is_none() {
                    let opening = self.pending.values().filter_map(|pending| match pending {
                        Pending::Resume { entry, .. } => Some(entry.id),
                        _ => None,
                    });
                    let joined = opening.chain(self.channels.keys().copied()).collect();
                    self.files.resume(now, resources, &joined);
                }
                self.start_if_loaded(now);
            }
            (Pending::FindShared(sharing), reply) => self.found_shared(sharing, reply),
            (Pending::EnterShared(sharing), _) => self.entered_shared(now, sharing),
            (Pending::LoadChannels, Reply::Channels(entries)) => {
                self.store(Request::LoadResources, Pending::LoadResources);
                for entry in entries {
                    let newest = Request::LoadPage {
                        channel: entry.id,
                        before: None,
                        limit: limits::MAX_PAGE,
                    };
                    let stored = Stored::default();
                    self.store(newest, Pending::Resume { entry, stored });
                }
                self.start_if_loaded(now);
            }
            (Pending::Resume { entry, mut stored }, Reply::Page(records)) => {
                // The newest first, then those that are unsent.
                if stored.newest.is_none() {
                    stored.newest = Some(records);
                    self.store(
                        Request::LoadUnsent(entry.id),
                        Pending::Resume { entry, stored },
                    );
                } else {
                    stored.unsent = records;
                    self.store(
                        Request::LoadUnread(entry.id),
                        Pending::Resume { entry, stored },
                    );
                }
            }
            (Pending::Resume { entry, mut stored }, Reply::Positions(unread)) => {
                stored.unread = unread;
                self.open(now, entry, stored);
                self.start_if_loaded(now);
            }
            (Pending::SetName { request, .. }, _) => {
                let name = self.device.as_ref().map(|device| device.name.clone());
                let name = name.unwrap_or_default();
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
            (Pending::SetPreferences { request, .. }, _) => {
                self.changed = true;
                self.done(request, None);
            }
            (
                Pending::Mute {
                    request, channel, ..
                },
                _,
            ) => {
                self.changed = true;
                self.done(request, Some(channel));
            }
            (
                Pending::See {
                    request,
                    channel,
                    up_to,
                },
                _,
            ) => {
                self.seen(channel, up_to);
                self.done(request, Some(channel));
            }
            (
                Pending::Import {
                    request,
                    channel,
                    records,
                },
                _,
            ) => {
                if let Some(of) = self.channels.get_mut(&channel) {
                    for record in &records {
                        of.log.resume(record.position());
                    }
                }
                self.done(request, Some(channel));
            }
            (Pending::Acknowledge { channel, message }, Reply::Held(devices)) if devices > 0 => {
                let delivery = Delivery::Held { devices };
                self.outputs.push_back(Output::Event(Event::Delivered {
                    channel,
                    message,
                    delivery,
                }));
            }
            (Pending::Leave { request, channel }, _) => {
                self.withdraw_notice(channel);
                self.with_channel(now, Some(channel), Channel::leave);
                self.channels.remove(&channel);
                self.files.leave(channel);
                self.changed = true;
                self.done(request, Some(channel));
            }
            (Pending::Remove { request }, _) => self.done(request, None),
            (Pending::Draft { request, channel }, _) => self.done(request, Some(channel)),
            (
                Pending::Say {
                    request,
                    channel,
                    record,
                },
                _,
            ) => {
                let draft_said = self.channels.get_mut(&channel).and_then(|channel| {
                    channel.written(&record);
                    channel.take_draft(&record.body.text)
                });
                if let Some(entry) = draft_said {
                    self.store(Request::SaveChannel(entry), Pending::DraftSaid);
                }
                self.tell_message(channel, &record);
                self.with_channel(now, Some(channel), |channel, tools| {
                    channel.publish(&record, tools);
                });
                self.done(request, Some(channel));
            }
            (Pending::Arrived { channel, arrival }, Reply::Appended(new)) => {
                if new {
                    self.arrived(now, channel, &arrival);
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
            Pending::FindShared(Sharing { request, .. })
            | Pending::EnterShared(Sharing { request, .. })
            | Pending::Remove { request }
            | Pending::Join { request, .. }
            | Pending::AddServers { request, .. }
            | Pending::See { request, .. }
            | Pending::Import { request, .. }
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
                self.arrived(now, channel, &arrival);
                self.outputs
                    .push_back(Output::Event(Event::Trouble(error.into())));
                self.with_channel(now, Some(channel), |channel, tools| {
                    channel.pass_on(&arrival, false, tools);
                });
            }
            Pending::Acknowledge { .. } | Pending::DraftSaid | Pending::Files(_) => {}
        }
    }

    /// A record of another member is new, and stored if it could be.
    fn arrived(&mut self, now: Millis, id: ChannelId, arrival: &Arrival) {
        self.tell_message(id, &arrival.record);
        self.fetch_pictures(now, id, &arrival.record);
        let Some(channel) = self.channels.get_mut(&id) else {
            return;
        };
        if arrival.mark == Mark::Unread && channel.unread.add(arrival.record.position()) {
            let unread = channel.view_unread();
            let event = Event::Unread {
                channel: id,
                unread,
            };
            self.outputs.push_back(Output::Event(event));
            self.notify(now, id, &arrival.record);
        }
    }

    fn seen(&mut self, id: ChannelId, up_to: Position) {
        let Some(channel) = self.channels.get_mut(&id) else {
            return;
        };
        if channel.unread.see(up_to) {
            let unread = channel.view_unread();
            let event = Event::Unread {
                channel: id,
                unread,
            };
            self.outputs.push_back(Output::Event(event));
            if unread.count == 0 {
                self.withdraw_notice(id);
            }
        }
    }
}
