//! The ports of the views that are open.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use catnest::{
    channel::ChannelId,
    host::{HostInput, HostReply, HostState, Topic},
    node::{Event, Input, RequestId},
};
use catnest_messages::{FromEngine, Intake, MusicIntake, ToEngine, VIEW_PORT};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{
    feed::Feed,
    files::{Intakes, MusicIntakes},
    host::Host,
    js::{self, ON_CONNECT, Port},
};

/// All open views, by number. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Views(Rc<RefCell<State>>);

#[derive(Default)]
struct State {
    last: u32,
    open: BTreeMap<u32, View>,
}

/// One view: its port, and the listeners on it, which live as long as the port is open.
struct View {
    port: Port,
    looks_at: Option<ChannelId>,
    /// It wants to know which files are being taken in.
    hears_intakes: bool,
    /// It wants to know of the native host.
    hears_host: bool,
    _listeners: [Closure<dyn FnMut(JsValue)>; 2],
}

/// What the engine itself asks for: no view hears of it.
pub(crate) const ENGINE: RequestId = RequestId(0);

/// A view's number and the request's number within it, as one number for the node. Views are counted from 1: what is
/// below is the engine's own.
fn request_id(view: u32, request: u32) -> RequestId {
    RequestId(u64::from(view) << 32 | u64::from(request))
}

/// The way back.
fn view_and_request(RequestId(id): RequestId) -> (u32, u32) {
    ((id >> 32) as u32, id as u32)
}

/// What views speak to.
#[derive(Clone)]
pub(crate) struct Ears {
    pub(crate) feed: Feed,
    pub(crate) intakes: Intakes,
    pub(crate) music: MusicIntakes,
    pub(crate) host: Host,
}

impl Views {
    /// The channels that are on a screen.
    fn looked_at(&self) -> Input {
        let open = &self.0.borrow().open;
        Input::LookedAt(open.values().filter_map(|view| view.looks_at).collect())
    }

    /// Tells an event to the view that asked for it, or to all.
    pub(crate) fn tell(&self, event: &Event) {
        let asked = event.request().map(view_and_request);
        let message = FromEngine::Event {
            request: asked.map(|(_, request)| request),
            event: event.clone(),
        };
        self.post(&message, |id, _| asked.is_none_or(|(view, _)| view == id));
    }

    /// Tells what is being taken in to the views that want to know.
    pub(crate) fn tell_intakes(&self, intakes: Vec<Intake>) {
        let message = FromEngine::Intakes(intakes);
        self.post(&message, |_, view| view.hears_intakes);
    }

    /// The same of music.
    pub(crate) fn tell_music_intakes(&self, intakes: Vec<MusicIntake>) {
        let message = FromEngine::Music(intakes);
        self.post(&message, |_, view| view.hears_intakes);
    }

    /// Tells how things are with the native host.
    pub(crate) fn tell_host_state(&self, state: HostState) {
        self.post(&FromEngine::Host(state), |_, view| view.hears_host);
    }

    /// Tells that something is new there.
    pub(crate) fn tell_host_news(&self, topic: Topic) {
        self.post(&FromEngine::HostNews(topic), |_, view| view.hears_host);
    }

    /// Tells a view what came of its request to it.
    pub(crate) fn tell_host_reply(&self, asker: u64, reply: HostReply) {
        let (asked, request) = view_and_request(RequestId(asker));
        self.post(&FromEngine::HostReply { request, reply }, |view, _| {
            view == asked
        });
    }

    /// A view wants to know of the native host, from now on.
    fn follow_host(&self, id: u32, host: &Host) {
        if let Some(view) = self.0.borrow_mut().open.get_mut(&id) {
            view.hears_host = true;
        }
        self.post(&FromEngine::Host(host.state()), |view, _| view == id);
        host.give(HostInput::Follow);
    }

    fn post(&self, message: &FromEngine, to: impl Fn(u32, &View) -> bool) {
        let message = match message.serialize(&serde_wasm_bindgen::Serializer::json_compatible()) {
            Ok(message) => message,
            Err(error) => return js::warn("a view could not be told", &error.into()),
        };
        let state = self.0.borrow();
        for (_, view) in state.open.iter().filter(|(id, view)| to(**id, view)) {
            // A port that is being closed: its view is gone, and its closing is on the way here.
            let _gone = view.port.post_message(&message);
        }
    }

    /// A view wants to know what is being taken in, from now on.
    fn ask_intakes(&self, id: u32, intakes: &Intakes, music: &MusicIntakes) {
        if let Some(view) = self.0.borrow_mut().open.get_mut(&id) {
            view.hears_intakes = true;
        }
        for message in [
            FromEngine::Intakes(intakes.list()),
            FromEngine::Music(music.list()),
        ] {
            self.post(&message, |view, _| view == id);
        }
    }
}

/// Takes the ports of views, from now on.
pub(crate) fn listen(views: Views, ears: Ears) {
    let on_connect = Closure::<dyn FnMut(JsValue)>::new(move |port: JsValue| {
        let port: Port = port.unchecked_into();
        if port.name() == VIEW_PORT {
            open(&views, &ears, port);
        }
    });
    ON_CONNECT.with(|event| event.add_listener(on_connect.as_ref().unchecked_ref()));
    // For as long as the document lives.
    on_connect.forget();
}

fn open(views: &Views, ears: &Ears, port: Port) {
    let mut state = views.0.borrow_mut();
    state.last += 1;
    let id = state.last;
    let (of_hearing, of_closing) = (views.clone(), views.clone());
    let (hearing, closing) = (ears.feed.clone(), ears.feed.clone());
    let Ears {
        intakes,
        music,
        host,
        ..
    } = ears.clone();
    let listeners = [
        Closure::<dyn FnMut(JsValue)>::new(move |message: JsValue| {
            match serde_wasm_bindgen::from_value::<ToEngine>(message) {
                Ok(ToEngine::LookAt { channel }) => {
                    if let Some(view) = of_hearing.0.borrow_mut().open.get_mut(&id) {
                        view.looks_at = channel;
                    }
                    hearing.feed(of_hearing.looked_at());
                }
                Ok(ToEngine::Ask { request, command }) => {
                    hearing.feed(Input::Command {
                        request: request_id(id, request),
                        command,
                    });
                }
                Ok(ToEngine::Intakes) => of_hearing.ask_intakes(id, &intakes, &music),
                Ok(ToEngine::DropIntake { intake }) => {
                    intakes.drop_intake(&intake);
                    music.drop_intake(&intake);
                }
                Ok(ToEngine::FollowHost) => of_hearing.follow_host(id, &host),
                Ok(ToEngine::LookForHost) => host.give(HostInput::Look),
                Ok(ToEngine::AskHost { request, want }) => {
                    let RequestId(asker) = request_id(id, request);
                    host.give(HostInput::Ask {
                        asker,
                        request: want,
                    });
                }
                // Not the error: it may quote what somebody said.
                Err(_) => js::warn("a view's message was not understood", &JsValue::NULL),
            }
        }),
        Closure::<dyn FnMut(JsValue)>::new(move |_| {
            of_closing.0.borrow_mut().open.remove(&id);
            closing.feed(of_closing.looked_at());
        }),
    ];
    port.on_message()
        .add_listener(listeners[0].as_ref().unchecked_ref());
    port.on_disconnect()
        .add_listener(listeners[1].as_ref().unchecked_ref());
    state.open.insert(
        id,
        View {
            port,
            looks_at: None,
            hears_intakes: false,
            hears_host: false,
            _listeners: listeners,
        },
    );
}
