//! What becomes of tracks that do not come, or not at once.

use catnest::music::{
    TrackTime,
    player::{Activity, Failure, Intent},
};
use js_sys::{Array, Function};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Blob, MediaError, Url};

use crate::{Bench, LONG, PAUSED, SHORT, wav};

/// In place of the service worker: what is asked with HEAD is answered with these statuses, one after the other, and 0 is
/// nothing; the element gets the addresses that this gives in place of each that it is told. Gives what it was told.
fn answers(bench: &Bench, statuses: &[u16], addresses: &[&str]) -> Array {
    let script = "(audio, statuses, addresses) => {
        const told = [];
        const real = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src');
        Object.defineProperty(audio, 'src', {
            configurable: true,
            get() { return real.get.call(audio); },
            set(address) { told.push(address); real.set.call(audio, addresses.shift() ?? address); },
        });
        globalThis.fetch = async () => {
            const status = statuses.shift();
            if (!status) throw new TypeError('nothing');
            return new Response(null, { status });
        };
        return told;
    }";
    let script: Function = js_sys::eval(script).unwrap().unchecked_into();
    let statuses: Array = statuses.iter().map(|it| JsValue::from(*it)).collect();
    let addresses: Array = addresses.iter().map(|it| JsValue::from(*it)).collect();
    let told = script.call3(&JsValue::UNDEFINED, &bench.audio, &statuses, &addresses);
    told.unwrap().unchecked_into()
}

fn blob(bytes: &[u8]) -> String {
    let parts = Array::of1(&js_sys::Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence(&parts).unwrap();
    Url::create_object_url_with_blob(&blob).unwrap()
}

/// The element's error event, for a reason with this code.
fn breaks(bench: &Bench, code: u16) {
    let script = "(audio, code) => {
        Object.defineProperty(audio, 'error', { value: { code, message: '' }, configurable: true });
        audio.dispatchEvent(new Event('error'));
        delete audio.error;
    }";
    let script: Function = js_sys::eval(script).unwrap().unchecked_into();
    let done = script.call2(&JsValue::UNDEFINED, &bench.audio, &code.into());
    done.unwrap();
}

#[wasm_bindgen_test]
async fn what_fails_for_a_moment_goes_on_where_it_was() {
    let bench = Bench::streaming();
    let song = blob(&wav(60_000));
    let told = answers(&bench, &[503, 0, 200], &["/nothing", "/nothing", &song]);
    bench.plays(&[LONG]);
    bench.is(Activity::Playing).await;
    assert_eq!(told.length(), 3);
    assert_eq!(told.get(0), told.get(2));
    bench.wants(Intent::Seek(TrackTime(40_000)));
    bench
        .until("going on from there", |state| {
            state.activity == Activity::Playing && state.position > TrackTime(40_100)
        })
        .await;

    let told = answers(&bench, &[503, 200], &[&song, &song]);
    breaks(&bench, MediaError::MEDIA_ERR_NETWORK);
    assert_eq!(bench.player.borrow().state().activity, Activity::Waiting);
    bench.is(Activity::Playing).await;
    assert_eq!(told.length(), 1);
    let position = bench.position();
    assert!((TrackTime(40_100)..TrackTime(50_000)).contains(&position));

    // What is wanted meanwhile is done then.
    breaks(&bench, MediaError::MEDIA_ERR_NETWORK);
    bench.wants(Intent::Pause);
    bench.wants(Intent::Seek(TrackTime(20_000)));
    bench
        .until("its being loaded", |_| {
            told.length() == 2 && bench.audio.current_time() == 20.0
        })
        .await;
    bench.is(PAUSED).await;
    assert!(bench.audio.paused());
    assert_eq!(bench.position(), TrackTime(20_000));
    bench.wants(Intent::Play);
    bench.is(Activity::Playing).await;
}

#[wasm_bindgen_test]
async fn what_fails_for_good_is_not_tried_for_ever() {
    for (statuses, failure, loads) in [
        (&[200, 200][..], Failure::Decode, 2),
        (&[503, 404], Failure::Source, 2),
        (&[410], Failure::Source, 1),
        (&[0, 503, 503, 503], Failure::Source, 4),
    ] {
        let bench = Bench::streaming();
        let told = answers(&bench, statuses, &[]);
        bench.plays(&[SHORT]);
        bench.is(Activity::Failed(failure)).await;
        assert_eq!(told.length(), loads, "{statuses:?}");
    }
}
