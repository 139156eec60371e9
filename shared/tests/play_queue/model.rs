//! The queue against what it is without shuffle: a list, and a place in it; and what shuffle must not change.

use std::collections::BTreeSet;

use catnest::{
    entropy::Entropy,
    music::queue::{Entry, EntryId, Queue, Repeat, Step},
    resource::ResourceId,
};
use proptest::prelude::*;

use super::{all, entropy, number, order, playing, tracks};

/// What a person may do.
#[derive(Clone, Debug)]
enum Act {
    Play(Vec<usize>, usize),
    PlayNext(Vec<usize>),
    Append(Vec<usize>),
    Move(usize, Option<usize>),
    Remove(Vec<usize>),
    Clear,
    Jump(usize),
    Advance(bool),
    Previous,
    Repeat(u8),
    Shuffle(bool),
    Store,
}

fn act() -> impl Strategy<Value = Act> {
    let list = || proptest::collection::vec(0..8_usize, 0..6);
    prop_oneof![
        (list(), 0..6_usize).prop_map(|(list, row)| Act::Play(list, row)),
        list().prop_map(Act::PlayNext),
        list().prop_map(Act::Append),
        (0..12_usize, proptest::option::of(0..12_usize)).prop_map(|(a, b)| Act::Move(a, b)),
        proptest::collection::vec(0..12_usize, 0..4).prop_map(Act::Remove),
        Just(Act::Clear),
        (0..12_usize).prop_map(Act::Jump),
        any::<bool>().prop_map(Act::Advance),
        Just(Act::Previous),
        (0..3_u8).prop_map(Act::Repeat),
        any::<bool>().prop_map(Act::Shuffle),
        Just(Act::Store),
    ]
}

/// What lies in the queue, and where it is: without shuffle, all that there is to it but the history.
#[derive(Default)]
struct Model {
    entries: Vec<Entry>,
    at: Option<usize>,
}

impl Model {
    /// Follows what the queue did with its ids, and checks the rest.
    fn follow(&mut self, act: &Act, before: &Queue, queue: &Queue) {
        let after: Vec<Entry> = queue.entries().collect();
        let new = |list: &[usize]| -> Vec<Entry> {
            let known: BTreeSet<EntryId> = before.entries().map(|entry| entry.id).collect();
            let new: Vec<Entry> = after
                .iter()
                .filter(|e| !known.contains(&e.id))
                .copied()
                .collect();
            assert_eq!(new.iter().map(|e| number(*e)).collect::<Vec<_>>(), list);
            new
        };
        let wrapped = |index: usize| index % self.entries.len().max(1);
        match act {
            Act::Play(list, row) if *row < list.len() => {
                self.entries = new(list);
                self.at = Some(*row);
            }
            Act::PlayNext(list) => {
                let index = self.at.map_or(0, |at| at + 1);
                self.entries.splice(index..index, new(list));
            }
            Act::Append(list) => self.entries.extend(new(list)),
            Act::Move(from, to) if !self.entries.is_empty() => {
                let current = self.at.map(|at| self.entries[at]);
                let to = to.map(|to| self.entries[wrapped(to)]);
                let from = wrapped(*from);
                if to != Some(self.entries[from]) {
                    let moved = self.entries.remove(from);
                    let place = |to: Entry| self.entries.iter().position(|e| *e == to);
                    let index = to.and_then(place).unwrap_or(self.entries.len());
                    self.entries.insert(index, moved);
                }
                self.at = current.and_then(|c| self.entries.iter().position(|e| *e == c));
            }
            Act::Remove(indices) if !self.entries.is_empty() => {
                let gone: Vec<Entry> = indices.iter().map(|i| self.entries[wrapped(*i)]).collect();
                let mut rest = self.entries[self.at.unwrap_or(self.entries.len())..].iter();
                let stays = rest.next().filter(|current| !gone.contains(current));
                let next = stays.or_else(|| rest.find(|e| !gone.contains(e) && can(e.resource)));
                let current = next.copied();
                self.entries.retain(|e| !gone.contains(e));
                self.at = current.and_then(|c| self.entries.iter().position(|e| *e == c));
            }
            Act::Clear => {
                self.entries = self.at.map(|at| self.entries[at]).into_iter().collect();
                self.at = self.at.map(|_| 0);
            }
            Act::Jump(index) if !self.entries.is_empty() => self.at = Some(wrapped(*index)),
            Act::Advance(ended) => {
                let again = *ended && before.repeat() == Repeat::One;
                let stays = again && self.at.is_some_and(|at| can(self.entries[at].resource));
                let from = self.at.map_or(0, |at| at + 1);
                let playable = |index: &usize| can(self.entries[*index].resource);
                let next = (from..self.entries.len()).find(playable);
                let round = || (0..self.entries.len()).find(playable);
                let around = before.repeat() == Repeat::All;
                if !stays {
                    self.at = next.or_else(|| around.then(round).flatten()).or(self.at);
                }
            }
            // The history decides: what is there stays, but for what comes back.
            Act::Previous => {
                let stayed: Vec<Entry> = after
                    .iter()
                    .filter(|e| self.entries.contains(e))
                    .copied()
                    .collect();
                assert_eq!(stayed, self.entries);
                assert!(after.len() <= self.entries.len() + 1);
                self.entries = after.clone();
                self.at = queue.position();
            }
            _ => {}
        }
        assert_eq!(after, self.entries, "{act:?}");
        assert_eq!(queue.position(), self.at, "{act:?}");
    }
}

/// What the model's people can play.
fn can(resource: ResourceId) -> bool {
    resource.0[7] != 3
}

fn run(queue: &mut Queue, act: &Act, entropy: &mut Entropy) {
    let ids: Vec<EntryId> = queue.entries().map(|entry| entry.id).collect();
    let id = |index: &usize| ids.get(index % ids.len().max(1)).copied();
    match act {
        Act::Play(list, row) => {
            queue.play(&tracks(list.iter().copied()), *row, entropy);
        }
        Act::PlayNext(list) => {
            queue.play_next(&tracks(list.iter().copied()));
        }
        Act::Append(list) => {
            queue.append(&tracks(list.iter().copied()));
        }
        Act::Move(from, to) => {
            if let Some(from) = id(from) {
                queue.move_before(from, to.and_then(|to| id(&to)));
            }
        }
        Act::Remove(indices) => {
            let ids: Vec<EntryId> = indices.iter().filter_map(id).collect();
            queue.remove(&ids, &can);
        }
        Act::Clear => queue.clear(),
        Act::Jump(index) => {
            id(index).and_then(|id| queue.jump(id));
        }
        Act::Advance(ended) => {
            let step = if *ended { Step::Ended } else { Step::Asked };
            queue.advance(step, &can, entropy);
        }
        Act::Previous => {
            queue.previous(&can);
        }
        Act::Repeat(n) => {
            queue.set_repeat([Repeat::Off, Repeat::All, Repeat::One][usize::from(*n)]);
        }
        Act::Shuffle(on) => queue.set_shuffle(*on, entropy),
        Act::Store => {
            let stored = Queue::from_bytes(&queue.to_bytes()).unwrap();
            let entries = |queue: &Queue| queue.entries().collect::<Vec<_>>();
            assert_eq!(entries(&stored), entries(queue));
            assert_eq!(stored.position(), queue.position());
            *queue = stored;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn without_shuffle_it_is_a_list_and_a_place_in_it(acts in proptest::collection::vec(act(), 1..60)) {
        let (mut queue, mut model, mut entropy) = (Queue::default(), Model::default(), entropy());
        for act in acts.iter().filter(|act| !matches!(act, Act::Shuffle(_))) {
            let before = queue.clone();
            run(&mut queue, act, &mut entropy);
            model.follow(act, &before, &queue);
        }
    }

    #[test]
    fn with_shuffle_nothing_is_lost_and_the_list_comes_back(acts in proptest::collection::vec(act(), 1..60)) {
        let (mut queue, mut entropy) = (Queue::default(), entropy());
        for act in &acts {
            let before = queue.clone();
            run(&mut queue, act, &mut entropy);
            let ids: BTreeSet<EntryId> = queue.entries().map(|entry| entry.id).collect();
            prop_assert_eq!(ids.len(), queue.len());
            prop_assert!(queue.position().is_none_or(|at| at < queue.len()));
            if let Act::Shuffle(_) | Act::Advance(_) | Act::Jump(_) | Act::Store = act {
                let same: BTreeSet<EntryId> = before.entries().map(|entry| entry.id).collect();
                prop_assert_eq!(&ids, &same);
            }
            if let Act::Shuffle(_) = act {
                prop_assert_eq!(queue.current(), before.current());
            }
            if let Some(next) = queue.upcoming(&can) {
                prop_assert!(can(next.resource));
                let mut after = queue.clone();
                let gone_to = after.advance(Step::Ended, &can, &mut entropy);
                prop_assert_eq!(gone_to, Some(next));
            }
        }
    }

    #[test]
    fn shuffling_forth_and_back_is_nothing(count in 1..40_usize, row in 0..40_usize, seed: u8) {
        let mut queue = playing(count, row % count);
        let before = order(&queue);
        let mut entropy = Entropy::from_seed([seed; 32]);
        queue.set_shuffle(true, &mut entropy);
        for _ in 0..seed % 8 {
            queue.advance(Step::Ended, &all, &mut entropy);
        }
        queue.set_shuffle(false, &mut entropy);
        prop_assert_eq!(order(&queue), before);
    }
}
