//! What a download asks for, and of whom.

use std::time::Duration;

use super::*;
use crate::{
    resource::{Descriptor, Md5},
    swarm::{OutlinePart, Pieces},
};

const NOW: Millis = Millis(1000);
const PIECE: u64 = limits::MIN_PIECE_BYTES;
const ID: ResourceId = ResourceId([7; 32]);

fn download(pieces: u64) -> Download {
    let length = pieces * PIECE;
    let none = Have::none(length);
    Download::new(ID, length, none, None, &mut Entropy::from_seed([1; 32]))
}

/// With an outline that nothing was checked against.
fn outlined(pieces: u64) -> Download {
    let mut hasher = crate::resource::ResourceHasher::new(pieces * PIECE);
    hasher
        .update(&vec![0; (pieces * PIECE) as usize])
        .expect("as long as announced");
    let hashed = hasher.finish().expect("as long as announced");
    let none = Have::none(pieces * PIECE);
    let mut entropy = Entropy::from_seed([1; 32]);
    let outline = Some(hashed.outline);
    Download::new(hashed.id, pieces * PIECE, none, outline, &mut entropy)
}

fn meet(download: &mut Download, key: u64, have: Have) {
    let descriptor = Descriptor {
        id: download.id,
        length: download.length,
        md5: Md5([0; 16]),
        name: "a".into(),
        media_type: "a/b".into(),
    };
    let holding = Holding { descriptor, have };
    download.holding(NOW, HolderKey(key), holding);
}

fn said(download: &mut Download) -> Vec<(u64, Message)> {
    let outputs = std::iter::from_fn(|| download.poll());
    let said = outputs.filter_map(|output| match output {
        DownloadOutput::Send(key, message) => Some((key.0, message)),
        DownloadOutput::Liar(key, lie) => panic!("{key:?} is blamed: {lie}"),
        DownloadOutput::Outline(_) | DownloadOutput::Piece { .. } => None,
    });
    said.collect()
}

/// The pieces that are requested.
fn requested(download: &mut Download) -> Vec<u32> {
    let said = said(download).into_iter();
    let pieces = said.filter_map(|(_, message)| match message {
        Message::Request(wanted) => Some(wanted.pieces),
        _ => None,
    });
    pieces.flatten().collect()
}

fn packet(download: &mut Download, key: u64, piece: u32, half: u32) {
    packet_at(NOW, download, key, piece, half);
}

fn packet_at(now: Millis, download: &mut Download, key: u64, piece: u32, half: u32) {
    let packet = Packet {
        resource: download.id,
        piece,
        offset: half * limits::PACKET_BYTES as u32,
        data: vec![0; limits::PACKET_BYTES],
    };
    download.packet(now, HolderKey(key), &packet);
}

#[test]
fn each_part_of_an_outline_is_asked_for_once_and_ahead() {
    const PARTS: u32 = 9;
    let mut download = download(u64::from(PARTS) * limits::OUTLINE_PART as u64);
    let all = Have::all(download.length);
    meet(&mut download, 1, all);
    let mut asked = Vec::new();
    for part in 0..PARTS {
        let said = said(&mut download);
        asked.extend(said.into_iter().filter_map(|(_, message)| match message {
            Message::AskOutline(ask) => Some(ask.first / limits::OUTLINE_PART as u32),
            _ => None,
        }));
        let ahead = PARTS.min(part + limits::OUTLINE_PARTS_AHEAD);
        assert_eq!(asked, (0..ahead).collect::<Vec<u32>>());
        if part + 1 < PARTS {
            let part = OutlinePart {
                resource: ID,
                first: part * limits::OUTLINE_PART as u32,
                values: vec![0; limits::OUTLINE_PART * 32],
            };
            download.outline_part(NOW, HolderKey(1), &part);
        }
    }
}

#[test]
fn what_comes_of_an_earlier_download_is_no_lie() {
    let mut download = outlined(8);
    let all = Have::all(download.length);
    for piece in 0..8 {
        packet(&mut download, 1, piece, 0);
    }
    meet(&mut download, 1, all);
    let asked = requested(&mut download);
    let others = (0..8).filter(|piece| !asked.contains(piece));
    for piece in others {
        packet(&mut download, 1, piece, 0);
        packet(&mut download, 1, piece, 1);
    }
    assert_eq!(said(&mut download), []);
}

/// What is counted for what is rare is what those have who do not have all, whatever they say.
#[test]
fn who_has_what_is_counted_however_it_changes() {
    let mut download = outlined(16);
    let length = download.length;
    let check = |download: &Download, when: &str| {
        for piece in 0..16 {
            let counted = download.holders.values().filter(|holder| holder.counted);
            let have = counted.filter(|holder| holder.have.contains(piece)).count();
            assert_eq!(download.todo.holders_of(piece), have as u32, "{when}");
        }
    };
    meet(&mut download, 1, Have::all(length));
    meet(&mut download, 2, Have::none(length));
    download.gained(NOW, HolderKey(2), &[3, 4, 4, 99]);
    check(&download, "some");
    let asked = requested(&mut download);
    for piece in asked {
        let pieces = Pieces {
            resource: download.id,
            pieces: vec![piece],
        };
        let reason = Reason::NotHere;
        let rejection = Rejection { pieces, reason };
        for key in [1, 2] {
            download.rejected(NOW, HolderKey(key), &rejection);
            check(&download, "rejected");
        }
    }
    assert!(download.holders[&HolderKey(1)].counted);
    for key in [1, 2] {
        let all: Vec<u32> = (0..16).collect();
        download.gained(NOW, HolderKey(key), &all);
        check(&download, "all");
    }
    meet(&mut download, 1, Have::none(length));
    check(&download, "anew");
    download.lost(NOW, HolderKey(2));
    check(&download, "lost");
}

#[test]
fn only_what_is_to_be_asked_for_is_looked_at_again() {
    let mut download = outlined(16);
    let length = download.length;
    let unlooked = |download: &Download| {
        let unlooked = &download.holders[&HolderKey(1)].unlooked;
        unlooked
            .as_ref()
            .map(|pieces| pieces.iter().copied().collect())
    };
    let mut have = Have::none(length);
    have.insert(1);
    meet(&mut download, 1, have);
    assert_eq!(requested(&mut download), [1]);
    assert_eq!(unlooked(&download), Some(vec![]));
    download.todo.remove(5);
    download.gained(NOW, HolderKey(1), &[]);
    download.gained(NOW, HolderKey(1), &[1, 1, 99]);
    download.pause(NOW, true);
    download.gained(NOW, HolderKey(1), &[5, 6]);
    // What was asked for when the pause began is to be asked for again.
    assert_eq!(unlooked(&download), Some(vec![1, 6]));
    download.pause(NOW, false);
    let mut pieces = requested(&mut download);
    pieces.sort_unstable();
    assert_eq!(pieces, [1, 6]);
    assert_eq!(unlooked(&download), Some(vec![]));
}

#[test]
fn who_does_not_have_what_it_said_is_not_asked_at_once() {
    let mut download = outlined(64);
    let all = Have::all(download.length);
    meet(&mut download, 1, all);
    let asked = requested(&mut download);
    let pieces = Pieces {
        resource: download.id,
        pieces: asked,
    };
    let reason = Reason::NotHere;
    download.rejected(NOW, HolderKey(1), &Rejection { pieces, reason });
    assert!(requested(&mut download).is_empty());
    let later = NOW + limits::HOLDER_BUSY;
    assert_eq!(download.deadline(), Some(later));
    download.wake(later);
    assert!(!requested(&mut download).is_empty());
}

#[test]
fn what_was_asked_for_and_is_not_durable_is_what_a_crash_costs() {
    let mut download = outlined(64);
    let all = Have::all(download.length);
    meet(&mut download, 1, all.clone());
    let most = limits::MAX_UNDURABLE_BYTES / PIECE;
    let mut open = requested(&mut download);
    let mut whole = Vec::new();
    while let Some(piece) = open.pop() {
        packet(&mut download, 1, piece, 0);
        packet(&mut download, 1, piece, 1);
        whole.push(piece);
        open.extend(requested(&mut download));
        assert!((whole.len() + open.len()) as u64 <= most + 1);
    }
    assert!(whole.len() as u64 >= most);
    // More once some are durable, and from another one while the first still owes as much as it may.
    download.stored(NOW, &whole);
    assert!(!requested(&mut download).is_empty());
    meet(&mut download, 2, all);
    assert!(!requested(&mut download).is_empty());
}

#[test]
fn while_something_comes_no_single_piece_is_asked_for() {
    const PIECES: usize = 64;
    let mut download = outlined(PIECES as u64);
    let all = Have::all(download.length);
    meet(&mut download, 1, all);
    let mut open = requested(&mut download);
    let mut asked = vec![open.len()];
    let (mut now, mut unstored) = (NOW, Vec::new());
    while !open.is_empty() {
        // 6.5 MB/s; each piece is stored alone, and late.
        now = now + Duration::from_millis(10);
        let piece = open.remove(0);
        packet_at(now, &mut download, 1, piece, 0);
        packet_at(now, &mut download, 1, piece, 1);
        unstored.push(piece);
        if unstored.len() > 11 {
            download.stored(now, &[unstored.remove(0)]);
        }
        let new = requested(&mut download);
        if !new.is_empty() && !open.is_empty() {
            asked.push(new.len());
        }
        open.extend(new);
    }
    let rest = asked.pop();
    assert!(asked.len() > 8 && rest.is_some(), "{asked:?}");
    assert!(asked.iter().all(|pieces| *pieces > 1), "{asked:?}");
}

#[test]
fn what_is_held_back_asks_for_no_more_until_it_goes_on() {
    let mut download = outlined(512);
    let all = Have::all(download.length);
    meet(&mut download, 1, all);
    let asked = requested(&mut download);
    download.hold(NOW, true);
    for piece in asked {
        packet(&mut download, 1, piece, 0);
        packet(&mut download, 1, piece, 1);
    }
    assert!(requested(&mut download).is_empty());
    download.hold(NOW, false);
    assert!(!requested(&mut download).is_empty());
}
