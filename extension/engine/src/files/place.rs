//! Where files go, and what becomes of those that nobody wants after all.

use std::{collections::BTreeSet, rc::Rc};

use catnest::{resource::ResourceId, store::StoreError};
use wasm_bindgen_futures::spawn_local;

use super::held::{Held, Hold};
use crate::{js, store::IndexedDbStore};

/// Where the files go.
#[derive(Clone, Debug)]
pub struct Place {
    /// The store.
    pub store: Rc<Result<IndexedDbStore, StoreError>>,
    /// The name of its database, which workers open themselves.
    pub database: String,
    /// The script that workers run.
    pub script: String,
    /// What is being taken in.
    pub held: Held,
}

impl Place {
    /// Removes resources that are shared nowhere, unless something else needs them.
    pub(super) fn let_go(&self, holds: Vec<Hold>) {
        let mut ids: BTreeSet<ResourceId> = holds.iter().map(Hold::id).collect();
        drop(holds);
        ids.retain(|id| !self.held.has(*id));
        let store = self.store.clone();
        spawn_local(async move {
            let Ok(store) = &*store else { return };
            for id in ids {
                if let Err(error) = store.remove_unshared(id).await {
                    js::warn("a file was not removed", &error.to_string().into());
                }
            }
        });
    }
}
