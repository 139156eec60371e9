//! Names and avatars of a channel, keys that are told apart, and members who are blocked.

mod common;

use std::{collections::BTreeMap, time::Duration};

use catnest::{
    channel::ChannelId,
    identity::Author,
    node::{ChannelView, Command, Problem},
    sim::{DeviceId, Sim},
};
use common::{
    MINUTE, SECOND, files, heard, log, messages, nest, online, problems, say, view, view_now,
};

fn appear(sim: &mut Sim, device: DeviceId, channel: ChannelId, name: &str, avatar: &str) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (name, avatar) = (some(name), some(avatar));
    let profile = Command::SetProfile {
        channel,
        name,
        avatar,
    };
    sim.command(device, profile);
    sim.run_for(MINUTE);
}

fn author(sim: &Sim, device: DeviceId) -> Author {
    let me = view(sim, device).members.remove(0);
    assert!(me.me);
    me.author
}

fn block(sim: &mut Sim, device: DeviceId, channel: ChannelId, author: Author, blocked: bool) {
    let block = Command::Block {
        channel,
        author,
        blocked,
    };
    sim.command(device, block);
    sim.run_for(SECOND);
}

fn burn(sim: &mut Sim, device: DeviceId, channel: ChannelId, on: bool) {
    sim.command(device, Command::Burn { channel, on });
    sim.run_for(10 * SECOND);
}

fn burns(view: ChannelView) -> bool {
    view.burn.is_some_and(|burn| burn.on)
}

#[test]
fn a_name_and_an_avatar_of_one_channel_are_seen_there_and_stay() {
    let (mut sim, devices, channel) = nest(1, &["Ann", "Bo", "Cy"]);
    appear(&mut sim, devices[0], channel, "Mia", "🐈");
    for device in &devices[1..] {
        let members = view(&sim, *device).members;
        let mia = members.iter().find(|member| member.name == "Mia");
        assert_eq!(mia.unwrap().avatar.as_deref(), Some("🐈"), "{device:?}");
    }
    say(&mut sim, devices[0], channel, "meow");
    sim.run_for(MINUTE);
    for device in &devices {
        let said = messages(&mut sim, *device, channel).pop().unwrap();
        assert_eq!(
            (said.name.as_str(), said.avatar.as_deref()),
            ("Mia", Some("🐈"))
        );
    }
    sim.crash(devices[0]);
    sim.restart(devices[0]);
    sim.run_for(MINUTE);
    assert_eq!(online(&sim, devices[0])[0], "Mia");
    // The device is called as before, and so is its member wherever nothing else was chosen.
    appear(&mut sim, devices[0], channel, "", "");
    assert_eq!(online(&sim, devices[1]), ["Bo", "Ann", "Cy"]);
    say(&mut sim, devices[0], channel, "again");
    sim.run_for(MINUTE);
    let said = messages(&mut sim, devices[1], channel).pop().unwrap();
    assert_eq!((said.name.as_str(), said.avatar), ("Ann", None));
}

#[test]
fn what_cannot_be_shown_is_no_name_and_no_avatar() {
    let (mut sim, devices, channel) = nest(2, &["Ann"]);
    sim.forget_events();
    appear(&mut sim, devices[0], channel, "\u{202e}nnA", "");
    appear(
        &mut sim,
        devices[0],
        channel,
        "Ann",
        "much too long for the picture of a cat",
    );
    assert_eq!(problems(&sim, devices[0]), [Problem::Name, Problem::Avatar]);
}

#[test]
fn names_that_look_alike_are_told_apart_by_their_keys() {
    let (mut sim, devices, channel) = nest(3, &["Mia", "Bo", "Cy"]);
    assert_eq!(view(&sim, devices[1]).people.marks, BTreeMap::new());
    say(&mut sim, devices[0], channel, "I was here first");
    sim.run_for(MINUTE);
    // A Cyrillic letter.
    appear(&mut sim, devices[2], channel, "M\u{456}a", "");
    let (mia, other) = (author(&sim, devices[0]), author(&sim, devices[2]));
    for device in &devices {
        let marks = view(&sim, *device).people.marks;
        assert_eq!(marks.len(), 2, "{device:?}");
        for author in [mia, other] {
            let mark = &marks[&author];
            assert!(mark.len() >= 4 && author.to_string().starts_with(mark));
        }
        assert_ne!(marks[&mia], marks[&other]);
    }
    // She is away, and it is known from what she said that it is not her.
    sim.crash(devices[0]);
    sim.crash(devices[1]);
    sim.restart(devices[1]);
    sim.run_for(10 * MINUTE);
    assert_eq!(view(&sim, devices[1]).people.marks.len(), 2);
}

#[test]
fn who_is_blocked_makes_nothing_unread_and_turns_no_switch() {
    let (mut sim, devices, channel) = nest(4, &["Ann", "Bo", "Cy"]);
    let bo = author(&sim, devices[1]);
    block(&mut sim, devices[0], channel, bo, true);
    assert_eq!(
        view(&sim, devices[0]).people.blocked,
        BTreeMap::from([(bo, "Bo".into())])
    );
    sim.forget_events();
    say(&mut sim, devices[1], channel, "spam");
    sim.run_for(MINUTE);
    assert_eq!((sim.badge(devices[0]), sim.badge(devices[2])), (0, 1));
    assert_eq!(sim.notices(devices[0]).len(), 0);
    // It is in the log like any other: whoever is unblocked has said something.
    assert_eq!(log(&mut sim, devices[0], channel), ["spam"]);

    burn(&mut sim, devices[1], channel, true);
    assert!(burns(view(&sim, devices[2])));
    assert!(!burns(view_now(&mut sim, devices[0])));
    // What Ann turns after that counts for all.
    burn(&mut sim, devices[0], channel, true);
    assert!(burns(view(&sim, devices[0])));
    burn(&mut sim, devices[1], channel, false);
    assert!(burns(view(&sim, devices[0])) && !burns(view(&sim, devices[2])));
    burn(&mut sim, devices[0], channel, false);
    burn(&mut sim, devices[1], channel, true);
    assert!(!burns(view(&sim, devices[0])) && burns(view(&sim, devices[2])));
    block(&mut sim, devices[0], channel, bo, false);
    assert!(burns(view(&sim, devices[0])));
    // And who is blocked after having turned it has not turned it.
    block(&mut sim, devices[0], channel, bo, true);
    assert!(!burns(view(&sim, devices[0])));
    sim.crash(devices[0]);
    sim.restart(devices[0]);
    sim.run_for(MINUTE);
    assert!(!burns(view(&sim, devices[0])));
}

#[test]
fn what_was_turned_before_who_is_blocked_turned_it_holds_again() {
    let (mut sim, devices, channel) = nest(7, &["Ann", "Bo", "Cy"]);
    let bo = author(&sim, devices[1]);
    burn(&mut sim, devices[2], channel, true);
    burn(&mut sim, devices[1], channel, false);
    assert!(!burns(view_now(&mut sim, devices[0])));
    block(&mut sim, devices[0], channel, bo, true);
    assert!(burns(view_now(&mut sim, devices[0])));
    // It holds after a restart, and what Ann turns is the last word for all.
    sim.crash(devices[0]);
    sim.restart(devices[0]);
    sim.run_for(MINUTE);
    assert!(burns(view_now(&mut sim, devices[0])));
    burn(&mut sim, devices[0], channel, false);
    for device in &devices {
        assert!(!burns(view_now(&mut sim, *device)), "{device:?}");
    }
    // A turn of Bo's that has to wait is none any more once Bo is blocked.
    block(&mut sim, devices[0], channel, bo, false);
    for turn in 0..12 {
        let on = turn % 2 == 0;
        sim.command(devices[1], Command::Burn { channel, on });
        sim.run_for(Duration::from_millis(300));
    }
    block(&mut sim, devices[0], channel, bo, true);
    sim.run_for(MINUTE);
    assert!(!burns(view_now(&mut sim, devices[0])));
}

#[test]
fn a_recall_leaves_its_author_as_they_are() {
    let (mut sim, devices, channel) = nest(8, &["Ann", "Bo"]);
    appear(&mut sim, devices[0], channel, "Mia", "🐈");
    say(&mut sim, devices[0], channel, "oops");
    sim.run_for(MINUTE);
    let message = messages(&mut sim, devices[1], channel).remove(0).place();
    sim.command(devices[0], Command::Recall { channel, message });
    sim.run_for(MINUTE);
    sim.crash(devices[1]);
    sim.restart(devices[1]);
    sim.run_for(MINUTE);
    let members = view(&sim, devices[1]).members;
    assert_eq!(members[1].avatar.as_deref(), Some("🐈"));
}

#[test]
fn pictures_of_who_is_blocked_do_not_come() {
    let (mut sim, devices, channel) = nest(5, &["Ann", "Bo", "Cy"]);
    let bo = author(&sim, devices[1]);
    block(&mut sim, devices[0], channel, bo, true);
    let bytes = files::bytes(5000, 1);
    let picture = files::describe("cat.png", "image/png", &bytes);
    files::share(&mut sim, devices[1], channel, &picture, &bytes);
    sim.run_for(MINUTE);
    assert!(files::transfer(&sim, devices[2], picture.id).is_some());
    assert!(files::transfer(&sim, devices[0], picture.id).is_none());
}

#[test]
fn nobody_blocks_themselves() {
    let (mut sim, devices, channel) = nest(6, &["Ann"]);
    let ann = author(&sim, devices[0]);
    sim.forget_events();
    block(&mut sim, devices[0], channel, ann, true);
    assert_eq!(problems(&sim, devices[0]), [Problem::Myself]);
    assert_eq!(heard(&sim, devices[0]), Vec::<String>::new());
}
