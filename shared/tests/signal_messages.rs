//! Signalling messages: the predecessor's and ours, as texts.

use catnest::{
    entropy::Entropy,
    limits,
    signal::{
        message::{
            Candidate, Incoming, Kind, PeerBody, PeerMessage, Sdp, SealedMessage, ServerMessage,
            SignalError,
        },
        relay::Relay,
        seal::{NotOurs, SealKey},
    },
};

fn peer(body: PeerBody) -> PeerMessage {
    PeerMessage {
        id: "bo".into(),
        connection: "c1".into(),
        body,
    }
}

#[test]
fn messages_have_these_texts() {
    let server = [
        ServerMessage::Push {
            id: "a".into(),
            channel: "猫窝".into(),
            protocol: None,
            present: false,
        },
        ServerMessage::Push {
            id: "a".into(),
            channel: "n".into(),
            protocol: Some("catnest.1".into()),
            present: true,
        },
        ServerMessage::Welcome {
            id: "a".into(),
            ping: 30,
            relay: false,
        },
        ServerMessage::Welcome {
            id: "a".into(),
            ping: 30,
            relay: true,
        },
        ServerMessage::Relay(Relay {
            urls: vec![
                "turn:192.0.2.1:3478?transport=udp".into(),
                "turn:192.0.2.1:3478?transport=tcp".into(),
            ],
            username: "1767225600:c0ffee".into(),
            credential: "c2VjcmV0".into(),
            ttl: 3600,
        }),
        ServerMessage::Ping,
        ServerMessage::Pull { id: "a".into() },
        ServerMessage::Error {
            id: Some("a".into()),
            reason: None,
        },
        ServerMessage::Error {
            id: None,
            reason: Some("not JSON".into()),
        },
    ];
    let candidate = Candidate {
        candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host".into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: Some(0),
        username_fragment: Some("u".into()),
    };
    let peers = [
        peer(PeerBody::Offer(Sdp("v=0".into()))),
        peer(PeerBody::Answer(Sdp("v=0".into()))),
        peer(PeerBody::Candidate(candidate)),
        peer(PeerBody::Decline),
    ];
    let mut texts: Vec<String> = server
        .iter()
        .map(|message| serde_json::to_string(message).unwrap())
        .collect();
    texts.extend(peers.iter().map(PeerMessage::to_json));
    let sealed = peers.clone().map(|message| {
        let mut entropy = Entropy::from_seed([1; 32]);
        message.seal(&SealKey::new([1; 32]), "ann", "topic", &mut entropy)
    });
    texts.extend(sealed.iter().map(SealedMessage::to_json));
    insta::assert_snapshot!("signal_messages", texts.join("\n"));
    for (message, text) in server
        .into_iter()
        .map(Incoming::Server)
        .chain(peers.into_iter().map(Incoming::Peer))
        .chain(sealed.into_iter().map(Incoming::Sealed))
        .zip(texts)
    {
        assert_eq!(Incoming::parse(&text), Ok(message), "{text}");
    }
}

#[test]
fn a_sealed_message_is_read_by_whom_it_is_for_and_nobody_else() {
    let (key, stranger) = (SealKey::new([1; 32]), SealKey::new([2; 32]));
    let message = peer(PeerBody::Offer(Sdp("v=0".into())));
    let mut sealed = message.seal(&key, "ann", "topic", &mut Entropy::from_seed([1; 32]));
    // The server puts the sender's id in the place of the receiver's.
    sealed.id = "ann".into();
    let read = PeerMessage {
        id: "ann".into(),
        ..message
    };
    assert_eq!(sealed.clone().open(&key, "bo", "topic"), Ok(read));
    let refused = Err(SignalError::NotOurs(NotOurs));
    assert_eq!(sealed.clone().open(&stranger, "bo", "topic"), refused);
    assert_eq!(sealed.clone().open(&key, "cy", "topic"), refused);
    assert_eq!(sealed.clone().open(&key, "bo", "another"), refused);
    sealed.kind = Kind::Answer;
    assert_eq!(sealed.open(&key, "bo", "topic"), refused);
}

#[test]
fn what_is_wrong_is_said() {
    let check = |text: &str, expected: &str| match Incoming::parse(text) {
        Err(error) => assert!(error.to_string().starts_with(expected), "{text}: {error}"),
        Ok(message) => panic!("{text} was read as {message:?}"),
    };
    check("", "not a JSON object");
    check("[]", "not a JSON object");
    check(r#"{"type":"shout"}"#, "not a JSON object: unknown variant");
    check(r#"{"type":"pull","id":""}"#, "pull");
    check(
        r#"{"id":"a","connection":"c"}"#,
        "a message has exactly one of",
    );
    check(
        r#"{"id":"a","connection":"c","offer":{},"answer":{}}"#,
        "a message has exactly one of",
    );
    check(
        r#"{"id":1,"connection":"c","decline":{}}"#,
        "id: not a text",
    );
    check(
        r#"{"id":"a","connection":"","decline":{}}"#,
        "connection: empty",
    );
    check(
        r#"{"id":"a","connection":"c","offer":{"type":"answer","sdp":""}}"#,
        "offer: its type",
    );
    check(
        r#"{"id":"a","connection":"c","offer":{"type":"offer"}}"#,
        "offer: no description",
    );
    check(
        r#"{"id":"a","connection":"c","candidate":null}"#,
        "candidate: not an",
    );
    let long = format!(
        r#"{{"id":"a","connection":"c","candidate":{{"candidate":"{}"}}}}"#,
        "x".repeat(3000)
    );
    check(&long, "candidate: too long");
    let relay = |urls: &str, username: &str| {
        format!(
            r#"{{"type":"relay","urls":[{urls}],"username":"{username}","credential":"b","ttl":1}}"#
        )
    };
    let url = r#""turn:a""#;
    let many = [url; 1 + limits::MAX_RELAY_URLS].join(",");
    for (urls, username, problem) in [
        ("", "a", "relay: no URL, or too many"),
        (&many, "a", "relay: no URL, or too many"),
        (r#""https://a""#, "a", "relay: a URL of no TURN server"),
        (url, "", "relay: a text is empty or too long"),
        (url, &"a".repeat(514), "relay: a text is empty or too long"),
        ("1", "a", "not a JSON object"),
    ] {
        check(&relay(urls, username), problem);
    }
    assert_eq!(
        Incoming::parse(&" ".repeat(limits::MAX_SIGNAL_BYTES + 1)),
        Err(SignalError::TooLong)
    );
    assert_eq!(
        Incoming::parse(r#"{"id":"a","offer":{"type":"offer","sdp":"v=0"}}"#),
        Ok(Incoming::Foreign)
    );
}

#[test]
fn the_fingerprint_is_found() {
    let sdp = Sdp(format!(
        "v=0\r\na=fingerprint:sha-256 {}\r\n",
        ["AB"; 32].join(":")
    ));
    assert_eq!(sdp.fingerprint(), Some([0xab; 32]));
    for without in [
        "v=0",
        "a=fingerprint:sha-1 AB",
        "a=fingerprint:sha-256 AB:CD",
    ] {
        assert_eq!(Sdp(without.into()).fingerprint(), None);
    }
}

#[test]
fn a_fingerprint_is_one_or_none() {
    let line = |digit: char| {
        let hex: Vec<String> = (0..32).map(|_| format!("{digit}{digit}")).collect();
        format!("a=fingerprint:sha-256 {}\r\n", hex.join(":"))
    };
    let check = |text: String, expected| assert_eq!(Sdp(text).fingerprint(), expected);
    check(line('A'), Some([0xaa; 32]));
    check(line('A') + "m=x\r\n" + &line('A'), Some([0xaa; 32]));
    check(line('A') + "m=x\r\n" + &line('B'), None);
    check("a=fingerprint:sha-1 AA\r\n".to_owned() + &line('B'), None);
    check("v=0\r\n".to_owned(), None);
}
