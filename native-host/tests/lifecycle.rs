//! The server's life: where it listens, how it is asked whether it is well, and how it ends; and that no member can
//! hold up the others.

mod common;

use common::{Client, Server, client::talk, run};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

#[tokio::test]
async fn health_counts_sockets_and_channels() {
    let server = Server::start().await;
    let expected = |sockets: u32, channels: u32| json!({"status": "ok", "version": env!("CARGO_PKG_VERSION"), "sockets": sockets, "channels": channels});
    assert_eq!(server.health().await, expected(0, 0));
    let (mut a, b) = server.pair("one").await;
    let (_c, _d) = server.pair("two").await;
    assert_eq!(server.health().await, expected(4, 2));
    b.client.leave().await;
    // Once `a` has heard of it, it is so.
    a.client.next().await;
    assert_eq!(server.health().await, expected(3, 2));
    let (head, _) = server.get("/healthz").await;
    assert!(head.contains("content-type: application/json"), "{head}");
}

#[tokio::test]
async fn other_paths_are_not_found_and_a_channel_wants_a_websocket() {
    let server = Server::start().await;
    for path in [
        "/",
        "/webrtc",
        "/webrtc/",
        "/webrtc/nest/more",
        "/healthz/",
        "/favicon.ico",
    ] {
        let (head, _) = server.get(path).await;
        assert!(head.starts_with("http/1.1 404 "), "{path}: {head}");
    }
    let (head, body) = server.get("/webrtc/nest").await;
    assert!(head.starts_with("http/1.1 426 "), "{head}");
    assert!(head.contains("upgrade: websocket"), "{head}");
    assert!(body.contains("WebSocket"), "{body}");
}

async fn stops_cleanly_on(signal: &str, logged: &str) {
    let mut server = Server::start().await;
    let (a, b) = server.pair("nest").await;
    server.signal(signal).await;
    for peer in [a, b] {
        assert_eq!(
            peer.client.closed().await,
            (1001, "the server stops; come back soon".to_owned())
        );
    }
    assert_eq!(server.ended().await.code(), Some(0));
    let log = server.log();
    assert!(log.contains(logged), "{log}");
    assert!(log.contains("all_sockets_closed=true"), "{log}");
}

#[tokio::test]
async fn sigterm_closes_everyone_with_1001_and_exits_0() {
    stops_cleanly_on("TERM", "SIGTERM").await;
}

#[tokio::test]
async fn ctrl_c_closes_everyone_with_1001_and_exits_0() {
    stops_cleanly_on("INT", "SIGINT").await;
}

#[tokio::test]
async fn a_member_that_does_not_answer_does_not_keep_the_server_from_stopping() {
    let mut server = Server::start().await;
    // Both keep their sockets open, but nobody reads from one, so it does not answer a close.
    let (_silent, b) = server.pair("nest").await;
    server.signal("TERM").await;
    assert_eq!(b.client.closed().await.0, 1001);
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn half_a_request_does_not_keep_the_server_from_stopping() {
    // Nothing else would end it before the test gives up.
    let mut server = Server::start_with(&["--header-timeout", "3600"]).await;
    let mut streams = Vec::new();
    for begun in [
        "",
        "GET /heal",
        "GET /healthz HTTP/1.1\r\nHost: nest\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    server.health().await;
    server.signal("TERM").await;
    assert_eq!(server.ended().await.code(), Some(0));
    assert!(
        server.log().contains("all_sockets_closed=true"),
        "{}",
        server.log()
    );
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let mut server = Server::start().await;
    let (_silent, b) = server.pair("nest").await;
    server.signal("TERM").await;
    // By now the first signal has been taken.
    assert_eq!(b.client.closed().await.0, 1001);
    server.signal("TERM").await;
    assert_eq!(server.ended().await.code(), Some(1));
}

#[tokio::test]
async fn a_port_in_use_is_one_clear_line() {
    let server = Server::start().await;
    let address = server.address.to_string();
    let (code, stdout, stderr) = run(&["serve", "--listen", &address]).await;
    assert_eq!(code, Some(1));
    assert_eq!(stdout, "");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    let expected = format!("catnest-host: cannot listen on {address}: ");
    assert!(stderr.starts_with(&expected), "{stderr}");
    assert!(stderr.contains("in use"), "{stderr}");
}

#[tokio::test]
async fn an_address_that_is_none_is_one_clear_line() {
    for address in ["nonsense", "127.0.0.1", "127.0.0.1:99999", ""] {
        let (code, _, stderr) = run(&["serve", "--listen", address]).await;
        assert_eq!(code, Some(1), "{address}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        let expected = format!("catnest-host: cannot listen on {address}: ");
        assert!(stderr.starts_with(&expected), "{stderr}");
    }
}

#[tokio::test]
async fn wrong_usage_exits_2_and_help_explains() {
    for arguments in [
        &["serve", "--lisen", "127.0.0.1:0"][..],
        &["serve", "--ping-interval", "0"],
        &["serve", "--log-format", "xml"],
        &["serve", "--log", "catnest_host=loud"],
        &["serve", "--log", "loud"],
        &["serve", "--log", "info,webrtc"],
        &["feed-the-cat"],
        &[],
    ] {
        let (code, _, stderr) = run(arguments).await;
        assert_eq!(code, Some(2), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains("--help") || stderr.contains("Usage"),
            "{stderr}"
        );
    }
    let (code, help, _) = run(&["serve", "--help"]).await;
    assert_eq!(code, Some(0));
    for mentioned in [
        "[default: 127.0.0.1:7979]",
        "--log ",
        "RUST_LOG",
        "--log-format",
        "listening on http://",
        "/webrtc/CHANNEL",
        "/healthz",
        "SIGTERM",
    ] {
        assert!(help.contains(mentioned), "no {mentioned} in: {help}");
    }
    let (code, version, _) = run(&["--version"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(
        version,
        format!("catnest-host {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[tokio::test]
async fn the_json_log_has_a_listening_line_with_the_address() {
    let server = Server::start_with(&["--log-format", "json"]).await;
    let log = server.log();
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let listening = lines
        .iter()
        .find(|line| line["message"] == "listening")
        .unwrap();
    assert_eq!(listening["address"], server.address.to_string());
    assert_eq!(listening["level"], "INFO");
}

#[tokio::test]
async fn the_log_tells_nothing_of_who_talks_about_what() {
    let mut server = Server::start_with(&["--log", "debug"]).await;
    let (mut a, mut b) = server.pair("secret-channel").await;
    talk(&mut a, &mut b).await;
    a.client.send(json!({"secret-member": 1})).await;
    assert!(a.client.text().await.contains("reason"));
    server.signal("TERM").await;
    a.client.closed().await;
    b.client.closed().await;
    server.ended().await;
    let log = server.log();
    assert!(log.contains("socket opened"), "{log}");
    // The server's own, when it said where it listens.
    assert_eq!(log.matches("127.0.0.1").count(), 1, "{log}");
    for secret in ["secret", "v=0", &a.id, &b.id] {
        assert!(!log.contains(secret), "{secret} in: {log}");
    }
}

#[tokio::test]
async fn a_member_that_never_reads_is_closed_and_holds_up_nobody() {
    // Enough to fill whatever the kernel and the server hold for it.
    let server = Server::start_with(&["--socket-burst=100000", "--address-burst=100000"]).await;
    let stuck = Client::connect_narrow(server.address, "nest").await;
    let mut a = server.predecessor("nest").await;
    let stuck_id = a.push().await;
    let mut b = server.predecessor("nest").await;
    let id_b = a.push().await;
    b.push().await;
    b.push().await;
    let pull = json!({"type": "pull", "id": stuck_id});
    let load = json!({"id": stuck_id, "offer": {"sdp": "x".repeat(60_000)}});
    // The kernel holds a few megabytes for the stuck member, the server one more; this is a hundred.
    let mut rounds = 0;
    let heard = loop {
        assert!(rounds < 1700, "the stuck member is still there");
        a.send(load.clone()).await;
        a.send(json!({"id": id_b, "candidate": {"round": rounds}}))
            .await;
        let heard = b.next().await;
        if heard == pull {
            break b.next().await;
        }
        assert_eq!(heard["candidate"]["round"], rounds);
        rounds += 1;
    };
    assert_eq!(heard["candidate"]["round"], rounds);
    assert_eq!(a.next().await, pull);
    a.send(load.clone()).await;
    assert_eq!(a.next().await, json!({"type": "error", "id": stuck_id}));
    assert_eq!(server.health().await["sockets"], 2);
    // It learns why, should it read after all.
    let (code, reason) = stuck.closed().await;
    assert_eq!(code, 1013);
    assert!(reason.starts_with("too slow"), "{reason}");
}

#[tokio::test]
async fn a_member_from_which_nothing_comes_is_dropped() {
    let server = Server::start_with(&["--ping-interval", "1"]).await;
    // It is never read from, so it answers no ping.
    let _silent = server.predecessor("nest").await;
    let mut a = server.predecessor("nest").await;
    let id = a.push().await;
    assert_eq!(a.next().await, json!({"type": "pull", "id": id}));
    assert_eq!(server.health().await["sockets"], 1);
}

#[tokio::test]
async fn a_member_that_vanishes_as_it_joins_is_not_left_behind() {
    let server = Server::start().await;
    let mut a = server.predecessor("nest").await;
    for _ in 0..20 {
        server.join_and_vanish("nest").await;
        let id = a.push().await;
        assert_eq!(a.next().await, json!({"type": "pull", "id": id}));
    }
    assert_eq!(server.health().await["sockets"], 1);
}
