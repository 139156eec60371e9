//! Where programs of a machine meet: whom the daemon lets do what, and what it does about those who do something else.

#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

use std::collections::BTreeMap;

use catnest::{
    entropy::Entropy,
    host::{
        Data, FromHost, Pipe, PipeEnd, PipeId, PipeOutput, ProgramId, SocketNews, SocketStep,
        Switchboard, ToHost,
    },
    limits,
    link::{ConnectionInput, ConnectionOutput, Stream},
    time::Millis,
};

const ANN: ProgramId = ProgramId(1);
const BO: ProgramId = ProgramId(2);
const CY: ProgramId = ProgramId(3);
const PIPE: PipeId = PipeId([5; 32]);

struct Daemon(Switchboard);

impl Daemon {
    fn new() -> Self {
        Self(Switchboard::new(Entropy::from_seed([1; 32])))
    }

    /// What is said to whom when a program says this.
    fn hear(&mut self, program: ProgramId, said: ToHost) -> Vec<(ProgramId, FromHost)> {
        self.0.hear(Millis(1000), program, said);
        self.said()
    }

    fn said(&mut self) -> Vec<(ProgramId, FromHost)> {
        std::iter::from_fn(|| self.0.poll()).collect()
    }

    fn pipe(&mut self, program: ProgramId, what: Pipe) -> Vec<(ProgramId, Pipe)> {
        let said = self.hear(program, ToHost::Pipe { pipe: PIPE, what });
        pipes(said)
    }

    fn socket(&mut self, program: ProgramId, socket: u64, what: SocketStep) -> Vec<SocketNews> {
        let said = self.hear(program, ToHost::Signal { socket, what });
        let own = |(to, message)| match message {
            FromHost::Signal { socket: of, what } if to == program && of == socket => Some(what),
            _ => None,
        };
        said.into_iter().filter_map(own).collect()
    }

    /// A pipe between Ann and Bo.
    fn joined() -> Self {
        let mut daemon = Self::new();
        assert_eq!(daemon.pipe(ANN, Pipe::Open), []);
        assert_eq!(
            daemon.pipe(BO, Pipe::Open),
            [(ANN, Pipe::Open), (BO, Pipe::Open)]
        );
        daemon
    }
}

fn pipes(said: Vec<(ProgramId, FromHost)>) -> Vec<(ProgramId, Pipe)> {
    let pipe = |(to, message)| match message {
        FromHost::Pipe { pipe: PIPE, what } => (to, what),
        other => panic!("{to:?}: {other:?}"),
    };
    said.into_iter().map(pipe).collect()
}

fn open(topic: &str) -> SocketStep {
    let topic = topic.to_owned();
    SocketStep::Open { topic }
}

fn frame(bytes: usize) -> Pipe {
    Pipe::Frame {
        stream: Stream::CONTROL,
        data: Data(vec![7; bytes]),
    }
}

fn taken(bytes: usize) -> Pipe {
    Pipe::Taken {
        stream: Stream::CONTROL,
        bytes: bytes.try_into().unwrap(),
    }
}

#[test]
fn who_is_in_one_channel_hears_of_each_other_and_of_nobody_else() {
    let mut daemon = Daemon::new();
    for (program, topic) in [(ANN, "cats"), (BO, "cats"), (CY, "dogs")] {
        let news = daemon.socket(program, 7, open(topic));
        assert_eq!(news[0], SocketNews::Opened);
        let texts: Vec<&SocketNews> = news[1..].iter().collect();
        let pushes = |news: &&&SocketNews| matches!(news, SocketNews::Text { text } if text.contains("push"));
        let others = usize::from(program == BO);
        assert_eq!(texts.iter().filter(pushes).count(), others, "{program:?}");
    }
    daemon.0.leave(ANN);
    let said = daemon.said();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        matches!(&said[0], (BO, FromHost::Signal { socket: 7, what: SocketNews::Text { text } }) if text.contains("pull"))
    );
    assert_eq!(daemon.0.load(), (2, 0));
}

#[test]
fn a_socket_that_is_no_socket_is_closed_and_others_are_not() {
    let mut daemon = Daemon::new();
    daemon.socket(ANN, 1, open("cats"));
    for topic in [
        "",
        "a/b\u{0}",
        &"c".repeat(limits::MAX_CHANNEL_NAME_BYTES + 1),
    ] {
        assert_eq!(
            daemon.socket(ANN, 2, open(topic)),
            [SocketNews::Closed],
            "{topic}"
        );
    }
    // Nothing is said on what is not open.
    let text = String::from("{}");
    assert_eq!(daemon.socket(ANN, 2, SocketStep::Text { text }), []);
    assert_eq!(daemon.socket(ANN, 2, SocketStep::Close), []);
    let long = "x".repeat(limits::MAX_SIGNAL_BYTES + 1);
    daemon.socket(ANN, 3, open("cats"));
    assert_eq!(
        daemon.socket(ANN, 3, SocketStep::Text { text: long }),
        [SocketNews::Closed]
    );
    // Opened twice, it is trusted no more.
    daemon.socket(ANN, 4, open("cats"));
    assert_eq!(daemon.socket(ANN, 4, open("dogs")), [SocketNews::Closed]);
    assert_eq!(daemon.0.load(), (1, 0));
}

#[test]
fn a_program_has_so_many_sockets_and_one_that_says_too_much_loses_the_socket() {
    let mut daemon = Daemon::new();
    for number in 0..limits::MAX_HOST_SOCKETS as u64 {
        let news = daemon.socket(ANN, number, open(&format!("cats {number}")));
        assert_eq!(news[0], SocketNews::Opened);
    }
    assert_eq!(daemon.socket(ANN, 1000, open("more")), [SocketNews::Closed]);
    assert_eq!(daemon.socket(BO, 1000, open("more"))[0], SocketNews::Opened);
    daemon.socket(ANN, 0, SocketStep::Close);
    assert_eq!(
        daemon.socket(ANN, 1000, open("more"))[0],
        SocketNews::Opened
    );
    let closed = (0..100_000).find(|_| {
        let text = r#"{"candidate":{}}"#.to_owned();
        let news = daemon.socket(ANN, 1000, SocketStep::Text { text });
        news.contains(&SocketNews::Closed)
    });
    assert!(closed.is_some_and(|texts| texts >= 100), "{closed:?}");
}

#[test]
fn a_pipe_has_two_ends_and_passes_on_what_they_say() {
    let mut daemon = Daemon::joined();
    assert_eq!(daemon.pipe(ANN, frame(9)), [(BO, frame(9))]);
    let cost = 9 + limits::PIPE_FRAME_OVERHEAD;
    assert_eq!(daemon.pipe(BO, taken(cost)), [(ANN, taken(cost))]);
    // A third end is none, whatever it says, and the two go on.
    for what in [Pipe::Open, frame(1), taken(1)] {
        assert_eq!(daemon.pipe(CY, what), [(CY, Pipe::Close)]);
    }
    assert_eq!(daemon.pipe(CY, Pipe::Close), []);
    assert_eq!(daemon.pipe(BO, frame(9)), [(ANN, frame(9))]);
    assert_eq!(daemon.pipe(BO, Pipe::Close), [(ANN, Pipe::Close)]);
    assert_eq!(daemon.pipe(ANN, frame(9)), [(ANN, Pipe::Close)]);
    assert_eq!(daemon.0.load(), (0, 0));
}

#[test]
fn a_pipe_ends_with_either_program_and_with_whoever_breaks_its_rules() {
    let both = [(ANN, Pipe::Close), (BO, Pipe::Close)];
    // More is taken than was sent.
    assert_eq!(Daemon::joined().pipe(ANN, taken(1)), both);
    // Nothing is taken, which could be said without end.
    assert_eq!(Daemon::joined().pipe(ANN, taken(0)), both);
    // Somebody has both ends.
    assert_eq!(Daemon::joined().pipe(ANN, Pipe::Open), both);
    // Somebody sends without hearing that anything is taken.
    let mut daemon = Daemon::joined();
    let mut sent = 0;
    let end = loop {
        let said = daemon.pipe(ANN, frame(limits::MAX_FRAME_BYTES));
        if said.len() != 1 {
            break said;
        }
        sent += limits::MAX_FRAME_BYTES;
    };
    assert_eq!(end, both);
    assert!(sent <= limits::PIPE_WINDOW && sent > limits::PIPE_WINDOW / 2);
    for (gone, left) in [(ANN, BO), (BO, ANN)] {
        let mut daemon = Daemon::joined();
        daemon.0.leave(gone);
        assert_eq!(pipes(daemon.said()), [(left, Pipe::Close)]);
    }
    // What finds no room where it is to go.
    let mut daemon = Daemon::joined();
    let what = frame(9);
    daemon.0.overflow(BO, &FromHost::Pipe { pipe: PIPE, what });
    assert_eq!(pipes(daemon.said()), both);
}

#[test]
fn a_program_has_so_many_pipes_those_that_wait_among_them() {
    let mut daemon = Daemon::new();
    let mut open = |program, number: usize| {
        let pipe = PipeId([u8::try_from(number).unwrap(); 32]);
        daemon.hear(
            program,
            ToHost::Pipe {
                pipe,
                what: Pipe::Open,
            },
        )
    };
    for number in 0..limits::MAX_HOST_PIPES {
        assert_eq!(open(ANN, number), []);
    }
    assert_eq!(open(ANN, 200).len(), 1, "closed");
    assert_eq!(open(BO, 0).len(), 2, "joined");
    assert_eq!(daemon.0.load().1, limits::MAX_HOST_PIPES);
    daemon.0.leave(ANN);
    assert_eq!(daemon.0.load(), (0, 0));
}

/// Two ends with the daemon between them: bytes come as they were sent, and what waits is what was not taken.
#[test]
fn the_ends_of_a_pipe_count_what_waits_between_them() {
    let mut daemon = Daemon::new();
    let mut ends = BTreeMap::from([(ANN, PipeEnd::new([5; 32])), (BO, PipeEnd::new([6; 32]))]);
    let offer = described(
        ends.get_mut(&ANN)
            .unwrap()
            .take(ConnectionOutput::Offer { restart: false }),
    );
    let answered = ends
        .get_mut(&BO)
        .unwrap()
        .take(ConnectionOutput::AcceptOffer(offer));
    let answer = described(answered.clone());
    let mut told = run(&mut daemon, &mut ends, BO, answered);
    let accepted = ends
        .get_mut(&ANN)
        .unwrap()
        .take(ConnectionOutput::AcceptAnswer(answer));
    told.extend(run(&mut daemon, &mut ends, ANN, accepted));
    assert!(
        told.contains(&(ANN, ConnectionInput::Opened))
            && told.contains(&(BO, ConnectionInput::Opened))
    );
    let mut waiting = 0;
    for number in 0..200_u8 {
        let (stream, bytes) = (Stream::CONTROL, vec![number; 1000]);
        let sent = ends.get_mut(&ANN).unwrap().take(ConnectionOutput::Send {
            stream,
            frame: bytes.clone(),
        });
        let told = run(&mut daemon, &mut ends, ANN, sent);
        assert!(told.contains(&(BO, ConnectionInput::Frame(bytes))));
        let last = told.iter().rev().find_map(|(to, input)| match input {
            ConnectionInput::Buffered { bytes, .. } if *to == ANN => Some(*bytes),
            _ => None,
        });
        waiting = last.unwrap();
        assert!(waiting <= limits::PIPE_TAKEN_STEP + 2000, "{waiting}");
    }
    assert!(waiting < limits::SEND_LOW_WATER);
    let closed = ends.get_mut(&ANN).unwrap().take(ConnectionOutput::Close);
    assert_eq!(
        run(&mut daemon, &mut ends, ANN, closed),
        [(BO, ConnectionInput::Closed)]
    );
}

fn described(outputs: Vec<PipeOutput>) -> catnest::signal::message::Sdp {
    let description = |output| match output {
        PipeOutput::Tell(ConnectionInput::LocalDescription { sdp, .. }) => Some(sdp),
        _ => None,
    };
    outputs.into_iter().find_map(description).unwrap()
}

/// Carries out what an end wants, and all that follows: what the links are told, in order.
fn run(
    daemon: &mut Daemon,
    ends: &mut BTreeMap<ProgramId, PipeEnd>,
    of: ProgramId,
    outputs: Vec<PipeOutput>,
) -> Vec<(ProgramId, ConnectionInput)> {
    let mut told = Vec::new();
    for output in outputs {
        match output {
            PipeOutput::Tell(input) => told.push((of, input)),
            PipeOutput::Say(pipe, what) => {
                for (to, what) in pipes(daemon.hear(of, ToHost::Pipe { pipe, what })) {
                    let outputs = ends.get_mut(&to).unwrap().hear(what);
                    told.extend(run(daemon, ends, to, outputs));
                }
            }
        }
    }
    told
}
