//! The bodies of the fuzz targets: whatever the bytes, no panic, and what parses survives its own printing.
//!
//! `fuzz/` runs them under cargo-fuzz, `tests/fuzz_bodies.rs` over their corpus and random bytes on stable.

mod turn;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::LazyLock,
};

pub use self::turn::turn;
use crate::{
    address::Address,
    channel::ChannelId,
    chat::{
        burn::Switch,
        record::{self, Position, Record, RecordId},
    },
    entropy::Entropy,
    host::{FromHost, HostClient, HostInput, Pairing, ProgramId, Switchboard, ToHost},
    house::{
        channel_file::{Header, Reader},
        identity_file::{IdentityFile, LockKey},
    },
    identity::Author,
    invitation, limits,
    music::{
        ban::{BanTable, Fields},
        lyrics::Lyrics,
        player::Player,
        queue::Queue,
        shelf::{self, Lending, Library, OtherShelf, OwnShelf},
        tags::{Step, TagReader},
        text,
        together::{self, Together, TogetherOutput},
        track::Track,
    },
    presence::{Claim, Roster},
    resource::{Hashed, Have, Md5, ResourceHasher, ResourceId, pieces},
    signal::{
        hub::{Hub, Socket},
        message::Incoming,
        seal::SealKey,
    },
    swarm::{Download, HolderKey, Message, Upload},
    sync::{NeighbourKey, Reconciler, ReconcilerOutput},
    time::Millis,
    wire::{Frame, Run, Session},
};

/// An address that parses prints to one that parses to the same; an invitation is searched for one.
pub fn address(bytes: &[u8]) {
    if let Ok(address) = invitation::read(&String::from_utf8_lossy(bytes)) {
        assert_eq!(address.to_string().parse().as_ref(), Ok(&address));
    }
    if let Ok(address) = String::from_utf8_lossy(bytes).parse::<Address>() {
        assert_eq!(
            address.to_string().parse().as_ref(),
            Ok(&address),
            "{address}"
        );
    }
}

/// A frame that is read writes to one that is read as the same.
pub fn frame(bytes: &[u8]) {
    if let Ok(frame) = Frame::decode(bytes)
        && !matches!(frame, Frame::Unknown(_))
    {
        assert_eq!(Frame::decode(&frame.encode()).as_ref(), Ok(&frame));
    }
}

/// A message between a program and the daemon that is read writes to one that is read as the same.
pub fn host(bytes: &[u8]) {
    if let Ok(message) = ToHost::read(bytes) {
        assert_eq!(ToHost::read(&message.write()), Ok(message.clone()));
        let mut board = Switchboard::new(Entropy::from_seed([1; 32]));
        for program in [1, 2, 1] {
            board.hear(Millis(0), ProgramId(program), message.clone());
        }
        while let Some((_, said)) = board.poll() {
            assert_eq!(FromHost::read(&said.write()), Ok(said));
        }
    }
    if let Ok(message) = FromHost::read(bytes)
        && message != FromHost::Unknown
    {
        assert_eq!(FromHost::read(&message.write()), Ok(message.clone()));
        Pairing::default().hear(message);
    }
    let mut client = HostClient::default();
    client.handle(Millis(0), HostInput::Look);
    for half in bytes.chunks(bytes.len() / 2 + 1) {
        client.handle(Millis(0), HostInput::Heard(half.to_vec()));
    }
}

/// Nobody but an author makes a record.
pub fn chat_record(bytes: &[u8]) {
    let checked = Record::read(ChannelId([7; 32]), bytes);
    if let Ok(record) = &checked {
        assert_eq!(record::id_of(bytes).as_ref(), Ok(&record.id));
    }
}

/// Nobody but a member turns the burn switch.
pub fn burn_switch(bytes: &[u8]) {
    let now = Millis(1_790_000_000_000);
    if let Ok(switch) = Switch::read(now, ChannelId([7; 32]), bytes) {
        assert_eq!(Switch::from_store(bytes), Ok(switch));
    }
}

/// A channel's file is the same in whatever parts it comes, and nobody but an author has something taken in.
pub fn channel_file(bytes: &[u8]) {
    let mut whole = Reader::default();
    let at_once = whole.push(bytes);
    let mut parts = Reader::default();
    let mut one_by_one = Ok(Vec::new());
    for part in bytes.chunks(7) {
        match (&mut one_by_one, parts.push(part)) {
            (Ok(all), Ok(entries)) => all.extend(entries),
            (Ok(_), Err(error)) => one_by_one = Err(error),
            (Err(_), _) => break,
        }
    }
    assert_eq!(at_once, one_by_one);
    if let Some(header) = whole.header() {
        assert_eq!(
            Header::parse(header.to_line().as_bytes()).as_ref(),
            Ok(header)
        );
    }
    for entry in at_once.unwrap_or_default() {
        assert_eq!(entry.read(Millis(u64::MAX), ChannelId([7; 32])), None);
    }
    assert_eq!(whole.finish(), parts.finish());
}

/// Nobody opens an identity file without its key, and one that is read prints to the same.
pub fn identity_file(bytes: &[u8]) {
    if let Ok(file) = IdentityFile::parse(&String::from_utf8_lossy(bytes)) {
        assert_eq!(IdentityFile::parse(&file.to_string()).as_ref(), Ok(&file));
        assert!(file.open(&LockKey::of_bytes([8; 32])).is_err());
    }
}

/// Whatever neighbours say about their logs, the comparing goes on, and what is asked of the store is bounded. The bytes
/// are frames, each after a byte that says from whom and two with its length.
pub fn history(mut bytes: &[u8]) {
    let mut reconciler = Reconciler::default();
    let mut now = Millis(0);
    for neighbour in 0..3 {
        reconciler.met(now, NeighbourKey(neighbour), neighbour == 0);
    }
    let here = |time| Position {
        time: Millis(time),
        id: RecordId([time as u8; 32]),
    };
    while let [from, high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (frame, rest) = rest.split_at(length);
        bytes = rest;
        now = now + limits::HISTORY_PATIENCE / 4;
        let neighbour = NeighbourKey(u64::from(from % 3));
        if let Ok(Frame::History(message)) = Frame::decode(frame) {
            reconciler.heard(now, neighbour, message, |id| id.0[0] % 2 == 0);
        }
        if reconciler.deadline().is_some_and(|due| due <= now) {
            reconciler.wake(now);
        }
        while let Some(output) = reconciler.poll() {
            match output {
                ReconcilerOutput::List { list, span, limit } => {
                    assert!(limit <= limits::MAX_COMPARED_RECORDS);
                    let all = (1..9).rev().map(here);
                    let listed: Vec<Position> = all.filter(|p| span.contains(*p)).collect();
                    reconciler.listed(now, list, &listed, false);
                }
                ReconcilerOutput::Serve(to, positions) => {
                    assert!(positions.len() <= limits::HISTORY_AT_ONCE);
                    reconciler.sent(to);
                }
                ReconcilerOutput::Keep(from, records) => {
                    assert!(records.is_empty(), "nobody but an author makes a record");
                    reconciler.kept(now, from, &[], |_| false);
                }
                ReconcilerOutput::Send(..) => {}
                ReconcilerOutput::Liar(who, _) => assert!(!reconciler.knows(who)),
            }
        }
    }
}

/// Nobody but a member makes an announcement.
pub fn presence(bytes: &[u8]) {
    if let Ok(claim) = Claim::read(ChannelId([7; 32]), bytes) {
        assert!(Roster::default().is_news(claim.body().time, claim.body()));
        if let Ok(announcement) = claim.check() {
            assert_eq!(announcement.bytes, bytes);
        }
    }
}

/// Lyrics are in order and within their limits, and each line is sung at its time.
pub fn lyrics(bytes: &[u8]) {
    let Ok(lyrics) = Lyrics::read(bytes) else {
        return;
    };
    assert!(lyrics.lines.len() + lyrics.untimed.len() <= limits::MAX_LYRICS_LINES);
    assert!(lyrics.lines.is_sorted_by_key(|line| line.at));
    for (i, line) in lyrics.lines.iter().enumerate() {
        assert!(line.text.len() <= limits::MAX_LYRICS_LINE_BYTES);
        assert!(line.words.is_sorted_by_key(|word| word.at));
        assert!(line.words.is_sorted_by_key(|word| word.start));
        let words = (0..line.words.len()).map(|word| line.word(word).len());
        assert!(line.words.is_empty() || words.sum::<usize>() == line.text.len());
        let sung = lyrics.line_at(line.at);
        assert!(sung.is_some_and(|lines| lines.contains(&i)), "{line:?}");
    }
}

/// A ban table that is read writes to the same, and whatever it says, a track matches it or does not.
pub fn ban_table(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(table) = BanTable::parse(&text) else {
        return;
    };
    assert_eq!(BanTable::parse(&table.to_text()).as_ref(), Ok(&table));
    let fields = Fields {
        title: &text,
        artist: "Mimi 咪咪",
        ..Fields::default()
    };
    let found = table.matches(&fields);
    assert!(found.is_none_or(|found| table.entries().get(found).is_some_and(|entry| !entry.off)));
}

/// A message from a server is read, or refused, or left out; what is read writes to the same.
pub fn signal(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let written = match Incoming::parse(&text) {
        Ok(Incoming::Peer(message)) => (message.to_json(), Incoming::Peer(message)),
        Ok(Incoming::Sealed(message)) => {
            let key = SealKey::new([7; 32]);
            assert!(message.clone().open(&key, "a", "t").is_err());
            (message.to_json(), Incoming::Sealed(message))
        }
        _ => return,
    };
    assert_eq!(Incoming::parse(&written.0).as_ref(), Ok(&written.1));
}

/// Whatever a device sends, the server goes on, and its own messages stay readable.
pub fn hub(bytes: &[u8]) {
    let mut hub = Hub::new(Entropy::from_seed([1; 32]));
    #[expect(clippy::unwrap_used, reason = "a constant that is a channel name")]
    let channel = crate::address::ChannelName::new("nest").unwrap();
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    hub.join(Millis(0), Socket(1), address, &channel, true);
    hub.join(Millis(0), Socket(2), address, &channel, false);
    hub.text(Millis(0), Socket(1), &String::from_utf8_lossy(bytes));
    hub.text(Millis(0), Socket(2), &String::from_utf8_lossy(bytes));
    while hub.poll().is_some() {}
    assert_eq!(hub.load().1, usize::from(hub.load().0 > 0));
}

/// Whatever holders and receivers say about a resource, a download and an upload go on, and neither grows without end. The
/// bytes are frames, each after a byte that says from whom and two with its length.
pub fn swarm(mut bytes: &[u8]) {
    const LENGTH: u64 = 150_000;
    static FILE: LazyLock<Hashed> = LazyLock::new(|| {
        let mut hasher = ResourceHasher::new(LENGTH);
        let taken = hasher.update(&[7; LENGTH as usize]);
        #[expect(clippy::unwrap_used, reason = "as many bytes as were announced")]
        taken.and_then(|()| hasher.finish()).unwrap()
    });
    // Half of them know what to ask for from the start.
    let outline = bytes.first().is_some_and(|byte| byte % 2 == 0);
    let outline = outline.then(|| FILE.outline.clone());
    let mut entropy = Entropy::from_seed([1; 32]);
    let mut download = Download::new(FILE.id, LENGTH, Have::none(LENGTH), outline, &mut entropy);
    let mut upload = Upload::default();
    let mut now = Millis(0);
    while let [from, high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (frame, rest) = rest.split_at(length);
        bytes = rest;
        now = now + limits::HOLDER_PATIENCE / 4;
        let holder = HolderKey(u64::from(from % 3));
        if let Ok(Frame::Resource(message)) = Frame::decode(frame) {
            match message {
                Message::Holding(holding) => download.holding(now, holder, holding),
                Message::Gained(gained) => download.gained(now, holder, &gained.pieces),
                Message::Outline(part) => download.outline_part(now, holder, &part),
                Message::Packet(packet) => download.packet(now, holder, &packet),
                Message::Reject(rejection) => download.rejected(now, holder, &rejection),
                Message::Request(wanted) => upload.requested(&wanted, |piece| {
                    Some(pieces::bytes_of(LENGTH, piece)).filter(|bytes| *bytes > 0)
                }),
                Message::Cancel(cancelled) => upload.cancelled(&cancelled),
                Message::Seek(_) | Message::AskOutline(_) => {}
            }
        }
        if download.deadline().is_some_and(|at| at <= now) {
            download.wake(now);
        }
        while download.poll().is_some() {}
        while upload.poll().is_some() {}
        assert!(download.holders() <= 3);
    }
}

/// Whatever a music file has in it, reading ends, reads only what is there and not too much of it, and gives what can be
/// shown.
pub fn tags(bytes: &[u8]) {
    let mut reader = TagReader::new(bytes.len() as u64);
    let mut read = 0;
    let told = loop {
        match reader.step() {
            Step::Read(range) => {
                read += range.length;
                assert!(read <= limits::MAX_TAGS_BYTES);
                let begin = range.offset as usize;
                reader.feed(&bytes[begin..begin + range.length as usize]);
            }
            Step::Done(told) => break *told,
        }
    };
    if let Ok(tags) = told {
        for line in [&tags.title, &tags.artist, &tags.album] {
            assert_eq!(&text::line(line, limits::MAX_TAG_BYTES), line);
        }
        assert!(tags.lyrics.len() <= limits::MAX_TAG_LYRICS_BYTES);
        assert!(
            tags.cover
                .is_none_or(|cover| cover.bytes.len() <= bytes.len())
        );
    }
}

/// A track that is read is clean, and writes to the same.
pub fn track(bytes: &[u8]) {
    if let Ok(track) = Track::from_bytes(bytes) {
        assert_eq!(track.clone().cleaned().as_ref(), Ok(&track));
        assert_eq!(Track::from_bytes(&track.to_bytes()).as_ref(), Ok(&track));
        assert!(!track.shown_title().is_empty());
        assert!(track.descriptor().check().is_ok());
    }
}

/// A queue that is read is within its limits, and writes to the same.
pub fn queue(bytes: &[u8]) {
    if let Ok(queue) = Queue::from_bytes(bytes) {
        assert!(queue.len() <= limits::MAX_QUEUE);
        assert!(queue.history().count() <= limits::MAX_PLAYED);
        assert!(queue.position().is_none_or(|at| at < queue.len()));
        let written = queue.to_bytes();
        assert!(written.len() <= limits::MAX_QUEUE_BYTES);
        assert_eq!(Queue::from_bytes(&written).as_ref(), Ok(&queue));
    }
}

/// Whatever neighbours say about their lists and ask of this one, all of it goes on, and nothing grows without end. The bytes
/// are messages, each after a byte that says from whom and two with its length.
pub fn shelf(mut bytes: &[u8]) {
    static OWN: LazyLock<OwnShelf> = LazyLock::new(|| {
        let mut own = OwnShelf::new();
        for number in 0..200 {
            // There is room for so many.
            let _ = own.put(numbered(number));
        }
        own.remove(numbered(7).id);
        own
    });
    let mut lending = Lending::new();
    let mut other = OtherShelf::new();
    let mut library = Library::default();
    let mut asked = other.begin();
    let mut now = Millis(1_790_000_000_000);
    while let [from, high, low, rest @ ..] = bytes {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(rest.len());
        let (message, rest) = rest.split_at(length);
        bytes = rest;
        now = now + limits::SAY_AGAIN / 4;
        let who = neighbour(from % 3);
        let Ok(message) = shelf::message::Message::from_bytes(message) else {
            continue;
        };
        let written = message.to_bytes();
        // What was left out is written.
        if written.len() <= limits::MAX_SHELF_PART_BYTES {
            let read = shelf::message::Message::from_bytes(&written);
            assert_eq!(read.as_ref(), Ok(&message));
        }
        match message {
            shelf::message::Message::Ask(ask) => {
                if let Some(part) = lending.asked(now, who, ask, &OWN) {
                    let part = shelf::message::Message::Part(part);
                    let read = shelf::message::Message::from_bytes(&part.to_bytes());
                    assert_eq!(read, Ok(part));
                }
            }
            shelf::message::Message::Part(mut part) => {
                // Most of them answer what was asked.
                if let Some(ask) = asked.filter(|_| *from < 200) {
                    part.number = ask.number;
                }
                let applied = other.part(part);
                asked = applied.next.or(asked);
                library.told(neighbour(0), &applied);
                assert!(library.len() <= 2 * limits::MAX_SHELF_TRACKS);
                assert_eq!(library.len(), other.len());
            }
            shelf::message::Message::News(news) => {
                asked = other.news(news.version).or(asked);
            }
        }
        if lending.deadline().is_some_and(|due| due <= now) {
            lending.wake(now, &OWN);
        }
    }
}

/// Whatever neighbours say about listening together, a device goes on. The bytes are messages, each after a byte that says
/// from whom, and what a person does, and one with its length.
pub fn together(mut bytes: &[u8]) {
    let mut together = Together::new(neighbour(0));
    let mut player = Player::new(Entropy::from_seed([1; 32]));
    let mut now = Millis(1_790_000_000_000);
    together.player(now, player.state());
    while let [act, length, rest @ ..] = bytes {
        let (message, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        bytes = rest;
        now = now + limits::LEAD_PATIENCE / 8;
        let from = neighbour(1 + act % 3);
        if let Ok(message) = together::message::Message::from_bytes(message) {
            let read = together::message::Message::from_bytes(&message.to_bytes());
            assert_eq!(read, Ok(message));
            together.heard(now, from, message, &|_| false);
        }
        match act / 4 % 8 {
            0 => together.lead(now),
            1 => drop(together.follow(now, from)),
            2 => together.leave(),
            _ => {}
        }
        if together.deadline().is_some_and(|due| due <= now) {
            together.wake(now);
        }
        let mut outputs = 0;
        while let Some(output) = together.poll() {
            if let TogetherOutput::Player(command) = output {
                player.guest(now, command, &|_| true);
                while player.poll().is_some() {}
                together.player(now, player.state());
            }
            outputs += 1;
            assert!(outputs < 100, "it comes to rest");
        }
        assert!(together.view().leads.len() <= limits::MAX_LEADS);
    }
}

fn neighbour(number: u8) -> Run {
    Run {
        author: Author([number; 32]),
        session: Session([number; 16]),
    }
}

fn numbered(number: u8) -> Track {
    Track {
        id: ResourceId([number; 32]),
        md5: Md5([number; 16]),
        length: 1_000_000,
        media_type: "audio/flac".into(),
        name: format!("{number}.flac"),
        title: format!("Song {number}"),
        artist: "The Nest".into(),
        album: "Purr".into(),
        number: Some(1 + u16::from(number)),
        disc: None,
        year: None,
        play_ms: None,
        cover: None,
        lyrics: None,
        added: Millis(1_790_000_000_000),
    }
}
