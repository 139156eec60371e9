//! Resources in SQLite: their entries and outlines, and what their rows say of their pieces.

use catnest::{
    resource::{Have, Outline, ResourceId},
    store::bytes::{damaged, decode_resource, encode_resource},
    store::{ResourceEntry, StoreError, StoredResource},
};

use super::{
    SqliteStore,
    links::{Source, decode_path},
    transaction::{Mode, Transaction},
};

/// All that the database knows of a resource but its outline.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) entry: ResourceEntry,
    /// The pieces in the store's own file; none if there is a link.
    pub(super) have: Have,
    /// The file that has all of it, if it is not the store's alone.
    pub(super) link: Option<Source>,
}

impl Resource {
    pub(super) fn length(&self) -> u64 {
        self.entry.descriptor.length
    }

    /// The pieces that can be read.
    pub(super) fn available(&self) -> Have {
        match &self.link {
            None => self.have.clone(),
            Some(source) if source.is_unchanged() => Have::all(self.length()),
            Some(_) => Have::none(self.length()),
        }
    }

    fn into_stored(self) -> StoredResource {
        let have = self.available();
        let entry = self.entry;
        StoredResource { entry, have }
    }
}

/// Adds an entry or replaces it; it has these pieces then.
pub(super) fn save_entry(
    transaction: &Transaction<'_>,
    entry: &ResourceEntry,
    have: &Have,
) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO resources (id, entry, have) VALUES (?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET entry = excluded.entry, have = excluded.have",
        (entry.descriptor.id.0, encode_resource(entry), have.bits()),
    )?;
    Ok(())
}

/// Changes which pieces are in the store's own file.
pub(super) fn save_have(
    transaction: &Transaction<'_>,
    id: ResourceId,
    have: &Have,
) -> Result<(), StoreError> {
    transaction.execute(
        "UPDATE resources SET have = ?2 WHERE id = ?1",
        (id.0, have.bits()),
    )?;
    Ok(())
}

/// The bytes of the resource are in the store's own file from now on.
pub(super) fn delete_link(transaction: &Transaction<'_>, id: ResourceId) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM links WHERE resource = ?1", [id.0])?;
    Ok(())
}

/// The ids of all resources.
pub(super) fn ids(transaction: &Transaction<'_>) -> Result<Vec<ResourceId>, StoreError> {
    let keys: Vec<Vec<u8>> = transaction.all("SELECT id FROM resources", [], |row| row.get(0))?;
    let id = |key: Vec<u8>| key.try_into().map(ResourceId);
    let ids = keys.into_iter().map(id).collect::<Result<_, _>>();
    ids.map_err(|_| damaged("the key of a resource"))
}

impl SqliteStore {
    /// What the database knows of a resource.
    pub(super) fn find_row(
        &self,
        transaction: &Transaction<'_>,
        id: ResourceId,
    ) -> Result<Option<Resource>, StoreError> {
        type Columns = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<i64>);
        let columns: Option<Columns> = transaction.find(
            "SELECT entry, have, path, modified FROM resources
             LEFT JOIN links ON resource = id WHERE id = ?1",
            [id.0],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?;
        let Some((entry, have, path, modified)) = columns else {
            return Ok(None);
        };
        let entry = decode_resource(&entry)?;
        let length = entry.descriptor.length;
        let have = Have::from_bits(length, &have).map_err(|_| damaged("which pieces are there"))?;
        let path = path.map(decode_path).transpose()?;
        let link = modified.map(|modified| {
            let path = path.unwrap_or_else(|| self.files.whole(id));
            Source::remembered(path, length, modified)
        });
        Ok(Some(Resource { entry, have, link }))
    }

    pub(super) fn all_resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        let transaction = self.begin(Mode::Read)?;
        let mut resources = Vec::new();
        for id in ids(&transaction)? {
            let row = self.find_row(&transaction, id)?;
            resources.extend(row.map(Resource::into_stored));
        }
        resources.sort_by_key(|stored| (stored.entry.added, stored.entry.descriptor.id));
        Ok(resources)
    }

    pub(super) fn find_resource(
        &self,
        id: ResourceId,
    ) -> Result<Option<StoredResource>, StoreError> {
        let row = self.find_row(&self.begin(Mode::Read)?, id)?;
        Ok(row.map(Resource::into_stored))
    }

    pub(super) fn put_resource(&self, entry: &ResourceEntry) -> Result<(), StoreError> {
        let id = entry.descriptor.id;
        let length = entry.descriptor.length;
        let transaction = self.begin(Mode::Write)?;
        match self.find_row(&transaction, id)? {
            Some(before) if before.length() == length => {
                save_entry(&transaction, entry, &before.have)?;
                transaction.commit()
            }
            _ => {
                delete_row(&transaction, id)?;
                save_entry(&transaction, entry, &Have::none(length))?;
                transaction.commit()?;
                self.clear_files(id);
                Ok(())
            }
        }
    }

    pub(super) fn delete_resource(&self, id: ResourceId) -> Result<(), StoreError> {
        let delete = || {
            let transaction = self.begin(Mode::Write)?;
            delete_row(&transaction, id)?;
            transaction.commit()
        };
        match delete() {
            // On a full disk even this finds no room in the log. The file makes some: its pieces are not wanted any
            // more, and are not there without it.
            Err(StoreError::Full) => {
                self.clear_files(id);
                delete()
            }
            result => result.inspect(|()| self.clear_files(id)),
        }
    }

    /// Removes what no row speaks of any more. If that fails it is done when the store is opened the next time; it
    /// means nothing until then.
    pub(super) fn clear_files(&self, id: ResourceId) {
        if let Err(error) = self.files.remove(id) {
            tracing::warn!(%id, %error, "a file that is not needed any more could not be removed");
        }
    }

    pub(super) fn put_outline(&self, id: ResourceId, outline: &Outline) -> Result<(), StoreError> {
        let transaction = self.begin(Mode::Write)?;
        transaction.execute(
            "INSERT OR REPLACE INTO outlines (resource, bytes)
             SELECT id, ?2 FROM resources WHERE id = ?1",
            (id.0, outline.bytes()),
        )?;
        transaction.commit()
    }

    pub(super) fn find_outline(&self, id: ResourceId) -> Result<Option<Outline>, StoreError> {
        let columns: Option<(Vec<u8>, Vec<u8>)> = self.begin(Mode::Read)?.find(
            "SELECT entry, bytes FROM resources JOIN outlines ON resource = id WHERE id = ?1",
            [id.0],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let Some((entry, outline)) = columns else {
            return Ok(None);
        };
        let length = decode_resource(&entry)?.descriptor.length;
        let outline = Outline::check(id, length, &outline);
        outline.map(Some).map_err(|_| damaged("an outline"))
    }
}

/// Deletes the row with its outline and its link.
pub(super) fn delete_row(transaction: &Transaction<'_>, id: ResourceId) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM resources WHERE id = ?1", [id.0])?;
    Ok(())
}
