//! The player, at the bottom of the panel: a view of what the engine plays, and all that a person may do with it.

mod layers;
mod seek;
mod transport;
mod volume;

use std::{sync::Arc, time::Duration};

use catnest::music::{
    TrackTime,
    player::{Activity, Failure, PauseReason},
};
use leptos::prelude::*;

pub(super) use self::transport::after;
use self::{
    seek::SeekBar,
    transport::Transport,
    volume::{Rate, Volume},
};
use super::{
    cover::{Cover, Face},
    library::present,
    together::leader_name,
};
use crate::{
    i18n::{t, t_with},
    state::{State, music::Known},
};

/// From here on a wait is read out.
const LONG: Duration = Duration::from_secs(1);

/// How far an arrow goes, in milliseconds.
pub(super) const STEP: i64 = 5000;

/// The signals of what plays.
#[derive(Clone, Copy)]
pub(crate) struct Now {
    /// What is known of it.
    pub(crate) known: Memo<Option<Arc<Known>>>,
    pub(crate) activity: Memo<Activity>,
    pub(crate) duration: Memo<Option<TrackTime>>,
    /// There is something to play.
    pub(crate) some: Memo<bool>,
    /// Who else leads, as part of a sentence: where what plays is, and how fast it is, is theirs to say.
    pub(crate) leader: Memo<Option<String>>,
}

impl Now {
    pub(crate) fn new(state: State) -> Self {
        let music = state.music;
        let playing = Memo::new(move |_| music.playing());
        let known = Memo::new(move |_| music.known(state.current.get(), playing.get()?));
        let duration = Memo::new(move |_| {
            let told = music.player.with(|player| player.as_ref()?.duration);
            // What a list says is good enough until the track itself says it.
            let listed = || known.with(|known| known.as_ref()?.track.play_ms);
            told.or_else(|| Some(TrackTime(listed()?.into())))
        });
        Self {
            known,
            activity: Memo::new(move |_| music.activity()),
            duration,
            some: Memo::new(move |_| playing.get().is_some()),
            leader: Memo::new(move |_| leader_name(state)),
        }
    }
}

/// What there is to say about what the player does; nothing when it is as everybody expects.
fn activity_words(activity: Activity) -> Option<String> {
    let key = match activity {
        Activity::Stopped | Activity::Playing => return None,
        Activity::Waiting => "player_waiting",
        Activity::Paused(PauseReason::Person) => return None,
        Activity::Paused(PauseReason::System) => "player_system",
        Activity::Paused(PauseReason::Refused) => "player_refused",
        Activity::Paused(PauseReason::QueueEnd) => "player_end",
        Activity::Paused(PauseReason::Leader) => "player_leader",
        Activity::Failed(Failure::Source) => "player_source",
        Activity::Failed(Failure::Decode) => "player_decode",
        Activity::Failed(Failure::Empty) => "player_nothing",
    };
    Some(t(key))
}

/// Whether it is read out: what goes wrong, and what a person has to do something about. One waits for a moment at every
/// track; only a wait that is `long` is news.
fn is_told(activity: Activity, long: bool) -> bool {
    match activity {
        Activity::Failed(_) => true,
        Activity::Paused(reason) => matches!(reason, PauseReason::System | PauseReason::Refused),
        Activity::Waiting => long,
        Activity::Stopped | Activity::Playing => false,
    }
}

/// For style sheets and tests.
fn activity_name(activity: Activity) -> &'static str {
    match activity {
        Activity::Stopped => "stopped",
        Activity::Playing => "playing",
        Activity::Waiting => "waiting",
        Activity::Paused(_) => "paused",
        Activity::Failed(_) => "failed",
    }
}

/// The bar.
#[component]
pub(crate) fn PlayerBar() -> impl IntoView {
    let state = State::expect();
    let now = Now::new(state);
    let title = move || {
        now.known
            .with(|known| known.as_ref().map(|known| known.track.shown_title()))
    };
    let artist = move || {
        now.known
            .with(|known| known.as_ref().map(|known| known.track.artist.clone()))
    };
    let by = move || artist().filter(|artist| !artist.is_empty());
    let holders = Memo::new(move |_| {
        let playing = state.music.playing();
        let rows = state.music.rows.read();
        let row = playing.and_then(|track| rows.get(&track));
        row.map_or(0, |row| present(row))
    });
    let face = Signal::derive(move || {
        now.known.with(|known| {
            let face =
                |known: &Arc<Known>| Face::of(&known.track, Some(known.channel), holders.get());
            known.as_ref().map(face).unwrap_or_default()
        })
    });
    let said = Memo::new(move |_| activity_words(now.activity.get()));
    let bad = move || matches!(now.activity.get(), Activity::Failed(_));
    let words = move || match (now.some.get(), title()) {
        (false, _) => t("player_empty"),
        (true, Some(title)) => title,
        (true, None) => t("player_unknown"),
    };
    // Read out once for each track, and not with every word that is shown of it.
    let announced = Memo::new(move |_| match (title(), by()) {
        (Some(title), Some(artist)) => t_with("player_now_by", &[&title, &artist]),
        (Some(title), None) => t_with("player_now", &[&title]),
        _ => String::new(),
    });
    let waits = Memo::new(move |_| now.activity.get() == Activity::Waiting);
    let long = RwSignal::new(false);
    Effect::new(move |_| {
        long.set(false);
        if waits.get()
            && let Ok(timeout) = set_timeout_with_handle(move || long.set(true), LONG)
        {
            on_cleanup(move || timeout.clear());
        }
    });
    let told = Memo::new(move |_| {
        let activity = now.activity.get();
        let words = is_told(activity, long.get()).then(|| activity_words(activity));
        words.flatten().unwrap_or_default()
    });
    view! {
        <section
            class="player"
            class:idle=move || !now.some.get()
            data-testid="player"
            data-activity=move || activity_name(now.activity.get())
            aria-label=move || t("player")
        >
            <div class="player-parts">
                <SeekBar now />
                <div class="playing">
                    <Cover face />
                    <div class="words">
                        <p class="title" dir="auto" data-testid="player-title">{words}</p>
                        <p class="by">
                            {move || match said.get() {
                                Some(said) => view! {
                                    <span class="said" class:wrong=bad data-testid="player-said">
                                        {move || (now.activity.get() == Activity::Waiting).then(|| view! {
                                            <span class="spinner" aria-hidden="true"></span>
                                        })}
                                        {said}
                                    </span>
                                }.into_any(),
                                None => view! { <span dir="auto">{by}</span> }.into_any(),
                            }}
                        </p>
                    </div>
                    <Rate now />
                </div>
                <div class="controls">
                    <Transport now />
                    <Volume />
                </div>
            </div>
            <p class="visually-hidden" role="status" data-testid="player-announced">{move || announced.get()}</p>
            <p class="visually-hidden" role="status" data-testid="player-told">{move || told.get()}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_wrong_is_read_out() {
        for (activity, long, expected) in [
            (Activity::Failed(Failure::Decode), false, true),
            (Activity::Paused(PauseReason::Refused), false, true),
            (Activity::Paused(PauseReason::System), false, true),
            (Activity::Paused(PauseReason::Person), false, false),
            (Activity::Waiting, false, false),
            (Activity::Waiting, true, true),
            (Activity::Playing, true, false),
        ] {
            assert_eq!(is_told(activity, long), expected, "{activity:?}");
            assert!(!expected || activity_words(activity).is_some());
        }
    }
}
