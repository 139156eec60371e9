//! A file on its way into the store: hashed in one pass, stored in another.
//!
//! Two passes, because the store knows a resource by its hash. The second one checks each piece against the first.

use std::ops::Range;

use catnest::{
    limits,
    node::Problem,
    resource::{Hashed, Have, ResourceHasher, pieces},
    store::Store,
};
use wasm_bindgen::JsValue;
use web_sys::File;

use super::read::Slices;
use crate::{js, store::IndexedDbStore};

/// Bytes that are hashed at a time: some 10 ms of work, far more than it costs to ask for them.
const SLICE_BYTES: u64 = 2 * 1024 * 1024;

/// Bytes that are stored in one transaction, which waits for the disk: so many that what each costs by itself does not
/// count, and so few that others who wait for theirs do not notice.
const BATCH_BYTES: u64 = limits::MAX_PIECE_BYTES;

/// The file is not to be relied on.
pub(super) fn changed(name: &str, error: &JsValue) -> Problem {
    js::warn("a file cannot be taken in", error);
    let name = name.to_owned();
    Problem::FileChanged { name }
}

/// Hashes a file, telling how many bytes are done.
///
/// # Errors
/// [`Problem::FileChanged`] when it cannot be read to its end.
pub async fn hash(file: &File, name: &str, progress: impl Fn(u64)) -> Result<Hashed, Problem> {
    let changed = |error: JsValue| changed(name, &error);
    let length = file.size() as u64;
    let mut hasher = ResourceHasher::new(length);
    let starts = (0..length).step_by(SLICE_BYTES as usize);
    let ranges = starts.map(|start| ((), start..length.min(start + SLICE_BYTES)));
    let mut slices = Slices::of(file, ranges);
    while let Some(((), bytes)) = slices.next().await.map_err(changed)? {
        let taken = hasher.update(&bytes);
        taken.map_err(|error| changed(error.to_string().into()))?;
        progress(hasher.taken());
    }
    let hashed = hasher.finish();
    hashed.map_err(|error| changed(error.to_string().into()))
}

/// Stores what is not there yet of a file that was hashed, and has an entry in the store; tells how many bytes are there.
///
/// # Errors
/// [`Problem::FileChanged`] when these are not the bytes that were hashed; [`Problem::NoFile`] when the entry is not there,
/// or not any more; what the store says.
pub async fn keep(
    store: &IndexedDbStore,
    file: &File,
    name: &str,
    hashed: &Hashed,
    progress: impl Fn(u64),
) -> Result<(), Problem> {
    let (id, length) = (hashed.id, hashed.outline.length());
    store.save_outline(id, &hashed.outline).await?;
    let stored = store.resource(id).await?.ok_or(Problem::NoFile)?;
    let mut have = stored.have;
    let missing: Vec<u32> = have.missing().collect();
    let mut slices = Slices::of(file, batches(length, &missing));
    while let Some((batch, bytes)) = slices.next().await.map_err(|error| changed(name, &error))? {
        let checked = cut(hashed, batch, &bytes);
        let checked = checked.ok_or_else(|| changed(name, &"it is another one now".into()))?;
        // Nobody else has them yet.
        store.keep_pieces(id, &checked).await?;
        for (piece, _) in &checked {
            have.insert(*piece);
        }
        progress(have.bytes(length));
    }
    // The member may have removed the resource meanwhile, and then nothing was kept.
    let whole = store.resource(id).await?.map(|stored| stored.have);
    if whole.as_ref().is_some_and(Have::is_complete) {
        Ok(())
    } else {
        Err(Problem::NoFile)
    }
}

/// Runs of missing pieces that are stored together, each with where it is.
fn batches(length: u64, missing: &[u32]) -> impl Iterator<Item = (&[u32], Range<u64>)> {
    let together = (BATCH_BYTES / pieces::piece_bytes(length)).max(1) as usize;
    let runs = missing.chunk_by(|piece, next| piece + 1 == *next);
    runs.flat_map(move |run| run.chunks(together))
        .filter_map(move |batch| {
            let first = pieces::range(length, *batch.first()?)?;
            let last = pieces::range(length, *batch.last()?)?;
            Some((batch, first.start..last.end))
        })
}

/// The pieces of a batch, if these are their bytes.
fn cut(hashed: &Hashed, batch: &[u32], bytes: &[u8]) -> Option<Vec<(u32, Vec<u8>)>> {
    let length = hashed.outline.length();
    let mut rest = bytes;
    let pieces = batch.iter().map(|&piece| {
        let (bytes, later) = rest.split_at_checked(pieces::bytes_of(length, piece))?;
        rest = later;
        let proven = hashed.outline.proves(piece, bytes);
        proven.then(|| (piece, bytes.to_vec()))
    });
    pieces.collect()
}
