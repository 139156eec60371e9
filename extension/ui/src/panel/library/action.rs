//! The one button of a row: what it does depends on how things are (M9).
//!
//! ```text
//!        Play ──► Pause n % ◄──► Resume n %          Play: plays the list from here, and fetches on the way
//!                    │                               Pause, Resume: of fetching, whatever plays (M16)
//!        Keep ───────┤                               Keep: it plays and is not fetched to the end, or is here as a
//!                    ▼                                     file and not on the list
//!                  Drop                              Drop: all of it is here, on the own list
//! ```
//!
//! What stopped is tried again; what is checked, or what nobody who is here has, has to be waited for.

use crate::files::status::Stage;

/// How things are with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// All of it is here, on this device's list (M14).
    pub(crate) here: bool,
    /// So many others who are here have it.
    pub(crate) holders: usize,
    pub(crate) banned: bool,
    /// How far its bytes are.
    pub(crate) stage: Stage,
    /// So much of it is here, in hundredths.
    pub(crate) percent: u64,
    /// It is what plays, or would as soon as it has come.
    pub(crate) plays: bool,
}

/// What the button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Plays the list from this row on.
    Play,
    /// Has no more of it fetched for now; so much is here, in hundredths.
    Pause(u64),
    /// Has it fetched to the end.
    Resume(u64),
    /// Has it fetched again, after something was in the way.
    Retry,
    /// Has all of it here, and on the own list.
    Keep,
    /// Forgets its bytes. Asks first if nobody else who is here has it: `last`.
    Drop { last: bool },
    /// There is nothing to do but to wait.
    Wait(Why),
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Its bytes are compared with what was said of them.
    Checking,
    /// Nobody who has it is here.
    Away,
    /// It is banned.
    Banned,
}

impl Action {
    pub(crate) fn of(facts: Facts) -> Self {
        let Facts {
            here,
            holders,
            banned,
            stage,
            percent,
            plays,
        } = facts;
        if here {
            return Action::Drop { last: holders == 0 };
        }
        if banned {
            return Action::Wait(Why::Banned);
        }
        match stage {
            Stage::Seeking | Stage::Fetching => Action::Pause(percent),
            Stage::Paused => Action::Resume(percent),
            Stage::Stopped => Action::Retry,
            Stage::Checking => Action::Wait(Why::Checking),
            Stage::Complete => Action::Keep,
            Stage::Absent if holders == 0 => Action::Wait(Why::Away),
            Stage::Absent if plays => Action::Keep,
            Stage::Absent => Action::Play,
        }
    }

    /// For style sheets and tests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Action::Play => "play",
            Action::Pause(_) => "pause",
            Action::Resume(_) => "resume",
            Action::Retry => "retry",
            Action::Keep => "keep",
            Action::Drop { .. } => "drop",
            Action::Wait(Why::Checking) => "checking",
            Action::Wait(Why::Away) => "away",
            Action::Wait(Why::Banned) => "banned",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody else's track of which nothing is here.
    const THEIRS: Facts = Facts {
        here: false,
        holders: 2,
        banned: false,
        stage: Stage::Absent,
        percent: 0,
        plays: false,
    };

    #[test]
    fn m9_the_one_button_follows_the_state() {
        let alone = Facts {
            holders: 0,
            ..THEIRS
        };
        let at = |stage, percent| Facts {
            stage,
            percent,
            ..THEIRS
        };
        let here = Facts {
            here: true,
            stage: Stage::Complete,
            percent: 100,
            ..THEIRS
        };
        let plays = |facts| Facts {
            plays: true,
            ..facts
        };
        let banned = |facts| Facts {
            banned: true,
            ..facts
        };
        for (facts, expected) in [
            // The way of a track from somebody else's device to this one.
            (THEIRS, Action::Play),
            (at(Stage::Seeking, 0), Action::Pause(0)),
            (at(Stage::Fetching, 43), Action::Pause(43)),
            (plays(at(Stage::Fetching, 43)), Action::Pause(43)),
            (at(Stage::Paused, 43), Action::Resume(43)),
            (plays(at(Stage::Paused, 43)), Action::Resume(43)),
            (at(Stage::Checking, 100), Action::Wait(Why::Checking)),
            (here, Action::Drop { last: false }),
            // It plays, and nobody fetches it to the end.
            (plays(THEIRS), Action::Keep),
            // It came with a message.
            (at(Stage::Complete, 100), Action::Keep),
            (
                Facts {
                    holders: 0,
                    ..at(Stage::Complete, 100)
                },
                Action::Keep,
            ),
            // The disk was full.
            (at(Stage::Stopped, 10), Action::Retry),
            // M15: who drops the last one that is here is asked.
            (Facts { holders: 0, ..here }, Action::Drop { last: true }),
            (plays(here), Action::Drop { last: false }),
            // Only cached lists have it (M2).
            (alone, Action::Wait(Why::Away)),
            (plays(alone), Action::Wait(Why::Away)),
            // Part of it is here; who has the rest may come back.
            (
                Facts {
                    holders: 0,
                    ..at(Stage::Seeking, 60)
                },
                Action::Pause(60),
            ),
            // M6: what is banned is never fetched or played, and can be dropped.
            (banned(THEIRS), Action::Wait(Why::Banned)),
            (banned(at(Stage::Fetching, 5)), Action::Wait(Why::Banned)),
            (banned(here), Action::Drop { last: false }),
        ] {
            assert_eq!(Action::of(facts), expected, "{facts:?}");
        }
    }
}
