//! Each limit of the server, through the real binary: who asks for more hears why, and nobody else notices.

mod common;

use common::{Client, Server, client::talk, within};
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

/// More than this many from one address, beyond its sockets, are cut as they come.
const SPARE_CONNECTIONS: usize = 64;

/// Connects, and says nothing.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
async fn idle(server: &Server, count: usize) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for _ in 0..count {
        streams.push(TcpStream::connect(server.address).await.unwrap());
    }
    streams
}

#[tokio::test]
async fn connections_from_one_address() {
    let flags = ["--max-sockets-per-address=2", "--header-timeout=3600"];
    let server = Server::start_with(&flags).await;
    let (mut a, mut b) = server.pair("nest").await;
    let mut idle = idle(&server, SPARE_CONNECTIONS + 1).await;
    let mut too_many = idle.pop().unwrap();
    // An end of either kind will do.
    let end = within("the end", too_many.read(&mut [0; 1])).await;
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
    talk(&mut a, &mut b).await;
    // There is room again for one.
    idle.pop();
    within("room", async {
        loop {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            let request = b"GET /healthz HTTP/1.1\r\nHost: nest\r\n\r\n";
            if stream.write_all(request).await.is_ok()
                && stream.read(&mut [0; 1]).await.is_ok_and(|bytes| bytes > 0)
            {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn connections_of_a_proxy_are_not_those_of_one_address() {
    let flags = ["--max-sockets-per-address=1", "--trusted-proxy=127.0.0.1"];
    let server = Server::start_with(&flags).await;
    let _idle = idle(&server, 2 * SPARE_CONNECTIONS).await;
    server.health().await;
}

/// The deadline is for becoming a WebSocket: no number of requests puts it off.
#[tokio::test]
async fn time_for_all_requests_of_a_connection() {
    let server = Server::start_with(&["--header-timeout", "1"]).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: nest\r\n\r\n";
    let polite = async {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let mut answers = 0;
        let mut buffer = [0; 4096];
        while stream.write_all(request).await.is_ok()
            && stream.read(&mut buffer).await.is_ok_and(|bytes| bytes > 0)
        {
            answers += 1;
        }
        assert!(answers > 1, "{answers}");
    };
    let deaf = async {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        while stream.write_all(request).await.is_ok() {}
    };
    within("the ends", async { tokio::join!(polite, deaf) }).await;
}

#[tokio::test]
async fn http_2_is_not_spoken() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    // It may have had enough already.
    let _ = stream.write_all(&settings).await;
    let mut answer = Vec::new();
    // An end of either kind will do.
    let _ = within("the end", stream.read_to_end(&mut answer)).await;
    assert!(!answer.starts_with(&settings[..4]), "{answer:?}");
}

#[tokio::test]
async fn a_request_is_at_most_16_kib() {
    let server = Server::start().await;
    for (length, status) in [(15_000, "200"), (17_000, "431")] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let filler = "x".repeat(length);
        let request = format!(
            "GET /healthz HTTP/1.1\r\nHost: nest\r\nConnection: close\r\nFiller: {filler}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        within("the answer", stream.read_exact(&mut answer))
            .await
            .unwrap();
        assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes());
    }
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
    let server = with_open_files(50, 850, &["--max-sockets=100"]).await;
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(server.predecessor("nest").await);
    }
    assert_eq!(server.health().await["sockets"], 100);
    assert!(!server.log().contains("open files"));

    let server = with_open_files(50, 849, &["--max-sockets=100"]).await;
    assert!(server.log().contains("fewer open files"));
    let server = with_open_files(50, 849, &["--max-sockets=99"]).await;
    assert!(!server.log().contains("open files"));
}

#[tokio::test]
async fn what_waits_for_one_socket() {
    let flags = [
        "--queue-bytes=131072",
        "--max-sockets-per-channel=8",
        "--socket-burst=10000",
        "--address-burst=10000",
    ];
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
