//! What is heard: one `<audio>` element that does what the core's player says, and Media Session, by which the platform
//! shows it and its keys are heard.
//!
//! ```text
//!          ┌─ PlayerOutput ─→ <audio>, mediaSession
//! Player ──┤
//!          └←─ Report ← events of the element; Intent ← actions of the platform
//! ```
//!
//! Nothing is decided here (`catnest::music::player` has why). [`element`] is the one, [`session`] the other.

mod element;
mod session;

use std::rc::Rc;

use catnest::{
    channel::ChannelId,
    music::{
        TrackTime,
        player::{Intent, PlayerOutput, Report},
        track::Track,
    },
};
use wasm_bindgen::JsValue;

use self::{element::Element, session::Session};
use crate::reading::{Reads, Source};

/// The element, and what the platform shows of it. It is quiet once this is dropped.
pub struct Playing {
    element: Rc<Element>,
    session: Session,
}

impl Playing {
    /// Nothing is loaded yet. Tracks come from `source`, their covers by `reads`; `report` gets what the element does, and
    /// `intent` what a person wants by way of the platform: keys of a keyboard, of headphones, the lock screen.
    ///
    /// # Errors
    /// When the browser plays nothing.
    pub fn new(
        source: Source,
        reads: Reads,
        report: impl Fn(Report) + 'static,
        intent: impl Fn(Intent) + 'static,
    ) -> Result<Self, JsValue> {
        Ok(Self {
            element: Element::new(source, report)?,
            session: Session::new(reads, intent)?,
        })
    }

    /// Does what the player says, as far as it is for the element or the platform. A track that is not here comes from this
    /// channel.
    pub fn perform(&self, output: PlayerOutput, channel: Option<ChannelId>) {
        match output {
            PlayerOutput::Load { key, resource, .. } => self.element.load(key, resource, channel),
            PlayerOutput::Unload => self.element.unload(),
            PlayerOutput::Play => self.element.play(),
            PlayerOutput::Pause => self.element.pause(),
            PlayerOutput::Seek(place) => self.element.seek(place),
            PlayerOutput::Speed(speed) => self.element.set_speed(speed),
            PlayerOutput::Volume { percent, muted } => self.element.set_volume(percent, muted),
            PlayerOutput::Session(state) => self.session.set_state(state),
            PlayerOutput::Position(place) => self.session.set_position(place),
            // The node's own: it has the tracks ([`Playing::show`]), the views and the store.
            PlayerOutput::Metadata(_)
            | PlayerOutput::Prefetch(_)
            | PlayerOutput::State(_)
            | PlayerOutput::KeepQueue
            | PlayerOutput::KeepPlayer => {}
        }
    }

    /// What the platform shows of what is played. A cover that is not here comes from this channel.
    pub fn show(&self, track: Option<&Track>, channel: Option<ChannelId>) {
        self.session.show(track, channel);
    }
}

/// As the browser counts it.
fn seconds(time: TrackTime) -> f64 {
    time.0 as f64 / 1000.0
}

/// As the player counts it; none of what is no number, or endless.
fn track_time(seconds: f64) -> Option<TrackTime> {
    // Negative ones become 0.
    (seconds.is_finite()).then(|| TrackTime((seconds * 1000.0).round() as u64))
}
