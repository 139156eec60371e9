//! Pieces in IndexedDB, and that they are there: in one transaction, so that both are, or none.

use std::{ops::Range, rc::Rc};

use catnest::{
    resource::{ResourceId, pieces},
    store::{StoreError, StoredResource, bytes::decode_resource},
};

use super::{
    IndexedDbStore,
    resources::find,
    runs::{Runs, put_together, values},
    transaction::{HAVE, Mode, PIECES, RESOURCES, RUNS, Transaction},
    types::{part_key, part_keys, resource_key},
};

/// Several pieces that are kept together.
#[derive(Clone, Debug)]
pub(super) struct Run {
    id: ResourceId,
    pieces: Range<u32>,
    bytes: Rc<Vec<u8>>,
}

impl Run {
    /// A piece of it; `length` is that of the resource.
    fn piece(&self, length: u64, piece: u32) -> Option<&[u8]> {
        let begins = pieces::range(length, self.pieces.start)?.start;
        let range = pieces::range(length, piece)?;
        // Below the length of a run.
        let (start, end) = (range.start - begins, range.end - begins);
        self.bytes.get(start as usize..end as usize)
    }
}

async fn read_runs(transaction: &Transaction<'_>, id: ResourceId) -> Result<Runs, StoreError> {
    let bits = transaction.get(RUNS, resource_key(id)).await?;
    Ok(Runs::from_bits(bits.unwrap_or_default()))
}

async fn write_run(
    transaction: &Transaction<'_>,
    id: ResourceId,
    first: u32,
    bytes: &[u8],
) -> Result<(), StoreError> {
    let parts = (0..).zip(values(bytes));
    let rows = parts.map(|(part, bytes)| (part_key(id, first, part), bytes));
    transaction.put_each(PIECES, rows).await
}

impl IndexedDbStore {
    /// Keeps pieces. One that is here already stays as it is: it has the same bytes.
    pub(super) async fn add_pieces(
        &self,
        id: ResourceId,
        pieces: &[(u32, Vec<u8>)],
    ) -> Result<(), StoreError> {
        // A piece that is lost with the machine's power is fetched again.
        let stores = [RESOURCES, HAVE, RUNS, PIECES];
        let transaction = self.begin(&stores, Mode::WriteRelaxed)?;
        let Some(StoredResource { mut have, .. }) = find(&transaction, id).await? else {
            return Ok(());
        };
        let mut runs = read_runs(&transaction, id).await?;
        let new = pieces.iter().map(|(piece, bytes)| (*piece, &bytes[..]));
        let mut new: Vec<_> = new.filter(|(piece, _)| have.insert(*piece)).collect();
        new.sort_unstable_by_key(|(piece, _)| *piece);
        for (run, bytes) in put_together(&new) {
            write_run(&transaction, id, run.start, &bytes).await?;
            runs.join(run);
        }
        transaction.put(HAVE, resource_key(id), have.bits()).await?;
        transaction.put(RUNS, resource_key(id), runs.bits()).await?;
        transaction.commit().await
    }

    /// Forgets pieces.
    pub(super) async fn delete_pieces(
        &self,
        id: ResourceId,
        pieces: &[u32],
    ) -> Result<(), StoreError> {
        self.last_run.take();
        let stores = [RESOURCES, HAVE, RUNS, PIECES];
        let transaction = self.begin(&stores, Mode::WriteRelaxed)?;
        let Some(StoredResource { mut have, entry }) = find(&transaction, id).await? else {
            return Ok(());
        };
        let mut runs = read_runs(&transaction, id).await?;
        for piece in pieces {
            have.remove(*piece);
            let run = runs.around(*piece);
            let (first, end) = part_keys(id, run.start);
            let whole = transaction.join(PIECES, first.clone(), end.clone()).await?;
            transaction.delete_between(PIECES, first, end).await?;
            // The others of its run are kept, each alone.
            let whole = Run {
                id,
                pieces: run.clone(),
                bytes: Rc::new(whole.unwrap_or_default()),
            };
            for other in run {
                runs.join(other..other + 1);
                let bytes = whole.piece(entry.descriptor.length, other);
                if let Some(bytes) = bytes.filter(|_| have.contains(other)) {
                    write_run(&transaction, id, other, bytes).await?;
                }
            }
        }
        transaction.put(HAVE, resource_key(id), have.bits()).await?;
        transaction.put(RUNS, resource_key(id), runs.bits()).await?;
        transaction.commit().await
    }

    /// Reads pieces.
    pub(super) async fn find_pieces(
        &self,
        id: ResourceId,
        pieces: &[u32],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let transaction = self.begin(&[RESOURCES, RUNS, PIECES], Mode::Read)?;
        let key = resource_key(id);
        let [entry, runs] = transaction
            .get_each([(RESOURCES, &key), (RUNS, &key)])
            .await?;
        let Some(entry) = entry else {
            return Ok(vec![None; pieces.len()]);
        };
        let length = decode_resource(&entry)?.descriptor.length;
        let runs = Runs::from_bits(runs.unwrap_or_default());
        let mut found = Vec::with_capacity(pieces.len());
        for &piece in pieces {
            let run = self.read_run(&transaction, id, runs.around(piece)).await?;
            found.push(run.and_then(|run| run.piece(length, piece).map(<[u8]>::to_vec)));
        }
        Ok(found)
    }

    /// A run; the last one is remembered, since whoever reads a piece of it will read the next.
    async fn read_run(
        &self,
        transaction: &Transaction<'_>,
        id: ResourceId,
        pieces: Range<u32>,
    ) -> Result<Option<Run>, StoreError> {
        if let Some(last) = &*self.last_run.borrow()
            && (last.id, &last.pieces) == (id, &pieces)
        {
            return Ok(Some(last.clone()));
        }
        let (first, end) = part_keys(id, pieces.start);
        let bytes = transaction.join(PIECES, first, end).await?;
        let run = bytes.map(|bytes| Run {
            id,
            pieces,
            bytes: Rc::new(bytes),
        });
        self.last_run.replace(run.clone());
        Ok(run)
    }
}
