//! Files are read while they come: in order, from anywhere, and never a byte that was not proven.

mod common;

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, Problem, ReadKey, ReadPart, ReadProblem, TransferState},
    resource::{Descriptor, ResourceId, pieces},
    sim::{DeviceId, Lie, Sim},
    store::{Request, StoreError},
};

use common::{
    HOUR, MINUTE, SECOND, channel_of,
    files::{bytes, comes, describe, fetch, is, share, transfer},
    join, nest,
};

const ALL: u64 = u64::MAX;
const LENGTH: usize = 12_000_000;

/// A song of one member, which nobody else has.
fn song(names: &[&str], seed: u64) -> (Sim, Vec<DeviceId>, ChannelId, Descriptor, Vec<u8>) {
    let (mut sim, people, channel) = nest(seed, names);
    let content = bytes(LENGTH, 1);
    let file = describe("song.flac", "audio/flac", &content);
    share(&mut sim, people[0], channel, &file, &content);
    (sim, people, channel, file, content)
}

fn read(sim: &mut Sim, by: DeviceId, channel: ChannelId, file: &Descriptor, at: u64) -> ReadKey {
    sim.read(by, file.id, Some(channel), at, ALL)
}

/// Waits for the next part that a reader gets.
fn next(sim: &mut Sim, by: DeviceId, read: ReadKey) -> ReadPart {
    let count = sim.parts(by, read).len();
    if let Some(end) = last(sim, by, read).filter(ReadPart::is_last) {
        return end;
    }
    sim.read_more(by, read);
    let came = sim.run_until(10 * MINUTE, |sim| sim.parts(by, read).len() > count);
    assert!(came, "{read:?} got nothing");
    sim.parts(by, read)[count].clone()
}

/// Waits until a reader knows what it reads.
fn opens(sim: &mut Sim, by: DeviceId, read: ReadKey) -> ReadPart {
    assert!(sim.run_until(10 * MINUTE, |sim| !sim.parts(by, read).is_empty()));
    sim.parts(by, read)[0].clone()
}

/// Reads on until so many bytes came, or all; checks that each stands where the last one ended, and gives them.
fn read_on(sim: &mut Sim, by: DeviceId, read: ReadKey, from: u64, bytes: usize) -> Vec<u8> {
    let mut got = Vec::new();
    while got.len() < bytes {
        match next(sim, by, read) {
            ReadPart::Opened(_) => {}
            ReadPart::Bytes { offset, bytes } => {
                assert_eq!(offset, from + got.len() as u64);
                assert!(!bytes.is_empty() && bytes.len() <= limits::READ_PART_BYTES);
                got.extend(bytes);
            }
            ReadPart::End => break,
            ReadPart::Failed(problem) => panic!("{problem}"),
        }
    }
    got
}

/// What a reader got last.
fn last(sim: &Sim, by: DeviceId, read: ReadKey) -> Option<ReadPart> {
    sim.parts(by, read).last().map(|part| (*part).clone())
}

fn have(sim: &Sim, by: DeviceId, file: ResourceId) -> u64 {
    transfer(sim, by, file).map_or(0, |transfer| transfer.have_bytes)
}

/// Bytes that came more often than once.
fn twice(sim: &Sim, by: DeviceId, file: ResourceId) -> u64 {
    transfer(sim, by, file).map_or(0, |t| t.received.saturating_sub(t.have_bytes))
}

const ENDGAME: u64 = limits::ENDGAME_PIECES as u64 * limits::MIN_PIECE_BYTES;

#[test]
fn a_file_that_nobody_asked_for_is_got_and_read_in_its_order() {
    let (mut sim, people, channel, file, content) = song(&["Ann", "Ben"], 1);
    let ben = people[1];
    let reader = read(&mut sim, ben, channel, &file, 0);
    assert_eq!(opens(&mut sim, ben, reader), ReadPart::Opened(file.clone()));
    let first = read_on(&mut sim, ben, reader, 0, 1);
    assert!(have(&sim, ben, file.id) < LENGTH as u64 / 10);
    let at = first.len() as u64;
    let rest = read_on(&mut sim, ben, reader, at, LENGTH);
    assert!([first, rest].concat() == content);
    assert_eq!(last(&sim, ben, reader), Some(ReadPart::End));
    comes(&mut sim, ben, file.id);
    assert!(twice(&sim, ben, file.id) <= ENDGAME);
}

#[test]
fn what_is_read_in_the_middle_comes_first() {
    for seed in 0..5 {
        let (mut sim, people, channel, file, content) = song(&["Ann", "Ben", "Cat"], seed);
        let ben = people[1];
        let at = LENGTH / 2 + 1;
        let reader = read(&mut sim, ben, channel, &file, at as u64);
        let some = 1_000_000;
        let got = read_on(&mut sim, ben, reader, at as u64, some);
        assert!(got == content[at..at + got.len()]);
        let here = have(&sim, ben, file.id);
        let most = (some as u64) + limits::READ_AHEAD_BYTES + 2 * 1024 * 1024;
        assert!(here < most, "{here} bytes are here, {most} are enough");
    }
}

#[test]
fn a_seek_to_four_fifths_comes_before_what_was_read() {
    for seed in 0..5 {
        let (mut sim, people, channel, file, content) = song(&["Ann", "Ben"], seed);
        let ben = people[1];
        let before = read(&mut sim, ben, channel, &file, 0);
        read_on(&mut sim, ben, before, 0, 500_000);
        let at = LENGTH * 4 / 5;
        // As browsers do: the new reader comes, then the old one goes.
        let after = read(&mut sim, ben, channel, &file, at as u64);
        sim.end_read(ben, before);
        let had = have(&sim, ben, file.id);
        let got = read_on(&mut sim, ben, after, at as u64, 500_000);
        assert!(got == content[at..at + got.len()]);
        let came = have(&sim, ben, file.id).saturating_sub(had);
        assert!(came < 4_000_000, "{came} bytes came before");
        comes(&mut sim, ben, file.id);
        assert!(sim.stored_file(ben, file.id).as_ref() == Some(&content));
        assert!(twice(&sim, ben, file.id) <= ENDGAME);
    }
}

#[test]
fn two_read_at_two_places() {
    let (mut sim, people, channel, file, content) = song(&["Ann", "Ben"], 2);
    let ben = people[1];
    let places = [1_000_000, 9_000_000];
    let readers = places.map(|at| read(&mut sim, ben, channel, &file, at));
    let mut ats = places;
    for _ in 0..6 {
        for (at, reader) in ats.iter_mut().zip(readers) {
            let got = read_on(&mut sim, ben, reader, *at, 1);
            let from = *at as usize;
            assert!(got == content[from..from + got.len()]);
            *at += got.len() as u64;
        }
    }
    assert!(have(&sim, ben, file.id) < 10_000_000);
    // One download, whoever else asks for the same.
    fetch(&mut sim, ben, channel, &file);
    comes(&mut sim, ben, file.id);
    assert!(twice(&sim, ben, file.id) <= ENDGAME);
}

#[test]
fn who_stops_takes_its_haste_along_and_the_rest_comes_all_the_same() {
    let (mut sim, people, channel, file, content) = song(&["Ann", "Ben"], 3);
    let ben = people[1];
    let reader = read(&mut sim, ben, channel, &file, 5_000_000);
    read_on(&mut sim, ben, reader, 5_000_000, 1);
    sim.end_read(ben, reader);
    let parts = sim.parts(ben, reader).len();
    sim.read_more(ben, reader);
    comes(&mut sim, ben, file.id);
    assert_eq!(sim.parts(ben, reader).len(), parts);
    assert!(sim.stored_file(ben, file.id) == Some(content));
}

#[test]
fn a_download_that_is_paused_gives_what_is_here_and_waits() {
    let (mut sim, people, channel, file, content) = song(&["Ann", "Ben"], 4);
    let ben = people[1];
    let reader = read(&mut sim, ben, channel, &file, 0);
    let got = read_on(&mut sim, ben, reader, 0, 1_000_000);
    let pause = |paused| Command::Pause {
        file: file.id,
        paused,
    };
    sim.command(ben, pause(true));
    sim.run_for(MINUTE);
    assert!(is(&sim, ben, file.id, &TransferState::Paused));
    // What it reads is not a word about the pause.
    let mut at = got.len();
    loop {
        let count = sim.parts(ben, reader).len();
        sim.read_more(ben, reader);
        sim.run_for(MINUTE);
        let parts = sim.parts(ben, reader);
        let Some(ReadPart::Bytes { bytes, .. }) = parts.get(count) else {
            assert_eq!(parts.len(), count);
            break;
        };
        at += bytes.len();
    }
    assert!(at < LENGTH);
    sim.command(ben, pause(false));
    let rest = read_on(&mut sim, ben, reader, at as u64, LENGTH);
    assert!(rest == content[at..]);
}

#[test]
fn a_holder_that_leaves_is_not_waited_for() {
    for seed in 0..5 {
        let (mut sim, people, channel, file, content) = song(&["Ann", "Ben", "Cat"], seed);
        let [ann, ben, cat] = people[..] else {
            panic!("three people")
        };
        fetch(&mut sim, cat, channel, &file);
        comes(&mut sim, cat, file.id);
        let reader = read(&mut sim, ben, channel, &file, 0);
        let got = read_on(&mut sim, ben, reader, 0, 1_500_000);
        sim.crash(ann);
        let began = sim.now();
        let more = read_on(&mut sim, ben, reader, got.len() as u64, 4_000_000);
        let took = sim.now().since(began);
        assert!(took < limits::HOLDER_PATIENCE, "seed {seed}: {took:?}");
        let end = got.len() + more.len();
        assert!([got, more].concat() == content[..end]);
        let rest = read_on(&mut sim, ben, reader, end as u64, LENGTH);
        assert!(rest == content[end..]);
    }
}

#[test]
fn nothing_of_a_liar_is_read() {
    for seed in 0..5 {
        let (mut sim, people, channel, file, content) = song(&["Ann", "Ben", "Mal"], seed);
        let (ben, mal) = (people[1], people[2]);
        fetch(&mut sim, mal, channel, &file);
        comes(&mut sim, mal, file.id);
        sim.make_liar(mal, channel, &[Lie::Pieces], 100);
        let at = 3_000_000;
        let reader = read(&mut sim, ben, channel, &file, at);
        let got = read_on(&mut sim, ben, reader, at, LENGTH);
        assert!(got == content[at as usize..]);
    }
}

#[test]
fn what_is_complete_is_read_at_once_from_anywhere() {
    let (mut sim, people, _, file, content) = song(&["Ann", "Ben"], 5);
    let ann = people[0];
    for (offset, length) in [
        (0, ALL),
        (65_535, 2),
        (100, 300_000),
        (LENGTH as u64 - 1, ALL),
    ] {
        let began = sim.now();
        let reader = sim.read(ann, file.id, None, offset, length);
        let got = read_on(&mut sim, ann, reader, offset, LENGTH);
        let (from, most) = (offset as usize, length.min(LENGTH as u64) as usize);
        assert!(got == content[from..LENGTH.min(from + most)]);
        assert!(sim.now().since(began) < 2 * SECOND);
        assert_eq!(last(&sim, ann, reader), Some(ReadPart::End));
    }
    // Only what it is.
    for (offset, length) in [(0, 0), (LENGTH as u64, ALL)] {
        let reader = sim.read(ann, file.id, None, offset, length);
        let parts = sim.parts(ann, reader);
        assert_eq!(parts, [&ReadPart::Opened(file.clone()), &ReadPart::End]);
    }
}

#[test]
fn files_of_one_piece_and_of_none_are_read() {
    let (mut sim, people, channel) = nest(6, &["Ann", "Ben"]);
    for length in [0, 1, 65_536] {
        let content = bytes(length, 3);
        let file = describe("short", "audio/wav", &content);
        share(&mut sim, people[0], channel, &file, &content);
        for by in [people[0], people[1]] {
            let reader = read(&mut sim, by, channel, &file, 0);
            assert_eq!(opens(&mut sim, by, reader), ReadPart::Opened(file.clone()));
            let got = if length == 0 {
                Vec::new()
            } else {
                read_on(&mut sim, by, reader, 0, ALL as usize)
            };
            assert!(got == content);
            assert_eq!(last(&sim, by, reader), Some(ReadPart::End));
        }
    }
}

#[test]
fn who_does_not_ask_gets_nothing_and_who_asks_gets_one_part() {
    let (mut sim, people, _, file, _) = song(&["Ann", "Ben"], 7);
    let ann = people[0];
    let reader = sim.read(ann, file.id, None, 0, ALL);
    sim.run_for(HOUR);
    assert_eq!(sim.parts(ann, reader).len(), 1, "what it is, and no more");
    for parts in 2..5 {
        for _ in 0..3 {
            sim.read_more(ann, reader);
        }
        sim.run_for(MINUTE);
        assert_eq!(sim.parts(ann, reader).len(), parts);
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let (mut sim, people, channel, file, _) = song(&["Ann", "Ben"], 8);
    let (ann, ben) = (people[0], people[1]);
    let failed = |problem| Some(ReadPart::Failed(problem));
    // Nothing is known of it, and nobody there could have it.
    let elsewhere = channel_of("webrtc://127.0.0.1/elsewhere");
    for channel in [None, Some(elsewhere)] {
        let reader = sim.read(ben, file.id, channel, 0, ALL);
        assert_eq!(last(&sim, ben, reader), failed(ReadProblem::Unknown));
    }
    let beyond = sim.read(ann, file.id, None, LENGTH as u64 + 1, 1);
    let length = LENGTH as u64;
    assert_eq!(
        last(&sim, ann, beyond),
        failed(ReadProblem::BeyondEnd { length })
    );
    // Removed while it is read, and while it is waited for.
    let reader = read(&mut sim, ben, channel, &file, 0);
    read_on(&mut sim, ben, reader, 0, 1);
    sim.command(ben, Command::Remove { file: file.id });
    assert_eq!(last(&sim, ben, reader), failed(ReadProblem::Gone));
    let unknown = ResourceId([9; 32]);
    let waiting = sim.read(ben, unknown, Some(channel), 0, ALL);
    sim.run_for(MINUTE);
    assert_eq!(last(&sim, ben, waiting), None);
    sim.command(ben, Command::Leave { channel });
    sim.run_for(SECOND);
    assert_eq!(last(&sim, ben, waiting), failed(ReadProblem::Gone));
}

#[test]
fn a_disk_that_fails_is_said_and_one_that_lost_something_gets_it_again() {
    let (mut sim, people, channel, file, content) = song(&["Ann", "Ben"], 9);
    let ben = people[1];
    fetch(&mut sim, ben, channel, &file);
    comes(&mut sim, ben, file.id);
    let full = StoreError::Unavailable("it was pulled out".into());
    let fault = full.clone();
    sim.break_store(ben, move |request| {
        matches!(request, Request::LoadPieces { .. }).then(|| fault.clone())
    });
    let reader = read(&mut sim, ben, channel, &file, 0);
    let problem = ReadProblem::Problem(Problem::from(full));
    assert_eq!(next(&mut sim, ben, reader), ReadPart::Failed(problem));
    sim.mend_store(ben);
    // What is missing in the middle of a part ends the part, and comes from somebody else.
    sim.lose_pieces(ben, file.id, vec![0, 2, 40]).unwrap();
    let reader = read(&mut sim, ben, channel, &file, 0);
    assert!(read_on(&mut sim, ben, reader, 0, LENGTH) == content);
    comes(&mut sim, ben, file.id);

    // A disk without room: what is here is read, and then it is said.
    let (mut sim, people, channel, file, content) = song(&["Ann", "Ben"], 10);
    let ben = people[1];
    let reader = read(&mut sim, ben, channel, &file, 0);
    let got = read_on(&mut sim, ben, reader, 0, 1_000_000);
    assert!(got == content[..got.len()]);
    sim.break_store(ben, |request| {
        matches!(request, Request::PutPieces { .. }).then_some(StoreError::Full)
    });
    let part = loop {
        let part = next(&mut sim, ben, reader);
        if part.is_last() {
            break part;
        }
    };
    let problem = ReadProblem::Problem(Problem::StoreFull);
    assert_eq!(part, ReadPart::Failed(problem));
}

#[test]
fn what_a_file_is_is_known_before_the_disk_has_any_of_it() {
    let (mut sim, people, channel, file, _) = song(&["Ann", "Ben"], 12);
    let ben = people[1];
    sim.break_store(ben, |request| {
        matches!(request, Request::PutPieces { .. }).then_some(StoreError::Full)
    });
    let reader = read(&mut sim, ben, channel, &file, 0);
    assert_eq!(opens(&mut sim, ben, reader), ReadPart::Opened(file));
    let failed = ReadPart::Failed(ReadProblem::Problem(Problem::StoreFull));
    assert_eq!(next(&mut sim, ben, reader), failed);
}

#[test]
fn so_many_read_and_the_one_that_is_silent_for_longest_gives_way() {
    let (mut sim, people, _, file, _) = song(&["Ann", "Ben"], 11);
    let ann = people[0];
    let readers: Vec<ReadKey> = (0..limits::MAX_READS)
        .map(|_| {
            sim.run_for(SECOND);
            sim.read(ann, file.id, None, 0, ALL)
        })
        .collect();
    sim.run_for(SECOND);
    assert!(!next(&mut sim, ann, readers[0]).is_last());
    let one_more = sim.read(ann, file.id, None, 0, ALL);
    let gave_way = Some(ReadPart::Failed(ReadProblem::GaveWay));
    assert_eq!(last(&sim, ann, readers[1]), gave_way);
    for reader in [readers[0], readers[2], one_more] {
        assert!(!next(&mut sim, ann, reader).is_last());
    }
}

#[test]
fn what_is_asked_for_before_all_is_loaded_is_read_then() {
    let (mut sim, people, channel, file, content) = song(&["Ann", "Ben"], 12);
    let ben = people[1];
    fetch(&mut sim, ben, channel, &file);
    let half = |sim: &Sim| have(sim, ben, file.id) > 4_000_000;
    assert!(sim.run_until(MINUTE, half));
    sim.crash(ben);
    sim.run_for(MINUTE);
    sim.restart(ben);
    let at = 10_000_000;
    let reader = sim.read(ben, file.id, None, at, ALL);
    let stopped = sim.read(ben, file.id, None, at, ALL);
    sim.end_read(ben, stopped);
    assert_eq!(opens(&mut sim, ben, reader), ReadPart::Opened(file.clone()));
    assert!(read_on(&mut sim, ben, reader, at, LENGTH) == content[at as usize..]);
    assert!(sim.parts(ben, stopped).is_empty());
}

#[test]
fn a_false_length_is_never_told_to_a_reader() {
    let (mut sim, people, channel) = nest(13, &["Ann", "Ben", "Mal"]);
    let content = bytes(3_000_000, 4);
    let right = describe("song.wav", "audio/wav", &content);
    let mut wrong = right.clone();
    wrong.length = 400_000;
    fetch(&mut sim, people[1], channel, &wrong);
    sim.run_for(SECOND);
    let reader = read(&mut sim, people[1], channel, &right, 0);
    share(&mut sim, people[0], channel, &right, &content);
    assert_eq!(
        opens(&mut sim, people[1], reader),
        ReadPart::Opened(right.clone())
    );
    let got = read_on(&mut sim, people[1], reader, 0, ALL as usize);
    assert!(got == content);
    assert!(pieces::count(right.length) > 40);
}

#[test]
fn who_joins_late_reads_what_somebody_shares_then() {
    let (mut sim, people, channel) = nest(14, &["Ann", "Ben"]);
    let content = bytes(1_000_000, 5);
    let file = describe("song.wav", "audio/wav", &content);
    let reader = read(&mut sim, people[1], channel, &file, 500_000);
    let again = read(&mut sim, people[1], channel, &file, 0);
    join(&mut sim, people[1], "webrtc://127.0.0.1/other");
    sim.run_for(MINUTE);
    assert!(sim.parts(people[1], reader).is_empty());
    share(&mut sim, people[0], channel, &file, &content);
    let got = read_on(&mut sim, people[1], reader, 500_000, LENGTH);
    assert!(got == content[500_000..]);
    assert!(read_on(&mut sim, people[1], again, 0, LENGTH) == content);
    // Asked for twice, got once.
    assert!(twice(&sim, people[1], file.id) <= ENDGAME);
}

#[test]
fn what_nobody_has_is_sought_for_as_long_as_it_is_read() {
    let (mut sim, people, channel) = nest(40, &["Ann", "Ben"]);
    let ben = people[1];
    let covers = limits::MAX_TRANSFERS * 2;
    for number in 0..covers {
        let mut id = [9; 32];
        id[..8].copy_from_slice(&number.to_le_bytes());
        let reader = sim.read(ben, ResourceId(id), Some(channel), 0, ALL);
        sim.run_for(SECOND / 10);
        assert_eq!(last(&sim, ben, reader), None, "cover {number}");
        sim.end_read(ben, reader);
    }
    // There is room for what the member wants.
    let content = bytes(LENGTH, 1);
    let file = describe("song.flac", "audio/flac", &content);
    share(&mut sim, people[0], channel, &file, &content);
    fetch(&mut sim, ben, channel, &file);
    comes(&mut sim, ben, file.id);
}
