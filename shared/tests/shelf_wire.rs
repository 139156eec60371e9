//! What devices say to each other about their lists: its exact bytes, and what is refused (M2, M10).

#[path = "common/tracks.rs"]
mod tracks;

use catnest::{
    limits,
    music::{
        shelf::{
            OwnShelf,
            message::{Ask, Change, Known, Message, MessageError, News, Part, Version},
        },
        track::Track,
    },
    resource::ResourceId,
};
use minicbor::{Decoder, Encoder};

use crate::tracks::track;

fn known(tracks: u64, gone: u64) -> Known {
    Known {
        tracks: Version(tracks),
        gone: Version(gone),
    }
}

fn ask(since: Option<Known>) -> Message {
    Message::Ask(Ask { number: 7, since })
}

fn part() -> Part {
    Part {
        number: 7,
        known: known(300, 400),
        fresh: false,
        changes: vec![Change::Put(track(1)), Change::Gone(ResourceId([2; 32]))],
        more: true,
    }
}

fn messages() -> Vec<(&'static str, Message)> {
    let first = Part {
        fresh: true,
        changes: vec![Change::Put(track(1)), Change::Put(track(2))],
        ..part()
    };
    let nothing = Part {
        known: known(400, 400),
        changes: Vec::new(),
        more: false,
        ..part()
    };
    vec![
        ("ask for all of it", ask(None)),
        ("ask for what is new", ask(Some(known(300, 400)))),
        ("part from the beginning", Message::Part(first)),
        ("part", Message::Part(part())),
        ("part with nothing", Message::Part(nothing)),
        (
            "news",
            Message::News(News {
                version: Version(401),
            }),
        ),
    ]
}

fn hex(bytes: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = bytes.chunks(32).map(line).collect();
    lines.join("\n")
}

#[test]
fn messages_have_these_bytes() {
    let mut text = String::new();
    for (name, message) in messages() {
        let bytes = message.to_bytes();
        assert_eq!(Message::from_bytes(&bytes), Ok(message), "{name}");
        text += &format!("{name}\n{}\n\n", hex(&bytes));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn half_a_message_is_refused() {
    for (name, message) in messages() {
        let bytes = message.to_bytes();
        for end in 0..bytes.len() {
            let read = Message::from_bytes(&bytes[..end]);
            assert!(
                matches!(read, Err(MessageError::Malformed(_))),
                "{name}: {end} bytes"
            );
        }
        assert!(Message::from_bytes(&[bytes, vec![0]].concat()).is_err());
    }
}

#[test]
fn what_cannot_be_is_refused_and_named() {
    let one = track(1).id;
    let spoilt = |spoil: fn(&mut Part)| {
        let mut part = part();
        spoil(&mut part);
        Message::Part(part)
    };
    let cases = [
        (
            ask(Some(known(2, 1))),
            MessageError::Known(known(2, 1)),
            "a list known up to 2 cannot have what is gone known up to 1 only",
        ),
        (
            spoilt(|part| part.known.tracks = Version(u64::MAX)),
            MessageError::Known(known(u64::MAX, 400)),
            "a list known up to 18446744073709551615 cannot have what is gone known up to 400 only",
        ),
        (
            spoilt(|part| part.changes.push(Change::Put(track(1)))),
            MessageError::Twice(one),
            "the part tells of 0000000100000000000000000000000000000000000000000000000000000000 twice",
        ),
        (
            spoilt(|part| part.changes.push(Change::Gone(track(1).id))),
            MessageError::Twice(one),
            "the part tells of 0000000100000000000000000000000000000000000000000000000000000000 twice",
        ),
        (
            spoilt(|part| part.fresh = true),
            MessageError::GoneAtFirst(ResourceId([2; 32])),
            "the part begins the list anew, and yet says that \
             0202020202020202020202020202020202020202020202020202020202020202 is gone",
        ),
        (
            spoilt(|part| part.changes.clear()),
            MessageError::Nothing,
            "the part tells nothing, and yet says that there is more",
        ),
    ];
    for (message, error, words) in cases {
        assert_eq!(error.to_string(), words);
        assert_eq!(Message::from_bytes(&message.to_bytes()), Err(error));
    }
}

#[test]
fn what_is_no_message_is_refused() {
    let track_problem = |spoil: fn(&mut Track)| {
        let mut spoilt = track(1);
        spoil(&mut spoilt);
        let part = Part {
            changes: vec![Change::Put(spoilt)],
            ..part()
        };
        Message::Part(part).to_bytes()
    };
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("nothing", Vec::new(), "end of input"),
        (
            "a newer kind",
            vec![0x82, 9, 0x80],
            "unknown enum variant 9",
        ),
        (
            "another type",
            vec![0x63, b'a', b's', b'k'],
            "unexpected type",
        ),
        ("no number", vec![0x82, 0, 0x81, 0xa0], "missing value"),
        (
            // An array that claims 2^32 − 1 changes: nothing is set aside for them.
            "a million tracks in a few bytes",
            vec![
                0x82, 1, 0x81, 0xa5, 0, 1, 1, 0xa2, 0, 0, 1, 0, 2, 0xf5, 4, 0xf4, 3, 0x9a, 0xff,
                0xff, 0xff, 0xff,
            ],
            "end of input",
        ),
        (
            "a track without bytes",
            track_problem(|track| track.length = 0),
            "a track has between 1 and",
        ),
        (
            "a track that is a page",
            track_problem(|track| track.media_type = "text/html".into()),
            "the media type is not one of music",
        ),
        (
            "a path",
            track_problem(|track| track.name = "../../a.mp3".into()),
            "the file's name is empty, too long, a path",
        ),
    ];
    for (name, bytes, problem) in cases {
        let error = Message::from_bytes(&bytes).err().map(|e| e.to_string());
        let error = error.unwrap_or_default();
        assert!(error.starts_with("not a message about a list: "), "{name}");
        assert!(error.contains(problem), "{name}: {error}");
    }
    let long = vec![0; limits::MAX_SHELF_PART_BYTES + 1];
    let refused = Message::from_bytes(&long);
    assert_eq!(refused, Err(MessageError::TooLong(long.len())));
}

#[test]
fn fields_of_newer_versions_are_skipped() {
    // Behind the enum's two heads and the array of its one field lies the map.
    const HEAD: usize = 3;
    for (name, message) in messages() {
        let written = message.to_bytes();
        let fields = Decoder::new(&written[HEAD..]).map().unwrap().unwrap();
        let mut bytes = written[..HEAD].to_vec();
        Encoder::new(&mut bytes).map(fields + 1).unwrap();
        bytes.extend_from_slice(&written[HEAD + 1..]);
        Encoder::new(&mut bytes).u8(99).unwrap().str("new").unwrap();
        assert_eq!(Message::from_bytes(&bytes), Ok(message), "{name}");
    }
}

#[test]
fn a_part_of_the_longest_tracks_and_the_largest_numbers_fits() {
    let mut shelf = OwnShelf::new();
    for number in 0..400 {
        let text = "x".repeat(limits::MAX_TAG_BYTES);
        // Of all lengths, so that parts end at all distances from the limit.
        let title = "y".repeat(number as usize);
        let long = Track {
            title,
            artist: text.clone(),
            album: text,
            name: "x".repeat(limits::MAX_FILE_NAME_BYTES),
            ..track(number)
        };
        shelf.put(long).unwrap();
    }
    let mut since = None;
    let mut largest = 0;
    loop {
        let number = u32::MAX;
        let part = shelf.answer(&Ask { number, since });
        let more = part.more;
        since = Some(part.known);
        // As if the list had changed for ever.
        let part = Part {
            known: known(u64::MAX, u64::MAX),
            ..part
        };
        let bytes = Message::Part(part).to_bytes();
        largest = largest.max(bytes.len());
        assert!(Message::from_bytes(&bytes).is_ok(), "{}", bytes.len());
        if !more {
            break;
        }
    }
    assert!(largest > limits::MAX_SHELF_PART_BYTES - limits::MAX_TRACK_BYTES);
}
