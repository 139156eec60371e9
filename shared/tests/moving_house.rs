//! A member moves to another device: what is taken along, what becomes of the device, and of files that are not whole.
#![cfg(feature = "sim")]

mod common;

use catnest::{
    chat::retention::Retention,
    house::{
        channel_file::{Ending, Part, Taken},
        identity_file::{IdentityFileError, LockKey},
    },
    limits,
    node::{Command, Event, Message, Problem},
    preferences::{Preferences, Theme},
    sim::{DeviceId, Sim},
    store::{Request, StoreError},
};
use common::{
    MINUTE, NEST, SECOND, channel_of, devices,
    house::{KEY, export, identity_file, lock, move_in, take_in},
    join, join_keeping, messages, nest, numbered, online, problems, say, say_all, view,
};

const PRIVATE: &str = "webrtc://127.0.0.1/den#CwsLCwsLCwsLCwsLCwsLCw";

/// What is seen of messages, wherever they are.
fn seen(messages: &[Message]) -> Vec<(String, bool, bool, bool)> {
    let seen = |m: &Message| (m.text.clone(), m.mine, m.kept, m.recalled);
    messages.iter().map(seen).collect()
}

/// Ann says things in a nest, of which one is marked, one recalled, and one recalled that is marked.
fn talk(seed: u64, count: usize) -> (Sim, Vec<DeviceId>, String) {
    let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
    say_all(&mut sim, devices[0], channel, &numbered(count));
    say(&mut sim, devices[1], channel, "Bo was here");
    sim.run_for(MINUTE);
    let all = messages(&mut sim, devices[0], channel);
    for (place, kept, recalled) in [(1, true, false), (2, false, true), (3, true, true)] {
        let message = all[place].place();
        if kept {
            let keep = Command::Keep {
                channel,
                message,
                kept,
            };
            sim.command(devices[0], keep);
        }
        if recalled {
            sim.command(devices[0], Command::Recall { channel, message });
        }
    }
    sim.run_for(MINUTE);
    let file = export(&mut sim, devices[0], channel, Part::All);
    (sim, devices, file)
}

#[test]
fn a_log_comes_as_it_was_with_marks_and_recalls() {
    let count = 2 * limits::EXPORT_AT_ONCE + 5;
    let (mut sim, devices, file) = talk(1, count);
    let channel = channel_of(NEST);
    let identity = identity_file(&mut sim, devices[0]);
    sim.crash(devices[1]);
    let before = messages(&mut sim, devices[0], channel);
    sim.crash(devices[0]);
    let new = sim.add("");
    sim.run_for(SECOND);
    assert_eq!(move_in(&mut sim, new, &identity, false), Ok(()));
    let (taken, summary, ending) = take_in(&mut sim, new, channel, file.as_bytes());
    let expected = Taken {
        new: count + 1,
        ..Taken::default()
    };
    assert_eq!((taken, ending), (expected, Ending::Complete));
    assert_eq!((summary.records, summary.damaged), (count as u64 + 1, 0));
    let after = messages(&mut sim, new, channel);
    assert_eq!(seen(&after), seen(&before));
    assert!(after.iter().any(|message| message.kept && message.recalled));
    assert_eq!(sim.badge(new), 0);
    // Once more: nothing is there twice.
    let (taken, ..) = take_in(&mut sim, new, channel, file.as_bytes());
    let expected = Taken {
        known: count + 1,
        ..Taken::default()
    };
    assert_eq!(taken, expected);
    assert_eq!(seen(&messages(&mut sim, new, channel)), seen(&before));
    // What is written of it there is the same again, but for the time in the first line.
    let again = export(&mut sim, new, channel, Part::All);
    assert!(again.lines().skip(1).eq(file.lines().skip(1)));
}

#[test]
fn what_was_recalled_stays_recalled_where_only_the_recall_is() {
    let (mut sim, _, file) = talk(2, 6);
    let channel = channel_of(NEST);
    let late = sim.add("Cy");
    sim.run_for(SECOND);
    join(&mut sim, late, NEST);
    sim.run_for(MINUTE);
    let before = messages(&mut sim, late, channel);
    let (taken, ..) = take_in(&mut sim, late, channel, file.as_bytes());
    let expected = Taken {
        known: 7,
        ..Taken::default()
    };
    assert_eq!(taken, expected);
    assert_eq!(messages(&mut sim, late, channel).len(), before.len());
}

#[test]
fn marked_messages_alone_carry_nothing_that_was_recalled() {
    let (mut sim, devices, _) = talk(3, 6);
    let channel = channel_of(NEST);
    let file = export(&mut sim, devices[0], channel, Part::Marked);
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains("\"recalled\":true") && !lines[1].contains("\"record\""));
    assert!(lines[2].contains("\"text\":\"0001\"") && lines[2].contains("\"record\""));
    let other = sim.add("Cy");
    sim.run_for(SECOND);
    sim.crash(devices[0]);
    sim.crash(devices[1]);
    join(&mut sim, other, NEST);
    sim.run_for(SECOND);
    let (taken, summary, ending) = take_in(&mut sim, other, channel, file.as_bytes());
    assert_eq!((taken.new, summary.records), (1, 2));
    assert_eq!(ending, Ending::Complete);
    let kept = seen(&messages(&mut sim, other, channel));
    assert_eq!(kept, [("0001".to_owned(), false, true, false)]);
}

#[test]
fn of_a_file_that_was_cut_what_came_before_is_taken_and_nothing_unfolds() {
    let (mut sim, devices, file) = talk(4, 12);
    let channel = channel_of(NEST);
    sim.crash(devices[0]);
    sim.crash(devices[1]);
    let lines = file.lines().count();
    for cut in [lines - 1, lines / 2, 3] {
        let end: usize = file.lines().take(cut).map(|line| line.len() + 1).sum();
        // At the end of a line, within the next one, and just before its end.
        for end in [end, end + 20] {
            let device = sim.add("Cy");
            sim.run_for(SECOND);
            join(&mut sim, device, NEST);
            sim.run_for(SECOND);
            let part = &file.as_bytes()[..end];
            let (taken, summary, ending) = take_in(&mut sim, device, channel, part);
            assert_eq!(ending, Ending::Cut);
            assert_eq!((taken.new, summary.damaged), (cut - 1, 0));
            let here = messages(&mut sim, device, channel);
            let unfolded = here.iter().find(|m| m.text == "0002" && !m.recalled);
            assert_eq!(unfolded, None);
            sim.crash(device);
        }
    }
}

#[test]
fn of_a_file_that_was_changed_the_rest_is_taken() {
    let (mut sim, devices, file) = talk(5, 12);
    let channel = channel_of(NEST);
    sim.crash(devices[0]);
    sim.crash(devices[1]);
    let device = sim.add("Cy");
    sim.run_for(SECOND);
    join(&mut sim, device, NEST);
    sim.run_for(SECOND);
    let mut lines: Vec<String> = file.lines().map(ToOwned::to_owned).collect();
    // Not JSON; too long; a signed byte is another one; what people read is another one, which counts for nothing.
    lines[2].pop();
    lines[3] = "x".repeat(limits::MAX_CHANNEL_FILE_LINE + 1);
    let record = lines[4]
        .rfind("=")
        .or(lines[4].len().checked_sub(3))
        .unwrap_or(0);
    let middle = record - 40;
    let other = if lines[4].as_bytes()[middle] == b'A' {
        "B"
    } else {
        "A"
    };
    lines[4].replace_range(middle..=middle, other);
    lines[5] = lines[5].replace("\"text\":\"0", "\"text\":\"forged 0");
    lines.remove(6);
    let changed = lines.join("\n");
    let (taken, summary, ending) = take_in(&mut sim, device, channel, changed.as_bytes());
    assert_eq!(ending, Ending::Miscounted(13));
    assert_eq!((summary.damaged, summary.first_damaged), (2, Some(3)));
    assert_eq!((taken.refused, taken.first_refused), (1, Some(5)));
    assert_eq!(taken.new, 9);
    let here = messages(&mut sim, device, channel);
    assert!(here.iter().all(|message| !message.text.contains("forged")));
}

#[test]
fn a_file_of_another_nest_gives_nothing() {
    let (mut sim, devices, file) = talk(6, 5);
    join(&mut sim, devices[0], "webrtc://127.0.0.1/other");
    sim.run_for(SECOND);
    let other = channel_of("webrtc://127.0.0.1/other");
    let (taken, ..) = take_in(&mut sim, devices[0], other, file.as_bytes());
    assert_eq!((taken.new, taken.refused), (0, 6));
    assert_eq!(taken.first_refused, Some(2));
}

#[test]
fn a_new_device_is_the_same_member_in_the_same_nests() {
    let (mut sim, devices) = devices(7, &["Ann"]);
    let preferences = Preferences {
        theme: Some(Theme::Dark),
        ..Preferences::default()
    };
    sim.command(devices[0], Command::SetPreferences { preferences });
    join(&mut sim, devices[0], PRIVATE);
    sim.run_for(SECOND);
    join_keeping(&mut sim, devices[0], NEST, Retention::Age { days: 9 });
    let channel = channel_of(PRIVATE);
    let mute = Command::Mute {
        channel,
        muted: true,
    };
    sim.command(devices[0], mute);
    sim.run_for(SECOND);
    let before = sim.events(devices[0]).iter().rev().find_map(overview);
    let file = identity_file(&mut sim, devices[0]);
    assert!(!file.contains("CwsLCwsL") && !file.contains("Ann") && !file.contains("/den"));
    let new = sim.add("");
    sim.run_for(SECOND);
    assert_eq!(move_in(&mut sim, new, &file, false), Ok(()));
    let after = sim.events(new).iter().rev().find_map(overview);
    assert_eq!(after, before);
    assert!(after.is_some_and(|after| after.contains("den") && after.contains("Dark")));
    // It is the same after a restart.
    sim.crash(new);
    sim.restart(new);
    sim.run_for(MINUTE);
    assert_eq!(sim.events(new).iter().rev().find_map(overview), before);
}

/// All of an overview that does not depend on who is there, as text.
fn overview(event: &Event) -> Option<String> {
    let Event::Overview(overview) = event else {
        return None;
    };
    let channel = |channel: &catnest::node::ChannelView| {
        let me = &channel.members[0];
        format!(
            "{} {:?} {} {}",
            channel.address, channel.retention, channel.muted, me.author
        )
    };
    let channels: Vec<String> = overview.channels.iter().map(channel).collect();
    let (name, preferences) = (&overview.name, overview.preferences);
    Some(format!("{name} {preferences:?} {channels:?}"))
}

#[test]
fn a_device_that_is_another_members_is_replaced_only_if_that_is_wanted() {
    let (mut sim, devices, channel) = nest(8, &["Ann", "Bo", "Cy"]);
    say(&mut sim, devices[1], channel, "I was Bo");
    sim.run_for(SECOND);
    let draft = Command::Draft {
        channel,
        text: "half a".to_owned(),
    };
    sim.command(devices[1], draft);
    sim.run_for(SECOND);
    let file = identity_file(&mut sim, devices[0]);
    let author = view_author(&mut sim, devices[1]);
    let asks = Problem::OtherIdentity {
        name: "Ann".to_owned(),
    };
    assert_eq!(move_in(&mut sim, devices[1], &file, false), Err(asks));
    assert_eq!(view_author(&mut sim, devices[1]), author);
    assert_eq!(move_in(&mut sim, devices[1], &file, true), Ok(()));
    // Nothing in between was shown: the nest was there all the time.
    for event in sim.events(devices[1]) {
        if let Event::Overview(overview) = event {
            assert_eq!(overview.channels.len(), 1);
        }
    }
    sim.run_for(MINUTE);
    assert_eq!(
        view_author(&mut sim, devices[1]),
        view_author(&mut sim, devices[0])
    );
    assert_eq!(view(&sim, devices[1]).draft, "half a");
    // The one that it was is gone, and said so.
    assert_eq!(online(&sim, devices[2]), ["Cy", "Ann"]);
    let here = seen(&messages(&mut sim, devices[1], channel));
    assert_eq!(here, [("I was Bo".to_owned(), false, false, false)]);
    say(&mut sim, devices[1], channel, "I am Ann");
    sim.run_for(SECOND);
    for (device, mine) in [(0, true), (1, true), (2, false)] {
        let here = messages(&mut sim, devices[device], channel);
        assert_eq!((here[1].text.as_str(), here[1].mine), ("I am Ann", mine));
    }
}

/// The author key that a device has in its first channel.
fn view_author(sim: &mut Sim, device: DeviceId) -> catnest::identity::Author {
    sim.command(device, Command::Overview);
    sim.run_for(SECOND);
    view(sim, device).members[0].author
}

#[test]
fn what_is_under_way_while_a_device_changes_hands_is_neither_lost_nor_said_twice() {
    let (mut sim, devices, channel) = nest(9, &["Ann", "Bo", "Cy"]);
    let file = identity_file(&mut sim, devices[0]);
    say(&mut sim, devices[1], channel, "before");
    let import = Command::ImportIdentity {
        file,
        key: KEY,
        replace: true,
    };
    sim.command(devices[1], import);
    say(&mut sim, devices[1], channel, "after");
    say(&mut sim, devices[2], channel, "meanwhile");
    sim.run_for(MINUTE);
    for &device in &devices {
        let mut texts: Vec<String> = seen(&messages(&mut sim, device, channel))
            .into_iter()
            .map(|(text, ..)| text)
            .collect();
        texts.sort();
        assert_eq!(texts, ["after", "before", "meanwhile"]);
    }
}

#[test]
fn an_identity_that_cannot_be_stored_changes_nothing() {
    let (mut sim, devices, channel) = nest(10, &["Ann", "Bo"]);
    let file = identity_file(&mut sim, devices[0]);
    let author = view_author(&mut sim, devices[1]);
    sim.break_store(devices[1], |request| {
        matches!(request, Request::SaveDevice(_)).then_some(StoreError::Full)
    });
    assert_eq!(
        move_in(&mut sim, devices[1], &file, true),
        Err(Problem::StoreFull)
    );
    assert_eq!(view_author(&mut sim, devices[1]), author);
    say(&mut sim, devices[1], channel, "still Bo");
    sim.run_for(SECOND);
    let here = messages(&mut sim, devices[0], channel);
    assert_eq!((here[0].author, here[0].name.as_str()), (author, "Bo"));
}

#[test]
fn a_nest_of_the_file_that_cannot_be_stored_is_left_out() {
    let (mut sim, devices, _) = nest(11, &["Ann"]);
    join(&mut sim, devices[0], PRIVATE);
    sim.run_for(SECOND);
    let file = identity_file(&mut sim, devices[0]);
    let new = sim.add("");
    sim.run_for(SECOND);
    let private = channel_of(PRIVATE);
    sim.break_store(new, move |request| {
        let is = matches!(request, Request::SaveChannel(entry) if entry.id == private);
        is.then_some(StoreError::Full)
    });
    assert_eq!(move_in(&mut sim, new, &file, false), Ok(()));
    assert!(
        sim.events(new)
            .contains(&Event::Trouble(Problem::StoreFull))
    );
    sim.run_for(MINUTE);
    let overview = sim.events(new).iter().rev().find_map(overview);
    assert!(
        overview.is_some_and(|overview| overview.contains("nest") && !overview.contains("den"))
    );
}

#[test]
fn a_file_that_gives_no_identity_is_refused_with_the_reason() {
    let (mut sim, devices, _) = nest(12, &["Ann"]);
    let file = identity_file(&mut sim, devices[0]);
    let wrong = |why| Problem::IdentityFile(why);
    for (text, key, problem) in [
        (
            file.clone(),
            LockKey::of_bytes([8; 32]),
            wrong(IdentityFileError::Sealed),
        ),
        (
            file[..file.len() / 2].to_owned(),
            KEY,
            wrong(IdentityFileError::NotOne),
        ),
        (String::new(), KEY, wrong(IdentityFileError::NotOne)),
    ] {
        sim.forget_events();
        let command = Command::ImportIdentity {
            file: text,
            key,
            replace: true,
        };
        sim.command(devices[0], command);
        sim.run_for(SECOND);
        assert_eq!(problems(&sim, devices[0]), [problem]);
    }
    let _lock = lock();
}

#[test]
fn as_many_nests_as_can_be_are_joined_and_no_more() {
    let (mut sim, devices) = devices(13, &["Ann", "Bo"]);
    for number in 0..limits::MAX_CHANNELS {
        join(
            &mut sim,
            devices[0],
            &format!("webrtc://127.0.0.1/nest{number}"),
        );
    }
    join(&mut sim, devices[1], NEST);
    sim.run_for(SECOND);
    let file = identity_file(&mut sim, devices[0]);
    assert_eq!(
        move_in(&mut sim, devices[1], &file, true),
        Err(Problem::TooManyChannels)
    );
    // Nothing has changed.
    view_author(&mut sim, devices[1]);
    assert_eq!(view(&sim, devices[1]).name, "nest");
}
