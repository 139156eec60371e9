//! What was on the screen counts as seen: the engine is told, once for each change.

use std::cell::RefCell;

use catnest::{
    channel::ChannelId,
    node::{Command, Place, Unread},
};
use leptos::prelude::*;

use crate::{engine, state::State};

/// What the engine was last told, and what it counted then.
type Told = (ChannelId, Place, Unread);

thread_local! {
    static TOLD: RefCell<Option<Told>> = const { RefCell::new(None) };
}

/// Tells that the messages up to this one were on the screen, if the log can be seen and it is news.
pub(super) fn look(state: State, newest: Option<Place>) {
    let shown = state.visible.get_untracked() && !state.covered.get_untracked();
    let (Some(up_to), true) = (newest, shown) else {
        return;
    };
    let Some((channel, unread)) =
        untrack(|| state.with_channel(|channel| (channel.id, channel.unread)))
    else {
        return;
    };
    let news = TOLD.with_borrow_mut(|told| {
        let news = match *told {
            Some((before, seen, counted)) if before == channel => {
                // A message may come late, between those that were seen.
                up_to > seen || (counted != unread && unread.first.is_some_and(|f| f <= up_to))
            }
            _ => true,
        };
        if news {
            *told = Some((channel, up_to, unread));
        }
        news
    });
    if news {
        engine::ask(Command::Seen { channel, up_to }, |_| {});
    }
}

/// The engine may have forgotten what it was told.
pub(super) fn forget() {
    TOLD.set(None);
}
