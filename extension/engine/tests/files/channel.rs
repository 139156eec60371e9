//! What is said on the channel, and what is said when there is no worker.

use std::{cell::RefCell, rc::Rc};

use catnest::node::Problem;
use catnest_engine::files::{Blobs, Door, Intakes, MusicIntakes};
use catnest_messages::FILES_CHANNEL;
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Blob, BroadcastChannel, File, MessageEvent};

use crate::stage::{CHANNEL, Heard, asked, content, file, hashed, new_place, share, until, want};

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
    let blob = want(&Blobs::new(place, |_| {}), hashed(b"a").id).await;
    assert!(blob.is_undefined());
}

/// A view, as it uses the channel.
#[wasm_bindgen_test]
async fn views_hand_files_over_and_get_them_by_the_channel() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    let music = MusicIntakes::new(place.clone(), heard.clone());
    let blobs = Blobs::new(place.clone(), |_| {});
    let _door = Door::open(intakes, music.clone(), blobs).unwrap();
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

    let paths = |paths: &[&str]| {
        let paths = paths.iter().map(|path| JsValue::from(*path));
        JsValue::from(paths.collect::<Array>())
    };
    let song = file("a.mp3", "audio/mpeg", b"no song");
    // One without a path is not understood.
    for (id, of) in [("odd", &[][..]), ("songs", &["cats/a.mp3"])] {
        say(&[
            ("music", id.into()),
            ("channel", channel()),
            ("files", files(std::slice::from_ref(&song))),
            ("paths", paths(of)),
        ]);
    }
    assert_eq!(member(&next().await, "taken"), "songs");
    let over = async || music.list().into_iter().find(|intake| intake.is_over);
    let intake = until("its being over", over).await;
    assert_eq!(intake.troubles[0].path, "cats/a.mp3");

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
