//! Which file stands in which list, and what all of them come to.

use std::cmp::Reverse;

use catnest::{
    node::{Transfer, TransferState},
    resource::ResourceId,
};

/// The lists, from above to below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Not all of it is here.
    Coming,
    /// All is here, and others took some of it in this run. By that and not by what they take now: a file does not jump
    /// from list to list whenever somebody pauses.
    Given,
    /// All is here.
    Here,
}

impl Group {
    pub(super) const ALL: [Self; 3] = [Self::Coming, Self::Given, Self::Here];

    fn has(self, transfer: &Transfer) -> bool {
        let group = match transfer.state {
            TransferState::Complete if transfer.sent > 0 => Group::Given,
            TransferState::Complete => Group::Here,
            _ => Group::Coming,
        };
        group == self
    }

    /// Its files, newest first.
    pub(super) fn of<'a>(self, all: impl Iterator<Item = &'a Transfer>) -> Vec<ResourceId> {
        let mut found: Vec<_> = all.filter(|transfer| self.has(transfer)).collect();
        found.sort_by_key(|transfer| (Reverse(transfer.added), transfer.file.id));
        found.iter().map(|transfer| transfer.file.id).collect()
    }
}

/// All files together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    /// Bytes a second that come.
    pub(super) receiving: u64,
    /// Bytes a second that go.
    pub(super) sending: u64,
    /// Bytes that are here.
    pub(super) here: u64,
}

impl Totals {
    pub(super) fn of<'a>(all: impl Iterator<Item = &'a Transfer>) -> Self {
        all.fold(Self::default(), |sum, transfer| Self {
            receiving: sum.receiving.saturating_add(transfer.receiving),
            sending: sum.sending.saturating_add(transfer.sending),
            here: sum.here.saturating_add(transfer.have_bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use catnest::{
        resource::{Descriptor, Md5},
        time::Millis,
    };

    use super::*;

    fn transfer(id: u8, added: u64, state: TransferState, sent: u64) -> Transfer {
        Transfer {
            file: Descriptor {
                id: ResourceId([id; 32]),
                length: 10,
                md5: Md5([0; 16]),
                name: id.to_string(),
                media_type: "text/plain".to_owned(),
            },
            channels: Vec::new(),
            state,
            have_bytes: 5,
            holders: 0,
            receiving: 100,
            sending: 10,
            received: 0,
            sent,
            added: Millis(added),
            chosen: true,
        }
    }

    #[test]
    fn every_file_stands_in_one_list_newest_first() {
        let all = [
            transfer(1, 10, TransferState::Paused, 7),
            transfer(2, 30, TransferState::Fetching, 0),
            transfer(3, 20, TransferState::Complete, 0),
            transfer(4, 40, TransferState::Complete, 9),
            transfer(5, 50, TransferState::Complete, 0),
            transfer(6, 50, TransferState::Complete, 0),
        ];
        let ids = |group: Group| {
            let ids = group.of(all.iter());
            ids.iter().map(|id| id.0[0]).collect::<Vec<_>>()
        };
        assert_eq!(ids(Group::Coming), [2, 1]);
        assert_eq!(ids(Group::Given), [4]);
        assert_eq!(ids(Group::Here), [5, 6, 3]);
        let expected = Totals {
            receiving: 600,
            sending: 60,
            here: 30,
        };
        assert_eq!(Totals::of(all.iter()), expected);
    }
}
