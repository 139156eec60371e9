//! The files of a move: their bytes, and what is no such file.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use catnest::{
    address::Address,
    channel::ChannelKey,
    chat::{
        record::{Body, Record},
        retention::Retention,
    },
    entropy::Entropy,
    house::{
        channel_file::{
            ChannelFileError, Ending, Entry, Header, Part, Reader, Summary, end_line, message_line,
            recalled_line, unsaid_line,
        },
        identity_file::{Identity, IdentityFile, IdentityFileError, Lock, LockKey, Membership},
    },
    identity::{Author, AuthorKey, DeviceSeed},
    limits,
    preferences::{Language, Preferences},
    resource::{Descriptor, Md5, ResourceId},
    secret::{Cost, PassphraseError},
    time::Millis,
};
use proptest::prelude::*;

const NEST: &str = "webrtc://catnest.example/den#CwsLCwsLCwsLCwsLCwsLCw";
const NOW: Millis = Millis(1_790_000_000_000);

fn address(text: &str) -> Address {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn key() -> AuthorKey {
    seed().author_key(ChannelKey::of(&address(NEST)).id())
}

fn seed() -> DeviceSeed {
    DeviceSeed::generate(&mut Entropy::from_seed([3; 32]))
}

fn body(time: u64, text: &str) -> Body {
    let channel = ChannelKey::of(&address(NEST)).id();
    Body::new(key().author(), channel, Millis(time), "Mimi 咪咪", text)
}

/// A file with a message of each kind.
fn file() -> String {
    let key = key();
    let picture = Descriptor {
        id: ResourceId([7; 32]),
        length: 12_345,
        md5: Md5([1; 16]),
        name: "cat.png".to_owned(),
        media_type: "image/png".to_owned(),
    };
    let plain = Record::sign(&key, body(NOW.0 + 3, "two\n\"lines\""));
    let with_file = Record::sign(
        &key,
        Body {
            files: vec![picture],
            ..body(NOW.0 + 2, "")
        },
    );
    let regretted = Record::sign(&key, body(NOW.0 + 1, "regretted"));
    let recall = |of: &Record| {
        let channel = of.body.channel;
        Record::recall(&key, channel, of.position(), "Mimi 咪咪")
    };
    [
        Header::new(&address(NEST), Part::All, NOW).to_line(),
        message_line(&plain, false),
        message_line(&with_file, true),
        recalled_line(&regretted, false, &recall(&regretted)),
        unsaid_line(&regretted, true),
        message_line(&recall(&plain), false),
        end_line(5),
    ]
    .concat()
}

fn read(file: &[u8], part: usize) -> Result<(Vec<Entry>, Summary, Ending), ChannelFileError> {
    let mut reader = Reader::default();
    let mut entries = Vec::new();
    for part in file.chunks(part) {
        entries.extend(reader.push(part)?);
    }
    let (last, summary, ending) = reader.finish()?;
    entries.extend(last);
    Ok((entries, summary, ending))
}

#[test]
fn a_channels_file_has_these_lines() {
    insta::assert_snapshot!("channel_file", file());
    let (entries, summary, ending) = read(file().as_bytes(), 100).unwrap();
    assert_eq!(ending, Ending::Complete);
    assert_eq!((summary.records, summary.damaged), (5, 0));
    let channel = ChannelKey::of(&address(NEST)).id();
    let texts: Vec<(String, bool, bool, u64)> = entries
        .iter()
        .map(|entry| {
            let (record, recall) = entry.read(NOW, channel).unwrap();
            (record.body.text, entry.kept, recall.is_some(), entry.line)
        })
        .collect();
    let expected = [
        ("two\n\"lines\"", false, false, 2),
        ("", true, false, 3),
        ("regretted", false, true, 4),
        ("", false, false, 6),
    ]
    .map(|(text, kept, recalled, line)| (text.to_owned(), kept, recalled, line));
    assert_eq!(texts, expected);
    // A recalled message says nothing to who only reads.
    let folded = file().lines().nth(3).map(|line| line.contains("regretted"));
    assert_eq!(folded, Some(false));
}

#[test]
fn what_begins_otherwise_is_no_channels_file() {
    let header = Header::new(&address(NEST), Part::Marked, NOW).to_line();
    let parsed = Header::parse(header.as_bytes());
    assert_eq!(parsed.map(|header| header.to_line()).as_ref(), Ok(&header));
    let too_long = format!("{}\n", "x".repeat(limits::MAX_CHANNEL_FILE_LINE + 1));
    let other_name = header.replace("\"name\":\"den\"", "\"name\":\"nest\"");
    let other_address = header.replace("/den#Cw", "/den#Dw");
    for (file, error) in [
        (String::new(), ChannelFileError::NotOne),
        ("\n".to_owned(), ChannelFileError::NotOne),
        ("{}\n".to_owned(), ChannelFileError::NotOne),
        ("[1, 2]\n".to_owned(), ChannelFileError::NotOne),
        ("\u{0}PNG".to_owned(), ChannelFileError::NotOne),
        (header[..90].to_owned(), ChannelFileError::NotOne),
        (
            header.replace("webrtc:", "https:"),
            ChannelFileError::NotOne,
        ),
        (
            header.replace("catnest-channel", "catnest-identity"),
            ChannelFileError::NotOne,
        ),
        (
            header.replace("\"version\":1", "\"version\":2"),
            ChannelFileError::Version(2),
        ),
        (
            header
                .replace("\"version\":1", "\"version\":2")
                .replace("\"name\"", "\"title\""),
            ChannelFileError::Version(2),
        ),
        (too_long.clone(), ChannelFileError::NotOne),
        (too_long.trim_end().to_owned(), ChannelFileError::NotOne),
        (other_name, ChannelFileError::Channel),
        (other_address, ChannelFileError::Channel),
    ] {
        assert_eq!(read(file.as_bytes(), 1000), Err(error), "{file:.200}");
    }
}

#[test]
fn an_end_that_does_not_fit_is_noticed() {
    let file = file();
    let lines: Vec<&str> = file.lines().collect();
    let of = |lines: &[&str]| lines.join("\n");
    for (file, expected, damaged) in [
        (file.trim_end().to_owned(), Ending::Complete, 0),
        (file.replace('\n', "\r\n"), Ending::Complete, 0),
        (of(&[&lines[..], &["", ""]].concat()), Ending::Complete, 0),
        (of(&lines[..6]), Ending::Cut, 0),
        (of(&lines[..6])[..2000].to_owned(), Ending::Cut, 0),
        (of(&lines[..1]), Ending::Cut, 0),
        (
            of(&[&lines[..3], &lines[4..]].concat()),
            Ending::Miscounted(5),
            0,
        ),
        (
            of(&[&lines[..], &[lines[1]]].concat()),
            Ending::Miscounted(5),
            0,
        ),
        (of(&[&lines[..], &[lines[6]]].concat()), Ending::Complete, 1),
        (of(&[&lines[..], &["{}"]].concat()), Ending::Complete, 1),
    ] {
        let read = read(file.as_bytes(), 64).map(|(_, summary, end)| (end, summary.damaged));
        assert_eq!(read, Ok((expected, damaged)), "{file}");
    }
}

#[test]
fn a_line_without_end_fills_no_memory() {
    let mut reader = Reader::default();
    let header = Header::new(&address(NEST), Part::All, NOW).to_line();
    assert_eq!(reader.push(header.as_bytes()), Ok(Vec::new()));
    let part = vec![b'x'; 1024 * 1024];
    for _ in 0..100 {
        assert_eq!(reader.push(&part), Ok(Vec::new()));
        let held = format!("{reader:?}").len();
        assert!(held < 5 * limits::MAX_CHANNEL_FILE_LINE, "{held}");
    }
    assert_eq!(reader.push(b"\n"), Ok(Vec::new()));
    let (_, summary, ending) = reader.finish().unwrap();
    assert_eq!((summary.damaged, summary.first_damaged), (1, Some(2)));
    assert_eq!(ending, Ending::Cut);
}

#[test]
fn the_longest_record_fits_into_a_line() {
    let file = |place: usize| Descriptor {
        id: ResourceId([place as u8; 32]),
        length: u64::MAX >> 20,
        md5: Md5([1; 16]),
        name: "\u{1}".repeat(limits::MAX_FILE_NAME_BYTES),
        media_type: "x".to_owned(),
    };
    let body = Body {
        files: (0..limits::MAX_MESSAGE_FILES).map(file).collect(),
        ..body(NOW.0, &"\u{1}".repeat(limits::MAX_TEXT_BYTES))
    };
    let line = message_line(&Record::sign(&key(), body), true);
    assert!(line.len() < limits::MAX_CHANNEL_FILE_LINE, "{}", line.len());
}

fn cheap() -> Cost {
    Cost::new(8, 1, 1).unwrap_or(Cost::CHOSEN)
}

fn identity() -> Identity {
    Identity {
        seed: seed(),
        name: "Mimi 咪咪".to_owned(),
        preferences: Preferences {
            language: Some(Language::Chinese),
            ..Preferences::default()
        },
        channels: vec![
            Membership {
                address: address(NEST),
                retention: Retention::Forever,
                muted: true,
                name: Some("咪".into()),
                avatar: Some("🐈".into()),
                blocked: BTreeMap::from([(Author([8; 32]), "Mallory".into())]),
            },
            Membership {
                address: address("webrtc://127.0.0.1:8080/nest?via=b.example"),
                retention: Retention::Age { days: 7 },
                muted: false,
                name: None,
                avatar: None,
                blocked: BTreeMap::new(),
            },
        ],
    }
}

#[test]
fn an_identitys_file_has_these_bytes() {
    let mut entropy = Entropy::from_seed([4; 32]);
    let lock = Lock::new(cheap(), &mut entropy);
    let key = lock.key("nine lives are enough").unwrap();
    let file = identity().seal(lock, &key, &mut entropy);
    insta::assert_snapshot!("identity_file", file.to_string());
    let read = IdentityFile::parse(&file.to_string()).unwrap();
    assert_eq!(read, file);
    // White space around a passphrase does not count.
    let again = read.lock().key_again("  nine lives are enough\n").unwrap();
    assert_eq!(read.open(&again), Ok(identity()));
    let wrong = read.lock().key_again("ten lives are too many").unwrap();
    assert_eq!(read.open(&wrong), Err(IdentityFileError::Sealed));
    for secret in [format!("{key:?}"), format!("{file:?}")] {
        assert!(!secret.contains(&String::from(key.clone())), "{secret}");
    }
}

#[test]
fn what_is_no_identitys_file_is_refused_before_any_work() {
    let mut entropy = Entropy::from_seed([4; 32]);
    let lock = Lock::new(cheap(), &mut entropy);
    let key = LockKey::of_bytes([5; 32]);
    let file = identity().seal(lock, &key, &mut entropy).to_string();
    let swap = |from: &str, to: &str| {
        assert!(file.contains(from), "{from}");
        file.replace(from, to)
    };
    let too_long = file.replace(
        "\"sealed\": \"",
        &format!(
            "\"sealed\": \"{}",
            "A".repeat(limits::MAX_IDENTITY_FILE_BYTES)
        ),
    );
    let memory = "\"memory_kib\": 8";
    for (text, error) in [
        (String::new(), IdentityFileError::NotOne),
        ("{}".to_owned(), IdentityFileError::NotOne),
        (file[..file.len() - 3].to_owned(), IdentityFileError::NotOne),
        (too_long, IdentityFileError::NotOne),
        (swap("-identity", "-channel"), IdentityFileError::NotOne),
        (
            swap("\"version\": 1", "\"version\": 2"),
            IdentityFileError::Version { version: 2 },
        ),
        (
            swap("\"version\": 1", "\"version\": 0"),
            IdentityFileError::NotOne,
        ),
        (swap("xchacha20", "rot13"), IdentityFileError::NotOne),
        (swap("argon2id", "md5"), IdentityFileError::Cost),
        (
            swap(memory, "\"memory_kib\": 4294967295"),
            IdentityFileError::Cost,
        ),
        (
            swap(memory, "\"memory_kib\": 99999999999"),
            IdentityFileError::NotOne,
        ),
        (swap(memory, "\"memory_kib\": 7"), IdentityFileError::Cost),
        (
            swap("\"passes\": 1", "\"passes\": 4000000000"),
            IdentityFileError::Cost,
        ),
        (
            swap("\"lanes\": 1", "\"lanes\": 0"),
            IdentityFileError::Cost,
        ),
        (
            swap("\"nonce\": \"", "\"nonce\": \"A"),
            IdentityFileError::NotOne,
        ),
        (
            swap("\"salt\": \"", "\"salt\": \"AAAA"),
            IdentityFileError::NotOne,
        ),
    ] {
        assert_eq!(IdentityFile::parse(&text), Err(error), "{text:.600}");
    }
}

#[test]
fn nothing_of_a_sealed_file_can_be_changed() {
    let mut entropy = Entropy::from_seed([4; 32]);
    let lock = Lock::new(cheap(), &mut entropy);
    let key = LockKey::of_bytes([5; 32]);
    let file = identity().seal(lock, &key, &mut entropy).to_string();
    let mut opened = 0;
    for place in 0..file.len() {
        for other in [b'A', b'1', b' '] {
            let mut changed = file.clone().into_bytes();
            changed[place] = other;
            let text = String::from_utf8_lossy(&changed);
            let same = IdentityFile::parse(&text) == IdentityFile::parse(&file);
            let open = IdentityFile::parse(&text).and_then(|file| file.open(&key));
            // White space between the members is nobody's.
            assert_eq!(open.is_ok(), same, "{place}");
            opened += usize::from(open.is_ok());
        }
    }
    assert!(opened < 200, "{opened}");
}

#[test]
fn what_cannot_be_an_identity_is_refused_though_it_is_sealed() {
    let mut entropy = Entropy::from_seed([4; 32]);
    let lock = Lock::new(cheap(), &mut entropy);
    let key = LockKey::of_bytes([5; 32]);
    let nest = identity().channels.remove(0);
    for wrong in [
        Identity {
            name: "a\nb".to_owned(),
            ..identity()
        },
        Identity {
            channels: vec![nest.clone(); limits::MAX_CHANNELS + 1],
            ..identity()
        },
        Identity {
            channels: vec![Membership {
                retention: Retention::Count { messages: 0 },
                ..nest.clone()
            }],
            ..identity()
        },
        Identity {
            channels: vec![Membership {
                avatar: Some("\u{202e}".into()),
                ..nest
            }],
            ..identity()
        },
    ] {
        let file = wrong.seal(lock, &key, &mut entropy);
        assert_eq!(file.open(&key), Err(IdentityFileError::Contents));
    }
}

#[test]
fn a_passphrase_for_a_file_has_bounds() {
    let lock = Lock::new(cheap(), &mut Entropy::from_seed([4; 32]));
    let short = Err(PassphraseError::TooShort(limits::MIN_FILE_PASSPHRASE_CHARS));
    assert_eq!(lock.key("elevenchars"), short);
    assert_eq!(lock.key("           x            "), short);
    assert!(lock.key("twelve chars").is_ok());
    assert!(lock.key("十二个汉字也就够做口令了").is_ok());
    let long = "x".repeat(limits::MAX_PASSPHRASE_BYTES + 1);
    assert_eq!(lock.key(&long), Err(PassphraseError::TooLong));
    // A file that is there has whatever passphrase it has.
    assert!(lock.key_again("short").is_ok());
    assert_eq!(lock.key_again(" "), Err(PassphraseError::TooShort(1)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is said comes through a file, in whatever parts that is read.
    #[test]
    fn messages_come_through(
        said in prop::collection::vec((0_u64..1000, ".{1,40}", any::<bool>(), any::<bool>()), 0..20),
        part in 1_usize..300,
    ) {
        let key = key();
        let mut text = Header::new(&address(NEST), Part::All, NOW).to_line();
        let mut expected = Vec::new();
        for (time, said, kept, recalled) in said {
            let record = Record::sign(&key, body(time, &format!("{said}.")));
            let recall = recalled
                .then(|| Record::recall(&key, record.body.channel, record.position(), "Mimi"));
            text += &match &recall {
                Some(recall) => recalled_line(&record, kept, recall),
                None => message_line(&record, kept),
            };
            expected.push((record, recall, kept));
        }
        text += &end_line(expected.len() as u64);
        let channel = ChannelKey::of(&address(NEST)).id();
        let (entries, _, ending) = read(text.as_bytes(), part).map_err(|error| {
            TestCaseError::fail(error.to_string())
        })?;
        prop_assert_eq!(ending, Ending::Complete);
        let found: Vec<_> = entries
            .iter()
            .filter_map(|entry| {
                let (record, recall) = entry.read(NOW, channel)?;
                Some((record, recall, entry.kept))
            })
            .collect();
        prop_assert_eq!(found, expected);
    }

    /// Whatever a member takes along comes out again.
    #[test]
    fn identities_come_through(
        seed in any::<[u8; 32]>(),
        name in "[a-z咪]{0,15}",
        nests in prop::collection::vec(("[a-z咪 ]{1,20}x", any::<bool>(), 1_u32..3000), 0..10),
        key in any::<[u8; 32]>(),
    ) {
        let membership = |(name, muted, days): (String, bool, u32)| Membership {
            address: Address { channel: channel_name(&name), ..address(NEST) },
            retention: Retention::Age { days },
            muted,
            name: None,
            avatar: None,
            blocked: BTreeMap::new(),
        };
        let mut entropy = Entropy::from_seed(seed);
        let identity = Identity {
            seed: DeviceSeed::generate(&mut entropy),
            name,
            preferences: Preferences::default(),
            channels: nests.into_iter().map(membership).collect(),
        };
        let key = LockKey::of_bytes(key);
        let lock = Lock::new(cheap(), &mut entropy);
        let file = identity.seal(lock, &key, &mut entropy).to_string();
        let opened = IdentityFile::parse(&file).and_then(|file| file.open(&key));
        prop_assert_eq!(opened, Ok(identity));
    }
}

fn channel_name(name: &str) -> catnest::address::ChannelName {
    catnest::address::ChannelName::new(name).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_entry_is_read_as_a_command_has_it() {
    let entry: Entry = serde_json::from_str(r#"{"record":"AAAA"}"#).unwrap();
    let expected = Entry {
        record: Base64::encode_string(&[0; 3]),
        ..Entry::default()
    };
    assert_eq!(entry, expected);
}
