//! Which of the driver's connections belong to which link.

use std::collections::BTreeMap;

use super::tools::Keys;
use crate::link::{ConnectionKey, LineId};

/// The connections of one channel. A link is named after its first one, also when that is gone.
#[derive(Debug, Default)]
pub(super) struct Connections(BTreeMap<ConnectionKey, (ConnectionKey, LineId)>);

impl Connections {
    /// A link opens a connection. None if a second one would be too many.
    pub(super) fn open(
        &mut self,
        link: ConnectionKey,
        line: LineId,
        keys: &mut Keys,
    ) -> Option<ConnectionKey> {
        let key = if line == LineId::FIRST {
            link
        } else {
            ConnectionKey(keys.second()?)
        };
        self.0.insert(key, (link, line));
        Some(key)
    }

    /// A link closes a connection.
    pub(super) fn close(
        &mut self,
        link: ConnectionKey,
        line: LineId,
        keys: &mut Keys,
    ) -> Option<ConnectionKey> {
        let key = self.key(link, line)?;
        self.0.remove(&key);
        if line != LineId::FIRST {
            keys.second_is_gone();
        }
        Some(key)
    }

    /// The driver's name for a link's connection, while it is open.
    pub(super) fn key(&self, link: ConnectionKey, line: LineId) -> Option<ConnectionKey> {
        let mut all = self.0.iter();
        all.find(|(_, owner)| **owner == (link, line))
            .map(|(key, _)| *key)
    }

    /// Whose connection it is, and which of them.
    pub(super) fn owner(&self, key: ConnectionKey) -> Option<(ConnectionKey, LineId)> {
        self.0.get(&key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    #[test]
    fn only_so_many_links_have_a_second_connection() {
        let mut keys = Keys::default();
        let mut channels = [Connections::default(), Connections::default()];
        let (first, second) = (LineId::FIRST, LineId(1));
        let mut links = Vec::new();
        for number in 0..limits::MAX_SECOND_CONNECTIONS {
            let (link, channel) = (ConnectionKey(keys.next()), number % 2);
            assert_eq!(channels[channel].open(link, first, &mut keys), Some(link));
            assert!(channels[channel].open(link, second, &mut keys).is_some());
            links.push(link);
        }
        let late = ConnectionKey(keys.next());
        assert_eq!(channels[1].open(late, first, &mut keys), Some(late));
        assert_eq!(channels[1].open(late, second, &mut keys), None);
        // It is a second one that makes room, and not the first of its link.
        assert_eq!(
            channels[0].close(links[0], first, &mut keys),
            Some(links[0])
        );
        assert_eq!(channels[1].open(late, second, &mut keys), None);
        let closed = channels[0].close(links[0], second, &mut keys).unwrap();
        assert_eq!(channels[0].owner(closed), None);
        let opened = channels[1].open(late, second, &mut keys).unwrap();
        assert_eq!(channels[1].owner(opened), Some((late, second)));
        assert_eq!(channels[1].key(late, second), Some(opened));
    }
}
