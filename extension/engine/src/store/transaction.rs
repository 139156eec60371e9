//! A transaction in the verbs of this store: bytes in, bytes out.

use catnest::store::StoreError;
use indexed_db_futures::{
    BuildPrimitive, KeyRange,
    cursor::CursorDirection,
    database::Database,
    error::Error,
    object_store::ObjectStore,
    prelude::{QuerySource, *},
    transaction::{
        Transaction as Inner, TransactionDurability, TransactionMode, TransactionOptions,
    },
};
use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::error::store_error;

/// The object store of the one device.
pub(super) const DEVICE: &str = "device";
/// The object store of channels.
pub(super) const CHANNELS: &str = "channels";
/// The object store of records.
pub(super) const RECORDS: &str = "records";
/// The object store that tells which records nobody has acknowledged.
pub(super) const UNSENT: &str = "unsent";
/// The object store that tells which records the member has not seen.
pub(super) const UNREAD: &str = "unread";
/// The object store of who has the member's own records.
pub(super) const HOLDERS: &str = "holders";
/// The object store that tells which records the member keeps.
pub(super) const KEPT: &str = "kept";
/// The object store that tells which records were recalled, and by which.
pub(super) const RECALLS: &str = "recalls";
/// The object store of resources.
pub(super) const RESOURCES: &str = "resources";
/// The object store that tells which pieces are there.
pub(super) const HAVE: &str = "have";
/// The object store of the resources' outlines.
pub(super) const OUTLINES: &str = "outlines";
/// The object store that tells which pieces are kept together.
pub(super) const RUNS: &str = "runs";
/// The object store of pieces.
pub(super) const PIECES: &str = "pieces";
/// The object store of lists of tracks.
pub(super) const TRACKS: &str = "tracks";
/// The object store of what a device has one of for its music.
pub(super) const MUSIC: &str = "music";

/// Whether a transaction changes anything.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    Write,
    /// It survives the browser's being killed, and perhaps not the machine's losing its power: "relaxed" means that all
    /// was written to the operating system (Indexed Database API 3.0 §2.7), which keeps it when the process ends,
    /// however it ends.
    WriteRelaxed,
}

/// A transaction; dropped without [`Transaction::commit`] it changes nothing.
pub(super) struct Transaction<'a>(Inner<'a>);

fn bytes(value: &JsValue) -> Vec<u8> {
    // Values are arrays of bytes, which are copied once. Keys are buffers, which the constructor takes as they are; of an
    // array it would make a copy first.
    value
        .dyn_ref::<Uint8Array>()
        .map_or_else(|| Uint8Array::new(value).to_vec(), |array| array.to_vec())
}

/// Makes all requests before the first answer is awaited: that costs one round trip to the browser's process.
async fn all<T, R>(requests: impl Iterator<Item = Result<R, StoreError>>) -> Result<(), StoreError>
where
    R: IntoFuture<Output = Result<T, Error>>,
{
    for request in requests.collect::<Result<Vec<_>, _>>()? {
        request.await.map_err(store_error)?;
    }
    Ok(())
}

impl<'a> Transaction<'a> {
    pub(super) fn begin(
        database: &'a Database,
        stores: &[&str],
        mode: Mode,
    ) -> Result<Self, StoreError> {
        let builder = database.transaction(stores.to_vec());
        // Strict: what is acknowledged is on the disk, not only with the operating system.
        let durability = if mode == Mode::WriteRelaxed {
            TransactionDurability::Relaxed
        } else {
            TransactionDurability::Strict
        };
        let transaction = if mode == Mode::Read {
            builder.with_mode(TransactionMode::Readonly).build()
        } else {
            builder
                .with_mode(TransactionMode::Readwrite)
                .with_options(TransactionOptions::new().with_durability(durability))
                .build()
        };
        transaction.map(Self).map_err(store_error)
    }

    fn store(&self, name: &str) -> Result<ObjectStore<'_>, StoreError> {
        self.0.object_store(name).map_err(store_error)
    }

    pub(super) async fn get(
        &self,
        store: &str,
        key: JsValue,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let store = self.store(store)?;
        let request = store
            .get::<JsValue, _, _>(key)
            .primitive()
            .map_err(store_error)?;
        Ok(request
            .await
            .map_err(store_error)?
            .map(|value| bytes(&value)))
    }

    pub(super) async fn put(
        &self,
        store: &str,
        key: JsValue,
        value: &[u8],
    ) -> Result<(), StoreError> {
        let store = self.store(store)?;
        let value: JsValue = Uint8Array::from(value).into();
        store
            .put(value)
            .with_key(key)
            .without_key_type()
            .primitive()
            .map_err(store_error)?
            .await
            .map_err(store_error)
    }

    /// The values of several keys, each in its store.
    pub(super) async fn get_each<const N: usize>(
        &self,
        keys: [(&str, &JsValue); N],
    ) -> Result<[Option<Vec<u8>>; N], StoreError> {
        let mut values = [const { None }; N];
        for (value, found) in values.iter_mut().zip(self.get_all(keys).await?) {
            *value = found;
        }
        Ok(values)
    }

    /// The same of any number.
    pub(super) async fn get_all(
        &self,
        keys: impl IntoIterator<Item = (&str, &JsValue)>,
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        // All are asked for before the first answer is awaited: that costs one round trip to the browser's process.
        let requests = keys.into_iter().map(|(store, key)| {
            let store = self.store(store)?;
            let request = store.get::<JsValue, _, _>(key.clone()).primitive();
            request.map_err(store_error)
        });
        let requests = requests.collect::<Result<Vec<_>, _>>()?;
        let mut values = Vec::with_capacity(requests.len());
        for request in requests {
            let found: Option<JsValue> = request.await.map_err(store_error)?;
            values.push(found.map(|found| bytes(&found)));
        }
        Ok(values)
    }

    /// What the values of all keys are from `first` up to but without `end`, put together; nothing where there is none.
    pub(super) async fn join(
        &self,
        store: &str,
        first: JsValue,
        end: JsValue,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let store = self.store(store)?;
        let range = KeyRange::Bound(first, false, end, true);
        let all = store.get_all::<JsValue>().with_query::<JsValue, _>(range);
        let request = all.primitive().map_err(store_error)?;
        let mut whole: Option<Vec<u8>> = None;
        for value in request.await.map_err(store_error)? {
            let value = bytes(&value.map_err(store_error)?);
            match &mut whole {
                Some(whole) => whole.extend_from_slice(&value),
                None => whole = Some(value),
            }
        }
        Ok(whole)
    }

    /// Puts several values, each under a key of its store, with one round trip likewise.
    pub(super) async fn put_each(
        &self,
        rows: impl Iterator<Item = (&str, JsValue, &[u8])>,
    ) -> Result<(), StoreError> {
        let requests = rows.map(|(store, key, value)| {
            let value: JsValue = Uint8Array::from(value).into();
            let store = self.store(store)?;
            let put = store.put(value).with_key(key).without_key_type();
            put.primitive().map_err(store_error)
        });
        all(requests).await
    }

    pub(super) async fn delete(&self, store: &str, key: JsValue) -> Result<(), StoreError> {
        let store = self.store(store)?;
        store
            .delete(key)
            .primitive()
            .map_err(store_error)?
            .await
            .map_err(store_error)
    }

    /// The same of several keys, with one round trip likewise.
    pub(super) async fn delete_keys(
        &self,
        store: &str,
        keys: impl Iterator<Item = JsValue>,
    ) -> Result<(), StoreError> {
        let store = self.store(store)?;
        all(keys.map(|key| store.delete(key).primitive().map_err(store_error))).await
    }

    /// Deletes all keys from each first one up to but without its end, with one round trip likewise.
    pub(super) async fn delete_each(
        &self,
        store: &str,
        ranges: impl Iterator<Item = (JsValue, JsValue)>,
    ) -> Result<(), StoreError> {
        let store = self.store(store)?;
        let requests = ranges.map(|(first, end)| {
            let range = KeyRange::Bound(first, false, end, true);
            let request = store.delete::<JsValue, _>(range).primitive();
            request.map_err(store_error)
        });
        all(requests).await
    }

    /// Deletes all keys from `first` up to but without `end`.
    pub(super) async fn delete_between(
        &self,
        store: &str,
        first: JsValue,
        end: JsValue,
    ) -> Result<(), StoreError> {
        self.delete_each(store, std::iter::once((first, end))).await
    }

    /// All rows of a store: a key of bytes and its value.
    pub(super) async fn all(&self, store: &str) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        let first: JsValue = Uint8Array::new_with_length(0).into();
        self.rows(store, KeyRange::LowerBound(first, false), usize::MAX)
            .await
    }

    /// At most `limit` rows from before `end` back to `first`.
    pub(super) async fn backwards(
        &self,
        store: &str,
        first: JsValue,
        end: JsValue,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let from = self.nth_key_from_the_end(store, first.clone(), end.clone(), limit - 1);
        let from = match from.await? {
            Some(from) => Uint8Array::from(&from[..]).into(),
            None => first,
        };
        let range = KeyRange::Bound(from, false, end, true);
        let mut rows = self.rows(store, range, limit).await?;
        rows.reverse();
        Ok(rows)
    }

    /// Whether there is a value under a key.
    pub(super) async fn has(&self, store: &str, key: JsValue) -> Result<bool, StoreError> {
        Ok(self.get(store, key).await?.is_some())
    }

    /// The first rows from `first` up to but without `end`, at most `limit`.
    pub(super) async fn forwards(
        &self,
        store: &str,
        first: JsValue,
        end: JsValue,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        self.rows(store, KeyRange::Bound(first, false, end, true), limit)
            .await
    }

    /// How many keys there are from `first` up to but without `end`.
    pub(super) async fn count(
        &self,
        store: &str,
        first: JsValue,
        end: JsValue,
    ) -> Result<usize, StoreError> {
        let counts = self
            .count_each(store, std::iter::once((first, end)))
            .await?;
        Ok(counts.into_iter().sum())
    }

    /// How many keys there are from each first one up to but without its end, with one round trip likewise.
    pub(super) async fn count_each(
        &self,
        store: &str,
        ranges: impl Iterator<Item = (JsValue, JsValue)>,
    ) -> Result<Vec<usize>, StoreError> {
        let store = self.store(store)?;
        let requests = ranges.map(|(first, end)| {
            let range = KeyRange::Bound(first, false, end, true);
            let request = store.count().with_query::<JsValue, _>(range);
            request.primitive().map_err(store_error)
        });
        let requests = requests.collect::<Result<Vec<_>, _>>()?;
        let mut counts = Vec::with_capacity(requests.len());
        for request in requests {
            counts.push(request.await.map_err(store_error)? as usize);
        }
        Ok(counts)
    }

    /// The key before `end`, and not before `start`, that has so many others after it.
    pub(super) async fn nth_key_from_the_end(
        &self,
        store: &str,
        start: JsValue,
        end: JsValue,
        nth: usize,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let store = self.store(store)?;
        let request = store
            .open_key_cursor()
            .with_query::<JsValue, _>(KeyRange::Bound(start, false, end, true))
            .with_direction(CursorDirection::Prev)
            .primitive()
            .map_err(store_error)?;
        let Some(mut cursor) = request.await.map_err(store_error)? else {
            return Ok(None);
        };
        let last = cursor.primary_key::<JsValue>().map_err(store_error)?;
        let last = last.map(|key| bytes(&key));
        if nth == 0 {
            return Ok(last);
        }
        let steps = u32::try_from(nth).unwrap_or(u32::MAX);
        cursor.advance_by(steps).await.map_err(store_error)?;
        let key = cursor.primary_key::<JsValue>().map_err(store_error)?;
        // A cursor that was advanced beyond the first key has none, or still the one it had before: to count the keys for that
        // would go through all of them.
        Ok(key
            .map(|key| bytes(&key))
            .filter(|key| Some(key) != last.as_ref()))
    }

    /// The last keys before `end` and not before `start`, at most `limit`, in their order. Their values are not read.
    pub(super) async fn last_keys(
        &self,
        store: &str,
        start: JsValue,
        end: JsValue,
        limit: usize,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        // A cursor goes over many keys with one request, but gives one at a time; from where it ends, all come at once.
        let last = limit.saturating_sub(1);
        let first = self.nth_key_from_the_end(store, start.clone(), end.clone(), last);
        let start = match first.await? {
            Some(first) => Uint8Array::from(&first[..]).into(),
            None => start,
        };
        let store = self.store(store)?;
        let keys = store
            .get_all_keys::<JsValue>()
            .with_query::<JsValue, _>(KeyRange::Bound(start, false, end, true));
        let request = keys.primitive().map_err(store_error)?;
        let mut all = Vec::new();
        for key in request.await.map_err(store_error)? {
            all.push(bytes(&key.map_err(store_error)?));
        }
        Ok(all)
    }

    /// The first rows of a range. They come together, with two requests: a cursor would take one for each.
    async fn rows(
        &self,
        store: &str,
        range: KeyRange<JsValue>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, Vec<u8>)>, StoreError> {
        // For IndexedDB, none is no limit.
        let Ok(limit @ 1..) = u32::try_from(limit.min(u32::MAX as usize)) else {
            return Ok(Vec::new());
        };
        let store = self.store(store)?;
        let keys = store
            .get_all_keys::<JsValue>()
            .with_query::<JsValue, _>(range.clone())
            .with_limit(limit)
            .primitive()
            .map_err(store_error)?;
        let values = store
            .get_all::<JsValue>()
            .with_query::<JsValue, _>(range)
            .with_limit(limit)
            .primitive()
            .map_err(store_error)?;
        let (keys, values) = (keys.await, values.await);
        let keys = keys.map_err(store_error)?;
        let values = values.map_err(store_error)?;
        let row = |(key, value): (Result<JsValue, _>, Result<JsValue, _>)| {
            let (key, value) = (key.map_err(store_error)?, value.map_err(store_error)?);
            Ok((bytes(&key), bytes(&value)))
        };
        keys.zip(values).map(row).collect()
    }

    /// Makes the changes last. Returns once they are on the disk.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.0.commit().await.map_err(store_error)
    }
}
