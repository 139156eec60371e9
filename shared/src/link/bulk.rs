//! What waits in the data channels that carry pieces. Nothing queues in front of them: whoever has pieces to send looks
//! for room first.

use super::Stream;
use crate::limits;

/// Bytes that wait in each stream, as far as we know.
#[derive(Debug, Default)]
pub(super) struct Bulk([usize; limits::BULK_STREAMS as usize + 1]);

impl Bulk {
    /// Whether a stream takes another frame.
    pub(super) fn has_room(&self, stream: Stream) -> bool {
        self.waiting(stream) < limits::SEND_HIGH_WATER
    }

    /// A frame is handed over.
    pub(super) fn sent(&mut self, stream: Stream, bytes: usize) {
        if let Some(waiting) = self.0.get_mut(usize::from(stream.number())) {
            *waiting += bytes;
        }
    }

    /// The driver's report. Whether the stream has room again.
    pub(super) fn buffered(&mut self, stream: Stream, bytes: usize) -> bool {
        let had_room = self.has_room(stream);
        if let Some(waiting) = self.0.get_mut(usize::from(stream.number())) {
            *waiting = bytes;
        }
        !had_room && self.has_room(stream)
    }

    fn waiting(&self, stream: Stream) -> usize {
        let waiting = self.0.get(usize::from(stream.number()));
        waiting.copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_told_once_it_is_there_again() {
        let (stream, other) = (Stream::bulk(0), Stream::bulk(1));
        let mut bulk = Bulk::default();
        bulk.sent(stream, limits::SEND_HIGH_WATER);
        assert!(!bulk.has_room(stream) && bulk.has_room(other));
        assert!(!bulk.buffered(stream, limits::SEND_HIGH_WATER));
        assert!(bulk.buffered(stream, limits::SEND_LOW_WATER));
        assert!(!bulk.buffered(stream, 0));
    }
}
