//! Messages that are folded, wherever they stand: what they say is not shown before somebody asks for it.

use catnest::identity::Author;

use crate::{i18n::t, state::State};

/// Why a message is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// Its author took it back.
    Recalled,
    /// Its author is blocked.
    Blocked,
}

impl Fold {
    /// Whether a message of somebody is folded in the channel that is shown, and why.
    pub(super) fn of(state: State, author: Author, recalled: bool) -> Option<Self> {
        if recalled {
            Some(Self::Recalled)
        } else {
            state.blocks(author).then_some(Self::Blocked)
        }
    }

    /// What stands in its place.
    pub(super) fn words(self) -> String {
        match self {
            Self::Recalled => t("recalled"),
            Self::Blocked => t("blocked_message"),
        }
    }
}
