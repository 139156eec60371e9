//! The connection to the engine: commands out, events in, and a new connection whenever the engine was gone.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use catnest::{
    channel::ChannelId,
    host::{self, HostReply, HostState, Topic},
    node::{Command, Event, Problem},
};
use catnest_messages::{FromEngine, Intake, IntakeId, MusicIntake, ToEngine, VIEW_PORT};
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::js::{self, Port};

/// The first pause before the engine is asked for again; doubles up to [`MAX_PAUSE`].
const MIN_PAUSE: Duration = Duration::from_millis(200);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// The connection to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// Not yet.
    Starting,
    /// It answers.
    Up,
    /// It is gone, and asked for again.
    Lost,
}

/// What of a view hears the engine.
pub(crate) trait Hears: Copy + 'static {
    /// News that nobody asked for.
    fn hear(self, event: Event);

    /// All files that are being taken in.
    fn take_in(self, intakes: Vec<Intake>);

    /// All music that is being taken in.
    fn take_in_music(self, intakes: Vec<MusicIntake>);

    /// How things are with the native host.
    fn host(self, state: HostState);

    /// What of the native host is not as it was.
    fn host_news(self, topic: Topic);

    /// The engine answers, or is gone. Whoever hears the former asks for what was missed.
    fn linked(self, link: Link);
}

type Reply = Box<dyn FnOnce(Event)>;
type OfHost = Box<dyn FnOnce(HostReply)>;

/// A page has one connection; it lives as long as the page.
#[derive(Default)]
struct Connection {
    open: Option<Open>,
    last_request: u32,
    waiting: BTreeMap<u32, Reply>,
    /// For the native host's replies.
    waiting_for_host: BTreeMap<u32, OfHost>,
}

struct Open {
    port: Port,
    _listeners: [Closure<dyn FnMut(JsValue)>; 2],
}

thread_local! {
    static CONNECTION: RefCell<Connection> = RefCell::default();
}

/// Connects, and connects again whenever the engine was gone.
pub(crate) fn connect(view: impl Hears) {
    spawn_local(async move {
        let mut wait = MIN_PAUSE;
        loop {
            match try_connect(view).await {
                Ok(()) => break,
                Err(error) => js::warn("the engine does not answer yet", &error),
            }
            js::pause(wait).await;
            wait = (wait * 2).min(MAX_PAUSE);
        }
        ask(Command::Overview, |_| {});
        view.linked(Link::Up);
    });
}

async fn try_connect(view: impl Hears) -> Result<(), JsValue> {
    let reply = js::send_message(&object(&[("to", "background"), ("ask", "engine")])?).await?;
    if js_sys::Reflect::get(&reply, &"ready".into())? != JsValue::TRUE {
        return Err(js_sys::Reflect::get(&reply, &"error".into())?);
    }
    let port = js::connect(&object(&[("name", VIEW_PORT)])?)?;
    let listeners = [
        Closure::<dyn FnMut(JsValue)>::new(move |message| hear(view, message)),
        Closure::<dyn FnMut(JsValue)>::new(move |_| lose(view)),
    ];
    port.on_message()
        .add_listener(listeners[0].as_ref().unchecked_ref());
    port.on_disconnect()
        .add_listener(listeners[1].as_ref().unchecked_ref());
    CONNECTION.with_borrow_mut(|connection| {
        connection.open = Some(Open {
            port,
            _listeners: listeners,
        });
    });
    Ok(())
}

fn object(members: &[(&str, &str)]) -> Result<JsValue, JsValue> {
    let object = js_sys::Object::new();
    for (name, value) in members {
        js_sys::Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value))?;
    }
    Ok(object.into())
}

/// Sends a command; `then` gets its reply, or a refusal if the engine goes before.
pub(crate) fn ask(command: Command, then: impl FnOnce(Event) + 'static) {
    let sent = CONNECTION.with_borrow_mut(|connection| {
        connection.last_request = connection.last_request.wrapping_add(1);
        let request = connection.last_request;
        let message = ToEngine::Ask { request, command };
        let message = message.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
        match (&connection.open, message) {
            (Some(open), Ok(message)) if open.port.post_message(&message).is_ok() => {
                connection.waiting.insert(request, Box::new(then));
                Ok(())
            }
            _ => Err(then),
        }
    });
    // Outside of the borrow: what follows may ask again.
    if let Err(then) = sent {
        then(gone());
    }
}

/// Sends a command, and waits for its reply, or for a refusal if the engine goes before.
pub(crate) async fn answer(command: Command) -> Event {
    let answer = Rc::new(RefCell::new(None));
    let mut command = Some(command);
    let waiting = Promise::new(&mut |resolve, _| {
        let answer = answer.clone();
        if let Some(command) = command.take() {
            ask(command, move |event| {
                answer.replace(Some(event));
                // A promise's own resolve function does not throw.
                let _resolved = resolve.call0(&JsValue::UNDEFINED);
            });
        }
    });
    let _waited = JsFuture::from(waiting).await;
    answer.take().unwrap_or_else(gone)
}

/// Tells which channel the member looks at in this view. The engine forgets it when the view goes.
pub(crate) fn look_at(channel: Option<ChannelId>) {
    tell(&ToEngine::LookAt { channel });
}

/// Has the engine tell which files are taken in, from now on.
pub(crate) fn follow_intakes() {
    tell(&ToEngine::Intakes);
}

/// Does without files that are being taken in.
pub(crate) fn drop_intake(intake: IntakeId) {
    tell(&ToEngine::DropIntake { intake });
}

/// Has the engine tell how things are with the native host, from now on.
pub(crate) fn follow_host() {
    tell(&ToEngine::FollowHost);
}

/// Has the engine look for the native host.
pub(crate) fn look_for_host() {
    tell(&ToEngine::LookForHost);
}

/// Wants something of the native host, and waits for what comes of it.
pub(crate) async fn ask_host(want: host::Request) -> HostReply {
    let reply = Rc::new(RefCell::new(None));
    let mut want = Some(want);
    let waiting = Promise::new(&mut |resolve, _| {
        let reply = reply.clone();
        let Some(want) = want.take() else { return };
        send_to_host(want, move |said| {
            reply.replace(Some(said));
            // A promise's own resolve function does not throw.
            let _resolved = resolve.call0(&JsValue::UNDEFINED);
        });
    });
    let _waited = JsFuture::from(waiting).await;
    reply.take().unwrap_or(HostReply::Absent)
}

fn send_to_host(want: host::Request, then: impl FnOnce(HostReply) + 'static) {
    let sent = CONNECTION.with_borrow_mut(|connection| {
        connection.last_request = connection.last_request.wrapping_add(1);
        let request = connection.last_request;
        let message = ToEngine::AskHost { request, want };
        let message = message.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
        match (&connection.open, message) {
            (Some(open), Ok(message)) if open.port.post_message(&message).is_ok() => {
                connection.waiting_for_host.insert(request, Box::new(then));
                Ok(())
            }
            _ => Err(then),
        }
    });
    if let Err(then) = sent {
        then(HostReply::Absent);
    }
}

/// Says something that has no reply.
fn tell(message: &ToEngine) {
    let message = message.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
    CONNECTION.with_borrow(|connection| {
        if let (Some(open), Ok(message)) = (&connection.open, message) {
            // A port that is being closed: what matters is told again on the next one.
            let _gone = open.port.post_message(&message);
        }
    });
}

fn gone() -> Event {
    Event::Refused {
        request: None,
        problem: Problem::Busy,
    }
}

fn hear(view: impl Hears, message: JsValue) {
    match serde_wasm_bindgen::from_value::<FromEngine>(message) {
        Ok(FromEngine::Event {
            request: Some(request),
            event,
        }) => {
            let reply =
                CONNECTION.with_borrow_mut(|connection| connection.waiting.remove(&request));
            if let Some(reply) = reply {
                reply(event);
            }
        }
        Ok(FromEngine::Event {
            request: None,
            event,
        }) => view.hear(event),
        Ok(FromEngine::Intakes(intakes)) => view.take_in(intakes),
        Ok(FromEngine::Music(intakes)) => view.take_in_music(intakes),
        Ok(FromEngine::Host(state)) => view.host(state),
        Ok(FromEngine::HostNews(topic)) => view.host_news(topic),
        Ok(FromEngine::HostReply { request, reply }) => {
            let waiting = CONNECTION
                .with_borrow_mut(|connection| connection.waiting_for_host.remove(&request));
            if let Some(waiting) = waiting {
                waiting(reply);
            }
        }
        // Not the error: it may quote what somebody said.
        Err(_) => js::warn("a message of the engine was not understood", &JsValue::NULL),
    }
}

fn lose(view: impl Hears) {
    let (waiting, for_host) = CONNECTION.with_borrow_mut(|connection| {
        // The listener that runs now is dropped after it has run: wasm-bindgen counts its use.
        connection.open = None;
        (
            std::mem::take(&mut connection.waiting),
            std::mem::take(&mut connection.waiting_for_host),
        )
    });
    for reply in waiting.into_values() {
        reply(gone());
    }
    for reply in for_host.into_values() {
        reply(HostReply::Absent);
    }
    view.linked(Link::Lost);
    connect(view);
}
