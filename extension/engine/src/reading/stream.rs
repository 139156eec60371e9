//! What the service worker answers `/stream/<resource>` with: a head, and then part after part as it asks for them.
//!
//! The worker has no state: it hands over a port with each request, and is told everything by it.
//!
//! | from | message |
//! |---|---|
//! | the worker, to this document | `{stream: {resource, channel, method, range, if_range, image, load}}`, and a port |
//! | the engine | `{status, headers: [[name, value], …], body}`: with `body`, bytes follow, the first of them unasked |
//! | the worker | `"more"`: it has room for another part |
//! | the engine | `{bytes}`: an `ArrayBuffer`; `{end: true}`; or `{failed}`, the reason as text, even in place of a status |
//! | the worker | `"stop"`: nobody reads on |
//!
//! With `image`, the answer is decoded as a picture, whatever it says: so it is read whole and looked at before any of it is
//! given ([`super::cover`]). With `load`, a player asks, and its requests end with its [`Load`], whether or not the worker
//! hears that nobody waits for them.
//!
//! When a worker is stopped, whoever played the file asks anew, from where it is. Not every browser tells that its ports
//! are closed (Chromium 148 does not): a reader that nobody asks anything any more gives way in the core.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    rc::{Rc, Weak},
};

use catnest::{
    channel::ChannelId,
    node::{ReadPart, ReadProblem},
    resource::{Descriptor, ResourceId, http::Head},
};
use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, MessagePort, ServiceWorkerContainer};

use super::{
    Reader, Reads,
    cover::{self, NoCover},
};
use crate::{
    js::{self, Listener},
    task::Task,
};

/// What is in `{stream: …}`.
#[derive(Deserialize)]
struct Ask {
    resource: ResourceId,
    /// Where it is got if it is not here.
    #[serde(default)]
    channel: Option<ChannelId>,
    method: String,
    #[serde(default)]
    range: Option<String>,
    #[serde(default)]
    if_range: Option<String>,
    /// It is decoded as a picture.
    #[serde(default)]
    image: bool,
    /// Which load of a player wants it.
    #[serde(default)]
    load: Option<u64>,
}

#[derive(Deserialize)]
struct AskMessage {
    stream: Ask,
}

#[derive(Serialize)]
struct HeadMessage {
    status: u16,
    headers: Vec<(String, String)>,
    body: bool,
}

#[derive(Serialize)]
struct FailedMessage {
    failed: String,
}

#[derive(Serialize)]
struct EndMessage {
    end: bool,
}

/// All that the service worker is answering. Clones share it.
#[derive(Clone)]
pub struct Streams {
    open: Rc<Open>,
}

/// What a player has loaded. When it is dropped, what was asked for it is answered no further.
#[derive(Debug)]
pub(super) struct Load {
    number: u64,
    open: Weak<Open>,
}

/// The way from the service worker; nothing is heard once it is dropped.
pub struct Listening {
    _streams: Streams,
    _listener: Option<Listener>,
}

struct Open {
    reads: Reads,
    streams: RefCell<(u64, BTreeMap<u64, Rc<Stream>>)>,
    /// The number of the last one, and those that are not dropped.
    loads: RefCell<(u64, BTreeSet<u64>)>,
}

/// One request.
struct Stream {
    number: u64,
    open: Weak<Open>,
    port: MessagePort,
    ask: Ask,
    reader: RefCell<Option<Rc<Reader>>>,
    /// Reading a picture.
    work: RefCell<Option<Task>>,
    listeners: RefCell<Vec<Listener>>,
}

impl Streams {
    /// Nothing is asked for yet.
    pub fn new(reads: Reads) -> Self {
        Self {
            open: Rc::new(Open {
                reads,
                streams: RefCell::default(),
                loads: RefCell::default(),
            }),
        }
    }

    pub(super) fn reads(&self) -> &Reads {
        &self.open.reads
    }

    /// A player loads something.
    pub(super) fn load(&self) -> Load {
        let mut loads = self.open.loads.borrow_mut();
        loads.0 += 1;
        let number = loads.0;
        loads.1.insert(number);
        let open = Rc::downgrade(&self.open);
        Load { number, open }
    }

    /// Hears the service worker from now on, where there is one: an event page has none, and needs none.
    ///
    /// # Errors
    /// When this is no document.
    pub fn listen(self) -> Result<Listening, JsValue> {
        let navigator = js::window()?.navigator();
        let container = Reflect::get(&navigator, &"serviceWorker".into())?;
        let container = container.dyn_into::<ServiceWorkerContainer>().ok();
        let open = Rc::downgrade(&self.open);
        let listener = container.map(|container| {
            // Only the extension's own worker can send messages here. They come once the document is parsed, which does
            // not wait for us (Service Workers §3.4); the worker sends none before the engine says that it is ready.
            Listener::new(&container, "message", move |event| {
                let event: MessageEvent = event.unchecked_into();
                let port = event.ports().get(0).dyn_into::<MessagePort>();
                if let (Some(open), Ok(port)) = (open.upgrade(), port) {
                    open.take(event.data(), port);
                }
            })
        });
        Ok(Listening {
            _streams: self,
            _listener: listener,
        })
    }

    /// The worker asks for something, to be answered by a port.
    pub fn take(&self, ask: JsValue, port: MessagePort) {
        self.open.take(ask, port);
    }

    /// How many requests are being answered.
    pub fn count(&self) -> usize {
        self.open.streams.borrow().1.len()
    }
}

impl Load {
    pub(super) fn number(&self) -> u64 {
        self.number
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        if let Some(open) = self.open.upgrade() {
            open.loads.borrow_mut().1.remove(&self.number);
            open.abandon(self.number);
        }
    }
}

impl Open {
    fn take(self: &Rc<Self>, ask: JsValue, port: MessagePort) {
        let Ok(AskMessage { stream: ask }) = serde_wasm_bindgen::from_value(ask) else {
            // Whoever asks waits for an answer.
            js::warn("a request for a file was not understood", &JsValue::NULL);
            return post_head(&port, Head::without_body(400, &[]));
        };
        let is_loaded = |load| self.loads.borrow().1.contains(&load);
        if !ask.load.is_none_or(is_loaded) {
            // It was on its way when the player got something else.
            return post_head(&port, Head::without_body(410, &[]));
        }
        let mut streams = self.streams.borrow_mut();
        streams.0 += 1;
        let stream = Rc::new(Stream {
            number: streams.0,
            open: Rc::downgrade(self),
            port,
            ask,
            reader: RefCell::default(),
            work: RefCell::default(),
            listeners: RefCell::default(),
        });
        streams.1.insert(stream.number, stream.clone());
        drop(streams);
        stream.listen();
        if stream.ask.image {
            stream.begin_picture(&self.reads);
        } else {
            stream.begin(&self.reads);
        }
    }

    /// Answers no further what was asked for a load.
    fn abandon(&self, load: u64) {
        let streams = self.streams.borrow();
        let of_load = streams.1.values();
        let of_load = of_load.filter(|stream| stream.ask.load == Some(load));
        let of_load: Vec<Rc<Stream>> = of_load.cloned().collect();
        drop(streams);
        for stream in of_load {
            stream.give_up();
        }
    }
}

impl Stream {
    fn listen(self: &Rc<Self>) {
        let (of_message, of_close) = (Rc::downgrade(self), Rc::downgrade(self));
        let listeners = [
            Listener::new(&self.port, "message", move |event| {
                let said = event.unchecked_into::<MessageEvent>().data();
                match (of_message.upgrade(), said.as_string().as_deref()) {
                    (Some(stream), Some("more")) => stream.more(),
                    (Some(stream), Some("stop")) => stream.give_up(),
                    _ => {}
                }
            }),
            // The worker was stopped (HTML §9.4.4), where the browser says so.
            Listener::new(&self.port, "close", move |_| {
                if let Some(stream) = of_close.upgrade() {
                    stream.end();
                }
            }),
        ];
        self.listeners.borrow_mut().extend(listeners);
        self.port.start();
    }

    /// Finds out what the resource is, which says what is answered.
    fn begin(self: &Rc<Self>, reads: &Reads) {
        let this = Rc::downgrade(self);
        let of_reads = reads.clone();
        self.read(reads, 0..0, move |part| {
            let Some(stream) = this.upgrade() else { return };
            match part {
                ReadPart::Opened(resource) => stream.answer(&of_reads, &resource),
                ReadPart::Failed(problem) => {
                    post_head(&stream.port, Head::without_body(status(&problem), &[]));
                    stream.end();
                }
                ReadPart::Bytes { .. } | ReadPart::End => {}
            }
        });
    }

    /// Reads all of a picture, which says what is answered.
    fn begin_picture(self: &Rc<Self>, reads: &Reads) {
        let (this, reads) = (Rc::downgrade(self), reads.clone());
        let (resource, channel) = (self.ask.resource, self.ask.channel);
        let work = Task::spawn(async move {
            let picture = cover::read(&reads, resource, channel).await;
            if let Some(stream) = this.upgrade() {
                stream.show(picture);
            }
        });
        self.work.replace(Some(work));
    }

    fn show(&self, picture: Result<(Descriptor, Vec<u8>), NoCover>) {
        let (head, bytes) = match picture {
            Ok((picture, bytes)) => (Head::of(&picture, &self.ask.method, None, None), bytes),
            Err(why) => {
                let status = match why {
                    NoCover::Read(problem) => status(&problem),
                    NoCover::Picture => 415,
                };
                (Head::without_body(status, &[]), Vec::new())
            }
        };
        let body = head.body.is_some();
        post_head(&self.port, head);
        if body {
            post_bytes(&self.port, &bytes);
            post(&self.port, &EndMessage { end: true });
        }
        self.end();
    }

    fn read(&self, reads: &Reads, range: Range<u64>, hears: impl Fn(ReadPart) + 'static) {
        let reader = Rc::new(reads.reader(hears));
        // Nothing is borrowed while the node is told: it may answer at once.
        let before = self.reader.replace(Some(reader.clone()));
        drop(before);
        let (resource, channel) = (self.ask.resource, self.ask.channel);
        reader.begin(resource, channel, range.start, range.end - range.start);
    }

    /// It is known what the resource is.
    fn answer(self: &Rc<Self>, reads: &Reads, resource: &Descriptor) {
        let Ask {
            method,
            range,
            if_range,
            ..
        } = &self.ask;
        let head = Head::of(resource, method, range.as_deref(), if_range.as_deref());
        let body = head.body.clone();
        post_head(&self.port, head);
        let Some(body) = body else {
            return self.end();
        };
        let this = Rc::downgrade(self);
        self.read(reads, body, move |part| {
            if let Some(stream) = this.upgrade() {
                stream.give(part);
            }
        });
        // Whoever asks wants some of it at least, and the worker would only ask for it.
        self.more();
    }

    fn give(&self, part: ReadPart) {
        match part {
            ReadPart::Opened(_) => {}
            ReadPart::Bytes { bytes, .. } => post_bytes(&self.port, &bytes),
            ReadPart::End => {
                post(&self.port, &EndMessage { end: true });
                self.end();
            }
            ReadPart::Failed(problem) => {
                let failed = problem.to_string();
                post(&self.port, &FailedMessage { failed });
                self.end();
            }
        }
    }

    /// The worker has room.
    fn more(&self) {
        let reader = self.reader.borrow().clone();
        if let Some(reader) = reader {
            reader.more();
        }
    }

    /// Nobody wants it any more. Should the worker still wait for a word, that ends.
    fn give_up(&self) {
        let failed = "nobody wants it any more".to_owned();
        post(&self.port, &FailedMessage { failed });
        self.end();
    }

    /// Nothing more is said: what was said before still arrives.
    fn end(&self) {
        if let Some(open) = self.open.upgrade() {
            let stream = open.streams.borrow_mut().1.remove(&self.number);
            drop(stream);
        }
        let (reader, work) = (self.reader.take(), self.work.take());
        drop((reader, work));
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.listeners.borrow_mut().clear();
        self.port.close();
    }
}

/// Why there is nothing to answer with.
fn status(problem: &ReadProblem) -> u16 {
    match problem {
        ReadProblem::Unknown | ReadProblem::Gone => 404,
        ReadProblem::BeyondEnd { .. } => 416,
        ReadProblem::GaveWay | ReadProblem::Problem(_) => 503,
    }
}

fn post_head(port: &MessagePort, head: Head) {
    let body = head.body.is_some();
    let Head {
        status, headers, ..
    } = head;
    post(
        port,
        &HeadMessage {
            status,
            headers,
            body,
        },
    );
}

fn post(port: &MessagePort, message: &impl Serialize) {
    let message = message.serialize(&serde_wasm_bindgen::Serializer::json_compatible());
    let posted = message
        .map_err(JsValue::from)
        .and_then(|message| port.post_message(&message));
    if let Err(error) = posted {
        js::warn("the service worker could not be answered", &error);
    }
}

fn post_bytes(port: &MessagePort, bytes: &[u8]) {
    let buffer = Uint8Array::from(bytes).buffer();
    let message = Object::new();
    // A new object takes every member.
    let _set = Reflect::set(&message, &"bytes".into(), &buffer);
    let moved = Array::of1(&buffer);
    if let Err(error) = port.post_message_with_transferable(&message, &moved) {
        js::warn("bytes could not be handed over", &error);
    }
}
