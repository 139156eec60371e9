//! Texts of unknown encoding: what they are read as, and that what was written comes out.

use catnest::{
    limits,
    music::encoding::{self, Encoding, TooLarge},
};
use encoding_rs::GB18030;
use proptest::prelude::*;

#[track_caller]
fn check(bytes: &[u8], encoding: Encoding, expected: &str) {
    assert_eq!(encoding::guess(bytes), encoding, "{expected}");
    assert_eq!(encoding::decode(bytes).as_deref(), Ok(expected));
}

fn utf16(text: &str, of: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(of).collect()
}

fn gb(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = GB18030.encode(text);
    assert!(!unmappable, "{text}");
    bytes.into_owned()
}

#[track_caller]
fn mends(bytes: &[u8], expected: &str) {
    let as_latin1: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    assert_eq!(encoding::mend_latin1(&as_latin1), expected);
}

const LRC: &str = "[ti:月亮代表我的心]\r\n[00:12.30]你问我爱你有多深\r\n[00:17.00]我爱你有几分\r\n";

#[test]
fn a_mark_says_it() {
    for text in ["", "a", LRC, "naïve 🎵"] {
        let marked = format!("\u{feff}{text}");
        check(marked.as_bytes(), Encoding::Utf8, text);
        check(&utf16(&marked, u16::to_le_bytes), Encoding::Utf16Le, text);
        check(&utf16(&marked, u16::to_be_bytes), Encoding::Utf16Be, text);
    }
    // It says so of what is damaged as well.
    check(b"\xef\xbb\xbfa\xffb", Encoding::Utf8, "a\u{fffd}b");
    check(b"\xff\xfea\0\x00\xd8b\0", Encoding::Utf16Le, "a\u{fffd}b");
    check(b"\xff\xfea\0b", Encoding::Utf16Le, "a\u{fffd}");
}

#[test]
fn utf_8_is_told_by_itself() {
    for text in ["", "plain", LRC, "Beyoncé", "é", "猫", "🎵", "a\0b"] {
        check(text.as_bytes(), Encoding::Utf8, text);
    }
    // Cut off inside a character, and with one damaged byte among many.
    check(&"猫窝".as_bytes()[..5], Encoding::Utf8, "猫\u{fffd}");
    let mut damaged = LRC.as_bytes().to_vec();
    damaged[5] = b'?';
    let read = encoding::decode(&damaged).unwrap();
    assert!(read.contains("你问我爱你有多深"), "{read}");
}

#[test]
fn utf_16_without_a_mark_is_told_by_its_nul_bytes() {
    for text in [
        LRC,
        "[00:01.00]Beyoncé",
        "hello",
        "a",
        "第一行\n第二行",
        "🎵 la",
    ] {
        check(&utf16(text, u16::to_le_bytes), Encoding::Utf16Le, text);
        check(&utf16(text, u16::to_be_bytes), Encoding::Utf16Be, text);
    }
    // No NUL byte at all, but control characters as halves.
    let text = "一二三四五六七八九十";
    check(&utf16(text, u16::to_le_bytes), Encoding::Utf16Le, text);
    check(&utf16(text, u16::to_be_bytes), Encoding::Utf16Be, text);
}

#[test]
fn gb18030_is_told_by_characters_in_use() {
    for text in [
        LRC,
        "周杰伦",
        "鄧麗君 - 月亮代表我的心",
        "鞠婧祎",
        "Love爱情",
        "きみをのせて",
        "《东风破》",
        "[00:01.00]我们 don't know",
    ] {
        check(&gb(text), Encoding::Gb18030, text);
    }
    // One character that is in no older set than GB18030.
    let text = "𠮷野家的猫";
    check(&gb(text), Encoding::Gb18030, text);
    // Cut off inside a character, and with a damaged byte.
    let whole = gb(LRC);
    check(&whole[..7], Encoding::Gb18030, "[ti:月\u{fffd}");
    let mut damaged = whole;
    damaged[30] = 0xff;
    assert_eq!(encoding::guess(&damaged), Encoding::Gb18030);
}

#[test]
fn western_letters_are_no_chinese() {
    for (bytes, text) in [
        (&b"Beyonc\xe9"[..], "Beyoncé"),
        (b"Mot\xf6rhead", "Motörhead"),
        (b"Bj\xf6rk Gu\xf0mundsd\xf3ttir", "Björk Guðmundsdóttir"),
        (b"Sigur R\xf3s", "Sigur Rós"),
        (b"Gr\xfc\xdfe aus der Stra\xdfe", "Grüße aus der Straße"),
        (b"cr\xe9\xe9e", "créée"),
        (b"\xc5ngstr\xf6m", "Ångström"),
        (b"don\x92t", "don’t"),
        (b"\x93d\xe9j\xe0 vu\x94", "“déjà vu”"),
        (b"No\xebl", "Noël"),
        (b"Stra\xdfen", "Straßen"),
        (b"100 \x80", "100 €"),
        (b"\xff", "ÿ"),
    ] {
        check(bytes, Encoding::Windows1252, text);
    }
}

#[test]
fn tags_that_were_taken_for_latin_1_are_mended() {
    mends(b"plain", "plain");
    mends(b"Beyonc\xe9", "Beyoncé");
    mends(b"don\x92t", "don’t");
    mends(&gb("周杰伦"), "周杰伦");
    mends(&gb("爱"), "爱");
    mends("周杰伦".as_bytes(), "周杰伦");
    mends("Beyoncé".as_bytes(), "Beyoncé");
    // What has other characters was read as what it is.
    assert_eq!(encoding::mend_latin1("Ã© 猫"), "Ã© 猫");
}

#[test]
fn too_much_is_not_read() {
    let most = vec![b'a'; limits::MAX_TEXT_FILE_BYTES];
    assert!(encoding::decode(&most).is_ok());
    let more = vec![b'a'; limits::MAX_TEXT_FILE_BYTES + 1];
    assert_eq!(encoding::decode(&more), Err(TooLarge));
}

/// Lines of a song: mostly characters in everyday use, with times and some Latin letters.
fn song() -> impl Strategy<Value = String> {
    let chars: Vec<char> = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会\
                            家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美爱梦"
        .chars()
        .collect();
    // Of a word or two nobody can tell.
    let sung = prop::collection::vec(prop::sample::select(chars), 4..12);
    let line = (0..9_u32, sung, "( oh yeah)?").prop_map(|(second, sung, latin)| {
        let sung: String = sung.into_iter().collect();
        format!("[00:0{second}.00]{sung}{latin}")
    });
    prop::collection::vec(line, 6..12).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn a_song_comes_out_of_every_encoding(song in song()) {
        for bytes in [
            song.clone().into_bytes(),
            gb(&song),
            utf16(&song, u16::to_le_bytes),
            utf16(&song, u16::to_be_bytes),
        ] {
            let read = encoding::decode(&bytes);
            prop_assert_eq!(read.as_deref(), Ok(song.as_str()));
        }
    }

    #[test]
    fn any_utf_8_without_nul_stays(text in "[^\0\u{feff}]*") {
        let read = encoding::decode(text.as_bytes());
        prop_assert_eq!(read.as_deref(), Ok(text.as_str()));
    }

    #[test]
    fn mending_is_done_once(text in any::<String>()) {
        let mended = encoding::mend_latin1(&text).into_owned();
        if !mended.chars().all(|c| u32::from(c) < 0x100) {
            prop_assert_eq!(&encoding::mend_latin1(&mended), &mended);
        }
    }
}
