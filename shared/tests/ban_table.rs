//! The ban table (M6): what it matches, what is refused and where, and its form as a text.

use catnest::{
    limits,
    music::ban::{BanError, BanTable, Entry, Fields, Kind, Problem, Scope},
};
use proptest::prelude::*;

const SONG: Fields<'static> = Fields {
    title: "Straße ins Ｇrüne (Nightcore Remix)",
    artist: "Mimi & die Katzen",
    album: "猫窝 第一辑",
    md5: "d41d8cd98f00b204e9800998ecf8427e",
    id: "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
};

fn table(text: &str) -> BanTable {
    BanTable::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn bans(line: &str, expected: bool) {
    assert_eq!(table(line).matches(&SONG).is_some(), expected, "{line}");
}

#[track_caller]
fn refuses(line: &str, at: Option<usize>, problem: Problem) {
    let error = BanError {
        entry: 0,
        line: Some(1),
        at,
        problem,
    };
    assert_eq!(BanTable::parse(line), Err(error), "{line:?}");
}

fn entry(scope: Scope, kind: Kind, text: &str) -> Entry {
    Entry {
        scope,
        kind,
        text: text.to_owned(),
        off: false,
    }
}

#[test]
fn plain_texts_are_found_whatever_their_case_width_and_composition() {
    for (line, expected) in [
        ("nightcore", true),
        ("NIGHTCORE REMIX", true),
        ("strasse", true),
        ("STRAẞE", true),
        ("grüne", true),
        ("GRU\u{308}NE", true),
        ("ins   grüne", true),
        ("ｎｉｇｈｔ", true),
        ("猫窝", true),
        ("title: nightcore", true),
        ("title: mimi", false),
        ("artist: mimi", true),
        ("artist: nightcore", false),
        ("album: 第一", true),
        ("album: katzen", false),
        ("any: katzen", true),
        ("dogs", false),
        ("n.ghtcore", false),
        ("(nightcore remix)", true),
        ("katzen 猫窝", false),
    ] {
        bans(line, expected);
    }
}

#[test]
fn hashes_are_looked_at_when_they_are_meant() {
    for (line, expected) in [
        ("md5: d41d8cd98f00b204e9800998ecf8427e", true),
        ("md5: D41D8CD9", true),
        ("md5: af1349b9", false),
        ("id: af1349b9", true),
        ("md5: /^d41d/", true),
        ("id: /62$/", true),
        ("d41d8cd98f00b204e9800998ecf8427e", true),
        (
            "AF1349B9F5F9A1A6A0404DEA36DCC9499BCB25C9ADC112B7CC9A93CAE41F3262",
            true,
        ),
        // Words are in hexadecimal digits by chance.
        ("dea", false),
        ("cd9", false),
        ("/\\d{4}/", false),
        ("/[0-9a-f]{32}/", false),
    ] {
        bans(line, expected);
    }
}

#[test]
fn patterns_are_found_in_a_field_or_any() {
    for (line, expected) in [
        ("/night(core|step)/", true),
        ("/NIGHTCORE/", true),
        ("/(?-i)NIGHTCORE/", false),
        ("/r\\wne/", true),
        ("/\\p{Han}{2}/", true),
        ("title: /\\p{Han}/", false),
        ("/grüne/", false),
        ("/^mimi\\b/", true),
        ("title: /^mimi/", false),
        ("artist: /^mimi/", true),
        ("album: /第.辑$/", true),
        ("/STRASSE/", false),
        ("/straße|x/", true),
        ("/remix\\)$/", true),
        ("/^\\S+$/", false),
        ("/^$/", false),
    ] {
        bans(line, expected);
    }
    let untitled = Fields { title: "", ..SONG };
    assert_eq!(table("title: /^$/").matches(&untitled), Some(0));
    // The accent is a character of its own, as in names of files from macOS.
    let apart = Fields {
        title: "Cafe\u{301}",
        ..SONG
    };
    assert_eq!(table("/^café$/").matches(&apart), Some(0));
}

#[test]
fn the_first_entry_that_matches_is_named() {
    let all = table("dogs\n~ nightcore\n/remix/\nnightcore\nartist: mimi");
    assert_eq!(all.matches(&SONG), Some(2));
    assert_eq!(table("~nightcore").matches(&SONG), None);
    assert_eq!(table("artist: mimi\nnightcore").matches(&SONG), Some(0));
    assert_eq!(BanTable::default().matches(&SONG), None);
    assert_eq!(table("# nothing\n\n").matches(&SONG), None);
    // One that is switched off is between others of its kind.
    assert_eq!(table("a b c\n~mimi\nkatzen").matches(&SONG), Some(2));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (line, at, problem) in [
        ("/a(b/", Some(1), Problem::Group),
        ("/ab)/", Some(2), Problem::Group),
        ("/(?<n/", Some(4), Problem::Group),
        ("/(?q)/", Some(2), Problem::Group),
        ("/猫猫[a/", Some(2), Problem::Class),
        ("/[z-a]/", Some(1), Problem::Class),
        ("/*/", Some(0), Problem::Repetition),
        ("/a|*/", Some(2), Problem::Repetition),
        ("/猫{2,1}/", Some(1), Problem::Repetition),
        ("/a{/", Some(1), Problem::Repetition),
        ("/ab\\y/", Some(2), Problem::Escape),
        ("/ab\\/", Some(2), Problem::Escape),
        ("/\\xZZ/", Some(2), Problem::Escape),
        ("/\\p{Catlike}/", Some(0), Problem::Property),
        ("/a(?=b)/", Some(1), Problem::LookAround),
        ("/(?<!a)b/", Some(0), Problem::LookAround),
        ("/(a)\\1/", Some(3), Problem::Reference),
        ("//", None, Problem::Empty),
        ("artist:", None, Problem::Empty),
        ("~", None, Problem::Empty),
        ("\\", None, Problem::Empty),
        ("/a*/", None, Problem::Everything),
        ("/.*/", None, Problem::Everything),
        ("/a||b/", None, Problem::Everything),
        ("/abc", None, Problem::Slash),
        ("/", None, Problem::Slash),
        ("title: /a/ b", None, Problem::Slash),
        ("a\u{7}b", Some(1), Problem::Invisible),
        ("猫\u{202e}", Some(1), Problem::Invisible),
        ("/ab\u{200b}/", Some(2), Problem::Invisible),
        ("\u{fe0f}", None, Problem::Empty),
        ("/(?-u:\\xFF)/", Some(5), Problem::Other),
    ] {
        refuses(line, at, problem);
    }
    let third = BanTable::parse("# one\nfine\n/(/\n/[/").unwrap_err();
    assert_eq!((third.entry, third.line, third.at), (1, Some(3), Some(0)));
    assert_eq!(
        third.to_string(),
        "line 3, character 1: a parenthesis is without its other half, or says something unknown"
    );
    let broken = entry(Scope::Any, Kind::Pattern, "[");
    let second = BanTable::new(vec![entry(Scope::Any, Kind::Plain, "a"), broken]).unwrap_err();
    assert_eq!((second.entry, second.line, second.at), (1, None, Some(0)));
    assert_eq!(
        second.to_string(),
        "entry 2, character 1: the set of characters is not closed, or is none"
    );
}

#[test]
fn what_explodes_elsewhere_does_not() {
    // Exponential with backtracking.
    let table = table("/(a+)+$/\n/(a|a)*b$/\n/(.*)*x\\d/");
    let title = format!("{}!", "a".repeat(100_000));
    let fields = Fields {
        title: &title,
        ..Fields::default()
    };
    assert_eq!(table.matches(&fields), None);
    // Gigabytes when they are compiled.
    for pattern in [
        "a{1000}{1000}",
        "(a{1000}){1000}{1000}",
        "\\w{1000}",
        "((\\w{99}){99}){99}",
    ] {
        refuses(&format!("/{pattern}/"), None, Problem::TooLarge);
    }
    let nested = format!("/{}a{}/", "(".repeat(200), ")".repeat(200));
    let error = BanTable::parse(&nested).unwrap_err();
    assert_eq!(error.problem, Problem::Nesting);
}

#[test]
fn more_than_the_limits_is_refused() {
    let longest = "a".repeat(limits::MAX_BAN_BYTES);
    table(&longest);
    refuses(&format!("{longest}a"), None, Problem::TooLong);
    refuses(&format!("/{longest}a/"), None, Problem::TooLong);

    let most = "a\n".repeat(limits::MAX_BANS);
    assert_eq!(table(&most).entries().len(), limits::MAX_BANS);
    let error = BanTable::parse(&format!("{most}b")).unwrap_err();
    assert_eq!(error.problem, Problem::TooMany);
    assert_eq!(
        (error.entry, error.line),
        (limits::MAX_BANS, Some(limits::MAX_BANS + 1))
    );
    let entries = vec![entry(Scope::Any, Kind::Plain, "a"); limits::MAX_BANS + 1];
    assert_eq!(
        BanTable::new(entries).unwrap_err().problem,
        Problem::TooMany
    );

    // Each of them is small enough; the one is named with which they are too many, switched off or not.
    let many = "~/\\w{9}/\n".repeat(limits::MAX_BANS);
    let error = BanTable::parse(&many).unwrap_err();
    assert_eq!(error.problem, Problem::TooLarge);
    let fits = |entries: usize| BanTable::parse(&"/\\w{9}/\n".repeat(entries)).is_ok();
    assert!(fits(error.entry) && !fits(error.entry + 1), "{error}");
}

#[test]
fn lines_are_read_in_any_dress() {
    for (line, expected) in [
        ("a b", entry(Scope::Any, Kind::Plain, "a b")),
        ("  a b \r", entry(Scope::Any, Kind::Plain, "a b")),
        ("TITLE :a", entry(Scope::Title, Kind::Plain, "a")),
        ("any: id: x", entry(Scope::Any, Kind::Plain, "id: x")),
        ("\\id: x", entry(Scope::Any, Kind::Plain, "id: x")),
        ("live: x", entry(Scope::Any, Kind::Plain, "live: x")),
        ("\\#1 hit", entry(Scope::Any, Kind::Plain, "#1 hit")),
        ("\\\\o/", entry(Scope::Any, Kind::Plain, "\\o/")),
        ("AC/DC", entry(Scope::Any, Kind::Plain, "AC/DC")),
        ("\\/x/", entry(Scope::Any, Kind::Plain, "/x/")),
        ("/ac/dc/", entry(Scope::Any, Kind::Pattern, "ac/dc")),
        ("/ a /", entry(Scope::Any, Kind::Pattern, " a ")),
        ("id:/a/", entry(Scope::Id, Kind::Pattern, "a")),
        ("md5: # x", entry(Scope::Md5, Kind::Plain, "# x")),
        ("\u{feff}a", entry(Scope::Any, Kind::Plain, "a")),
    ] {
        assert_eq!(table(line).entries(), [expected], "{line}");
    }
    let off = table("~ album: /x/");
    assert!(off.entries()[0].off);
}

#[test]
fn the_form_of_a_table() {
    let text = "nightcore\n~artist:Mimi\ntitle: /^track \\d+$/\nalbum:/a/b/\n\\#1\n\\\\o/\n\\/x/\n\\id: x\n\\~\n\
                md5: d41d8cd9\nid: af13\ntitle: #1";
    let table = table(text);
    insta::assert_snapshot!("ban_table_text", table.to_text());
    insta::assert_snapshot!(
        "ban_table_json",
        serde_json::to_string_pretty(table.entries()).unwrap()
    );
    let error = BanTable::parse("/(/").unwrap_err();
    insta::assert_snapshot!("ban_error_json", serde_json::to_string(&error).unwrap());
}

fn any_entry() -> impl Strategy<Value = Entry> {
    let scope = prop::sample::select(vec![
        Scope::Any,
        Scope::Title,
        Scope::Artist,
        Scope::Album,
        Scope::Md5,
        Scope::Id,
    ]);
    let plain = prop_oneof![
        "[ #~/\\\\:a猫]{1,8}",
        "(any|title|artist|album|md5|id|ID) ?: ?[#~/\\\\]?x",
        "\\PC{1,20}",
    ];
    let pattern = prop_oneof!["[ /a猫#]{1,6}", "(a|b/){1,3}[x-z/]+\\\\d"];
    let text = prop_oneof![
        plain.prop_map(|text| (Kind::Plain, text)),
        pattern.prop_map(|text| (Kind::Pattern, text)),
    ];
    (scope, text, any::<bool>()).prop_map(|(scope, (kind, text), off)| Entry {
        scope,
        kind,
        text,
        off,
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_as_the_same(entries in prop::collection::vec(any_entry(), 0..6)) {
        // Those that are refused are not what this is about.
        if let Ok(table) = BanTable::new(entries) {
            let text = table.to_text();
            prop_assert_eq!(BanTable::parse(&text), Ok(table), "{}", text);
        }
    }

    #[test]
    fn a_part_of_a_title_is_found_in_it(
        title in "[a-zA-Z0-9 猫窝ßẞÄéΣςﾎﾟ]{1,20}",
        from in 0..20_usize,
        length in 1..20_usize,
    ) {
        let part: String = title.chars().skip(from).take(length).collect();
        // A mark composes with what stands before it, and is not found without.
        prop_assume!(!part.trim().is_empty() && !part.contains(['ﾎ', 'ﾟ']));
        for kind in [Kind::Plain, Kind::Pattern] {
            let table = BanTable::new(vec![entry(Scope::Title, kind, &part)]).unwrap();
            for title in [&title, &title.to_lowercase()] {
                let fields = Fields { title, ..Fields::default() };
                // Patterns know of "ß" and "ss" only as of two things.
                if kind == Kind::Plain || title.contains(&part) {
                    prop_assert_eq!(table.matches(&fields), Some(0), "{} in {}", part, title);
                }
            }
        }
    }
}
