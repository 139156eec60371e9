//! How far a file is, in a person's words.

use catnest::node::{Transfer, TransferState};

use crate::{
    amount,
    i18n::{t, t_plural, t_with},
    problem,
};

/// How far a file is, as far as it matters for what can be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Nothing of it is here, and nobody asked for it.
    Absent,
    Seeking,
    Fetching,
    Paused,
    Stopped,
    Checking,
    Complete,
}

impl Stage {
    pub(crate) fn of(transfer: Option<&Transfer>) -> Self {
        match transfer.map(|transfer| &transfer.state) {
            None => Stage::Absent,
            Some(TransferState::Seeking) => Stage::Seeking,
            Some(TransferState::Fetching) => Stage::Fetching,
            Some(TransferState::Paused) => Stage::Paused,
            Some(TransferState::Stopped { .. }) => Stage::Stopped,
            Some(TransferState::Checking) => Stage::Checking,
            Some(TransferState::Complete) => Stage::Complete,
        }
    }

    /// For style sheets and tests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Stage::Absent => "absent",
            Stage::Seeking => "seeking",
            Stage::Fetching => "fetching",
            Stage::Paused => "paused",
            Stage::Stopped => "stopped",
            Stage::Checking => "checking",
            Stage::Complete => "complete",
        }
    }
}

/// How much of it is here, from 0 to 1; nothing where that is no question.
pub(crate) fn progress(transfer: Option<&Transfer>) -> Option<f64> {
    let transfer = transfer?;
    match transfer.state {
        TransferState::Complete => None,
        _ => Some(transfer.have_bytes as f64 / transfer.file.length.max(1) as f64),
    }
}

fn share(transfer: &Transfer) -> String {
    let percent = amount::percent(transfer.have_bytes, transfer.file.length);
    t_with("percent", &[&percent.to_string()])
}

fn left(transfer: &Transfer) -> Option<String> {
    let missing = transfer.file.length.saturating_sub(transfer.have_bytes);
    amount::time_left(missing, transfer.receiving)
}

fn given(transfer: &Transfer) -> Option<String> {
    (transfer.sending > 0).then(|| t_with("file_sending", &[&amount::rate(transfer.sending)]))
}

/// What fits on a card's line.
pub(crate) fn facts(transfer: Option<&Transfer>) -> Vec<String> {
    let Some(transfer) = transfer else {
        return vec![t("file_absent")];
    };
    let begun = || (transfer.have_bytes > 0).then(|| share(transfer));
    let parts = match &transfer.state {
        TransferState::Seeking => vec![begun(), Some(t("file_seeking"))],
        TransferState::Fetching => {
            let coming = (transfer.receiving > 0).then(|| amount::rate(transfer.receiving));
            vec![Some(share(transfer)), coming, left(transfer)]
        }
        TransferState::Paused => vec![Some(share(transfer)), Some(t("file_paused"))],
        TransferState::Stopped { problem } => vec![Some(problem::words(problem))],
        TransferState::Checking => vec![Some(t("file_checking"))],
        TransferState::Complete => vec![Some(t("file_complete")), given(transfer)],
    };
    parts.into_iter().flatten().collect()
}

/// Whom it comes from, while it comes.
pub(crate) fn holders(transfer: Option<&Transfer>) -> Option<String> {
    let transfer = transfer?;
    matches!(transfer.state, TransferState::Fetching)
        .then(|| t_plural("file_holders", transfer.holders))
}

/// All there is to say, where there is room for it.
pub(crate) fn details(transfer: &Transfer) -> Vec<String> {
    let mut said = facts(Some(transfer));
    if transfer.state != TransferState::Complete {
        said.extend(given(transfer));
    }
    said.extend(holders(Some(transfer)));
    if transfer.sent > 0 {
        said.push(t_with("file_sent", &[&amount::bytes(transfer.sent as f64)]));
    }
    said
}

/// Facts on one line.
pub(crate) fn line(facts: &[String]) -> String {
    facts.join(" · ")
}

#[cfg(test)]
mod tests {
    use catnest::{
        node::Problem,
        resource::{Descriptor, Md5, ResourceId},
        time::Millis,
    };

    use super::*;

    fn transfer(state: TransferState, have_bytes: u64) -> Transfer {
        Transfer {
            file: Descriptor {
                id: ResourceId([1; 32]),
                length: 10_000_000,
                md5: Md5([2; 16]),
                name: "cat.png".to_owned(),
                media_type: "image/png".to_owned(),
            },
            channels: Vec::new(),
            state,
            have_bytes,
            holders: 2,
            receiving: 100_000,
            sending: 0,
            received: have_bytes,
            sent: 0,
            added: Millis(0),
            chosen: true,
        }
    }

    #[test]
    fn each_state_says_what_there_is_to_know() {
        let stopped = TransferState::Stopped {
            problem: Problem::StoreFull,
        };
        for (state, have, stage, said, bar) in [
            (
                TransferState::Seeking,
                0,
                "seeking",
                "Looking for somebody who has it",
                Some(0.0),
            ),
            (
                TransferState::Seeking,
                5_000_000,
                "seeking",
                "50 % · Looking for somebody who has it",
                Some(0.5),
            ),
            (
                TransferState::Fetching,
                2_500_000,
                "fetching",
                "25 % · 100 kB/s · 2 min left",
                Some(0.25),
            ),
            (
                TransferState::Paused,
                1_000_000,
                "paused",
                "10 % · Paused",
                Some(0.1),
            ),
            (
                stopped,
                1_000_000,
                "stopped",
                "The disk is full: nothing more can be kept. Free some space and try again.",
                Some(0.1),
            ),
            (
                TransferState::Checking,
                10_000_000,
                "checking",
                "Checking…",
                Some(1.0),
            ),
            (
                TransferState::Complete,
                10_000_000,
                "complete",
                "On this device",
                None,
            ),
        ] {
            let transfer = transfer(state, have);
            assert_eq!(Stage::of(Some(&transfer)).name(), stage);
            assert_eq!(line(&facts(Some(&transfer))), said);
            assert_eq!(progress(Some(&transfer)), bar, "{stage}");
        }
        assert_eq!(Stage::of(None), Stage::Absent);
        assert_eq!(progress(None), None);
        assert_eq!(line(&facts(None)), "Not on this device yet");
    }

    #[test]
    fn what_does_not_move_has_neither_rate_nor_time() {
        let mut slow = transfer(TransferState::Fetching, 0);
        slow.receiving = 0;
        assert_eq!(line(&facts(Some(&slow))), "0 %");
        assert_eq!(holders(Some(&slow)).as_deref(), Some("from 2 devices"));
        assert_eq!(
            holders(Some(&transfer(TransferState::Complete, 10_000_000))),
            None
        );
    }

    #[test]
    fn what_others_take_is_told() {
        let mut given = transfer(TransferState::Complete, 10_000_000);
        (given.sending, given.sent) = (1_200_000, 3_000_000);
        assert_eq!(
            line(&details(&given)),
            "On this device · 1.2 MB/s to others · 3.0 MB given"
        );
        let mut both = transfer(TransferState::Fetching, 2_500_000);
        both.sending = 50_000;
        assert_eq!(
            line(&details(&both)),
            "25 % · 100 kB/s · 2 min left · 50.0 kB/s to others · from 2 devices"
        );
    }
}
