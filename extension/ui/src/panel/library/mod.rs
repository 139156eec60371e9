//! The merged list of a nest: what this device has, and everyone else, a row for each track (M7).

pub(crate) mod action;
pub(crate) mod arrange;
mod collation;
mod drop;
mod empty;
pub(crate) mod entries;
pub(crate) mod layout;
mod list;
mod row;
mod row_menu;
mod tools;
mod track_state;

use std::{sync::Arc, time::Duration};

use catnest::channel::ChannelId;
use leptos::prelude::*;

#[cfg(feature = "styleguide")]
pub(crate) use self::empty::NoMusic;
use self::{
    arrange::{Arranged, Grouping},
    collation::Collation,
    drop::DropQuestion,
    empty::Empty,
    entries::{Entry, Sort, entries, sort, words},
    list::Lines,
    row_menu::RowMenuPlace,
    tools::Tools,
};
pub(crate) use self::{
    tools::SEARCH,
    track_state::{TrackState, present},
};
use crate::{
    i18n::{lang, t},
    js,
    state::State,
};

/// The list is sorted again at most so often: while a long one is read, and when devices come and go.
const CALM: Duration = Duration::from_millis(200);

/// What is asked of the list. When it is another question, the answer is read from its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    words: Vec<String>,
    sort: Sort,
    reverse: bool,
    grouping: Grouping,
}

/// The signals of the library.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    pub(crate) typed: RwSignal<String>,
    pub(crate) sort: RwSignal<Sort>,
    pub(crate) reverse: RwSignal<bool>,
    pub(crate) grouping: RwSignal<Grouping>,
    /// What is banned is shown.
    pub(crate) unfolded: RwSignal<bool>,
    /// All rows, in the order of ids.
    entries: RwSignal<Vec<Arc<Entry>>>,
    pub(crate) arranged: Memo<Arc<Arranged>>,
}

/// What was chosen last, for the next time.
const SORT: &str = "music_sort";
const GROUPING: &str = "music_grouping";

impl Library {
    pub(crate) fn provide(state: State) -> Self {
        let typed = RwSignal::new(String::new());
        let chosen = js::remembered(SORT).unwrap_or_default();
        let reverse = RwSignal::new(chosen.starts_with('-'));
        let chosen = chosen.trim_start_matches('-');
        let by = Sort::ALL.into_iter().find(|sort| sort.name() == chosen);
        let by = RwSignal::new(by.unwrap_or_default());
        let chosen = js::remembered(GROUPING).unwrap_or_default();
        let grouping = Grouping::ALL.into_iter().find(|g| g.name() == chosen);
        let grouping = RwSignal::new(grouping.unwrap_or_default());
        let unfolded = RwSignal::new(false);
        let all = calm_entries(state);
        let lang = Memo::new(|_| lang());
        let collation = StoredValue::new(Collation::default());
        let collate = move |texts: &[&str]| {
            let lang = lang.get().tag();
            let places = |collation: &mut Collation| {
                collation.places(texts, lang, || js::collate(texts, lang))
            };
            collation.try_update_value(places).unwrap_or_default()
        };
        let sorted = Memo::new(move |_| {
            let mut sorted = all.get();
            sort(&mut sorted, by.get(), reverse.get(), &collate);
            sorted
        });
        let looked_for = Memo::new(move |_| words(&typed.read()));
        let arranged = Memo::new(move |_| {
            let (words, grouping) = (looked_for.get(), grouping.get());
            let arranged = sorted
                .with(|sorted| Arranged::of(sorted, &words, grouping, unfolded.get(), &collate));
            Arc::new(arranged)
        });
        let library = Self {
            typed,
            sort: by,
            reverse,
            grouping,
            unfolded,
            entries: all,
            arranged,
        };
        provide_context(library);
        library
    }

    pub(crate) fn expect() -> Self {
        expect_context()
    }

    fn asked(self) -> Asked {
        Asked {
            words: words(&self.typed.read()),
            sort: self.sort.get(),
            reverse: self.reverse.get(),
            grouping: self.grouping.get(),
        }
    }

    fn choose_sort(self, sort: Sort, reverse: bool) {
        self.sort.set(sort);
        self.reverse.set(reverse);
        let minus = if reverse { "-" } else { "" };
        js::remember(SORT, Some(&format!("{minus}{}", sort.name())));
    }

    fn choose_grouping(self, grouping: Grouping) {
        self.grouping.set(grouping);
        js::remember(GROUPING, Some(grouping.name()));
        // An album is heard from its first track on.
        if matches!(grouping, Grouping::Album | Grouping::Artist) {
            self.choose_sort(Sort::Album, false);
        }
    }
}

/// The entries of the rows, some moments behind these if they change often.
fn calm_entries(state: State) -> RwSignal<Vec<Arc<Entry>>> {
    let all = RwSignal::new(Vec::new());
    let waits = StoredValue::new(false);
    let take = move || {
        let rows = state.music.rows;
        let now =
            rows.with_untracked(|rows| all.with_untracked(|before: &Vec<_>| entries(rows, before)));
        all.try_set(now);
    };
    let shown = Memo::new(move |_| state.current.get());
    Effect::new(move |before: Option<Option<ChannelId>>| {
        state.music.rows.track();
        let channel = shown.get();
        if before.is_some_and(|before| before != channel) || all.with_untracked(Vec::is_empty) {
            take();
        } else if !waits.get_value() {
            waits.set_value(true);
            set_timeout(
                move || {
                    if waits.try_update_value(|waits| *waits = false).is_some() {
                        take();
                    }
                },
                CALM,
            );
        }
        channel
    });
    all
}

/// The pane.
#[component]
pub(super) fn LibraryPane() -> impl IntoView {
    let state = State::expect();
    let library = Library::provide(state);
    let some = Memo::new(move |_| library.entries.with(|entries| !entries.is_empty()));
    let found = Memo::new(move |_| library.arranged.with(|a| !a.lines.is_empty()));
    view! {
        <Show when=move || some.get() fallback=|| view! { <Empty /> }>
            <Tools />
            <Show when=move || !found.get()>
                <div class="empty" data-testid="nothing-found">
                    <p>{move || t("music_nothing_found")}</p>
                    <div>
                        <button type="button" on:click=move |_| library.typed.set(String::new())>
                            {move || t("music_search_clear")}
                        </button>
                    </div>
                </div>
            </Show>
            <div class="tracks-place" hidden=move || !found.get()>
                <Lines library />
            </div>
        </Show>
        <RowMenuPlace />
        <DropQuestion />
    }
}
