//! What may be said about a link's second connection, by whom, and what it costs to say anything else.

mod common;

use catnest::{
    limits,
    link::{DownReason, LineId, LinkOutput, Said, Signal},
    signal::message::{Candidate, PeerBody, Sdp},
    wire::{Ends, Frame, Hello, WireError},
};
use common::pair::{ANSWERS, DIALS, Pair, carried_packets, describe, me, packet};

const FIRST: LineId = LineId::FIRST;
const SECOND_LINE: LineId = LineId(1);

#[test]
fn a_hello_of_somebody_else_costs_the_second_connection_only() {
    for end in [DIALS, ANSWERS] {
        let mut pair = Pair::up();
        // From now on this end says that it is another run, on whatever connection is made.
        let one = pair.us[end].clone();
        pair.us[end].session = me(3).session;
        pair.wait(2);
        assert_eq!(pair.connections(), [1, 1]);
        assert!(pair.is_up());
        assert_eq!(
            pair.told[1 - end].len(),
            1,
            "it is up, and nothing else: {:?}",
            pair.told
        );
        pair.us[end] = one;
        pair.wait(5);
        assert_eq!(pair.connections(), [2, 2], "it is tried again");
    }
}

#[test]
fn a_hello_of_one_connection_does_not_hold_for_the_other() {
    let mut pair = Pair::up();
    let hello = pair.sent.iter().find_map(|(end, _, _, frame)| match frame {
        Frame::Hello(_) if *end == ANSWERS => Some(frame.clone()),
        _ => None,
    });
    let hello = hello.unwrap();
    pair.silent.insert(SECOND_LINE);
    pair.wait(2);
    assert_eq!(pair.connections(), [2, 2]);
    pair.forge(DIALS, SECOND_LINE, &hello);
    assert_eq!(pair.connections()[DIALS], 1);
    assert!(pair.is_up());
}

fn about(line: u32, body: PeerBody) -> Frame {
    Frame::Signal(Signal {
        line: LineId(line),
        said: Said::Negotiation(body),
    })
}

fn offer() -> PeerBody {
    PeerBody::Offer(describe([5; 32]))
}

fn candidate() -> PeerBody {
    PeerBody::Candidate(Candidate::default())
}

#[test]
fn signals_that_break_the_rules_cost_the_link() {
    let too_many = limits::MAX_CANDIDATES + 1;
    let cases: [(&str, usize, Vec<Frame>); 4] = [
        (
            "an offer of whom it is not for",
            DIALS,
            vec![about(2, offer())],
        ),
        (
            "candidates without end",
            DIALS,
            vec![about(1, candidate()); too_many],
        ),
        (
            "candidates for the first",
            ANSWERS,
            vec![about(0, candidate()); too_many],
        ),
        (
            "offers without end",
            ANSWERS,
            (2..9).map(|line| about(line, offer())).collect(),
        ),
    ];
    for (what, to, frames) in cases {
        let mut pair = Pair::complete();
        for frame in &frames {
            pair.forge(to, FIRST, frame);
        }
        let told = pair.told[to].last();
        let misbehaved = matches!(told, Some(LinkOutput::Down(DownReason::Misbehaved(_))));
        assert!(misbehaved, "{what}: {told:?}");
        assert_eq!(pair.connections()[to], 0, "{what}");
    }
}

#[test]
fn before_its_hello_nothing_is_taken_on_a_second_connection() {
    let mut pair = Pair::up();
    pair.silent.insert(SECOND_LINE);
    pair.wait(2);
    pair.forge(DIALS, SECOND_LINE, &Frame::Stored(vec![]));
    assert!(!pair.is_up());
}

#[test]
fn signals_about_what_is_gone_or_never_was_change_nothing() {
    let mut pair = Pair::complete();
    pair.cut(SECOND_LINE);
    pair.told = Default::default();
    for end in [DIALS, ANSWERS] {
        pair.forge(end, FIRST, &about(1, offer()));
        pair.forge(end, FIRST, &about(1, candidate()));
        pair.forge(end, FIRST, &about(7, candidate()));
        pair.forge(end, FIRST, &about(7, PeerBody::Decline));
        let line = LineId(7);
        let said = Said::Heard;
        pair.forge(end, FIRST, &Frame::Signal(Signal { line, said }));
    }
    assert_eq!(pair.connections(), [1, 1]);
    assert!(pair.is_up());
}

#[test]
fn only_one_second_connection_waits_for_its_other_end() {
    let mut pair = Pair::complete();
    pair.forge(ANSWERS, FIRST, &about(2, offer()));
    pair.forge(ANSWERS, FIRST, &about(3, offer()));
    assert_eq!(pair.connections()[ANSWERS], 2);
    assert!(pair.is_up());
}

/// An end that has not noticed that a connection is gone keeps the one over which it hears of the next.
#[test]
fn a_new_connection_takes_the_place_of_the_one_that_is_gone() {
    for over in [FIRST, SECOND_LINE] {
        let mut pair = Pair::complete();
        pair.forge(ANSWERS, over, &about(2, offer()));
        assert!(pair.is_up());
        let now = pair.now;
        pair.sent.clear();
        let frame = Frame::Stored(vec![]);
        pair.link(ANSWERS).send(now, &frame).unwrap();
        pair.settle();
        let sent = pair.sent.iter();
        let sent = sent.filter(|(end, .., what)| *end == ANSWERS && *what == frame);
        assert_eq!(sent.map(|(_, line, ..)| *line).collect::<Vec<_>>(), [over]);
    }
}

#[test]
fn a_server_makes_no_connection_and_replaces_none() {
    let mut pair = Pair::complete();
    let now = pair.now;
    pair.sent.clear();
    for line in [0, 1, 2, 3] {
        pair.link(ANSWERS).signal(now, LineId(line), offer());
    }
    pair.settle();
    assert_eq!(pair.connections(), [2, 2]);
    assert_eq!((pair.sent.len(), pair.is_up()), (0, true));
}

#[test]
fn who_does_not_know_of_second_connections_is_left_alone_with_the_first() {
    let mut pair = Pair::up();
    pair.old = Some(ANSWERS);
    pair.wait(600);
    assert!(pair.is_up());
    let offers = pair
        .sent
        .iter()
        .filter(|(.., frame)| matches!(frame, Frame::Signal(_)));
    let offers = offers.count();
    assert!((5..9).contains(&offers), "{offers} in ten minutes");
    pair.link(DIALS).send_packet(packet(0));
    pair.settle();
    assert_eq!(carried_packets(&pair), [FIRST]);
}

#[test]
fn a_connection_is_spoken_of_by_the_links_name_and_its_number() {
    let mut pair = Pair::up();
    let link = pair.link(DIALS);
    for line in [FIRST, LineId(1), LineId(4_000_000_000)] {
        assert_eq!(link.line_called(&link.name_of(line)), Some(line));
    }
    for name in ["", "nam", "name.", "name.x", "name.1.1", "name1", "name.-1"] {
        assert_eq!(link.line_called(name), None, "{name}");
    }
}

#[test]
fn what_is_too_long_is_no_signal() {
    let too_long = [
        PeerBody::Offer(Sdp("v".repeat(limits::MAX_SDP_BYTES + 1))),
        PeerBody::Answer(Sdp("v".repeat(limits::MAX_SDP_BYTES + 1))),
        PeerBody::Candidate(Candidate {
            candidate: "c".repeat(limits::MAX_CANDIDATE_BYTES),
            sdp_mid: Some("m".into()),
            ..Candidate::default()
        }),
    ];
    for body in too_long {
        let frame = about(1, body).encode();
        let read = Frame::decode(&frame);
        assert!(
            matches!(read, Err(WireError::Payload { kind: 7, .. })),
            "{read:?}"
        );
    }
    let largest = about(1, PeerBody::Offer(Sdp("v".repeat(limits::MAX_SDP_BYTES))));
    assert_eq!(Frame::decode(&largest.encode()), Ok(largest));
}

/// The hello of a run that is the link's own, but for other certificates.
#[test]
fn a_hello_for_other_certificates_costs_the_second_connection() {
    let mut pair = Pair::up();
    pair.silent.insert(SECOND_LINE);
    pair.wait(2);
    let (speaker, listener) = ([1; 32], [2; 32]);
    let them = me(2);
    let ends = Ends { speaker, listener };
    let hello = Hello::new(
        &them.key,
        them.channel,
        them.session,
        &them.profile.name,
        &ends,
    );
    pair.forge(DIALS, SECOND_LINE, &Frame::Hello(hello));
    assert_eq!(pair.connections()[DIALS], 1);
    assert!(pair.is_up());
}
