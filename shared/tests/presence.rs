//! Who is online: each member once however many links lead to it, as long as it is heard of, and no longer.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    entropy::Entropy,
    identity::{AuthorKey, DeviceSeed},
    limits,
    node::Command,
    presence::{Announcement, AnnouncementError, Body, News, Roster, lifetime, pause},
    time::Millis,
    wire::{Frame, Run, Session, Sighting},
};
use common::{MINUTE, NEST, SECOND, join, nest, online};

const CHANNEL: ChannelId = ChannelId([1; 32]);
const NOW: Millis = Millis(1_790_000_000_000);

fn key(seed: u8) -> AuthorKey {
    DeviceSeed::generate(&mut Entropy::from_seed([seed; 32])).author_key(CHANNEL)
}

fn body(seed: u8, time: Millis, lifetime: u16) -> Body {
    Body {
        channel: CHANNEL,
        author: key(seed).author(),
        session: Session([seed; 16]),
        time,
        lifetime,
        name: format!("cat {seed}"),
        avatar: None,
    }
}

fn announcement(seed: u8, time: Millis, lifetime: u16) -> Announcement {
    Announcement::new(&key(seed), body(seed, time, lifetime))
}

fn names(roster: &Roster, now: Millis) -> Vec<String> {
    let mut names: Vec<String> = roster.online(now).map(|body| body.name.clone()).collect();
    names.sort();
    names
}

#[test]
fn an_announcement_has_these_bytes() {
    let bytes = announcement(4, NOW, 90).bytes;
    let lines: Vec<String> = bytes
        .chunks(32)
        .map(|line| line.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    insta::assert_snapshot!("announcement", lines.join("\n"));
    assert_eq!(
        Announcement::read(CHANNEL, &bytes),
        Ok(announcement(4, NOW, 90))
    );
}

#[test]
fn an_announcement_that_breaks_a_rule_is_refused_for_it() {
    let read = |body: Body| Announcement::read(CHANNEL, &Announcement::new(&key(4), body).bytes);
    let good = body(4, NOW, 90);
    let refused = [
        (
            Body {
                channel: ChannelId([2; 32]),
                ..good.clone()
            },
            AnnouncementError::ForeignChannel,
        ),
        (
            Body {
                name: "\n".into(),
                ..good.clone()
            },
            AnnouncementError::Name,
        ),
        (
            Body {
                avatar: Some("\u{202e}".into()),
                ..good.clone()
            },
            AnnouncementError::Avatar,
        ),
        (
            Body {
                lifetime: 541,
                ..good.clone()
            },
            AnnouncementError::Lifetime,
        ),
        (
            Body {
                author: key(5).author(),
                ..good.clone()
            },
            AnnouncementError::Signature,
        ),
    ];
    for (body, error) in refused {
        assert_eq!(read(body), Err(error));
    }
    assert!(read(good).is_ok());
    let bytes = announcement(4, NOW, 90).bytes;
    for i in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[i] ^= 1;
        assert!(Announcement::read(CHANNEL, &changed).is_err(), "byte {i}");
        assert!(
            Announcement::read(CHANNEL, &bytes[..i]).is_err(),
            "cut at {i}"
        );
    }
    assert_eq!(
        Announcement::read(CHANNEL, &[0; limits::MAX_ANNOUNCEMENT_BYTES + 1]),
        Err(AnnouncementError::TooLong(
            limits::MAX_ANNOUNCEMENT_BYTES + 1
        ))
    );
}

#[test]
fn a_member_is_online_until_its_announcement_expires_by_its_age() {
    let mut roster = Roster::default();
    let offer = |roster: &mut Roster, announcement, age| roster.offer(NOW, announcement, age);
    let first = announcement(1, NOW, 90);
    assert_eq!(offer(&mut roster, &first, Duration::ZERO), News::Change);
    let second = announcement(2, NOW, 90);
    assert_eq!(offer(&mut roster, &second, 60 * SECOND), News::Change);
    assert_eq!(names(&roster, NOW + 29 * SECOND), ["cat 1", "cat 2"]);
    assert_eq!(roster.deadline(), Some(NOW + 30 * SECOND));
    assert!(roster.expire(NOW + 30 * SECOND));
    assert!(!roster.expire(NOW + 30 * SECOND));
    assert_eq!(names(&roster, NOW + 30 * SECOND), ["cat 1"]);
    assert!(roster.expire(NOW + 90 * SECOND));
    assert_eq!(names(&roster, NOW + 90 * SECOND), [""; 0]);
}

#[test]
fn a_replay_says_nothing_new_however_old_it_is() {
    let mut roster = Roster::default();
    let first = announcement(1, NOW, 90);
    let goodbye = announcement(1, NOW + SECOND, 0);
    assert_eq!(roster.offer(NOW, &first, Duration::ZERO), News::Change);
    assert_eq!(roster.offer(NOW, &first, Duration::ZERO), News::Nothing);
    assert_eq!(
        roster.offer(NOW + SECOND, &goodbye, Duration::ZERO),
        News::Change
    );
    assert_eq!(names(&roster, NOW + SECOND), [""; 0]);
    for minutes in 0..60 {
        let now = NOW + minutes * MINUTE + SECOND;
        roster.expire(now);
        assert_eq!(
            roster.offer(now, &first, Duration::ZERO),
            News::Nothing,
            "{minutes} minutes later"
        );
    }
}

#[test]
fn who_is_doubted_stays_if_it_is_heard_of_again() {
    let run = |seed| Run {
        author: key(seed).author(),
        session: Session([seed; 16]),
    };
    let mut roster = Roster::default();
    for seed in 1..=3 {
        roster.offer(NOW, &announcement(seed, NOW, 90), Duration::ZERO);
    }
    roster.doubt(NOW, run(1));
    roster.doubt(NOW, run(2));
    roster.dismiss(NOW, run(3));
    let another = Run {
        session: Session([9; 16]),
        ..run(2)
    };
    roster.dismiss(NOW, another);
    assert_eq!(names(&roster, NOW), ["cat 1", "cat 2"]);
    let renewal = announcement(1, NOW + SECOND, 90);
    assert_eq!(
        roster.offer(NOW + SECOND, &renewal, Duration::ZERO),
        News::Renewal
    );
    let later = NOW + pause(3) + limits::PRESENCE_DOUBT;
    assert!(roster.expire(later));
    assert_eq!(names(&roster, later), ["cat 1"]);
}

#[test]
fn a_member_is_online_while_one_of_their_devices_is() {
    let on = |session: u8, time, lifetime, name: &str| {
        let body = Body {
            session: Session([session; 16]),
            name: name.to_owned(),
            ..body(1, time, lifetime)
        };
        Announcement::new(&key(1), body)
    };
    let offer = |roster: &mut Roster, now, announcement: &Announcement| {
        roster.offer(now, announcement, Duration::ZERO)
    };
    let mut roster = Roster::default();
    let first = on(1, NOW + MINUTE, 90, "Ann's clock is ahead");
    assert_eq!(offer(&mut roster, NOW, &first), News::Change);
    let second = on(2, NOW, 90, "Ann");
    assert_eq!(offer(&mut roster, NOW, &second), News::Change);
    assert_eq!(names(&roster, NOW), ["Ann's clock is ahead"]);
    assert_eq!(roster.count(NOW), 2);
    let goodbye = on(1, NOW + MINUTE + SECOND, 0, "Ann's clock is ahead");
    offer(&mut roster, NOW, &goodbye);
    assert_eq!(names(&roster, NOW), ["Ann"]);
    assert_eq!(offer(&mut roster, NOW, &first), News::Nothing);
    let goodbye = on(2, NOW + SECOND, 0, "Ann");
    offer(&mut roster, NOW, &goodbye);
    assert_eq!(names(&roster, NOW), [""; 0]);
}

#[test]
fn the_devices_of_a_member_are_bounded_and_the_newest_stay() {
    let on = |session: u8, seconds: u32| {
        let body = Body {
            session: Session([session; 16]),
            ..body(1, NOW + seconds * SECOND, 90)
        };
        Announcement::new(&key(1), body)
    };
    let mut roster = Roster::default();
    let most = limits::MAX_MEMBER_RUNS as u8;
    for session in 0..most + 2 {
        let announcement = on(session, session.into());
        assert_eq!(
            roster.offer(NOW, &announcement, Duration::ZERO),
            News::Change
        );
    }
    assert_eq!(roster.count(NOW), limits::MAX_MEMBER_RUNS);
    // Those that went for them do not come back by a replay.
    assert_eq!(roster.offer(NOW, &on(0, 0), Duration::ZERO), News::Nothing);
    assert_eq!(roster.online(NOW).count(), 1);
    let renewed = on(2, 100);
    assert_eq!(roster.offer(NOW, &renewed, Duration::ZERO), News::Renewal);
}

#[test]
fn the_roster_is_bounded() {
    let mut roster = Roster::default();
    let mut taken = 0;
    let seed = DeviceSeed::generate(&mut Entropy::from_seed([1; 32]));
    for number in 0..limits::MAX_MEMBERS as u64 + 10 {
        let mut other = [0; 32];
        other[..8].copy_from_slice(&number.to_le_bytes());
        let key = seed.author_key(ChannelId(other));
        let body = Body {
            author: key.author(),
            ..body(1, NOW, 90)
        };
        taken += usize::from(
            roster.offer(NOW, &Announcement::new(&key, body), Duration::ZERO) == News::Change,
        );
    }
    assert_eq!(taken, limits::MAX_MEMBERS);
}

#[test]
fn the_larger_the_nest_the_more_rarely_one_announces() {
    assert_eq!(lifetime(1), Duration::from_secs(90));
    assert_eq!(lifetime(150), Duration::from_secs(90));
    assert_eq!(lifetime(300), Duration::from_secs(180));
    assert_eq!(lifetime(usize::MAX), limits::MAX_PRESENCE);
    assert_eq!(pause(1), Duration::from_secs(2));
    assert_eq!(pause(50), Duration::from_secs(10));
    assert_eq!(pause(usize::MAX), limits::PRESENCE_RENEWAL);
}

#[test]
fn thirty_members_see_each_other_once_though_nobody_is_linked_to_all() {
    let names: Vec<String> = (0..30).map(|i| format!("cat {i:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut sim, devices, channel) = nest(2, &names);
    // Longer than any announcement holds without being renewed.
    sim.run_for(10 * MINUTE);
    for &device in &devices {
        assert!(sim.neighbours(device) < 29);
        let mut seen = online(&sim, device);
        seen.sort();
        assert_eq!(seen, names);
    }
    // One leaves, one dies, one has another name, one comes.
    sim.command(devices[0], Command::Leave { channel });
    sim.crash(devices[1]);
    sim.command(devices[2], Command::SetName { name: "new".into() });
    let late = sim.add("late");
    sim.run_for(SECOND);
    join(&mut sim, late, NEST);
    sim.run_for(3 * MINUTE);
    let mut expected: Vec<&str> = names[3..].to_vec();
    expected.extend(["late", "new"]);
    for &device in devices[2..].iter().chain([&late]) {
        let mut seen = online(&sim, device);
        seen.sort();
        assert_eq!(seen, expected);
    }
}

#[test]
fn a_member_that_nobody_linked_to_hears_of_leaves_within_its_announcements_time() {
    let names: Vec<String> = (0..30).map(|i| format!("cat {i:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut sim, devices, _) = nest(3, &names);
    sim.crash(devices[7]);
    let gone = |sim: &catnest::sim::Sim| {
        let others = devices.iter().filter(|device| **device != devices[7]);
        others
            .into_iter()
            .all(|&device| !online(sim, device).contains(&"cat 07".to_owned()))
    };
    assert!(sim.run_until(lifetime(30) + 5 * SECOND, gone));
}

#[test]
fn an_announcement_of_somebody_else_cannot_be_replayed_to_keep_it_online() {
    let (mut sim, devices, _) = nest(4, &["Ann", "Bo", "liar"]);
    let frames = sim.frames_heard(devices[2]);
    let sightings: Vec<&Vec<u8>> = frames
        .iter()
        .filter(|frame| matches!(Frame::decode(frame), Ok(Frame::Sighting(_))))
        .collect();
    assert!(!sightings.is_empty());
    sim.crash(devices[1]);
    for _ in 0..30 {
        for frame in &sightings {
            if let Ok(Frame::Sighting(sighting)) = Frame::decode(frame) {
                let fresh = Frame::Sighting(Sighting { age: 0, ..sighting });
                sim.forge_frame(devices[2], &fresh.encode());
            }
        }
        sim.run_for(4 * SECOND);
    }
    assert_eq!(online(&sim, devices[0]), ["Ann", "liar"]);
}

#[test]
fn what_is_no_news_has_its_signature_looked_at_by_nobody() {
    let (mut sim, devices, channel) = nest(6, &["Ann", "Bo", "liar"]);
    let unsigned = |time| {
        let body = Body {
            channel,
            ..body(9, time, 90)
        };
        let mut announcement = Announcement::new(&key(9), body).bytes;
        // The signature ends it.
        if let Some(last) = announcement.last_mut() {
            *last ^= 1;
        }
        Frame::Sighting(Sighting {
            age: 0,
            announcement,
        })
    };
    let (now, off) = (sim.now(), limits::EARLY_TOLERANCE + MINUTE);
    let slow = Millis(now.0 - off.as_millis() as u64);
    for (time, connections) in [(slow, 4), (now + off, 4), (now, 0)] {
        sim.forge_frame(devices[2], &unsigned(time).encode());
        sim.run_for(Duration::from_millis(500));
        assert_eq!(sim.open_connections(devices[2]), connections);
    }
}

#[test]
fn a_roster_full_of_invented_members_does_not_stop_new_links() {
    let (mut sim, devices, channel) = nest(5, &["Ann", "liar"]);
    let seed = DeviceSeed::generate(&mut Entropy::from_seed([1; 32]));
    for number in 0..1200_u64 {
        let mut other = [0; 32];
        other[..8].copy_from_slice(&number.to_le_bytes());
        let key = seed.author_key(ChannelId(other));
        let body = Body {
            channel,
            author: key.author(),
            ..body(1, sim.now(), 540)
        };
        let announcement = Announcement::new(&key, body).bytes;
        let sighting = Sighting {
            age: 0,
            announcement,
        };
        sim.forge_frame(devices[1], &Frame::Sighting(sighting).encode());
        sim.run_for(Duration::from_millis(20));
    }
    assert!(online(&sim, devices[0]).len() > 1000);
    let late = sim.add("late");
    sim.run_for(SECOND);
    join(&mut sim, late, NEST);
    sim.run_for(10 * SECOND);
    assert_eq!(sim.open_connections(late), 4);
    let made = sim.connections_made(late);
    sim.run_for(MINUTE);
    assert_eq!(sim.connections_made(late), made, "its links last");
}
