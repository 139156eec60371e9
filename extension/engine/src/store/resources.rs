//! Resources in IndexedDB: their entries and outlines.

use catnest::{
    resource::{Descriptor, Have, Outline, ResourceId},
    store::bytes::{damaged, decode_resource, encode_resource},
    store::{ResourceEntry, StoreError, StoredResource},
};

use super::{
    IndexedDbStore,
    transaction::{HAVE, Mode, OUTLINES, PIECES, RESOURCES, RUNS, Transaction},
    types::{all_part_keys, resource_key},
};

/// All that belongs to a resource.
const EVERYTHING: &[&str] = &[RESOURCES, HAVE, OUTLINES, RUNS, PIECES];

async fn find(
    transaction: &Transaction<'_>,
    id: ResourceId,
) -> Result<Option<StoredResource>, StoreError> {
    let key = resource_key(id);
    let [entry, bits] = transaction
        .get_each([(RESOURCES, &key), (HAVE, &key)])
        .await?;
    stored(entry, bits)
}

/// What the rows of a resource say, if it is there.
pub(super) fn stored(
    entry: Option<Vec<u8>>,
    bits: Option<Vec<u8>>,
) -> Result<Option<StoredResource>, StoreError> {
    let Some(entry) = entry else {
        return Ok(None);
    };
    let entry = decode_resource(&entry)?;
    let have = Have::from_bits(entry.descriptor.length, &bits.unwrap_or_default())
        .map_err(|_| damaged("which pieces are there"))?;
    Ok(Some(StoredResource { entry, have }))
}

/// Deletes all but the entry.
async fn clear(transaction: &Transaction<'_>, id: ResourceId) -> Result<(), StoreError> {
    transaction.delete(HAVE, resource_key(id)).await?;
    transaction.delete(OUTLINES, resource_key(id)).await?;
    transaction.delete(RUNS, resource_key(id)).await?;
    let (first, end) = all_part_keys(id);
    transaction.delete_between(PIECES, first, end).await
}

async fn remove(transaction: &Transaction<'_>, id: ResourceId) -> Result<(), StoreError> {
    transaction.delete(RESOURCES, resource_key(id)).await?;
    clear(transaction, id).await
}

/// Writes an entry; what there was before is known.
async fn put(
    transaction: &Transaction<'_>,
    entry: &ResourceEntry,
    before: Option<StoredResource>,
) -> Result<(), StoreError> {
    let Descriptor { id, length, .. } = entry.descriptor;
    let before = before.map(|before| before.entry.descriptor.length);
    // Where nothing was, there is nothing to delete: all of a resource goes with its entry.
    if before.is_some_and(|before| before != length) {
        clear(transaction, id).await?;
    }
    let none = Have::none(length);
    let bytes = encode_resource(entry);
    let have = (before != Some(length)).then(|| (HAVE, resource_key(id), none.bits()));
    let entry = (RESOURCES, resource_key(id), &bytes[..]);
    let rows = have.into_iter().chain([entry]);
    transaction.put_each(rows).await
}

/// What is still fetched can be fetched again: whoever waits for it does not wait for the disk. What is here and known to
/// be what it should be, as what the member shares, is on the disk once that is said.
fn durability(entry: &ResourceEntry) -> Mode {
    if entry.md5_checked {
        Mode::Write
    } else {
        Mode::WriteRelaxed
    }
}

impl IndexedDbStore {
    pub(super) async fn all_resources(&self) -> Result<Vec<StoredResource>, StoreError> {
        let transaction = self.begin(&[RESOURCES, HAVE], Mode::Read)?;
        let mut resources = Vec::new();
        for (_, entry) in transaction.all(RESOURCES).await? {
            let id = decode_resource(&entry)?.descriptor.id;
            resources.extend(find(&transaction, id).await?);
        }
        resources.sort_by_key(|stored| (stored.entry.added, stored.entry.descriptor.id));
        Ok(resources)
    }

    pub(super) async fn find_resource(
        &self,
        id: ResourceId,
    ) -> Result<Option<StoredResource>, StoreError> {
        find(&self.begin(&[RESOURCES, HAVE], Mode::Read)?, id).await
    }

    pub(super) async fn put_resource(&self, entry: &ResourceEntry) -> Result<(), StoreError> {
        let transaction = self.begin(EVERYTHING, durability(entry))?;
        let before = find(&transaction, entry.descriptor.id).await?;
        put(&transaction, entry, before).await?;
        self.commit(transaction).await
    }

    /// Adds a resource, unless it is there already; true if all of its pieces are there. One that is said to have another
    /// length than this one is replaced: the bytes of this one are known.
    ///
    /// # Errors
    /// What the store says.
    pub async fn add_resource(&self, entry: &ResourceEntry) -> Result<bool, StoreError> {
        let transaction = self.begin(EVERYTHING, Mode::Write)?;
        let before = find(&transaction, entry.descriptor.id).await?;
        if let Some(before) = &before
            && before.entry.descriptor.length == entry.descriptor.length
        {
            return Ok(before.have.is_complete());
        }
        let channels = before.as_ref().map(|before| before.entry.channels.clone());
        let entry = ResourceEntry {
            channels: channels.unwrap_or_default(),
            ..entry.clone()
        };
        put(&transaction, &entry, before).await?;
        self.commit(transaction).await?;
        Ok(false)
    }

    /// Forgets a resource with its pieces, if it is not shared in any channel.
    ///
    /// # Errors
    /// What the store says.
    pub async fn remove_unshared(&self, id: ResourceId) -> Result<(), StoreError> {
        let transaction = self.begin(EVERYTHING, Mode::Write)?;
        let stored = find(&transaction, id).await?;
        if stored.is_some_and(|stored| stored.entry.channels.is_empty()) {
            remove(&transaction, id).await?;
        }
        self.commit(transaction).await
    }

    pub(super) async fn delete_resource(&self, id: ResourceId) -> Result<(), StoreError> {
        let transaction = self.begin(EVERYTHING, Mode::Write)?;
        remove(&transaction, id).await?;
        self.commit(transaction).await
    }

    /// Makes all changes last; pieces that were there before may be gone.
    async fn commit(&self, transaction: Transaction<'_>) -> Result<(), StoreError> {
        let done = transaction.commit().await;
        self.last_run.take();
        done
    }

    pub(super) async fn put_outline(
        &self,
        id: ResourceId,
        outline: &Outline,
    ) -> Result<(), StoreError> {
        // One that is lost is asked for again.
        let transaction = self.begin(&[RESOURCES, OUTLINES], Mode::WriteRelaxed)?;
        let key = resource_key(id);
        if transaction.get(RESOURCES, key.clone()).await?.is_some() {
            transaction.put(OUTLINES, key, outline.bytes()).await?;
        }
        transaction.commit().await
    }

    pub(super) async fn find_outline(&self, id: ResourceId) -> Result<Option<Outline>, StoreError> {
        let transaction = self.begin(&[RESOURCES, OUTLINES], Mode::Read)?;
        let entry = transaction.get(RESOURCES, resource_key(id)).await?;
        let outline = transaction.get(OUTLINES, resource_key(id)).await?;
        let (Some(entry), Some(outline)) = (entry, outline) else {
            return Ok(None);
        };
        let length = decode_resource(&entry)?.descriptor.length;
        let outline = Outline::check(id, length, &outline);
        outline.map(Some).map_err(|_| damaged("an outline"))
    }
}
