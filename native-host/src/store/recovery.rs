//! When a store is opened: files and rows say the same again, whatever has happened to either.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use catnest::{
    resource::{Have, ResourceId, pieces},
    store::StoreError,
};

use super::{
    SqliteStore,
    error::io_error,
    files::{length, remove_if_there},
    resources::{ids, save_have},
    transaction::Mode,
};

impl SqliteStore {
    /// Forgets the pieces that are not in their files, removes the files that no row speaks of, and gives the others
    /// their names. Gives how many pieces it forgot.
    pub(super) fn recover(&self) -> Result<BTreeMap<ResourceId, usize>, StoreError> {
        let mut lost = BTreeMap::new();
        let transaction = self.begin(Mode::Write)?;
        let ids = ids(&transaction)?;
        for id in &ids {
            let row = match self.find_row(&transaction, *id) {
                Ok(Some(row)) => row,
                Ok(None) => continue,
                Err(error) => {
                    // The rest is of use. Whoever asks for this one hears it.
                    tracing::warn!(%id, %error, "a resource cannot be read");
                    continue;
                }
            };
            let whole = self.files.whole(*id);
            let failed = |error| io_error(&whole)(error);
            match row.link {
                Some(source) if source.path() == whole => {
                    remove_if_there(&self.files.part(*id)).map_err(failed)?;
                }
                Some(_) => self.files.remove(*id).map_err(failed)?,
                None => {
                    let left = self.recover_file(*id, row.entry.descriptor.length, &row.have);
                    let left = left.map_err(failed)?;
                    if left != row.have {
                        let pieces = (row.have.count() - left.count()) as usize;
                        tracing::warn!(%id, pieces, "they are not in their file any more");
                        lost.insert(*id, pieces);
                        save_have(&transaction, *id, &left)?;
                    }
                }
            }
        }
        transaction.commit()?;
        self.remove_strays(&ids.into_iter().collect())?;
        Ok(lost)
    }

    /// Gives a file the name that it should have. Gives which pieces are really in it.
    fn recover_file(&self, id: ResourceId, bytes: u64, have: &Have) -> io::Result<Have> {
        let (whole, part) = (self.files.whole(id), self.files.part(id));
        let (right, other) = if have.is_complete() {
            (&whole, &part)
        } else {
            (&part, &whole)
        };
        let there = match length(right)? {
            Some(there) => {
                remove_if_there(other)?;
                Some(there)
            }
            None => length(other)?,
        };
        let mut left = have.clone();
        for piece in 0..have.pieces() {
            let end = pieces::range(bytes, piece).map(|range| range.end);
            if there < end {
                left.remove(piece);
            }
        }
        if left.count() == 0 {
            self.files.remove(id)?;
        } else if left.is_complete() {
            self.files.finish(id)?;
        } else {
            self.files.resume(id)?;
        }
        Ok(left)
    }

    fn remove_strays(&self, known: &BTreeSet<ResourceId>) -> Result<(), StoreError> {
        let remove = || {
            let strays = self.files.list()?;
            let mut strays = strays.into_iter().filter(|id| !known.contains(id));
            strays.try_for_each(|id| self.files.remove(id))
        };
        remove().map_err(io_error(self.files.folder()))
    }
}
