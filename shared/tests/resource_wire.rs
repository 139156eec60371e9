//! What neighbours say about resources, on the wire: its exact bytes, and what is refused.

use catnest::{
    limits,
    resource::{Descriptor, Have, Md5, ResourceId},
    swarm::{Holding, Message, OutlineFrom, OutlinePart, Packet, Pieces, Reason, Rejection},
    wire::{Frame, WireError},
};

const SONG: ResourceId = ResourceId([6; 32]);
const LENGTH: u64 = 150_000;

fn descriptor() -> Descriptor {
    Descriptor {
        id: SONG,
        length: LENGTH,
        md5: Md5([7; 16]),
        name: "小猫.ogg".into(),
        media_type: "audio/ogg".into(),
    }
}

fn holding(have: Have) -> Message {
    Message::Holding(Holding {
        descriptor: descriptor(),
        have,
    })
}

fn pieces() -> Pieces {
    Pieces {
        resource: SONG,
        pieces: vec![0, 2, 300],
    }
}

fn hex(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes
        .chunks(32)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    lines.join("\n")
}

#[test]
fn messages_have_these_bytes() {
    let mut some = Have::none(LENGTH);
    some.insert(1);
    let first = 1024;
    let rejection = |reason| {
        let pieces = pieces();
        Message::Reject(Rejection { pieces, reason })
    };
    let messages = [
        ("seek", Message::Seek(SONG)),
        ("holding all", holding(Have::all(LENGTH))),
        ("holding some", holding(some)),
        ("gained", Message::Gained(pieces())),
        (
            "ask for the outline",
            Message::AskOutline(OutlineFrom {
                resource: SONG,
                first,
            }),
        ),
        (
            "outline",
            Message::Outline(OutlinePart {
                resource: SONG,
                first,
                values: vec![9; 64],
            }),
        ),
        ("request", Message::Request(pieces())),
        ("reject: not here", rejection(Reason::NotHere)),
        ("reject: ask others", rejection(Reason::AskOthers)),
        ("reject: busy", rejection(Reason::Busy)),
        ("cancel", Message::Cancel(pieces())),
        (
            "packet",
            Message::Packet(Packet {
                resource: SONG,
                piece: 2,
                offset: 32_768,
                data: b"meow".to_vec(),
            }),
        ),
    ];
    let mut lines = String::new();
    for (name, message) in messages {
        let frame = Frame::Resource(message);
        lines += &format!("{name}\n{}\n\n", hex(&frame.encode()));
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }
    insta::assert_snapshot!("resource_messages", lines);
}

/// Changes a valid message into one that is not, and expects it to be refused.
fn check(message: Message) {
    let frame = Frame::Resource(message).encode();
    assert!(
        matches!(Frame::decode(&frame), Err(WireError::Payload { .. })),
        "{frame:?}"
    );
}

#[test]
fn what_is_too_much_is_refused() {
    let many = |count| Pieces {
        resource: SONG,
        pieces: vec![1; count],
    };
    let frame = Frame::Resource(Message::Request(many(limits::MAX_IDS))).encode();
    assert!(Frame::decode(&frame).is_ok());
    check(Message::Request(many(limits::MAX_IDS + 1)));
    check(Message::Gained(many(limits::MAX_IDS + 1)));
    check(Message::Cancel(many(limits::MAX_IDS + 1)));
    check(Message::Reject(Rejection {
        pieces: many(limits::MAX_IDS + 1),
        reason: Reason::Busy,
    }));
    for length in [33, (limits::OUTLINE_PART + 1) * 32] {
        check(Message::Outline(OutlinePart {
            resource: SONG,
            first: 0,
            values: vec![0; length],
        }));
    }
    for length in [0, limits::PACKET_BYTES + 1] {
        check(Message::Packet(Packet {
            resource: SONG,
            piece: 0,
            offset: 0,
            data: vec![0; length],
        }));
    }
}

#[test]
fn a_holding_that_cannot_be_is_refused() {
    let with = |descriptor| {
        check(Message::Holding(Holding {
            descriptor,
            have: Have::none(LENGTH),
        }));
    };
    for name in ["", "..", "a/b", "a\\b", "a\u{1b}[2J", "\u{202e}gpj.exe"] {
        with(Descriptor {
            name: name.into(),
            ..descriptor()
        });
    }
    with(Descriptor {
        length: u64::MAX,
        ..descriptor()
    });
    with(Descriptor {
        media_type: "<script>".into(),
        ..descriptor()
    });
    // As many bits as another length has.
    check(Message::Holding(Holding {
        descriptor: descriptor(),
        have: Have::none(LENGTH * 100),
    }));
}

#[test]
fn half_a_packet_is_refused() {
    let packet = Frame::Resource(Message::Packet(Packet {
        resource: SONG,
        piece: 0,
        offset: 0,
        data: vec![1],
    }))
    .encode();
    for end in 2..packet.len() {
        assert!(Frame::decode(&packet[..end]).is_err(), "{end} bytes");
    }
}
