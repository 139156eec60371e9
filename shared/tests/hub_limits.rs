//! What the signalling server allows, and what whoever asks for more hears.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use catnest::{
    address::ChannelName,
    entropy::Entropy,
    limits,
    rate::Rate,
    signal::{
        guard::{AddressKey, HubLimits},
        hub::{Hub, HubOutput, Socket},
    },
    time::Millis,
};

const START: Millis = Millis(1_000_000);

fn hub(change: impl FnOnce(&mut HubLimits)) -> Hub {
    let mut limits = HubLimits::default();
    change(&mut limits);
    Hub::with_limits(Entropy::from_seed([1; 32]), limits)
}

/// An address of its own for each number.
fn at(number: u64) -> IpAddr {
    IpAddr::V6(Ipv6Addr::from_bits(u128::from(number) << 64))
}

#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn join(hub: &mut Hub, now: Millis, socket: u64, address: IpAddr, channel: &str) {
    let channel = ChannelName::new(channel).unwrap();
    hub.join(now, Socket(socket), address, &channel, false);
}

/// What each socket was told, closes as their code and reason.
fn heard(hub: &mut Hub) -> Vec<(u64, String)> {
    std::iter::from_fn(|| hub.poll())
        .map(|output| match output {
            HubOutput::Send { socket, text } => (socket.0, text.to_string()),
            HubOutput::Close {
                socket,
                code,
                reason,
            } => (socket.0, format!("{} {reason}", code as u16)),
            HubOutput::Relay { socket, channel } => (socket.0, format!("relay in {channel}")),
        })
        .collect()
}

/// How often the others heard a candidate.
fn candidates(heard: &[(u64, String)]) -> usize {
    heard
        .iter()
        .filter(|(_, text)| text.contains("candidate"))
        .count()
}

const CANDIDATE: &str = r#"{"candidate":null}"#;

#[test]
fn an_address_is_an_ipv4_address_or_an_ipv6_network() {
    let key = |text: &str| AddressKey::from(text.parse::<IpAddr>().unwrap());
    assert_eq!(key("192.0.2.7"), key("::ffff:192.0.2.7"));
    assert_ne!(key("192.0.2.7"), key("192.0.2.8"));
    assert_eq!(key("2001:db8:0:1::1"), key("2001:db8:0:1:ffff::9"));
    assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
}

#[test]
fn a_full_server_sends_newcomers_away_until_somebody_leaves() {
    let mut hub = hub(|limits| limits.sockets = 2);
    for socket in 0..3 {
        join(&mut hub, START, socket, at(socket), "nest");
    }
    assert_eq!(
        heard(&mut hub).last(),
        Some(&(2, "1013 this server is full".into()))
    );
    assert_eq!(hub.load(), (2, 1));
    hub.leave(Socket(0));
    join(&mut hub, START, 3, at(3), "nest");
    assert_eq!(hub.load(), (2, 1));
}

#[test]
fn a_refused_newcomer_leaves_no_channel_behind() {
    let mut hub = hub(|limits| limits.sockets_per_channel = 0);
    join(&mut hub, START, 1, at(1), "nest");
    assert_eq!(
        heard(&mut hub),
        [(1, "1013 this channel is full here".into())]
    );
    assert_eq!(hub.load(), (0, 0));
}

#[test]
fn one_address_takes_only_its_share() {
    let mut hub = hub(|limits| limits.sockets_per_address = 2);
    for socket in 0..3 {
        join(&mut hub, START, socket, at(7), &format!("nest {socket}"));
    }
    assert_eq!(
        heard(&mut hub),
        [(2, "1013 too many sockets from your address".into())]
    );
    join(&mut hub, START, 3, at(8), "nest");
    assert_eq!(hub.load().0, 3);
    hub.leave(Socket(0));
    join(&mut hub, START, 4, at(7), "nest");
    assert_eq!(hub.load().0, 3);
}

#[test]
fn who_sends_too_much_is_warned_once_and_closed_if_it_goes_on() {
    let mut hub = hub(|limits| {
        limits.socket_rate = Rate {
            per_second: 1,
            burst: 3,
        }
    });
    join(&mut hub, START, 1, at(1), "nest");
    join(&mut hub, START, 2, at(2), "nest");
    heard(&mut hub);
    for _ in 0..3 {
        hub.text(START, Socket(1), CANDIDATE);
    }
    assert_eq!(candidates(&heard(&mut hub)), 3);
    hub.text(START, Socket(1), CANDIDATE);
    let said = heard(&mut hub);
    assert_eq!(said.len(), 1);
    assert!(
        said[0].0 == 1
            && said[0]
                .1
                .contains("one socket may send 3 at once and 1 a second"),
        "{said:?}"
    );
    hub.text(START, Socket(1), CANDIDATE);
    hub.noise(START, Socket(1));
    assert_eq!(heard(&mut hub), []);
    hub.text(START, Socket(1), CANDIDATE);
    let said = heard(&mut hub);
    assert!(
        said.contains(&(1, "1008 too many messages".into())),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|(socket, text)| *socket == 2 && text.contains("pull"))
    );
    // What was still on its way is not heard, and harms nobody.
    hub.text(START, Socket(1), CANDIDATE);
    hub.leave(Socket(1));
    assert_eq!(heard(&mut hub), []);
    assert_eq!(hub.load(), (1, 1));
}

#[test]
fn who_slows_down_is_forgiven() {
    let mut hub = hub(|limits| {
        limits.socket_rate = Rate {
            per_second: 1,
            burst: 3,
        }
    });
    join(&mut hub, START, 1, at(1), "nest");
    let mut now = START;
    for _ in 0..10 {
        for _ in 0..5 {
            hub.text(now, Socket(1), CANDIDATE);
        }
        assert_eq!(heard(&mut hub).len(), 1, "one warning each time");
        now = now + Duration::from_secs(3);
    }
    assert_eq!(hub.load(), (1, 1));
}

#[test]
fn many_sockets_do_not_get_an_address_around_its_rate() {
    let mut hub = hub(|limits| {
        limits.address_rate = Rate {
            per_second: 10,
            burst: 100,
        }
    });
    // Ten pay for being there, and have ninety messages between them.
    for socket in 0..10 {
        join(&mut hub, START, socket, at(7), &format!("nest {socket}"));
        join(
            &mut hub,
            START,
            100 + socket,
            at(100 + socket),
            &format!("nest {socket}"),
        );
    }
    heard(&mut hub);
    for _ in 0..12 {
        for socket in 0..10 {
            hub.text(START, Socket(socket), CANDIDATE);
        }
    }
    let said = heard(&mut hub);
    assert_eq!(candidates(&said), 90);
    let warned = said
        .iter()
        .filter(|(_, text)| text.contains("your address may send 100 at once"));
    assert_eq!(warned.count(), 10);
    // Others are not the worse for it.
    hub.text(START, Socket(100), CANDIDATE);
    assert_eq!(candidates(&heard(&mut hub)), 1);
    // Nor can it open any more for now.
    join(&mut hub, START, 50, at(7), "elsewhere");
    assert_eq!(
        heard(&mut hub),
        [(50, "1013 too many messages from your address".into())]
    );
    join(
        &mut hub,
        START + Duration::from_secs(1),
        51,
        at(7),
        "elsewhere",
    );
    assert_eq!(heard(&mut hub), []);
}

#[test]
fn what_one_socket_may_not_send_is_not_charged_to_its_neighbours() {
    let mut hub = hub(|limits| {
        limits.address_rate = Rate {
            per_second: 1,
            burst: 300,
        }
    });
    for socket in 1..4 {
        join(&mut hub, START, socket, at(7), "nest");
    }
    for _ in 0..350 {
        hub.text(START, Socket(1), CANDIDATE);
    }
    heard(&mut hub);
    for _ in 0..90 {
        hub.text(START, Socket(2), CANDIDATE);
    }
    assert_eq!(candidates(&heard(&mut hub)), 2 * 90);
}

#[test]
fn a_message_to_a_crowd_costs_more_but_can_always_be_paid() {
    let mut hub = hub(|limits| {
        limits.socket_rate = Rate {
            per_second: 1,
            burst: 4,
        }
    });
    let crowd = 2 * limits::RECEIVERS_PER_MESSAGE as u64;
    for socket in 0..=crowd {
        join(&mut hub, START, socket, at(socket), "nest");
    }
    heard(&mut hub);
    for _ in 0..3 {
        hub.text(START, Socket(0), CANDIDATE);
    }
    assert_eq!(candidates(&heard(&mut hub)) as u64, 2 * crowd);
    for socket in crowd + 1..1000 {
        join(&mut hub, START, socket, at(socket), "nest");
    }
    heard(&mut hub);
    hub.text(START, Socket(1), CANDIDATE);
    hub.text(START, Socket(1), CANDIDATE);
    assert_eq!(candidates(&heard(&mut hub)), 999);
}

/// A candidate of so many bytes.
fn long(bytes: usize) -> String {
    let frame = r#"{"candidate":{"x":""}}"#.len();
    format!(r#"{{"candidate":{{"x":"{}"}}}}"#, "x".repeat(bytes - frame))
}

#[test]
fn a_long_message_costs_as_much_as_several() {
    let mut hub = hub(|limits| {
        limits.socket_rate = Rate {
            per_second: 1,
            burst: 16,
        }
    });
    join(&mut hub, START, 1, at(1), "nest");
    join(&mut hub, START, 2, at(2), "nest");
    let passed = |hub: &mut Hub, now, text: &str| {
        heard(hub);
        (0..17).for_each(|_| hub.text(now, Socket(1), text));
        candidates(&heard(hub))
    };
    let mut now = START;
    for (bytes, expected) in [
        (limits::BYTES_PER_MESSAGE, 16),
        (limits::BYTES_PER_MESSAGE + 1, 8),
        (limits::MAX_SIGNAL_BYTES - 100, 1),
    ] {
        assert_eq!(passed(&mut hub, now, &long(bytes)), expected, "{bytes}");
        now = now + Duration::from_secs(16);
    }
    // What nobody understands had to be read just the same.
    (0..17).for_each(|_| hub.text(now, Socket(1), &"[".repeat(limits::BYTES_PER_MESSAGE + 1)));
    let answers = heard(&mut hub);
    assert_eq!(answers.len(), 8 + 1, "{answers:?}");
}

#[test]
fn nobody_sends_a_crowd_more_than_its_allowance() {
    let mut hub = hub(|_| {});
    for socket in 0..1000 {
        join(&mut hub, START, socket, at(socket), "nest");
    }
    heard(&mut hub);
    hub.text(START, Socket(0), &long(limits::MAX_SIGNAL_BYTES - 100));
    let said = heard(&mut hub);
    assert_eq!(said.len(), 1);
    assert!(said[0].1.contains("too long for 999 receivers"), "{said:?}");
    // Everything that one socket can send within ten seconds, at its best.
    let mut bytes = 0;
    for step in 0..100 {
        let now = START + Duration::from_millis(100 * step);
        hub.text(now, Socket(1), &long(2 * limits::BYTES_PER_MESSAGE));
        bytes += std::iter::from_fn(|| hub.poll())
            .filter_map(|output| match output {
                HubOutput::Send { text, .. } => Some(text.len()),
                HubOutput::Close { .. } | HubOutput::Relay { .. } => None,
            })
            .sum::<usize>();
    }
    let rate = limits::SERVER_SOCKET_RATE;
    let paid = (rate.burst + 10 * rate.per_second) as usize;
    let bound = paid * limits::RECEIVERS_PER_MESSAGE * limits::BYTES_PER_MESSAGE;
    assert!(bytes > bound / 2 && bytes < bound + bound / 10, "{bytes}");
}

#[test]
fn addresses_are_forgotten_once_nothing_of_them_matters() {
    let mut hub = hub(|_| {});
    let stays = 2;
    join(&mut hub, START, 0, at(0), "nest");
    join(&mut hub, START, 1, at(1), "nest");
    let mut now = START;
    for socket in 2..20_000 {
        now = now + Duration::from_millis(10);
        join(&mut hub, now, socket, at(socket), "elsewhere");
        hub.leave(Socket(socket));
        heard(&mut hub);
        assert!(hub.known_addresses() <= stays + limits::MIN_FORGETTABLE_ADDRESSES);
    }
    assert_eq!(hub.load(), (2, 1));
}

#[test]
fn leaving_and_coming_back_does_not_renew_an_allowance() {
    let mut hub = hub(|limits| {
        limits.address_rate = Rate {
            per_second: 1,
            burst: 5,
        }
    });
    for socket in 0..6 {
        join(&mut hub, START, socket, at(7), "nest");
        hub.leave(Socket(socket));
    }
    assert_eq!(
        heard(&mut hub),
        [(5, "1013 too many messages from your address".into())]
    );
}

#[test]
fn everyone_gone_after_a_stop_is_gone_for_the_limits_too() {
    let mut hub = hub(|limits| limits.sockets_per_address = 1);
    join(&mut hub, START, 1, IpAddr::V4(Ipv4Addr::LOCALHOST), "nest");
    hub.stop();
    hub.leave(Socket(1));
    heard(&mut hub);
    join(&mut hub, START, 2, IpAddr::V4(Ipv4Addr::LOCALHOST), "nest");
    assert_eq!(hub.load(), (1, 1));
}

#[test]
fn the_welcome_promises_what_the_server_was_told() {
    let mut hub = hub(|limits| limits.ping = Duration::from_secs(7));
    let channel = ChannelName::new("nest").unwrap();
    hub.join(START, Socket(1), at(1), &channel, true);
    assert!(heard(&mut hub)[0].1.ends_with(r#""ping":7}"#));
    // And keeps it, to who was promised it.
    join(&mut hub, START, 2, at(2), "elsewhere");
    for socket in [1, 2, 3] {
        hub.ping(Socket(socket));
    }
    assert_eq!(heard(&mut hub), [(1, r#"{"type":"ping"}"#.into())]);
}
