//! What programs of a machine and the daemon say to each other: what it looks like, and what is made of nonsense.

use std::collections::{BTreeMap, BTreeSet};

use catnest::{
    channel::ChannelId,
    chat::retention::Retention,
    host::{
        Answer, ChannelStatus, Data, Disk, FromHost, Links, Misheard, OLDEST_PROTOCOL, PROTOCOL,
        Parting, Peer, Pipe, PipeId, Refusal, Request, Seeds, SocketNews, SocketStep, Status,
        ToHost, Topic,
    },
    identity::Author,
    limits,
    link::{Path, Stream},
    node::{Contact, Problem, ServerState, Transfer, TransferState},
    resource::{Descriptor, Md5, ResourceId},
    time::Millis,
};

const CHANNEL: ChannelId = ChannelId([1; 32]);
const AUTHOR: Author = Author([2; 32]);
const RESOURCE: ResourceId = ResourceId([3; 32]);

fn requests() -> Vec<Request> {
    vec![
        Request::Status,
        Request::Channels,
        Request::Join {
            address: "webrtc://nest.example/cats".into(),
            retention: Retention::Age { days: 30 },
            seeds: Seeds::All,
        },
        Request::Seed {
            channel: CHANNEL,
            seeds: Seeds::Chosen,
        },
        Request::Retain {
            channel: CHANNEL,
            retention: Retention::Age { days: 7 },
        },
        Request::Leave { channel: CHANNEL },
        Request::Peers {
            channel: CHANNEL,
            after: Some(AUTHOR),
        },
        Request::Resources { after: None },
        Request::Fetch {
            channel: CHANNEL,
            resource: RESOURCE,
        },
        Request::Remove { resource: RESOURCE },
        Request::Unchoose { resource: RESOURCE },
        Request::Watch,
        Request::Stop,
    ]
}

fn transfer(id: ResourceId, name: String, channels: usize) -> Transfer {
    Transfer {
        file: Descriptor {
            id,
            length: 3_000_000,
            md5: Md5([4; 16]),
            name,
            media_type: "audio/flac".into(),
        },
        channels: vec![CHANNEL; channels],
        state: TransferState::Fetching,
        have_bytes: 1_000_000,
        holders: 2,
        receiving: 500_000,
        sending: 0,
        received: 1_000_000,
        sent: 0,
        added: Millis(1_790_000_000_000),
        chosen: false,
    }
}

fn status() -> Status {
    Status {
        version: "0.1.0".into(),
        pid: 4711,
        since: Millis(1_790_000_000_000),
        data: "/users/ann/.local/share/catnest/daemon".into(),
        name: "Ann".into(),
        channels: 1,
        links: Links {
            direct: 1,
            relayed: 1,
        },
        disk: Disk {
            used: 13_000_000,
            quota: Some(20_000_000_000),
            free: Some(100_000_000_000),
        },
        whole: 3,
        partial: 1,
        sought: 2,
        bytes: 12_000_000,
        receiving: 500_000,
        sending: 0,
        sent: 0,
    }
}

fn answers() -> Vec<Answer> {
    vec![
        Answer::Done {
            channel: Some(CHANNEL),
        },
        Answer::Status(status()),
        Answer::Channels {
            channels: vec![ChannelStatus {
                id: CHANNEL,
                name: "cats".into(),
                address: "webrtc://nest.example/cats#…".into(),
                private: true,
                server: ServerState::Online,
                members: 3,
                links: 2,
                retention: Retention::Forever,
                burning: false,
                seeds: Seeds::All,
                sought: BTreeSet::from([RESOURCE]),
            }],
        },
        Answer::Peers {
            peers: vec![Peer {
                author: AUTHOR,
                name: "Ben".into(),
                me: false,
                contact: Contact::Link {
                    path: Some(Path {
                        relayed: false,
                        round_trip_ms: Some(12),
                    }),
                },
            }],
            more: false,
        },
        Answer::Resources {
            resources: vec![transfer(RESOURCE, "song.flac".into(), 1)],
            more: true,
        },
    ]
}

const PIPE: PipeId = PipeId([5; 32]);

fn pipes() -> [Pipe; 4] {
    let stream = Stream::bulk(3);
    [
        Pipe::Open,
        Pipe::Frame {
            stream: Stream::CONTROL,
            data: Data(b"miaow".to_vec()),
        },
        Pipe::Taken {
            stream,
            bytes: 32_768,
        },
        Pipe::Close,
    ]
}

fn said_by_program() -> Vec<ToHost> {
    let steps = [
        SocketStep::Open {
            topic: "cats".into(),
        },
        SocketStep::Text {
            text: r#"{"id":"a","offer":{}}"#.into(),
        },
        SocketStep::Close,
    ];
    let sockets = steps.map(|what| ToHost::Signal { socket: 3, what });
    let pipes = pipes().map(|what| ToHost::Pipe { pipe: PIPE, what });
    sockets.into_iter().chain(pipes).collect()
}

fn said_by_daemon() -> Vec<FromHost> {
    let partings = [
        Parting::Protocol {
            oldest: 2,
            newest: 3,
        },
        Parting::NoMessage {
            detail: "expected value at line 1 column 1".into(),
        },
        Parting::NoFrame {
            detail: "frame size too big".into(),
        },
        Parting::Busy,
        Parting::Stopping,
        Parting::NoDaemon {
            detail: "no room left on the disk".into(),
        },
    ];
    let refusals = [
        Refusal::Unknown {
            detail: "unknown variant `sing`".into(),
        },
        Refusal::Device {
            problem: Problem::NotJoined,
        },
        Refusal::Device {
            problem: Problem::Quota {
                bytes: 3_000_000,
                room: 1_000_000,
            },
        },
    ];
    let welcome = FromHost::Welcome {
        protocol: 1,
        version: "0.1.0".into(),
        pid: 4711,
    };
    let answers = answers()
        .into_iter()
        .map(|answer| FromHost::Answer { id: 7, answer });
    let refusals = refusals
        .into_iter()
        .map(|why| FromHost::Refusal { id: 8, why });
    let news = [Topic::Channels, Topic::Resources].map(|of| FromHost::News { of });
    let goodbyes = partings.into_iter().map(|why| FromHost::Goodbye { why });
    let news_of_sockets = [
        SocketNews::Opened,
        SocketNews::Text {
            text: r#"{"type":"ping"}"#.into(),
        },
        SocketNews::Closed,
    ];
    let sockets = news_of_sockets.map(|what| FromHost::Signal { socket: 3, what });
    let pipes = pipes().map(|what| FromHost::Pipe { pipe: PIPE, what });
    let mut said = vec![welcome];
    said.extend(sockets);
    said.extend(pipes);
    said.extend(answers);
    said.extend(refusals);
    said.extend(news);
    said.extend(goodbyes);
    said
}

#[test]
fn messages_look_like_this() {
    let hello = ToHost::Hello {
        protocol: 1,
        program: "catnest-host".into(),
        version: "0.1.0".into(),
    };
    let asks = requests()
        .into_iter()
        .map(|request| ToHost::Ask { id: 7, request });
    let mut lines = Vec::new();
    for message in [hello].into_iter().chain(asks).chain(said_by_program()) {
        assert_eq!(ToHost::read(&message.write()).as_ref(), Ok(&message));
        lines.push(String::from_utf8(message.write()).unwrap());
    }
    for message in said_by_daemon() {
        assert_eq!(FromHost::read(&message.write()).as_ref(), Ok(&message));
        lines.push(String::from_utf8(message.write()).unwrap());
    }
    insta::assert_snapshot!("host_messages", lines.join("\n"));
}

#[test]
fn a_request_that_is_not_understood_is_refused_and_everything_else_ends_it() {
    for (text, numbered) in [
        (r#"{"say":"ask","id":9,"request":{"for":"sing"}}"#, true),
        (r#"{"say":"ask","id":9,"request":{"for":"leave"}}"#, true),
        (
            r#"{"say":"ask","id":9,"request":{"for":"leave","channel":"12"}}"#,
            true,
        ),
        (r#"{"say":"ask","id":9,"request":7}"#, true),
        (r#"{"say":"ask","id":9}"#, true),
        (r#"{"say":"ask","id":-9,"request":{"for":"status"}}"#, false),
        (r#"{"say":"ask","request":{"for":"status"}}"#, false),
        (r#"{"say":"sing","id":9}"#, false),
        (
            r#"{"say":"hello","protocol":-1,"program":"","version":""}"#,
            false,
        ),
        (
            r#"{"say":"hello","protocol":4294967296,"program":"","version":""}"#,
            false,
        ),
        ("{}", false),
        ("[]", false),
        ("", false),
        ("{", false),
        ("\u{feff}{}", false),
        (
            r#"{"say":"ask","id":9,"request":{"for":"status"}} more"#,
            false,
        ),
    ] {
        match ToHost::read(text.as_bytes()) {
            Err(Misheard::Request { id: 9, .. }) => assert!(numbered, "{text}"),
            Err(Misheard::Message(Parting::NoMessage { .. })) => assert!(!numbered, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let latin_1 = b"{\"say\":\"hello\",\"protocol\":1,\"program\":\"\xe9\",\"version\":\"0\"}";
    assert!(matches!(ToHost::read(latin_1), Err(Misheard::Message(_))));
    let deep = "[".repeat(100_000);
    assert!(matches!(
        ToHost::read(deep.as_bytes()),
        Err(Misheard::Message(_))
    ));
}

/// Of what is said about sockets and pipes, everything has to be right: nothing that follows could be trusted.
#[test]
fn nothing_but_sockets_and_pipes_is_made_of_what_is_wrong_with_them() {
    let name = "05".repeat(32);
    let pipe = |what: &str| format!(r#"{{"say":"pipe","pipe":"{name}","what":{what}}}"#);
    let signal = |what: &str| format!(r#"{{"say":"signal","socket":3,"what":{what}}}"#);
    let frame = |stream: u8, bytes: usize| {
        let message = ToHost::Pipe {
            pipe: PIPE,
            what: Pipe::Frame {
                stream: Stream::CONTROL,
                data: Data(vec![7; bytes]),
            },
        };
        let text = String::from_utf8(message.write()).unwrap();
        text.replace(r#""stream":0"#, &format!(r#""stream":{stream}"#))
    };
    for right in [
        pipe(r#""open""#),
        pipe(r#"{"frame":{"stream":4,"data":""}}"#),
        pipe(r#"{"taken":{"stream":0,"bytes":4294967295}}"#),
        signal(r#""close""#),
        signal(r#"{"text":{"text":""}}"#),
        frame(4, limits::MAX_FRAME_BYTES),
    ] {
        assert!(ToHost::read(right.as_bytes()).is_ok(), "{right}");
    }
    for wrong in [
        pipe("{}"),
        pipe(r#""sing""#),
        pipe(r#"{"open":{},"close":{}}"#),
        pipe(r#"{"frame":{"stream":0,"data":"A"}}"#),
        pipe(r#"{"frame":{"stream":0,"data":"bWlhb3c"}}"#),
        pipe(r#"{"frame":{"stream":0,"data":"b_lhb3c="}}"#),
        pipe(r#"{"frame":{"stream":0,"data":[1]}}"#),
        pipe(r#"{"frame":{"stream":5,"data":""}}"#),
        pipe(r#"{"frame":{"stream":256,"data":""}}"#),
        pipe(r#"{"frame":{"stream":-1,"data":""}}"#),
        pipe(r#"{"frame":{"data":""}}"#),
        pipe(r#"{"taken":{"stream":0,"bytes":-1}}"#),
        pipe(r#"{"taken":{"stream":0,"bytes":4294967296}}"#),
        pipe(r#""open""#).replace(&name, &name[2..]),
        pipe(r#""open""#).replace(&name, &format!("{name}05")),
        pipe(r#""open""#).replace("05", "0g"),
        signal(r#"{"open":{}}"#),
        signal(r#"{"open":{"topic":7}}"#),
        signal(r#"{"text":{"text":null}}"#),
        signal(r#""close""#).replace('3', "-3"),
        frame(0, limits::MAX_FRAME_BYTES + 1),
    ] {
        assert!(
            matches!(
                ToHost::read(wrong.as_bytes()),
                Err(Misheard::Message(Parting::NoMessage { .. }))
            ),
            "{wrong}"
        );
    }
}

#[test]
fn what_is_said_of_a_mistake_is_short_however_long_it_was() {
    let kind = "猫".repeat(10_000);
    let text = format!(r#"{{"say":"ask","id":9,"request":{{"for":"{kind}"}}}}"#);
    let Err(Misheard::Request {
        why: Refusal::Unknown { detail },
        ..
    }) = ToHost::read(text.as_bytes())
    else {
        panic!("it was understood");
    };
    assert!(detail.len() <= limits::MAX_HOST_DETAIL_BYTES);
}

#[test]
fn what_a_later_version_adds_is_passed_over() {
    let later = r#"{"say":"ask","id":1,"request":{"for":"status","fast":true},"at":7}"#;
    let status = ToHost::Ask {
        id: 1,
        request: Request::Status,
    };
    assert_eq!(ToHost::read(later.as_bytes()), Ok(status));
    assert_eq!(
        FromHost::read(br#"{"say":"sing","song":{}}"#),
        Ok(FromHost::Unknown)
    );
}

#[test]
fn the_newest_protocol_that_both_speak_is_spoken() {
    for newest in [OLDEST_PROTOCOL, PROTOCOL, PROTOCOL + 1, u32::MAX] {
        match FromHost::welcome(newest, 1) {
            Ok(FromHost::Welcome { protocol, .. }) => assert_eq!(protocol, newest.min(PROTOCOL)),
            other => panic!("{other:?}"),
        }
    }
    let older = FromHost::welcome(OLDEST_PROTOCOL - 1, 1);
    assert!(matches!(older, Err(Parting::Protocol { .. })));
}

/// However long everything in it is.
#[test]
fn the_longest_answers_fit_into_a_frame() {
    let name = "\"".repeat(limits::MAX_FILE_NAME_BYTES);
    let one = transfer(RESOURCE, name, limits::MAX_CHANNELS);
    let resources = Answer::Resources {
        resources: vec![one; limits::MAX_PAGE],
        more: true,
    };
    let peers = Answer::Peers {
        peers: vec![
            Peer {
                author: AUTHOR,
                name: "\"".repeat(limits::MAX_NAME_BYTES),
                me: false,
                contact: Contact::Link {
                    path: Some(Path {
                        relayed: false,
                        round_trip_ms: Some(u32::MAX),
                    }),
                },
            };
            limits::MAX_PAGE
        ],
        more: true,
    };
    let channels = Answer::Channels {
        channels: vec![
            ChannelStatus {
                id: CHANNEL,
                name: "\"".repeat(limits::MAX_CHANNEL_NAME_BYTES),
                address: "a".repeat(limits::MAX_ADDRESS_BYTES),
                private: true,
                server: ServerState::Connecting,
                members: usize::MAX,
                links: usize::MAX,
                retention: Retention::Between {
                    from: Millis(u64::MAX),
                    to: Some(Millis(u64::MAX)),
                },
                burning: false,
                seeds: Seeds::All,
                sought: (0..=255).map(|n| ResourceId([n; 32])).collect(),
            };
            limits::MAX_CHANNELS
        ],
    };
    let mut lengths = BTreeMap::new();
    let text = "\u{1}".repeat(limits::MAX_SIGNAL_BYTES);
    let what = SocketNews::Text { text };
    let socket = u64::MAX;
    lengths.insert("text", FromHost::Signal { socket, what }.write().len());
    let what = Pipe::Frame {
        stream: Stream::CONTROL,
        data: Data(vec![255; limits::MAX_FRAME_BYTES]),
    };
    lengths.insert("frame", FromHost::Pipe { pipe: PIPE, what }.write().len());
    for (what, answer) in [
        ("resources", resources),
        ("peers", peers),
        ("channels", channels),
    ] {
        let id = u64::MAX;
        lengths.insert(what, FromHost::Answer { id, answer }.write().len());
    }
    assert!(
        lengths
            .values()
            .all(|length| *length <= limits::MAX_HOST_FRAME_BYTES),
        "{lengths:?}"
    );
}
