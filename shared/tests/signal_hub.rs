//! The signalling server's rules: who hears what, to the letter.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use catnest::{
    address::ChannelName,
    entropy::Entropy,
    limits,
    signal::{
        guard::AddressKey,
        hub::{Hub, HubOutput, Socket},
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
        hub.join(NOW, socket, HOME.into(), &name, ours);
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
fn elsewhere(number: u64) -> AddressKey {
    IpAddr::V6(Ipv6Addr::from_bits(u128::from(number) << 64)).into()
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
