//! The queue's entries, of which only those near the screen are in the page. They are moved with the mouse, a finger or keys.
//!
//! The list has the keyboard, and names the row that it is at (`aria-activedescendant`): rows come and go as one scrolls,
//! and the keyboard stays. What a person does is shown at once; what the engine then tells is the truth.

use catnest::{
    music::{
        player::Intent,
        queue::{Entry, EntryId},
    },
    resource::ResourceId,
};
use leptos::{
    ev::{KeyboardEvent, PointerEvent},
    html::Div,
    prelude::*,
};

use super::{
    drag::{Drag, Drags},
    plan::{self, Frame},
    row::{EntryRow, Words},
};
use crate::{
    i18n::{isolated, t, t_with},
    icon::{Drawing, Icon},
    js,
    panel::size::watch_size,
    state::State,
};

/// How high a row is, in `rem`: as `--queue-row` has it.
const ROW: f64 = 3.25;

/// What was done to an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// It is at this place now, of so many.
    Moved(ResourceId, usize, usize),
    Removed(ResourceId),
}

impl Said {
    fn words(self, state: State) -> String {
        let title = |resource| isolated(&Words::of(state, resource).title);
        match self {
            Said::Moved(resource, place, count) => t_with(
                "queue_moved",
                &[&title(resource), &place.to_string(), &count.to_string()],
            ),
            Said::Removed(resource) => t_with("queue_removed", &[&title(resource)]),
        }
    }
}

/// The handles of a list that is shown.
#[derive(Clone, Copy)]
pub(super) struct List {
    pub(super) state: State,
    /// As the engine told, or as it will after what was done here.
    pub(super) entries: RwSignal<Vec<Entry>>,
    /// Which one the keys act on.
    pub(super) active: RwSignal<Option<EntryId>>,
    pub(super) frame: RwSignal<Frame>,
    pub(super) view: NodeRef<Div>,
    pub(super) drag: RwSignal<Option<Drag>>,
    /// What was done, for who does not see it.
    said: RwSignal<Option<Said>>,
}

impl List {
    fn new(state: State) -> Self {
        let list = Self {
            state,
            entries: RwSignal::new(Vec::new()),
            active: RwSignal::new(None),
            frame: RwSignal::new(Frame::default()),
            view: NodeRef::new(),
            drag: RwSignal::new(None),
            said: RwSignal::new(None),
        };
        Effect::new(move |_| list.entries.set(state.music.queue.get()));
        list
    }

    fn count(self) -> usize {
        self.entries.with_untracked(Vec::len)
    }

    fn at(self, index: usize) -> Option<Entry> {
        self.entries
            .with_untracked(|entries| entries.get(index).copied())
    }

    pub(super) fn index_of(self, id: EntryId) -> Option<usize> {
        // None: the list is gone, before a frame that it waited for.
        self.entries
            .try_with_untracked(|entries| entries.iter().position(|entry| entry.id == id))
            .flatten()
    }

    /// The entry that plays, or would.
    pub(super) fn current(self) -> Option<EntryId> {
        let player = self.state.music.player;
        player.with(|player| player.as_ref()?.track?.entry)
    }

    /// Follows the size of the list on the screen, and begins at what plays.
    fn resized(self) {
        let Some(view) = self.view.try_get_untracked().flatten() else {
            return;
        };
        let height = f64::from(view.client_height());
        // What is not displayed stays where it is.
        if height == 0.0 {
            return;
        }
        let before = self.frame.get_untracked();
        let frame = Frame {
            row: ROW * js::rem(),
            height,
            ..before
        };
        if frame != before {
            self.frame.set(frame);
        }
        if before.height == 0.0 {
            // It was opened.
            request_animation_frame(move || self.show_current());
        } else {
            // Some browsers begin at the top when it is displayed again.
            self.scroll_to(before.top);
        }
    }

    pub(super) fn scrolled(self) {
        let view = self.view.get_untracked();
        if let Some(view) = view.filter(|view| view.client_height() > 0) {
            let top = f64::from(view.scroll_top());
            self.frame.update(|frame| frame.top = top);
        }
    }

    pub(super) fn scroll_to(self, top: f64) {
        if let Some(view) = self.view.try_get_untracked().flatten() {
            view.set_scroll_top(top.round() as i32);
            self.scrolled();
        }
    }

    /// Goes to what plays.
    fn show_current(self) {
        let index = untrack(|| self.current()).and_then(|id| self.index_of(id));
        if let (Some(index), Some(frame)) = (index, self.frame.try_get_untracked()) {
            self.scroll_to(frame.second(index));
        }
    }

    pub(super) fn focus(self) {
        if let Some(view) = self.view.get_untracked() {
            let without_scrolling = web_sys::FocusOptions::new();
            without_scrolling.set_prevent_scroll(true);
            // Only what cannot be focused refuses.
            let _focused = view.focus_with_options(&without_scrolling);
        }
    }

    /// Makes a row the one that the keys act on, and brings it on the screen.
    pub(super) fn activate(self, index: usize) {
        let Some(entry) = self.at(index) else {
            return;
        };
        self.active.set(Some(entry.id));
        if let Some(top) = self.frame.get_untracked().reveal(index) {
            self.scroll_to(top);
        }
    }

    pub(super) fn jump(self, entry: EntryId) {
        self.state.play(Intent::Jump(entry));
    }

    /// Puts an entry into a gap between two others.
    pub(super) fn move_to(self, from: usize, gap: usize) {
        let before = self
            .entries
            .with_untracked(|entries| plan::before(entries, from, gap));
        let (Some(before), Some(entry)) = (before, self.at(from)) else {
            return;
        };
        let to = self.entries.try_update(|all| plan::shift(all, from, gap));
        self.state.play(Intent::Move {
            entry: entry.id,
            before,
        });
        if let Some(to) = to {
            self.activate(to);
            let said = Said::Moved(entry.resource, to + 1, self.count());
            self.said.set(Some(said));
        }
    }

    /// Has an entry played after the current one.
    pub(super) fn play_next(self, id: EntryId) {
        let current = untrack(|| self.current()).and_then(|id| self.index_of(id));
        if let Some(from) = self.index_of(id) {
            self.move_to(from, current.map_or(0, |at| at + 1));
        }
    }

    pub(super) fn remove(self, id: EntryId) {
        let Some((index, entry)) = self.index_of(id).and_then(|at| Some((at, self.at(at)?))) else {
            return;
        };
        self.entries.update(|entries| {
            entries.remove(index);
        });
        self.state.play(Intent::Remove(vec![id]));
        self.activate(index.min(self.count().saturating_sub(1)));
        self.said.set(Some(Said::Removed(entry.resource)));
    }

    fn on_key(self, drags: Drags, event: &KeyboardEvent) {
        if self.keyed(drags, event) {
            event.prevent_default();
            // Arrows mean something else to the player.
            event.stop_propagation();
        }
    }

    /// Says whether the key means anything here.
    fn keyed(self, drags: Drags, event: &KeyboardEvent) -> bool {
        if event.ctrl_key() || event.meta_key() {
            return false;
        }
        let key = event.key();
        if key == "Escape" {
            return drags.cancel(self);
        }
        let count = self.count();
        if count == 0 {
            return false;
        }
        let active = self.active.get_untracked();
        let at = active.and_then(|id| self.index_of(id));
        let down = key == "ArrowDown";
        if event.alt_key() {
            if !down && key != "ArrowUp" {
                return false;
            }
            if let Some(at) = at
                && let Some(gap) = plan::neighbour(at, down, count)
            {
                self.move_to(at, gap);
            }
            return true;
        }
        if let (Some(id), "Enter" | "Delete" | "Backspace") = (active, key.as_str()) {
            match (key.as_str(), event.shift_key()) {
                ("Enter", true) => self.play_next(id),
                ("Enter", false) => self.jump(id),
                _ => self.remove(id),
            }
            return true;
        }
        let page = self.frame.get_untracked().page();
        // The first key shows where one is.
        let next = match (key.as_str(), at) {
            ("Home", _) => 0,
            ("End", _) => count - 1,
            ("ArrowDown" | "ArrowUp", None) => 0,
            ("ArrowDown", Some(at)) => at + 1,
            ("ArrowUp", Some(at)) => at.saturating_sub(1),
            ("PageDown", at) => at.unwrap_or(0) + page,
            ("PageUp", at) => at.unwrap_or(0).saturating_sub(page),
            _ => return false,
        };
        self.activate(next.min(count - 1));
        true
    }
}

/// The id of a row.
pub(super) fn row_id(entry: EntryId) -> String {
    format!("queued-{}", entry.0)
}

/// All entries, in the order in which they are played.
#[component]
pub(super) fn Entries() -> impl IntoView {
    let state = State::expect();
    let list = List::new(state);
    let drags = Drags::provide();
    watch_size(list.view, move || list.resized());
    let shown = Memo::new(move |_| {
        let frame = list.frame.get();
        list.entries.with(|entries| {
            let range = frame.range(entries.len());
            let first = range.start;
            (first, entries[range].to_vec())
        })
    });
    let current = Memo::new(move |_| list.current());
    // What plays stays on the screen if it was there.
    Effect::new(move |before: Option<Option<EntryId>>| {
        let now = current.get();
        let frame = list.frame.get_untracked();
        let seen = |id: EntryId| {
            list.index_of(id)
                .is_some_and(|at| frame.reveal(at).is_none())
        };
        if let (Some(Some(before)), Some(id)) = (before, now)
            && before != id
            && seen(before)
            && !seen(id)
        {
            list.show_current();
        }
        now
    });
    // Somebody else's list may have what this one does not.
    Effect::new(move |_| {
        let resources = shown.with(|(_, rows)| rows.iter().map(|entry| entry.resource).collect());
        state.music.look_for(state, resources);
    });
    let current_at = Memo::new(move |_| {
        let id = current.get()?;
        let position = |entries: &Vec<Entry>| entries.iter().position(|entry| entry.id == id);
        list.entries.with(position)
    });
    // Below what is seen, or above.
    let away = Memo::new(move |_| {
        let frame = list.frame.get();
        let at = current_at.get().filter(|_| frame.height > 0.0)?;
        Some(frame.reveal(at)? > frame.top)
    });
    let active_row = move || {
        let active = list.active.get()?;
        let here = shown.with(|(_, rows)| rows.iter().any(|entry| entry.id == active));
        here.then(|| row_id(active))
    };
    let begin = move |_| {
        if list.active.get_untracked().is_none() {
            let index = untrack(|| list.current()).and_then(|id| list.index_of(id));
            list.active
                .set(list.at(index.unwrap_or(0)).map(|entry| entry.id));
        }
    };
    let pixels = move |rows: usize| format!("{}px", rows as f64 * list.frame.get().row);
    view! {
        <div class="queue-frame" class:dragging=move || list.drag.read().is_some()>
            <div
                class="queue-list"
                role="grid"
                tabindex="0"
                data-testid="queue-list"
                aria-label=move || t("queue_entries")
                aria-describedby="queue-keys"
                aria-rowcount=move || list.entries.with(Vec::len).to_string()
                aria-activedescendant=active_row
                node_ref=list.view
                on:scroll=move |_| list.scrolled()
                on:focus=begin
                on:keydown=move |event: KeyboardEvent| list.on_key(drags, &event)
                on:pointerdown=move |event: PointerEvent| drags.down(list, &event)
                on:pointermove=move |event: PointerEvent| drags.moved(list, &event)
                on:pointerup=move |event: PointerEvent| drags.up(list, &event)
                on:pointercancel=move |_| { drags.cancel(list); }
                on:click=move |_| drags.after_click()
            >
                <div
                    class="queue-body"
                    role="rowgroup"
                    style:height=move || pixels(list.entries.with(Vec::len))
                    style:padding-top=move || pixels(shown.with(|(first, _)| *first))
                >
                    <For each=move || shown.get().1 key=|entry| entry.id let:entry>
                        <EntryRow entry list current_at places=shown />
                    </For>
                    {move || drags.gap(list).map(|gap| view! {
                        <div class="drop-line" style:top=pixels(gap) aria-hidden="true"></div>
                    })}
                </div>
            </div>
            {move || list.drag.get().map(|drag| {
                let words = Words::of(state, drag.entry.resource);
                view! {
                    <div
                        class="queue-ghost"
                        aria-hidden="true"
                        style:translate=format!("0 {}px", drag.y - list.frame.get_untracked().row / 2.0)
                    >
                        <Drawing icon=Icon::Music small=true />
                        <bdi class="title">{words.title}</bdi>
                    </div>
                }
            })}
            {move || away.get().map(|below| view! {
                <button
                    type="button"
                    class="to-current small"
                    data-testid="to-current"
                    data-way=if below { "down" } else { "up" }
                    on:click=move |_| list.show_current()
                >
                    <Drawing icon=Icon::Down small=true />
                    {t("queue_to_current")}
                </button>
            })}
        </div>
        <p class="queue-keys hint" id="queue-keys">{move || t("queue_keys")}</p>
        <p class="visually-hidden" role="status" data-testid="queue-said">
            {move || list.said.get().map(|said| said.words(state))}
        </p>
    }
}
