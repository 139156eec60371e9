//! The ports of the views that are open.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use catnest::{
    channel::ChannelId,
    node::{Event, Input, RequestId},
};
use catnest_messages::{FromEngine, Intake, MusicIntake, ToEngine, VIEW_PORT};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{
    feed::Feed,
    files::{Intakes, MusicIntakes},
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
    _listeners: [Closure<dyn FnMut(JsValue)>; 2],
}

/// What the engine itself asks for: no view hears of it.
pub(crate) const ENGINE: RequestId = RequestId(0);

/// A view's number and the request's number within it, as one number for the node. Views are counted from 1: what is
/// below is the engine's own.
fn request_id(view: u32, request: u32) -> RequestId {
    RequestId(u64::from(view) << 32 | u64::from(request))
}

impl Views {
    /// The channels that are on a screen.
    fn looked_at(&self) -> Input {
        let open = &self.0.borrow().open;
        Input::LookedAt(open.values().filter_map(|view| view.looks_at).collect())
    }

    /// Tells an event to the view that asked for it, or to all.
    pub(crate) fn tell(&self, event: &Event) {
        let asked = event
            .request()
            .map(|RequestId(id)| ((id >> 32) as u32, id as u32));
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
pub(crate) fn listen(views: Views, feed: Feed, intakes: Intakes, music: MusicIntakes) {
    let on_connect = Closure::<dyn FnMut(JsValue)>::new(move |port: JsValue| {
        let port: Port = port.unchecked_into();
        if port.name() == VIEW_PORT {
            open(&views, &feed, &intakes, &music, port);
        }
    });
    ON_CONNECT.with(|event| event.add_listener(on_connect.as_ref().unchecked_ref()));
    // For as long as the document lives.
    on_connect.forget();
}

fn open(views: &Views, feed: &Feed, intakes: &Intakes, music: &MusicIntakes, port: Port) {
    let mut state = views.0.borrow_mut();
    state.last += 1;
    let id = state.last;
    let (of_hearing, of_closing) = (views.clone(), views.clone());
    let (hearing, closing) = (feed.clone(), feed.clone());
    let (intakes, music) = (intakes.clone(), music.clone());
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
            _listeners: listeners,
        },
    );
}
