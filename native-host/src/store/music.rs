//! Lists of tracks in SQLite, and what a device has one of for its music.

use catnest::{
    channel::ChannelId,
    identity::Author,
    resource::ResourceId,
    store::bytes::damaged,
    store::{MusicPart, StoreError, TrackRow},
};

use super::{
    SqliteStore,
    transaction::Mode,
    types::{limit_number, list_owner},
};

impl SqliteStore {
    pub(super) fn change_list(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        put: &[TrackRow],
        gone: &[ResourceId],
    ) -> Result<(), StoreError> {
        let owner = list_owner(of.as_ref());
        let transaction = self.begin(Mode::Write)?;
        for id in gone {
            transaction.execute(
                "DELETE FROM tracks WHERE channel = ?1 AND author = ?2 AND id = ?3",
                (channel.0, owner, id.0),
            )?;
        }
        for TrackRow { id, bytes } in put {
            transaction.execute(
                "INSERT OR REPLACE INTO tracks (channel, author, id, bytes) VALUES (?1, ?2, ?3, ?4)",
                (channel.0, owner, id.0, bytes),
            )?;
        }
        transaction.commit()
    }

    pub(super) fn find_tracks(
        &self,
        channel: ChannelId,
        of: Option<Author>,
        after: Option<ResourceId>,
        limit: usize,
    ) -> Result<Vec<TrackRow>, StoreError> {
        // Before every id: nothing.
        let after = after.as_ref().map_or(&[][..], |id| &id.0[..]);
        let rows: Vec<(Vec<u8>, Vec<u8>)> = self.begin(Mode::Read)?.all(
            "SELECT id, bytes FROM tracks WHERE channel = ?1 AND author = ?2 AND id > ?3
             ORDER BY id LIMIT ?4",
            (
                channel.0,
                list_owner(of.as_ref()),
                after,
                limit_number(limit),
            ),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let rows = rows.into_iter().map(|(id, bytes)| {
            let id = id.try_into().map(ResourceId);
            let id = id.map_err(|_| damaged("the id of a track"))?;
            Ok(TrackRow { id, bytes })
        });
        rows.collect()
    }

    pub(super) fn find_shelves(&self, channel: ChannelId) -> Result<Vec<Author>, StoreError> {
        let transaction = self.begin(Mode::Read)?;
        let mut authors = Vec::new();
        let mut last = Vec::new();
        // From each author straight to the next one: `DISTINCT` would read all of their tracks.
        while let Some(next) = transaction.find(
            "SELECT author FROM tracks WHERE channel = ?1 AND author > ?2 ORDER BY author LIMIT 1",
            (channel.0, &last),
            |row| row.get::<_, Vec<u8>>(0),
        )? {
            let author = <[u8; 32]>::try_from(&next[..]);
            authors.push(Author(author.map_err(|_| damaged("whose list it is"))?));
            last = next;
        }
        Ok(authors)
    }

    pub(super) fn delete_shelf(&self, channel: ChannelId, of: Author) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        transaction.execute(
            "DELETE FROM tracks WHERE channel = ?1 AND author = ?2",
            (channel.0, of.0),
        )?;
        transaction.commit()
    }

    pub(super) fn put_music(&self, what: MusicPart, bytes: &[u8]) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        transaction.execute(
            "INSERT OR REPLACE INTO music (part, bytes) VALUES (?1, ?2)",
            (what as u8, bytes),
        )?;
        transaction.commit()
    }

    pub(super) fn find_music(&self, what: MusicPart) -> Result<Option<Vec<u8>>, StoreError> {
        self.begin(Mode::Read)?.find(
            "SELECT bytes FROM music WHERE part = ?1",
            [what as u8],
            |row| row.get(0),
        )
    }
}
