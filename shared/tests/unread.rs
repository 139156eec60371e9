//! What a member has not seen: counted, told, and forgotten once it was seen.
#![cfg(feature = "sim")]

mod common;

use catnest::{
    node::{Command, Event, Notice, Unread},
    preferences::{Notifications, Preferences},
    sim::{DeviceId, Sim},
};
use common::{MINUTE, NEST, SECOND, join, nest, say, view};

fn unread(sim: &Sim, device: DeviceId) -> Unread {
    let told = sim
        .events(device)
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Unread { unread, .. } => Some(*unread),
            Event::Overview(overview) => overview.channels.first().map(|channel| channel.unread),
            _ => None,
        });
    told.unwrap_or_default()
}

/// Where the newest message stands that a device heard.
fn newest(sim: &Sim, device: DeviceId) -> catnest::node::Place {
    let message = sim
        .events(device)
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Message { message, .. } => Some(message.place()),
            _ => None,
        });
    message.unwrap_or_else(|| panic!("nothing was heard"))
}

#[test]
fn others_messages_are_counted_until_they_are_seen() {
    let (mut sim, devices, channel) = nest(1, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    say(&mut sim, tom, channel, "one");
    sim.run_for(SECOND);
    let first = newest(&sim, mimi);
    say(&mut sim, tom, channel, "two");
    say(&mut sim, mimi, channel, "mine");
    sim.run_for(SECOND);
    let both = Unread {
        count: 2,
        first: Some(first),
    };
    assert_eq!(unread(&sim, mimi), both);
    assert_eq!(sim.badge(mimi), 2);
    assert_eq!(unread(&sim, tom).count, 1);

    sim.command(
        mimi,
        Command::Seen {
            channel,
            up_to: first,
        },
    );
    sim.run_for(SECOND);
    assert_eq!(unread(&sim, mimi).count, 1);
    let up_to = newest(&sim, mimi);
    sim.command(mimi, Command::Seen { channel, up_to });
    sim.run_for(SECOND);
    assert_eq!(unread(&sim, mimi), Unread::default());
    assert_eq!(sim.badge(mimi), 0);
}

#[test]
fn what_is_unread_survives_a_restart() {
    let (mut sim, devices, channel) = nest(2, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    for text in ["one", "two", "three"] {
        say(&mut sim, tom, channel, text);
    }
    sim.run_for(SECOND);
    sim.crash(mimi);
    sim.forget_events();
    sim.restart(mimi);
    sim.run_for(SECOND);
    assert_eq!(view(&sim, mimi).unread.count, 3);
    assert_eq!(sim.badge(mimi), 3);
}

#[test]
fn a_message_that_was_seen_and_comes_again_stays_seen() {
    let (mut sim, devices, channel) = nest(3, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    say(&mut sim, tom, channel, "one");
    sim.run_for(SECOND);
    let up_to = newest(&sim, mimi);
    sim.command(mimi, Command::Seen { channel, up_to });
    sim.run_for(SECOND);
    for device in [mimi, tom] {
        sim.crash(device);
        sim.restart(device);
    }
    sim.run_for(MINUTE);
    assert_eq!(unread(&sim, mimi), Unread::default());
}

#[test]
fn a_muted_channel_counts_and_says_nothing() {
    let (mut sim, devices, channel) = nest(4, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    sim.command(
        mimi,
        Command::Mute {
            channel,
            muted: true,
        },
    );
    sim.run_for(SECOND);
    say(&mut sim, tom, channel, "psst");
    sim.run_for(SECOND);
    assert_eq!(unread(&sim, mimi).count, 1);
    assert_eq!(sim.badge(mimi), 0);
    assert_eq!(sim.notices(mimi), []);

    sim.crash(mimi);
    sim.restart(mimi);
    sim.run_for(SECOND);
    assert!(view(&sim, mimi).muted);
    sim.command(
        mimi,
        Command::Mute {
            channel,
            muted: false,
        },
    );
    sim.run_for(SECOND);
    assert_eq!(sim.badge(mimi), 1);
}

#[test]
fn notifications_tell_what_the_member_allows() {
    let (mut sim, devices, channel) = nest(5, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    let bare = |unread| Notice {
        channel,
        unread,
        language: None,
        sender: None,
        nest: None,
        text: None,
    };
    let with_sender = |unread| Notice {
        sender: Some("Tom".into()),
        nest: Some("nest".into()),
        ..bare(unread)
    };
    let with_text = |unread| Notice {
        text: Some("hello".into()),
        ..with_sender(unread)
    };
    for (said, (notifications, expected)) in [
        (Notifications::Hidden, Some(bare(1))),
        (Notifications::Sender, Some(with_sender(2))),
        (Notifications::Text, Some(with_text(3))),
        // The earlier one stays where it is.
        (Notifications::Off, Some(with_text(3))),
    ]
    .into_iter()
    .enumerate()
    {
        let preferences = Preferences {
            notifications,
            ..Preferences::default()
        };
        sim.command(mimi, Command::SetPreferences { preferences });
        sim.run_for(MINUTE);
        say(&mut sim, tom, channel, "hello");
        sim.run_for(SECOND);
        assert_eq!(unread(&sim, mimi).count, said + 1);
        assert_eq!(sim.notices(mimi).last(), expected.as_ref());
    }
    let up_to = newest(&sim, mimi);
    sim.command(mimi, Command::Seen { channel, up_to });
    sim.run_for(SECOND);
    assert_eq!(sim.notices(mimi), []);
}

#[test]
fn what_is_looked_at_needs_no_notification() {
    let (mut sim, devices, channel) = nest(6, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    sim.look_at(mimi, &[channel]);
    say(&mut sim, tom, channel, "hello");
    sim.run_for(MINUTE);
    assert_eq!(sim.notices(mimi), []);
    assert_eq!(sim.badge(mimi), 1);
    sim.look_at(mimi, &[]);
    say(&mut sim, tom, channel, "hello?");
    sim.run_for(SECOND);
    assert_eq!(sim.notices(mimi).len(), 1);
}

#[test]
fn many_messages_make_one_notification() {
    let (mut sim, devices, channel) = nest(7, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    for number in 0..20 {
        say(&mut sim, tom, channel, &number.to_string());
    }
    sim.run_for(SECOND);
    let counts: Vec<usize> = sim
        .notices(mimi)
        .iter()
        .map(|notice| notice.unread)
        .collect();
    assert_eq!(counts, [1]);
    assert_eq!(sim.badge(mimi), 20);
}

#[test]
fn leaving_takes_what_was_unread_along() {
    let (mut sim, devices, channel) = nest(8, &["Mimi", "Tom"]);
    let [mimi, tom] = devices[..] else { panic!() };
    say(&mut sim, tom, channel, "hello");
    sim.run_for(SECOND);
    sim.command(mimi, Command::Leave { channel });
    sim.run_for(SECOND);
    assert_eq!(sim.badge(mimi), 0);
    assert_eq!(sim.notices(mimi), []);
    join(&mut sim, mimi, NEST);
    sim.run_for(MINUTE);
    // It comes again, from Tom, and is as new as it was.
    assert_eq!(sim.badge(mimi), 1);
}
