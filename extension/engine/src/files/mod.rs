//! Files between the views and the store, by a `BroadcastChannel`: a port cannot carry them.
//!
//! What is on the channel is said at [`FILES_CHANNEL`]. [`intakes`] takes files in, [`blobs`] gives them out; both leave
//! the bytes to workers ([`helper`], [`crate::worker`]). [`music`] takes in what goes onto a list instead of into a message.

pub mod blobs;
mod caller;
mod held;
mod helper;
pub mod intakes;
mod job;
mod media_type;
pub(crate) mod messages;
pub mod music;
mod place;

use catnest::{
    channel::ChannelId,
    node::{Command, Input, Problem, RequestId},
    resource::ResourceId,
};
use catnest_messages::{FILES_CHANNEL, Intake, IntakeId, MusicIntake};
use js_sys::Reflect;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, File, MessageEvent};

pub use self::{
    blobs::Blobs,
    held::Held,
    intakes::{Hears, Intakes},
    job::Share,
    music::{HearsMusic, Music, MusicIntakes, Part, PartKind},
    place::Place,
};
use crate::{
    feed::Feed,
    js::{self, Listener},
    views::Views,
};

/// The script of the extension's workers.
pub(crate) const SCRIPT: &str = "worker.js";

/// The longest name of an intake: of a UUID, and room.
const MAX_ID_BYTES: usize = 64;

/// The intakes' way to the node, and to the views.
#[derive(Clone)]
pub(crate) struct Ways {
    pub(crate) feed: Feed,
    pub(crate) views: Views,
}

impl Hears for Ways {
    fn ask(&self, request: RequestId, command: Command) {
        self.feed.feed(Input::Command { request, command });
    }

    fn tell(&self, intakes: Vec<Intake>) {
        self.views.tell_intakes(intakes);
    }
}

impl HearsMusic for Ways {
    fn ask(&self, request: RequestId, command: Command) {
        self.feed.feed(Input::Command { request, command });
    }

    fn tell(&self, intakes: Vec<MusicIntake>) {
        self.views.tell_music_intakes(intakes);
    }
}

/// `{share: …}`.
#[derive(Deserialize)]
struct ShareMessage {
    share: IntakeId,
    channel: ChannelId,
    text: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    files: js_sys::Array,
}

/// `{music: …}`.
#[derive(Deserialize)]
struct MusicMessage {
    music: IntakeId,
    channel: ChannelId,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    files: js_sys::Array,
    paths: Vec<String>,
}

/// `{cover: …}` or `{lyrics: …}`, without that.
#[derive(Deserialize)]
struct PartMessage {
    channel: ChannelId,
    track: ResourceId,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    file: File,
}

/// `{want: …}`.
#[derive(Deserialize)]
struct WantMessage {
    /// Whatever the view chose.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    want: JsValue,
    file: ResourceId,
}

#[derive(Serialize)]
struct TakenMessage<'a> {
    taken: &'a IntakeId,
}

#[derive(Serialize)]
struct RefusedMessage<'a> {
    refused: &'a IntakeId,
    problem: Problem,
}

#[derive(Serialize)]
struct GivenMessage {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    given: JsValue,
    #[serde(
        with = "serde_wasm_bindgen::preserve",
        skip_serializing_if = "JsValue::is_undefined"
    )]
    blob: JsValue,
}

/// The channel to the views; nothing is heard once it is dropped.
pub struct Door {
    channel: BroadcastChannel,
    _listener: Listener,
}

impl Door {
    /// Opens it.
    ///
    /// # Errors
    /// When the browser has no such channels.
    pub fn open(intakes: Intakes, music: MusicIntakes, blobs: Blobs) -> Result<Self, JsValue> {
        let channel = BroadcastChannel::new(FILES_CHANNEL)?;
        let replies = channel.clone();
        let listener = Listener::new(&channel, "message", move |event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            if hear(&replies, &intakes, &music, &blobs, data).is_err() {
                // Not the error: it may quote what somebody said.
                js::warn("a view's files were not understood", &JsValue::NULL);
            }
        });
        Ok(Self {
            channel,
            _listener: listener,
        })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.channel.close();
    }
}

fn hear(
    replies: &BroadcastChannel,
    intakes: &Intakes,
    music: &MusicIntakes,
    blobs: &Blobs,
    data: JsValue,
) -> Result<(), JsValue> {
    let has = |name: &str| Reflect::has(&data, &name.into());
    if has("share")? {
        let share = share(data)?;
        let id = share.id.clone();
        answer(replies, &id, intakes.take(share));
    } else if has("music")? {
        let handed = handed_music(data)?;
        let id = handed.id.clone();
        answer(replies, &id, music.take(handed));
    } else if has("cover")? {
        take_part(replies, music, data, "cover", PartKind::Cover)?;
    } else if has("lyrics")? {
        take_part(replies, music, data, "lyrics", PartKind::Lyrics)?;
    } else if has("want")? {
        let WantMessage { want, file } = serde_wasm_bindgen::from_value(data)?;
        let replies = replies.clone();
        blobs.want(file, move |blob| {
            reply(&replies, &GivenMessage { given: want, blob });
        });
    }
    // The rest is what another engine says, if the browser has two for a moment.
    Ok(())
}

fn answer(replies: &BroadcastChannel, id: &IntakeId, taken: Result<(), Problem>) {
    match taken {
        Ok(()) => reply(replies, &TakenMessage { taken: id }),
        Err(problem) => {
            let refused = id;
            reply(replies, &RefusedMessage { refused, problem });
        }
    }
}

fn check_id(id: &IntakeId) -> Result<(), JsValue> {
    if id.0.len() > MAX_ID_BYTES {
        return Err("the name of an intake is too long".into());
    }
    Ok(())
}

/// Answers once the track has it: that takes a moment.
fn take_part(
    replies: &BroadcastChannel,
    music: &MusicIntakes,
    data: JsValue,
    key: &str,
    kind: PartKind,
) -> Result<(), JsValue> {
    let id = Reflect::get(&data, &key.into())?.as_string();
    let id = IntakeId(id.ok_or("an intake has no name")?);
    check_id(&id)?;
    let message: PartMessage = serde_wasm_bindgen::from_value(data)?;
    let part = Part {
        id: id.clone(),
        channel: message.channel,
        track: message.track,
        kind,
        file: message.file,
    };
    let (replies, music) = (replies.clone(), music.clone());
    spawn_local(async move {
        let done = music.set_part(part).await;
        answer(&replies, &id, done);
    });
    Ok(())
}

fn handed_music(data: JsValue) -> Result<Music, JsValue> {
    let message: MusicMessage = serde_wasm_bindgen::from_value(data)?;
    check_id(&message.music)?;
    if message.paths.len() != message.files.length() as usize {
        return Err("not every file has a path".into());
    }
    let files = message.files.iter().map(|file| file.dyn_into::<File>());
    let files = message
        .paths
        .into_iter()
        .zip(files)
        .map(|(path, file)| Ok((path, file?)));
    Ok(Music {
        id: message.music,
        channel: message.channel,
        files: files.collect::<Result<_, JsValue>>()?,
    })
}

fn share(data: JsValue) -> Result<Share, JsValue> {
    let message: ShareMessage = serde_wasm_bindgen::from_value(data)?;
    check_id(&message.share)?;
    let files = message.files.iter().map(|file| file.dyn_into::<File>());
    Ok(Share {
        id: message.share,
        channel: message.channel,
        text: message.text,
        files: files.collect::<Result<_, _>>()?,
    })
}

fn reply(channel: &BroadcastChannel, message: &impl Serialize) {
    let message = message.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
    let posted = message
        .map_err(JsValue::from)
        .and_then(|message| channel.post_message(&message));
    if let Err(error) = posted {
        js::warn("a view could not be answered", &error);
    }
}
