//! The bytes of files, for views that show or save them: blobs that a worker makes.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
    time::Duration,
};

use catnest::{limits, resource::ResourceId, time::Millis};
use wasm_bindgen::JsValue;

use super::{
    Place,
    helper::Helper,
    messages::{FromWorker, ToWorker},
};
use crate::{clock::Clock, js};

/// Files that are put together at a time: a film must not keep a picture waiting.
const AT_A_TIME: usize = 4;

/// A worker without work stays for so long: who scrolls through pictures wants the next one soon.
const IDLE: Duration = Duration::from_secs(30);

/// Called with the blob, or with `undefined` if there is none.
type Give = Box<dyn FnOnce(JsValue)>;

/// What views want. Clones share it.
#[derive(Clone)]
pub struct Blobs(Rc<Inner>);

struct Inner {
    place: Place,
    /// Told of a file that lacks bytes.
    lacks: Box<dyn Fn(ResourceId)>,
    state: RefCell<State>,
    idle: Rc<Clock>,
}

#[derive(Default)]
struct State {
    last: u32,
    waiting: VecDeque<(ResourceId, Give)>,
    coming: BTreeMap<u32, (ResourceId, Give)>,
    helper: Option<Helper>,
}

impl Blobs {
    /// Nothing is wanted yet. `lacks` is told of each file of which bytes were found missing or damaged.
    pub fn new(place: Place, lacks: impl Fn(ResourceId) + 'static) -> Self {
        Self(Rc::new_cyclic(|inner: &Weak<Inner>| {
            let inner = inner.clone();
            Inner {
                place,
                lacks: Box::new(lacks),
                state: RefCell::default(),
                idle: Clock::new(move || {
                    if let Some(inner) = inner.upgrade() {
                        let helper = inner.state.borrow_mut().helper.take();
                        drop(helper);
                    }
                }),
            }
        }))
    }

    /// Gives a blob of a resource that is complete, or `undefined`.
    pub fn want(&self, file: ResourceId, give: impl FnOnce(JsValue) + 'static) {
        let mut state = self.0.state.borrow_mut();
        if state.waiting.len() + state.coming.len() >= limits::MAX_WANTED_FILES {
            drop(state);
            return give(JsValue::UNDEFINED);
        }
        state.waiting.push_back((file, Box::new(give)));
        drop(state);
        self.run();
    }

    fn run(&self) {
        let mut state = self.0.state.borrow_mut();
        while state.coming.len() < AT_A_TIME {
            let Some((file, give)) = state.waiting.pop_front() else {
                break;
            };
            if state.helper.is_none() {
                state.helper = self.start();
            }
            let ticket = state.last.wrapping_add(1);
            state.last = ticket;
            let Some(helper) = &state.helper else {
                drop(state);
                give(JsValue::UNDEFINED);
                state = self.0.state.borrow_mut();
                continue;
            };
            helper.post(&ToWorker::Assemble {
                ticket,
                database: self.0.place.database.clone(),
                file,
            });
            state.coming.insert(ticket, (file, give));
        }
        let end = Millis(self.0.idle.now().0 + IDLE.as_millis() as u64);
        self.0
            .idle
            .set_alarm(state.coming.is_empty().then_some(end));
    }

    fn start(&self) -> Option<Helper> {
        let this = Rc::downgrade(&self.0);
        let helper = Helper::start(&self.0.place.script, move |said| {
            if let Some(inner) = this.upgrade() {
                Self(inner).hear(said);
            }
        });
        helper.map_err(|error| js::warn("no worker", &error)).ok()
    }

    fn hear(&self, said: Result<FromWorker, String>) {
        match said {
            Ok(FromWorker::Assembled {
                ticket,
                blob,
                lacks,
            }) => {
                let wanted = self.0.state.borrow_mut().coming.remove(&ticket);
                if let Some((file, give)) = wanted {
                    give(blob);
                    if lacks {
                        (self.0.lacks)(file);
                    }
                }
            }
            Ok(_) => {}
            Err(error) => {
                js::warn("a worker failed", &error.into());
                let mut state = self.0.state.borrow_mut();
                let (helper, lost) = (state.helper.take(), std::mem::take(&mut state.coming));
                drop(state);
                drop(helper);
                for (_, give) in lost.into_values() {
                    give(JsValue::UNDEFINED);
                }
            }
        }
        self.run();
    }
}
