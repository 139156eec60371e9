//! The bytes of resources, in files of their own.

use std::{fs::File, io};

use catnest::{
    resource::{Have, ResourceId, pieces},
    store::StoreError,
};

use super::{
    SqliteStore,
    error::io_error,
    files::{read_at, write_at},
    links::Source,
    resources::{delete_link, save_have},
    transaction::Mode,
    upkeep::free,
};

/// What the file of a resource gives.
pub(super) struct Read {
    /// How long the resource is.
    pub(super) length: u64,
    /// The bytes of the pieces that were asked for, as they are there.
    pub(super) pieces: Vec<Option<Vec<u8>>>,
}

impl SqliteStore {
    /// Writes pieces, and then that they are there. Nobody reads a piece before that, so what a failure or a crash
    /// leaves in between is nothing.
    pub(super) fn add_pieces(
        &self,
        id: ResourceId,
        put: &[(u32, Vec<u8>)],
    ) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        let Some(mut row) = self.find_row(&transaction, id)? else {
            return Ok(());
        };
        let length = row.length();
        if row.link.as_ref().is_some_and(Source::is_unchanged) {
            return Ok(());
        }
        delete_link(&transaction, id)?;
        let failed = |error| io_error(&self.files.whole(id))(error);
        if row.have.count() == 0 || self.files.find(id).map_err(failed)?.is_none() {
            // A first piece begins a new file. What is there may be somebody else's by now, or of another length; what
            // is gone has taken its pieces along.
            row.have = Have::none(length);
            self.files.remove(id).map_err(failed)?;
        }
        let mut new = Vec::new();
        for (piece, bytes) in put {
            let Some(range) = pieces::range(length, *piece) else {
                continue;
            };
            if bytes.len() as u64 != range.end - range.start {
                // It would be written over its neighbour.
                return Err(StoreError::Unavailable(format!(
                    "piece {piece} of {id} has {} bytes in a resource of {length}",
                    bytes.len()
                )));
            }
            // What is there is not written again: the file may have another name, by which the user changes it.
            if row.have.insert(*piece) {
                new.push((range.start, &bytes[..]));
            }
        }
        if new.is_empty() {
            return transaction.commit();
        }
        let bytes: u64 = new.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        let least = self.reserve.saturating_add(bytes);
        if self.reserve > 0 && free(self.files.folder()).is_some_and(|free| free < least) {
            return Err(StoreError::Full);
        }
        if let Err(error) = self.write(id, &new) {
            self.files.close(id);
            return Err(io_error(&self.files.part(id))(error));
        }
        save_have(&transaction, id, &row.have)?;
        transaction.commit()?;
        if row.have.is_complete() {
            self.files
                .finish(id)
                .unwrap_or_else(|error| renamed_later(id, &error));
        }
        Ok(())
    }

    /// Writes bytes at their offsets until they are on the disk.
    fn write(&self, id: ResourceId, new: &[(u64, &[u8])]) -> io::Result<()> {
        let file = self.files.make(id)?;
        for (offset, bytes) in new {
            write_at(&file, bytes, *offset)?;
        }
        file.sync_data()
    }

    pub(super) fn forget_pieces(&self, id: ResourceId, dropped: &[u32]) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        let Some(mut row) = self.find_row(&transaction, id)? else {
            return Ok(());
        };
        if row.link.is_some() {
            if dropped.iter().all(|piece| *piece >= row.have.pieces()) {
                return Ok(());
            }
            // A file with one wrong piece is not the one that was linked, whatever its time says.
            delete_link(&transaction, id)?;
            transaction.commit()?;
            self.clear_files(id);
            return Ok(());
        }
        let was_complete = row.have.is_complete();
        let before = row.have.count();
        for piece in dropped {
            row.have.remove(*piece);
        }
        if row.have.count() == before {
            return Ok(());
        }
        save_have(&transaction, id, &row.have)?;
        transaction.commit()?;
        if was_complete {
            self.files
                .resume(id)
                .unwrap_or_else(|error| renamed_later(id, &error));
        }
        Ok(())
    }

    pub(super) fn find_pieces(&self, id: ResourceId, wanted: &[u32]) -> Result<Read, StoreError> {
        let none = |length| Read {
            length,
            pieces: vec![None; wanted.len()],
        };
        let Some(row) = self.find_row(&self.begin(Mode::Read)?, id)? else {
            return Ok(none(0));
        };
        let length = row.length();
        let file = match &row.link {
            None => self.files.find(id).map_err(io_error(&self.files.whole(id))),
            Some(source) => {
                let path = source.path();
                self.files.find_at(id, path).map_err(io_error(path))
            }
        };
        let Some(file) = file? else {
            return Ok(none(length));
        };
        let read = |piece: &u32| {
            let there = row.link.is_some() || row.have.contains(*piece);
            if there {
                read(&file, length, *piece)
            } else {
                Ok(None)
            }
        };
        let found: io::Result<Vec<_>> = wanted.iter().map(read).collect();
        // Looked at after it was read: a change before or meanwhile is seen.
        if let Some(source) = &row.link
            && !source.is_unchanged()
        {
            self.files.close(id);
            return Ok(none(length));
        }
        let found = found.map_err(|error| {
            self.files.close(id);
            let whole = self.files.whole(id);
            io_error(row.link.as_ref().map_or(&whole, Source::path))(error)
        });
        found.map(|pieces| Read { length, pieces })
    }
}

/// The bytes of a piece; none if the file ends before. Whatever else hinders reading may pass, and says nothing of the
/// piece: whoever took it for lost would fetch again what is here.
fn read(file: &File, length: u64, piece: u32) -> io::Result<Option<Vec<u8>>> {
    let Some(range) = pieces::range(length, piece) else {
        return Ok(None);
    };
    let mut bytes = vec![0; pieces::bytes_of(length, piece)];
    match read_at(file, &mut bytes, range.start) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file is found under its old name too, and gets its new one when the store is opened the next time.
fn renamed_later(id: ResourceId, error: &io::Error) {
    tracing::warn!(%id, %error, "a file could not be renamed");
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_what_the_file_does_not_have_is_a_lost_piece() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"meow").unwrap();
        let file = File::open(&path).unwrap();
        assert_eq!(read(&file, 4, 0).unwrap(), Some(b"meow".to_vec()));
        assert_eq!(read(&file, 5, 0).unwrap(), None);
        assert_eq!(read(&file, 4, 1).unwrap(), None);
        // It has the bytes, and does not give them.
        let closed = File::options().write(true).open(&path).unwrap();
        assert!(read(&closed, 4, 0).is_err());
    }
}
