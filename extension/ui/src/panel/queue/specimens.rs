//! The queue, for the style guide.

use catnest::music::{
    TrackTime,
    player::{Activity, Track},
    queue::{Entry, EntryId},
};
use leptos::prelude::*;

use super::Queue;
use crate::{
    panel::samples::{self, Scene},
    state::State,
};

/// Entries before, at and after what plays; and a queue that is empty.
#[component]
pub(crate) fn QueueSpecimens(
    /// Which of two panes of the guide this is in.
    side: u8,
) -> impl IntoView {
    let entry = move |number: u64, track: u8| Entry {
        id: EntryId(u64::from(side) * 1000 + number),
        resource: samples::id(track),
    };
    let fill = move |state: State| {
        samples::fill(state);
        let entries: Vec<Entry> = (0..40_u8).map(|n| entry(n.into(), n % 7)).collect();
        let current = entries[2];
        state.music.player.set(Some(samples::player(
            Activity::Playing,
            Some(Track {
                resource: current.resource,
                entry: Some(current.id),
            }),
            TrackTime(30_000),
        )));
        state.music.history.set(vec![entries[1], entries[0]]);
        state.music.queue.set(entries);
    };
    let pick = move |light, dark| if side == 0 { light } else { dark };
    view! {
        <section>
            <h3>"Queue"</h3>
            <div class="sample pane-sample">
                <Scene set=fill><Queue name=pick("queue-light", "queue-dark") /></Scene>
            </div>
            <div class="sample pane-sample low">
                <Scene set=|_| {}><Queue name=pick("empty-light", "empty-dark") /></Scene>
            </div>
        </section>
    }
}
