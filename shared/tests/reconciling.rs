//! Logs that are compared: who meets has in the end what each of them has, and no record comes twice.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    time::Duration,
};

use catnest::{
    channel::ChannelId,
    chat::{
        record::{Position, Record, RecordId},
        retention::{Interval, first_at},
        span::Span,
    },
    entropy::Entropy,
    identity::{AuthorKey, DeviceSeed},
    limits,
    sync::{Message, NeighbourKey, Part, Reconciler, ReconcilerOutput},
    time::Millis,
};
use proptest::prelude::*;

const CHANNEL: ChannelId = ChannelId([7; 32]);

fn author() -> AuthorKey {
    DeviceSeed::generate(&mut Entropy::from_seed([3; 32])).author_key(CHANNEL)
}

/// One device with a log.
#[derive(Default)]
struct Device {
    log: BTreeMap<Position, Record>,
    reconciler: Reconciler,
    /// Every record that came, as often as it came.
    came: Vec<RecordId>,
    blamed: Vec<(NeighbourKey, String)>,
}

/// Devices whose links carry everything at once and in order.
struct Nest {
    devices: Vec<Device>,
    /// From, to, what.
    on_their_way: VecDeque<(usize, usize, Carried)>,
    now: Millis,
    messages: usize,
    links: usize,
}

enum Carried {
    Message(Message),
    Record(Record),
}

const fn key(device: usize) -> NeighbourKey {
    NeighbourKey(device as u64)
}

impl Nest {
    fn of(logs: impl IntoIterator<Item = Vec<Record>>) -> Self {
        let device = |log: Vec<Record>| Device {
            log: log.into_iter().map(|r| (r.position(), r)).collect(),
            ..Device::default()
        };
        let devices: Vec<Device> = logs.into_iter().map(device).collect();
        Self {
            links: devices.len(),
            devices,
            on_their_way: VecDeque::new(),
            now: Millis(1_000_000),
            messages: 0,
        }
    }

    fn meet(&mut self, one: usize, other: usize) {
        self.devices[one].reconciler.met(self.now, key(other), true);
        self.devices[other]
            .reconciler
            .met(self.now, key(one), false);
    }

    fn part(&mut self, one: usize, other: usize) {
        let between = |from, to| (from, to) == (one, other) || (from, to) == (other, one);
        self.on_their_way
            .retain(|(from, to, _)| !between(*from, *to));
        self.devices[one].reconciler.parted(self.now, key(other));
        self.devices[other].reconciler.parted(self.now, key(one));
    }

    /// Until nothing is on its way, or so many steps were taken. Whether all is quiet.
    fn settle(&mut self, steps: usize) -> bool {
        for _ in 0..steps {
            for device in 0..self.devices.len() {
                self.drain(device);
            }
            let Some((from, to, carried)) = self.on_their_way.pop_front() else {
                return true;
            };
            let device = &mut self.devices[to];
            match carried {
                Carried::Message(message) => {
                    self.messages += 1;
                    let log = &device.log;
                    let known = |id| log.keys().any(|position| position.id == id);
                    device.reconciler.heard(self.now, key(from), message, known);
                }
                Carried::Record(record) => {
                    assert!(device.reconciler.expects(key(from), record.id), "unasked");
                    device.came.push(record.id);
                    device.reconciler.came(self.now, key(from), record);
                }
            }
        }
        false
    }

    fn drain(&mut self, of: usize) {
        let device = &mut self.devices[of];
        while let Some(output) = device.reconciler.poll() {
            match output {
                // Some are not there at all.
                ReconcilerOutput::Send(to, _) if to.0 as usize >= self.links => {}
                ReconcilerOutput::Send(to, message) => {
                    let carried = Carried::Message(message);
                    self.on_their_way.push_back((of, to.0 as usize, carried));
                }
                ReconcilerOutput::List { list, span, limit } => {
                    let all = device.log.keys().rev().copied();
                    let mut listed: Vec<Position> = all.filter(|p| span.contains(*p)).collect();
                    let more = listed.len() > limit;
                    listed.truncate(limit);
                    device.reconciler.listed(self.now, list, &listed, more);
                }
                ReconcilerOutput::Serve(to, positions) => {
                    for record in positions.iter().filter_map(|p| device.log.get(p)) {
                        let carried = Carried::Record(record.clone());
                        self.on_their_way.push_back((of, to.0 as usize, carried));
                    }
                    device.reconciler.sent(to);
                }
                ReconcilerOutput::Keep(from, records) => {
                    let mut new = Vec::new();
                    for record in records {
                        let position = record.position();
                        if device.log.insert(position, record).is_none() {
                            new.push(position);
                        }
                    }
                    let log = &device.log;
                    let known = |id| log.keys().any(|position| position.id == id);
                    device.reconciler.kept(self.now, from, &new, known);
                }
                ReconcilerOutput::Liar(who, lie) => device.blamed.push((who, lie)),
            }
        }
    }

    fn all(&self) -> BTreeSet<Position> {
        let logs = self.devices.iter().flat_map(|device| device.log.keys());
        logs.copied().collect()
    }

    #[track_caller]
    fn agree(&self) {
        let all = self.all();
        for (number, device) in self.devices.iter().enumerate() {
            assert_eq!(device.log.len(), all.len(), "device {number}");
            let once: BTreeSet<RecordId> = device.came.iter().copied().collect();
            assert_eq!(
                device.came.len(),
                once.len(),
                "device {number} got some twice"
            );
            assert_eq!(device.blamed, [], "device {number}");
            assert!(!device.reconciler.is_busy(), "device {number} is busy");
        }
    }
}

fn interval(from: Option<u64>, before: Option<u64>) -> Interval {
    let place = |time| first_at(Millis(time));
    Interval {
        span: Span {
            from: from.map(place),
            before: before.map(place),
        },
        most: None,
    }
}

/// Records of these milliseconds; each is as long as it is late, so that no two are alike.
fn written(times: impl IntoIterator<Item = u64>) -> Vec<Record> {
    let author = author();
    let write = |time| Record::write(&author, CHANNEL, Millis(time), "a", &format!("said {time}"));
    times.into_iter().map(write).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whoever has what, and wants which part of it: each gets what the other one has of the part that both want.
    #[test]
    fn two_get_what_both_want(
        logs in prop::array::uniform2(prop::collection::btree_set(0_u64..60, 0..40)),
        wanted in prop::array::uniform2((prop::option::of(0_u64..60), prop::option::of(0_u64..60))),
        begins in 0_usize..2,
    ) {
        let mut nest = Nest::of(logs.iter().map(|log| written(log.iter().copied())));
        let wanted = wanted.map(|(from, before)| interval(from, before));
        for (device, wanted) in nest.devices.iter_mut().zip(wanted) {
            device.reconciler.want(wanted);
        }
        nest.meet(begins, 1 - begins);
        prop_assert!(nest.settle(10_000));
        for (of, log) in logs.iter().enumerate() {
            let mut expected = log.clone();
            expected.extend(logs[1 - of].iter().filter(|time| {
                let place = first_at(Millis(**time));
                wanted.iter().all(|wanted| wanted.contains(place))
            }));
            let has: BTreeSet<u64> = nest.devices[of].log.keys().map(|p| p.time.0).collect();
            prop_assert_eq!(has, expected, "device {}", of);
            prop_assert_eq!(nest.devices[of].blamed.len(), 0);
            prop_assert!(!nest.devices[of].reconciler.is_busy());
        }
    }

    /// Whoever has what, and whoever meets whom in whatever order.
    #[test]
    fn a_nest_agrees(
        logs in prop::collection::vec(prop::collection::vec(0..400u64, 0..120), 2..5),
        order in any::<u64>(),
    ) {
        let mut nest = Nest::of(logs.into_iter().map(written));
        let devices = nest.devices.len();
        // A line, so that what one end has reaches the other through those between; met one after the other, or at once.
        for device in 1..devices {
            nest.meet(device - 1, device);
            if order >> device & 1 == 0 {
                prop_assert!(nest.settle(100_000));
            }
        }
        prop_assert!(nest.settle(100_000));
        nest.agree();
    }
}

#[test]
fn a_newcomer_gets_the_newest_first() {
    const RECORDS: u64 = 10_000;
    let mut nest = Nest::of([written(0..RECORDS), Vec::new()]);
    nest.meet(1, 0);
    let mut times = Vec::new();
    while !nest.settle(1) {
        let newest_missing = nest.devices[1]
            .log
            .keys()
            .next()
            .map(|position| position.time);
        times.extend(newest_missing);
    }
    nest.agree();
    assert!(times.is_sorted_by(|before, after| before >= after));
    // Three spans, and each record once.
    assert_eq!(nest.devices[1].came.len() as u64, RECORDS);
}

#[test]
fn logs_that_are_alike_cost_a_question_and_an_answer_for_each_span() {
    let records = limits::MAX_COMPARED_RECORDS as u64 * 3;
    let mut nest = Nest::of([written(0..records), written(0..records)]);
    nest.meet(0, 1);
    assert!(nest.settle(100));
    nest.agree();
    assert!(nest.messages <= 8, "{}", nest.messages);
}

#[test]
fn what_is_missing_comes_from_one_neighbour_though_all_have_it() {
    let all = || written(0..500);
    let mut nest = Nest::of([Vec::new(), all(), all(), all(), all()]);
    for other in 1..5 {
        // Some ask, some are asked.
        if other % 2 == 0 {
            nest.meet(0, other);
        } else {
            nest.meet(other, 0);
        }
    }
    assert!(nest.settle(100_000));
    nest.agree();
    assert_eq!(nest.devices[0].came.len(), 500);
}

#[test]
fn a_neighbour_that_goes_leaves_it_to_the_others() {
    let all = || written(0..2000);
    let mut nest = Nest::of([Vec::new(), all(), all()]);
    nest.meet(0, 1);
    nest.meet(0, 2);
    while nest.devices[0].log.len() < 200 {
        assert!(!nest.settle(1));
    }
    nest.part(0, 1);
    assert!(nest.settle(100_000));
    assert_eq!(nest.devices[0].log.len(), 2000);
}

#[test]
fn who_says_nothing_holds_nobody_up() {
    let mut nest = Nest::of([Vec::new(), written(0..100)]);
    // A silent one comes first.
    let silent = key(9);
    nest.devices[0].reconciler.met(nest.now, silent, true);
    nest.meet(0, 1);
    assert!(nest.settle(1000));
    assert_eq!(nest.devices[0].log.len(), 0);
    let due = nest.devices[0].reconciler.deadline();
    assert_eq!(due, Some(nest.now + limits::HISTORY_PATIENCE));
    nest.now = nest.now + limits::HISTORY_PATIENCE;
    nest.devices[0].reconciler.wake(nest.now);
    assert!(nest.settle(1000));
    nest.agree();
    nest.now = nest.now + Duration::from_secs(1);
    assert_eq!(nest.devices[0].reconciler.deadline(), None);
}

/// What a device with 100 records makes of what a neighbour says.
#[track_caller]
fn check_lie(messages: impl IntoIterator<Item = Message>, lie: &str) {
    let mut nest = Nest::of([written(0..100)]);
    let now = nest.now;
    nest.devices[0].reconciler.met(now, key(9), false);
    for message in messages {
        let device = &mut nest.devices[0];
        device.reconciler.heard(now, key(9), message, |_| false);
        nest.drain(0);
    }
    let blamed = &nest.devices[0].blamed;
    let told = blamed
        .iter()
        .any(|(who, told)| *who == key(9) && told.contains(lie));
    assert!(told, "{blamed:?}");
}

fn part(span: Span, more: bool, bytes: Vec<u8>) -> Message {
    Message::Ask(Part {
        comparison: 1,
        span,
        more,
        bytes,
        most: None,
    })
}

#[test]
fn a_liar_is_named() {
    let all = Span::default();
    let some = Span {
        before: Some(written([50])[0].position()),
        ..all
    };
    // A list of 2^34 ids, without them.
    let garbage = vec![0x61, 0, 0, 2, 0xc0, 0x80, 0x80, 0x80, 0];
    let garbage = part(all, false, garbage);
    check_lie([garbage], "not a message of a comparison");
    let other_version = part(all, false, vec![0x10]);
    check_lie([other_version], "not a message of a comparison");
    let full = || vec![0x61; limits::COMPARE_PART];
    let changing = [part(all, true, full()), part(some, false, vec![0])];
    check_lie(changing, "the span of a comparison changes");
    let endless = part(all, true, vec![0; limits::COMPARE_PART]);
    let endless = vec![endless; limits::MAX_COMPARE_BYTES / limits::COMPARE_PART + 1];
    check_lie(endless, "has more than");
    check_lie([part(all, true, Vec::new())], "is too short");
    let asked_again = vec![part(all, false, vec![0x61]); 10];
    check_lie(asked_again, "more than 8 rounds");
    check_lie([Message::Served], "served what nobody asked for");
}

#[test]
fn who_narrows_a_comparison_without_end_is_named() {
    let mut nest = Nest::of([written(0..100)]);
    let now = nest.now;
    nest.devices[0].reconciler.met(now, key(9), true);
    nest.drain(0);
    let mut narrow = |comparison, time: u64, last| {
        let from = written([time])[0].position();
        let narrow = Message::Narrow {
            comparison,
            from,
            last,
        };
        let device = &mut nest.devices[0];
        device.reconciler.heard(now, key(9), narrow, |_| false);
        nest.drain(0);
        nest.devices[0].blamed.len()
    };
    assert_eq!(narrow(1, 50, false), 0);
    assert_eq!(narrow(2, 60, true), 0);
    // It was narrowed to what begins there already.
    assert_eq!(narrow(3, 60, true), 1);
}

#[test]
fn a_newcomer_that_is_dialled_gets_all_at_its_own_pace() {
    let mut nest = Nest::of([written(0..10_000), Vec::new()]);
    nest.meet(0, 1);
    assert!(nest.settle(20_000));
    nest.agree();
    assert_eq!(nest.devices[1].came.len(), 10_000);
}

#[test]
fn what_was_promised_and_did_not_come_is_had_from_another() {
    let mut nest = Nest::of([Vec::new(), written(0..10)]);
    nest.links = 2;
    let now = nest.now;
    // It offers ten records, is asked for them, and sends none.
    nest.devices[0].reconciler.met(now, key(9), false);
    let positions = written(0..10).iter().map(Record::position).collect();
    for lie in [Message::Offer(positions), Message::Served] {
        let device = &mut nest.devices[0];
        device.reconciler.heard(now, key(9), lie, |_| false);
        nest.drain(0);
    }
    nest.meet(1, 0);
    assert!(nest.settle(1000));
    assert_eq!(nest.devices[0].log.len(), 10);
}

#[test]
fn who_was_silent_is_asked_again_once_it_speaks() {
    let mut nest = Nest::of([Vec::new(), written(0..10)]);
    nest.meet(0, 1);
    nest.drain(0);
    // Its answer is long in coming.
    nest.on_their_way.clear();
    nest.now = nest.now + limits::HISTORY_PATIENCE;
    nest.devices[0].reconciler.wake(nest.now);
    assert!(nest.settle(1000));
    assert_eq!(nest.devices[0].log.len(), 0);
    nest.devices[0].reconciler.has_room(nest.now, key(1));
    assert!(nest.settle(1000));
    assert_eq!(nest.devices[0].log.len(), 10);
}

#[test]
fn who_has_enough_does_not_ask_for_more() {
    let mut nest = Nest::of([written(0..10_000), written(9_990..9_995)]);
    let ten = Interval {
        span: Span::default(),
        most: Some(10),
    };
    nest.devices[1].reconciler.want(ten);
    nest.meet(1, 0);
    assert!(nest.settle(1000));
    let kept: Vec<u64> = nest.devices[1].log.keys().map(|p| p.time.0).collect();
    assert_eq!(kept, (9_990..10_000).collect::<Vec<u64>>());
    assert_eq!(nest.devices[0].log.len(), 10_000);
}
