//! Files that ffmpeg made (`tests/fixtures/music/make.sh`), in each format.

use catnest::{
    music::{
        tags::{Format, TagsError},
        track::TrackError,
    },
    resource::{Descriptor, Md5, ResourceId},
    time::Millis,
};

use crate::{read, writers};

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../fixtures/music/", $name)).as_slice()
    };
}

const FILES: [(&str, &[u8], Format, u64); 9] = [
    ("cover.mp3", file!("cover.mp3"), Format::Mpeg, 1000),
    ("cover.flac", file!("cover.flac"), Format::Flac, 300),
    ("cover.m4a", file!("cover.m4a"), Format::Mp4, 1000),
    ("first.m4a", file!("first.m4a"), Format::Mp4, 1000),
    ("tone.ogg", file!("tone.ogg"), Format::Ogg, 1000),
    ("tone.opus", file!("tone.opus"), Format::Ogg, 1000),
    ("tone.wav", file!("tone.wav"), Format::Wav, 1000),
    // Without any tag.
    ("bare.mp3", file!("bare.mp3"), Format::Mpeg, 1080),
    ("tone.aac", file!("tone.aac"), Format::Aac, 0),
];

#[test]
fn m17_every_format_tells_what_it_is_and_how_long_it_plays() {
    for (name, file, format, ms) in FILES {
        let tags = read(file).unwrap();
        assert_eq!(tags.format, format, "{name}");
        assert_eq!(tags.left_out, [], "{name}");
        let play = tags.play.map_or(0, |play| play.as_millis());
        // Encoders add up to two of their frames.
        let most = u128::from(ms) + 150;
        assert!((ms.into()..=most).contains(&play), "{name}: {play} ms");
    }
}

#[test]
fn every_format_tells_its_tags() {
    for (name, file, format, _) in FILES.into_iter().take(7) {
        let tags = read(file).unwrap();
        let texts = [&tags.title, &tags.artist, &tags.album].map(String::as_str);
        assert_eq!(texts, ["小猫", "Nest", "Purr"], "{name}");
        assert_eq!((tags.number, tags.year), (Some(3), Some(2026)), "{name}");
        // RIFF INFO has no field for it.
        let disc = (format != Format::Wav).then_some(1);
        assert_eq!(tags.disc, disc, "{name}");
    }
}

#[test]
fn m17_tags_and_a_descriptor_make_a_track() {
    for (name, file, format, _) in FILES {
        let tags = read(file).unwrap();
        let mut descriptor = Descriptor {
            id: ResourceId([1; 32]),
            length: file.len() as u64,
            md5: Md5([2; 16]),
            name: name.into(),
            media_type: format.media_type().into(),
        };
        let track = tags.track(&descriptor, Millis(5)).unwrap();
        assert_eq!(track.descriptor(), descriptor, "{name}");
        assert_eq!((&track.title, &track.artist), (&tags.title, &tags.artist));
        assert_eq!((&track.album, track.year), (&tags.album, tags.year));
        assert_eq!((track.number, track.disc), (tags.number, tags.disc));
        assert_eq!(track.play(), tags.play, "{name}");
        assert_eq!((track.cover, track.lyrics), (None, None));
        assert_eq!(track.added, Millis(5));
        descriptor.media_type = "text/plain".into();
        let refused = tags.track(&descriptor, Millis(5));
        assert_eq!(refused, Err(TrackError::MediaType), "{name}");
    }
}

#[test]
fn m5_covers_are_found_in_the_file() {
    for (name, file, ..) in FILES.into_iter().take(3) {
        let cover = read(file).unwrap().cover.unwrap();
        assert_eq!(cover.media_type, "image/jpeg", "{name}");
        assert_eq!((cover.width, cover.height), (32, 32), "{name}");
        assert!(cover.bytes.ends_with(&[0xff, 0xd9]), "{name}: all of it");
    }
}

#[test]
fn a_file_that_is_cut_off_anywhere_gives_what_is_there() {
    for (name, file, format, _) in FILES {
        let mut music = false;
        for end in 0..file.len() {
            let told = read(&file[..end]);
            match told {
                Ok(tags) => {
                    assert_eq!(tags.format, format, "{name}, {end} bytes");
                    music = true;
                }
                Err(TagsError::Empty) => assert_eq!(end, 0),
                // Of an MP4 with its tags at the end nothing is left.
                Err(_) => assert!(!music || format == Format::Mp4, "{name}, {end} bytes"),
            }
        }
        // Only the last block of sound, or a part of the last box, is missing.
        let tags = read(&file[..file.len() - 20]);
        assert!(tags.is_ok(), "{name}: {tags:?}");
    }
}

#[test]
fn any_byte_may_be_another() {
    for (_, file, ..) in FILES {
        for at in 0..file.len().min(3000) {
            for byte in [0, 0xff, file[at] ^ 0x80, file[at].wrapping_add(1)] {
                let mut damaged = file.to_vec();
                damaged[at] = byte;
                let _ = read(&damaged);
            }
        }
    }
}

#[test]
fn a_tag_before_hides_nothing() {
    for (name, file, format, _) in FILES {
        let tag = writers::id3(4, 0, &[writers::frame(4, b"TPE2", 0, b"\x03Many")]);
        let tags = read(&[&tag, file].concat()).unwrap();
        assert_eq!(tags.format, format, "{name}");
        if name == "bare.mp3" || name == "tone.aac" {
            assert_eq!(tags.artist, "Many", "{name}");
        }
    }
}

#[test]
fn the_tag_of_version_1_fills_what_is_empty() {
    let tag = writers::id3_v1("Kitten", "Cat", "Claws", "1999", 7);
    let tags = read(&[file!("bare.mp3"), &tag].concat()).unwrap();
    assert_eq!(
        (tags.title.as_str(), tags.artist.as_str()),
        ("Kitten", "Cat")
    );
    assert_eq!((tags.album.as_str(), tags.year), ("Claws", Some(1999)));
    assert_eq!(tags.number, Some(7));
    let tags = read(&[file!("cover.mp3"), &tag].concat()).unwrap();
    assert_eq!(tags.title, "小猫");
    // Cut within a character of UTF-8, as its fields of 30 bytes are.
    let long = "猫".repeat(11);
    let tag = writers::id3_v1(&long, "", "", "", 0);
    let tags = read(&[file!("bare.mp3"), &tag].concat()).unwrap();
    assert_eq!(tags.title, "猫".repeat(10));
}

#[test]
fn what_is_no_music_is_told() {
    for (file, error) in [
        (&b""[..], TagsError::Empty),
        (b"\0", TagsError::NotMusic),
        (b"a text about music", TagsError::NotMusic),
        (&[0xff; 5000], TagsError::NotMusic),
        (&[0; 200_000], TagsError::NotMusic),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", TagsError::NotMusic),
        (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", TagsError::NotMusic),
        (b"RIFF\x04\0\0\0WAVE", TagsError::CutOff),
        (b"fLaC", TagsError::CutOff),
        (b"OggS", TagsError::CutOff),
        (b"ID3\x04\0\0\0\0\0\0", TagsError::CutOff),
    ] {
        assert_eq!(read(file), Err(error), "{file:?}");
    }
}
