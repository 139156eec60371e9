//! The time, and one alarm.

use std::{cell::Cell, rc::Rc, time::Duration};

use catnest::time::Millis;
use wasm_bindgen::prelude::*;

use crate::{js, mail::Mail};

/// The longest time `setTimeout` can wait (2^31 − 1 ms); longer would fire at once.
const MAX_TIMEOUT_MS: u64 = i32::MAX as u64;

/// Wall-clock time that never runs backwards, and one timer.
pub(crate) struct Clock {
    latest: Cell<u64>,
    timer: Cell<Option<i32>>,
    ring: Closure<dyn FnMut()>,
}

impl Clock {
    /// A clock that calls `ring` when its alarm is due.
    pub(crate) fn new(ring: impl FnMut() + 'static) -> Rc<Self> {
        Rc::new(Self {
            latest: Cell::new(0),
            timer: Cell::new(None),
            ring: Closure::new(ring),
        })
    }

    pub(crate) fn now(&self) -> Millis {
        // A member may set the computer's clock back; the core's time stands still then until it has caught up.
        let now = self.latest.get().max(js_sys::Date::now() as u64);
        self.latest.set(now);
        Millis(now)
    }

    /// Replaces the alarm.
    pub(crate) fn set_alarm(&self, at: Option<Millis>) {
        let Ok(window) = js::window() else { return };
        if let Some(timer) = self.timer.take() {
            window.clear_timeout_with_handle(timer);
        }
        let Some(at) = at else { return };
        let wait = at.0.saturating_sub(self.now().0).min(MAX_TIMEOUT_MS) as i32;
        let callback = self.ring.as_ref().unchecked_ref();
        match window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, wait) {
            Ok(timer) => self.timer.set(Some(timer)),
            Err(error) => js::warn("no timer", &error),
        }
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        // What it would call is gone.
        self.set_alarm(None);
    }
}

/// Lets so much time pass.
pub(crate) async fn pass(time: Duration) {
    let mail = Mail::default();
    let rung = mail.clone();
    let clock = Clock::new(move || rung.put(()));
    let at = clock.now().0 + time.as_millis() as u64;
    clock.set_alarm(Some(Millis(at)));
    mail.take().await;
}
