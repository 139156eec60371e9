//! Files and blobs between this view and the engine, over the `BroadcastChannel` that
//! [`FILES_CHANNEL`] describes.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use catnest::{channel::ChannelId, node::Problem, resource::ResourceId};
use catnest_messages::{FILES_CHANNEL, IntakeId};
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, BroadcastChannel, File, MessageEvent, Url};

use crate::{js, problem::Trouble};

/// Handing over copies no bytes: an engine that takes longer is not there.
const TAKING: Duration = Duration::from_secs(10);

/// A download reads its blob after the click.
const SAVING: Duration = Duration::from_secs(60);

struct Open {
    channel: BroadcastChannel,
    /// What waits for an answer, by intake or ticket.
    waiting: BTreeMap<String, Function>,
    _listener: Closure<dyn FnMut(MessageEvent)>,
}

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
}

fn open() -> Result<Open, JsValue> {
    let channel = BroadcastChannel::new(FILES_CHANNEL)?;
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(hear);
    channel.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    Ok(Open {
        channel,
        waiting: BTreeMap::new(),
        _listener: listener,
    })
}

fn hear(event: MessageEvent) {
    let data = event.data();
    let member = |name: &str| Reflect::get(&data, &name.into()).unwrap_or_default();
    let answers = [
        ("taken", JsValue::TRUE),
        ("refused", member("problem")),
        ("given", member("blob")),
    ];
    let mut keyed = answers
        .into_iter()
        .filter_map(|(name, answer)| Some((member(name).as_string()?, answer)));
    // The rest is what other views say to the engine.
    let Some((key, answer)) = keyed.next() else {
        return;
    };
    let waiting =
        OPEN.with_borrow_mut(|open| open.as_mut().and_then(|open| open.waiting.remove(&key)));
    if let Some(resolve) = waiting {
        // A promise's own resolve function does not throw.
        let _resolved = resolve.call1(&JsValue::UNDEFINED, &answer);
    }
}

/// Says something to the engine; gives what it answers to the key.
async fn ask(key: &str, message: Vec<(&str, JsValue)>) -> Result<JsValue, JsValue> {
    let said = Object::new();
    for (name, value) in message {
        Reflect::set(&said, &name.into(), &value)?;
    }
    let mut resolve = None;
    let answer = Promise::new(&mut |resolved, _| resolve = Some(resolved));
    OPEN.with_borrow_mut(|slot| {
        let open = match slot {
            Some(open) => open,
            None => slot.insert(open()?),
        };
        if let Some(resolve) = resolve {
            open.waiting.insert(key.to_owned(), resolve);
        }
        open.channel.post_message(&said)
    })?;
    JsFuture::from(answer).await
}

/// Stops waiting for an answer: there is none.
fn give_up(key: &str) {
    let waiting =
        OPEN.with_borrow_mut(|open| open.as_mut().and_then(|open| open.waiting.remove(key)));
    if let Some(resolve) = waiting {
        let _resolved = resolve.call1(&JsValue::UNDEFINED, &JsValue::UNDEFINED);
    }
}

/// The engine is gone, and what it was asked for with it.
pub(crate) fn forget() {
    let waiting = OPEN.with_borrow(|open| {
        open.as_ref()
            .map(|o| o.waiting.keys().cloned().collect::<Vec<_>>())
    });
    for key in waiting.unwrap_or_default() {
        give_up(&key);
    }
}

/// Hands files over, to be shared with a text. Once that is done the engine has them, and this page may go.
///
/// # Errors
/// Why the engine does not take them.
pub(crate) async fn share(
    intake: &IntakeId,
    channel: ChannelId,
    text: &str,
    files: &[File],
) -> Result<(), Problem> {
    let files: Array = files.iter().collect();
    let message = vec![
        ("share", intake.0.as_str().into()),
        ("channel", channel.to_string().into()),
        ("text", text.into()),
        ("files", files.into()),
    ];
    hand_over(intake, message).await
}

/// Hands files over as music for a channel's list, each with its path below what was chosen ([`super::folder`]). Once that is
/// done the engine has them, and this page may go; what becomes of them is in `State::music_intakes`.
///
/// # Errors
/// Why the engine does not take them.
pub(crate) async fn share_music(
    intake: &IntakeId,
    channel: ChannelId,
    files: &[(String, File)],
) -> Result<(), Problem> {
    let paths: Array = files.iter().map(|(path, _)| JsValue::from(path)).collect();
    let files: Array = files.iter().map(|(_, file)| file).collect();
    let message = vec![
        ("music", intake.0.as_str().into()),
        ("channel", channel.to_string().into()),
        ("files", files.into()),
        ("paths", paths.into()),
    ];
    hand_over(intake, message).await
}

async fn hand_over(intake: &IntakeId, message: Vec<(&str, JsValue)>) -> Result<(), Problem> {
    let key = intake.0.clone();
    spawn_local(async move {
        js::pause(TAKING).await;
        give_up(&key);
    });
    match ask(&intake.0, message).await {
        Ok(taken) if taken == JsValue::TRUE => Ok(()),
        // Where there is no problem either, nobody answered.
        Ok(problem) => Err(serde_wasm_bindgen::from_value(problem).unwrap_or(Problem::Busy)),
        Err(error) => {
            js::warn("files could not be handed over", &error);
            Err(Problem::Busy)
        }
    }
}

/// Hands over the cover of a track, or its lyrics.
///
/// # Errors
/// Why the engine does not take it.
pub(crate) async fn set_part(
    channel: ChannelId,
    track: ResourceId,
    part: &str,
    file: &File,
) -> Result<(), Problem> {
    let Some(intake) = js::random_name() else {
        return Err(Problem::Busy);
    };
    let message = vec![
        (part, intake.as_str().into()),
        ("channel", channel.to_string().into()),
        ("track", track.to_string().into()),
        ("file", file.into()),
    ];
    hand_over(&IntakeId(intake), message).await
}

/// The bytes of a file that is complete, as of this media type, whatever else the blob says of itself.
pub(crate) async fn want(file: ResourceId, media_type: &str) -> Option<Blob> {
    let ticket = js::random_name()?;
    let given = ask(
        &ticket,
        vec![
            ("want", ticket.as_str().into()),
            ("file", file.to_string().into()),
        ],
    );
    match given.await {
        Ok(blob) => {
            let blob: Blob = blob.dyn_into().ok()?;
            let size = blob.size();
            blob.slice_with_f64_and_f64_and_content_type(0.0, size, media_type)
                .ok()
        }
        Err(error) => {
            js::warn("a file could not be read", &error);
            None
        }
    }
}

/// An address of bytes that this page has; whoever makes it revokes it.
pub(crate) fn address(blob: &Blob) -> Option<String> {
    Url::create_object_url_with_blob(blob).ok()
}

/// Lets the bytes of an address go.
pub(crate) fn revoke(address: &str) {
    // Only what is no address is refused.
    let _revoked = Url::revoke_object_url(address);
}

/// Saves a file where the member wants it. Says whether it is there to be saved.
pub(crate) async fn save(file: ResourceId, name: &str) -> bool {
    // Not what somebody says it is: the browser goes by the name.
    let Some(blob) = want(file, "application/octet-stream").await else {
        return false;
    };
    save_blob(&blob, name)
}

/// A text that is to be saved, and comes in parts. What was added is the browser's to keep, who has the disk for it.
#[derive(Default)]
pub(crate) struct Saving {
    parts: Array,
}

impl Saving {
    /// Adds a part.
    ///
    /// # Errors
    /// When the browser has no room for it.
    pub(crate) fn add(&self, text: &str) -> Result<(), Trouble> {
        let blob = Blob::new_with_str_sequence(&Array::of1(&text.into()));
        let blob = blob.map_err(|_| Trouble::NotSaved)?;
        self.parts.push(&blob);
        Ok(())
    }

    /// Saves all of it where the member wants it.
    ///
    /// # Errors
    /// When the browser does not.
    pub(crate) fn save(&self, media_type: &str, name: &str) -> Result<(), Trouble> {
        let options = BlobPropertyBag::new();
        options.set_type(media_type);
        let saved = Blob::new_with_blob_sequence_and_options(&self.parts, &options)
            .is_ok_and(|blob| save_blob(&blob, name));
        if saved {
            Ok(())
        } else {
            Err(Trouble::NotSaved)
        }
    }
}

fn save_blob(blob: &Blob, name: &str) -> bool {
    let Some(address) = address(blob) else {
        return false;
    };
    let clicked = click(&address, name);
    set_timeout(move || revoke(&address), SAVING);
    clicked
}

fn click(address: &str, name: &str) -> bool {
    let link = document()
        .create_element("a")
        .ok()
        .and_then(|link| link.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let Some(link) = &link {
        link.set_href(address);
        link.set_download(name);
        link.click();
    }
    link.is_some()
}
