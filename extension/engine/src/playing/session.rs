//! Media Session: what the platform shows of what is played, and what is wanted by its keys (W3C Media Session).

use std::{cell::RefCell, rc::Rc};

use catnest::{
    channel::ChannelId,
    music::{
        player::{Intent, Place, SessionState},
        track::Track,
    },
    resource::ResourceId,
};
use js_sys::{Array, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, BlobPropertyBag};

use super::{seconds, track_time};
use crate::{
    js,
    reading::{Reads, cover, source::Address},
    task::Task,
};

/// How far a key goes that does not say how far; what the specification's example takes.
const STEP_MS: f64 = 10_000.0;

type Action = (&'static str, fn(&JsValue) -> Option<Intent>);

/// What each of the platform's actions means.
const ACTIONS: [Action; 8] = [
    ("play", |_| Some(Intent::Play)),
    ("pause", |_| Some(Intent::Pause)),
    ("stop", |_| Some(Intent::Stop)),
    ("previoustrack", |_| Some(Intent::Previous)),
    ("nexttrack", |_| Some(Intent::Next)),
    ("seekto", |details| {
        let place = number(details, "seekTime").and_then(track_time);
        place.map(Intent::Seek)
    }),
    ("seekforward", |details| Some(Intent::SeekBy(step(details)))),
    ("seekbackward", |details| {
        Some(Intent::SeekBy(-step(details)))
    }),
];

fn number(details: &JsValue, name: &str) -> Option<f64> {
    let member = Reflect::get(details, &name.into()).ok()?;
    member.as_f64().filter(|number| number.is_finite())
}

fn step(details: &JsValue) -> i64 {
    let said = number(details, "seekOffset").filter(|offset| *offset > 0.0);
    said.map_or(STEP_MS, |offset| offset * 1000.0).round() as i64
}

#[wasm_bindgen]
extern "C" {
    /// `navigator.mediaSession`, which web-sys has only with a flag for the whole workspace.
    #[wasm_bindgen(js_name = Object)]
    #[derive(Clone)]
    type MediaSession;

    #[wasm_bindgen(method, setter)]
    fn set_metadata(this: &MediaSession, metadata: &JsValue);

    #[wasm_bindgen(method, setter, js_name = playbackState)]
    fn set_playback_state(this: &MediaSession, state: &str);

    #[wasm_bindgen(method, catch, js_name = setPositionState)]
    fn set_position_state(this: &MediaSession, state: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch, js_name = setActionHandler)]
    fn set_action_handler(
        this: &MediaSession,
        action: &str,
        handler: &JsValue,
    ) -> Result<(), JsValue>;

    type MediaMetadata;

    #[wasm_bindgen(constructor, catch)]
    fn new(init: &JsValue) -> Result<MediaMetadata, JsValue>;
}

/// `MediaMetadataInit`.
#[derive(Clone, Serialize)]
struct Words {
    title: String,
    artist: String,
    album: String,
    artwork: Vec<Image>,
}

/// `MediaImage`.
#[derive(Clone, Serialize)]
struct Image {
    src: String,
}

/// `MediaPositionState`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Position {
    duration: f64,
    playback_rate: f64,
    position: f64,
}

/// What is called for an action, by the action's name.
type Handler = (&'static str, Closure<dyn FnMut(JsValue)>);

pub(super) struct Session {
    /// None where the browser has none.
    media: Option<MediaSession>,
    reads: Reads,
    cover: Rc<RefCell<CoverState>>,
    handlers: Vec<Handler>,
}

/// The cover that is shown, or on its way.
#[derive(Default)]
struct CoverState {
    /// What is said of the track that is shown, until its cover has come.
    words: Option<Words>,
    here: Option<(ResourceId, Address)>,
    coming: Option<(ResourceId, Task)>,
}

impl Session {
    pub(super) fn new(reads: Reads, intent: impl Fn(Intent) + 'static) -> Result<Self, JsValue> {
        let navigator = js::window()?.navigator();
        let media = Reflect::get(&navigator, &"mediaSession".into())?;
        let media = media.is_object().then(|| media.unchecked_into());
        let intent = Rc::new(intent);
        let handlers = ACTIONS.map(|(name, meaning)| {
            let intent = intent.clone();
            let handler = Closure::<dyn FnMut(JsValue)>::new(move |details: JsValue| {
                if let Some(wanted) = meaning(&details) {
                    intent(wanted);
                }
            });
            (name, handler)
        });
        let session = Self {
            media,
            reads,
            cover: Rc::default(),
            handlers: handlers.into(),
        };
        for (name, handler) in &session.handlers {
            session.handle(name, handler.as_ref());
        }
        Ok(session)
    }

    fn handle(&self, action: &str, handler: &JsValue) {
        // An action that the browser does not know throws.
        if let Some(media) = &self.media
            && let Err(error) = media.set_action_handler(action, handler)
        {
            js::warn("a key of the platform is not heard", &error);
        }
    }

    pub(super) fn set_state(&self, state: SessionState) {
        if let Some(media) = &self.media {
            media.set_playback_state(match state {
                SessionState::None => "none",
                SessionState::Paused => "paused",
                SessionState::Playing => "playing",
            });
        }
    }

    pub(super) fn set_position(&self, place: Option<Place>) {
        let Some(media) = &self.media else { return };
        // None is said by none.
        let state = place.map_or(JsValue::UNDEFINED, |place| {
            object(&Position {
                duration: seconds(place.duration),
                playback_rate: f64::from(place.speed.thousandths()) / 1000.0,
                position: seconds(place.position),
            })
        });
        if let Err(error) = media.set_position_state(&state) {
            js::warn("the platform does not show the position", &error);
        }
    }

    pub(super) fn show(&self, track: Option<&Track>, channel: Option<ChannelId>) {
        let Some(media) = &self.media else { return };
        let Some(track) = track else {
            media.set_metadata(&JsValue::NULL);
            let before = self.cover.take();
            drop(before);
            return;
        };
        let mut words = Words {
            title: track.shown_title(),
            artist: track.artist.clone(),
            album: track.album.clone(),
            artwork: Vec::new(),
        };
        let wanted = track.cover.as_ref().map(|cover| cover.id);
        let mut state = self.cover.borrow_mut();
        state.here.take_if(|(id, _)| Some(*id) != wanted);
        // An album has one cover.
        words.artwork.extend(state.here.as_ref().map(image));
        let missing = wanted.filter(|_| state.here.is_none());
        state.words = missing.map(|_| words.clone());
        let before = state.coming.take_if(|(id, _)| Some(*id) != missing);
        if let (Some(id), None) = (missing, &state.coming) {
            let coming = self.get_cover(media.clone(), id, channel);
            state.coming = Some((id, coming));
        }
        // Nothing is borrowed while the node hears that the one before is not read any more.
        drop(state);
        drop(before);
        set_words(media, &words);
    }

    /// The platform takes pictures of web addresses and blobs only, so the cover is one (Chromium's
    /// `media_metadata_sanitizer.cc`).
    fn get_cover(&self, media: MediaSession, id: ResourceId, channel: Option<ChannelId>) -> Task {
        let (reads, state) = (self.reads.clone(), Rc::downgrade(&self.cover));
        Task::spawn(async move {
            let cover = cover::read(&reads, id, channel).await;
            let Some(state) = state.upgrade() else { return };
            let mut state = state.borrow_mut();
            // This task. Who asks again, tries again.
            let done = state.coming.take();
            let words = state.words.take();
            let address = cover.ok().and_then(|(cover, bytes)| {
                let address = blob(&cover.media_type, &bytes);
                address
                    .inspect_err(|error| js::warn("a cover cannot be shown", error))
                    .ok()
            });
            // Otherwise it is shown without.
            if let (Some(mut words), Some(address)) = (words, address) {
                let cover = (id, address);
                words.artwork.push(image(&cover));
                state.here = Some(cover);
                drop(state);
                set_words(&media, &words);
            }
            drop(done);
        })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        for (name, _) in &self.handlers {
            self.handle(name, &JsValue::NULL);
        }
    }
}

fn blob(media_type: &str, bytes: &[u8]) -> Result<Address, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options)?;
    Address::of_blob(&blob)
}

fn image((_, cover): &(ResourceId, Address)) -> Image {
    let src = cover.url().to_owned();
    Image { src }
}

fn set_words(media: &MediaSession, words: &Words) {
    match MediaMetadata::new(&object(words)) {
        Ok(metadata) => media.set_metadata(&metadata),
        Err(error) => js::warn("the platform does not show the track", &error),
    }
}

/// Of texts and numbers, which are all there is in them: that does not fail.
fn object(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).unwrap_or_default()
}
