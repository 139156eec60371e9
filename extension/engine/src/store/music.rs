//! Lists of tracks in IndexedDB, and what a device has one of for its music.

use catnest::{
    channel::ChannelId,
    identity::Author,
    resource::ResourceId,
    store::{MusicPart, StoreError, TrackRow},
};

use super::{
    IndexedDbStore,
    transaction::{MUSIC, Mode, TRACKS},
    types::{read_shelf_key, read_track_key, shelf_keys, track_key, track_keys},
};

impl IndexedDbStore {
    pub(super) async fn change_list(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        put: &[TrackRow],
        gone: &[ResourceId],
    ) -> Result<(), StoreError> {
        let transaction = self.begin(&[TRACKS], Mode::Write)?;
        let keys = gone.iter().map(|id| track_key(channel, of, *id));
        transaction.delete_keys(TRACKS, keys).await?;
        let rows = put
            .iter()
            .map(|TrackRow { id, bytes }| (TRACKS, track_key(channel, of, *id), &bytes[..]));
        transaction.put_each(rows).await?;
        transaction.commit().await
    }

    pub(super) async fn find_tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<TrackRow>, StoreError> {
        let (first, end) = track_keys(channel, of, after);
        let transaction = self.begin(&[TRACKS], Mode::Read)?;
        let rows = transaction.forwards(TRACKS, first, end, limit).await?;
        let rows = rows.into_iter().map(|(key, bytes)| {
            let id = read_track_key(&key)?;
            Ok(TrackRow { id, bytes })
        });
        rows.collect()
    }

    pub(super) async fn find_shelves(&self, channel: ChannelId) -> Result<Vec<Author>, StoreError> {
        let transaction = self.begin(&[TRACKS], Mode::Read)?;
        let mut authors: Vec<Author> = Vec::new();
        loop {
            // From each author straight to the next one: there may be many tracks between them.
            let (first, end) = shelf_keys(channel, authors.last().copied());
            let rows = transaction.forwards(TRACKS, first, end, 1).await?;
            let Some((key, _)) = rows.first() else {
                return Ok(authors);
            };
            authors.push(read_shelf_key(key)?);
        }
    }

    pub(super) async fn delete_shelf(
        &self,
        channel: ChannelId,
        of: Author,
    ) -> Result<(), StoreError> {
        let (first, end) = track_keys(channel, Some(of), None);
        let transaction = self.begin(&[TRACKS], Mode::Write)?;
        transaction.delete_between(TRACKS, first, end).await?;
        transaction.commit().await
    }

    pub(super) async fn put_music(&self, what: MusicPart, bytes: &[u8]) -> Result<(), StoreError> {
        // Where the player was a moment ago is no great loss; what was banned is.
        let mode = match what {
            MusicPart::Queue | MusicPart::Player => Mode::WriteRelaxed,
            MusicPart::Bans => Mode::Write,
        };
        let transaction = self.begin(&[MUSIC], mode)?;
        transaction.put(MUSIC, (what as u8).into(), bytes).await?;
        transaction.commit().await
    }

    pub(super) async fn find_music(&self, what: MusicPart) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.begin(&[MUSIC], Mode::Read)?;
        transaction.get(MUSIC, (what as u8).into()).await
    }
}
