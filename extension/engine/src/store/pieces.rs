//! Pieces in IndexedDB, and that they are there: in one transaction, so that both are, or none.

use std::{borrow::Cow, ops::Range, rc::Rc};

use catnest::{
    resource::{Have, ResourceId, pieces},
    store::{StoreError, StoredResource, bytes::decode_resource},
};
use wasm_bindgen::JsValue;

use super::{
    IndexedDbStore,
    resources::stored,
    runs::{Runs, put_together, values},
    transaction::{HAVE, Mode, PIECES, RESOURCES, RUNS, Transaction},
    types::{part_key, part_keys, resource_key},
};
use crate::js;

/// Several pieces that are kept together.
#[derive(Clone, Debug)]
pub(super) struct Run {
    id: ResourceId,
    /// Of the resource.
    length: u64,
    pieces: Range<u32>,
    bytes: Rc<Vec<u8>>,
}

impl Run {
    /// A piece of it.
    fn piece(&self, piece: u32) -> Option<&[u8]> {
        let begins = pieces::range(self.length, self.pieces.start)?.start;
        let range = pieces::range(self.length, piece)?;
        // Below the length of a run.
        let (start, end) = (range.start - begins, range.end - begins);
        self.bytes.get(start as usize..end as usize)
    }
}

/// What is known of a resource, and how its pieces lie together.
async fn find(
    transaction: &Transaction<'_>,
    id: ResourceId,
) -> Result<Option<(StoredResource, Runs)>, StoreError> {
    let key = resource_key(id);
    let rows = transaction
        .get_each([(RESOURCES, &key), (HAVE, &key), (RUNS, &key)])
        .await?;
    let [entry, have, runs] = rows;
    let stored = stored(entry, have)?;
    Ok(stored.map(|stored| (stored, Runs::from_bits(runs.unwrap_or_default()))))
}

/// The rows of a run.
fn rows(
    id: ResourceId,
    first: u32,
    bytes: &[u8],
) -> impl Iterator<Item = (&'static str, JsValue, &[u8])> {
    let parts = (0..).zip(values(bytes));
    parts.map(move |(part, bytes)| (PIECES, part_key(id, first, part), bytes))
}

/// Writes runs, which pieces are there and how they lie together, and makes all changes last. Everything is handed over
/// before the first answer is awaited: until all is done, what comes is not asked for.
async fn finish(
    transaction: Transaction<'_>,
    id: ResourceId,
    written: &[(Range<u32>, Cow<'_, [u8]>)],
    have: &Have,
    runs: &Runs,
) -> Result<(), StoreError> {
    let pieces = written
        .iter()
        .flat_map(|(run, bytes)| rows(id, run.start, bytes));
    let maps = [(HAVE, have.bits()), (RUNS, runs.bits())];
    let maps = maps.map(|(store, bits)| (store, resource_key(id), bits));
    transaction.put_each(pieces.chain(maps)).await?;
    transaction.commit().await
}

impl IndexedDbStore {
    /// Keeps pieces that nobody else has, as [`Store::put_pieces`](catnest::store::Store::put_pieces) does those that
    /// could be fetched again: when it returns they are on the disk, whatever happens to the machine.
    ///
    /// One strict transaction after many relaxed ones would not do: large values are files of their own, and which of
    /// those it waits for is not said.
    ///
    /// # Errors
    /// What the store says.
    pub async fn keep_pieces(
        &self,
        id: ResourceId,
        pieces: &[(u32, Vec<u8>)],
    ) -> Result<(), StoreError> {
        self.add_pieces(id, pieces, Mode::Write).await
    }

    /// Keeps pieces. One that is here already stays as it is: it has the same bytes.
    pub(super) async fn add_pieces(
        &self,
        id: ResourceId,
        pieces: &[(u32, Vec<u8>)],
        mode: Mode,
    ) -> Result<(), StoreError> {
        let transaction = self.begin(&[RESOURCES, HAVE, RUNS, PIECES], mode)?;
        let Some((StoredResource { mut have, .. }, mut runs)) = find(&transaction, id).await?
        else {
            return Ok(());
        };
        let new = pieces.iter().map(|(piece, bytes)| (*piece, &bytes[..]));
        let mut new: Vec<_> = new.filter(|(piece, _)| have.insert(*piece)).collect();
        new.sort_unstable_by_key(|(piece, _)| *piece);
        let written = put_together(&new);
        for (run, _) in &written {
            runs.join(run.clone());
        }
        finish(transaction, id, &written, &have, &runs).await
    }

    /// Forgets pieces.
    pub(super) async fn delete_pieces(
        &self,
        id: ResourceId,
        pieces: &[u32],
    ) -> Result<(), StoreError> {
        self.last_run.take();
        // Known before: what cannot be read would end the transaction that reads it.
        let readable = self.find_pieces(id, pieces).await?;
        let stores = [RESOURCES, HAVE, RUNS, PIECES];
        let transaction = self.begin(&stores, Mode::WriteRelaxed)?;
        let Some((StoredResource { mut have, entry }, mut runs)) = find(&transaction, id).await?
        else {
            return Ok(());
        };
        for (piece, readable) in pieces.iter().zip(readable) {
            have.remove(*piece);
            let run = runs.around(*piece);
            let (first, end) = part_keys(id, run.start);
            let whole = match readable {
                Some(_) => transaction.join(PIECES, first.clone(), end.clone()).await?,
                None => None,
            };
            transaction.delete_between(PIECES, first, end).await?;
            // The others of its run are kept, each alone, unless they were lost with it.
            let whole = Run {
                id,
                length: entry.descriptor.length,
                pieces: run.clone(),
                bytes: Rc::new(whole.unwrap_or_default()),
            };
            for other in run {
                runs.join(other..other + 1);
                match whole.piece(other) {
                    Some(bytes) if have.contains(other) => {
                        transaction.put_each(rows(id, other, bytes)).await?;
                    }
                    Some(_) => {}
                    None => {
                        have.remove(other);
                    }
                }
            }
        }
        let finished = finish(transaction, id, &[], &have, &runs).await;
        self.last_run.take();
        finished
    }

    /// Reads pieces.
    pub(super) async fn find_pieces(
        &self,
        id: ResourceId,
        pieces: &[u32],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if let Some(pieces) = self.remembered(id, pieces) {
            return Ok(pieces);
        }
        let stores = [RESOURCES, RUNS, PIECES];
        let mut transaction = self.begin(&stores, Mode::Read)?;
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
            let run = runs.around(piece);
            let run = self.read_run(&transaction, id, length, run).await;
            let run = match run {
                Err(StoreError::Damaged(why)) => {
                    js::warn("a piece is lost", &why.into());
                    // The browser ends a transaction in which something fails.
                    transaction = self.begin(&stores, Mode::Read)?;
                    None
                }
                run => run?,
            };
            found.push(run.and_then(|run| run.piece(piece).map(<[u8]>::to_vec)));
        }
        Ok(found)
    }

    /// Pieces that all lie in the run that was read last: they need no transaction.
    fn remembered(&self, id: ResourceId, pieces: &[u32]) -> Option<Vec<Option<Vec<u8>>>> {
        let last = self.last_run.borrow();
        let run = last.as_ref().filter(|run| run.id == id)?;
        let all = pieces.iter().all(|piece| run.pieces.contains(piece));
        all.then(|| {
            pieces
                .iter()
                .map(|piece| run.piece(*piece).map(<[u8]>::to_vec))
                .collect()
        })
    }

    /// A run; the last one is remembered, since whoever reads a piece of it will read the next.
    async fn read_run(
        &self,
        transaction: &Transaction<'_>,
        id: ResourceId,
        length: u64,
        pieces: Range<u32>,
    ) -> Result<Option<Run>, StoreError> {
        if let Some(last) = &*self.last_run.borrow()
            && (last.id, last.length, &last.pieces) == (id, length, &pieces)
        {
            return Ok(Some(last.clone()));
        }
        let (first, end) = part_keys(id, pieces.start);
        let bytes = transaction.join(PIECES, first, end).await?;
        let run = bytes.map(|bytes| Run {
            id,
            length,
            pieces,
            bytes: Rc::new(bytes),
        });
        self.last_run.replace(run.clone());
        Ok(run)
    }
}
