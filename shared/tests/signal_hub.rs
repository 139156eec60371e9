//! The signalling server's rules: who hears what, to the letter.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use catnest::{
    address::ChannelName,
    entropy::Entropy,
    limits,
    signal::{
        guard::HubLimits,
        hub::{Hub, HubOutput, Socket},
        relay::{self, Relay},
    },
    time::Millis,
};

const NOW: Millis = Millis(0);
const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const OURS: Socket = Socket(1);
const ALSO_OURS: Socket = Socket(2);
const THEIRS: Socket = Socket(3);

/// Two of ours and one predecessor's client in one channel, and the id that each has.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn nest() -> (Hub, [String; 3]) {
    let mut hub = Hub::new(Entropy::from_seed([1; 32]));
    let name = ChannelName::new("nest").unwrap();
    let mut ids = Vec::new();
    for (socket, ours) in [(OURS, true), (ALSO_OURS, true), (THEIRS, false)] {
        hub.join(NOW, socket, HOME, &name, ours);
        heard(&mut hub);
        // Whoever is spoken to finds the speaker's id.
        hub.text(NOW, socket, r#"{"candidate":null}"#);
        let said = heard(&mut hub);
        ids.push(
            said.first()
                .map(|(_, text)| text[7..39].to_owned())
                .unwrap_or_default(),
        );
    }
    // The first had nobody to speak to.
    hub.text(NOW, OURS, r#"{"candidate":null}"#);
    ids[0] = heard(&mut hub)[0].1[7..39].to_owned();
    (hub, ids.try_into().unwrap())
}

/// An address of its own for each.
fn elsewhere(number: u64) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from_bits(u128::from(number) << 64))
}

fn heard(hub: &mut Hub) -> Vec<(Socket, String)> {
    std::iter::from_fn(|| hub.poll())
        .map(|output| match output {
            HubOutput::Send { socket, text } => (socket, text.to_string()),
            HubOutput::Close {
                socket,
                code,
                reason,
            } => (socket, format!("{} {reason}", code as u16)),
            HubOutput::Relay { socket, channel } => (socket, format!("relay in {channel}")),
        })
        .collect()
}

#[test]
fn members_are_passed_on_to_the_letter() {
    let (mut hub, [a, b, _]) = nest();
    let members = r#""big":123456789012345678901234567890,"e":1e15,"offer":{"z":1, "a" : [ ]},"\u00fc\"":"\ud83d\udc31""#;
    hub.text(NOW, OURS, &format!(r#"{{"id":"{b}",{members}}}"#));
    let expected = members.replace(r"\u00fc", "ü");
    assert_eq!(
        heard(&mut hub),
        [(ALSO_OURS, format!(r#"{{"id":"{a}",{expected}}}"#))]
    );
}

#[test]
fn without_an_id_everyone_else_hears_it() {
    let (mut hub, [_, _, c]) = nest();
    hub.text(NOW, THEIRS, r#"{"answer":{}}"#);
    let text = format!(r#"{{"id":"{c}","answer":{{}}}}"#);
    let mut receivers = heard(&mut hub);
    receivers.sort();
    assert_eq!(receivers, [(OURS, text.clone()), (ALSO_OURS, text)]);
}

#[test]
fn what_only_ours_understand_goes_to_ours_only() {
    let (mut hub, [a, _, c]) = nest();
    hub.text(NOW, OURS, r#"{"decline":{}}"#);
    assert_eq!(
        heard(&mut hub),
        [(ALSO_OURS, format!(r#"{{"id":"{a}","decline":{{}}}}"#))]
    );
    hub.text(NOW, OURS, &format!(r#"{{"id":"{c}","decline":{{}}}}"#));
    assert_eq!(heard(&mut hub), []);
    hub.text(NOW, THEIRS, r#"{"decline":{}}"#);
    assert!(
        heard(&mut hub)[0]
            .1
            .contains("exactly one of offer, answer, candidate; this one has 0")
    );
}

#[test]
fn nothing_that_is_passed_on_is_over_the_limit() {
    let (mut hub, _) = nest();
    let padding = limits::MAX_SIGNAL_BYTES - r#"{"offer":{"sdp":""}}"#.len();
    hub.text(
        NOW,
        OURS,
        &format!(r#"{{"offer":{{"sdp":"{}"}}}}"#, "x".repeat(padding)),
    );
    let said = heard(&mut hub);
    assert_eq!(said.len(), 1);
    assert!(
        said[0].0 == OURS && said[0].1.contains("too long"),
        "{said:?}"
    );
    hub.text(NOW, OURS, &" ".repeat(limits::MAX_SIGNAL_BYTES + 1));
    assert!(heard(&mut hub).contains(&(OURS, "1009 a message has at most 65536 bytes".into())));
}

#[test]
fn a_channel_takes_only_so_many() {
    let mut hub = Hub::new(Entropy::from_seed([1; 32]));
    let name = ChannelName::new("nest").unwrap();
    for i in 0..limits::MAX_CHANNEL_SOCKETS as u64 {
        hub.join(NOW, Socket(i), elsewhere(i), &name, false);
        while hub.poll().is_some() {}
    }
    hub.join(NOW, Socket(9999), elsewhere(9999), &name, false);
    assert_eq!(
        heard(&mut hub),
        [(Socket(9999), "1013 this channel is full here".into())]
    );
}

#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn with_relays() -> Hub {
    let limits = HubLimits {
        relays: true,
        ..HubLimits::default()
    };
    let mut hub = Hub::with_limits(Entropy::from_seed([1; 32]), limits);
    let name = ChannelName::new("nest").unwrap();
    hub.join(NOW, OURS, HOME, &name, true);
    hub.join(NOW, THEIRS, elsewhere(1), &name, false);
    hub
}

#[test]
fn a_member_is_told_of_relays_and_given_one() {
    let mut hub = with_relays();
    let welcome = heard(&mut hub).remove(0).1;
    assert!(welcome.ends_with(r#","relay":true}"#), "{welcome}");
    for ask in [relay::ASK, r#"{ "relay": {"for": ["udp"]} }"#] {
        hub.text(NOW, OURS, ask);
        assert_eq!(heard(&mut hub), [(OURS, "relay in nest".into())]);
    }
    let given = Relay {
        urls: vec!["turn:nest.example:3478?transport=udp".into()],
        username: "1:a".into(),
        credential: "b".into(),
        ttl: 60,
    };
    hub.relay(OURS, given.clone());
    let text = r#"{"type":"relay","urls":["turn:nest.example:3478?transport=udp"],"username":"1:a","credential":"b","ttl":60}"#;
    assert_eq!(heard(&mut hub), [(OURS, text.into())]);
    // It left before the relay came.
    hub.leave(OURS);
    heard(&mut hub);
    hub.relay(OURS, given);
    assert_eq!(heard(&mut hub), []);
}

#[test]
fn only_members_of_ours_ask_for_relays_and_only_where_there_are_any() {
    let refused = |hub: &mut Hub, socket, text: &str| {
        hub.text(NOW, socket, text);
        let said = heard(hub);
        assert!(
            matches!(&said[..], [(_, error)] if error.contains("exactly one of")),
            "{text}: {said:?}"
        );
    };
    let mut hub = with_relays();
    heard(&mut hub);
    refused(&mut hub, THEIRS, relay::ASK);
    // What an older server says to whoever asks it.
    let (mut older, _) = nest();
    refused(&mut older, OURS, relay::ASK);
    for wrong in [
        r#"{"relay":true}"#,
        r#"{"relay":{},"more":{}}"#,
        r#"{"relay":null}"#,
    ] {
        refused(&mut hub, OURS, wrong);
    }
    hub.text(NOW, Socket(9), relay::ASK);
    assert_eq!(heard(&mut hub), []);
}

#[test]
fn relays_are_asked_for_now_and_then() {
    let mut hub = with_relays();
    heard(&mut hub);
    let mut ask = |now, times| {
        (0..times).for_each(|_| hub.text(now, OURS, relay::ASK));
        let said = heard(&mut hub);
        said.iter()
            .filter(|(_, text)| text == "relay in nest")
            .count()
    };
    assert_eq!(ask(NOW, 20), limits::RELAY_ASKS.burst as usize);
    assert_eq!(ask(Millis(3_000), 20), 3);
}

#[test]
fn a_relay_knows_the_members_of_a_channel_by_their_addresses() {
    let mut hub = with_relays();
    assert_eq!(
        hub.find_channel(&|channel| channel == "nest").as_deref(),
        Some("nest")
    );
    assert_eq!(hub.find_channel(&|channel| channel == "other"), None);
    assert!(hub.has_member("nest", HOME) && hub.has_member("nest", elsewhere(1)));
    assert!(!hub.has_member("nest", elsewhere(2)) && !hub.has_member("other", HOME));
    // Written otherwise it is the same; another of its network is somebody else's.
    let mapped = Ipv4Addr::LOCALHOST.to_ipv6_mapped();
    assert!(hub.has_member("nest", mapped.into()));
    let neighbour = Ipv6Addr::from_bits((1 << 64) + 1);
    assert!(!hub.has_member("nest", neighbour.into()));
    hub.leave(OURS);
    assert!(!hub.has_member("nest", HOME));
}
