//! What the platform is told of what plays, and its keys.

use catnest::{
    music::{
        TrackTime,
        player::Activity,
        track::{Cover, Track},
    },
    resource::{Md5, ResourceId},
    time::Millis,
};
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::{Bench, COVER, HUGE, LONG, NOWHERE, PAUSED, SHORT, fake_node::pause};

/// In place of the platform: remembers what it is told.
fn fake_session() -> JsValue {
    js_sys::eval(
        "(() => {
            const fake = { handlers: {}, positions: [], metadata: null, playbackState: 'none' };
            fake.setActionHandler = (name, handler) => { fake.handlers[name] = handler; };
            fake.setPositionState = (state) => fake.positions.push(state);
            Object.defineProperty(navigator, 'mediaSession', { value: fake, configurable: true });
            return fake;
        })()",
    )
    .unwrap()
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn cat_song(id: ResourceId, cover: Option<ResourceId>) -> Track {
    Track {
        id,
        md5: Md5([0; 16]),
        length: 5000,
        media_type: "audio/wav".into(),
        name: "cats.wav".into(),
        title: String::new(),
        artist: "Nest".into(),
        album: "Purr".into(),
        number: None,
        disc: None,
        year: None,
        play_ms: None,
        cover: cover.map(|id| Cover {
            id,
            length: 4,
            media_type: "image/png".into(),
        }),
        lyrics: None,
        added: Millis(0),
    }
}

#[wasm_bindgen_test]
async fn the_platform_shows_what_plays_and_its_keys_are_heard() {
    let session = fake_session();
    let bench = Bench::whole();
    let press = |name: &str, details: &str| {
        let handler: Function = member(&member(&session, "handlers"), name).unchecked_into();
        let details = js_sys::JSON::parse(details).unwrap();
        handler.call1(&JsValue::UNDEFINED, &details).unwrap();
    };
    bench.plays(&[LONG, SHORT]);
    bench.is(Activity::Playing).await;
    assert_eq!(member(&session, "playbackState"), "playing");
    let positions: Array = member(&session, "positions").unchecked_into();
    let position = positions.get(positions.length() - 1);
    assert_eq!(member(&position, "duration"), 60.0);
    assert_eq!(member(&position, "playbackRate"), 1.0);

    press("pause", "{}");
    bench.is(PAUSED).await;
    assert_eq!(member(&session, "playbackState"), "paused");
    press("seekto", r#"{"seekTime":20.5}"#);
    assert_eq!(bench.position(), TrackTime(20_500));
    press("seekforward", "{}");
    assert_eq!(bench.position(), TrackTime(30_500));
    press("seekbackward", r#"{"seekOffset":5}"#);
    assert_eq!(bench.position(), TrackTime(25_500));
    press("previoustrack", "{}");
    assert_eq!(bench.position(), TrackTime::START);
    press("play", "{}");
    bench.is(Activity::Playing).await;
    let last = || positions.get(positions.length() - 1);
    assert!(!last().is_undefined());
    press("nexttrack", "{}");
    // Nobody knows how long the next one is.
    assert!(last().is_undefined());
    let state = bench.player.borrow().state();
    assert_eq!(state.track.unwrap().resource, SHORT);
    press("stop", "{}");
    bench.is(PAUSED).await;
    let playing = bench.playing.take();
    drop(playing);
    assert!(member(&member(&session, "handlers"), "play").is_null());
}

#[wasm_bindgen_test]
async fn the_platform_shows_titles_and_covers() {
    let session = fake_session();
    let bench = Bench::whole();
    let show = |track: Option<&Track>| {
        let playing = bench.playing.borrow();
        playing.as_ref().unwrap().show(track, None);
    };
    let artwork = || -> Array { member(&member(&session, "metadata"), "artwork").unchecked_into() };
    show(Some(&cat_song(LONG, Some(COVER))));
    let words = member(&session, "metadata");
    for (name, text) in [("title", "cats"), ("artist", "Nest"), ("album", "Purr")] {
        assert_eq!(member(&words, name), text);
    }
    bench
        .until("showing the cover", |_| artwork().length() == 1)
        .await;
    let src = member(&artwork().get(0), "src");
    assert!(src.as_string().unwrap().starts_with("blob:"));
    // The next one of the album shows it at once.
    show(Some(&cat_song(SHORT, Some(COVER))));
    assert_eq!(member(&artwork().get(0), "src"), src);
    for other in [None, Some(NOWHERE), Some(HUGE)] {
        show(Some(&cat_song(SHORT, other)));
        for _ in 0..10 {
            pause().await;
            assert_eq!(artwork().length(), 0);
        }
    }
    assert!(bench.node.readers.borrow().is_empty());
    // What is coming already is not begun anew, and is shown of what is shown by then.
    bench.node.stalls.set(true);
    show(Some(&cat_song(LONG, Some(COVER))));
    pause().await;
    let reader = bench.node.readers.borrow().keys().next().copied().unwrap();
    show(Some(&cat_song(SHORT, Some(COVER))));
    pause().await;
    let readers: Vec<_> = bench.node.readers.borrow().keys().copied().collect();
    assert_eq!(readers, [reader]);
    show(None);
    assert!(member(&session, "metadata").is_null());
}
