//! What programs say to the daemon that they should not, and how many of them there may be.
#![cfg(unix)]

mod common;

use common::{
    daemon::{Flood, Home},
    resident_kib,
};
use serde_json::json;

#[tokio::test]
async fn who_speaks_another_protocol_is_told_which() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut old = home.program_at_socket().await;
    old.send(json!({"say": "hello", "protocol": 0, "program": "old", "version": "0"}))
        .await;
    let why = old.goodbye().await;
    assert_eq!(
        why,
        json!({"because": "protocol", "oldest": 1, "newest": 1})
    );
    // A newer one may still know ours.
    let mut new = home.program_at_socket().await;
    new.send(json!({"say": "hello", "protocol": 9, "program": "new", "version": "9", "more": []}))
        .await;
    assert_eq!(new.next().await["protocol"], 1);
}

#[tokio::test]
async fn nonsense_ends_a_session_and_no_other() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut witness = home.program_at_socket().await;
    let pid = witness.hello().await;
    let status = json!({"say": "ask", "id": 1, "request": {"for": "status"}}).to_string();
    let hello = json!({"say": "hello", "protocol": 1, "program": "", "version": ""}).to_string();
    for (before, frame) in [
        (false, status.as_bytes()),
        (false, br#"{"say":"ask","id":1,"request":{"for":"sing"}}"#),
        (false, b""),
        (true, b""),
        (true, hello.as_bytes()),
        (true, b"{}"),
        (true, b"{\"say\":"),
        (true, b"\xff\xfe\x00"),
        (true, br#"{"say":"sing"}"#),
    ] {
        let mut program = home.program_at_socket().await;
        if before {
            program.hello().await;
        }
        program.send_frame(frame).await;
        let why = program.goodbye().await;
        assert_eq!(why["because"], "no_message", "{why}");
    }
    for length in [1024 * 1024 + 1, u32::MAX, 0x8000_0000] {
        let mut program = home.program_at_socket().await;
        program.hello().await;
        program.send_bytes(&length.to_ne_bytes()).await;
        let why = program.goodbye().await;
        assert_eq!(why["because"], "no_frame", "{why}");
    }
    // Who goes in the middle of a frame says nothing.
    let mut program = home.program_at_socket().await;
    program.hello().await;
    program.send_bytes(&[9, 0, 0]).await;
    drop(program);
    let alive = witness.ask(json!({"for": "status"})).await;
    assert_eq!(alive["answer"]["pid"], pid);
}

#[tokio::test]
async fn a_request_that_is_not_known_is_refused_and_the_next_one_answered() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut program = home.program_at_socket().await;
    program.hello().await;
    let nowhere = "ab".repeat(32);
    for (request, because) in [
        (json!({"for": "sing"}), "unknown"),
        (json!({"for": "leave"}), "unknown"),
        (json!({"for": "leave", "channel": "12"}), "unknown"),
        (json!(null), "unknown"),
        (json!({"for": "leave", "channel": nowhere}), "device"),
        (json!({"for": "peers", "channel": nowhere}), "device"),
        (
            json!({"for": "fetch", "channel": nowhere, "resource": nowhere}),
            "device",
        ),
        (json!({"for": "join", "address": "nonsense"}), "device"),
        (json!({"for": "join", "address": "/etc/passwd"}), "device"),
    ] {
        let answer = program.ask(request.clone()).await;
        assert_eq!(answer["say"], "refusal", "{request}: {answer}");
        assert_eq!(answer["why"]["because"], because, "{request}: {answer}");
    }
    // As long as a frame may be, and no request.
    let long = json!({"say": "ask", "id": 99, "request": {"for": "x".repeat(1024 * 1024 - 60)}});
    program.send(long).await;
    assert_eq!(program.next().await["say"], "refusal");
    let status = program.ask(json!({"for": "status"})).await;
    assert_eq!(status["say"], "answer");
}

#[tokio::test]
async fn who_asks_and_does_not_read_waits_and_nobody_else_does() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut stuck = home.program_at_socket().await;
    stuck.hello().await;
    let mut other = home.program_at_socket().await;
    let pid = other.hello().await;
    let before = resident_kib(pid);
    let flood = Flood::start(stuck.output);
    // What a socket holds both ways is a few hundred KiB: more is taken only if the daemon keeps what it says, or hears.
    flood.stands_still(&mut other, 4 * 1024 * 1024).await;
    let after = resident_kib(pid);
    assert!(after < before + 8 * 1024, "from {before} to {after} KiB");
    flood.end().await;
}

#[tokio::test]
async fn news_comes_once_until_somebody_asks() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut program = home.program_at_socket().await;
    program.hello().await;
    program.ask(json!({"for": "watch"})).await;
    let mut other = home.program_at_socket().await;
    other.hello().await;
    for name in ["cats", "dogs", "birds"] {
        let address = format!("webrtc://127.0.0.1:1/{name}");
        let joined = other.ask(json!({"for": "join", "address": address})).await;
        assert_eq!(joined["answer"]["is"], "done", "{joined}");
    }
    assert_eq!(
        program.next().await,
        json!({"say": "news", "of": "channels"})
    );
    // However much has changed since, the next thing is the answer.
    program
        .send(json!({"say": "ask", "id": 77, "request": {"for": "resources", "after": null}}))
        .await;
    assert_eq!(program.next().await["id"], 77);
    let channels = program.ask(json!({"for": "channels"})).await;
    assert_eq!(channels["answer"]["channels"].as_array().unwrap().len(), 3);
    let left = channels["answer"]["channels"][0]["id"].clone();
    other.ask(json!({"for": "leave", "channel": left})).await;
    assert_eq!(
        program.next().await,
        json!({"say": "news", "of": "channels"})
    );
}

#[tokio::test]
async fn who_is_one_too_many_is_told_and_comes_in_when_somebody_goes() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut all = Vec::new();
    for _ in 0..64 {
        let mut program = home.program_at_socket().await;
        program.hello().await;
        all.push(program);
    }
    let mut more = home.program_at_socket().await;
    assert_eq!(more.goodbye().await, json!({"because": "busy"}));
    let mut going = all.pop().unwrap();
    going.send_frame(b"").await;
    going.goodbye().await;
    drop(going);
    // The daemon may find out about the one that went after it has heard of the next.
    loop {
        let mut next = home.program_at_socket().await;
        next.send(json!({"say": "hello", "protocol": 1, "program": "", "version": ""}))
            .await;
        match next.next().await {
            welcome if welcome["say"] == "welcome" => return,
            busy => assert_eq!(busy["why"]["because"], "busy"),
        }
    }
}

#[tokio::test]
async fn a_daemon_that_stops_says_goodbye() {
    let home = Home::new();
    let daemon = home.daemon().await;
    let mut program = home.program_at_socket().await;
    program.hello().await;
    daemon.signal("TERM").await;
    assert_eq!(program.goodbye().await, json!({"because": "stopping"}));
    assert_eq!(daemon.ended().await, Some(0));
}
