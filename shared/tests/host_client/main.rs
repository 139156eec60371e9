//! The extension's side of the host's protocol: when it looks for the host, what it takes an end for, whose answer is
//! whose, and how much it takes in.

mod bench;

use catnest::{
    host::{
        Absence, Answer, FromHost, HostInput, HostReply, HostState, Parting, Pipe, PipeId, PortEnd,
        Refusal, Request, SocketNews, ToHost, Topic,
    },
    limits,
    node::Problem,
};

use self::bench::{Bench, present};

fn done() -> Answer {
    Answer::Done { channel: None }
}

#[test]
fn it_says_hello_and_is_welcomed() {
    let mut bench = Bench::new();
    assert_eq!(bench.client.state(), &HostState::Looking);
    bench.give(HostInput::Look);
    assert!(bench.port);
    assert_eq!(bench.said, [ToHost::hello("extension")]);
    // Somebody else asks, too.
    bench.give(HostInput::Look);
    assert_eq!(bench.opened, 1);
    bench.welcome();
    assert_eq!(bench.states, [present()]);
    assert_eq!(bench.wake_at, None);
    bench.give(HostInput::Look);
    assert_eq!((bench.opened, bench.states.len()), (1, 1));
}

#[test]
fn what_a_browser_says_of_a_port_that_ends_has_a_meaning() {
    for (said, end) in [
        (
            "Specified native messaging host not found.",
            PortEnd::NotFound,
        ),
        ("No such native application catnest.host", PortEnd::NotFound),
        (
            "Access to the specified native messaging host is forbidden.",
            PortEnd::Forbidden,
        ),
        ("Native host has exited.", PortEnd::Exited),
        (
            "Error when communicating with the native messaging host.",
            PortEnd::Exited,
        ),
        ("Failed to start native messaging host.", PortEnd::Exited),
        ("An unexpected error occurred", PortEnd::Exited),
        ("", PortEnd::Exited),
    ] {
        assert_eq!(PortEnd::of_browser(said), end, "{said}");
    }
}

#[test]
fn a_host_that_was_not_there_is_looked_for_when_somebody_asks_and_not_before() {
    for (end, why) in [
        (PortEnd::NotFound, Absence::NotInstalled),
        (PortEnd::Forbidden, Absence::Forbidden),
        (PortEnd::Exited, Absence::Exited),
    ] {
        let mut bench = Bench::new();
        bench.give(HostInput::Look);
        bench.give(HostInput::Ended(end));
        assert_eq!(bench.absent(), &why);
        assert_eq!(bench.wake_at, None);
        bench.give(HostInput::Look);
        assert_eq!(bench.states.last(), Some(&HostState::Looking));
        bench.welcome();
        assert_eq!(bench.client.state(), &present());
    }
}

#[test]
fn what_the_host_says_last_is_why_it_is_not_there() {
    let detail = "the disk is full".to_owned();
    for (parting, why, again) in [
        (
            Parting::NoDaemon {
                detail: detail.clone(),
            },
            Absence::NoDaemon { detail },
            true,
        ),
        (Parting::Busy, Absence::Busy, true),
        // Somebody wanted it to stop: a port would start it.
        (Parting::Stopping, Absence::Stopped, false),
        (
            Parting::NoMessage {
                detail: String::new(),
            },
            Absence::Nonsense,
            false,
        ),
    ] {
        let mut new = Bench::new();
        new.give(HostInput::Look);
        new.hear(&FromHost::Goodbye {
            why: parting.clone(),
        });
        assert_eq!((new.absent(), new.port, new.wake_at), (&why, false, None));

        let mut bench = Bench::welcomed();
        bench.hear(&FromHost::Goodbye { why: parting });
        assert_eq!((bench.absent(), bench.port), (&why, false));
        assert_eq!(bench.wake_at.is_some(), again, "{why:?}");
    }
}

#[test]
fn a_host_without_a_common_protocol_is_there_and_of_no_use() {
    let mut bench = Bench::new();
    bench.give(HostInput::Look);
    let (oldest, newest) = (7, 9);
    bench.hear(&FromHost::Goodbye {
        why: Parting::Protocol { oldest, newest },
    });
    let incompatible = HostState::Incompatible { oldest, newest };
    assert_eq!(bench.client.state(), &incompatible);
    assert_eq!((bench.port, bench.wake_at), (false, None));
}

#[test]
fn a_host_that_went_is_tried_again_less_and_less_often_and_not_for_ever() {
    let mut bench = Bench::welcomed();
    let mut pauses = Vec::new();
    bench.give(HostInput::Ended(PortEnd::Exited));
    while let Some(at) = bench.wake_at {
        pauses.push(at.since(bench.now));
        bench.wait();
        assert!(bench.port);
        bench.give(HostInput::Ended(PortEnd::Exited));
    }
    assert_eq!(pauses.len(), limits::MAX_HOST_RETRIES as usize);
    assert_eq!(pauses[0], limits::HOST_RETRY_BASE);
    assert!(pauses.is_sorted());
    assert_eq!(pauses.last(), Some(&limits::HOST_RETRY_MAX));
    // All the while it was not there: nothing flickers.
    let why = Absence::Exited;
    assert_eq!(bench.states, [present(), HostState::Absent { why }]);
    // And somebody asks.
    bench.give(HostInput::Look);
    bench.welcome();
    assert_eq!(bench.client.state(), &present());
}

#[test]
fn one_that_ends_as_soon_as_it_is_there_is_tried_as_seldom() {
    let mut bench = Bench::welcomed();
    for _ in 0..limits::MAX_HOST_RETRIES {
        bench.give(HostInput::Ended(PortEnd::Exited));
        bench.wait();
        bench.welcome();
    }
    bench.give(HostInput::Ended(PortEnd::Exited));
    assert_eq!(bench.wake_at, None);
    // One that lived for a while has nothing held against it.
    let mut bench = Bench::welcomed();
    for _ in 0..2 * limits::MAX_HOST_RETRIES {
        bench.now = bench.now + limits::HOST_SETTLED;
        bench.give(HostInput::Ended(PortEnd::Exited));
        let at = bench.wake_at.unwrap();
        assert_eq!(at.since(bench.now), limits::HOST_RETRY_BASE);
        bench.wait();
        bench.welcome();
    }
}

#[test]
fn one_that_was_uninstalled_is_not_tried_again() {
    let mut bench = Bench::welcomed();
    bench.give(HostInput::Ended(PortEnd::Exited));
    bench.wait();
    bench.give(HostInput::Ended(PortEnd::NotFound));
    assert_eq!(bench.absent(), &Absence::NotInstalled);
    assert_eq!(bench.wake_at, None);
}

#[test]
fn a_worker_that_was_stopped_says_nothing_of_the_host() {
    let mut bench = Bench::new();
    bench.give(HostInput::Look);
    bench.give(HostInput::Ended(PortEnd::Lost));
    bench.wait();
    bench.welcome();
    assert_eq!(bench.client.state(), &present());
}

#[test]
fn somebody_who_asks_need_not_wait_for_the_next_attempt() {
    let mut bench = Bench::welcomed();
    bench.give(HostInput::Ended(PortEnd::Exited));
    bench.give(HostInput::Look);
    assert_eq!(bench.client.state(), &HostState::Looking);
    assert!(bench.port);
    bench.give(HostInput::Ended(PortEnd::Exited));
    assert!(bench.wake_at.is_some());
    // An attempt that is under way counts as asked for.
    bench.wait();
    bench.give(HostInput::Look);
    assert_eq!(bench.client.state(), &HostState::Looking);
}

#[test]
fn a_host_that_says_no_word_is_left() {
    let mut bench = Bench::new();
    bench.give(HostInput::Look);
    let at = bench.wake_at.unwrap();
    assert_eq!(at.since(bench.now), limits::HOST_HELLO);
    bench.wait();
    assert_eq!((bench.absent(), bench.port), (&Absence::Silent, false));
}

#[test]
fn answers_go_to_who_asked() {
    let mut bench = Bench::welcomed();
    bench.ask(10, Request::Status);
    let first = bench.last_id();
    bench.ask(20, Request::Channels);
    let second = bench.last_id();
    let why = Refusal::Device {
        problem: Problem::NotJoined,
    };
    bench.hear(&FromHost::Refusal {
        id: second,
        why: why.clone(),
    });
    bench.hear(&FromHost::Answer {
        id: first,
        answer: done(),
    });
    let answered = HostReply::Answer { answer: done() };
    assert_eq!(
        bench.replies,
        [(20, HostReply::Refused { why }), (10, answered)]
    );
    assert_eq!(bench.wake_at, None);
    // Once.
    bench.hear(&FromHost::Answer {
        id: first,
        answer: done(),
    });
    assert_eq!(bench.replies.len(), 2);
    assert_eq!(bench.client.state(), &present());
}

#[test]
fn every_request_has_a_reply_whatever_becomes_of_the_host() {
    let mut bench = Bench::new();
    bench.ask(1, Request::Status);
    bench.give(HostInput::Look);
    bench.ask(2, Request::Status);
    bench.welcome();
    bench.ask(3, Request::Status);
    bench.now = bench.now + limits::HOST_ANSWER / 2;
    bench.ask(4, Request::Status);
    bench.wait();
    bench.give(HostInput::Ended(PortEnd::Exited));
    let replies = [
        (1, HostReply::Absent),
        (2, HostReply::Absent),
        (3, HostReply::Late),
        (4, HostReply::Absent),
    ];
    assert_eq!(bench.replies, replies);
}

#[test]
fn no_more_is_asked_than_is_remembered_and_nothing_longer_than_a_frame() {
    let mut bench = Bench::welcomed();
    let address = "猫".repeat(limits::MAX_HOST_FRAME_BYTES / 3);
    let retention = catnest::chat::retention::Retention::Forever;
    let join = Request::Join {
        address,
        retention,
        seeds: catnest::host::Seeds::All,
    };
    bench.ask(0, join);
    assert_eq!(bench.replies, [(0, HostReply::Unasked)]);
    for asker in 1..=limits::MAX_HOST_ASKS as u64 {
        bench.ask(asker, Request::Status);
    }
    assert_eq!(bench.replies.len(), 1);
    bench.ask(1000, Request::Status);
    assert_eq!(bench.replies.last(), Some(&(1000, HostReply::Unasked)));
    let id = bench.last_id();
    bench.hear(&FromHost::Answer { id, answer: done() });
    bench.ask(1001, Request::Status);
    assert_eq!(bench.replies.len(), 3);
}

#[test]
fn a_flood_ends_the_port() {
    let news = FromHost::News {
        of: Topic::Channels,
    };
    let answer = FromHost::Answer {
        id: 99,
        answer: done(),
    };
    for message in [news.write(), answer.write(), br#"{"say":"sing"}"#.to_vec()] {
        let mut bench = Bench::welcomed();
        for _ in 0..limits::HOST_UNASKED.burst {
            bench.give(HostInput::Heard(message.clone()));
        }
        assert_eq!(bench.client.state(), &present());
        for _ in 0..1000 {
            bench.give(HostInput::Heard(message.clone()));
        }
        assert_eq!((bench.absent(), bench.port), (&Absence::Nonsense, false));
        assert_eq!(bench.wake_at, None);
        assert!(bench.news.len() <= limits::HOST_UNASKED.burst as usize);
    }
}

#[test]
fn what_is_said_of_sockets_and_pipes_is_passed_on_and_is_no_flood() {
    let socket = FromHost::Signal {
        socket: 3,
        what: SocketNews::Opened,
    };
    let pipe = FromHost::Pipe {
        pipe: PipeId([5; 32]),
        what: Pipe::Open,
    };
    let mut bench = Bench::welcomed();
    for _ in 0..10_000 {
        bench.hear(&socket);
        bench.hear(&pipe);
    }
    assert!(bench.port);
    assert_eq!(bench.meetings.len(), 20_000);
    assert_eq!(bench.meetings[..2], [socket.clone(), pipe]);
    // Before the welcome it is as wrong as anything else.
    let mut bench = Bench::new();
    bench.give(HostInput::Look);
    bench.hear(&socket);
    assert_eq!(
        (bench.absent(), bench.meetings.len()),
        (&Absence::Nonsense, 0)
    );
}

#[test]
fn nonsense_ends_the_port() {
    let welcome = FromHost::welcome(1, 1).unwrap().write();
    let mut long = FromHost::Goodbye { why: Parting::Busy }.write();
    long.resize(limits::MAX_HOST_FRAME_BYTES + 1, b' ');
    for frame in [b"".to_vec(), b"{".to_vec(), b"\xff".to_vec(), long, welcome] {
        let mut bench = Bench::welcomed();
        bench.ask(5, Request::Status);
        bench.give(HostInput::Heard(frame));
        assert_eq!((bench.absent(), bench.port), (&Absence::Nonsense, false));
        assert_eq!(bench.replies, [(5, HostReply::Absent)]);
        // What is still on its way does not matter any more.
        bench.welcome();
        assert_eq!(bench.absent(), &Absence::Nonsense);
    }
    let mut early = Bench::new();
    early.give(HostInput::Look);
    early.hear(&FromHost::News {
        of: Topic::Resources,
    });
    assert_eq!(early.absent(), &Absence::Nonsense);
}

#[test]
fn what_a_host_says_of_itself_is_short_however_long_it_is() {
    let mut bench = Bench::new();
    bench.give(HostInput::Look);
    bench.hear(&FromHost::Welcome {
        protocol: 1,
        version: "9".repeat(100_000),
        pid: 1,
    });
    let HostState::Present { version, .. } = bench.client.state() else {
        panic!("it is there");
    };
    assert_eq!(version.len(), limits::MAX_HOST_DETAIL_BYTES);
    bench.hear(&FromHost::Goodbye {
        why: Parting::NoDaemon {
            detail: "猫".repeat(100_000),
        },
    });
    let Absence::NoDaemon { detail } = bench.absent() else {
        panic!("it says why");
    };
    assert!(detail.len() <= limits::MAX_HOST_DETAIL_BYTES);
}

#[test]
fn whoever_follows_hears_of_every_host_that_comes() {
    let mut bench = Bench::new();
    bench.give(HostInput::Follow);
    bench.give(HostInput::Look);
    bench.welcome();
    let watches = |bench: &Bench| {
        let watch = |said: &&ToHost| matches!(said, ToHost::Ask { request, .. } if *request == Request::Watch);
        bench.said.iter().filter(watch).count()
    };
    assert_eq!(watches(&bench), 1);
    let id = bench.last_id();
    bench.hear(&FromHost::Answer { id, answer: done() });
    assert_eq!(bench.replies, []);
    bench.hear(&FromHost::News {
        of: Topic::Resources,
    });
    assert_eq!(bench.news, [Topic::Resources]);
    bench.give(HostInput::Follow);
    assert_eq!(watches(&bench), 1);
    bench.give(HostInput::Ended(PortEnd::Exited));
    bench.wait();
    bench.welcome();
    assert_eq!(watches(&bench), 2);
    // A view that comes when the host is there.
    let mut late = Bench::welcomed();
    late.give(HostInput::Follow);
    assert_eq!(watches(&late), 1);
}

#[test]
fn what_has_no_answer_is_said_where_there_is_a_host() {
    let message = ToHost::hello("somebody");
    let mut bench = Bench::new();
    bench.give(HostInput::Say(message.clone()));
    assert_eq!(bench.said, []);
    let mut bench = Bench::welcomed();
    bench.give(HostInput::Say(message.clone()));
    assert_eq!(bench.said.last(), Some(&message));
}

#[test]
fn states_and_replies_look_like_this_to_views() {
    let states = [
        HostState::Looking,
        HostState::Absent {
            why: Absence::NotInstalled,
        },
        HostState::Absent {
            why: Absence::NoDaemon {
                detail: "the disk is full".into(),
            },
        },
        HostState::Incompatible {
            oldest: 2,
            newest: 3,
        },
        present(),
    ];
    for state in states {
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<HostState>(&json).unwrap(), state);
    }
    let replies = [
        HostReply::Answer { answer: done() },
        HostReply::Refused {
            why: Refusal::Device {
                problem: Problem::NotJoined,
            },
        },
        HostReply::Absent,
        HostReply::Late,
        HostReply::Unasked,
    ];
    for reply in replies {
        let json = serde_json::to_string(&reply).unwrap();
        assert_eq!(serde_json::from_str::<HostReply>(&json).unwrap(), reply);
    }
}
