//! Files from views into the store, and as blobs back to them, by real workers.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails panics; clippy does not know these as tests"
)]

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::Rc,
};

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, Event, Problem, RequestId},
    resource::{Descriptor, Hashed, ResourceHasher, ResourceId, pieces},
    store::{ResourceEntry, Store},
    time::Millis,
};
use catnest_engine::{
    files::{Blobs, Door, Hears, Intakes, Place, Share},
    store::IndexedDbStore,
    worker::take_in,
};
use catnest_messages::{FILES_CHANNEL, Intake, IntakeId};
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, BlobPropertyBag, BroadcastChannel, File, FilePropertyBag, MessageEvent, Url};

wasm_bindgen_test_configure!(run_in_browser);

const CHANNEL: ChannelId = ChannelId([7; 32]);

thread_local! {
    static DATABASES: Cell<u32> = const { Cell::new(0) };
}

/// The extension's own script, with this test's wasm in place of the engine's.
fn script() -> String {
    let origin = web_sys::window().unwrap().location().origin().unwrap();
    let mut script = include_str!("../../static/worker.js").to_owned();
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
async fn new_place() -> Place {
    let number = DATABASES.replace(DATABASES.get() + 1);
    let database = format!("files-{number}");
    let store = IndexedDbStore::open(&database).await.unwrap();
    Place {
        store: Rc::new(Ok(store)),
        database,
        script: script(),
    }
}

fn store(place: &Place) -> &IndexedDbStore {
    (*place.store).as_ref().unwrap()
}

/// Writes down what the intakes want.
#[derive(Clone, Default)]
struct Heard {
    asked: Rc<RefCell<Vec<(RequestId, Command)>>>,
    told: Rc<RefCell<Vec<Vec<Intake>>>>,
}

impl Hears for Heard {
    fn ask(&self, request: RequestId, command: Command) {
        self.asked.borrow_mut().push((request, command));
    }

    fn tell(&self, intakes: Vec<Intake>) {
        self.told.borrow_mut().push(intakes);
    }
}

async fn pause(ms: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let window = web_sys::window().unwrap();
        let set = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
        set.unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}

/// Waits until something is there.
async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..3000 {
        if let Some(found) = look().await {
            return found;
        }
        pause(10).await;
    }
    panic!("{what} did not happen");
}

/// Bytes that are nowhere the same.
fn bytes(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(step).take(length).collect()
}

fn file(name: &str, media_type: &str, bytes: &[u8]) -> File {
    let options = FilePropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&Uint8Array::from(bytes).into());
    File::new_with_u8_array_sequence_and_options(&parts, name, &options).unwrap()
}

fn hashed(bytes: &[u8]) -> Hashed {
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    hasher.update(bytes).unwrap();
    hasher.finish().unwrap()
}

fn share(id: &str, files: &[File]) -> Share {
    Share {
        id: IntakeId(id.into()),
        channel: CHANNEL,
        text: "看".into(),
        files: files.to_vec(),
    }
}

/// The node's side: waits until it is asked to share something.
async fn asked(heard: &Heard) -> (RequestId, Command) {
    until("the node's being asked", async || {
        heard.asked.borrow_mut().pop()
    })
    .await
}

/// A resource in the store, with all or some of its pieces.
async fn put(place: &Place, name: &str, media_type: &str, bytes: &[u8], have: u32) -> ResourceId {
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

async fn bytes_of(place: &Place, id: ResourceId) -> Vec<u8> {
    let stored = store(place).resource(id).await.unwrap().unwrap();
    assert!(stored.have.is_complete(), "{:?}", stored.have);
    let all: Vec<u32> = (0..stored.have.pieces()).collect();
    let pieces = store(place).pieces(id, &all).await.unwrap();
    pieces.into_iter().flat_map(Option::unwrap).collect()
}

#[wasm_bindgen_test]
async fn files_are_hashed_stored_and_shared() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    let (long, empty) = (bytes(5 * 1024 * 1024 + 77, 1), Vec::new());
    let picture = file("a/b\u{202e}.JPG", "", &long);
    let text = file("空.txt", "Text/Plain;charset=utf-8", &empty);
    let files = [picture.clone(), text, picture];
    intakes.take(share("a", &files)).unwrap();
    // A view that asks again, because it did not hear.
    intakes.take(share("a", &files)).unwrap();

    let (request, command) = asked(&heard).await;
    let (long_id, empty_id) = (hashed(&long).id, hashed(&empty).id);
    assert_eq!(
        command,
        Command::Share {
            channel: CHANNEL,
            text: "看".into(),
            files: vec![long_id, empty_id],
        }
    );
    assert_eq!(bytes_of(&place, long_id).await, long);
    assert_eq!(bytes_of(&place, empty_id).await, empty);
    let stored = store(&place).resource(long_id).await.unwrap().unwrap();
    let Descriptor {
        md5,
        name,
        media_type,
        ..
    } = stored.entry.descriptor;
    assert_eq!(md5, hashed(&long).md5);
    assert_eq!((&name[..], &media_type[..]), ("ab.JPG", "image/jpeg"));
    assert_eq!(stored.entry.channels, BTreeSet::new());
    let outline = store(&place).outline(long_id).await.unwrap();
    assert_eq!(outline, Some(hashed(&long).outline));

    let [intake] = &intakes.list()[..] else {
        panic!("one intake");
    };
    assert_eq!(intake.done_bytes, 4 * long.len() as u64);
    assert_eq!(intake.files[1].media_type, "text/plain");
    assert!(!intakes.hear(&Event::Done {
        request: Some(RequestId(request.0 + 1)),
        channel: None,
    }));
    assert!(intakes.hear(&Event::Done {
        request: Some(request),
        channel: Some(CHANNEL),
    }));
    assert_eq!(intakes.list(), []);
    until("telling that it is gone", async || {
        (heard.told.borrow().last() == Some(&Vec::new())).then_some(())
    })
    .await;
    assert!(store(&place).resource(long_id).await.unwrap().is_some());
}

#[wasm_bindgen_test]
async fn what_the_node_refuses_keeps_its_problem_and_no_room() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    intakes.take(share("a", &[file("a", "", b"a")])).unwrap();
    let (request, _) = asked(&heard).await;
    intakes.hear(&Event::Refused {
        request: Some(request),
        problem: Problem::OutboxFull,
    });
    assert_eq!(intakes.list()[0].problem, Some(Problem::OutboxFull));
    until("removing the file", async || {
        let found = store(&place).resource(hashed(b"a").id).await.unwrap();
        found.is_none().then_some(())
    })
    .await;
    intakes.drop_intake(&IntakeId("a".into()));
    assert_eq!(intakes.list(), []);
}

#[wasm_bindgen_test]
async fn a_file_that_is_another_one_in_the_second_pass_is_refused() {
    let place = new_place().await;
    let one = bytes(3 * 1024 * 1024, 1);
    let mut other = one.clone();
    other[2 * 1024 * 1024 + 5] ^= 1;
    let hashed = take_in::hash(&file("a", "", &one), "a", |_| {})
        .await
        .unwrap();
    let id = put(&place, "a", "text/plain", &one, 0).await;
    let changed = Err(Problem::FileChanged { name: "a".into() });
    for wrong in [&other[..], &one[..one.len() - 1]] {
        let wrong = file("a", "", wrong);
        let kept = take_in::keep(store(&place), &wrong, "a", &hashed, |_| {}).await;
        assert_eq!(kept, changed);
        let stored = store(&place).resource(id).await.unwrap().unwrap();
        assert!(!stored.have.is_complete());
    }
    let right = file("a", "", &one);
    let kept = take_in::keep(store(&place), &right, "a", &hashed, |_| {}).await;
    assert_eq!(kept, Ok(()));
    assert_eq!(bytes_of(&place, id).await, one);
}

#[wasm_bindgen_test]
async fn one_that_is_dropped_leaves_nothing_and_lets_the_next_one_go_on() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    let long = bytes(48 * 1024 * 1024, 3);
    let id = hashed(&long).id;
    intakes
        .take(share("long", &[file("a", "", &long)]))
        .unwrap();
    intakes
        .take(share("short", &[file("b", "", b"b")]))
        .unwrap();
    until("storing its first pieces", async || {
        let stored = store(&place).resource(id).await.unwrap();
        stored.filter(|stored| stored.have.count() > 0)
    })
    .await;
    intakes.drop_intake(&IntakeId("long".into()));
    let (_, command) = asked(&heard).await;
    let Command::Share { files, .. } = command else {
        panic!("{command:?}");
    };
    assert_eq!(files, [hashed(b"b").id]);
    pause(200).await;
    assert_eq!(store(&place).resource(id).await.unwrap(), None);
    assert_eq!(store(&place).pieces(id, &[0]).await.unwrap(), [None]);
}

#[wasm_bindgen_test]
async fn what_is_shared_already_keeps_its_entry_and_gets_what_it_lacks() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    let long = bytes(1024 * 1024, 4);
    let id = put(&place, "old name", "audio/ogg", &long, 3).await;
    let before = store(&place).resource(id).await.unwrap().unwrap().entry;
    for round in ["lacking", "whole"] {
        intakes
            .take(share(round, &[file("new", "", &long)]))
            .unwrap();
        let (request, _) = asked(&heard).await;
        assert_eq!(bytes_of(&place, id).await, long);
        intakes.hear(&Event::Refused {
            request: Some(request),
            problem: Problem::NotJoined,
        });
        pause(50).await;
        let after = store(&place).resource(id).await.unwrap().unwrap().entry;
        assert_eq!(before, after);
    }
}

#[wasm_bindgen_test]
async fn more_than_can_be_shared_is_refused() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place, heard);
    let one = file("a", "", b"a");
    let refused = |files: usize, text: usize| {
        let mut share = share("a", &vec![one.clone(); files]);
        share.text = "a".repeat(text);
        intakes.take(share)
    };
    assert_eq!(refused(0, 1), Err(Problem::NoFile));
    assert_eq!(
        refused(limits::MAX_MESSAGE_FILES + 1, 1),
        Err(Problem::TooManyFiles)
    );
    assert_eq!(refused(1, limits::MAX_TEXT_BYTES + 1), Err(Problem::Text));
    assert_eq!(intakes.list(), []);
    for number in 0..=limits::MAX_INTAKES {
        let taken = intakes.take(share(&number.to_string(), std::slice::from_ref(&one)));
        if number < limits::MAX_INTAKES {
            assert_eq!(taken, Ok(()));
        } else {
            assert_eq!(taken, Err(Problem::TooManyTransfers));
        }
    }
}

#[wasm_bindgen_test]
async fn a_worker_that_does_not_start_is_a_problem() {
    let (mut place, heard) = (new_place().await, Heard::default());
    place.script = "absent.js".into();
    let intakes = Intakes::new(place.clone(), heard);
    intakes.take(share("a", &[file("a", "", b"a")])).unwrap();
    let problem = until("a problem", async || intakes.list()[0].problem.clone()).await;
    assert!(
        matches!(problem, Problem::StoreUnavailable { .. }),
        "{problem:?}"
    );
    let blob = want(&Blobs::new(place), hashed(b"a").id).await;
    assert!(blob.is_undefined());
}

async fn want(blobs: &Blobs, id: ResourceId) -> JsValue {
    let promise = Promise::new(&mut |resolve: Function, _| {
        blobs.want(id, move |blob| {
            resolve.call1(&JsValue::UNDEFINED, &blob).unwrap();
        });
    });
    JsFuture::from(promise).await.unwrap()
}

async fn content(blob: &Blob) -> Vec<u8> {
    let buffer = JsFuture::from(blob.array_buffer()).await.unwrap();
    Uint8Array::new(&buffer).to_vec()
}

#[wasm_bindgen_test]
async fn blobs_have_the_bytes_and_no_type_that_could_do_harm() {
    let place = new_place().await;
    let blobs = Blobs::new(place.clone());
    let long = bytes(9 * 1024 * 1024 + 1, 5);
    for (length, said, given) in [
        (long.len(), "image/png", "image/png"),
        (0, "text/plain", "text/plain"),
        (10, "text/html", "application/octet-stream"),
        (11, "image/svg+xml", "application/octet-stream"),
        (12, "application/xhtml+xml", "application/octet-stream"),
        (13, "audio/mpeg", "audio/mpeg"),
    ] {
        let id = put(&place, "a", said, &long[..length], u32::MAX).await;
        let blob: Blob = want(&blobs, id).await.dyn_into().unwrap();
        assert_eq!(blob.type_(), given);
        assert!(content(&blob).await == long[..length], "{said}");
    }
}

#[wasm_bindgen_test]
async fn what_is_not_whole_is_not_given_and_damage_is_not_kept() {
    let place = new_place().await;
    let blobs = Blobs::new(place.clone());
    let long = bytes(5 * 1024 * 1024, 6);
    assert!(want(&blobs, hashed(b"absent").id).await.is_undefined());
    let id = put(&place, "a", "image/png", &long, 79).await;
    assert!(want(&blobs, id).await.is_undefined());
    let rotten = [(79, vec![0; 64 * 1024])];
    store(&place).put_pieces(id, &rotten).await.unwrap();
    assert!(want(&blobs, id).await.is_undefined());
    let have = store(&place).resource(id).await.unwrap().unwrap().have;
    assert_eq!(have.missing().collect::<Vec<_>>(), [79]);
}

/// A view, as it uses the channel.
#[wasm_bindgen_test]
async fn views_hand_files_over_and_get_them_by_the_channel() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    let _door = Door::open(intakes, Blobs::new(place.clone())).unwrap();
    let view = BroadcastChannel::new(FILES_CHANNEL).unwrap();
    let messages = Rc::new(RefCell::new(Vec::new()));
    let hearing = messages.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        hearing.borrow_mut().push(event.data());
    });
    view.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    let next = async || until("an answer", async || messages.borrow_mut().pop()).await;
    let member = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).unwrap();
    let say = |members: &[(&str, JsValue)]| {
        let message = Object::new();
        for (name, value) in members {
            Reflect::set(&message, &(*name).into(), value).unwrap();
        }
        view.post_message(&message).unwrap();
    };
    let files = |files: &[File]| JsValue::from(files.iter().collect::<Array>());
    let channel = || CHANNEL.to_string().into();

    let one = file("a.png", "image/png", b"a picture");
    say(&[
        ("share", "it".into()),
        ("channel", channel()),
        ("text", "".into()),
        ("files", files(&[one])),
    ]);
    assert_eq!(member(&next().await, "taken"), "it");
    asked(&heard).await;

    say(&[
        ("share", "none".into()),
        ("channel", channel()),
        ("text", "".into()),
        ("files", files(&[])),
    ]);
    let refused = next().await;
    assert_eq!(member(&refused, "refused"), "none");
    assert_eq!(member(&member(&refused, "problem"), "problem"), "no_file");

    let id = hashed(b"a picture").id;
    say(&[("want", 5.into()), ("file", id.to_string().into())]);
    let given = next().await;
    assert_eq!(member(&given, "given"), 5);
    let blob: Blob = member(&given, "blob").dyn_into().unwrap();
    assert_eq!(content(&blob).await, b"a picture");

    let absent = hashed(b"absent").id;
    say(&[("want", "x".into()), ("file", absent.to_string().into())]);
    let given = next().await;
    assert_eq!(member(&given, "given"), "x");
    assert!(!Reflect::has(&given, &"blob".into()).unwrap());
}
