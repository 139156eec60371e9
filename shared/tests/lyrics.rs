//! Lyrics (M4): what of an LRC file is a line, a word, a time, and which line is sung at a position.

use catnest::{
    limits,
    music::{
        encoding::TooLarge,
        lyrics::{Line, Lyrics},
    },
};
use proptest::prelude::*;

/// The lines with their times, and the untimed ones.
#[track_caller]
fn check(text: &str, timed: &[(u32, &str)], untimed: &[&str]) {
    let lyrics = Lyrics::parse(text);
    let lines: Vec<(u32, &str)> = lyrics
        .lines
        .iter()
        .map(|line| (line.at, line.text.as_str()))
        .collect();
    assert_eq!(lines, timed, "{text:?}");
    assert_eq!(lyrics.untimed, untimed, "{text:?}");
    assert_eq!(lyrics.is_empty(), timed.is_empty() && untimed.is_empty());
}

/// The words of the only line, with their times.
#[track_caller]
fn words(text: &str, expected: &[(u32, &str)]) {
    let lyrics = Lyrics::parse(text);
    assert_eq!(lyrics.lines.len(), 1, "{text:?}: {lyrics:?}");
    assert_eq!(of(&lyrics.lines[0]), expected, "{text:?}");
}

fn of(line: &Line) -> Vec<(u32, &str)> {
    let word = |(i, word): (usize, &catnest::music::lyrics::Word)| (word.at, line.word(i));
    line.words.iter().enumerate().map(word).collect()
}

#[test]
fn times_have_one_form_or_another() {
    for (time, at) in [
        ("00:12.00", 12_000),
        ("00:12", 12_000),
        ("0:5", 5_000),
        ("00:12.3", 12_300),
        ("00:12.34", 12_340),
        ("00:12.345", 12_345),
        ("00:12.345678", 12_345),
        ("00:12,34", 12_340),
        ("00:12.", 12_000),
        (" 00:12.34 ", 12_340),
        ("75:10.50", 4_510_500),
        ("120:00", 7_200_000),
        ("01:02:03", 3_723_000),
        ("01:02:03.5", 3_723_500),
        ("24:00:00", 86_400_000),
    ] {
        check(&format!("[{time}]la"), &[(at, "la")], &[]);
    }
}

#[test]
fn wrong_times_cost_nothing_but_themselves() {
    for time in [
        "00:75.00",
        "00:60",
        "-00:01.00",
        "+00:01",
        "1:2:3:4",
        "01:60:00.0",
        "99999:00",
        "24:00:01.0",
        "9999:59:59",
        "12:",
        ":12",
        "00::12",
        "00:12.3.4",
        "00000000000000000000000000000:1",
        "18446744073709551616:00",
    ] {
        check(&format!("[{time}]la"), &[], &["la"]);
        let around = format!("[00:01.00]one\n[{time}][00:02.00]two\n[00:03.00]three");
        check(
            &around,
            &[(1000, "one"), (2000, "two"), (3000, "three")],
            &[],
        );
    }
}

#[test]
fn three_numbers_are_minutes_seconds_and_hundredths_if_they_cannot_be_hours() {
    check(
        "[00:01:00]a\n[00:10:16]b\n[00:19:88]c",
        &[(1000, "a"), (10_160, "b"), (19_880, "c")],
        &[],
    );
    check(
        "[00:01:00]a\n[01:10:16]b",
        &[(60_000, "a"), (4_216_000, "b")],
        &[],
    );
}

#[test]
fn lines_are_in_the_order_of_their_times() {
    check(
        "[00:03.00]three\n[00:01.00][00:05.00]one and five\n[00:02.00] two ",
        &[
            (1000, "one and five"),
            (2000, "two"),
            (3000, "three"),
            (5000, "one and five"),
        ],
        &[],
    );
    check(
        "[00:05.00] [00:01.00]\tx\n[00:05.00][00:05.00]y",
        &[(1000, "x"), (5000, "x"), (5000, "y")],
        &[],
    );
    // An empty line is a pause.
    check("[00:01.00]a\n[00:09.00]", &[(1000, "a"), (9000, "")], &[]);
}

#[test]
fn translations_stay_with_their_line() {
    let text = "[00:02.00]zwei\n[00:01.00]eins\n[00:01.00]one\n[00:01.00]一\n[00:02.00]two";
    check(
        text,
        &[
            (1000, "eins"),
            (1000, "one"),
            (1000, "一"),
            (2000, "zwei"),
            (2000, "two"),
        ],
        &[],
    );
    let lyrics = Lyrics::parse(text);
    for (position, lines) in [
        (0, None),
        (999, None),
        (1000, Some(0..3)),
        (1999, Some(0..3)),
        (2000, Some(3..5)),
        (u32::MAX, Some(3..5)),
    ] {
        assert_eq!(lyrics.line_at(position), lines, "{position}");
    }
    assert_eq!(Lyrics::default().line_at(0), None);
}

#[test]
fn a_positive_offset_makes_them_sooner() {
    for (offset, at) in [
        ("500", 9_500),
        ("+500", 9_500),
        (" -1500 ", 11_500),
        ("0", 10_000),
        ("20000", 0),
        ("half a second", 10_000),
        ("1.5", 10_000),
        ("99999999999", 10_000),
        ("99999999999999999999999999", 10_000),
        ("-86400000", 86_400_000),
    ] {
        check(
            &format!("[offset:{offset}]\n[00:10.00]la"),
            &[(at, "la")],
            &[],
        );
        // Wherever it stands.
        check(
            &format!("[00:10.00]la\n[Offset:{offset}]"),
            &[(at, "la")],
            &[],
        );
    }
    words(
        "[offset:100]\n[00:01.00]<00:01.00>a <00:02.00>b",
        &[(900, "a "), (1900, "b")],
    );
}

#[test]
fn words_have_times_of_their_own() {
    words(
        "[00:12.00] <00:12.04> When <00:12.16> the <00:12.50> truth <00:13.00>",
        &[
            (12_040, "When "),
            (12_160, "the "),
            (12_500, "truth"),
            (13_000, ""),
        ],
    );
    words(
        "[00:01.00]<00:01.00>syl<00:01.20>la<00:01.40>ble",
        &[(1000, "syl"), (1200, "la"), (1400, "ble")],
    );
    words(
        "[00:01.00]我[00:01.20]爱[00:01.40]你",
        &[(1000, "我"), (1200, "爱"), (1400, "你")],
    );
    // What stands before the first belongs to the line's time.
    words(
        "[00:01.00]Oh <00:01.50>yes",
        &[(1000, "Oh "), (1500, "yes")],
    );
    // No time of the line: that of the first word.
    words("<00:03.00>a <00:04.00>b", &[(3000, "a "), (4000, "b")]);
    // What goes back in time, is no time, or is meant from the line's beginning.
    words(
        "[00:01.00]<00:01.00>a <00:03.00>b <00:02.00>c <00:99.00>d <00:04.00>e",
        &[(1000, "a "), (3000, "b c d "), (4000, "e")],
    );
    words("[00:10.00]<00:00.10>a <00:00.20>b", &[]);
    words("[00:01.00]<00:01.00>", &[]);
    check(
        "[00:10.00]a <b> <3 [c] > d",
        &[(10_000, "a <b> <3 [c] > d")],
        &[],
    );
    check(
        "[00:01.00]<00:01.00>a<00:02.00> <00:03.00> b",
        &[(1000, "a b")],
        &[],
    );
}

#[test]
fn words_are_found_by_position() {
    let lyrics = Lyrics::parse("[00:01.00]<00:01.00>a <00:02.00>b<00:03.00>");
    let line = &lyrics.lines[0];
    for (position, word) in [
        (0, None),
        (1000, Some(0)),
        (1999, Some(0)),
        (2500, Some(1)),
        (9000, Some(2)),
    ] {
        assert_eq!(line.word_at(position), word, "{position}");
    }
    assert_eq!(line.word(2), "");
    assert_eq!(line.word(99), "");
}

#[test]
fn words_of_a_line_that_is_sung_again_move_with_it() {
    let lyrics = Lyrics::parse("[00:01.00][01:00.00]<00:01.00>a <00:01.50>b");
    let all: Vec<_> = lyrics.lines.iter().map(of).collect();
    assert_eq!(
        all,
        [
            vec![(1000, "a "), (1500, "b")],
            vec![(60_000, "a "), (60_500, "b")]
        ]
    );
    // They may be those of the second time.
    let lyrics = Lyrics::parse("[00:01.00][01:00.00]<01:00.00>a <01:00.50>b");
    assert_eq!(of(&lyrics.lines[0]), [(1000, "a "), (1500, "b")]);
}

#[test]
fn what_has_no_time_is_plain_text() {
    check(
        "\nOne\nTwo\r\n\r\n\r\nThree\r[Chorus: all]\n[x] y\n\n",
        &[],
        &["One", "Two", "", "Three", "[Chorus: all]", "[x] y"],
    );
    check("", &[], &[]);
    check(" \n\t\n", &[], &[]);
    // A note before the first time; what comes later belongs to the line before it.
    check(
        "From a live recording\n[00:02.00][00:01.00]one\nand on\n\n[00:75.00]and on\n[00:03.00]three",
        &[
            (1000, "one"),
            (1000, "and on"),
            (1000, "and on"),
            (2000, "one"),
            (2000, "and on"),
            (2000, "and on"),
            (3000, "three"),
        ],
        &["From a live recording"],
    );
}

#[test]
fn tags_say_what_it_is() {
    let lyrics = Lyrics::parse(
        "[ti: Cat's Nest [live] ]\n[AR:Mimi]\n[al:Nests]\n[au:A. Author]\n[lr:L. Yricist]\n[by:me]\n\
         [length: 02:23.5]\n[ti:another]\n[re:an editor]\n[ve:1.0]\n[#:remark]\n[kana:abc]\n[total:1234]",
    );
    let tags = &lyrics.tags;
    for (tag, expected) in [
        (&tags.title, "Cat's Nest [live]"),
        (&tags.artist, "Mimi"),
        (&tags.album, "Nests"),
        (&tags.author, "A. Author"),
        (&tags.lyricist, "L. Yricist"),
        (&tags.by, "me"),
    ] {
        assert_eq!(tag.as_deref(), Some(expected));
    }
    assert_eq!(tags.length, Some(143_500));
    assert!(lyrics.is_empty(), "{lyrics:?}");
    let empty = Lyrics::parse("[ti:]\n[ar: ]\n[length:soon]\n[by:\u{202e}]");
    assert_eq!(empty, Lyrics::default());
}

#[test]
fn nothing_invisible_is_left() {
    check(
        "[00:01.00]a\u{202e}b\0c\u{7}\td\u{200b}\n[00:02.00]👩‍👩‍👧\n[00:03.00]\u{feff}\u{2066}",
        &[(1000, "abc d"), (2000, "👩‍👩‍👧"), (3000, "")],
        &[],
    );
    words(
        "[00:01.00]\u{202e}<00:01.00>\u{200b}a\u{202e} <00:02.00>\u{2066}b",
        &[(1000, "a "), (2000, "b")],
    );
    let tags = Lyrics::parse("[ti:x\u{202e}y\u{1b}]").tags;
    assert_eq!(tags.title.as_deref(), Some("xy"));
}

#[test]
fn any_encoding_is_read() {
    let utf16: Vec<u8> = "[00:01.00]猫\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        "\u{feff}[00:01.00]猫".as_bytes(),
        b"[00:01.00]\xc3\xa8",
        b"[00:01.00]\xe8",
        &utf16,
    ] {
        let lyrics = Lyrics::read(bytes).unwrap();
        assert_eq!(lyrics.lines[0].at, 1000);
        assert!(["猫", "è"].contains(&lyrics.lines[0].text.as_str()));
    }
}

#[test]
fn more_than_the_limits_is_left_out() {
    let file = vec![b'a'; limits::MAX_TEXT_FILE_BYTES + 1];
    assert_eq!(Lyrics::read(&file), Err(TooLarge));
    assert_eq!(Lyrics::read(&file[1..]).unwrap().untimed.len(), 1);

    let long = format!("[00:01.00]{}", "猫".repeat(limits::MAX_LYRICS_LINE_BYTES));
    let length = Lyrics::parse(&long).lines[0].text.len();
    assert_eq!(length, limits::MAX_LYRICS_LINE_BYTES / 3 * 3);

    let title = "t".repeat(2 * limits::MAX_LYRICS_TAG_BYTES);
    let tags = Lyrics::parse(&format!("[ti:{title}]")).tags;
    assert_eq!(
        tags.title.map(|title| title.len()),
        Some(limits::MAX_LYRICS_TAG_BYTES)
    );

    let lines = "[00:01.00]a\n".repeat(limits::MAX_LYRICS_LINES + 5);
    assert_eq!(Lyrics::parse(&lines).lines.len(), limits::MAX_LYRICS_LINES);
    let lines = "a\n".repeat(limits::MAX_LYRICS_LINES + 5);
    assert_eq!(
        Lyrics::parse(&lines).untimed.len(),
        limits::MAX_LYRICS_LINES
    );

    // A long line that is sung at thousands of times.
    let times: String = (0..6000)
        .map(|s| format!("[{:02}:{:02}]", s / 60, s % 60))
        .collect();
    let lyrics = Lyrics::parse(&format!("{times}{}", "a".repeat(1000)));
    let bytes: usize = lyrics.lines.iter().map(|line| line.text.len()).sum();
    assert!(bytes > 0 && bytes <= limits::MAX_TEXT_FILE_BYTES, "{bytes}");
    // Of many words.
    let syllables: String = (0..50).map(|i| format!("<00:00.{i:02}>a")).collect();
    let lyrics = Lyrics::parse(&format!("{times}{syllables}"));
    let count: usize = lyrics.lines.iter().map(|line| line.words.len()).sum();
    assert_eq!(
        (lyrics.lines.len(), count),
        (6000, limits::MAX_LYRICS_WORDS)
    );
}

#[test]
fn brackets_without_end_are_text() {
    for piece in [
        "[",
        "<",
        "[00:00.00",
        "<00:00.00",
        "[[",
        "<00:01.00><",
        "[a:",
        "[00:01][",
    ] {
        let text = piece.repeat(limits::MAX_TEXT_FILE_BYTES / piece.len());
        let lyrics = Lyrics::parse(&text);
        assert!(lyrics.lines.len() + lyrics.untimed.len() <= 2, "{piece}");
    }
}

prop_compose! {
    fn times()(times in prop::collection::btree_set(0..86_400_u32, 1..30)) -> Vec<u32> {
        times.into_iter().collect()
    }
}

proptest! {
    /// Whatever the order in the file, the lines are found by their times.
    #[test]
    fn what_is_written_is_found(
        (times, shuffled) in times().prop_flat_map(|t| (Just(t.clone()), Just(t).prop_shuffle())),
        position in 0..100_000_000_u32,
    ) {
        let line = |s: &u32| format!("[{:02}:{:02}.00]line {s}\n", s / 60, s % 60);
        let lyrics = Lyrics::parse(&shuffled.iter().map(line).collect::<String>());
        let read: Vec<String> = lyrics.lines.iter().map(|line| line.text.clone()).collect();
        let expected: Vec<String> = times.iter().map(|s| format!("line {s}")).collect();
        prop_assert_eq!(read, expected);
        let sung = times.iter().rposition(|s| s * 1000 <= position);
        prop_assert_eq!(lyrics.line_at(position), sung.map(|i| i..i + 1));
    }

    /// A word is what it was, and words are the line.
    #[test]
    fn words_make_the_line(parts in prop::collection::vec("[a-z猫窝]{1,5} ?", 1..10)) {
        let word = |(i, part): (usize, &String)| format!("<00:{i:02}.00>{part}");
        let text: String = parts.iter().enumerate().map(word).collect();
        let lyrics = Lyrics::parse(&format!("[00:00.00]{text}"));
        let line = &lyrics.lines[0];
        let expected = parts.concat();
        prop_assert_eq!(&line.text, expected.trim_end());
        let words: String = (0..line.words.len()).map(|i| line.word(i)).collect();
        prop_assert_eq!(&words, &line.text);
        prop_assert_eq!(line.words.len(), parts.len());
    }
}
