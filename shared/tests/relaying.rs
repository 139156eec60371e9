//! Devices between which there is no direct path: a relay is asked for then, and only then, and where there is none they
//! are told so.

mod common;

use std::time::Duration;

use catnest::{
    channel::ChannelId,
    limits,
    node::{Command, Contact, Unreached},
    signal::relay,
    sim::{DeviceId, Relays, Sim},
};
use common::{HOUR, MINUTE, NEST, SECOND, channel_of, devices, heard, join, online, say, view_now};

const SERVER: &str = "127.0.0.1";
const LONG: Relays = Relays::Last(HOUR);

/// How often servers were asked for a relay.
fn asked(sim: &Sim) -> usize {
    sim.seen_by_servers().matches(relay::ASK).count()
}

/// Members of one nest, of whom the last one has no direct path to any other.
fn apart(seed: u64, names: &[&str], relays: Option<Relays>) -> (Sim, Vec<DeviceId>, ChannelId) {
    let (mut sim, devices) = devices(seed, names);
    if let Some(relays) = relays {
        sim.set_relays(SERVER, relays);
    }
    sim.divide(&devices[devices.len() - 1..]);
    for &device in &devices {
        join(&mut sim, device, NEST);
    }
    (sim, devices, channel_of(NEST))
}

/// Whether the paths to all others go through a relay, as a device that measures them shows it.
fn relayed(sim: &mut Sim, device: DeviceId, channel: ChannelId) -> Vec<Option<bool>> {
    sim.command(device, Command::Measure { channel });
    sim.run_for(SECOND);
    let members = view_now(sim, device).members;
    let others = members.iter().filter(|member| !member.me);
    let relayed = others.map(|member| match member.contact {
        Contact::Link { path: Some(path) } => Some(path.relayed),
        _ => None,
    });
    relayed.collect()
}

fn linked(sim: &mut Sim, device: DeviceId, limit: Duration) -> bool {
    sim.run_until(limit, |sim| sim.open_connections(device) == 2)
}

#[test]
fn who_finds_no_direct_path_asks_after_three_seconds_and_meets_by_a_relay() {
    for seed in 0..20 {
        let (mut sim, devices, channel) = apart(seed, &["Ann", "Bo"], Some(LONG));
        let [ann, bo] = devices[..] else { panic!() };
        assert!(sim.run_until(MINUTE, |sim| sim.seen_by_servers().contains("offer")));
        // Each took up to 120 ms to get there.
        sim.run_for(limits::RELAY_AFTER - Duration::from_millis(130));
        assert_eq!(asked(&sim), 0, "seed {seed}");
        assert_eq!(sim.open_connections(ann), 0);
        sim.run_for(Duration::from_millis(400));
        assert_eq!(asked(&sim), 2, "each end asks, seed {seed}");
        assert!(linked(&mut sim, ann, 5 * SECOND), "seed {seed}");
        assert!(linked(&mut sim, bo, SECOND), "seed {seed}");
        sim.forget_events();
        say(&mut sim, ann, channel, "hello");
        say(&mut sim, bo, channel, "hi");
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim, ann).len(), 2);
        assert_eq!(heard(&sim, bo).len(), 2);
        for device in [ann, bo] {
            assert_eq!(relayed(&mut sim, device, channel), [Some(true)]);
            let view = view_now(&mut sim, device);
            assert!(view.servers[0].relay);
            assert_eq!(view.unreached, None);
        }
        assert_eq!(asked(&sim), 2, "seed {seed}");
    }
}

#[test]
fn nobody_asks_where_there_is_a_direct_path() {
    let (mut sim, devices) = devices(1, &["Ann", "Bo", "Cy"]);
    sim.set_relays(SERVER, LONG);
    for &device in &devices {
        join(&mut sim, device, NEST);
    }
    sim.run_for(HOUR);
    for &device in &devices {
        assert_eq!(
            relayed(&mut sim, device, channel_of(NEST)),
            [Some(false); 2]
        );
    }
    // Connections that are lost and found, and a device that sleeps, are no reason either.
    sim.cut(devices[0], devices[1]);
    sim.run_for(MINUTE);
    sim.sleep(devices[2], 5 * MINUTE);
    sim.run_for(10 * MINUTE);
    assert_eq!(asked(&sim), 0);
}

#[test]
fn without_a_relay_nobody_connects_and_both_are_told() {
    for (relays, offered) in [
        (None, false),
        (Some(Relays::Refused), true),
        (Some(Relays::Silent), true),
    ] {
        let (mut sim, devices, _) = apart(2, &["Ann", "Bo"], relays);
        let [ann, bo] = devices[..] else { panic!() };
        sim.run_for(10 * SECOND);
        assert_eq!(view_now(&mut sim, ann).unreached, None, "not yet known");
        sim.run_for(20 * SECOND);
        for device in [ann, bo] {
            let view = view_now(&mut sim, device);
            let (devices, relay) = (1, offered);
            assert_eq!(view.unreached, Some(Unreached { devices, relay }));
            assert_eq!(view.servers[0].relay, offered);
        }
        sim.run_for(HOUR);
        assert_eq!(online(&sim, ann), ["Ann"]);
        assert!(view_now(&mut sim, ann).unreached.is_some());
        // Once an answer is not worth waiting for, the pauses are as long as they get.
        let most = 2 * (HOUR.as_secs() / limits::RELAY_RETRY_MAX.as_secs() + 10);
        assert!(asked(&sim) as u64 <= most, "{} times", asked(&sim));
        sim.command(
            bo,
            Command::Leave {
                channel: channel_of(NEST),
            },
        );
        sim.run_for(SECOND);
        assert_eq!(view_now(&mut sim, ann).unreached, None);
    }
}

/// Ann and Bo are linked, and Cy cannot be reached by either.
#[test]
fn who_is_reached_by_nobody_is_counted_and_who_is_reached_through_others_is_not() {
    let (mut sim, devices, _) = apart(3, &["Ann", "Bo", "Cy"], None);
    sim.run_for(MINUTE);
    let unreached = |sim: &mut Sim, device| {
        let unreached = view_now(sim, device).unreached;
        unreached.map(|unreached| unreached.devices)
    };
    let counts = devices.iter().map(|&device| unreached(&mut sim, device));
    assert_eq!(counts.collect::<Vec<_>>(), [Some(1), Some(1), Some(2)]);
    // Dan has a path to Cy, and to nobody else.
    let dan = sim.add("Dan");
    sim.run_for(SECOND);
    sim.divide(&[devices[2], dan]);
    join(&mut sim, dan, NEST);
    sim.run_for(5 * MINUTE);
    let counts = devices.iter().map(|&device| unreached(&mut sim, device));
    assert_eq!(counts.collect::<Vec<_>>(), [Some(2), Some(2), Some(2)]);
    sim.unite();
    sim.run_for(5 * MINUTE);
    let counts = devices.iter().map(|&device| unreached(&mut sim, device));
    assert_eq!(counts.collect::<Vec<_>>(), [None; 3]);
}

#[test]
fn one_answer_serves_all_links_and_those_that_come_later() {
    let (mut sim, devices, _) = apart(4, &["Ann", "Bo", "Cy", "Dan"], Some(LONG));
    let dan = devices[3];
    sim.run_for(MINUTE);
    assert_eq!(sim.neighbours(dan), 3);
    assert_eq!(asked(&sim), 4);
    // Whoever was reached by a relay is reached so again, at once.
    for &other in &devices[..3] {
        sim.cut(dan, other);
    }
    let again = sim.run_until(30 * SECOND, |sim| sim.neighbours(dan) == 3);
    assert!(again);
    assert_eq!(asked(&sim), 4);
}

#[test]
fn a_path_that_is_lost_is_found_again_through_a_relay() {
    for seed in 0..10 {
        let (mut sim, devices) = devices(seed, &["Ann", "Bo"]);
        sim.set_relays(SERVER, LONG);
        for &device in &devices {
            join(&mut sim, device, NEST);
        }
        let channel = channel_of(NEST);
        let [ann, bo] = devices[..] else { panic!() };
        sim.run_for(MINUTE);
        let made = sim.connections_made(ann);
        sim.divide(&[bo]);
        sim.forget_events();
        say(&mut sim, ann, channel, "are you there?");
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim, bo), ["are you there?"], "seed {seed}");
        assert_eq!(relayed(&mut sim, ann, channel), [Some(true)]);
        let second = usize::from(sim.connections_made(ann) > made);
        assert!(sim.connections_made(ann) <= made + second, "the link stays");
        assert!((1..=2).contains(&asked(&sim)), "seed {seed}");
    }
}

#[test]
fn what_goes_through_a_relay_goes_on_when_its_credentials_end() {
    let (mut sim, devices, channel) = apart(5, &["Ann", "Bo"], Some(Relays::Last(10 * MINUTE)));
    let [ann, bo] = devices[..] else { panic!() };
    assert!(linked(&mut sim, ann, MINUTE));
    sim.run_for(MINUTE);
    let made = sim.connections_made(ann);
    sim.forget_events();
    for hour in 0..60 {
        say(&mut sim, ann, channel, &hour.to_string());
        sim.run_for(MINUTE);
    }
    assert_eq!(heard(&sim, bo).len(), 60);
    assert_eq!(sim.connections_made(ann), made, "none was made anew");
    let times = asked(&sim);
    assert!((12..=16).contains(&times), "{times} times in an hour");
    // The server has none any more: the link ends with its relay, and both are told.
    sim.set_relays(SERVER, Relays::Refused);
    sim.run_for(15 * MINUTE);
    assert_eq!(sim.open_connections(bo), 0);
    assert!(view_now(&mut sim, bo).unreached.is_some());
    sim.set_relays(SERVER, LONG);
    assert!(linked(&mut sim, bo, 5 * MINUTE));
}

#[test]
fn another_network_asks_anew() {
    let (mut sim, devices, _) = apart(6, &["Ann", "Bo"], Some(LONG));
    sim.run_for(MINUTE);
    let before = asked(&sim);
    sim.change_network(devices[0]);
    sim.run_for(2 * MINUTE);
    assert_eq!(sim.neighbours(devices[1]), 1);
    assert!(asked(&sim) > before);
}

#[test]
fn relays_that_nobody_asked_for_are_left_out() {
    let (mut sim, devices) = devices(7, &["Ann", "Bo"]);
    sim.set_relays(SERVER, LONG);
    for &device in &devices {
        join(&mut sim, device, NEST);
    }
    sim.run_for(MINUTE);
    let said = sim.seen_by_servers().len();
    let relay = r#"{"type":"relay","urls":["turn:evil.example"],"username":"1790000099999:a","credential":"b","ttl":3600}"#;
    for _ in 0..1000 {
        sim.server_says(SERVER, devices[0], relay);
        sim.server_says(SERVER, devices[0], r#"{"type":"norelay"}"#);
    }
    sim.run_for(HOUR);
    assert_eq!(sim.seen_by_servers().len(), said, "no restart, no question");
    assert_eq!(sim.open_connections(devices[0]), 2);
    // What was left out is not used later either.
    sim.set_relays(SERVER, Relays::Refused);
    sim.divide(&devices[1..]);
    sim.run_for(5 * MINUTE);
    assert_eq!(sim.open_connections(devices[0]), 0);
}

#[test]
fn malformed_relays_are_none_and_a_good_one_is_taken_afterwards() {
    let (mut sim, devices, _) = apart(8, &["Ann", "Bo"], Some(Relays::Silent));
    for _ in 0..60 {
        for wrong in [
            r#"{"type":"relay"}"#,
            r#"{"type":"relay","urls":[],"username":"1:a","credential":"b","ttl":3600}"#,
            r#"{"type":"relay","urls":["https://evil.example"],"username":"1:a","credential":"b","ttl":3600}"#,
            r#"{"type":"relay","urls":["turn:evil.example"],"username":"1:a","credential":"b","ttl":-1}"#,
            r#"{"type":"relay","urls":"turn:evil.example","username":1,"credential":"b","ttl":3600}"#,
            // Too short to be of use, and so as good as a refusal.
            r#"{"type":"relay","urls":["turn:evil.example"],"username":"1:a","credential":"b","ttl":0}"#,
            r#"{"type":"relay","urls":["turn:evil.example"],"username":"1:a","credential":"b","ttl":119}"#,
            r#"{"type":"error","reason":"what?"}"#,
        ] {
            sim.server_says(SERVER, devices[0], wrong);
            sim.server_says(SERVER, devices[1], wrong);
        }
        sim.run_for(10 * SECOND);
    }
    assert_eq!(sim.open_connections(devices[0]), 0);
    assert!(asked(&sim) <= 60, "{} times in ten minutes", asked(&sim));
    sim.set_relays(SERVER, LONG);
    assert!(linked(&mut sim, devices[0], 5 * MINUTE));
}
