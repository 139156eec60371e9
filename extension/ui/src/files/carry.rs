//! Files and blobs between this view and the engine, over the `BroadcastChannel` that
//! [`FILES_CHANNEL`] describes.

use std::{cell::RefCell, collections::BTreeMap, time::Duration};

use catnest::{channel::ChannelId, resource::ResourceId};
use catnest_messages::{FILES_CHANNEL, IntakeId};
use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BroadcastChannel, File, MessageEvent, Url};

use crate::js;

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
    let (key, answer) = match (member("taken").as_string(), member("given").as_string()) {
        (Some(intake), _) => (intake, JsValue::TRUE),
        (None, Some(ticket)) => (ticket, member("blob")),
        // What other views say to the engine.
        (None, None) => return,
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

/// Stops waiting for an answer: it is "no".
fn give_up(key: &str) {
    let waiting =
        OPEN.with_borrow_mut(|open| open.as_mut().and_then(|open| open.waiting.remove(key)));
    if let Some(resolve) = waiting {
        let _resolved = resolve.call1(&JsValue::UNDEFINED, &JsValue::UNDEFINED);
    }
}

/// The engine is gone, and what it was asked for with it.
pub(crate) fn forget() {
    let waiting =
        OPEN.with_borrow(|open| open.as_ref().map(|o| o.waiting.keys().cloned().collect()));
    for key in waiting.unwrap_or_else(Vec::new) {
        give_up(&key);
    }
}

/// Hands files over, to be shared with a text. Says whether the engine has them: then this page may go.
pub(crate) async fn share(
    intake: &IntakeId,
    channel: ChannelId,
    text: &str,
    files: &[File],
) -> bool {
    let key = intake.0.clone();
    spawn_local(async move {
        js::pause(TAKING).await;
        give_up(&key);
    });
    let files: Array = files.iter().collect();
    let taken = ask(
        &intake.0,
        vec![
            ("share", intake.0.as_str().into()),
            ("channel", channel.to_string().into()),
            ("text", text.into()),
            ("files", files.into()),
        ],
    );
    match taken.await {
        Ok(taken) => taken.is_truthy(),
        Err(error) => {
            js::warn("files could not be handed over", &error);
            false
        }
    }
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
    let Some(address) = address(&blob) else {
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
