//! Two connections of one process, without a core: what they tell is carried between them as it comes.

mod relay;

use std::time::Duration;

use catnest::node::Input;
use tokio::{task::JoinHandle, time::timeout};

use super::*;

const DEADLINE: Duration = Duration::from_secs(30);
const FRAME: usize = 60_000;

/// One end.
struct End {
    connection: Connection,
    inputs: mpsc::Receiver<Input>,
    task: JoinHandle<()>,
}

impl End {
    fn new() -> Self {
        let (feed, inputs) = Feed::new();
        let (connection, task) = Connection::open(&feed, ConnectionKey(0));
        Self {
            connection,
            inputs,
            task: tokio::spawn(task),
        }
    }

    async fn next(&mut self) -> ConnectionInput {
        match self.inputs.recv().await {
            Some(Input::Connection { input, .. }) => input,
            other => panic!("{other:?}"),
        }
    }
}

/// Carries what `from` tells to `to`, as a link and a server would.
fn carry(input: &ConnectionInput, to: &End) {
    let step = match input.clone() {
        ConnectionInput::LocalDescription { kind, sdp } => match kind {
            DescriptionKind::Offer => ConnectionOutput::AcceptOffer(sdp),
            DescriptionKind::Answer => ConnectionOutput::AcceptAnswer(sdp),
        },
        ConnectionInput::LocalCandidate(candidate) => ConnectionOutput::AddCandidate(candidate),
        _ => return,
    };
    to.connection.take(step);
}

/// Carries on until both ends have told what is wanted.
async fn carry_until(a: &mut End, b: &mut End, wanted: impl Fn(&ConnectionInput) -> bool) {
    let carried = async {
        let (mut at_a, mut at_b) = (false, false);
        while !(at_a && at_b) {
            tokio::select! {
                input = a.next() => {
                    at_a |= wanted(&input);
                    carry(&input, b);
                }
                input = b.next() => {
                    at_b |= wanted(&input);
                    carry(&input, a);
                }
            }
        }
    };
    timeout(DEADLINE, carried).await.expect("it comes to that");
}

async fn pair() -> (End, End) {
    let (mut a, mut b) = (End::new(), End::new());
    a.connection
        .take(ConnectionOutput::Offer { restart: false });
    let opened = |input: &ConnectionInput| *input == ConnectionInput::Opened;
    carry_until(&mut a, &mut b, opened).await;
    (a, b)
}

/// Sends as much as a link would, whenever there is room, until nothing waits any more.
async fn flood(end: &mut End, frames: usize) {
    let mut waiting: BTreeMap<Stream, usize> =
        (0..4).map(|number| (Stream::bulk(number), 0)).collect();
    let mut left = frames;
    loop {
        for (&stream, waits) in &mut waiting {
            while *waits < limits::SEND_HIGH_WATER && left > 0 {
                *waits = bytes(end.connection.send(stream, vec![7; FRAME]));
                left -= 1;
            }
        }
        if left == 0
            && waiting
                .values()
                .all(|waits| *waits <= limits::SEND_LOW_WATER)
        {
            return;
        }
        if let ConnectionInput::Buffered { stream, .. } = end.next().await {
            waiting.insert(stream, bytes(end.connection.buffered(stream)));
        }
    }
}

fn bytes(input: ConnectionInput) -> usize {
    match input {
        ConnectionInput::Buffered { bytes, .. } => bytes,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_does_not_read_holds_up_the_sender_and_misses_nothing() {
    let (mut a, mut b) = pair().await;
    // More than fits into windows and queues on the way.
    let frames = 2500;
    let sending = tokio::spawn(async move {
        flood(&mut a, frames).await;
        a
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!sending.is_finished(), "150 MB went nowhere");
    let all = async {
        let mut heard = 0;
        while heard < frames {
            if let ConnectionInput::Frame(frame) = b.next().await {
                assert_eq!(frame.len(), FRAME);
                heard += 1;
            }
        }
    };
    timeout(DEADLINE, all).await.expect("all frames");
    timeout(DEADLINE, sending).await.expect("room").unwrap();
}

#[tokio::test]
async fn both_offer_and_one_gives_way() {
    let (mut a, mut b) = (End::new(), End::new());
    b.connection
        .take(ConnectionOutput::Offer { restart: false });
    // The other end wins, and hears nothing of it.
    let lost =
        async { while !matches!(b.next().await, ConnectionInput::LocalDescription { .. }) {} };
    timeout(DEADLINE, lost).await.expect("an offer");
    a.connection
        .take(ConnectionOutput::Offer { restart: false });
    let opened = |input: &ConnectionInput| *input == ConnectionInput::Opened;
    carry_until(&mut a, &mut b, opened).await;
}

#[tokio::test]
async fn a_restart_finds_new_sockets_and_the_channels_live_on() {
    let (mut a, mut b) = pair().await;
    for _ in 0..2 {
        a.connection.take(ConnectionOutput::Offer { restart: true });
        let found =
            |input: &ConnectionInput| *input == ConnectionInput::Transport(Transport::Connected);
        carry_until(&mut a, &mut b, found).await;
        a.connection.send(Stream::CONTROL, vec![1]);
        b.connection.send(Stream::bulk(3), vec![2]);
        let heard = |input: &ConnectionInput| matches!(input, ConnectionInput::Frame(_));
        carry_until(&mut a, &mut b, heard).await;
        std::mem::swap(&mut a, &mut b);
    }
}

#[tokio::test]
async fn who_offered_first_stays_passive() {
    let (mut a, mut b) = pair().await;
    b.connection.take(ConnectionOutput::Offer { restart: true });
    let answer = async {
        loop {
            tokio::select! {
                input = a.next() => {
                    if let ConnectionInput::LocalDescription { sdp, .. } = input {
                        return sdp;
                    }
                }
                input = b.next() => carry(&input, &a),
            }
        }
    };
    let answer = timeout(DEADLINE, answer).await.expect("an answer");
    // Chromium refuses an answer that changes it.
    assert!(answer.0.contains("a=setup:passive"), "{}", answer.0);
}

#[tokio::test]
async fn who_closes_is_noticed_and_everything_ends() {
    let (a, mut b) = pair().await;
    drop(a.connection);
    timeout(DEADLINE, a.task).await.expect("its end").unwrap();
    let closed = async { while b.next().await != ConnectionInput::Closed {} };
    timeout(DEADLINE, closed).await.expect("the news");
    drop(b.connection);
    timeout(DEADLINE, b.task).await.expect("its end").unwrap();
}
