//! What lists say of music: its exact bytes, what is cleaned, and what is refused (M1, M2).

use catnest::{
    limits,
    music::track::{Cover, Track, TrackError, to_ordinal, to_play_ms},
    resource::{Md5, ResourceId},
    time::Millis,
};
use minicbor::{Decoder, Encoder};

fn track() -> Track {
    Track {
        id: ResourceId([1; 32]),
        md5: Md5([2; 16]),
        length: 27_000_000,
        media_type: "audio/flac".into(),
        name: "03 小猫.flac".into(),
        title: "小猫".into(),
        artist: "The Nest".into(),
        album: "Purr".into(),
        number: Some(3),
        disc: Some(1),
        year: Some(2026),
        play_ms: Some(245_120),
        cover: Some(Cover {
            id: ResourceId([4; 32]),
            length: 80_000,
            media_type: "image/jpeg".into(),
        }),
        lyrics: Some(ResourceId([5; 32])),
        added: Millis(1_790_000_000_000),
    }
}

/// As much as fits into a track.
fn longest() -> Track {
    let media_type = |kind: &str| kind.to_owned() + &"x".repeat(limits::MAX_MEDIA_TYPE_BYTES - 6);
    let text = "x".repeat(limits::MAX_TAG_BYTES);
    Track {
        length: limits::MAX_RESOURCE_BYTES,
        media_type: media_type("audio/"),
        name: "x".repeat(limits::MAX_FILE_NAME_BYTES),
        title: text.clone(),
        artist: text.clone(),
        album: text,
        number: Some(9999),
        disc: Some(9999),
        year: Some(9999),
        play_ms: to_play_ms(limits::MAX_PLAY),
        cover: Some(Cover {
            id: ResourceId([4; 32]),
            length: limits::MAX_COVER_BYTES,
            media_type: media_type("image/"),
        }),
        added: Millis(u64::MAX),
        ..track()
    }
}

/// As little as makes one.
fn least() -> Track {
    let nothing = String::new;
    Track {
        length: 1,
        name: "a".into(),
        title: nothing(),
        artist: nothing(),
        album: nothing(),
        number: None,
        disc: None,
        year: None,
        play_ms: None,
        cover: None,
        lyrics: None,
        ..track()
    }
}

fn hex(bytes: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = bytes.chunks(32).map(line).collect();
    lines.join("\n")
}

#[test]
fn a_track_has_these_bytes() {
    insta::assert_snapshot!("track", hex(&track().to_bytes()));
    insta::assert_snapshot!("least_track", hex(&least().to_bytes()));
}

#[test]
fn a_track_is_read_as_it_was_written() {
    for track in [track(), least(), longest()] {
        let bytes = track.to_bytes();
        assert!(bytes.len() <= limits::MAX_TRACK_BYTES, "{}", bytes.len());
        assert_eq!(Track::from_bytes(&bytes).as_ref(), Ok(&track));
        assert_eq!(track.clone().cleaned(), Ok(track.clone()));
        let json = serde_json::to_string(&track).unwrap();
        assert_eq!(serde_json::from_str::<Track>(&json).unwrap(), track);
        track.descriptor().check().unwrap();
    }
}

#[test]
fn half_a_track_is_refused() {
    let bytes = track().to_bytes();
    for end in 0..bytes.len() {
        assert!(Track::from_bytes(&bytes[..end]).is_err(), "{end} bytes");
    }
    assert!(Track::from_bytes(&[bytes, vec![0]].concat()).is_err());
}

#[test]
fn ugly_text_is_cleaned_on_reading() {
    let ugly = Track {
        title: "\0 A\u{202e}\nSong\u{200b}\t".into(),
        artist: "\u{3164}\u{200d}".into(),
        album: "猫".repeat(limits::MAX_TAG_BYTES / 3 + 1),
        ..track()
    };
    let clean = Track {
        title: "A Song".into(),
        artist: String::new(),
        album: "猫".repeat(limits::MAX_TAG_BYTES / 3),
        ..track()
    };
    assert_eq!(Track::from_bytes(&ugly.to_bytes()).as_ref(), Ok(&clean));
    assert_eq!(ugly.cleaned(), Ok(clean));
    // Megabytes of it are not even looked at.
    let huge = Track {
        title: "x".repeat(limits::MAX_TRACK_BYTES),
        ..track()
    };
    assert!(Track::from_bytes(&huge.to_bytes()).is_err());
}

#[test]
fn what_cannot_be_is_refused() {
    let cover = |length, media_type: &str| {
        Some(Cover {
            id: ResourceId([4; 32]),
            length,
            media_type: media_type.into(),
        })
    };
    type Spoil = fn(&mut Track);
    let cases: [(Spoil, TrackError); 15] = [
        (|t| t.length = 0, TrackError::Length(0)),
        (|t| t.length = u64::MAX, TrackError::Length(u64::MAX)),
        (|t| t.media_type = "text/html".into(), TrackError::MediaType),
        (|t| t.media_type = "audio/".into(), TrackError::MediaType),
        (|t| t.media_type = "audio/A\n".into(), TrackError::MediaType),
        (|t| t.name = "../a.mp3".into(), TrackError::Name),
        (|t| t.name = "\u{202e}3pm.exe".into(), TrackError::Name),
        (|t| t.name = String::new(), TrackError::Name),
        (|t| t.number = Some(0), TrackError::Ordinal(0)),
        (|t| t.disc = Some(10_000), TrackError::Ordinal(10_000)),
        (|t| t.year = Some(u16::MAX), TrackError::Ordinal(65_535)),
        (|t| t.play_ms = Some(0), TrackError::Play(0)),
        (
            |t| t.play_ms = Some(u32::MAX),
            TrackError::Play(u32::MAX.into()),
        ),
        (
            |t| t.name = "x".repeat(limits::MAX_FILE_NAME_BYTES + 1),
            TrackError::Name,
        ),
        (
            |t| t.play_ms = Some(604_800_001),
            TrackError::Play(604_800_001),
        ),
    ];
    for (spoil, error) in cases {
        let mut spoilt = track();
        spoil(&mut spoilt);
        assert_eq!(
            Track::from_bytes(&spoilt.to_bytes())
                .err()
                .map(|told| told.contains(&error.to_string())),
            Some(true),
            "{error}"
        );
        assert_eq!(spoilt.cleaned(), Err(error));
    }
    for (cover, error) in [
        (cover(0, "image/png"), TrackError::CoverLength(0)),
        (
            cover(100_000_000, "image/png"),
            TrackError::CoverLength(100_000_000),
        ),
        (cover(9, "text/html"), TrackError::CoverType),
    ] {
        let spoilt = Track { cover, ..track() };
        assert!(Track::from_bytes(&spoilt.to_bytes()).is_err(), "{error}");
        assert_eq!(spoilt.cleaned(), Err(error));
    }
}

#[test]
fn numbers_beyond_their_fields_are_refused() {
    // A newer or lying node may send 64 bits where we have 16.
    for (field, number) in [(8, u64::MAX), (9, 65_537), (10, 1 << 32), (11, u64::MAX)] {
        let mut bytes = Vec::new();
        let fields = Decoder::new(&least().to_bytes()).map().unwrap().unwrap();
        Encoder::new(&mut bytes).map(fields + 1).unwrap();
        bytes.extend_from_slice(&least().to_bytes()[1..]);
        Encoder::new(&mut bytes)
            .u8(field)
            .unwrap()
            .u64(number)
            .unwrap();
        assert!(Track::from_bytes(&bytes).is_err(), "{field}: {number}");
    }
    assert_eq!(to_ordinal(65_537), None);
    assert_eq!(to_ordinal(1999), Some(1999));
}

#[test]
fn fields_of_newer_versions_are_skipped() {
    let mut bytes = Vec::new();
    let written = least().to_bytes();
    let fields = Decoder::new(&written).map().unwrap().unwrap();
    Encoder::new(&mut bytes).map(fields + 1).unwrap();
    bytes.extend_from_slice(&written[1..]);
    Encoder::new(&mut bytes).u8(99).unwrap().str("new").unwrap();
    assert_eq!(Track::from_bytes(&bytes), Ok(least()));
}

#[test]
fn every_track_has_a_title_to_show() {
    for (title, name, shown) in [
        ("Purr", "x.mp3", "Purr"),
        ("", "03 小猫.flac", "03 小猫"),
        ("", "noise", "noise"),
        ("", ".flac", ".flac"),
        ("", "\u{200b}.mp3", ".mp3"),
    ] {
        let track = Track {
            title: title.into(),
            name: name.into(),
            ..track()
        };
        assert_eq!(track.shown_title(), shown);
    }
    let nothing = Track {
        title: String::new(),
        name: "\u{200b}".into(),
        ..track()
    };
    assert_eq!(nothing.shown_title(), nothing.id.to_string());
}
