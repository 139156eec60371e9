//! An entry that is dragged to another place: with the mouse wherever it is taken, with a finger at its handle, so that a
//! finger elsewhere scrolls.

use catnest::music::queue::Entry;
use leptos::{ev::PointerEvent, prelude::*};
use wasm_bindgen::prelude::*;

use super::list::List;

/// So far a pointer goes before it drags, in pixels: hands shake when they click.
const BEGINS: f64 = 5.0;

/// What is dragged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Drag {
    pub(super) entry: Entry,
    /// Where the pointer is, in pixels below the upper edge of the list.
    pub(super) y: f64,
}

/// What was taken and is not dragged yet.
#[derive(Clone, Copy)]
struct Taken {
    entry: Entry,
    from_y: f64,
}

/// What has become of the pointer.
#[derive(Clone, Copy)]
pub(super) struct Drags {
    taken: StoredValue<Option<Taken>>,
    /// The click that ends a drag is none.
    just_dragged: StoredValue<bool>,
    /// The list scrolls by itself.
    scrolling: StoredValue<bool>,
}

impl Drags {
    pub(super) fn provide() -> Self {
        let drags = Self {
            taken: StoredValue::new(None),
            just_dragged: StoredValue::new(false),
            scrolling: StoredValue::new(false),
        };
        provide_context(drags);
        drags
    }

    pub(super) fn down(self, list: List, event: &PointerEvent) {
        self.just_dragged.set_value(false);
        self.taken.set_value(None);
        let element = event
            .target()
            .and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let Some(element) = element.filter(|_| event.button() == 0) else {
            return;
        };
        let within = |selector: &str| matches!(element.closest(selector), Ok(Some(_)));
        if within(".row-act") || event.pointer_type() != "mouse" && !within(".grip") {
            return;
        }
        let Ok(Some(row)) = element.closest("[data-entry]") else {
            return;
        };
        let id = row.get_attribute("data-entry");
        let entry = list.entries.with_untracked(|entries| {
            let id: u64 = id?.parse().ok()?;
            entries.iter().find(|entry| entry.id.0 == id).copied()
        });
        self.taken.set_value(entry.map(|entry| Taken {
            entry,
            from_y: f64::from(event.client_y()),
        }));
    }

    pub(super) fn moved(self, list: List, event: &PointerEvent) {
        // It was let go where nobody saw it, outside of the window.
        if event.buttons() & 1 == 0 {
            self.cancel(list);
        } else {
            self.follow(list, event);
        }
    }

    fn follow(self, list: List, event: &PointerEvent) {
        let Some(taken) = self.taken.get_value() else {
            return;
        };
        let y = f64::from(event.client_y());
        let dragging = list.drag.with_untracked(Option::is_some);
        if !dragging && (y - taken.from_y).abs() < BEGINS {
            return;
        }
        let Some(view) = list.view.get_untracked() else {
            return;
        };
        if !dragging {
            // A pointer that is gone cannot be captured: then the drag ends with it.
            let _captured = view.set_pointer_capture(event.pointer_id());
        }
        let y = y - view.get_bounding_client_rect().top();
        list.drag.set(Some(Drag {
            entry: taken.entry,
            y,
        }));
        if !self.scrolling.get_value() {
            self.scroll(list);
        }
    }

    /// Scrolls while what is dragged is at an edge.
    fn scroll(self, list: List) {
        let by = list.drag.try_get_untracked().flatten().map_or(0.0, |drag| {
            let frame = list.frame.get_untracked();
            frame.edge(drag.y)
        });
        let goes = by != 0.0;
        if self.scrolling.try_update_value(|s| *s = goes).is_none() || !goes {
            return;
        }
        // A position is a whole number of pixels.
        let by = if by < 0.0 { by.floor() } else { by.ceil() };
        list.scroll_to(list.frame.get_untracked().top + by);
        request_animation_frame(move || self.scroll(list));
    }

    pub(super) fn up(self, list: List, event: &PointerEvent) {
        self.follow(list, event);
        let gap = untrack(|| self.gap(list));
        let taken = self.taken.get_value();
        if self.cancel(list)
            && let (Some(gap), Some(taken)) = (gap, taken)
            && let Some(from) = list.index_of(taken.entry.id)
        {
            list.move_to(from, gap);
        }
    }

    /// Lets go of what is dragged: it stays where it was. Says whether something was.
    pub(super) fn cancel(self, list: List) -> bool {
        self.taken.set_value(None);
        let dragged = list.drag.with_untracked(Option::is_some);
        if dragged {
            list.drag.set(None);
            self.just_dragged.set_value(true);
        }
        dragged
    }

    /// A click is over, whatever it was.
    pub(super) fn after_click(self) {
        self.just_dragged.set_value(false);
    }

    /// Whether a click is one, and not the end of a drag.
    pub(super) fn clicked(self) -> bool {
        !self.just_dragged.get_value()
    }

    /// Where what is dragged would come to lie.
    pub(super) fn gap(self, list: List) -> Option<usize> {
        let drag = list.drag.get()?;
        let frame = list.frame.get();
        Some(frame.gap(drag.y, list.entries.with(Vec::len)))
    }
}
