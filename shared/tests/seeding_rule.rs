//! What leaves first when there is no more room: the rule by itself.

use std::collections::BTreeSet;

use catnest::{
    resource::ResourceId,
    seeding::{Held, NoRoom, Standing, default_quota, keep_within, make_room},
    time::Millis,
};
use proptest::prelude::*;

fn id(number: u8) -> ResourceId {
    ResourceId([number; 32])
}

fn held(number: u8, bytes: u64, wanted: Option<u64>) -> Held {
    Held {
        id: id(number),
        bytes,
        wanted: wanted.map(Millis),
        stalled: false,
    }
}

/// None: the member chose it.
fn standing(offered: Option<u64>) -> Standing {
    offered.map_or(Standing::Chosen, |offered| {
        Standing::Offered(Millis(offered))
    })
}

#[test]
fn what_was_wanted_longest_ago_leaves_first_and_no_more_than_has_to() {
    let here = [
        held(1, 30, Some(500)),
        held(2, 30, None),
        held(3, 30, Some(100)),
        held(4, 10, Some(300)),
    ];
    let asked = |quota, bytes, offered: Option<u64>| {
        make_room(&here, quota, bytes, standing(offered))
            .map(|leaves| leaves.iter().map(|id| id.0[0]).collect::<Vec<u8>>())
    };
    for (quota, bytes, offered, expected) in [
        (100, 0, None, Ok(vec![])),
        (110, 10, Some(0), Ok(vec![])),
        (100, 30, None, Ok(vec![3])),
        (100, 31, None, Ok(vec![3, 4])),
        (100, 70, None, Ok(vec![3, 4, 1])),
        (100, 71, None, Err(NoRoom { room: 70 })),
        // For what was offered earlier than something was wanted, that stays.
        (100, 30, Some(101), Ok(vec![3])),
        (100, 30, Some(100), Err(NoRoom { room: 0 })),
        (100, 40, Some(400), Ok(vec![3, 4])),
        (100, 41, Some(400), Err(NoRoom { room: 40 })),
        // Of a track nobody knows since when it is there: it pushes nothing out.
        (100, 1, Some(0), Err(NoRoom { room: 0 })),
        // What was chosen stays, even if it is more than the quota.
        (20, 0, None, Err(NoRoom { room: 0 })),
        (
            u64::MAX,
            u64::MAX,
            None,
            Err(NoRoom {
                room: u64::MAX - 30,
            }),
        ),
    ] {
        assert_eq!(
            asked(quota, bytes, offered),
            expected,
            "{quota} {bytes} {offered:?}"
        );
    }
    let left = |quota| keep_within(&here, quota).len();
    assert_eq!(
        [left(100), left(99), left(60), left(30), left(0)],
        [0, 1, 2, 3, 3]
    );
}

#[test]
fn what_is_stalled_leaves_first_and_for_anything_unless_it_was_chosen() {
    let stalled = |number, wanted| Held {
        stalled: true,
        ..held(number, 30, wanted)
    };
    let here = [
        held(1, 30, Some(100)),
        stalled(2, Some(500)),
        stalled(3, None),
        stalled(4, Some(400)),
    ];
    let asked = |bytes, offered: Option<u64>| make_room(&here, 120, bytes, standing(offered));
    let room = 60;
    for (bytes, offered, expected) in [
        (30, Some(0), Ok(vec![id(4)])),
        (31, Some(0), Ok(vec![id(4), id(2)])),
        (61, Some(100), Err(NoRoom { room })),
        (61, Some(101), Ok(vec![id(4), id(2), id(1)])),
        (61, None, Ok(vec![id(4), id(2), id(1)])),
    ] {
        assert_eq!(asked(bytes, offered), expected, "{bytes} {offered:?}");
    }
    // What was stalled itself takes no turns with others.
    for (quota, expected) in [(150, Ok(vec![])), (149, Err(NoRoom { room: 29 }))] {
        assert_eq!(make_room(&here, quota, 30, Standing::Again), expected);
    }
    assert_eq!(keep_within(&here, 0), [id(4), id(2), id(1)]);
}

#[test]
fn without_a_quota_half_of_the_disk_is_enough_and_no_more_than_so_much() {
    const GB: u64 = 1_000_000_000;
    for (free, taken, expected) in [
        (Some(10 * GB), 0, 5 * GB),
        // It does not become less by what is kept.
        (Some(6 * GB), 4 * GB, 5 * GB),
        (Some(0), 0, 0),
        (Some(40 * GB), 0, 20 * GB),
        (None, 0, 20 * GB),
        // Nothing that is kept leaves for it.
        (Some(GB), 10 * GB, 10 * GB),
        (Some(100 * GB), 30 * GB, 30 * GB),
        (None, 30 * GB, 30 * GB),
        (Some(u64::MAX), u64::MAX, u64::MAX),
    ] {
        assert_eq!(default_quota(free, taken), expected, "{free:?} {taken}");
    }
}

fn several() -> impl Strategy<Value = Vec<Held>> {
    let one = (0..1000u64, prop::option::of(0..50u64), any::<bool>());
    prop::collection::vec(one, 0..30).prop_map(|all| {
        let numbered = all.into_iter().zip(0..);
        numbered
            .map(|((bytes, wanted, stalled), number)| Held {
                stalled,
                ..held(number, bytes, wanted)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn there_is_room_then_and_nothing_left_that_could_have_stayed(
        here in several(),
        quota in 0..20_000u64,
        bytes in 0..5000u64,
        offered in prop::option::of(0..50u64),
    ) {
        let standing = standing(offered);
        let offered = offered.map(Millis);
        let may = |held: &Held| {
            held.wanted.is_some_and(|w| held.stalled || offered.is_none_or(|o| w < o))
        };
        let total = |gone: &BTreeSet<ResourceId>| -> u64 {
            here.iter().filter(|held| !gone.contains(&held.id)).map(|held| held.bytes).sum()
        };
        match make_room(&here, quota, bytes, standing) {
            Ok(leaves) => {
                let gone: BTreeSet<ResourceId> = leaves.iter().copied().collect();
                prop_assert_eq!(gone.len(), leaves.len());
                prop_assert!(total(&gone) + bytes <= quota);
                let of = |id: &ResourceId| here.iter().find(|held| held.id == *id).unwrap();
                prop_assert!(leaves.iter().all(|id| may(of(id))));
                // Whatever stays and could have left was wanted later.
                let last = leaves.iter().map(|id| (!of(id).stalled, of(id).wanted, *id)).max();
                let stays = here.iter().filter(|held| may(held) && !gone.contains(&held.id));
                prop_assert!(stays.into_iter().all(|held| Some((!held.stalled, held.wanted, held.id)) > last));
                // Without the last one there would not be room.
                if let Some((_, last)) = leaves.split_last() {
                    let gone = last.iter().copied().collect();
                    prop_assert!(total(&gone) + bytes > quota);
                }
            }
            Err(NoRoom { room }) => {
                let gone = here.iter().filter(|held| may(held)).map(|held| held.id).collect();
                prop_assert!(total(&gone) + bytes > quota);
                prop_assert_eq!(room, quota.saturating_sub(total(&gone)));
            }
        }
    }

    #[test]
    fn however_small_the_quota_what_was_chosen_stays(here in several(), quota in 0..20_000u64) {
        let gone: BTreeSet<ResourceId> = keep_within(&here, quota).into_iter().collect();
        let stays = here.iter().filter(|held| !gone.contains(&held.id));
        let stays: Vec<&Held> = stays.collect();
        prop_assert!(here.iter().all(|held| held.wanted.is_some() || !gone.contains(&held.id)));
        let bytes: u64 = stays.iter().map(|held| held.bytes).sum();
        prop_assert!(bytes <= quota || stays.iter().all(|held| held.wanted.is_none()));
    }
}
