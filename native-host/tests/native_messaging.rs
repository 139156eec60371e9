//! What a browser starts, and what a browser may do to it: it is there for the browser, the daemon for longer.
#![cfg(unix)]

mod common;

use std::fs;

use common::{
    daemon::{Flood, Home, ended, read, send_signal},
    resident_kib, within,
};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn the_first_browser_starts_the_daemon_and_the_next_ones_find_it() {
    let home = Home::new();
    let mut first = home.browser();
    let pid = first.frames.hello().await;
    assert_ne!(Some(pid), first.child.id());
    let nest = json!({"for": "join", "address": "webrtc://127.0.0.1:1/cats"});
    first.frames.ask(nest).await;
    // Another profile, at the same time.
    let mut second = home.browser();
    assert_eq!(second.frames.hello().await, pid);
    assert_eq!(first.close().await, Some(0));
    let channels = second.frames.ask(json!({"for": "channels"})).await;
    assert_eq!(channels["answer"]["channels"][0]["name"], "cats");
    assert_eq!(second.close().await, Some(0));
    // All browsers are gone. A new one finds what was.
    let mut third = home.browser();
    assert_eq!(third.frames.hello().await, pid);
    assert_eq!(home.json(&["status"]).await["pid"], pid);
    let log = fs::read_to_string(home.data().join("daemon.log")).unwrap();
    assert!(log.contains("the daemon runs"), "{log}");
}

#[tokio::test]
async fn browsers_that_come_at_once_start_one_daemon() {
    let home = Home::new();
    let mut browsers: Vec<_> = (0..5).map(|_| home.browser()).collect();
    let mut pids = Vec::new();
    for browser in &mut browsers {
        pids.push(browser.frames.hello().await);
    }
    pids.dedup();
    assert_eq!(pids.len(), 1, "{pids:?}");
}

#[tokio::test]
async fn firefox_and_windows_start_it_with_other_arguments() {
    let home = Home::new();
    for arguments in [
        &[
            "/users/ann/.mozilla/native-messaging-hosts/catnest.host.json",
            "catnest@catnest.invalid",
        ],
        &[common::daemon::ORIGIN, "--parent-window=0"],
    ] {
        // No input: it ends at once, having started the daemon, and says nothing.
        let mut command = home.binary();
        command.args(arguments);
        assert_eq!(
            ended(command).await,
            (Some(0), String::new(), String::new())
        );
    }
}

#[tokio::test]
async fn what_a_browser_should_not_say_is_answered_and_costs_it_the_port_only() {
    let home = Home::new();
    let mut witness = home.browser();
    let pid = witness.frames.hello().await;
    // The relay itself refuses to read so much.
    for length in [1024 * 1024 + 1, 0x7fff_ffff, u32::MAX] {
        let mut browser = home.browser();
        browser.frames.hello().await;
        browser.frames.send_bytes(&length.to_ne_bytes()).await;
        assert_eq!(browser.frames.goodbye().await["because"], "no_frame");
        assert_eq!(browser.ended().await, Some(1));
    }
    // The daemon understands nothing of it.
    for frame in [&b""[..], b"\xff\xff", b"{", b"[]", br#"{"say":"sing"}"#] {
        let mut browser = home.browser();
        browser.frames.hello().await;
        browser.frames.send_frame(frame).await;
        assert_eq!(browser.frames.goodbye().await["because"], "no_message");
        assert_eq!(browser.ended().await, Some(0));
    }
    // A browser that ends in the middle of a word.
    for cut in [&[7][..], &[7, 0, 0], &[200, 0, 0, 0, b'{']] {
        let mut browser = home.browser();
        browser.frames.hello().await;
        browser.frames.send_bytes(cut).await;
        assert_eq!(browser.close().await, Some(0));
    }
    let unknown = witness.frames.ask(json!({"for": "sing"})).await;
    assert_eq!(unknown["say"], "refusal");
    let status = witness.frames.ask(json!({"for": "status"})).await;
    assert_eq!(status["answer"]["pid"], pid);
}

#[tokio::test]
async fn a_browser_that_does_not_read_has_nothing_kept_for_it() {
    let home = Home::new();
    let mut witness = home.browser();
    let pid = witness.frames.hello().await;
    let mut stuck = home.browser();
    stuck.frames.hello().await;
    let relay = stuck.child.id().unwrap();
    let before = [resident_kib(pid), resident_kib(relay)];
    let flood = Flood::start(stuck.frames.output);
    // What pipes and a socket hold both ways is a few hundred KiB.
    flood
        .stands_still(&mut witness.frames, 4 * 1024 * 1024)
        .await;
    let after = [resident_kib(pid), resident_kib(relay)];
    for (before, after) in before.into_iter().zip(after) {
        assert!(after < before + 8 * 1024, "from {before} to {after} KiB");
    }
    // It closes the port after all: both ends of it.
    flood.end().await;
    drop(stuck.frames.input);
    assert_eq!(
        within("the relay's end", stuck.child.wait())
            .await
            .unwrap()
            .code(),
        Some(0)
    );
}

#[tokio::test]
async fn a_daemon_that_is_killed_ends_the_port_and_the_next_browser_starts_another() {
    let home = Home::new();
    let mut browser = home.browser();
    let pid = browser.frames.hello().await;
    send_signal("KILL", pid).await;
    assert_eq!(browser.frames.next_or_end().await, None);
    assert_eq!(browser.ended().await, Some(0));
    let mut next = home.browser();
    assert_ne!(next.frames.hello().await, pid);
}

#[tokio::test]
async fn a_daemon_that_is_stopped_says_so_to_the_browser() {
    let home = Home::new();
    let mut browser = home.browser();
    browser.frames.hello().await;
    let (code, _, stderr) = home.run(&["stop"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(
        browser.frames.goodbye().await,
        json!({"because": "stopping"})
    );
    assert_eq!(browser.ended().await, Some(0));
}

#[tokio::test]
async fn a_browser_that_speaks_without_pause_hears_that_the_daemon_stops() {
    // Which of the two the relay notices first, that it cannot write or what there is to read, is chance.
    for _ in 0..10 {
        let home = Home::new();
        let mut browser = home.browser();
        browser.frames.hello().await;
        let ask = json!({"say": "ask", "id": 1, "request": {"for": "status"}}).to_string();
        let mut frame = u32::try_from(ask.len()).unwrap().to_ne_bytes().to_vec();
        frame.extend(ask.as_bytes());
        let mut output = browser.frames.output;
        let flood =
            tokio::spawn(
                async move { while output.write_all(&frame.repeat(100)).await.is_ok() {} },
            );
        let stop = async {
            let (code, _, stderr) = home.run(&["stop"]).await;
            assert_eq!(code, Some(0), "{stderr}");
        };
        let mut input = browser.frames.input;
        let hear = async {
            let mut last = Value::Null;
            while let Some(frame) = within("a frame", read(&mut input)).await {
                last = serde_json::from_slice(&frame).unwrap();
            }
            last
        };
        let ((), last) = tokio::join!(stop, hear);
        assert_eq!(last["why"], json!({"because": "stopping"}), "{last}");
        within("the flood's end", flood).await.unwrap();
        let ended = within("the relay's end", browser.child.wait()).await;
        assert_eq!(ended.unwrap().code(), Some(0));
    }
}

#[tokio::test]
async fn who_comes_while_a_daemon_ends_waits_and_starts_another() {
    let home = Home::new();
    let mut browser = home.browser();
    let pid = browser.frames.hello().await;
    let stopped = browser.frames.ask(json!({"for": "stop"})).await;
    assert_eq!(stopped["answer"]["is"], "done");
    // It lets go of its socket, and perhaps not yet of its store.
    within("the socket's end", async {
        while home.socket().exists() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut next = home.browser();
    assert_ne!(next.frames.hello().await, pid);
}

#[tokio::test]
async fn a_browser_is_told_why_there_can_be_no_daemon() {
    let home = Home::new();
    let data = home.data();
    fs::create_dir_all(&data).unwrap();
    let database = rusqlite::Connection::open(data.join("catnest.db")).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    let mut browser = home.browser();
    let why = browser.frames.goodbye().await;
    assert_eq!(why["because"], "no_daemon");
    let detail = why["detail"].as_str().unwrap();
    assert!(
        detail.contains("a newer Catnest has written it"),
        "{detail}"
    );
    assert_eq!(browser.ended().await, Some(1));
}
