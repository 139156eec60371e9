//! What neighbours say about their logs, on the wire: its exact bytes, and what is refused.

use catnest::{
    chat::{
        record::{Position, RecordId},
        span::Span,
    },
    limits,
    sync::{Message, Part},
    time::Millis,
    wire::{Frame, WireError},
};

const fn position(time: u64) -> Position {
    Position {
        time: Millis(time),
        id: RecordId([time as u8; 32]),
    }
}

fn part(bytes: usize) -> Part {
    let span = Span {
        from: Some(position(3)),
        before: None,
    };
    Part {
        comparison: 7,
        span,
        more: true,
        bytes: vec![0x61; bytes],
        most: None,
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
    let from = position(1_700_000_000_000);
    let messages = [
        ("ask", Message::Ask(part(2))),
        (
            "ask for some",
            Message::Ask(Part {
                most: Some(10),
                ..part(2)
            }),
        ),
        ("answer", Message::Answer(part(1))),
        (
            "narrow",
            Message::Narrow {
                comparison: 7,
                from,
                last: true,
            },
        ),
        ("lacks", Message::Lacks(vec![RecordId([5; 32])])),
        ("offer", Message::Offer(vec![position(1)])),
        ("fetch", Message::Fetch(vec![position(1), position(2)])),
        ("served", Message::Served),
    ];
    let mut bytes = String::new();
    for (name, message) in messages {
        let frame = Frame::History(message);
        let encoded = frame.encode();
        assert_eq!(Frame::decode(&encoded), Ok(frame), "{name}");
        bytes += &format!("{name}\n{}\n\n", hex(&encoded));
    }
    insta::assert_snapshot!(bytes);
}

#[track_caller]
fn refused(message: Message, why: &str) {
    let error = Frame::decode(&Frame::History(message).encode());
    let Err(WireError::Payload { problem, .. }) = error else {
        panic!("{error:?}");
    };
    assert!(problem.contains(why), "{problem}");
}

#[test]
fn what_is_too_much_is_refused() {
    refused(
        Message::Ask(part(limits::COMPARE_PART + 1)),
        "a part of more",
    );
    refused(Message::Lacks(Vec::new()), "0 records, not 1 to 512");
    let many = vec![position(1); limits::MAX_IDS + 1];
    refused(Message::Offer(many.clone()), "513 records");
    refused(Message::Fetch(many), "513 records");
}
