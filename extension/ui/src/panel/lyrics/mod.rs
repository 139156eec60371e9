//! The words of the track that plays (M4): the line that is sung is highlighted and kept in the middle, and each can be
//! gone to.
//!
//! Nothing is polled: while the track plays and the pane is seen, one timeout waits for the next line or word.

mod lines;
mod load;
mod sheet;
#[cfg(feature = "styleguide")]
mod specimens;

use std::sync::Arc;

use catnest::{channel::ChannelId, music::player::Activity, resource::ResourceId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[cfg(feature = "styleguide")]
pub(crate) use self::specimens::LyricsSpecimens;
use self::{
    lines::{Plain, Timed},
    load::Request,
    sheet::Sheet,
};
use super::{
    Shared, Tab,
    add::{Adding, Part},
};
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    state::{State, music::Rows},
    time,
};

/// How far the words are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Words {
    /// Nothing plays.
    #[default]
    Silence,
    /// The track has none.
    None,
    Loading,
    Failed,
    Here(Arc<Sheet>),
}

/// Which words: of which resource, and got from which channel.
type Source = Option<(ResourceId, ChannelId)>;

/// The pane.
#[component]
pub(super) fn Lyrics() -> impl IntoView {
    let state = State::expect();
    let shared = Shared::expect();
    let seen = Memo::new(move |_| shared.tab.get() == Tab::Lyrics && state.visible.get());
    let words = RwSignal::new(Words::Silence);
    let again = Trigger::new();
    let playing = Memo::new(move |_| state.music.playing());
    let source = Memo::new(move |_| {
        let known = state.music.known(state.current.get(), playing.get()?)?;
        Some((known.track.lyrics?, known.channel))
    });
    // Not before somebody looks: it may have to be fetched.
    let looked_at = RwSignal::new(None::<(Option<ResourceId>, Source)>);
    Effect::new(move |_| {
        let wanted = (playing.get(), source.get());
        if seen.get() && looked_at.get_untracked() != Some(wanted) {
            looked_at.set(Some(wanted));
        }
    });
    let loading = Loading::new();
    Effect::new(move |_| {
        again.track();
        match looked_at.get() {
            None | Some((None, _)) => {
                loading.give_up();
                words.set(Words::Silence);
            }
            Some((Some(_), None)) => {
                loading.give_up();
                words.set(Words::None);
            }
            Some((Some(_), Some((lyrics, channel)))) => {
                words.set(Words::Loading);
                loading.begin(words, lyrics, channel);
            }
        }
    });
    let adding = Adding::expect();
    // Who has it may add words to it.
    let mine = Memo::new(move |_| {
        let track = playing.get()?;
        let mine = |rows: &Rows| rows.get(&track).is_some_and(|row| row.mine);
        state.music.rows.with(mine).then_some(track)
    });
    let add = move |()| {
        if let Some(track) = mine.get_untracked() {
            adding.pick_part(track, Part::Lyrics);
        }
    };
    view! {
        <Pane
            words
            seen
            can_add=Signal::derive(move || mine.get().is_some())
            on_add=add
            on_retry=move |()| again.notify()
        />
    }
}

/// What is being read.
#[derive(Clone, Copy)]
struct Loading {
    request: StoredValue<Option<Request>, LocalStorage>,
    /// Counts the requests, so that an earlier one's answer is known as such.
    count: StoredValue<u32>,
}

impl Loading {
    fn new() -> Self {
        Self {
            request: StoredValue::new_local(None),
            count: StoredValue::new(0),
        }
    }

    /// What is being read belongs to no track that plays any more.
    fn give_up(self) {
        self.count.update_value(|count| *count += 1);
        self.request.set_value(None);
    }

    /// Reads lyrics; what was being read before is given up.
    fn begin(self, words: RwSignal<Words>, lyrics: ResourceId, channel: ChannelId) {
        self.give_up();
        let asked = self.count.get_value();
        let request = Request::new();
        let text = request
            .as_ref()
            .map(|request| request.read(lyrics, channel));
        self.request.set_value(request);
        spawn_local(async move {
            let sheet = match text {
                Some(text) => text.await,
                None => None,
            };
            // None: the pane is gone.
            if self.count.try_get_value() == Some(asked) {
                words.set(match sheet {
                    None => Words::Failed,
                    Some(sheet) if sheet.is_empty() => Words::None,
                    Some(sheet) => Words::Here(Arc::new(sheet)),
                });
            }
        });
    }
}

/// The words, or why there are none.
#[component]
fn Pane(
    words: RwSignal<Words>,
    #[prop(into)] seen: Signal<bool>,
    /// The track is on this device's list.
    #[prop(into)]
    can_add: Signal<bool>,
    #[prop(into)] on_add: Callback<()>,
    #[prop(into)] on_retry: Callback<()>,
) -> impl IntoView {
    view! {
        <div class="lyrics" data-testid="lyrics">
            {move || match words.get() {
                Words::Silence => view! {
                    <Empty title="lyrics_silence" hint="lyrics_silence_hint" />
                }.into_any(),
                Words::None => view! { <Missing can_add on_add /> }.into_any(),
                Words::Loading => view! {
                    <p class="progress lyrics-progress" role="status">
                        <span class="spinner" aria-hidden="true"></span>
                        {t("lyrics_loading")}
                    </p>
                }.into_any(),
                Words::Failed => view! {
                    <div class="empty" role="alert">
                        <Drawing icon=Icon::Lyrics />
                        <h2>{t("lyrics_failed")}</h2>
                        <p class="hint">{t("lyrics_failed_hint")}</p>
                        <p>
                            <button type="button" data-testid="lyrics-retry" on:click=move |_| on_retry.run(())>
                                <Drawing icon=Icon::Retry small=true />
                                {t("lyrics_retry")}
                            </button>
                        </p>
                    </div>
                }.into_any(),
                Words::Here(sheet) if sheet.verses.is_empty() => view! { <Plain sheet /> }.into_any(),
                Words::Here(sheet) => view! { <Sung sheet seen /> }.into_any(),
            }}
        </div>
    }
}

/// The track has no words, and what to do about it.
#[component]
fn Missing(can_add: Signal<bool>, on_add: Callback<()>) -> impl IntoView {
    let hint = move || {
        if can_add.get() {
            t("lyrics_none_hint")
        } else {
            t("lyrics_none_theirs")
        }
    };
    view! {
        <div class="empty" data-testid="lyrics-none">
            <Drawing icon=Icon::Lyrics />
            <h2>{move || t("lyrics_none")}</h2>
            <p class="hint">{hint}</p>
            <Show when=move || can_add.get()>
                <p>
                    <button type="button" data-testid="lyrics-add" on:click=move |_| on_add.run(())>
                        <Drawing icon=Icon::Plus small=true />
                        {move || t("lyrics_add")}
                    </button>
                </p>
            </Show>
        </div>
    }
}

#[component]
fn Empty(title: &'static str, hint: &'static str) -> impl IntoView {
    view! {
        <div class="empty">
            <Drawing icon=Icon::Lyrics />
            <h2>{move || t(title)}</h2>
            <p class="hint">{move || t(hint)}</p>
        </div>
    }
}

/// Words with times, and the one timeout that moves them on.
#[component]
fn Sung(sheet: Arc<Sheet>, seen: Signal<bool>) -> impl IntoView {
    let state = State::expect();
    let position = RwSignal::new(0_u32);
    let due = Trigger::new();
    let timed = sheet.clone();
    Effect::new(move |_| {
        due.track();
        let Some(player) = state.music.player.get() else {
            return;
        };
        let now = u32::try_from(player.position_at(time::now()).0).unwrap_or(u32::MAX);
        position.set(now);
        let moves = player.activity == Activity::Playing && seen.get();
        let next = timed.next_change(now).filter(|_| moves);
        let Some(next) = next else {
            return;
        };
        let wait = sheet::wait(now, next, player.speed);
        // Whatever is told before that reckons anew.
        if let Ok(timeout) = set_timeout_with_handle(move || due.notify(), wait) {
            on_cleanup(move || timeout.clear());
        }
    });
    view! { <Timed sheet position seen /> }
}
