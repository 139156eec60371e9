//! The `<audio>` element: what it is told, and what it does.

use std::{cell::RefCell, rc::Rc, time::Duration};

use catnest::{
    channel::ChannelId,
    music::{
        Speed, TrackTime,
        player::{Fact, Failure, LoadKey, Report},
    },
    node::ReadProblem,
    resource::ResourceId,
};
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DomException, HtmlAudioElement, HtmlMediaElement, MediaError, RequestInit, Response,
};

use super::{seconds, track_time};
use crate::{
    clock,
    js::{self, Listener},
    reading::{Source, source::Address},
    task::Task,
};

/// How often a track is loaded again that failed for no reason that stays, and how long that waits each time: for a worker
/// that is being replaced, a reader that gave way, a disk that gets room.
const AGAIN: u8 = 3;
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// What has played on for so many seconds since has failed anew.
const PLAYED_ON: f64 = 10.0;

/// What is listened to (HTML §4.8.11.16).
const EVENTS: [&str; 10] = [
    "loadedmetadata",
    "durationchange",
    "playing",
    "waiting",
    "pause",
    "seeking",
    "seeked",
    "timeupdate",
    "ended",
    "error",
];

pub(super) struct Element {
    audio: HtmlAudioElement,
    source: Source,
    report: Box<dyn Fn(Report)>,
    load: RefCell<Option<Load>>,
    listeners: RefCell<Vec<Listener>>,
}

/// What the element has, or will have.
struct Load {
    key: LoadKey,
    /// Where the file is; none as long as nobody knows.
    address: Option<Rc<Address>>,
    /// To be played once it can be.
    plays: bool,
    /// Where it goes on, while it failed and waits for being loaded again.
    again: Option<f64>,
    /// How often it was loaded again, and where it was when it failed last.
    tries: u8,
    failed_at: f64,
    /// Finding out where it is, or why it does not play.
    work: Option<Task>,
}

impl Load {
    fn new(key: LoadKey) -> Self {
        Self {
            key,
            address: None,
            plays: false,
            again: None,
            tries: 0,
            failed_at: 0.0,
            work: None,
        }
    }

    /// It failed here. Gives how often it was loaded again already.
    fn fails(&mut self, place: f64, plays: bool) -> u8 {
        if (place - self.failed_at).abs() > PLAYED_ON {
            self.tries = 0;
        }
        self.failed_at = place;
        self.again = Some(place);
        self.plays = plays;
        self.tries += 1;
        self.tries - 1
    }
}

impl Element {
    pub(super) fn new(
        source: Source,
        report: impl Fn(Report) + 'static,
    ) -> Result<Rc<Self>, JsValue> {
        let audio = HtmlAudioElement::new()?;
        audio.set_preload("auto");
        // By default in all browsers, but the player counts on it.
        Reflect::set(&audio, &"preservesPitch".into(), &JsValue::TRUE)?;
        let element = Rc::new(Self {
            audio,
            source,
            report: Box::new(report),
            load: RefCell::default(),
            listeners: RefCell::default(),
        });
        let listeners = EVENTS.map(|name| {
            let this = Rc::downgrade(&element);
            Listener::new(&element.audio, name, move |_| {
                if let Some(element) = this.upgrade() {
                    element.happened(name);
                }
            })
        });
        element.listeners.borrow_mut().extend(listeners);
        Ok(element)
    }

    pub(super) fn load(
        self: &Rc<Self>,
        key: LoadKey,
        resource: ResourceId,
        channel: Option<ChannelId>,
    ) {
        let at_once = self.source.at_once(resource, channel);
        if at_once.is_none() {
            self.clear();
        }
        let before = self.load.replace(Some(Load::new(key)));
        if let Some(address) = at_once {
            self.open(key, address);
        } else {
            let (this, source) = (Rc::downgrade(self), self.source.clone());
            let work = Task::spawn(async move {
                let address = source.address(resource, channel).await;
                if let Some(element) = this.upgrade() {
                    element.arrived(key, address);
                }
            });
            self.set_work(key, work);
        }
        // What the element plays is there until it has something else.
        drop(before);
    }

    pub(super) fn unload(&self) {
        self.clear();
        let before = self.load.take();
        drop(before);
    }

    /// Takes the source away; nothing that happened with it is reported any more (HTML §4.8.11.5, the load algorithm).
    fn clear(&self) {
        // An attribute of this name can be removed from every element.
        let _removed = self.audio.remove_attribute("src");
        self.audio.load();
    }

    fn set_work(&self, key: LoadKey, work: Task) {
        let before = self.current(key).map(|mut load| load.work.replace(work));
        drop(before);
    }

    fn arrived(self: &Rc<Self>, key: LoadKey, address: Result<Address, ReadProblem>) {
        match address {
            Ok(address) => self.open(key, address),
            Err(problem) => {
                js::warn("a track does not come", &problem.to_string().into());
                self.tell(key, Fact::Error(Failure::Source));
            }
        }
    }

    fn open(self: &Rc<Self>, key: LoadKey, address: Address) {
        let Some(mut load) = self.current(key) else {
            return;
        };
        load.address = Some(Rc::new(address));
        drop(load);
        self.start(key, 0.0);
    }

    /// Gives the element its source, to begin somewhere.
    fn start(self: &Rc<Self>, key: LoadKey, place: f64) {
        let Some(mut load) = self.current(key) else {
            return;
        };
        let (plays, address) = (load.plays, load.address.clone());
        load.again = None;
        drop(load);
        let Some(address) = address else { return };
        self.audio.set_src(address.url());
        if place > 0.0 {
            // Until it knows the track, this says where it begins (HTML §4.8.11.6, default playback start position).
            self.audio.set_current_time(place);
        }
        if plays {
            self.play();
        }
    }

    /// Loads what failed once more, and goes on where it was.
    fn go_on(self: &Rc<Self>, key: LoadKey) {
        let place = self.current(key).and_then(|load| load.again);
        if let Some(place) = place {
            self.start(key, place);
        }
    }

    /// What is loaded, if it is still this.
    fn current(&self, key: LoadKey) -> Option<std::cell::RefMut<'_, Load>> {
        let load = self.load.borrow_mut();
        std::cell::RefMut::filter_map(load, |load| load.as_mut().filter(|load| load.key == key))
            .ok()
    }

    pub(super) fn play(self: &Rc<Self>) {
        let key = match &mut *self.load.borrow_mut() {
            Some(load) => {
                load.plays = true;
                if load.address.is_none() || load.again.is_some() {
                    return;
                }
                load.key
            }
            None => return,
        };
        let promise = match self.audio.play() {
            Ok(promise) => promise,
            Err(error) => return js::warn("nothing is played", &error),
        };
        let this = Rc::downgrade(self);
        spawn_local(async move {
            let Err(error) = JsFuture::from(promise).await else {
                return; // `playing` says it.
            };
            let name = error.dyn_ref::<DomException>().map(DomException::name);
            let fact = match name.as_deref() {
                Some("NotAllowedError") => Fact::Refused,
                Some("AbortError") => Fact::Aborted,
                // `error` says it.
                _ => return,
            };
            if let Some(element) = this.upgrade() {
                element.tell(key, fact);
            }
        });
    }

    pub(super) fn pause(&self) {
        if let Some(load) = &mut *self.load.borrow_mut() {
            load.plays = false;
        }
        if let Err(error) = self.audio.pause() {
            js::warn("it cannot be paused", &error);
        }
    }

    pub(super) fn seek(&self, place: TrackTime) {
        let mut all = self.load.borrow_mut();
        if let Some(load) = &mut *all
            && let Some(again) = &mut load.again
        {
            *again = seconds(place);
            let key = load.key;
            drop(all);
            return self.tell(key, Fact::Seeked);
        }
        drop(all);
        self.audio.set_current_time(seconds(place));
    }

    pub(super) fn set_speed(&self, speed: Speed) {
        let rate = f64::from(speed.thousandths()) / 1000.0;
        // Which it takes when it gets its source, should that come later.
        self.audio.set_default_playback_rate(rate);
        self.audio.set_playback_rate(rate);
    }

    pub(super) fn set_volume(&self, percent: u8, muted: bool) {
        self.audio.set_volume(f64::from(percent.min(100)) / 100.0);
        self.audio.set_muted(muted);
    }

    /// Tells what the element did, if it has a source that it can have done it with.
    fn happened(self: &Rc<Self>, name: &str) {
        let key = match &*self.load.borrow() {
            Some(load) if load.address.is_some() => load.key,
            _ => return,
        };
        let fact = match name {
            // The duration changes to none when another load begins.
            "loadedmetadata" | "durationchange" => {
                if self.audio.ready_state() < HtmlMediaElement::HAVE_METADATA {
                    return;
                }
                let duration = track_time(self.audio.duration());
                Fact::Loaded { duration }
            }
            "playing" => Fact::Playing,
            "waiting" => Fact::Waiting,
            // With it comes a pause that nobody made.
            "pause" if self.audio.ended() => return,
            "pause" => Fact::Paused,
            "seeking" => Fact::Seeking,
            "seeked" => Fact::Seeked,
            "timeupdate" => Fact::Time,
            "ended" => Fact::Ended,
            _ => return self.failed(key),
        };
        self.tell(key, fact);
    }

    fn tell(&self, load: LoadKey, fact: Fact) {
        let again = self.current(load).and_then(|load| load.again);
        let position = again.unwrap_or_else(|| self.audio.current_time());
        let position = track_time(position).unwrap_or_default();
        (self.report)(Report {
            load,
            position,
            fact,
        });
    }

    fn failed(self: &Rc<Self>, key: LoadKey) {
        let error = self.audio.error();
        let message = error.as_ref().map(MediaError::message).unwrap_or_default();
        js::warn("a track cannot be played", &message.into());
        let code = error.map_or(0, |error| error.code());
        let (place, plays) = (self.audio.current_time(), !self.audio.paused());
        let Some(mut load) = self.current(key) else {
            return;
        };
        let Some(address) = load.address.clone() else {
            return;
        };
        let is_unknown = code == MediaError::MEDIA_ERR_SRC_NOT_SUPPORTED;
        let failure = match address.is_whole() {
            _ if code == MediaError::MEDIA_ERR_DECODE => Some(Failure::Decode),
            true if is_unknown => Some(Failure::Decode),
            true => Some(Failure::Source),
            false => None,
        };
        if let Some(failure) = failure {
            drop(load);
            return self.tell(key, Fact::Error(failure));
        }
        let tries = load.fails(place, plays);
        drop(load);
        self.tell(key, Fact::Waiting);
        let this = Rc::downgrade(self);
        let work = Task::spawn(async move {
            let failure = verdict(is_unknown, status(&address).await, tries);
            if failure.is_none() {
                clock::pass(AGAIN_AFTER).await;
            }
            let Some(element) = this.upgrade() else {
                return;
            };
            match failure {
                Some(failure) => element.tell(key, Fact::Error(failure)),
                None => element.go_on(key),
            }
        });
        self.set_work(key, work);
    }
}

impl Drop for Element {
    fn drop(&mut self) {
        self.listeners.borrow_mut().clear();
        self.unload();
    }
}

/// Why a track does not play, if that will not pass: by whether nothing came that the element knows, the status at its
/// address, and how often it was loaded again.
fn verdict(is_unknown: bool, status: Option<u16>, tries: u8) -> Option<Failure> {
    match status {
        Some(404 | 410) => Some(Failure::Source),
        // It may as well be that nothing came: it does not say which.
        Some(200..=299) if is_unknown && tries > 0 => Some(Failure::Decode),
        _ => (tries >= AGAIN).then_some(Failure::Source),
    }
}

/// What is answered at an address, if anything is.
async fn status(address: &Address) -> Option<u16> {
    let head = RequestInit::new();
    head.set_method("HEAD");
    let window = js::window().ok()?;
    let asked = window.fetch_with_str_and_init(address.url(), &head);
    let answer = JsFuture::from(asked).await.ok()?;
    let answer: Response = answer.dyn_into().ok()?;
    Some(answer.status())
}
