//! What each format says, beyond what ffmpeg writes: counts, pictures, texts in odd places.

use std::time::Duration;

use base64ct::{Base64, Base64Unpadded, Encoding};
use catnest::{
    limits,
    music::tags::{Format, LeftOut, picture},
};

use crate::{
    read, read_sparse,
    writers::{block, chunk, comments, flac, frame, id3, item, mp4, mpeg, opus, pages, png, wav},
};

const SECOND: Duration = Duration::from_secs(1);

/// A second of MPEG-1 layer III is 38.28 frames; the first of these has the given text at a place.
fn counted(at: usize, text: &[u8]) -> Vec<u8> {
    let mut file = mpeg(4);
    file[at..at + text.len()].copy_from_slice(text);
    file
}

#[test]
fn mpeg_plays_as_long_as_it_says_or_as_its_frames_let_reckon() {
    let frames = |count: u64| Duration::from_millis(count * 1152 * 1000 / 44_100);
    let xing = |name: &[u8], count: u32| [name, &1u32.to_be_bytes(), &count.to_be_bytes()].concat();
    // Mono, so the counts are 17 bytes after the header.
    let cases = [
        (mpeg(40), frames(40)),
        (counted(21, &xing(b"Xing", 100)), frames(100)),
        (counted(21, &xing(b"Info", 100)), frames(100)),
        // More than could ever be in it: its bytes say better.
        (counted(21, &xing(b"Xing", u32::MAX)), frames(4)),
        (counted(21, b"Xing\0\0\0\0"), frames(4)),
        (
            counted(
                36,
                &[b"VBRI\0\x01\0\0\0\0\0\0\0\0", &200u32.to_be_bytes()[..]].concat(),
            ),
            frames(200),
        ),
        // What the encoder put before and after.
        (
            counted(
                21,
                &[
                    &xing(b"Xing", 100)[..],
                    b"LAME3.100",
                    &[0; 12],
                    &[0x24, 0x04, 0x80],
                ]
                .concat(),
            ),
            Duration::from_millis((100 * 1152 - 0x240 - 0x480) * 1000 / 44_100),
        ),
        // Junk before the music.
        ([&[0xff, 0, 1, 2][..], &mpeg(40)].concat(), frames(40)),
        (
            b"x".repeat(30_000).into_iter().chain(mpeg(40)).collect(),
            frames(40),
        ),
    ];
    for (index, (file, play)) in cases.into_iter().enumerate() {
        let tags = read(&file).unwrap();
        assert_eq!(tags.format, Format::Mpeg, "{index}");
        let told = tags.play.unwrap();
        assert!(
            told.abs_diff(play) <= Duration::from_millis(2),
            "{index}: {told:?} {play:?}"
        );
    }
}

#[test]
fn flac_says_its_samples_and_pictures() {
    let front = block(6, &super::writers::picture(3, 300, &png(600, 500, 300)));
    let back = block(6, &super::writers::picture(4, 200, &png(60, 50, 200)));
    let tags = block(
        4,
        &comments(&[b"title=A", b"Artist=B", b"LYRICS=[00:01.00]la\nla"]),
    );
    let file = flac(96_000, 96_000, &[tags, back.clone(), front, back]);
    let tags = read(&file).unwrap();
    assert_eq!(tags.play, Some(SECOND));
    assert_eq!((tags.title.as_str(), tags.artist.as_str()), ("A", "B"));
    assert_eq!(tags.lyrics, "[00:01.00]la\nla");
    let cover = tags.cover.unwrap();
    assert_eq!(
        (cover.width, cover.height, cover.bytes.len()),
        (600, 500, 300)
    );
    // A stream of unknown length.
    assert_eq!(read(&flac(44_100, 0, &[])).unwrap().play, None);
    assert_eq!(read(&flac(0, 44_100, &[])).unwrap().play, None);
}

#[test]
fn ogg_has_pictures_in_its_comments() {
    let picture = super::writers::picture(3, 100_000, &png(64, 64, 100_000));
    for text in [
        Base64::encode_string(&picture),
        Base64Unpadded::encode_string(&picture),
    ] {
        let comment = format!("metadata_block_picture={text}");
        let file = opus(
            &comments(&[b"TITLE=A", comment.as_bytes(), b"ALBUM=C"]),
            48_000,
        );
        let tags = read(&file).unwrap();
        assert_eq!((tags.title.as_str(), tags.album.as_str()), ("A", "C"));
        assert_eq!(tags.cover.unwrap().bytes.len(), 100_000);
        assert_eq!((tags.play, tags.left_out), (Some(SECOND), vec![]));
    }
    let file = opus(&comments(&[b"METADATA_BLOCK_PICTURE=%%%%%%%%"]), 48_000);
    assert_eq!(read(&file).unwrap().left_out, [LeftOut::Damaged]);
}

#[test]
fn ogg_may_have_other_streams_beside_the_music() {
    let vorbis = [
        &b"\x01vorbis\0\0\0\0\x02"[..],
        &8000u32.to_le_bytes(),
        &[0; 13],
    ]
    .concat();
    let told = [b"\x03vorbis", &comments(&[b"TITLE=A"])[..]].concat();
    let file = [
        pages(1, true, 0, b"\x80theora and more"),
        pages(2, true, 0, &vorbis),
        pages(1, false, 0, b"\x81theora"),
        pages(2, false, 0, &told),
        pages(2, false, 16_000, &[0; 100]),
        pages(1, false, 99_000_000, &[0; 1000]),
    ]
    .concat();
    let tags = read(&file).unwrap();
    assert_eq!(
        (tags.format, tags.play),
        (Format::OggVideo, Some(2 * SECOND))
    );
    assert_eq!(tags.title, "A");
}

#[test]
fn ogg_may_carry_flac() {
    let native = flac(44_100, 44_100, &[]);
    let head = [b"\x7fFLAC\x01\0\0\x01", &native[..42]].concat();
    let told = block(4, &comments(&[b"TITLE=A"]));
    let file = [pages(3, true, 0, &head), pages(3, false, 0, &told)].concat();
    let tags = read(&file).unwrap();
    assert_eq!((tags.format, tags.play), (Format::Ogg, Some(SECOND)));
    assert_eq!(tags.title, "A");
}

#[test]
fn mp4_says_its_tags_in_boxes() {
    let items = [
        item(b"\xa9nam", 1, "猫".as_bytes()),
        item(b"aART", 1, b"Many"),
        item(b"\xa9alb", 2, &[0x73, 0x2b]),
        item(b"trkn", 0, &[0, 0, 0, 3, 0, 9, 0, 0]),
        item(b"disk", 0, &[0, 0, 0, 2, 0, 2]),
        item(b"\xa9day", 1, b"2026-01-02T00:00:00Z"),
        item(b"\xa9lyr", 1, b"la\r\nla"),
        item(b"covr", 14, &png(80, 80, 400)),
        item(b"----", 1, b"whatever"),
    ];
    let tags = read(&mp4(48_000, 96_000, &items)).unwrap();
    assert_eq!((tags.format, tags.play), (Format::Mp4, Some(2 * SECOND)));
    assert_eq!((tags.title.as_str(), tags.artist.as_str()), ("猫", "Many"));
    assert_eq!(
        (tags.album.as_str(), tags.lyrics.as_str()),
        ("猫", "la\nla")
    );
    assert_eq!(
        (tags.number, tags.disc, tags.year),
        (Some(3), Some(2), Some(2026))
    );
    assert_eq!(tags.cover.unwrap().bytes.len(), 400);
    assert_eq!(tags.left_out, []);
    // Unknown lengths.
    for (rate, units) in [(0, 1), (48_000, u32::MAX), (48_000, 0)] {
        assert_eq!(read(&mp4(rate, units, &[])).unwrap().play, None);
    }
}

#[test]
fn of_a_long_mp4_only_the_ends_are_read() {
    // The music first, 100 MB of it, and the tags behind.
    let file = mp4(8000, 8000, &[item(b"\xa9nam", 1, b"late")]);
    let at = file.len() - 108;
    let (ftyp, moov) = (&file[..16], &file[16..at]);
    let mdat = [&100_000_000u32.to_be_bytes()[..], b"mdat"].concat();
    let late = 16 + 100_000_000;
    let (told, bytes) = read_sparse(
        late + moov.len() as u64,
        &[(0, ftyp), (16, &mdat), (late, moov)],
    );
    assert_eq!(told.unwrap().title, "late");
    assert!(bytes <= 3 * 65_536, "{bytes} bytes");
}

#[test]
fn wav_says_its_tags_before_or_after_the_sound() {
    let list =
        |kind: &[u8; 4], text: &[u8]| chunk(b"LIST", &[b"INFO", &chunk(kind, text)[..]].concat());
    let tag = id3(3, 0, &[frame(3, b"TALB", 0, b"\0C")]);
    let file = wav(&[
        list(b"INAM", "猫\0".as_bytes()),
        chunk(b"data", &[0; 16_001]),
        list(b"IART", b"B"),
        list(b"ITRK", b"4"),
        chunk(b"id3 ", &tag),
    ]);
    let tags = read(&file).unwrap();
    assert_eq!(tags.format, Format::Wav);
    assert_eq!(tags.play, Some(Duration::from_millis(2000)));
    assert_eq!((tags.title.as_str(), tags.artist.as_str()), ("猫", "B"));
    assert_eq!((tags.album.as_str(), tags.number), ("C", Some(4)));
    // Its recorder did not come to say how long it is.
    let mut open = wav(&[chunk(b"data", &[0; 8000])]);
    open[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(read(&open).unwrap().play, Some(SECOND));
}

#[test]
fn pictures_say_what_they_are_and_how_large() {
    let webp = |kind: &[u8], rest: &[u8]| [b"RIFF\0\0\0\0WEBP", kind, &[0; 4], rest].concat();
    let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc4\0\x02\xff\xc2\0\x0b\x08\0\x40\0\x80";
    type Found = Result<(&'static str, u32, u32), LeftOut>;
    let cases: [(Vec<u8>, Found); 11] = [
        (png(3, 4, 100), Ok(("image/png", 3, 4))),
        (b"GIF89a\x05\0\x06\0".to_vec(), Ok(("image/gif", 5, 6))),
        (jpeg.to_vec(), Ok(("image/jpeg", 128, 64))),
        (
            webp(b"VP8X", &[0, 0, 0, 0, 9, 0, 0, 7, 0, 0]),
            Ok(("image/webp", 10, 8)),
        ),
        (
            webp(b"VP8 ", &[0, 0, 0, 0x9d, 1, 0x2a, 16, 0x40, 32, 0x40, 0, 0]),
            Ok(("image/webp", 16, 32)),
        ),
        (
            webp(b"VP8L", &[0x2f, 0x0f, 0xc0, 0x01, 0]),
            Ok(("image/webp", 16, 8)),
        ),
        (
            png(0, 4, 100),
            Err(LeftOut::CoverPixels {
                width: 0,
                height: 4,
            }),
        ),
        (
            png(30_000, 30_000, 100),
            Err(LeftOut::CoverPixels {
                width: 30_000,
                height: 30_000,
            }),
        ),
        (b"<svg onload=alert(1)>".to_vec(), Err(LeftOut::CoverKind)),
        (b"\xff\xd8\xff\xda".to_vec(), Err(LeftOut::CoverKind)),
        (
            png(3, 4, limits::MAX_COVER_BYTES as usize + 1),
            Err(LeftOut::CoverBytes),
        ),
    ];
    for (bytes, expected) in cases {
        for end in 0..bytes.len().min(100) {
            let _ = picture::check(bytes[..end].to_vec());
        }
        let told = picture::check(bytes);
        let told = told.map(|picture| (picture.media_type, picture.width, picture.height));
        assert_eq!(told, expected);
    }
}
