//! What happens in a worker: the work on the bytes of files, so that nothing else waits for it.
//!
//! A worker opens the database itself: no byte passes through the engine's own thread. It makes and removes no resource,
//! so that nothing is left behind when the engine stops it in the middle of something.

mod assemble;
mod music;
mod read;
pub mod take_in;

use std::{cell::RefCell, rc::Rc};

use catnest::{node::Problem, resource::Hashed, store::StoreError};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, File};

use self::assemble::Assembled;
use crate::{
    files::messages::{FromWorker, ToWorker},
    js,
    store::IndexedDbStore,
};

/// A file that was hashed.
struct Held {
    file: File,
    name: String,
    hashed: Hashed,
}

thread_local! {
    static HELD: RefCell<Option<Held>> = const { RefCell::new(None) };
    static STORE: RefCell<Option<Rc<IndexedDbStore>>> = const { RefCell::new(None) };
}

/// Does what a message of the engine says. `worker.js` calls it for each.
#[wasm_bindgen]
pub fn work(message: JsValue) {
    console_error_panic_hook::set_once();
    match serde_wasm_bindgen::from_value(message) {
        Ok(message) => spawn_local(carry_out(message)),
        Err(error) => js::warn("a worker did not understand", &error.into()),
    }
}

async fn carry_out(message: ToWorker) {
    let progress = |bytes| post(&FromWorker::Progress(bytes));
    let done = match message {
        ToWorker::Hash { file, name } => hash(file, name, progress).await,
        ToWorker::Keep { database } => keep(&database, progress).await,
        ToWorker::Tags { file, name } => music::tags(&file, &name).await,
        ToWorker::Cover { file } => music::cover(&file).await,
        ToWorker::Lyrics { file } => music::lyrics(&file).await,
        ToWorker::Assemble {
            ticket,
            database,
            file,
        } => {
            let blob = match store(&database).await {
                Ok(store) => assemble::blob(&store, file).await,
                Err(error) => Err(error.to_string().into()),
            };
            let blob = blob.unwrap_or_else(|error| {
                js::warn("a file cannot be shown", &error);
                Assembled::Nothing
            });
            let lacks = matches!(blob, Assembled::Lacks);
            let blob = match blob {
                Assembled::Whole(blob) => blob.into(),
                Assembled::Nothing | Assembled::Lacks => JsValue::UNDEFINED,
            };
            Ok(FromWorker::Assembled {
                ticket,
                blob,
                lacks,
            })
        }
    };
    post(&done.unwrap_or_else(FromWorker::Failed));
}

async fn hash(file: File, name: String, progress: impl Fn(u64)) -> Result<FromWorker, Problem> {
    let hashed = take_in::hash(&file, &name, progress).await?;
    let (id, md5) = (hashed.id, hashed.md5);
    HELD.set(Some(Held { file, name, hashed }));
    Ok(FromWorker::Hashed { id, md5 })
}

async fn keep(database: &str, progress: impl Fn(u64)) -> Result<FromWorker, Problem> {
    let Held { file, name, hashed } = HELD.take().ok_or(Problem::NoFile)?;
    let store = store(database).await?;
    take_in::keep(&store, &file, &name, &hashed, progress).await?;
    Ok(FromWorker::Kept)
}

/// The database, opened once.
async fn store(database: &str) -> Result<Rc<IndexedDbStore>, StoreError> {
    if let Some(store) = STORE.with_borrow(Clone::clone) {
        return Ok(store);
    }
    let store = Rc::new(IndexedDbStore::open(database).await?);
    STORE.set(Some(store.clone()));
    Ok(store)
}

fn post(message: &FromWorker) {
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    let message = message.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
    let posted = message
        .map_err(JsValue::from)
        .and_then(|message| scope.post_message(&message));
    if let Err(error) = posted {
        js::warn("a worker could not answer", &error);
    }
}
