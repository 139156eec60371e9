//! The list in the page: of ten thousand rows only those near the screen are there, and what is read stays where it is while
//! the list changes (M18).

use std::{ops::Range, sync::Arc};

use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    html::Div,
    prelude::*,
};

use super::{
    Library,
    arrange::{Arranged, Line},
    layout::{Anchor, Layout},
    row::LineView,
};
use crate::{
    i18n::t,
    js,
    panel::{shared::Shared, size::watch_size},
};

/// How high lines are, in `rem`, as panel.css has it.
const TRACK: f64 = 3.5;
const HEAD: f64 = 2.25;
const FOLDED: f64 = 3.0;

/// Rows this far outside of the screen are in the page, in screens.
const OVERSCAN: f64 = 0.5;

/// What the list and its rows share.
#[derive(Clone, Copy)]
pub(crate) struct List {
    library: Library,
    layout: Memo<Arc<Layout>>,
    scroller: NodeRef<Div>,
    sizer: NodeRef<Div>,
    range: RwSignal<Range<usize>>,
    /// Where the list is scrolled to, and how high it is on the screen. Kept here: what is not displayed has neither.
    view: StoredValue<(f64, f64)>,
    /// The list has the keyboard.
    focused: StoredValue<bool>,
    /// The line that the keyboard is on, or comes to.
    pub(super) active: RwSignal<Option<Line>>,
    /// A line that takes the keyboard as soon as it is in the page.
    pub(super) wanted: RwSignal<Option<Line>>,
    /// The line that Tab comes to.
    pub(super) stop: Memo<Option<Line>>,
}

impl List {
    pub(super) fn new(library: Library) -> Self {
        let rem = js::rem();
        let arranged = library.arranged;
        let layout = Memo::new(move |_| {
            let height = |line: &Line| match line {
                Line::Head(_) => HEAD * rem,
                Line::Track(..) | Line::Banned(_) => TRACK * rem,
                Line::Folded => FOLDED * rem,
            };
            arranged.with(|arranged| Arc::new(Layout::new(arranged.lines.iter().map(height))))
        });
        let active = RwSignal::new(None::<Line>);
        let stop = Memo::new(move |_| {
            arranged.with(|arranged| {
                let there = active.get().filter(|line| arranged.place(line).is_some());
                there.or_else(|| arranged.lines.iter().find(|line| can_focus(line)).cloned())
            })
        });
        Self {
            library,
            layout,
            scroller: NodeRef::new(),
            sizer: NodeRef::new(),
            range: RwSignal::new(0..0),
            view: StoredValue::new((0.0, 0.0)),
            focused: StoredValue::new(false),
            active,
            wanted: RwSignal::new(None),
            stop,
        }
    }

    pub(super) fn expect() -> Self {
        expect_context()
    }

    /// Where a line stands, counted from 1 for who listens.
    pub(super) fn place(self, line: &Line) -> Option<usize> {
        let arranged = self.library.arranged;
        arranged.with(|arranged| Some(arranged.place(line)? + 1))
    }

    /// How far below the top of the list a line stands, in pixels.
    pub(super) fn top(self, line: &Line) -> f64 {
        let place = self.library.arranged.with(|arranged| arranged.place(line));
        self.layout
            .with(|layout| layout.top(place.unwrap_or(layout.len())))
    }

    /// The lines that have to be in the page, in order. The one with the keyboard is among them wherever it is.
    fn shown(self) -> Vec<Line> {
        let range = self.range.get();
        let active = self.active.get();
        self.library.arranged.with(|arranged| {
            let end = range.end.min(arranged.lines.len());
            let start = range.start.min(end);
            let at = active.and_then(|line| arranged.place(&line));
            let before = at.filter(|at| *at < start);
            let after = at.filter(|at| *at >= end);
            let line = |at: Option<usize>| at.and_then(|at| arranged.lines.get(at)).into_iter();
            line(before)
                .chain(&arranged.lines[start..end])
                .chain(line(after))
                .cloned()
                .collect()
        })
    }

    fn follow(self) {
        let library = self.library;
        let arranged = library.arranged;
        Effect::new(move |before: Option<Before>| {
            let now = Before {
                asked: library.asked(),
                arranged: arranged.get(),
                layout: self.layout.get(),
            };
            let top = match &before {
                // Another question has another answer, which is read from its beginning.
                Some(before) if before.asked != now.asked => 0.0,
                Some(before) => {
                    let (top, _) = self.view.get_value();
                    let anchor = before.layout.anchor(top);
                    anchor.map_or(top, |anchor| moved(before, anchor, &now))
                }
                None => 0.0,
            };
            if let Some(sizer) = self.sizer.get() {
                // A length is always taken. Before the list is scrolled, which goes no farther than it is long.
                let _set = web_sys::HtmlElement::style(&sizer)
                    .set_property("height", &format!("{}px", now.layout.total()));
            }
            self.scroll_to(top);
            if let Some(before) = before {
                self.keep_focus(&before.arranged, &now.arranged);
            }
            now
        });
        watch_size(self.scroller, move || self.resized());
    }

    /// When the line with the keyboard is gone, the nearest one gets it.
    fn keep_focus(self, before: &Arranged, now: &Arranged) {
        let gone = self.active.get_untracked();
        let gone = gone.filter(|line| self.focused.get_value() && now.place(line).is_none());
        if let Some(heir) = gone.and_then(|line| heir(before, &line, now)) {
            self.go_to(heir);
        }
    }

    /// The keyboard leaves the list; or its line does, and takes it along.
    fn focus_out(self, event: &FocusEvent) {
        let active = self.active.get_untracked();
        let is_there = self
            .library
            .arranged
            .with_untracked(|arranged| active.is_some_and(|line| arranged.place(&line).is_some()));
        if is_there || event.related_target().is_some() {
            self.focused.set_value(false);
        }
    }

    /// Scrolls, as far as the list is long.
    fn scroll_to(self, top: f64) {
        let (_, viewport) = self.view.get_value();
        let longest = self.layout.with_untracked(|layout| layout.total()) - viewport;
        let top = top.min(longest).max(0.0);
        self.view.set_value((top, viewport));
        if let Some(scroller) = self.scroller.get_untracked()
            && (f64::from(scroller.scroll_top()) - top).abs() > 0.5
        {
            scroller.set_scroll_top(top.round() as i32);
        }
        self.choose();
    }

    /// Chooses the rows that have to be in the page.
    fn choose(self) {
        let (top, viewport) = self.view.get_value();
        let range = self
            .layout
            .with_untracked(|layout| layout.range(top, viewport, OVERSCAN * viewport));
        if self.range.with_untracked(|before| *before != range) {
            self.range.set(range);
        }
    }

    fn scrolled(self) {
        let Some(scroller) = self.scroller.get_untracked() else {
            return;
        };
        let viewport = f64::from(scroller.client_height());
        // What is not displayed is not scrolled by anybody.
        if viewport > 0.0 {
            let top = f64::from(scroller.scroll_top());
            self.view.set_value((top, viewport));
            self.choose();
        }
    }

    fn resized(self) {
        let Some(scroller) = self.scroller.try_get_untracked().flatten() else {
            return;
        };
        let viewport = f64::from(scroller.client_height());
        if viewport > 0.0 {
            // Also when it is displayed again, which some browsers begin at the top.
            let (top, _) = self.view.get_value();
            self.view.set_value((top, viewport));
            self.scroll_to(top);
        }
    }

    /// Brings a line on the screen, and the keyboard to it.
    pub(super) fn go_to(self, line: Line) {
        let place = self
            .library
            .arranged
            .with_untracked(|arranged| arranged.place(&line));
        let Some(place) = place else {
            return;
        };
        let (top, viewport) = self.view.get_value();
        let revealed = self
            .layout
            .with_untracked(|layout| layout.reveal(place, top, viewport, 0.0));
        self.active.set(Some(line.clone()));
        self.wanted.set(Some(line));
        if let Some(top) = revealed {
            self.scroll_to(top);
        }
    }

    fn key(self, event: &KeyboardEvent) {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let Some(way) = Way::of(&event.key()) else {
            return;
        };
        // Also at the end of the list: there an arrow does not become what it is elsewhere.
        event.prevent_default();
        let (_, viewport) = self.view.get_value();
        let page = (viewport / (TRACK * js::rem())).floor().max(1.0) as usize;
        let next = self.library.arranged.with_untracked(|arranged| {
            let line = self.stop.get_untracked()?;
            way.from(&arranged.lines, arranged.place(&line)?, page)
        });
        if let Some(next) = next {
            self.go_to(next);
        }
    }
}

/// Where a key goes in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Down,
    Up,
    PageDown,
    PageUp,
    Start,
    End,
}

impl Way {
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowDown" => Way::Down,
            "ArrowUp" => Way::Up,
            "PageDown" => Way::PageDown,
            "PageUp" => Way::PageUp,
            "Home" => Way::Start,
            "End" => Way::End,
            _ => return None,
        })
    }

    /// The line it leads to from another one, if there is one.
    fn from(self, lines: &[Line], at: usize, page: usize) -> Option<Line> {
        let last = lines.len().checked_sub(1)?;
        let (to, on) = match self {
            Way::Down => (at + 1, true),
            Way::Up => (at.checked_sub(1)?, false),
            Way::PageDown => ((at + page).min(last), true),
            Way::PageUp => (at.saturating_sub(page), false),
            Way::Start => (0, true),
            Way::End => (last, false),
        };
        // A page up may end on a heading with nothing above it.
        nearest(lines, to, on).or_else(|| nearest(lines, to, !on))
    }
}

struct Before {
    asked: super::Asked,
    arranged: Arc<Arranged>,
    layout: Arc<Layout>,
}

/// Where the list has to be scrolled to so that what was read stands where it stood. What is gone gives its place to the next.
fn moved(before: &Before, anchor: Anchor, now: &Before) -> f64 {
    let top = before.layout.top(anchor.index) - anchor.below;
    let lines = before.arranged.lines.iter().enumerate().skip(anchor.index);
    let mut still = lines.filter_map(|(index, line)| {
        let place = now.arranged.place(line)?;
        Some(now.layout.top(place) - (before.layout.top(index) - top))
    });
    still.next().unwrap_or(top)
}

/// A heading does nothing.
fn can_focus(line: &Line) -> bool {
    !matches!(line, Line::Head(_))
}

/// The line that comes after one that is gone, or before it if there is none.
fn heir(before: &Arranged, gone: &Line, now: &Arranged) -> Option<Line> {
    let at = before.place(gone)?;
    let still = |line: &&Line| can_focus(line) && now.place(line).is_some();
    let (earlier, later) = before.lines.split_at_checked(at)?;
    let found = later.iter().find(still);
    found.or_else(|| earlier.iter().rev().find(still)).cloned()
}

/// The nearest line from here on, or back, that takes the keyboard.
fn nearest(lines: &[Line], from: usize, on: bool) -> Option<Line> {
    let found = if on {
        lines.iter().skip(from).find(|line| can_focus(line))
    } else {
        lines
            .iter()
            .take(from + 1)
            .rev()
            .find(|line| can_focus(line))
    };
    found.cloned()
}

/// The rows, and where they scroll.
#[component]
pub(super) fn Lines(library: Library) -> impl IntoView {
    let list = List::new(library);
    provide_context(list);
    list.follow();
    let shared = Shared::expect();
    Effect::new(move |before: Option<()>| {
        shared.to_list.track();
        if before.is_some()
            && let Some(line) = list.stop.get_untracked()
        {
            list.go_to(line);
        }
    });
    let count = Memo::new(move |_| library.arranged.with(|arranged| arranged.lines.len()));
    view! {
        <div
            class="tracks"
            role="grid"
            data-testid="tracks"
            aria-label=move || t("music_tracks")
            aria-rowcount=move || count.get().to_string()
            node_ref=list.scroller
            on:scroll=move |_| list.scrolled()
            on:keydown=move |event| list.key(&event)
            on:focusin=move |_| list.focused.set_value(true)
            on:focusout=move |event: FocusEvent| list.focus_out(&event)
        >
            <div class="sizer" role="rowgroup" node_ref=list.sizer>
                <For each=move || list.shown() key=|line| line.clone() let:line>
                    <LineView line />
                </For>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use catnest::resource::ResourceId;

    use super::{
        super::{
            arrange::{Group, Grouping},
            entries::tests::{all, plain, row},
        },
        *,
    };

    fn list(ids: &[u8]) -> Before {
        let rows = ids.iter().map(|id| row(*id, "", "", "")).collect();
        let arranged = Arranged::of(&all(rows), &[], Grouping::None, false, &plain);
        let layout = Layout::new(arranged.lines.iter().map(|_| 50.0));
        Before {
            asked: super::super::Asked::default(),
            arranged: Arc::new(arranged),
            layout: Arc::new(layout),
        }
    }

    #[test]
    fn m18_what_is_read_stays_while_the_list_changes() {
        let before = list(&[10, 20, 30, 40]);
        let anchor = before.layout.anchor(60.0).unwrap();
        for (ids, expected) in [
            (&[10, 20, 30, 40][..], 60.0),
            (&[1, 2, 10, 20, 30, 40], 160.0),
            (&[10, 20, 21, 22], 60.0),
            // Its own row is gone: the next one stays where it was.
            (&[10, 30, 40], 10.0),
            (&[1, 2, 3, 40], 60.0),
            // All of it.
            (&[1], 60.0),
        ] {
            let now = list(ids);
            assert_eq!(moved(&before, anchor, &now), expected, "{ids:?}");
        }
    }

    #[test]
    fn what_is_next_has_the_keyboard_when_a_row_goes() {
        let before = list(&[10, 20, 30, 40]).arranged;
        let track = |id| Line::Track(Group::All, ResourceId([id; 32]));
        for (gone, ids, expected) in [
            (20, &[10, 30, 40][..], Some(30)),
            (20, &[10, 40], Some(40)),
            (40, &[1, 10, 20, 30], Some(30)),
            (40, &[1], None),
            (50, &[10], None),
        ] {
            let now = list(ids).arranged;
            assert_eq!(
                heir(&before, &track(gone), &now),
                expected.map(track),
                "{gone}"
            );
        }
    }

    #[test]
    fn the_keyboard_passes_over_headings() {
        let head = || Line::Head(Group::All);
        let track = |id| Line::Track(Group::All, ResourceId([id; 32]));
        let lines = [head(), track(1), head(), track(2), Line::Folded];
        for (way, at, expected) in [
            (Way::Down, 1, Some(track(2))),
            (Way::Down, 4, Some(Line::Folded)),
            (Way::Up, 3, Some(track(1))),
            (Way::Start, 4, Some(track(1))),
            (Way::End, 1, Some(Line::Folded)),
            (Way::PageDown, 1, Some(Line::Folded)),
            (Way::PageUp, 4, Some(track(1))),
        ] {
            assert_eq!(way.from(&lines, at, 3), expected, "{way:?} from {at}");
        }
        assert_eq!(Way::Down.from(&[], 0, 3), None);
        assert_eq!(Way::of("ArrowLeft"), None);
    }
}
