//! Each limit of the server, through the real binary: who asks for more hears why, and nobody else notices.

mod common;

use common::{Client, Server, talk, within};
use futures_util::future::join_all;
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::Command,
};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn sockets_in_all() {
    let server = Server::start_with(&["--max-sockets", "2"]).await;
    let (mut a, mut b) = server.pair("nest").await;
    let third = server.catnest_unwelcome("nest").await;
    assert_eq!(third.closed().await, (1013, "this server is full".into()));
    talk(&mut a, &mut b).await;
}

#[tokio::test]
async fn sockets_from_one_address() {
    let server = Server::start_with(&["--max-sockets-per-address", "2"]).await;
    let (mut a, mut b) = server.pair("nest").await;
    let third = server.predecessor("nest").await;
    assert_eq!(
        third.closed().await,
        (1013, "too many sockets from your address".into())
    );
    talk(&mut a, &mut b).await;
    // There is room again once one has left.
    b.client.leave().await;
    a.client.next().await;
    let mut b = server.predecessor("nest").await;
    assert_eq!(b.push().await, a.id);
}

#[tokio::test]
async fn messages_from_one_socket() {
    let server = Server::start_with(&["--socket-rate", "1", "--socket-burst", "10"]).await;
    let (mut a, mut b) = server.pair("nest").await;
    for round in 0..12 {
        b.client
            .send(json!({"id": a.id, "candidate": {"round": round}}))
            .await;
    }
    for round in 0..10 {
        assert_eq!(a.client.next().await["candidate"]["round"], round);
    }
    let warning = b.client.next().await;
    assert_eq!(warning["type"], "error");
    let reason = warning["reason"].as_str().unwrap();
    assert!(
        reason.contains("one socket may send 10 at once and 1 a second"),
        "{reason}"
    );
    let close = b.client.send_on_until_closed(Message::text("{}")).await;
    assert_eq!(close, (1008, "too many messages".into()));
    loop {
        // Perhaps a candidate came in between, a second having passed.
        let heard = a.client.next().await;
        if heard["type"] == "pull" {
            assert_eq!(heard["id"].as_str(), Some(&*b.id));
            break;
        }
    }
}

#[tokio::test]
async fn pings_count_as_messages() {
    let server = Server::start_with(&["--socket-rate", "1", "--socket-burst", "10"]).await;
    let client = server.predecessor("nest").await;
    let close = client
        .send_on_until_closed(Message::Ping(Vec::new().into()))
        .await;
    assert_eq!(close, (1008, "too many messages".into()));
}

#[tokio::test]
async fn messages_from_one_address() {
    let server = Server::start_with(&["--address-rate", "1", "--address-burst", "10"]).await;
    // Two are used up by coming.
    let (mut a, mut b) = server.pair("nest").await;
    for _ in 0..3 {
        talk(&mut a, &mut b).await;
    }
    // As of here at most as many as seconds have passed.
    let mut passed = 0;
    let warning = loop {
        a.client.send(json!({"id": a.id, "offer": {}})).await;
        let answer = a.client.next().await;
        if answer["reason"].is_string() {
            break answer;
        }
        passed += 1;
    };
    assert!((2..9).contains(&passed), "{passed}");
    let reason = warning["reason"].as_str().unwrap();
    assert!(
        reason.contains("your address may send 10 at once"),
        "{reason}"
    );
}

#[tokio::test]
async fn time_for_a_request_to_come() {
    let server = Server::start_with(&["--header-timeout", "1"]).await;
    let (mut a, mut b) = server.pair("nest").await;
    let ends = [
        "",
        "G",
        "GET /healthz HTTP/1.1\r\nHost: nest\r\n",
        // A whole request, and nothing after it.
        "GET /healthz HTTP/1.1\r\nHost: nest\r\n\r\n",
        // The beginning of a second one.
        "GET /healthz HTTP/1.1\r\nHost: nest\r\n\r\nGET /heal",
    ]
    .map(|begun| async {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        within("the end", stream.read_to_end(&mut answer))
            .await
            .unwrap();
    });
    join_all(ends).await;
    // Sockets that are open are not meant.
    talk(&mut a, &mut b).await;
}

/// The binary, where the operating system allows so many open files at first, and so many at most.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
async fn with_open_files(soft: u32, hard: u32, flags: &[&str]) -> Server {
    let mut command = Command::new("sh");
    let script = format!("ulimit -Sn {soft} && ulimit -Hn {hard} && exec \"$0\" \"$@\"");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_catnest-host")])
        .kill_on_drop(true);
    Server::start_as(command, TempDir::new().unwrap(), flags).await
}

#[tokio::test]
async fn open_files() {
    let server = with_open_files(50, 300, &["--max-sockets=100"]).await;
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(server.predecessor("nest").await);
    }
    assert_eq!(server.health().await["sockets"], 100);
    assert!(!server.log().contains("open files"));

    let server = with_open_files(50, 250, &["--max-sockets=100"]).await;
    assert!(server.log().contains("fewer open files"));
    let server = with_open_files(50, 250, &["--max-sockets=50"]).await;
    assert!(!server.log().contains("open files"));
}

#[tokio::test]
async fn what_waits_for_one_socket() {
    let flags = ["--queue-bytes", "131072", "--max-sockets-per-channel", "8"];
    let server = Server::start_with(&flags).await;
    let (mut a, mut b) = server.pair("nest").await;
    let stuck = Client::connect_narrow(server.address, "nest").await;
    let id = a.client.push().await;
    b.client.push().await;
    // The kernel takes what it can, some megabytes at most; then two of these fit into the queue.
    let large = json!({"id": id, "offer": {"sdp": "x".repeat(60_000)}});
    let mut sent = 0;
    while server.health().await["sockets"] == 3 {
        assert!(sent < 190, "the stuck member is still there");
        a.client.send(large.clone()).await;
        sent += 1;
    }
    assert_eq!(b.client.next().await, json!({"type": "pull", "id": id}));
    let (code, reason) = stuck.closed().await;
    assert_eq!(code, 1013);
    assert!(reason.starts_with("too slow"), "{reason}");
}
