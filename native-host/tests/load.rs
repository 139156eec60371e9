//! Ten thousand sockets come and go, some never read, some send junk; two talk meanwhile and notice nothing, and the
//! server is no larger afterwards.
#![cfg(target_os = "linux")]

mod common;

use std::{fs, sync::Arc, time::Instant};

use common::{Client, DEADLINE, Peer, Server, resident_kib, within};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    task::JoinSet,
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

/// Opens of the measured round.
const OPENS: usize = 10_000;
/// Opens of the round before it: enough for the allocator and the server's tables to reach their size.
const WARM_UP: usize = 2_000;
/// How many open and close at the same time.
const WORKERS: usize = 32;
/// How many never read, in each round: as many as hear a message for the price of one.
const STUCK: usize = 16;
/// How many send junk, of each kind, in each round.
const JUNK: usize = 20;
/// How often a worker opens for each message of the talkers.
const OPENS_PER_MESSAGE: usize = 10;
/// What the server may have grown by. The allocator does not give back every page; but if each of the ten thousand
/// sockets left half a kilobyte behind, it would be more than this.
const GROWTH_KIB: u64 = 5 * 1024;

const FLAGS: [&str; 6] = [
    // All come from one address here.
    "--address-rate=1000000",
    "--address-burst=1000000",
    // For 8 MB to those who never read: more than the kernel and a queue hold for each. Not for so much junk that the
    // answers to it would fill a queue.
    "--socket-rate=500",
    "--socket-burst=2000",
    // The least that takes a full channel, so that who does not read is soon noticed.
    "--queue-bytes=481280",
    "--header-timeout=2",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn talkers_talk_while_thousands_come_and_go() {
    let started = Instant::now();
    let server = Arc::new(Server::start_with(&FLAGS).await);
    let (talkers, files) = (server.pair("nest").await, open_files(&server));
    let (talkers, warm_up) = round(&server, talkers, WARM_UP).await;
    quiet(&server, files).await;
    let before = resident_kib(server.id());
    let warm = started.elapsed();

    let (_talkers, exchanged) = round(&server, talkers, OPENS).await;
    let measured = started.elapsed() - warm;
    quiet(&server, files).await;
    let after = resident_kib(server.id());

    println!(
        "{OPENS} opens, {STUCK} that never read, {} that sent junk, in {:.1} s (warm-up of {WARM_UP} opens {:.1} s); \
         messages of the talkers: {warm_up} + {exchanged}; resident: {before} KiB warm, {after} KiB after",
        KINDS.len() * JUNK,
        measured.as_secs_f32(),
        warm.as_secs_f32(),
    );
    assert_eq!(exchanged, 2 * OPENS / OPENS_PER_MESSAGE);
    assert!(
        after <= before + GROWTH_KIB,
        "grew from {before} to {after} KiB"
    );
}

/// Everything at once, to the end of it. Returns how many messages the talkers exchanged meanwhile.
async fn round(
    server: &Arc<Server>,
    (mut a, mut b): (Peer, Peer),
    opens: usize,
) -> ((Peer, Peer), usize) {
    let (progress, mut opened) = mpsc::unbounded_channel();
    let mut load = JoinSet::new();
    for worker in 0..WORKERS {
        let (server, progress) = (server.clone(), progress.clone());
        let share = opens / WORKERS + usize::from(worker < opens % WORKERS);
        load.spawn(async move {
            for number in 0..share {
                come_and_go(&server, worker + number).await;
                let _ = progress.send(());
            }
        });
    }
    drop(progress);
    load.spawn(fill_those_who_never_read(server.clone()));
    for kind in KINDS {
        for number in 0..JUNK {
            load.spawn(junk(server.clone(), kind, number));
        }
    }
    let talk = async {
        let (mut sent, mut opens) = (0, 0_usize);
        while opened.recv().await.is_some() {
            opens += 1;
            if opens.is_multiple_of(OPENS_PER_MESSAGE) {
                exchange(&mut a, &mut b, sent).await;
                exchange(&mut b, &mut a, sent).await;
                sent += 1;
            }
        }
        2 * sent
    };
    let finish = async {
        while let Some(ended) = load.join_next().await {
            if let Err(error) = ended {
                std::panic::resume_unwind(error.into_panic());
            }
        }
    };
    let (exchanged, ()) = tokio::join!(talk, finish);
    ((a, b), exchanged)
}

/// One says a number, and the next thing that the other hears, apart from who comes and goes, is that.
async fn exchange(from: &mut Peer, to: &mut Peer, number: usize) {
    let candidate = json!({"number": number});
    from.client
        .send(json!({"id": to.id, "candidate": candidate}))
        .await;
    loop {
        let heard = to.client.next().await;
        if heard["type"] != "push" && heard["type"] != "pull" {
            assert_eq!(heard, json!({"id": from.id, "candidate": candidate}));
            return;
        }
    }
}

/// Half of them into the talkers' channel, and half of each without a goodbye.
async fn come_and_go(server: &Server, number: usize) {
    let elsewhere = format!("elsewhere-{}", number % 100);
    let channel = if number.is_multiple_of(2) {
        "nest"
    } else {
        &elsewhere
    };
    let client = if number.is_multiple_of(3) {
        server.catnest(channel).await
    } else {
        server.predecessor(channel).await
    };
    if number % 4 < 2 {
        client.leave().await;
    } else {
        client.drop_connection();
    }
}

/// Some join a channel and never read; one sends there until the server has closed them all.
async fn fill_those_who_never_read(server: Arc<Server>) {
    let mut sender = server.predecessor("slow").await;
    let mut stuck = Vec::new();
    for _ in 0..STUCK {
        stuck.push(Client::connect_narrow(server.address, "slow").await);
        sender.push().await;
    }
    let large = json!({"offer": {"sdp": "x".repeat(60_000)}});
    let mut left = 0;
    while left < STUCK {
        sender.send(large.clone()).await;
        // An answer to each, so that the sender reads what the server says, and never runs ahead of it.
        sender.send(json!({"id": "nobody", "offer": {}})).await;
        loop {
            let heard = sender.next().await;
            match heard["type"].as_str() {
                Some("pull") => left += 1,
                Some("error") if heard["id"] == "nobody" => break,
                _ => panic!("{heard}"),
            }
        }
    }
    sender.leave().await;
    // Only now: until here they held on to what they did not read.
    drop(stuck);
}

/// What is sent that nobody understands.
#[derive(Clone, Copy)]
enum Junk {
    Text,
    Binary,
    Oversize,
    Frames,
    HalfRequest,
}

const KINDS: [Junk; 5] = [
    Junk::Text,
    Junk::Binary,
    Junk::Oversize,
    Junk::Frames,
    Junk::HalfRequest,
];

/// Sends junk into the talkers' channel until the server ends it, in the way that it should.
async fn junk(server: Arc<Server>, kind: Junk, number: usize) {
    if let Junk::HalfRequest = kind {
        return half_a_request(&server, number).await;
    }
    let client = server.predecessor("nest").await;
    let (code, expected) = match kind {
        Junk::Text => {
            let text = ["{\"offer\":", "[[[[", "\u{0}", "{}"][number % 4];
            let message = Message::text(text);
            (client.send_on_until_closed(message).await.0, 1008)
        }
        Junk::Binary => {
            let message = Message::binary(vec![7; 1000 * number]);
            (client.send_to_be_closed(message).await.0, 1003)
        }
        Junk::Oversize => {
            let message = Message::text("x".repeat(70_000 + 100_000 * number));
            (client.send_to_be_closed(message).await.0, 1009)
        }
        Junk::Frames | Junk::HalfRequest => {
            let (data, payload, code) = [
                (Data::Reserved(3), b"x".as_slice(), 1002),
                (Data::Continue, b"x", 1002),
                (Data::Text, &[0xff, 0xfe], 1007),
            ][number % 3];
            let frame = Frame::message(payload.to_vec(), OpCode::Data(data), true);
            let message = Message::Frame(frame);
            (client.send_to_be_closed(message).await.0, code)
        }
    };
    assert_eq!(code, expected);
}

/// A request that never ends, or that is none. The server ends the connection.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
async fn half_a_request(server: &Server, number: usize) {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let begun = [
        "",
        "GET /webrtc/nest HTTP/1.1\r\nHost: nest\r\nUpgrade: webso",
        "\u{0}\u{1}\u{2}\r\n\r\n",
        "POST /webrtc/nest HTTP/1.1\r\nHost: nest\r\nContent-Length: 100000\r\n\r\n{",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ][number % 5];
    stream.write_all(begun.as_bytes()).await.unwrap();
    if number.is_multiple_of(2) {
        let mut answer = Vec::new();
        // An end of either kind will do.
        let _ = within("the end", stream.read_to_end(&mut answer)).await;
    }
}

/// Waits until nothing is left of all that but the two talkers, in the hub and in the kernel.
async fn quiet(server: &Server, files: usize) {
    let started = Instant::now();
    loop {
        let health = server.health().await;
        let open = open_files(server);
        // A connection of this very question may not be closed yet.
        if health["sockets"] == 2 && health["channels"] == 1 && open <= files + 1 {
            return;
        }
        assert!(
            started.elapsed() < DEADLINE,
            "{health}, {open} files open, at first {files}"
        );
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn open_files(server: &Server) -> usize {
    fs::read_dir(format!("/proc/{}/fd", server.id()))
        .unwrap()
        .count()
}
