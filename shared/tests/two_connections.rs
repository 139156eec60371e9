//! A link has two connections: control and chat go over the main one, packets over the second one, and everything over
//! the one that is left when the other dies.

mod common;

use std::time::Duration;

use catnest::{
    entropy::Entropy,
    link::{
        ConnectionInput, DownReason, LineId, LinkOutput, Reach, Said, Signal, Stream, Transport,
    },
    node::Command,
    signal::message::PeerBody,
    sim::{DeviceId, Sim},
    wire::Frame,
};
use common::{
    MINUTE, SECOND, heard, nest, online, page,
    pair::{ANSWERS, DIALS, Pair, carried_packets, packet},
    say,
};

const FIRST: LineId = LineId::FIRST;
const SECOND_LINE: LineId = LineId(1);

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{number:03}")).collect()
}

/// How much was said through servers.
fn seen(sim: &Sim) -> usize {
    sim.seen_by_servers().len()
}

#[test]
fn a_link_that_is_up_gets_a_second_connection_and_chat_stays_on_the_first() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        let [ann, bo] = devices[..] else { panic!() };
        assert_eq!(
            (sim.open_connections(ann), sim.open_connections(bo)),
            (2, 2)
        );
        let before = sim.frames_sent(ann, bo);
        say(&mut sim, ann, channel, "hello");
        sim.run_for(SECOND);
        let after = sim.frames_sent(ann, bo);
        assert!(after[0] > before[0]);
        assert_eq!(after[1], before[1]);
    }
}

#[test]
fn the_second_connection_is_made_over_the_link_and_not_through_the_server() {
    let (mut sim, devices, _) = nest(1, &["Ann", "Bo"]);
    sim.set_server_up("127.0.0.1", false);
    let made = sim.connections_made(devices[0]);
    for _ in 0..5 {
        sim.cut_connection(devices[0], devices[1], 1);
        assert_eq!(sim.open_connections(devices[0]), 1);
        sim.run_for(MINUTE);
        assert_eq!(sim.open_connections(devices[0]), 2);
    }
    assert_eq!(sim.connections_made(devices[0]), made + 5);
}

/// Either of the two is closed, or falls silent, in the middle of a conversation: nothing is lost, nothing comes twice,
/// and nobody is dialled.
#[test]
fn a_conversation_goes_on_over_the_connection_that_is_left() {
    type Happens = fn(&mut Sim, DeviceId, DeviceId, usize);
    let closes: Happens = Sim::cut_connection;
    let falls_silent: Happens = Sim::lose_path_of;
    for seed in 0..10 {
        for which in [0, 1] {
            for (happens, made) in [(closes, 1), (falls_silent, 0)] {
                let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
                let [ann, bo] = devices[..] else { panic!() };
                let before = (seen(&sim), sim.connections_made(ann));
                sim.forget_events();
                for (number, text) in numbered(200).iter().enumerate() {
                    if number == 100 {
                        happens(&mut sim, ann, bo, which);
                    }
                    say(&mut sim, devices[number % 2], channel, text);
                    sim.run_for(Duration::from_millis(50));
                }
                sim.run_for(MINUTE);
                for device in [ann, bo] {
                    let mut came = heard(&sim, device);
                    came.sort();
                    assert_eq!(came, numbered(200), "seed {seed}, connection {which}");
                    assert_eq!(page(&mut sim, device, channel), numbered(200));
                    assert_eq!(sim.open_connections(device), 2);
                }
                assert_eq!(
                    (seen(&sim), sim.connections_made(ann)),
                    (before.0, before.1 + made)
                );
            }
        }
    }
}

#[test]
fn whichever_connection_dies_again_and_again_the_link_lives() {
    let (mut sim, devices, channel) = nest(3, &["Ann", "Bo"]);
    sim.set_server_up("127.0.0.1", false);
    sim.forget_events();
    for (number, text) in numbered(10).iter().enumerate() {
        sim.cut_connection(devices[0], devices[1], number % 2);
        say(&mut sim, devices[0], channel, text);
        sim.run_for(5 * MINUTE);
        assert_eq!(sim.open_connections(devices[1]), 2, "{text}");
    }
    assert_eq!(heard(&sim, devices[1]), numbered(10));
}

/// Whatever happens to connections, paths, servers and devices, in whatever order: nothing is lost, nothing comes twice,
/// and in the end there are two connections.
#[test]
fn nothing_that_happens_to_connections_loses_or_repeats_a_message() {
    for seed in 0..50_u8 {
        let (mut sim, devices, channel) = nest(seed.into(), &["Ann", "Bo"]);
        let [ann, bo] = devices[..] else { panic!() };
        let mut entropy = Entropy::from_seed([seed; 32]);
        sim.forget_events();
        for (number, text) in numbered(200).iter().enumerate() {
            say(&mut sim, devices[number % 2], channel, text);
            sim.run_for(Duration::from_millis(entropy.below(2000) as u64));
            let one = devices[entropy.below(2)];
            match entropy.below(60) {
                which @ (0 | 1) => sim.cut_connection(ann, bo, which),
                which @ (2 | 3) => sim.lose_path_of(ann, bo, which - 2),
                4 => sim.cut(ann, bo),
                5 => sim.lose_paths(one),
                6 => sim.change_network(one),
                7 => sim.sleep(one, 2 * MINUTE),
                8 => sim.set_server_up("127.0.0.1", false),
                9..15 => sim.set_server_up("127.0.0.1", true),
                _ => {}
            }
        }
        sim.set_server_up("127.0.0.1", true);
        sim.run_for(15 * MINUTE);
        for device in [ann, bo] {
            let mut came = heard(&sim, device);
            came.sort();
            assert_eq!(came, numbered(200), "seed {seed}");
            assert_eq!(sim.open_connections(device), 2, "seed {seed}");
        }
        let log = page(&mut sim, ann, channel);
        assert_eq!(log, page(&mut sim, bo, channel), "seed {seed}");
    }
}

#[test]
fn a_message_is_soon_there_though_the_main_connection_is_silent() {
    let (mut sim, devices, channel) = nest(4, &["Ann", "Bo"]);
    sim.lose_path_of(devices[0], devices[1], 0);
    // Both ends have noticed by then, and nothing is mended yet.
    sim.run_for(Duration::from_millis(6500));
    sim.forget_events();
    say(&mut sim, devices[0], channel, "prompt");
    assert!(sim.run_until(SECOND, |sim| heard(sim, devices[1]) == ["prompt"]));
}

#[test]
fn a_link_without_any_connection_is_dialled_anew() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        let made = sim.connections_made(devices[0]);
        sim.cut(devices[0], devices[1]);
        say(&mut sim, devices[0], channel, "again");
        sim.run_for(MINUTE);
        // Three, if both dialled.
        assert!(sim.connections_made(devices[0]) <= made + 3);
        assert_eq!(sim.open_connections(devices[0]), 2);
        assert_eq!(heard(&sim, devices[1]), ["again"]);
    }
}

#[test]
fn the_connection_that_is_left_is_mended_through_the_server() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        let made = sim.connections_made(devices[0]);
        sim.cut_connection(devices[0], devices[1], 0);
        // Before another one is made.
        sim.run_for(SECOND);
        sim.lose_paths(devices[1]);
        say(&mut sim, devices[0], channel, "through");
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim, devices[1]), ["through"]);
        assert_eq!(sim.connections_made(devices[0]), made + 1, "seed {seed}");
        assert_eq!(sim.open_connections(devices[0]), 2);
    }
}

#[test]
fn a_name_that_is_changed_while_a_connection_dies_is_heard() {
    for which in [0, 1] {
        let (mut sim, devices, _) = nest(6, &["Ann", "Bo"]);
        let name = "Anna".into();
        sim.command(devices[0], Command::SetName { name });
        sim.cut_connection(devices[0], devices[1], which);
        sim.run_for(SECOND);
        assert_eq!(online(&sim, devices[1]), ["Bo", "Anna"]);
    }
}

#[test]
fn both_connections_outlive_a_changed_network() {
    for seed in 0..10 {
        let (mut sim, devices, channel) = nest(seed, &["Ann", "Bo"]);
        sim.change_network(devices[(seed % 2) as usize]);
        say(&mut sim, devices[0], channel, "moved");
        sim.run_for(2 * MINUTE);
        assert_eq!(heard(&sim, devices[1]), ["moved"]);
        for &device in &devices {
            assert_eq!(sim.open_connections(device), 2);
        }
    }
}

// What follows looks at two links without nodes.

#[test]
fn packets_take_the_second_connection_and_the_main_one_while_there_is_no_other() {
    let mut pair = Pair::up();
    pair.link(DIALS).send_packet(packet(0));
    pair.wait(5);
    pair.link(DIALS).send_packet(packet(1));
    pair.settle();
    pair.cut(SECOND_LINE);
    pair.link(DIALS).send_packet(packet(2));
    pair.wait(5);
    pair.link(DIALS).send_packet(packet(3));
    pair.settle();
    assert_eq!(
        carried_packets(&pair),
        [FIRST, SECOND_LINE, FIRST, LineId(2)]
    );
    let came = pair.told[ANSWERS].iter();
    let came = came.filter(|told| matches!(told, LinkOutput::Frame(Frame::Resource(_))));
    assert_eq!(came.count(), 4);
}

#[test]
fn a_dead_connection_is_told_once_and_what_waited_for_it_goes_on() {
    for line in [FIRST, SECOND_LINE] {
        let mut pair = Pair::complete();
        let stream = Stream::bulk(0);
        // Nothing drains in either direction any more.
        pair.full = [(SECOND_LINE, stream), (FIRST, Stream::CONTROL)].into();
        while pair.link(DIALS).has_room(0) {
            pair.link(DIALS).send_packet(packet(0));
            pair.settle();
        }
        let now = pair.now;
        let record = Frame::Record(vec![1; 60_000]);
        for _ in 0..10 {
            pair.link(DIALS).send(now, &record).unwrap();
        }
        pair.settle();
        pair.told = Default::default();
        pair.cut(line);
        assert!(pair.told[DIALS].contains(&LinkOutput::Room));
        pair.full.clear();
        pair.wait(1);
        for told in &pair.told {
            let rerouted = told.iter().filter(|told| **told == LinkOutput::Rerouted);
            assert_eq!(rerouted.count(), 1);
        }
        if line == FIRST {
            let came = pair.told[ANSWERS].iter();
            let came = came.filter(|told| **told == LinkOutput::Frame(record.clone()));
            assert_eq!(came.count(), 5, "the other five are lost with it");
        } else {
            assert!(pair.link(DIALS).has_room(0));
        }
    }
}

#[test]
fn what_was_sent_while_neither_connection_worked_is_made_good() {
    let mut pair = Pair::complete();
    pair.told = Default::default();
    for line in [FIRST, SECOND_LINE] {
        pair.silent.insert(line);
        for end in [DIALS, ANSWERS] {
            let (now, me) = (pair.now, pair.us[end].clone());
            let lost = ConnectionInput::Transport(Transport::Disconnected);
            pair.link(end)
                .connection(now, line, lost, &me, Reach::Unknown);
        }
        pair.wait(1);
    }
    let now = pair.now;
    let record = Frame::Record(vec![1; 100]);
    pair.link(DIALS).send(now, &record).unwrap();
    pair.settle();
    pair.cut(FIRST);
    pair.wait(1);
    let rerouted = pair.told[DIALS].iter();
    let rerouted = rerouted.filter(|told| **told == LinkOutput::Rerouted);
    assert_eq!(rerouted.count(), 2, "once for each connection");
}

#[test]
fn nothing_is_said_anew_when_the_other_end_closes_both() {
    for lines in [[FIRST, SECOND_LINE], [SECOND_LINE, FIRST]] {
        let mut pair = Pair::complete();
        pair.told = Default::default();
        pair.sent.clear();
        for line in lines {
            pair.tell(DIALS, line, ConnectionInput::Closed);
            pair.now = pair.now + Duration::from_millis(50);
        }
        pair.settle();
        assert!(pair.told[DIALS].contains(&LinkOutput::Down(DownReason::ClosedThere)));
        assert!(!pair.told[DIALS].contains(&LinkOutput::Rerouted));
        assert_eq!(pair.sent, []);
    }
}

#[test]
fn a_silent_connection_is_mended_over_the_other_one() {
    for line in [FIRST, SECOND_LINE] {
        let mut pair = Pair::complete();
        pair.sent.clear();
        pair.silent.insert(line);
        for end in [DIALS, ANSWERS] {
            let (now, me) = (pair.now, pair.us[end].clone());
            let lost = ConnectionInput::Transport(Transport::Disconnected);
            pair.link(end)
                .connection(now, line, lost, &me, Reach::Unknown);
        }
        pair.wait(4);
        let offers = pair.sent.iter().filter(|(end, ..)| *end == DIALS);
        let offers: Vec<LineId> = offers
            .filter_map(|(_, over, _, frame)| match frame {
                Frame::Signal(Signal {
                    line: about,
                    said: Said::Negotiation(PeerBody::Offer(_)),
                }) if *about == line => Some(*over),
                _ => None,
            })
            .collect();
        let other = LineId(1 - line.0);
        assert_eq!(offers, [other]);
    }
}

#[test]
fn an_end_that_has_not_noticed_hears_of_the_other_what_is_silent() {
    for (noticed, other) in [(DIALS, ANSWERS), (ANSWERS, DIALS)] {
        let mut pair = Pair::complete();
        let transport = |state| ConnectionInput::Transport(state);
        pair.tell(noticed, SECOND_LINE, transport(Transport::Disconnected));
        pair.wait(1);
        for end in [noticed, other] {
            pair.link(end).send_packet(packet(0));
            let rerouted = pair.told[end].iter();
            let rerouted = rerouted.filter(|told| **told == LinkOutput::Rerouted);
            assert_eq!(rerouted.count(), 1);
        }
        pair.tell(noticed, SECOND_LINE, transport(Transport::Connected));
        pair.settle();
        for end in [noticed, other] {
            pair.link(end).send_packet(packet(1));
        }
        pair.settle();
        assert_eq!(
            carried_packets(&pair),
            [FIRST, FIRST, SECOND_LINE, SECOND_LINE]
        );
    }
}

#[test]
fn a_silence_of_the_only_connection_left_is_no_reason_to_make_no_other() {
    for (noticed, other) in [(DIALS, ANSWERS), (ANSWERS, DIALS)] {
        let mut pair = Pair::complete();
        let transport = |state| ConnectionInput::Transport(state);
        pair.tell(noticed, FIRST, transport(Transport::Disconnected));
        pair.wait(1);
        pair.cut(SECOND_LINE);
        pair.tell(noticed, FIRST, transport(Transport::Connected));
        pair.wait(5);
        assert_eq!(pair.connections(), [2, 2], "{other} had only heard of it");
    }
}

#[test]
fn an_end_that_has_not_noticed_hears_of_the_other_what_is_closed() {
    for line in [FIRST, SECOND_LINE] {
        let mut pair = Pair::complete();
        pair.silent.insert(line);
        pair.tell(ANSWERS, line, ConnectionInput::Closed);
        pair.settle();
        assert_eq!(pair.connections(), [2, 1]);
        pair.wait(1);
        assert_eq!(pair.connections(), [1, 1]);
        pair.wait(3);
        assert_eq!(pair.connections(), [2, 2]);
    }
}
