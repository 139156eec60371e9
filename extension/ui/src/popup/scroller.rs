//! Keeps the rows in the page that have to be there, and what is read where it is: the [`VirtualList`] at work.
//!
//! Whatever changes (the scroll position, the log, the size of the page) ends in [`Scroller::refresh`]. It puts rows in
//! the page, measures them, and corrects the position, all in microtasks: before the browser paints.

use std::{ops::Range, sync::Arc};

use catnest::{channel::ChannelId, node::Place};
use leptos::{html::Div, prelude::*, task::tick};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    rows::{Row, rows},
    seen,
    virtual_list::{Anchor, VirtualList},
};
use crate::{js, state::State, time};

/// Free room above the first row and below the last, in pixels: as `--space-2` has it.
const PAD: f64 = 8.0;

/// Rows this far outside of the screen are in the page, in screens.
const OVERSCAN: f64 = 0.75;

/// More messages are asked for when fewer screens than this are left above, or below.
const PREFETCH: f64 = 4.0;

/// This near to the end, what comes is followed.
const NEAR: f64 = 40.0;

/// Putting rows in and measuring them settles in two rounds; more are there for rows of very different heights.
const MAX_ROUNDS: usize = 6;

/// What no signal has to know.
struct Inner {
    list: VirtualList<Place>,
    anchor: Anchor<Place>,
    range: Range<usize>,
    /// Where this code scrolled to: another position is somebody's wish.
    scrolled_to: f64,
    viewport: f64,
    /// How wide and high the log was when its rows were last chosen, in pixels.
    size: (i32, i32),
    /// The channel is new: its anchor has to be found.
    fresh: bool,
    newest: Option<Place>,
    /// The log goes on after the list's end.
    later: bool,
    busy: bool,
    again: bool,
}

/// The handles of a log that is shown.
#[derive(Clone, Copy)]
pub(super) struct Scroller {
    state: State,
    pub(super) log: NodeRef<Div>,
    pub(super) above: NodeRef<Div>,
    pub(super) below: NodeRef<Div>,
    pub(super) body: NodeRef<Div>,
    /// What stands after the messages.
    pub(super) tail: NodeRef<Div>,
    /// The rows in the page.
    pub(super) rows: RwSignal<Vec<Row>>,
    /// The end is on the screen.
    pub(super) at_end: RwSignal<bool>,
    /// The newest message that was there when the end was last on the screen.
    pub(super) known: RwSignal<Option<Place>>,
    inner: StoredValue<Inner>,
}

impl Scroller {
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            log: NodeRef::new(),
            above: NodeRef::new(),
            below: NodeRef::new(),
            body: NodeRef::new(),
            tail: NodeRef::new(),
            rows: RwSignal::new(Vec::new()),
            at_end: RwSignal::new(true),
            known: RwSignal::new(None),
            inner: StoredValue::new(Inner {
                list: VirtualList::new(PAD),
                anchor: Anchor::End,
                range: 0..0,
                scrolled_to: 0.0,
                viewport: 0.0,
                size: (0, 0),
                fresh: true,
                newest: None,
                later: false,
                busy: false,
                again: false,
            }),
        }
    }

    /// Follows the log of the channel that is shown.
    pub(super) fn follow(self) {
        let state = self.state;
        Effect::new(move |before: Option<Option<ChannelId>>| {
            let channel = state.current.get();
            state.log.track();
            if state.opening.get() {
                self.inner.update_value(|inner| inner.fresh = true);
            }
            if before.is_some_and(|before| before != channel) {
                self.inner.update_value(|inner| {
                    inner.fresh = true;
                    inner.list = VirtualList::new(PAD);
                    inner.anchor = Anchor::End;
                });
                self.known.set(None);
                self.refresh();
            }
            self.log_changed();
            channel
        });
        self.watch_size();
    }

    fn log_changed(self) {
        let state = self.state;
        if state.opening.get_untracked() {
            return;
        }
        let newest = state.log.with_untracked(|log| log.newest());
        self.inner.update_value(|inner| {
            let left = inner.list.max_scroll(inner.viewport) - inner.scrolled_to;
            if inner.later && inner.anchor == Anchor::End {
                // What comes after the end is to be read from there.
                inner.anchor = inner.list.row_at(inner.scrolled_to);
            }
            state
                .log
                .with_untracked(|log| inner.list.set_keys(log.places()));
            if inner.fresh && newest.is_some() {
                inner.fresh = false;
                inner.anchor = self.first_anchor();
            } else if left <= NEAR && inner.newest < newest && !inner.later {
                inner.anchor = Anchor::End;
            }
            inner.newest = newest;
            inner.later = state.later.get_untracked();
        });
        self.refresh();
    }

    /// Where one begins to read: with what is unread a third down the screen, else at the end.
    fn first_anchor(self) -> Anchor<Place> {
        let divider = self.state.divider.get_untracked();
        let found = self.state.log.with_untracked(|log| {
            let at = log.index_from(divider?);
            let first = log.slice(at..at + 1).first()?.place();
            let before = at.checked_sub(1);
            let last_read = before.and_then(|at| Some(log.slice(at..at + 1).first()?.place()));
            // Where all is unread, one begins at the end, if that is here.
            let begins = last_read.is_some() || self.state.later.get_untracked();
            begins.then_some((first, last_read))
        });
        let height = self
            .log
            .get_untracked()
            .map_or(0, |log| log.client_height());
        match found {
            Some((key, last_read)) => {
                self.known.set(last_read);
                Anchor::Row {
                    key,
                    below: f64::from(height) / 3.0,
                }
            }
            None => Anchor::End,
        }
    }

    /// The page has another size: what is read stays.
    fn watch_size(self) {
        let changed = Closure::<dyn FnMut()>::new(move || self.refresh());
        let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) else {
            return;
        };
        let kept = StoredValue::new_local((observer, changed));
        self.log.on_load(move |log| {
            kept.with_value(|(observer, _)| observer.observe(&log));
        });
        on_cleanup(move || {
            kept.try_with_value(|(observer, _)| observer.disconnect());
        });
    }

    /// Somebody may have scrolled.
    pub(super) fn scrolled(self) {
        let Some(log) = self.log.get_untracked() else {
            return;
        };
        let top = f64::from(log.scroll_top());
        self.inner.update_value(|inner| {
            // In a log of another size the browser scrolls by itself, as far as it has to.
            let resized = inner.size != (log.client_width(), log.client_height());
            if !resized && (top - inner.scrolled_to).abs() > 1.0 {
                inner.scrolled_to = top;
                inner.anchor = inner.list.anchor_at(top, inner.viewport);
            }
        });
        self.refresh();
    }

    /// Scrolls so that this stays where it says.
    fn hold(self, anchor: Anchor<Place>) {
        self.inner.update_value(|inner| inner.anchor = anchor);
        self.refresh();
    }

    pub(super) fn to_end(self) {
        self.state.load_newest(move || {
            self.inner.update_value(|inner| inner.later = false);
            self.hold(Anchor::End);
        });
    }

    fn scroll_to(self, top: f64) {
        let anchor = self
            .inner
            .with_value(|inner| inner.list.anchor_at(top.max(0.0), inner.viewport));
        self.hold(anchor);
    }

    pub(super) fn to_start(self) {
        self.scroll_to(0.0);
    }

    /// Scrolls by so many screens.
    pub(super) fn by_screens(self, screens: f64) {
        let (top, viewport) = self
            .inner
            .with_value(|inner| (inner.scrolled_to, inner.viewport));
        self.scroll_to(top + screens * viewport);
    }

    /// Brings a row on the screen.
    pub(super) fn reveal(self, place: Place) {
        let top = self
            .inner
            .with_value(|inner| inner.list.reveal(place, inner.scrolled_to, inner.viewport));
        if let Some(top) = top {
            self.scroll_to(top);
        }
    }

    /// Shows a row a third down the screen: with some of what was said before it.
    pub(super) fn show(self, place: Place) {
        let below = self.inner.with_value(|inner| inner.viewport) / 3.0;
        self.hold(Anchor::Row { key: place, below });
    }

    /// The first and the last message on the screen.
    pub(super) fn on_screen(self) -> Option<(Place, Place)> {
        self.inner
            .with_value(|inner| inner.list.on_screen(inner.scrolled_to, inner.viewport))
    }

    /// Puts the rows in the page that have to be there, and what is read where it was.
    pub(super) fn refresh(self) {
        let begun = self.inner.try_update_value(|inner| {
            inner.again = true;
            !std::mem::replace(&mut inner.busy, true)
        });
        if begun != Some(true) {
            return;
        }
        spawn_local(async move {
            for _ in 0..MAX_ROUNDS {
                if self.place().is_none() {
                    break;
                }
                tick().await;
                if self.settle() != Some(true) {
                    break;
                }
            }
            if self
                .inner
                .try_update_value(|inner| inner.busy = false)
                .is_some()
            {
                self.settled();
            }
        });
    }

    /// Chooses the rows, and makes room for the others. None if the log is no longer shown.
    fn place(self) -> Option<()> {
        let log = self.log.try_get_untracked().flatten()?;
        let (above, below) = (self.above.get_untracked()?, self.below.get_untracked()?);
        let viewport = f64::from(log.client_height());
        let (range, room) = self.inner.try_update_value(|inner| {
            inner.again = false;
            inner.viewport = viewport;
            inner.size = (log.client_width(), log.client_height());
            let top = inner.list.scroll_top(&inner.anchor, viewport);
            inner.range = inner.list.range(top, viewport, OVERSCAN * viewport);
            (inner.range.clone(), inner.list.room(&inner.range))
        })?;
        let divider = self.state.divider.get_untracked();
        let chosen = self
            .state
            .log
            .with_untracked(|log| rows(log, range, divider, time::day));
        let same = self.rows.with_untracked(|shown| {
            let old = shown
                .iter()
                .map(|row| (row.key(), Arc::as_ptr(&row.message)));
            old.eq(chosen
                .iter()
                .map(|row| (row.key(), Arc::as_ptr(&row.message))))
        });
        if !same {
            self.keep_focus(&chosen);
            self.rows.set(chosen);
        }
        for (element, height) in [(above, room.0), (below, room.1)] {
            // A length is always taken.
            let _set = web_sys::HtmlElement::style(&element)
                .set_property("height", &format!("{height}px"));
        }
        Some(())
    }

    /// A row that leaves the page takes the keyboard with it, unless the log has it first.
    fn keep_focus(self, chosen: &[Row]) {
        let (Some(log), Some(body)) = (self.log.get_untracked(), self.body.get_untracked()) else {
            return;
        };
        let Some(active) = document().active_element() else {
            return;
        };
        if body.contains(Some(&active))
            && let Ok(Some(row)) = active.closest("[data-testid=message]")
            && !chosen
                .iter()
                .any(|chosen| row_id(chosen.message.place()) == row.id())
        {
            let without_scrolling = web_sys::FocusOptions::new();
            without_scrolling.set_prevent_scroll(true);
            let _focused = log.focus_with_options(&without_scrolling);
        }
    }

    /// Measures what is in the page, and scrolls to where the anchor is by that. Says whether other rows are needed.
    fn settle(self) -> Option<bool> {
        let log = self.log.try_get_untracked().flatten()?;
        let body = self.body.get_untracked()?;
        let elements = body.children();
        let heights: Vec<f64> = (0..elements.length())
            .filter_map(|at| elements.item(at))
            .map(|element| element.get_bounding_client_rect().height())
            .collect();
        let tail = self.tail.try_get_untracked().flatten();
        let tail = tail.map_or(0.0, |tail| tail.get_bounding_client_rect().height());
        let places = self.rows.with_untracked(|rows| {
            rows.iter()
                .map(|row| row.message.place())
                .collect::<Vec<_>>()
        });
        let shows = |at: usize| {
            let element = elements.item(at as u32).map(|element| element.id());
            element == places.get(at).map(|place| row_id(*place))
        };
        if places.len() != heights.len() || !shows(0) || !shows(heights.len().saturating_sub(1)) {
            // The page does not show them yet.
            return Some(true);
        }
        let (news, top) = self.inner.try_update_value(|inner| {
            let measured = inner.list.measure(places.into_iter().zip(heights));
            let news = inner.list.set_tail(tail) || measured;
            (news, inner.list.scroll_top(&inner.anchor, inner.viewport))
        })?;
        if news {
            return Some(true);
        }
        if (f64::from(log.scroll_top()) - top).abs() > 0.5 {
            log.set_scroll_top(top.round() as i32);
        }
        let scrolled_to = f64::from(log.scroll_top());
        self.inner.try_update_value(|inner| {
            inner.scrolled_to = scrolled_to;
            inner.again
        })
    }

    /// Nothing moves any more: what follows from what is on the screen now.
    fn settled(self) {
        let Some((left, above, below, empty)) = self.inner.try_with_value(|inner| {
            let end = inner.list.max_scroll(inner.viewport);
            let left = end - inner.scrolled_to;
            let screen = inner.viewport.max(1.0);
            let above = inner.scrolled_to / screen;
            (left, above, left / screen, inner.list.is_empty())
        }) else {
            return;
        };
        let later = self.state.later.get_untracked();
        let at_end = left <= NEAR && !later;
        if self.at_end.get_untracked() != at_end {
            self.at_end.set(at_end);
        }
        let newest = self.state.log.with_untracked(|log| log.newest());
        if at_end && !self.state.opening.get_untracked() && self.known.get_untracked() != newest {
            self.known.set(newest);
        }
        if !empty && above < PREFETCH {
            self.state.load_older();
        }
        if !empty && below < PREFETCH {
            self.state.load_newer();
        }
        seen::look(self.state, self.on_screen().map(|(_, last)| last));
        if !self.state.opening.get_untracked() {
            // What `cargo xtask bench popup` measures.
            js::mark("interactive");
        }
    }
}

/// The id of a message's element.
pub(super) fn row_id(place: Place) -> String {
    format!("message-{}", place.id)
}
