//! ID3 of all versions: encodings, unsynchronisation, odd lengths, pictures and lyrics.

use catnest::music::tags::{LeftOut, Tags};

use crate::{
    read,
    writers::{frame, id3, id3_around, mpeg, png, syncsafe},
};

fn tagged(tag: &[u8]) -> Tags {
    read(&[tag, &mpeg(4)].concat()).unwrap()
}

/// A tag with the title "A" last, so that it is seen whether everything before was passed well.
fn titled(version: u8, flags: u8, mut frames: Vec<Vec<u8>>) -> Tags {
    let id: &[u8] = if version == 2 { b"TT2" } else { b"TIT2" };
    frames.push(frame(version, id, 0, b"\0A"));
    let tags = tagged(&id3(version, flags, &frames));
    assert_eq!(tags.title, "A", "version {version}");
    tags
}

#[test]
fn every_version_has_the_same_fields() {
    for (version, ids) in [
        (2, [&b"TP1"[..], b"TAL", b"TRK", b"TPA", b"TYE"]),
        (3, [b"TPE1", b"TALB", b"TRCK", b"TPOS", b"TYER"]),
        (4, [b"TPE1", b"TALB", b"TRCK", b"TPOS", b"TDRC"]),
    ] {
        let values = [&b"\0B"[..], b"\0C", b"\x003/12", b"\x001/2", b"\x002026-05"];
        let frames = ids.iter().zip(values);
        let tags = titled(
            version,
            0,
            frames
                .map(|(id, value)| frame(version, id, 0, value))
                .collect(),
        );
        assert_eq!((tags.artist.as_str(), tags.album.as_str()), ("B", "C"));
        assert_eq!(
            (tags.number, tags.disc, tags.year),
            (Some(3), Some(1), Some(2026))
        );
        assert_eq!(tags.left_out, []);
    }
}

#[test]
fn text_is_read_in_every_encoding() {
    for (content, text) in [
        (&b"\0plain"[..], "plain"),
        (b"\0caf\xe9s", "cafés"),
        (b"\0caf\xe9", "café"),
        // Said to be ISO-8859-1, and is not.
        (b"\0\xe7\x8c\xab", "猫"),
        (b"\x01\xff\xfe\x2b\x73", "猫"),
        (b"\x01\xfe\xff\x73\x2b\0\0", "猫"),
        (b"\x02\x73\x2b", "猫"),
        (b"\x03\xe7\x8c\xab\0", "猫"),
        (b"\x03B\0C", "B, C"),
        (b"\x01\xff\xfe\x00\xd8", "\u{fffd}"),
        (b"\x03", ""),
        (b"", ""),
        (b"\x03\x1b[31m\xe2\x80\xaegpj.exe", "[31mgpj.exe"),
    ] {
        let tags = titled(4, 0, vec![frame(4, b"TPE1", 0, content)]);
        assert_eq!(tags.artist, text, "{content:?}");
    }
}

#[test]
fn unsynchronised_tags_are_read() {
    // In UTF-16 the mark alone is FF FE; a zero stands between FF and what follows it.
    let apart = b"\x01\xff\0\xfe\x2b\x73";
    let whole = b"\x01\xff\xfe\x2b\x73";
    let tags = titled(4, 0, vec![frame(4, b"TPE1", 0x02, apart)]);
    assert_eq!(tags.artist, "猫");
    let tags = titled(4, 0x80, vec![frame(4, b"TPE1", 0, apart)]);
    assert_eq!(tags.artist, "猫");
    for version in [2, 3] {
        let ids = if version == 2 {
            [&b"TP1"[..], b"TT2"]
        } else {
            [&b"TPE1"[..], b"TIT2"]
        };
        let body = [
            frame(version, ids[0], 0, whole),
            frame(version, ids[1], 0, b"\0A"),
        ]
        .concat();
        let apart: Vec<u8> = body
            .iter()
            .flat_map(|byte| {
                if *byte == 0xff {
                    vec![0xff, 0]
                } else {
                    vec![*byte]
                }
            })
            .collect();
        let tags = tagged(&id3_around(version, 0x80, &apart));
        assert_eq!((tags.artist.as_str(), tags.title.as_str()), ("猫", "A"));
    }
}

#[test]
fn headers_and_frames_with_more_around_them_are_read() {
    let title = |version| frame(version, b"TIT2", 0, b"\0A");
    // Extended headers: in 2.3 their length does not count itself, in 2.4 it does.
    let three = [&6u32.to_be_bytes()[..], &[0; 6], &title(3)].concat();
    assert_eq!(tagged(&id3_around(3, 0x40, &three)).title, "A");
    let four = [&syncsafe(6)[..], &[1, 0], &title(4)].concat();
    assert_eq!(tagged(&id3_around(4, 0x40, &four)).title, "A");
    // A group and a count before the content.
    let grouped = frame(4, b"TPE1", 0x41, &[&[7], &syncsafe(2)[..], b"\0B"].concat());
    assert_eq!(titled(4, 0, vec![grouped]).artist, "B");
    assert_eq!(
        titled(3, 0, vec![frame(3, b"TPE1", 0x20, b"\x07\0B")]).artist,
        "B"
    );
    // A footer.
    let tag = [&id3(4, 0x10, &[title(4)])[..], b"3DI\x04\0\0\0\0\0\x10"].concat();
    assert_eq!(tagged(&tag).title, "A");
    // Two tags.
    let tag = [id3(3, 0, &[]), id3(4, 0, &[title(4)])].concat();
    assert_eq!(tagged(&tag).title, "A");
}

#[test]
fn lengths_that_itunes_wrote_are_read() {
    let long = [b"\0", &b"b".repeat(256)[..]].concat();
    let mut plain = frame(4, b"TPE1", 0, &long);
    plain[4..8].copy_from_slice(&257u32.to_be_bytes());
    assert_eq!(titled(4, 0, vec![plain]).artist.len(), 256);
    assert_eq!(
        titled(4, 0, vec![frame(4, b"TPE1", 0, &long)]).artist.len(),
        256
    );
}

#[test]
fn packed_frames_are_left_out() {
    for (version, flags) in [(3, 0x80), (3, 0x40), (4, 0x08), (4, 0x04)] {
        let tags = titled(
            version,
            0,
            vec![frame(version, b"TPE1", flags, b"x\x9c...")],
        );
        assert_eq!(
            (tags.artist.as_str(), tags.left_out),
            ("", vec![LeftOut::Packed])
        );
    }
    assert_eq!(tagged(&id3(2, 0x40, &[])).left_out, [LeftOut::Packed]);
}

#[test]
fn m5_pictures_are_found() {
    let small = png(8, 9, 100);
    let large = png(80, 90, 70_000);
    let apic = |kind: u8, head: &[u8], bytes: &[u8]| {
        frame(
            4,
            b"APIC",
            0,
            &[b"\0image/png\0", &[kind][..], head, bytes].concat(),
        )
    };
    let size = |tags: Tags| tags.cover.map(|cover| (cover.width, cover.bytes.len()));
    // The front cover, wherever it stands.
    let tags = titled(4, 0, vec![apic(4, b"\0", &small), apic(3, b"\0", &large)]);
    assert_eq!(size(tags), Some((80, 70_000)));
    let tags = titled(
        4,
        0,
        vec![apic(3, b"said\0", &large), apic(0, b"\0", &small)],
    );
    assert_eq!(size(tags), Some((80, 70_000)));
    let two = [b"\x01PNG\x03\xff\xfea\0\0\0", &small[..]].concat();
    assert_eq!(
        size(titled(2, 0, vec![frame(2, b"PIC", 0, &two)])),
        Some((8, 100))
    );
    // Somebody else's server.
    let linked = frame(4, b"APIC", 0, b"\0-->\0\x03\0https://example.org/a.png");
    assert_eq!(size(titled(4, 0, vec![linked])), None);
    // What it is said to be does not matter.
    let text = frame(4, b"APIC", 0, b"\0image/png\0\x03\0<script>");
    assert_eq!(titled(4, 0, vec![text]).left_out, [LeftOut::CoverKind]);
}

#[test]
fn lyrics_are_found() {
    let plain = frame(4, b"USLT", 0, b"\0engsaid\0la\nla\n");
    assert_eq!(titled(4, 0, vec![plain]).lyrics, "la\nla");
    let wide = frame(3, b"USLT", 0, b"\x01eng\xff\xfe\0\0\xff\xfe\x2b\x73");
    assert_eq!(titled(3, 0, vec![wide]).lyrics, "猫");
    let times = [
        &b"\0eng\x02\x01\0la\0"[..],
        &1230u32.to_be_bytes(),
        b"\nlo\0",
        &3_599_999u32.to_be_bytes(),
        b"cut\0\0",
    ];
    let timed = frame(4, b"SYLT", 0, &times.concat());
    assert_eq!(
        titled(4, 0, vec![timed]).lyrics,
        "[00:01.230]la\n[59:59.999]lo"
    );
}

/// Chinese programs call GBK what ID3 calls ISO-8859-1.
#[test]
fn texts_in_gbk_are_guessed_of_all_the_tag() {
    for version in [3, 4] {
        let frames = [
            frame(version, b"TIT2", 0, b"\0\xf7\xd2\xf7\xd1"),
            frame(version, b"TPE1", 0, b"\0\xd6\xdc\xbd\xdc\xc2\xd7\0Nest"),
            frame(version, b"TALB", 0, b"\x03caf\xc3\xa9"),
            frame(
                version,
                b"USLT",
                0,
                b"\0chi\0\xd0\xa1\xc3\xa8\n\xb3\xaa\xb8\xe8",
            ),
        ];
        let tags = tagged(&id3(version, 0, &frames));
        assert_eq!((tags.title.as_str(), tags.album.as_str()), ("饕餮", "café"));
        assert_eq!(tags.artist, "周杰伦, Nest");
        assert_eq!(tags.lyrics, "小猫\n唱歌");
    }
    let latin = [
        frame(3, b"TIT2", 0, b"\0J\xf3ga"),
        frame(3, b"TPE1", 0, b"\0Bj\xf6rk"),
    ];
    let tags = tagged(&id3(3, 0, &latin));
    assert_eq!(
        (tags.title.as_str(), tags.artist.as_str()),
        ("Jóga", "Björk")
    );
    let timed = [
        &b"\0chi\x02\x01\0"[..],
        b"\n\xd0\xa1\xc3\xa8\0\0\0\x03\xe8",
        b"\n\xb3\xaa\xb8\xe8\0\0\0\x07\xd0",
    ]
    .concat();
    let tags = tagged(&id3(3, 0, &[frame(3, b"SYLT", 0, &timed)]));
    assert_eq!(tags.lyrics, "[00:01.000]小猫\n[00:02.000]唱歌");
}
