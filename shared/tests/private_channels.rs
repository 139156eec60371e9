//! Private channels: who has the secret is in, who has not learns nothing, and a server carries what it cannot read.

mod common;

use common::{MINUTE, channel_of, devices, heard, join, online, say};

const PRIVATE: &str = "webrtc://127.0.0.1/secret-garden#aaaaaaaaaaaaaaaaaaaaaaaa";
const WRONG: &str = "webrtc://127.0.0.1/secret-garden#bbbbbbbbbbbbbbbbbbbbbbbb";
const PUBLIC: &str = "webrtc://127.0.0.1/secret-garden";

#[test]
fn members_meet_and_strangers_do_not() {
    for seed in 0..10 {
        let (mut sim, devices) = devices(seed, &["Ann", "Bo", "wrong", "public"]);
        for (&device, address) in devices.iter().zip([PRIVATE, PRIVATE, WRONG, PUBLIC]) {
            join(&mut sim, device, address);
        }
        sim.run_for(MINUTE);
        say(&mut sim, devices[0], channel_of(PRIVATE), "between us");
        say(&mut sim, devices[2], channel_of(WRONG), "let me in");
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim, devices[1]), ["between us"]);
        assert_eq!(heard(&sim, devices[2]), ["let me in"]);
        assert_eq!(heard(&sim, devices[3]), [""; 0]);
        assert_eq!(online(&sim, devices[0]), ["Ann", "Bo"]);
        assert_eq!(online(&sim, devices[2]), ["wrong"]);
        assert_eq!(online(&sim, devices[3]), ["public"]);
    }
}

#[test]
fn what_goes_through_the_server_names_and_shows_nothing() {
    let (mut sim, devices) = devices(1, &["Ann", "Bo"]);
    for &device in &devices {
        join(&mut sim, device, PRIVATE);
    }
    sim.run_for(MINUTE);
    say(&mut sim, devices[0], channel_of(PRIVATE), "between us");
    sim.run_for(MINUTE);
    let seen = sim.seen_by_servers();
    assert!(seen.contains("sealed"), "there is something to look at");
    for told in [
        "secret-garden",
        "aaaaaaaa",
        "Ann",
        "between us",
        "v=0",
        "fingerprint",
    ] {
        assert!(!seen.contains(told), "{told}");
    }
    let id: String = channel_of(PRIVATE)
        .0
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert!(!seen.contains(&id));

    // The same eyes see all of a public channel.
    for &device in &devices {
        join(&mut sim, device, PUBLIC);
    }
    sim.run_for(MINUTE);
    let seen = sim.seen_by_servers();
    assert!(seen.contains("secret-garden") && seen.contains("v=0"));
}

#[test]
fn links_of_a_private_channel_are_mended_like_others() {
    let (mut sim, devices) = devices(1, &["Ann", "Bo"]);
    for &device in &devices {
        join(&mut sim, device, PRIVATE);
    }
    sim.run_for(MINUTE);
    sim.change_network(devices[0]);
    say(&mut sim, devices[1], channel_of(PRIVATE), "still there?");
    sim.run_for(2 * MINUTE);
    assert_eq!(heard(&sim, devices[0]), ["still there?"]);
}

#[test]
fn a_server_that_says_everything_again_ends_no_link() {
    for seed in 0..10 {
        let (mut sim, devices) = devices(seed, &["Ann", "Bo"]);
        for &device in &devices {
            join(&mut sim, device, PRIVATE);
        }
        sim.run_for(MINUTE);
        // An offer of a link that has ended is among what is repeated.
        sim.cut(devices[0], devices[1]);
        sim.run_for(MINUTE);
        let made = sim.connections_made(devices[0]);
        sim.repeat_all("127.0.0.1");
        sim.run_for(MINUTE);
        assert_eq!(sim.connections_made(devices[0]), made, "seed {seed}");
        assert_eq!(sim.open_connections(devices[0]), 2, "seed {seed}");
        say(&mut sim, devices[0], channel_of(PRIVATE), "still here");
        sim.run_for(MINUTE);
        assert_eq!(heard(&sim, devices[1]), ["still here"]);
    }
}
