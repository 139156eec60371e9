//! A worker that is asked one thing after the other.

use std::collections::BTreeSet;

use catnest::{
    node::Problem,
    resource::{Descriptor, ResourceId},
    store::ResourceEntry,
    time::Millis,
};
use web_sys::File;

use super::{
    Place,
    helper::Helper,
    intakes::no_worker,
    messages::{FromWorker, ToWorker},
};
use crate::{js, mail::Mail};

/// The worker, for one who asks.
pub(super) struct Caller {
    helper: Helper,
    said: Mail<Result<FromWorker, String>>,
}

/// A file that is to be taken in.
pub(super) struct Taken<'a> {
    pub(super) file: &'a File,
    /// What it is to be called.
    pub(super) name: String,
    /// What it is.
    pub(super) media_type: String,
    pub(super) now: Millis,
}

impl Caller {
    pub(super) fn start(script: &str) -> Result<Self, Problem> {
        let said = Mail::default();
        let mail = said.clone();
        let helper = Helper::start(script, move |message| mail.put(message));
        let helper = helper.map_err(|error| no_worker(&js::text_of(&error)))?;
        Ok(Self { helper, said })
    }

    /// Has something done; tells how many bytes of it are.
    pub(super) async fn ask(
        &self,
        what: ToWorker,
        progress: impl Fn(u64),
    ) -> Result<FromWorker, Problem> {
        self.helper.post(&what);
        loop {
            match self.said.take().await {
                Ok(FromWorker::Progress(bytes)) => progress(bytes),
                Ok(FromWorker::Failed(problem)) => return Err(problem),
                Ok(answer) => return Ok(answer),
                Err(detail) => return Err(no_worker(&detail)),
            }
        }
    }

    /// Takes a file into the store: hashed, entered, stored. `hashed` hears what it is before it has an entry, and
    /// `progress` how many bytes of twice its length are done.
    pub(super) async fn take_in(
        &self,
        place: &Place,
        taken: Taken<'_>,
        progress: impl Fn(u64),
        hashed: impl FnOnce(ResourceId),
    ) -> Result<Descriptor, Problem> {
        let Taken {
            file,
            name,
            media_type,
            now,
        } = taken;
        let length = file.size() as u64;
        let hash = ToWorker::Hash {
            file: file.clone(),
            name: name.clone(),
        };
        let FromWorker::Hashed { id, md5 } = self.ask(hash, &progress).await? else {
            return Err(no_worker("it said something else"));
        };
        hashed(id);
        let descriptor = Descriptor {
            id,
            length,
            md5,
            name,
            media_type,
        };
        let entry = ResourceEntry {
            descriptor: descriptor.clone(),
            channels: BTreeSet::new(),
            paused: false,
            added: now,
            // By the worker, of all bytes.
            md5_checked: true,
            automatic: None,
        };
        let store = match &*place.store {
            Ok(store) => store,
            Err(error) => return Err(error.clone().into()),
        };
        let whole = store.add_resource(&entry).await?;
        if !whole {
            let database = place.database.clone();
            let keep = ToWorker::Keep { database };
            self.ask(keep, |bytes| progress(length + bytes)).await?;
        }
        progress(2 * length);
        Ok(descriptor)
    }
}
