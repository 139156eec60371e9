//! What the node waits for from its store, and how it goes on from there.

use std::collections::BTreeSet;

use super::{
    Delivery, Event, Node, Output, RequestId,
    asking::{Asking, Unasking},
    channel::{Arrival, Channel, Stored},
    export::Exporting,
    files::Waiting,
    history::HistoryPending,
    import::Importing,
    keeping::{KeepingPending, Outlook},
    moving::MovingIn,
    music::MusicPending,
    reading::Reading,
    recalling::Recalling,
    searching::Finding,
    sharing::Sharing,
};
use crate::{
    address::Address,
    channel::ChannelId,
    chat::{
        burn::Switch,
        record::{Position, Record, RecordId},
        retention::Retention,
    },
    identity::DeviceSeed,
    preferences::Preferences,
    resource::ResourceId,
    seeding::Seeds,
    store::{ChannelEntry, Device, PeopleChoices, Reply, Request, StoreError},
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
    /// Something about music.
    Music(MusicPending),
    /// A file that is to be shared is looked up.
    FindShared(Sharing),
    /// It is entered as shared.
    EnterShared(Sharing),
    /// A file is removed.
    Remove(Unasking),
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
        channel: ChannelId,
        before: Address,
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
    /// What the member chose about people.
    People {
        request: RequestId,
        channel: ChannelId,
        before: PeopleChoices,
    },
    /// If it fails, whoever sends too much is found out again after the next start.
    HeldBack,
    See {
        request: RequestId,
        channel: ChannelId,
        up_to: Position,
    },
    /// Records that were kept elsewhere.
    Import(Importing),
    /// A part of a channel's file is read.
    Export(Exporting),
    /// This device becomes another member's.
    MoveIn(MovingIn),
    /// A channel that an identity file brings.
    MoveInto(ChannelEntry),
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
    /// A page is read.
    Read(Reading),
    /// A message that is to be recalled is looked up.
    FindRecalled(Recalling),
    /// Texts of a log are read that stand before a place, to be searched.
    Texts {
        channel: ChannelId,
        before: Option<Position>,
    },
    /// What was found is read.
    Found(Finding),
    /// What recalls recall is looked at.
    Recalls(ChannelId),
    /// The burn switch is turned by this member.
    Turn {
        request: RequestId,
        channel: ChannelId,
        switch: Switch,
        before: Option<Vec<u8>>,
    },
    /// If it fails, neighbours tell it again after the next start.
    SwitchKept,
    Keep {
        request: RequestId,
        channel: ChannelId,
        message: RecordId,
        kept: bool,
    },
    Retention {
        request: RequestId,
        channel: ChannelId,
        before: Retention,
    },
    /// A file is wanted.
    Fetch(Asking),
    /// A file that was sought is not wanted any more.
    Unfetch(Unasking),
    /// What is still wished for. If it fails, the next start finds more wishes; those of files that are here by then end there.
    WishesKept {
        channel: ChannelId,
        /// What its entry in the store may still name.
        before: BTreeSet<ResourceId>,
    },
    /// What of a channel comes by itself.
    Seeds {
        request: RequestId,
        channel: ChannelId,
        before: Seeds,
    },
    /// A log is read for what is shared there.
    Offers(ChannelId),
    /// What a retention would discard is counted.
    Outlook(Outlook),
    /// A log is kept to its retention.
    Keeping {
        channel: ChannelId,
        pending: KeepingPending,
    },
    /// Something of a channel's history.
    History {
        channel: ChannelId,
        pending: HistoryPending,
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
            Pending::Music(pending) => return self.music_stored(now, pending, result),
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
                    self.resume(entry);
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
                let name = self.name();
                self.each_channel(now, |channel, tools| channel.appear(&name, tools));
                self.changed = true;
                self.done(request, None);
            }
            (Pending::Join { request, entry }, _) => {
                let id = entry.id;
                self.open(now, entry, Stored::default());
                self.done(request, Some(id));
            }
            (
                Pending::AddServers {
                    request,
                    channel: id,
                    ..
                },
                _,
            ) => {
                self.with_channel(now, Some(id), |channel, tools| {
                    channel.add_servers(tools);
                });
                self.changed = true;
                self.done(request, Some(id));
            }
            (Pending::SetPreferences { request, .. }, _) => {
                self.music.cache_lists(self.preferences().cache_lists);
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
                Pending::People {
                    request,
                    channel,
                    before,
                },
                _,
            ) => self.people_chosen(now, request, channel, &before),
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
            (Pending::Import(importing), Reply::Positions(new)) => {
                self.imported(now, importing, &new);
            }
            (Pending::Export(exporting), Reply::Page(page)) => self.exported(now, exporting, page),
            (Pending::MoveIn(moving), _) => self.move_in(now, moving),
            (Pending::MoveInto(entry), _) => self.resume(entry),
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
                self.searched.take_if(|searched| searched.is_of(channel));
                self.with_channel(now, Some(channel), Channel::leave);
                self.channels.remove(&channel);
                self.files.leave(channel, &self.all_seeded());
                self.music.leave(channel);
                self.changed = true;
                self.done(request, Some(channel));
            }
            (Pending::Remove(unasking), _) => {
                self.music.dropped(unasking.file);
                self.unask(unasking);
            }
            (Pending::Unfetch(unasking), _) => self.unask(unasking),
            (Pending::WishesKept { channel, .. }, _) => {
                if let Some(channel) = self.channels.get_mut(&channel) {
                    channel.stale_wishes.clear();
                }
            }
            (
                Pending::Draft { request, channel }
                | Pending::Fetch(Asking {
                    request, channel, ..
                }),
                _,
            ) => self.done(request, Some(channel)),
            (
                Pending::Say {
                    request,
                    channel,
                    record,
                },
                _,
            ) => {
                self.with_channel(now, Some(channel), |channel, _| {
                    channel.written(&record);
                    channel.take_draft(&record.body.text);
                });
                self.tell_message(channel, &record);
                self.add_texts(channel, [&record]);
                self.look_for_recalls(channel, [&record]);
                self.with_channel(now, Some(channel), |channel, tools| {
                    channel.publish(&record, tools);
                });
                self.done(request, Some(channel));
            }
            (Pending::Arrived { channel, arrival }, Reply::Appended(new)) => {
                if new {
                    self.arrived(now, channel, &arrival);
                    self.add_texts(channel, [&arrival.record]);
                    self.look_for_recalls(channel, [&arrival.record]);
                }
                self.with_channel(now, Some(channel), |channel, tools| {
                    if new {
                        channel.count(&arrival.record);
                        channel.pass_on(&arrival, true, tools);
                    } else {
                        channel.had(&arrival.record, tools);
                    }
                });
            }
            (Pending::Read(reading), Reply::Page(page)) => self.was_read(now, reading, page),
            (Pending::Read(reading), Reply::Positions(missing)) => {
                self.missing_found(reading, &missing);
            }
            (Pending::FindRecalled(recalling), Reply::Page(found)) => {
                self.found_recalled(&recalling, found);
            }
            (Pending::Texts { channel, before }, Reply::Page(records)) => {
                self.texts_read(channel, before, records);
            }
            (Pending::Found(finding), Reply::Page(records)) => self.found(finding, records),
            (Pending::Recalls(channel), Reply::Page(found)) => {
                self.recalls_found(now, channel, &found);
            }
            (
                Pending::Keep {
                    request,
                    channel,
                    message,
                    kept,
                },
                _,
            ) => {
                self.outputs.push_back(Output::Event(Event::Kept {
                    channel,
                    message,
                    kept,
                }));
                self.with_channel(now, Some(channel), |channel, _| channel.tidy(now));
                self.done(request, Some(channel));
            }
            (
                Pending::Retention {
                    request, channel, ..
                },
                _,
            ) => {
                self.with_channel(now, Some(channel), |channel, _| channel.retain(now));
                self.changed = true;
                self.done(request, Some(channel));
            }
            (
                Pending::Seeds {
                    request, channel, ..
                },
                _,
            ) => {
                self.seeds_chosen(channel);
                self.done(request, Some(channel));
            }
            (
                Pending::Turn {
                    request,
                    channel,
                    switch,
                    ..
                },
                _,
            ) => self.burning_turned(now, request, channel, switch),
            (Pending::Offers(channel), Reply::Page(page)) => self.offers_read(now, channel, page),
            (Pending::Outlook(outlook), reply) => self.counted(outlook, &reply),
            (Pending::Keeping { channel, pending }, Reply::Positions(positions)) => {
                self.kept_to(now, channel, &pending, &positions);
            }
            (Pending::History { channel, pending }, Reply::Positions(positions)) => {
                self.history_positions(now, channel, pending, positions);
            }
            (
                Pending::History {
                    channel,
                    pending: HistoryPending::Read { to },
                },
                Reply::Page(records),
            ) => self.history_read(now, channel, to, records),
            // An acknowledgement that is kept, or a reply that does not fit its request.
            _ => {}
        }
    }
}
