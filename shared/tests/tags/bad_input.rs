//! Files that were made to do harm: nothing panics, little is read, and what is left can be shown.

use base64ct::{Base64, Encoding};
use catnest::{
    limits,
    music::tags::{LeftOut, Step, TagReader},
};

use crate::{
    read, read_counted, read_sparse,
    writers::{
        block, boxed, chunk, comments, flac, frame, id3, item, mp4, mpeg, opus, pages, picture,
        png, syncsafe, wav,
    },
};

#[test]
fn a_cover_of_100_mb_is_not_read() {
    const HUGE: u32 = 100_000_000;
    let apic = [b"APIC", &syncsafe(HUGE)[..], b"\0\0\0image/png\0\x03\0"].concat();
    let title = frame(4, b"TIT2", 0, b"\0A");
    let tag = [b"ID3\x04\0\0", &syncsafe(HUGE + 1000)[..], &title, &apic].concat();
    let music = (HUGE + 1010).into();
    let (told, bytes) = read_sparse(2_000_000_000, &[(0, &tag), (music, &mpeg(4))]);
    let tags = told.unwrap();
    assert_eq!(tags.title, "A");
    assert_eq!(tags.left_out, [LeftOut::CoverBytes]);
    assert!(bytes < 1_000_000, "{bytes} bytes");
    // The largest block of FLAC, and a comment before it.
    let told = block(4, &comments(&[b"TITLE=A"]));
    let head = picture(3, 0xff_ff00, &png(9, 9, 24));
    let file = flac(
        44_100,
        44_100,
        &[told, [&b"\x06\xff\xff\xff"[..], &head].concat()],
    );
    let (told, bytes) = read_sparse(2_000_000_000, &[(0, &file)]);
    let tags = told.unwrap();
    assert_eq!(tags.title, "A");
    assert!(tags.left_out.contains(&LeftOut::CoverBytes));
    assert!(bytes < 1_000_000, "{bytes} bytes");
    let mut file = mp4(8000, 8000, &[item(b"covr", 14, &png(9, 9, 24))]);
    let covr = file.windows(4).position(|kind| kind == b"covr").unwrap();
    for at in [covr - 4, covr + 4] {
        file[at..at + 4].copy_from_slice(&HUGE.to_be_bytes());
    }
    // What it claims is cut to what is there.
    assert_eq!(read(&file).unwrap().cover.map(|cover| cover.width), Some(9));
}

#[test]
fn a_claim_of_100_mb_in_a_small_file_is_damage() {
    let picture = picture(3, 100_000_000, &png(9, 9, 24));
    let tags = read(&flac(44_100, 44_100, &[block(6, &picture)])).unwrap();
    // A picture is as long as its block lets it be.
    assert_eq!(tags.cover.map(|cover| cover.bytes.len()), Some(24));
    let text = Base64::encode_string(&picture);
    let comment = format!("METADATA_BLOCK_PICTURE={text}");
    let tags = read(&opus(&comments(&[comment.as_bytes()]), 48_000)).unwrap();
    assert_eq!(tags.cover.map(|cover| cover.bytes.len()), Some(24));
}

#[test]
fn thirty_thousand_pixels_are_left_out() {
    let picture = picture(3, 24, &png(30_000, 30_000, 24));
    let tags = read(&flac(44_100, 44_100, &[block(6, &picture)])).unwrap();
    let told = LeftOut::CoverPixels {
        width: 30_000,
        height: 30_000,
    };
    assert_eq!((tags.cover, tags.left_out), (None, vec![told]));
}

#[test]
fn lengths_of_four_gigabytes_end_at_the_files_end() {
    let max = u32::MAX;
    // Comments that claim to be that many, or that long.
    for count in [1, max] {
        let lies = [&max.to_le_bytes()[..], &count.to_le_bytes(), b"TITLE=A"].concat();
        let tags = read(&flac(44_100, 44_100, &[block(4, &lies)])).unwrap();
        assert_eq!(tags.left_out, [LeftOut::Damaged]);
        let lies = [
            &[0; 4],
            &count.to_le_bytes()[..],
            &max.to_le_bytes(),
            b"TITLE=A",
        ]
        .concat();
        let tags = read(&flac(44_100, 44_100, &[block(4, &lies)])).unwrap();
        // Cut off, but it can be read.
        assert_eq!(tags.title, "A");
    }
    // A picture whose media type or description is that long.
    for at in [4, 17] {
        let mut lies = picture(3, 24, &png(9, 9, 24));
        lies[at..at + 4].copy_from_slice(&max.to_be_bytes());
        let tags = read(&flac(44_100, 44_100, &[block(6, &lies)])).unwrap();
        assert_eq!((tags.cover, tags.left_out), (None, vec![LeftOut::Damaged]));
    }
    // Boxes, chunks and frames.
    let file = mp4(8000, 8000, &[item(b"\xa9nam", 1, b"A")]);
    for at in 0..file.len() - 4 {
        for length in [max, max - 7, 0, 1, 7, 8] {
            let mut lies = file.clone();
            lies[at..at + 4].copy_from_slice(&length.to_be_bytes());
            let _ = read(&lies);
        }
    }
    let file = wav(&[
        chunk(b"LIST", b"INFOINAM\x02\0\0\0A\0"),
        chunk(b"data", &[0; 9]),
    ]);
    for at in 0..file.len() - 4 {
        for length in [max, max - 7, 0, 1] {
            let mut lies = file.clone();
            lies[at..at + 4].copy_from_slice(&length.to_le_bytes());
            let _ = read(&lies);
        }
    }
    for version in [2, 3, 4] {
        let mut tag = id3(version, 0, &[frame(version, b"TIT2", 0, b"\0A")]);
        tag[14..18].copy_from_slice(&max.to_be_bytes());
        let _ = read(&[tag, mpeg(4)].concat());
    }
    // A box of 64 bits that comes back to itself.
    let lies = [b"\0\0\0\x01moov", &u64::MAX.to_be_bytes()[..]].concat();
    assert!(read(&lies).is_err());
}

#[test]
fn megabytes_of_text_are_a_line() {
    let text = "x".repeat(5_000_000);
    let title = ["TITLE=", &text].concat();
    let told = comments(&[title.as_bytes(), b"ALBUM=C"]);
    let (tags, bytes) = read_counted(&flac(44_100, 44_100, &[block(4, &told)]));
    let tags = tags.unwrap();
    assert_eq!(
        (tags.title.len(), tags.album.as_str()),
        (limits::MAX_TAG_BYTES, "C")
    );
    assert!(bytes < 1_000_000, "{bytes} bytes");
    let lyrics = ["LYRICS=", &"la\n".repeat(1_000_000)].concat();
    let told = comments(&[lyrics.as_bytes()]);
    let tags = read(&flac(44_100, 44_100, &[block(4, &told)])).unwrap();
    assert!(tags.lyrics.len() <= limits::MAX_TAG_LYRICS_BYTES);
    let tag = id3(
        4,
        0,
        &[frame(4, b"TIT2", 0, &[b"\x03", text.as_bytes()].concat())],
    );
    let tags = read(&[&tag[..], &mpeg(4)].concat()).unwrap();
    assert_eq!(tags.title.len(), limits::MAX_TAG_BYTES);
}

#[test]
fn many_small_things_are_not_all_looked_at() {
    let many = 100_000;
    let told = comments(&vec![&b"A=B"[..]; many]);
    let tags = read(&flac(44_100, 44_100, &[block(4, &told)])).unwrap();
    assert_eq!(tags.left_out, [LeftOut::TooMuch]);
    let tags = read(&flac(44_100, 44_100, &vec![block(2, b""); many])).unwrap();
    assert_eq!(tags.left_out, [LeftOut::TooMuch]);
    // An id for experiments (ID3v2.3 §3.3): nothing reads it, and each of them is passed over.
    let tags = read(&[id3(3, 0, &vec![frame(3, b"XXXX", 0, b""); many]), mpeg(4)].concat());
    assert_eq!(tags.unwrap().left_out, [LeftOut::TooMuch]);
    let tags = read(&mp4(8000, 8000, &vec![item(b"\xa9too", 1, b""); many])).unwrap();
    assert_eq!(tags.left_out, [LeftOut::TooMuch]);
    let data = chunk(b"data", &[0; 8]);
    let tags = read(&wav(&[data, vec![chunk(b"junk", b""); many].concat()])).unwrap();
    assert_eq!(tags.left_out, [LeftOut::TooMuch]);
    // Streams that begin and begin, and pages of nothing.
    assert!(read(&pages(1, true, 0, b"?").repeat(many)).is_err());
    let file = [
        opus(&comments(&[]), 0)[..47].to_vec(),
        pages(8, false, 0, b"?").repeat(many),
    ];
    assert!(
        read(&file.concat())
            .unwrap()
            .left_out
            .contains(&LeftOut::TooMuch)
    );
    // A thousand tags, one before the other.
    assert!(read(&id3(4, 0, &[]).repeat(1000)).is_err());
}

#[test]
fn boxes_in_boxes_do_not_recurse() {
    let mut nested = Vec::new();
    for _ in 0..10_000 {
        nested = boxed(b"meta", &[&[0; 4], &nested[..]].concat());
    }
    assert!(read(&[boxed(b"ftyp", b"M4A "), boxed(b"moov", &nested)].concat()).is_err());
    let mut nested = Vec::new();
    for _ in 0..10_000 {
        nested = boxed(b"moov", &nested);
    }
    assert!(read(&nested).is_err());
}

#[test]
fn a_file_that_became_shorter_ends_there() {
    let file = flac(44_100, 44_100, &[block(4, &comments(&[b"TITLE=A"]))]);
    let mut reader = TagReader::new(10_000_000);
    loop {
        match reader.step() {
            Step::Read(range) => {
                let begin = file.len().min(range.offset as usize);
                reader.feed(&file[begin..]);
            }
            Step::Done(told) => break assert_eq!(told.unwrap().title, "A"),
        }
    }
    // Or is gone.
    let mut reader = TagReader::new(10_000_000);
    while let Step::Read(_) = reader.step() {
        reader.feed(&[]);
    }
    // What was not asked for is not taken.
    reader.feed(&file);
    assert!(matches!(reader.step(), Step::Done(told) if told.is_err()));
}
