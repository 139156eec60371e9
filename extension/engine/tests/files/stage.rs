//! What the tests of files stand on: a store, a worker, files, and somebody who is told.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use catnest::{
    channel::ChannelId,
    node::{Command, RequestId},
    resource::{Descriptor, Hashed, ResourceHasher, ResourceId, pieces},
    store::{ResourceEntry, Store},
    time::Millis,
};
use catnest_engine::{
    files::{Blobs, Hears, HearsMusic, Held, Place, Share},
    store::IndexedDbStore,
};
use catnest_messages::{Intake, IntakeId, MusicIntake};
use js_sys::{Array, Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, FilePropertyBag, Url};

/// Where things are shared.
pub(crate) const CHANNEL: ChannelId = ChannelId([7; 32]);

thread_local! {
    static DATABASES: Cell<u32> = const { Cell::new(0) };
}

/// The extension's own script, with this test's wasm in place of the engine's.
pub(crate) fn script() -> String {
    let origin = web_sys::window().unwrap().location().origin().unwrap();
    let mut script = include_str!("../../../static/worker.js").to_owned();
    for (ours, tests) in [
        (
            "\"./engine/engine.js\"",
            format!("\"{origin}/wasm-bindgen-test.js\""),
        ),
        (
            "init()",
            format!("init({{ module_or_path: \"{origin}/wasm-bindgen-test_bg.wasm\" }})"),
        ),
    ] {
        assert!(script.contains(ours));
        script = script.replace(ours, &tests);
    }
    let options = BlobPropertyBag::new();
    options.set_type("text/javascript");
    let parts = Array::of1(&script.into());
    let blob = Blob::new_with_str_sequence_and_options(&parts, &options).unwrap();
    Url::create_object_url_with_blob(&blob).unwrap()
}

/// A database that no other test uses.
pub(crate) async fn new_place() -> Place {
    let number = DATABASES.replace(DATABASES.get() + 1);
    let database = format!("files-{number}");
    let store = IndexedDbStore::open(&database).await.unwrap();
    Place {
        store: Rc::new(Ok(store)),
        database,
        script: script(),
        held: Held::default(),
    }
}

pub(crate) fn store(place: &Place) -> &IndexedDbStore {
    (*place.store).as_ref().unwrap()
}

/// Writes down what the intakes want.
#[derive(Clone, Default)]
pub(crate) struct Heard {
    pub(crate) asked: Rc<RefCell<Vec<(RequestId, Command)>>>,
    pub(crate) told: Rc<RefCell<Vec<Vec<Intake>>>>,
    pub(crate) music: Rc<RefCell<Vec<Vec<MusicIntake>>>>,
}

impl Hears for Heard {
    fn ask(&self, request: RequestId, command: Command) {
        self.asked.borrow_mut().push((request, command));
    }

    fn tell(&self, intakes: Vec<Intake>) {
        self.told.borrow_mut().push(intakes);
    }
}

impl HearsMusic for Heard {
    fn ask(&self, request: RequestId, command: Command) {
        self.asked.borrow_mut().push((request, command));
    }

    fn tell(&self, intakes: Vec<MusicIntake>) {
        self.music.borrow_mut().push(intakes);
    }
}

pub(crate) async fn pause(ms: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let window = web_sys::window().unwrap();
        let set = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
        set.unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}

/// Waits until something is there.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..3000 {
        if let Some(found) = look().await {
            return found;
        }
        pause(10).await;
    }
    panic!("{what} did not happen");
}

/// Bytes that are nowhere the same.
pub(crate) fn bytes(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(step).take(length).collect()
}

pub(crate) fn file(name: &str, media_type: &str, bytes: &[u8]) -> File {
    let options = FilePropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&Uint8Array::from(bytes).into());
    File::new_with_u8_array_sequence_and_options(&parts, name, &options).unwrap()
}

pub(crate) fn hashed(bytes: &[u8]) -> Hashed {
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    hasher.update(bytes).unwrap();
    hasher.finish().unwrap()
}

pub(crate) fn share(id: &str, files: &[File]) -> Share {
    Share {
        id: IntakeId(id.into()),
        channel: CHANNEL,
        text: "看".into(),
        files: files.to_vec(),
    }
}

/// The node's side: waits until it is asked to share something.
pub(crate) async fn asked(heard: &Heard) -> (RequestId, Command) {
    until("the node's being asked", async || {
        heard.asked.borrow_mut().pop()
    })
    .await
}

/// A resource in the store, with all or some of its pieces.
pub(crate) async fn put(
    place: &Place,
    name: &str,
    media_type: &str,
    bytes: &[u8],
    have: u32,
) -> ResourceId {
    let Hashed { id, outline, md5 } = hashed(bytes);
    let length = bytes.len() as u64;
    let descriptor = Descriptor {
        id,
        length,
        md5,
        name: name.into(),
        media_type: media_type.into(),
    };
    let entry = ResourceEntry {
        descriptor,
        channels: BTreeSet::from([CHANNEL]),
        paused: false,
        added: Millis(1),
        md5_checked: false,
        automatic: None,
    };
    store(place).save_resource(&entry).await.unwrap();
    store(place).save_outline(id, &outline).await.unwrap();
    let all = (0..pieces::count(length).min(have)).map(|piece| {
        let range = pieces::range(length, piece).unwrap();
        (
            piece,
            bytes[range.start as usize..range.end as usize].to_vec(),
        )
    });
    store(place)
        .put_pieces(id, &all.collect::<Vec<_>>())
        .await
        .unwrap();
    id
}

pub(crate) async fn bytes_of(place: &Place, id: ResourceId) -> Vec<u8> {
    let stored = store(place).resource(id).await.unwrap().unwrap();
    assert!(stored.have.is_complete(), "{:?}", stored.have);
    let all: Vec<u32> = (0..stored.have.pieces()).collect();
    let pieces = store(place).pieces(id, &all).await.unwrap();
    pieces.into_iter().flat_map(Option::unwrap).collect()
}

/// What a view gets that wants a file.
pub(crate) async fn want(blobs: &Blobs, id: ResourceId) -> JsValue {
    let promise = Promise::new(&mut |resolve: Function, _| {
        blobs.want(id, move |blob| {
            resolve.call1(&JsValue::UNDEFINED, &blob).unwrap();
        });
    });
    JsFuture::from(promise).await.unwrap()
}

pub(crate) async fn content(blob: &Blob) -> Vec<u8> {
    let buffer = JsFuture::from(blob.array_buffer()).await.unwrap();
    Uint8Array::new(&buffer).to_vec()
}
