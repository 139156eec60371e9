//! Whether the host keeps a resource, and why.

use catnest::{channel::ChannelId, node::Transfer, resource::ResourceId};
use leptos::prelude::*;

use crate::state::host::HostView;

/// How it is with a resource at the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Nobody wants it there.
    Not,
    /// Somebody chose it, and the host has found nobody who has it.
    Sought,
    /// Somebody chose it.
    Chosen,
    /// Everything of its nest is kept.
    WithNest,
}

impl Kept {
    /// It stays, or is to come.
    pub(crate) fn is_on(self) -> bool {
        self != Self::Not
    }

    /// Of a resource that stands in a channel.
    pub(crate) fn of(host: HostView, id: ResourceId, channel: Option<ChannelId>) -> Self {
        let sought = host.seeks(id);
        host.resources.with(|all| {
            let transfer = all.as_ref().and_then(|all| all.get(&id));
            Self::from(transfer, sought, channel, |channel| host.seeds_all(channel))
        })
    }

    fn from(
        transfer: Option<&Transfer>,
        sought: bool,
        channel: Option<ChannelId>,
        seeds_all: impl Fn(ChannelId) -> bool,
    ) -> Self {
        if transfer.is_some_and(|transfer| transfer.chosen) {
            return Self::Chosen;
        }
        let known = transfer.map(|transfer| transfer.channels.as_slice());
        let mut channels = known.unwrap_or_default().iter().copied().chain(channel);
        if channels.any(seeds_all) {
            Self::WithNest
        } else if sought {
            Self::Sought
        } else {
            Self::Not
        }
    }
}

#[cfg(test)]
mod tests {
    use catnest::{
        node::TransferState,
        resource::{Descriptor, Md5},
        time::Millis,
    };

    use super::*;

    const HERE: ChannelId = ChannelId([1; 32]);
    const ELSEWHERE: ChannelId = ChannelId([2; 32]);

    fn transfer(chosen: bool, channel: ChannelId) -> Transfer {
        Transfer {
            file: Descriptor {
                id: ResourceId([3; 32]),
                length: 10,
                md5: Md5([0; 16]),
                name: "song.flac".to_owned(),
                media_type: "audio/flac".to_owned(),
            },
            channels: vec![channel],
            state: TransferState::Complete,
            chosen,
            have_bytes: 10,
            holders: 0,
            receiving: 0,
            sending: 0,
            received: 0,
            sent: 0,
            added: Millis(0),
        }
    }

    #[test]
    fn what_was_chosen_is_told_from_what_comes_with_its_nest() {
        let there = |chosen, channel| Some(transfer(chosen, channel));
        for (transfer, sought, all, kept) in [
            (None, false, None, Kept::Not),
            (None, true, None, Kept::Sought),
            (None, false, Some(HERE), Kept::WithNest),
            (there(false, HERE), false, None, Kept::Not),
            (there(false, HERE), false, Some(HERE), Kept::WithNest),
            (
                there(false, ELSEWHERE),
                false,
                Some(ELSEWHERE),
                Kept::WithNest,
            ),
            (there(true, HERE), false, None, Kept::Chosen),
            (there(true, HERE), true, Some(HERE), Kept::Chosen),
        ] {
            let found = Kept::from(transfer.as_ref(), sought, Some(HERE), |c| Some(c) == all);
            assert_eq!(found, kept, "{transfer:?} {sought} {all:?}");
            assert_eq!(kept.is_on(), kept != Kept::Not);
        }
    }
}
