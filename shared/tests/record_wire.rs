//! Records and frames on the wire: their exact bytes, and everything that is refused.

use catnest::{
    channel::ChannelId,
    chat::record::{Body, Position, Record, RecordError, RecordId, id_of},
    entropy::Entropy,
    identity::{AuthorKey, DeviceSeed},
    limits,
    link::{LineId, Said, Signal},
    resource::{Descriptor, DescriptorError, Md5, ResourceId},
    signal::message::{Candidate, PeerBody, Sdp},
    time::Millis,
    wire::{Ends, Frame, Hello, HelloError, Session, Sighting, WireError},
};

const NEST: ChannelId = ChannelId([1; 32]);
const ENDS: Ends = Ends {
    speaker: [2; 32],
    listener: [3; 32],
};

fn key() -> AuthorKey {
    DeviceSeed::generate(&mut Entropy::from_seed([4; 32])).author_key(NEST)
}

fn record() -> Record {
    Record::write(&key(), NEST, Millis(1_790_000_000_000), "咪咪", "meow")
}

fn file(name: &str, length: u64) -> Descriptor {
    Descriptor {
        id: ResourceId([6; 32]),
        length,
        md5: Md5([7; 16]),
        name: name.into(),
        media_type: "image/png".into(),
    }
}

fn with_files(text: &str, files: Vec<Descriptor>) -> Record {
    let time = Millis(1_790_000_000_000);
    let body = Body::new(key().author(), NEST, time, "咪咪", text);
    Record::sign(&key(), Body { files, ..body })
}

fn hex(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes
        .chunks(32)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    lines.join("\n")
}

#[test]
fn a_record_has_these_bytes() {
    insta::assert_snapshot!(
        "record",
        format!("{}\n\n{}", record().id, hex(&record().bytes))
    );
}

#[test]
fn a_record_with_files_has_these_bytes() {
    let record = with_files("look", vec![file("猫.png", 5)]);
    insta::assert_snapshot!("record_with_files", hex(&record.bytes));
    assert_eq!(Record::read(NEST, &record.bytes), Ok(record));
}

#[test]
fn files_of_a_record_are_checked_and_make_up_for_a_text() {
    let read = |text: &str, files: Vec<Descriptor>| {
        Record::read(NEST, &with_files(text, files).bytes).map(|record| record.body.files.len())
    };
    assert_eq!(read("", vec![file("a", 1)]), Ok(1));
    assert_eq!(read("", vec![]), Err(RecordError::Text));
    assert_eq!(read(" ", vec![file("a", 1)]), Err(RecordError::Text));
    let many = vec![file("a", 1); limits::MAX_MESSAGE_FILES + 1];
    assert_eq!(read("a", many), Err(RecordError::TooManyFiles(17)));
    for (name, length, error) in [
        ("../a", 1, DescriptorError::Name),
        ("a", u64::MAX, DescriptorError::Length(u64::MAX)),
    ] {
        let expected = Err(RecordError::File(error));
        assert_eq!(read("a", vec![file(name, length)]), expected);
    }
    // The longest names and as many as there may be: they fit.
    let long = file(&"n".repeat(limits::MAX_FILE_NAME_BYTES), 1);
    let text = "t".repeat(limits::MAX_TEXT_BYTES);
    let most = limits::MAX_MESSAGE_FILES;
    assert_eq!(read(&text, vec![long; most]), Ok(most));
}

fn position(time: u64) -> Position {
    Position {
        time: Millis(time),
        id: RecordId([8; 32]),
    }
}

#[test]
fn a_recall_has_these_bytes() {
    let recall = Record::recall(&key(), NEST, record().position(), "咪咪");
    insta::assert_snapshot!("recall", hex(&recall.bytes));
    assert_eq!(recall.recalled(), Some(record().position()));
    assert_eq!(Record::read(NEST, &recall.bytes), Ok(recall));
}

#[test]
fn a_record_after_another_has_these_bytes() {
    let body = Body {
        after: Some(position(1_789_000_000_000)),
        ..record().body
    };
    let record = Record::sign(&key(), body);
    insta::assert_snapshot!("record_after_another", hex(&record.bytes));
    assert_eq!(Record::read(NEST, &record.bytes), Ok(record));
}

#[test]
fn a_record_with_an_avatar_has_these_bytes() {
    let with = |avatar: &str| {
        let avatar = Some(avatar.to_owned());
        let body = record().body;
        Record::sign(&key(), Body { avatar, ..body })
    };
    let record = with("🐈‍⬛");
    insta::assert_snapshot!("record_with_avatar", hex(&record.bytes));
    assert_eq!(Record::read(NEST, &record.bytes), Ok(record));
    for bad in ["", " ", "\u{200b}", "a\u{202e}", &"x".repeat(37)] {
        let read = Record::read(NEST, &with(bad).bytes);
        assert_eq!(read, Err(RecordError::Avatar), "{bad:?}");
    }
}

#[test]
fn a_recall_says_nothing_and_nothing_comes_after_what_is_newer() {
    let read = |body| Record::read(NEST, &Record::sign(&key(), body).bytes);
    let body = record().body;
    let recall = Body {
        recalls: Some(RecordId([8; 32])),
        ..body.clone()
    };
    assert_eq!(read(recall), Err(RecordError::Recall));
    let after = Body {
        after: Some(position(body.time.0)),
        ..body
    };
    assert_eq!(read(after), Err(RecordError::After));
}

#[test]
fn a_hello_has_these_bytes() {
    let hello = Frame::Hello(Hello::new(&key(), NEST, Session([5; 16]), "咪咪", &ENDS));
    insta::assert_snapshot!("hello", hex(&hello.encode()));
    assert_eq!(Frame::decode(&hello.encode()), Ok(hello));
}

#[test]
fn a_record_is_read_as_it_was_written() {
    assert_eq!(Record::read(NEST, &record().bytes), Ok(record()));
    assert_eq!(Record::from_store(record().bytes), Ok(record()));
    assert_eq!(id_of(&record().bytes), Ok(record().id));
}

#[test]
fn any_changed_byte_makes_a_record_false() {
    let bytes = record().bytes;
    for i in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[i] ^= 1;
        assert!(Record::read(NEST, &changed).is_err(), "byte {i}");
    }
    for length in 0..bytes.len() {
        assert!(
            Record::read(NEST, &bytes[..length]).is_err(),
            "cut at {length}"
        );
    }
    assert!(matches!(
        Record::read(NEST, &[&bytes[..], &[0]].concat()),
        Err(RecordError::Malformed(_))
    ));
}

#[test]
fn a_record_that_breaks_a_rule_is_refused_for_it() {
    let write = |channel, name: &str, text: &str| {
        Record::write(&key(), channel, Millis(1), name, text).bytes
    };
    for (bytes, error) in [
        (
            write(ChannelId([9; 32]), "a", "b"),
            RecordError::ForeignChannel,
        ),
        (write(NEST, " ", "b"), RecordError::Name),
        (write(NEST, "a\u{7}", "b"), RecordError::Name),
        (write(NEST, &"a".repeat(65), "b"), RecordError::Name),
        (write(NEST, "a", "\n "), RecordError::Text),
        (
            write(NEST, "a", &"b".repeat(limits::MAX_TEXT_BYTES + 1)),
            RecordError::Text,
        ),
        (
            vec![0; limits::MAX_RECORD_BYTES + 1],
            RecordError::TooLong(limits::MAX_RECORD_BYTES + 1),
        ),
    ] {
        assert_eq!(Record::read(NEST, &bytes), Err(error));
    }
    assert!(
        Record::read(
            NEST,
            &write(NEST, &"a".repeat(64), &"b".repeat(limits::MAX_TEXT_BYTES))
        )
        .is_ok()
    );
}

#[test]
fn a_hello_holds_for_its_link_and_channel_only() {
    let hello = Hello::new(&key(), NEST, Session([5; 16]), "Mimi", &ENDS);
    assert_eq!(hello.verify(NEST, &ENDS), Ok(()));
    assert_eq!(
        hello.verify(ChannelId([9; 32]), &ENDS),
        Err(HelloError::ForeignChannel)
    );
    let elsewhere = Ends {
        listener: [9; 32],
        ..ENDS
    };
    assert_eq!(hello.verify(NEST, &elsewhere), Err(HelloError::Signature));
    let renamed = Hello {
        name: "Momo".into(),
        ..hello.clone()
    };
    assert_eq!(renamed.verify(NEST, &ENDS), Err(HelloError::Signature));
    let nameless = Hello::new(&key(), NEST, Session([5; 16]), "", &ENDS);
    assert_eq!(nameless.verify(NEST, &ENDS), Err(HelloError::Name));
}

#[test]
fn control_frames_have_these_bytes() {
    let ids = vec![RecordId([6; 32]), RecordId([7; 32])];
    let frames = [
        (
            "sighting",
            Frame::Sighting(Sighting {
                age: 1500,
                announcement: vec![8; 5],
            }),
        ),
        ("have", Frame::Have(ids.clone())),
        ("want", Frame::Want(ids.clone())),
        ("stored", Frame::Stored(ids)),
    ];
    let mut lines = String::new();
    for (name, frame) in frames {
        lines += &format!("{name}\n{}\n\n", hex(&frame.encode()));
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }
    insta::assert_snapshot!("control_frames", lines);
}

#[test]
fn signals_have_these_bytes() {
    let candidate = Candidate {
        candidate: "candidate:1".into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: Some(0),
        username_fragment: None,
    };
    let said = [
        (
            "offer",
            Said::Negotiation(PeerBody::Offer(Sdp("v=0".into()))),
        ),
        (
            "answer",
            Said::Negotiation(PeerBody::Answer(Sdp("v=0".into()))),
        ),
        (
            "candidate",
            Said::Negotiation(PeerBody::Candidate(candidate)),
        ),
        ("decline", Said::Negotiation(PeerBody::Decline)),
        ("heard", Said::Heard),
        ("silent", Said::Silent),
        ("mended", Said::Mended),
    ];
    let mut lines = String::new();
    for (name, said) in said {
        let line = LineId(300);
        let frame = Frame::Signal(Signal { line, said });
        lines += &format!("{name}\n{}\n\n", hex(&frame.encode()));
        assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }
    insta::assert_snapshot!("signals", lines);
}

#[test]
fn a_frame_names_only_so_many_records() {
    let ids = |count| Frame::Want(vec![RecordId([6; 32]); count]).encode();
    assert!(Frame::decode(&ids(limits::MAX_IDS)).is_ok());
    assert!(matches!(
        Frame::decode(&ids(limits::MAX_IDS + 1)),
        Err(WireError::Payload { kind: 5, .. })
    ));
}

#[test]
fn frames_that_are_none() {
    let check = |bytes: &[u8], error: WireError| assert_eq!(Frame::decode(bytes), Err(error));
    check(&[], WireError::TooShort);
    check(&[1], WireError::TooShort);
    check(&[2, 1], WireError::Version(2));
    check(
        &vec![1; limits::MAX_FRAME_BYTES + 1],
        WireError::TooLong(limits::MAX_FRAME_BYTES + 1),
    );
    assert!(matches!(
        Frame::decode(&[1, 1, 0xff]),
        Err(WireError::Payload { kind: 1, .. })
    ));
    assert_eq!(Frame::decode(&[1, 77, 1, 2, 3]), Ok(Frame::Unknown(77)));
}
