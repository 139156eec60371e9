//! What a store is looked after with, now and then: whether it is what was written, and no larger than it has to be.

use std::{collections::BTreeSet, fs, io, path::Path};

use catnest::{
    channel::ChannelId,
    resource::{Hashed, ResourceHasher, ResourceId},
    store::{Store, StoreError, StoredResource},
};

use super::{DATABASE, SqliteStore, error::store_error, pieces::Read, transaction::Mode};

/// Pieces that are read at a time: some MiB.
const AT_ONCE: usize = 8;
/// What is said of a database at most.
const MOST_SAID: u32 = 20;

/// What was found of a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Pieces that should be here.
    pub pieces: usize,
    /// Bytes of them.
    pub bytes: u64,
    /// Those that are not what they should be, or are not there, or of which nothing can prove that. They are forgotten.
    pub damaged: usize,
    /// Those that the disk does not give: nothing is known of them, and they stay.
    pub unread: usize,
}

impl SqliteStore {
    /// What is wrong with the database, in SQLite's words; nothing, if all is well.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub fn check_database(&self) -> Result<Vec<String>, StoreError> {
        let sql = format!("PRAGMA integrity_check({MOST_SAID})");
        let mut said: Vec<String> = self.begin(Mode::Read)?.all(&sql, [], |row| row.get(0))?;
        said.retain(|line| line != "ok");
        Ok(said)
    }

    /// How many pieces of a resource were not in its file when the store was opened: they are forgotten.
    #[must_use]
    pub fn lost(&self, id: ResourceId) -> usize {
        self.lost.get(&id).copied().unwrap_or(0)
    }

    /// Reads what is here of a resource, and forgets what is not what it should be: whoever wants the resource gets that
    /// again. `read` hears of bytes as they are read.
    ///
    /// # Errors
    /// When the store fails. Pieces that cannot be read now are counted, and no error.
    pub async fn verify(
        &self,
        stored: &StoredResource,
        mut read: impl FnMut(u64),
    ) -> Result<Verified, StoreError> {
        let id = stored.entry.descriptor.id;
        let length = stored.entry.descriptor.length;
        let have = &stored.have;
        let here: Vec<u32> = (0..have.pieces())
            .filter(|piece| have.contains(*piece))
            .collect();
        let outline = self.proof(id, length)?;
        // Without an outline, all of it together can be proven.
        let mut whole = have.is_complete().then(|| ResourceHasher::new(length));
        let mut found = Verified {
            pieces: here.len(),
            ..Verified::default()
        };
        let mut damaged = Vec::new();
        let mut given = Vec::new();
        for some in here.chunks(AT_ONCE) {
            for (piece, bytes) in some.iter().zip(self.read_pieces(id, some)) {
                let Some(bytes) = bytes else {
                    found.unread += 1;
                    whole = None;
                    continue;
                };
                given.push(*piece);
                read(bytes.len() as u64);
                found.bytes += bytes.len() as u64;
                match &outline {
                    Some(outline) if !outline.proves(*piece, &bytes) => damaged.push(*piece),
                    Some(_) => {}
                    None => whole = whole.and_then(|mut all| all.update(&bytes).ok().map(|()| all)),
                }
            }
        }
        if outline.is_none() {
            match whole.and_then(|all| all.finish().ok()) {
                Some(Hashed {
                    id: is, outline, ..
                }) if is == id => {
                    self.save_outline(id, &outline).await?;
                }
                // What was not read may be what is wrong; without it nothing is known of what was, if all should be here.
                _ if have.is_complete() && found.unread > 0 => {}
                _ => damaged = given,
            }
        }
        found.damaged = damaged.len();
        if !damaged.is_empty() {
            self.drop_pieces(id, &damaged).await?;
        }
        Ok(found)
    }

    /// The bytes of pieces: none at all of one that is not there, and nothing of one that cannot be read now.
    fn read_pieces(&self, id: ResourceId, pieces: &[u32]) -> Vec<Option<Vec<u8>>> {
        let there = |read: Read| {
            let pieces = read.pieces.into_iter();
            pieces.map(Option::unwrap_or_default)
        };
        if let Ok(read) = self.find_pieces(id, pieces) {
            return there(read).map(Some).collect();
        }
        // Where a disk gives some of them only, those are looked at.
        let one_by_one = pieces.iter().map(|piece| {
            let one = self.find_pieces(id, &[*piece]).ok()?;
            there(one).next()
        });
        one_by_one.collect()
    }

    /// Removes what belongs to no channel, and has the database take no more room than what is in it. Gives how many
    /// resources were removed. Files that no row speaks of went when the store was opened.
    ///
    /// # Errors
    /// What the store says: a database is written anew for this, beside itself, and the disk needs room for that.
    pub async fn compact(&self) -> Result<usize, StoreError> {
        let joined = self.channels().await?;
        let joined: BTreeSet<ChannelId> = joined.into_iter().map(|entry| entry.id).collect();
        let mut removed = 0;
        for StoredResource { entry, .. } in self.resources().await? {
            if entry.channels.is_disjoint(&joined) {
                self.remove_resource(entry.descriptor.id).await?;
                removed += 1;
            }
        }
        let compact = || -> rusqlite::Result<()> {
            self.connection.execute_batch("VACUUM")?;
            let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.connection.query_row(checkpoint, [], |_| Ok(()))
        };
        compact().map_err(store_error)?;
        Ok(removed)
    }
}

/// How many bytes a user may still write where a path is; none if the system does not tell.
#[cfg(unix)]
pub fn free(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// How many bytes a user may still write where a path is; none if the system does not tell.
#[cfg(not(unix))]
pub fn free(_path: &Path) -> Option<u64> {
    None
}

/// How many bytes of the disk a store takes.
///
/// # Errors
/// When its folder cannot be read.
pub fn taken(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for name in fs::read_dir(folder)? {
        let name = name?;
        if name.file_name().to_string_lossy().starts_with(DATABASE) {
            bytes += on_disk(&name.metadata()?);
        }
    }
    for file in fs::read_dir(folder.join("files"))? {
        bytes += on_disk(&file?.metadata()?);
    }
    Ok(bytes)
}

/// Files of resources that are not whole have holes.
fn on_disk(file: &fs::Metadata) -> u64 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::blocks(file) * 512;
    #[cfg(not(unix))]
    file.len()
}
