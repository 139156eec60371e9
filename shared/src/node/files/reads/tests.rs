//! Who reads how, and what is taken for what is sought.

use super::*;
use crate::{
    entropy::Entropy,
    link::ConnectionKey,
    node::files::PeerKey,
    resource::{Descriptor, Have, Md5},
    store::{ResourceEntry, StoredResource},
    swarm::{Holding, Message},
};

const NOW: Millis = Millis(1_000_000);
const CHANNEL: ChannelId = ChannelId([1; 32]);

fn descriptor(length: u64) -> Descriptor {
    Descriptor {
        id: ResourceId([2; 32]),
        length,
        md5: Md5([0; 16]),
        name: "a".into(),
        media_type: "image/png".into(),
    }
}

fn wanted(most: u64, played: bool) -> Wanted {
    Wanted {
        resource: descriptor(0).id,
        channel: Some(CHANNEL),
        offset: 0,
        length: u64::MAX,
        most,
        played,
    }
}

/// Files of which one is here.
fn files(length: u64) -> Files {
    let mut files = Files::default();
    let entry = ResourceEntry {
        descriptor: descriptor(length),
        channels: [CHANNEL].into(),
        paused: false,
        added: NOW,
        md5_checked: true,
        automatic: None,
    };
    let have = Have::all(length);
    assert!(files.share(CHANNEL, StoredResource { entry, have }).is_ok());
    files
}

#[test]
fn what_is_sought_is_not_longer_than_it_can_be() {
    let mut files = Files::default();
    let entropy = &mut Entropy::from_seed([1; 32]);
    files.read(NOW, ReadKey(1), wanted(1000, false));
    for (connection, length) in [(1, 1001), (2, 1000), (3, 999)] {
        let holding = Holding {
            descriptor: descriptor(length),
            have: Have::all(length),
        };
        let from = PeerKey {
            channel: CHANNEL,
            connection: ConnectionKey(connection),
        };
        files.message(NOW, from, Message::Holding(holding), entropy);
        let found = files.descriptor(descriptor(0).id).map(|file| file.length);
        assert_eq!(found, (length < 1001).then_some(1000));
    }
}

#[test]
fn what_has_come_is_read_before_it_is_kept() {
    const PIECE: u64 = limits::MIN_PIECE_BYTES;
    let mut files = Files::default();
    let entropy = &mut Entropy::from_seed([1; 32]);
    let file = descriptor(4 * PIECE);
    files.want(NOW, CHANNEL, file.clone(), None, entropy);
    let coming = files.files.get_mut(&file.id).unwrap();
    let piece = |number: u8| vec![number; PIECE as usize];
    // The last one proves the length; one that is on its way into the store, and one that waits for that.
    coming.proven = true;
    coming.putting = vec![(1, piece(1))];
    coming.unsaved.add(2, piece(2));
    let offset = PIECE + 10;
    let middle = Wanted {
        offset,
        ..wanted(u64::MAX, true)
    };
    files.read(NOW, ReadKey(1), middle);
    files.read_more(NOW, ReadKey(1));
    let outputs = std::iter::from_fn(|| files.poll());
    let parts = outputs.filter_map(|output| match output {
        FilesOutput::Read(_, part) => Some(part),
        _ => None,
    });
    let bytes = [&piece(1)[10..], &piece(2)].concat();
    let expected = [ReadPart::Opened(file), ReadPart::Bytes { offset, bytes }];
    assert!(parts.eq(expected));
}

#[test]
fn a_player_that_is_silent_gives_way_to_no_others() {
    let mut files = files(1000);
    files.read(NOW, ReadKey(0), wanted(1000, true));
    for later in 1..=2 * limits::MAX_READS as u64 {
        let now = Millis(NOW.0 + later);
        files.read(now, ReadKey(later), wanted(1000, false));
    }
    assert!(files.reads.contains_key(&ReadKey(0)));
    assert_eq!(files.reads.len(), limits::MAX_READS + 1);
}

#[test]
fn who_was_left_behind_is_not_hurried_for() {
    let length = 100 * limits::MIN_PIECE_BYTES;
    let mut files = files(length);
    files.read(NOW, ReadKey(1), wanted(length, true));
    let window = |files: &Files| files.reads[&ReadKey(1)].window(length);
    assert!(window(&files).is_some());
    let quiet = NOW + limits::READ_QUIET;
    assert_eq!(files.next_quiet(), Some(quiet));
    files.wake(quiet);
    assert_eq!((window(&files), files.next_quiet()), (None, None));
    files.read_more(quiet, ReadKey(1));
    assert!(window(&files).is_some());
}
