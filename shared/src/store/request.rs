//! What a node asks of its store, and what the store answers.

use super::{
    ChannelEntry, Count, Device, MusicPart, NewRecord, ResourceEntry, StoredRecord, StoredResource,
    TrackRow,
};
use crate::{
    channel::ChannelId,
    chat::{record::Position, span::Span},
    identity::Author,
    resource::{Outline, ResourceId},
};

/// One request, the store's side of [`crate::node::Output`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The device, if there is one.
    LoadDevice,
    /// Make this the device.
    SaveDevice(Device),
    /// All channels in the order they were joined.
    LoadChannels,
    /// Add a channel or replace its entry.
    SaveChannel(Box<ChannelEntry>),
    /// Forget a channel, its records and its lists of tracks.
    RemoveChannel(ChannelId),
    /// Add a record, once.
    Append {
        /// Whose log.
        channel: ChannelId,
        /// What.
        record: NewRecord,
    },
    /// Add records that are not there yet, all or none.
    Import {
        /// Whose log.
        channel: ChannelId,
        /// What.
        records: Vec<NewRecord>,
    },
    /// Another device has acknowledged a record.
    Acknowledge {
        /// Whose log.
        channel: ChannelId,
        /// Where the record stands.
        position: Position,
        /// Who has it.
        holder: Author,
    },
    /// Everything unread up to a place was seen.
    See {
        /// Whose log.
        channel: ChannelId,
        /// The last place that was seen.
        up_to: Position,
    },
    /// Where the unread records stand, in their order.
    LoadUnread(ChannelId),
    /// The records that nobody has acknowledged, in their order.
    LoadUnsent(ChannelId),
    /// The newest records before a position, newest first.
    LoadPage {
        /// Whose log.
        channel: ChannelId,
        /// Only what stands before this; without it, from the newest.
        before: Option<Position>,
        /// At most so many.
        limit: usize,
    },
    /// The oldest records that stand at a position or after it, oldest first.
    LoadPageFrom {
        /// Whose log.
        channel: ChannelId,
        /// Only what stands here or later.
        from: Position,
        /// At most so many.
        limit: usize,
    },
    /// Where the newest records of part of a log stand, newest first, without those that were recalled.
    LoadPositions {
        /// Whose log.
        channel: ChannelId,
        /// Which part.
        span: Span,
        /// At most so many.
        limit: usize,
    },
    /// The records at these places, in their order; those that are not there, or were recalled, are left out.
    LoadRecords {
        /// Whose log.
        channel: ChannelId,
        /// Where they stand.
        positions: Vec<Position>,
    },
    /// Those of the records at these places that were recalled.
    LoadRecalled {
        /// Whose log.
        channel: ChannelId,
        /// Where they stand.
        positions: Vec<Position>,
    },
    /// Those of these places where nothing stands, and of which nothing is known either: no recall of a record there.
    LoadMissing {
        /// Whose log.
        channel: ChannelId,
        /// Which places.
        positions: Vec<Position>,
    },
    /// Where the record stands that has so many newer ones after it.
    LoadNth {
        /// Whose log.
        channel: ChannelId,
        /// How many are newer.
        newer: usize,
    },
    /// How many records part of a log has.
    Count {
        /// Whose log.
        channel: ChannelId,
        /// Which part.
        span: Span,
    },
    /// Remove the oldest records of part of a log, without those that the member keeps, those that nobody has
    /// acknowledged, and recalls of what is there.
    Discard {
        /// Whose log.
        channel: ChannelId,
        /// Which part.
        span: Span,
        /// At most so many.
        limit: usize,
    },
    /// Keep a record whatever the channel's retention, or not any more.
    Keep {
        /// Whose log.
        channel: ChannelId,
        /// Where it stands.
        position: Position,
        /// Keep it.
        kept: bool,
    },
    /// The newest records before a position that the member keeps, newest first.
    LoadKept {
        /// Whose log.
        channel: ChannelId,
        /// Only what stands before this; without it, from the newest.
        before: Option<Position>,
        /// At most so many.
        limit: usize,
    },
    /// All resources in the order they were added.
    LoadResources,
    /// One resource.
    LoadResource(ResourceId),
    /// Add a resource or replace its entry.
    SaveResource(ResourceEntry),
    /// Forget a resource with its pieces.
    RemoveResource(ResourceId),
    /// Keep the outline of a resource.
    SaveOutline {
        /// Of which.
        resource: ResourceId,
        /// What.
        outline: Outline,
    },
    /// The outline of a resource.
    LoadOutline(ResourceId),
    /// Keep pieces, which were checked.
    PutPieces {
        /// Of which resource.
        resource: ResourceId,
        /// Their numbers and bytes.
        pieces: Vec<(u32, Vec<u8>)>,
    },
    /// Forget pieces: they are not what they were.
    DropPieces {
        /// Of which resource.
        resource: ResourceId,
        /// Their numbers.
        pieces: Vec<u32>,
    },
    /// The bytes of pieces.
    LoadPieces {
        /// Of which resource.
        resource: ResourceId,
        /// Their numbers.
        pieces: Vec<u32>,
    },
    /// Change a list of tracks, all of it or nothing.
    SaveTracks {
        /// In which channel.
        channel: ChannelId,
        /// Whose list; without an author, the device's own.
        of: Option<Author>,
        /// What comes, or is said otherwise than before. It stays even if it is among the gone.
        put: Vec<TrackRow>,
        /// What goes.
        gone: Vec<ResourceId>,
    },
    /// Tracks of a list, in the order of their ids.
    LoadTracks {
        /// In which channel.
        channel: ChannelId,
        /// Whose list; without an author, the device's own.
        of: Option<Author>,
        /// Only those after this id; without it, from the first.
        after: Option<ResourceId>,
        /// At most so many.
        limit: usize,
    },
    /// Whose lists are kept in a channel, the device's own left out.
    LoadShelves(ChannelId),
    /// Forget somebody's list.
    RemoveShelf {
        /// In which channel.
        channel: ChannelId,
        /// Whose.
        of: Author,
    },
    /// Keep the queue, the player or the ban table, in place of what it was.
    SaveMusic {
        /// Which of them.
        what: MusicPart,
        /// Its stored form.
        bytes: Vec<u8>,
    },
    /// What was kept of the queue, the player or the ban table.
    LoadMusic(MusicPart),
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// To `LoadDevice`.
    Device(Option<Device>),
    /// To `LoadChannels`.
    Channels(Vec<ChannelEntry>),
    /// To what saves, removes, puts and drops, and to `See`: it is durable.
    Done,
    /// To `Append`: durable; false when the record was there already, or was recalled.
    Appended(bool),
    /// To `Acknowledge`: durable; how many devices have the record now.
    Held(usize),
    /// To `LoadUnread`, `LoadPositions`, `LoadMissing` and `LoadNth`; to `Import`: what was not there before, and is
    /// durable; to `Discard`: what is not there any more.
    Positions(Vec<Position>),
    /// To `Count`.
    Count(Count),
    /// To `LoadPage`, `LoadPageFrom`, `LoadRecords`, `LoadRecalled`, `LoadKept` and `LoadUnsent`.
    Page(Vec<StoredRecord>),
    /// To `LoadResources`.
    Resources(Vec<StoredResource>),
    /// To `LoadResource`.
    Resource(Option<StoredResource>),
    /// To `LoadOutline`.
    Outline(Option<Outline>),
    /// To `LoadPieces`, in the order of the request; those that are not there have none.
    Pieces(Vec<Option<Vec<u8>>>),
    /// To `LoadTracks`.
    Tracks(Vec<TrackRow>),
    /// To `LoadShelves`, in the order of their keys.
    Shelves(Vec<Author>),
    /// To `LoadMusic`.
    Music(Option<Vec<u8>>),
}
