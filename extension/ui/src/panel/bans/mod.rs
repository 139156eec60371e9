//! The ban table (M6): what is neither played nor shown. An entry is checked when it is saved, and an error points at its
//! place in the text.

mod carry;
mod draft;
mod form;
mod row;
#[cfg(feature = "styleguide")]
mod specimens;

use catnest::{
    limits::MAX_BANS,
    music::ban::{Entry, Kind, Scope},
    node::{Command, MusicCommand},
};
use leptos::prelude::*;

#[cfg(feature = "styleguide")]
pub(crate) use self::specimens::BanSpecimens;
use self::{
    carry::{Carry, Trouble, TroubleBox},
    draft::Fault,
    form::{BanForm, Draft},
    row::BanRow,
};
use super::Shared;
use crate::{
    i18n::{t, t_count},
    icon::{Drawing, Icon},
    parts::{Outcome, Saved},
    problem::ProblemBox,
    state::State,
};

/// The table while it is being changed.
#[derive(Clone, Copy)]
struct Table {
    /// As the engine told, or as it will after what was done here.
    entries: RwSignal<Vec<Entry>>,
    /// The entry that is being changed.
    editing: RwSignal<Option<usize>>,
    outcome: Outcome,
    /// How many changes the engine was asked for and has not answered.
    asked: StoredValue<u32>,
    /// What is wrong with a file.
    trouble: RwSignal<Option<Trouble>>,
    state: State,
}

impl Table {
    fn new(state: State) -> Self {
        let table = Self {
            entries: RwSignal::new(Vec::new()),
            editing: RwSignal::new(None),
            outcome: Outcome::new(),
            asked: StoredValue::new(0),
            trouble: RwSignal::new(None),
            state,
        };
        Effect::new(move |_| table.follow());
        table
    }

    /// Takes over what the engine told, unless it is about to tell something else.
    fn follow(self) {
        let told = self.state.music.bans.get();
        if self.asked.get_value() == 0 && self.entries.with_untracked(|entries| *entries != told) {
            // Where the entry is that is being changed, nobody knows now.
            self.editing.set(None);
            self.entries.set(told);
        }
    }

    /// Makes this the table.
    fn set(self, entries: Vec<Entry>) {
        self.entries.set(entries.clone());
        self.trouble.set(None);
        let command = Command::Music(MusicCommand::SetBans { entries });
        self.asked.update_value(|asked| *asked += 1);
        self.outcome.ask(command, move |done| {
            let gone = self.asked.try_update_value(|asked| *asked -= 1).is_none();
            if !done && !gone {
                untrack(|| self.follow());
            }
        });
    }

    /// Saves an entry at its place, or at the end.
    fn save(self, index: usize, entry: Entry) -> Result<(), Fault> {
        let entries = self
            .entries
            .with_untracked(|entries| draft::with(entries, index, entry))?;
        self.set(entries);
        Ok(())
    }

    fn change(self, change: impl FnOnce(&mut Vec<Entry>)) {
        let mut entries = self.entries.get_untracked();
        change(&mut entries);
        self.set(entries);
    }
}

/// The pane.
#[component]
pub(super) fn Bans(
    /// Unique in the page.
    #[prop(default = "bans")]
    name: &'static str,
) -> impl IntoView {
    let state = State::expect();
    let table = Table::new(state);
    let draft = Draft::new();
    let count = Memo::new(move |_| table.entries.with(Vec::len));
    let folded = Memo::new(move |_| {
        state
            .music
            .rows
            .with(|rows| rows.values().filter(|row| row.banned).count())
    });
    let add = Callback::new(move |entry: Entry| -> Result<(), Fault> {
        table.save(usize::MAX, entry)?;
        draft.fill(Entry::default());
        draft.focus();
        Ok(())
    });
    let shared = Shared::expect();
    Effect::new(move |_| {
        let Some(track) = shared.ban_wish.get() else {
            return;
        };
        shared.ban_wish.set(None);
        draft.fill(Entry {
            scope: Scope::Title,
            text: track.shown_title(),
            ..Entry::default()
        });
        // The pane is hidden until then.
        request_animation_frame(move || draft.focus());
    });
    let try_one = Callback::new(move |entry: Entry| {
        draft.fill(entry);
        draft.focus();
    });
    view! {
        <div class="bans" data-testid="bans">
            <div class="pane-head">
                <span class="hint says" data-testid="bans-says">
                    {move || (count.get() > 0).then(|| view! { <span>{t_count("bans_entries", count.get())}</span> })}
                    {move || (folded.get() > 0).then(|| view! {
                        <span>{t_count("bans_folded", folded.get())}</span>
                    })}
                </span>
                <Saved outcome=table.outcome />
                <Carry table name />
            </div>
            <div class="bans-scroll">
                <ProblemBox problem=table.outcome.problem />
                <TroubleBox trouble=table.trouble />
                <Show
                    when=move || { count.get() < MAX_BANS }
                    fallback=|| view! { <p class="notice">{move || t_count("bans_full", MAX_BANS)}</p> }
                >
                    <BanForm
                        id=format!("{name}-new")
                        draft
                        save=Signal::derive(|| t("bans_add"))
                        on_save=add
                    />
                </Show>
                <Show
                    when=move || { count.get() > 0 }
                    fallback=move || view! { <Empty on_try=try_one /> }
                >
                    <ul class="ban-list" data-testid="ban-list" aria-label=move || t("music_bans")>
                        <For each=move || 0..count.get() key=|index| *index let:index>
                            <BanRow table index name />
                        </For>
                    </ul>
                </Show>
            </div>
        </div>
    }
}

/// Nothing is banned, and how that would be.
#[component]
fn Empty(on_try: Callback<Entry>) -> impl IntoView {
    let examples = [
        (Scope::Any, Kind::Plain, "nightcore", "bans_example_plain"),
        (
            Scope::Title,
            Kind::Pattern,
            r"\b(live|demo)\b",
            "bans_example_pattern",
        ),
    ];
    view! {
        <div class="empty bans-empty">
            <Drawing icon=Icon::Block />
            <h2>{move || t("bans_empty")}</h2>
            <p class="hint">{move || t("bans_empty_hint")}</p>
            <ul class="examples">
                {examples.map(|(scope, kind, text, words)| {
                    let entry = Entry { scope, kind, text: text.to_owned(), off: false };
                    view! {
                        <li>
                            <button
                                type="button"
                                class="example"
                                data-testid="ban-example"
                                on:click=move |_| on_try.run(entry.clone())
                            >
                                <code>{row::shown(kind, text)}</code>
                                <span class="hint">{move || t(words)}</span>
                            </button>
                        </li>
                    }
                }).collect_view()}
            </ul>
        </div>
    }
}
