//! Whatever an owner does with a list while it is asked for, and whatever is lost on the way, both come to the same.

use catnest::{
    limits,
    music::shelf::message::{Ask, Part},
};
use proptest::prelude::*;

use crate::ends::Ends;

/// What may happen.
#[derive(Clone, Debug)]
enum Act {
    Put(u32),
    Remove(u32),
    /// So many tracks come.
    PutMany(u32),
    /// So many come and go again: of what went before nothing is remembered.
    Churn,
    /// The question arrives, if there is one.
    Ask,
    /// The answer arrives, if there is one.
    Answer,
    /// What is on its way is lost.
    Reroute,
    /// What is on its way comes, but late.
    Overtake,
    News,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..400_u32).prop_map(Act::Put),
        8 => (0..400_u32).prop_map(Act::Remove),
        2 => (100..400_u32).prop_map(Act::PutMany),
        1 => Just(Act::Churn),
        10 => Just(Act::Ask),
        10 => Just(Act::Answer),
        2 => Just(Act::Reroute),
        2 => Just(Act::Overtake),
        4 => Just(Act::News),
    ]
}

/// What is on its way.
#[derive(Default)]
struct Way {
    ask: Option<Ask>,
    part: Option<Part>,
}

fn run(ends: &mut Ends, way: &mut Way, act: &Act) {
    match act {
        Act::Put(number) => ends.put(*number),
        Act::Remove(number) => drop(ends.remove(*number)),
        Act::PutMany(numbers) => (0..*numbers).for_each(|number| ends.put(number)),
        Act::Churn => {
            for number in 0..=limits::MAX_SHELF_GONE as u32 {
                ends.put(1000 + number);
                ends.remove(1000 + number);
            }
        }
        Act::Ask => {
            if let Some(ask) = way.ask.take() {
                way.part = Some(ends.answer(ask));
            }
        }
        Act::Answer => {
            if let Some(part) = way.part.take() {
                way.ask = ends.take(part).next;
            }
        }
        Act::Reroute => {
            *way = Way::default();
            way.ask = ends.other.begin();
        }
        Act::Overtake => {
            let late = way.part.take();
            way.ask = ends.other.begin();
            if let Some(part) = late {
                ends.take_late(part);
            }
        }
        Act::News => {
            let version = ends.own.version();
            way.ask = ends.other.news(version).or(way.ask);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn m2_both_ends_come_to_the_same(acts in proptest::collection::vec(act(), 0..80)) {
        let mut ends = Ends::default();
        let mut way = Way {
            ask: ends.other.begin(),
            part: None,
        };
        for act in &acts {
            run(&mut ends, &mut way, act);
        }
        let ask = ends.other.begin();
        ends.finish(ask);
        prop_assert!(ends.are_equal());
        // And stay so: what comes after that is told alone.
        let before = ends.changes;
        ends.put(7);
        ends.catch_up();
        prop_assert!(ends.are_equal());
        prop_assert_eq!(ends.changes, before + 1);
    }
}
