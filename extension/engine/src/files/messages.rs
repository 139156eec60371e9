//! What the engine and its workers say to each other.

use catnest::{
    music::tags::{Tags, TagsError},
    node::Problem,
    resource::{Md5, ResourceId},
};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::File;

/// From the engine to a worker.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToWorker {
    /// Hash a file, and remember it for [`ToWorker::Keep`].
    Hash {
        /// Its bytes.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        file: File,
        /// What it is called, for problems.
        name: String,
    },
    /// Store the bytes of the file that was hashed: what is not there yet of a resource that has an entry.
    Keep {
        /// Where.
        database: String,
    },
    /// Read what a music file says of itself.
    Tags {
        /// Its bytes.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        file: File,
        /// What it is called, for problems.
        name: String,
    },
    /// Look at a picture that is to be a cover.
    Cover {
        /// Its bytes.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        file: File,
    },
    /// Read lyrics, however they are encoded.
    Lyrics {
        /// Their bytes.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        file: File,
    },
    /// Make a blob of a resource.
    Assemble {
        /// Comes back with the blob.
        ticket: u32,
        /// Where it is.
        database: String,
        /// Which.
        file: ResourceId,
    },
}

/// From a worker to the engine.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromWorker {
    /// So many bytes of the file are hashed, or stored.
    Progress(u64),
    /// The file is hashed.
    Hashed {
        /// Its id.
        id: ResourceId,
        /// Its other hash.
        md5: Md5,
    },
    /// The file is stored, whole.
    Kept,
    /// It is not: for this reason.
    Failed(Problem),
    /// What a music file says of itself.
    Tags {
        /// Without cover and lyrics.
        tags: Box<Result<Tags, TagsError>>,
        /// The cover that is in it, a `File`, or `undefined`.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        cover: JsValue,
        /// Its lyrics, likewise.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        lyrics: JsValue,
    },
    /// A cover as it is, or lyrics in UTF-8.
    Made {
        /// A `File`, or `undefined` if they are none.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        file: JsValue,
    },
    /// What came of [`ToWorker::Assemble`].
    Assembled {
        /// The same.
        ticket: u32,
        /// The blob, or `undefined`.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        blob: JsValue,
        /// Bytes of it are not there, or were not what they were, and are not kept.
        lacks: bool,
    },
}
