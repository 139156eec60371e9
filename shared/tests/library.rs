//! The merged list of a nest: a row for each track, whoever has it (M1, M2, M6, M11, M14, M15, M18).
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

#[path = "library/model.rs"]
mod model;
#[path = "common/tracks.rs"]
mod tracks;

use std::sync::Arc;

use catnest::{
    identity::Author,
    limits,
    music::{
        ban::BanTable,
        shelf::{Applied, Delta, Holder, Library, OwnShelf, Row},
        track::Track,
    },
    resource::ResourceId,
    wire::{Run, Session},
};

use crate::tracks::track;

fn author(number: u16) -> Author {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    Author(bytes)
}

/// The first device of a member; the second one has 1 for its session.
fn run(number: u16) -> Run {
    device(number, 0)
}

fn device(number: u16, session: u8) -> Run {
    Run {
        author: author(number),
        session: Session([session; 16]),
    }
}

fn id(number: u32) -> ResourceId {
    track(number).id
}

/// A track with another title.
fn titled(number: u32, title: &str) -> Track {
    Track {
        title: title.into(),
        ..track(number)
    }
}

fn told(tracks: impl IntoIterator<Item = Track>, complete: bool) -> Applied {
    Applied {
        changed: tracks.into_iter().map(Arc::new).collect(),
        complete,
        ..Applied::default()
    }
}

fn bans(text: &str) -> BanTable {
    BanTable::parse(text).unwrap()
}

fn changed(ids: impl IntoIterator<Item = u32>) -> Delta {
    Delta {
        changed: ids.into_iter().map(id).collect(),
        ..Delta::default()
    }
}

fn gone(ids: impl IntoIterator<Item = u32>) -> Delta {
    Delta {
        gone: ids.into_iter().map(id).collect(),
        ..Delta::default()
    }
}

/// A row as a line: whose words, who has it.
fn line(row: &Row) -> String {
    let mine = if row.mine { "mine " } else { "" };
    let banned = if row.banned { " banned" } else { "" };
    let holder = |holder: &Holder| {
        let number = u16::from_be_bytes([holder.author.0[0], holder.author.0[1]]);
        format!("{number}{}", if holder.cached { " cached" } else { "" })
    };
    let holders: Vec<String> = row.holders.iter().map(holder).collect();
    format!("{mine}{} [{}]{banned}", row.track.title, holders.join(", "))
}

fn lines(library: &Library) -> Vec<String> {
    library.page(None, usize::MAX).iter().map(line).collect()
}

#[test]
fn m1_the_own_list_is_shown_with_its_own_words() {
    let mut library = Library::default();
    let mut shelf = OwnShelf::new();
    library.told(run(1), &told([titled(1, "Theirs")], true));
    library.told(run(2), &told([titled(1, "Theirs")], true));
    shelf.put(titled(1, "Mine")).unwrap();
    shelf.put(track(2)).unwrap();
    let delta = library.own_changed(&shelf, [id(1), id(2), id(3)]);
    assert_eq!(delta, changed([1, 2]));
    assert_eq!(lines(&library), ["mine Mine [1, 2]", "mine Song 2 []"]);
    // The same again is nothing new.
    assert!(library.own_changed(&shelf, [id(1)]).is_empty());
}

#[test]
fn m15_a_row_goes_only_when_nobody_else_has_the_track() {
    let mut library = Library::default();
    let mut shelf = OwnShelf::new();
    for number in 1..=2 {
        shelf.put(track(number)).unwrap();
    }
    library.own_changed(&shelf, [id(1), id(2)]);
    library.told(run(1), &told([track(1)], true));
    for number in 1..=2 {
        shelf.remove(id(number));
    }
    let delta = library.own_changed(&shelf, [id(1), id(2)]);
    let both = Delta {
        gone: gone([2]).gone,
        ..changed([1])
    };
    assert_eq!(delta, both);
    assert_eq!(lines(&library), ["Song 1 [1]"]);
    assert_eq!(library.len(), 1);
}

#[test]
fn m7_a_row_shows_the_words_of_most_and_then_of_the_smallest_author() {
    let cases: [(&[(u16, &str)], &str); 4] = [
        (&[(5, "B"), (6, "A")], "B"),
        (&[(5, "B"), (6, "A"), (7, "A")], "A"),
        (&[(5, "B"), (6, "A"), (7, "C")], "B"),
        (&[(5, "B"), (6, "A"), (7, "A"), (8, "B")], "B"),
    ];
    for (said, shown) in cases {
        // In whatever order they come.
        for turn in 0..said.len() {
            let mut said = said.to_vec();
            said.rotate_left(turn);
            let mut library = Library::default();
            for (who, title) in &said {
                library.told(run(*who), &told([titled(1, title)], true));
            }
            assert_eq!(library.track(id(1)).unwrap().title, shown, "{said:?}");
        }
    }
}

#[test]
fn m7_a_member_with_two_devices_is_one_holder_with_one_voice() {
    let mut library = Library::default();
    library.told(device(5, 0), &told([titled(1, "B")], true));
    library.told(device(5, 1), &told([titled(1, "B")], true));
    let delta = library.told(run(4), &told([titled(1, "A")], true));
    assert_eq!(delta, changed([1]));
    assert_eq!(lines(&library), ["A [4, 5]"]);
    // One of the two is gone: there is nothing to see of that.
    assert!(library.parted(device(5, 0), false).is_empty());
    assert!(library.playable(id(1), false));
    assert_eq!(library.parted(device(5, 1), false), changed([1]));
    assert_eq!(lines(&library), ["A [4]"]);
}

#[test]
fn m7_lists_that_say_the_same_share_it() {
    let mut library = Library::default();
    for who in 0..9 {
        let at = catnest::time::Millis(u64::from(who));
        let same = Track {
            added: at,
            ..track(1)
        };
        library.told(run(who), &told([same], true));
    }
    let shown = Arc::clone(library.track(id(1)).unwrap());
    let lists = (0..9).flat_map(|who| library.list_of(author(who)));
    assert!(lists.into_iter().all(|said| Arc::ptr_eq(said, &shown)));
    // 9 lists, what is shown, and the one here.
    assert_eq!(Arc::strong_count(&shown), 11);
}

#[test]
fn m11_a_list_goes_when_its_device_goes() {
    let mut library = Library::default();
    library.told(run(1), &told([track(1), track(2)], true));
    library.told(run(2), &told([track(2), track(3)], false));
    let delta = library.parted(run(1), false);
    let both = Delta {
        gone: gone([1]).gone,
        ..changed([2])
    };
    assert_eq!(delta, both);
    assert_eq!(library.parted(run(2), false), gone([2, 3]));
    assert!(library.is_empty());
    assert!(library.parted(run(2), true).is_empty());
}

#[test]
fn m2_a_list_that_is_kept_stays_and_is_shown_as_such() {
    let mut library = Library::default();
    library.told(run(1), &told([track(1), track(2)], true));
    assert_eq!(library.parted(run(1), true), changed([1, 2]));
    assert_eq!(lines(&library), ["Song 1 [1 cached]", "Song 2 [1 cached]"]);
    // Nobody is there who could give it.
    assert!(!library.playable(id(1), false) && library.playable(id(1), true));

    // The member is back. What is told counts at once; what is not told yet stays until all of it was.
    let other = titled(1, "Other");
    let delta = library.told(run(1), &told([other, track(3)], false));
    assert_eq!(delta, changed([1, 3]));
    let expected = ["Other [1]", "Song 2 [1 cached]", "Song 3 [1]"];
    assert_eq!(lines(&library), expected);
    assert!(library.playable(id(1), false) && !library.playable(id(2), false));
    assert_eq!(library.told(run(1), &told([], true)), gone([2]));
    assert_eq!(lines(&library), ["Other [1]", "Song 3 [1]"]);
    // What the store still has of it is of no use.
    assert!(library.cached_loaded(author(1), [track(9)]).is_empty());
    assert_eq!(library.cached().count(), 0);
}

#[test]
fn m2_a_list_that_was_cut_short_is_kept_with_what_was_known_before() {
    let mut library = Library::default();
    library.cached_loaded(author(1), [titled(1, "Old"), titled(2, "Old")]);
    library.told(run(1), &told([titled(1, "New")], false));
    library.parted(run(1), true);
    assert_eq!(lines(&library), ["New [1 cached]", "Old [1 cached]"]);
    // Without keeping lists, what was kept before is not this device's to drop.
    library.told(run(1), &told([track(3)], false));
    assert_eq!(library.parted(run(1), false), gone([3]));
    assert_eq!(library.len(), 2);
    assert_eq!(library.cached_gone(author(1)), gone([1, 2]));
    assert!(library.cached_gone(author(1)).is_empty());
}

#[test]
fn m2_a_list_that_is_loaded_replaces_the_one_that_was_kept() {
    let mut library = Library::default();
    assert_eq!(
        library.cached_loaded(author(1), [track(1), track(2)]),
        changed([1, 2])
    );
    let delta = library.cached_loaded(author(1), [track(2), track(3)]);
    let both = Delta {
        gone: gone([1]).gone,
        ..changed([3])
    };
    assert_eq!(delta, both);
    assert_eq!(library.cached().collect::<Vec<_>>(), [author(1)]);
}

#[test]
fn m2_of_a_member_with_two_devices_the_list_of_the_one_that_stays_counts() {
    let mut library = Library::default();
    library.told(device(1, 0), &told([track(1)], true));
    library.told(device(1, 1), &told([track(2)], true));
    assert_eq!(library.parted(device(1, 0), true), gone([1]));
    assert_eq!(library.parted(device(1, 1), true), changed([2]));
    assert_eq!(lines(&library), ["Song 2 [1 cached]"]);
}

#[test]
fn m2_too_many_lists_that_are_kept_drop_the_oldest() {
    let mut library = Library::default();
    let most = limits::MAX_CACHED_SHELVES as u16;
    for number in 0..most {
        let delta = library.cached_loaded(author(number), [track(number.into())]);
        assert_eq!(delta, changed([u32::from(number)]));
    }
    // The first one is kept anew, and so the second is the oldest.
    library.cached_loaded(author(0), [track(0)]);
    library.told(run(most), &told([track(most.into())], true));
    let delta = library.parted(run(most), true);
    let expected = Delta {
        changed: [id(most.into())].into(),
        gone: [id(1)].into(),
        forgotten: vec![author(1)],
    };
    assert_eq!(delta, expected);
    assert_eq!(library.len(), limits::MAX_CACHED_SHELVES);

    let mut library = Library::default();
    let most = limits::MAX_SHELF_TRACKS as u32;
    for number in 0..=(limits::MAX_CACHED_TRACKS / limits::MAX_SHELF_TRACKS) as u16 {
        let first = u32::from(number) * most;
        // More than a list may have is left out.
        let tracks = (first..=first + most).map(track);
        let delta = library.cached_loaded(author(number), tracks);
        assert_eq!(delta.changed.len(), limits::MAX_SHELF_TRACKS);
        assert_eq!(delta.forgotten.is_empty(), delta.gone.is_empty());
    }
    assert_eq!(library.len(), limits::MAX_CACHED_TRACKS);
    assert!(library.row(id(0)).is_none());
}

#[test]
fn m6_what_the_ban_table_has_is_marked_and_cannot_be_played() {
    let mut library = Library::new(bans("nightcore"));
    library.told(
        run(1),
        &told([titled(1, "A NightCore mix"), track(2)], true),
    );
    assert_eq!(
        lines(&library),
        ["A NightCore mix [1] banned", "Song 2 [1]"]
    );
    assert!(library.banned(id(1)) && !library.playable(id(1), true));
    assert!(!library.banned(id(2)) && library.playable(id(2), false));
    // Only rows that are another way now are told.
    assert_eq!(library.set_bans(bans("title: /song \\d/")), changed([1, 2]));
    assert!(library.set_bans(bans("title: /song \\d/")).is_empty());
    assert!(library.set_bans(bans("title: song")).is_empty());
    assert_eq!(
        lines(&library),
        ["A NightCore mix [1]", "Song 2 [1] banned"]
    );
    // It looks at what is shown.
    let mut shelf = OwnShelf::new();
    shelf.put(titled(1, "My favourite song")).unwrap();
    library.own_changed(&shelf, [id(1)]);
    assert!(library.banned(id(1)));
    assert_eq!(library.set_bans(BanTable::default()), changed([1, 2]));
}

#[test]
fn m6_a_ban_looks_at_each_field_and_at_the_name_where_there_is_no_title() {
    let nameless = titled(1, "");
    let md5 = nameless.md5.to_string();
    let entries = [
        "title: 1".into(),
        "artist: the nest".into(),
        "album: purr".into(),
        format!("md5: {md5}"),
        format!("id: {}", nameless.id),
        md5,
    ];
    for entry in entries {
        let mut library = Library::new(bans(&entry));
        library.told(run(1), &told([nameless.clone()], true));
        assert!(library.banned(id(1)), "{entry}");
    }
    let library = Library::new(bans("/./"));
    assert!(!library.banned(id(1)), "what is in no list");
    assert!(!library.playable(id(1), true));
}

#[test]
fn m18_a_list_that_is_told_again_changes_nothing() {
    let mut library = Library::default();
    let tracks = || (0..100).map(track);
    assert_eq!(library.told(run(1), &told(tracks(), true)), changed(0..100));
    assert!(library.told(run(1), &told(tracks(), true)).is_empty());
    // What is gone is told after it.
    let applied = Applied {
        gone: vec![id(5), id(500)],
        ..told([titled(6, "Six")], true)
    };
    let both = Delta {
        gone: gone([5]).gone,
        ..changed([6])
    };
    assert_eq!(library.told(run(1), &applied), both);
}

#[test]
fn rows_come_in_pages() {
    let mut library = Library::default();
    library.told(run(1), &told((0..25).map(track), true));
    let mut after = None;
    let mut pages = Vec::new();
    loop {
        let page = library.page(after, 10);
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.track.id);
        pages.push(page);
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    let all: Vec<Row> = pages.concat();
    assert_eq!(all, library.page(None, usize::MAX));
    assert!(all.is_sorted_by_key(|row| row.track.id));
    assert_eq!(library.row(id(3)).as_ref(), all.get(3));
    assert!(library.page(None, 0).is_empty());
}
