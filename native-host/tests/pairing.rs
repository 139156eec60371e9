//! Programs of one machine and the daemon's device meet by the daemon's socket alone: no server is there in any of these.
#![cfg(unix)]

mod common;

use std::{collections::BTreeSet, sync::atomic::Ordering};

use common::{
    daemon::Home,
    pairing::{self, Way},
    person::Person,
};
use serde_json::{Value, json};

/// Nobody listens there.
const NEST: &str = "webrtc://127.0.0.1:1/cats";
const PRIVATE: &str = "webrtc://127.0.0.1:1/cats#aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8";

#[tokio::test]
async fn a_program_and_the_daemon_meet_and_the_daemon_keeps_what_is_said() {
    for nest in [NEST, PRIVATE] {
        let home = Home::new();
        let _daemon = home.daemon().await;
        home.json(&["join", nest]).await;
        let Way { host, piped } = pairing::way(&home, true).await;
        let mut ann = Person::join_with(nest, "Ann", Some(host)).await;
        ann.meet("catnest-host").await;
        ann.say_until_held("miaow").await;
        assert_eq!(piped.load(Ordering::Relaxed), 0, "WebRTC is enough");
        let peers = home.json(&["peers"]).await;
        assert_eq!(peers[1]["name"], "Ann");
        ann.engine.stop().await;
        // Who comes later hears it of the daemon.
        let way = pairing::way(&home, true).await;
        let mut bo = Person::join_with(nest, "Bo", Some(way.host)).await;
        bo.hear_all(&["miaow".into()]).await;
    }
}

#[tokio::test]
async fn where_webrtc_finds_nothing_all_goes_through_a_pipe() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    home.json(&["join", NEST]).await;
    let Way { host, piped } = pairing::way(&home, false).await;
    let mut ann = Person::join_with(NEST, "Ann", Some(host)).await;
    ann.meet("catnest-host").await;
    assert!(piped.load(Ordering::Relaxed) > 0);
    // More than a stream of it holds at a time.
    let texts: Vec<String> = (0..60)
        .map(|number| format!("{number} {}", "x".repeat(12_000)))
        .collect();
    for text in &texts[..59] {
        ann.say(text).await;
    }
    ann.say_until_held(&texts[59]).await;
    let way = pairing::way(&home, false).await;
    let mut bo = Person::join_with(NEST, "Bo", Some(way.host)).await;
    bo.hear_all(&texts).await;
    assert!(way.piped.load(Ordering::Relaxed) > 0);

    // It ends with the program, and the daemon notices at once.
    let mut witness = home.program_at_socket().await;
    witness.hello().await;
    ann.engine.stop().await;
    bo.engine.stop().await;
    let alone = |answer: &Value| answer["channels"][0]["links"] == 0;
    witness.ask_until(json!({"for": "channels"}), alone).await;
}

#[tokio::test]
async fn when_the_daemon_ends_so_do_its_links() {
    let home = Home::new();
    let daemon = home.daemon().await;
    home.json(&["join", NEST]).await;
    let way = pairing::way(&home, false).await;
    let mut ann = Person::join_with(NEST, "Ann", Some(way.host)).await;
    ann.meet("catnest-host").await;
    daemon.kill().await;
    ann.see("nobody", |channel| channel.members.len() == 1)
        .await;
}

#[tokio::test]
async fn what_is_wrong_about_sockets_and_pipes_costs_who_says_it() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut witness = home.program_at_socket().await;
    let pid = witness.hello().await;
    let pipe = |number: u8, what: Value| {
        let name = format!("{number:02x}").repeat(32);
        json!({"say": "pipe", "pipe": name, "what": what})
    };
    let open = |socket: u32| json!({"say": "signal", "socket": socket, "what": {"open": {"topic": "cats"}}});
    // Before the hello nothing is taken, and nothing that is no message after it.
    for (hello, message) in [
        (false, open(1)),
        (false, pipe(1, json!("open"))),
        (true, pipe(1, json!("sing"))),
        (true, pipe(1, json!({"frame": {"stream": 9, "data": ""}}))),
        (
            true,
            json!({"say": "signal", "socket": -1, "what": "close"}),
        ),
    ] {
        let mut program = home.program_at_socket().await;
        if hello {
            program.hello().await;
        }
        program.send(message.clone()).await;
        let why = program.goodbye().await;
        assert_eq!(why["because"], "no_message", "{message}");
    }
    let mut program = home.program_at_socket().await;
    program.hello().await;
    for what in [
        json!({"frame": {"stream": 0, "data": "bWlhb3c="}}),
        json!({"taken": {"stream": 0, "bytes": 9}}),
    ] {
        program.send(pipe(1, what)).await;
        assert_eq!(program.next().await, pipe(1, json!("close")));
    }
    // So many sockets, and no more.
    let mut closed = BTreeSet::new();
    for socket in 0..70 {
        program.send(open(socket)).await;
    }
    while closed.len() < 6 {
        let message = program.next().await;
        if message["what"] == "closed" {
            closed.insert(message["socket"].as_u64().unwrap());
        }
    }
    assert_eq!(closed, (64..70).collect());
    let alive = witness.ask(json!({"for": "status"})).await;
    assert_eq!(alive["answer"]["pid"], pid);
}

#[tokio::test]
async fn who_sends_to_somebody_that_does_not_read_comes_to_an_end_and_the_daemon_does_not() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut stuck = home.program_at_socket().await;
    stuck.hello().await;
    let mut sender = home.program_at_socket().await;
    sender.hello().await;
    let name = "07".repeat(32);
    let pipe = |what: Value| json!({"say": "pipe", "pipe": name, "what": what});
    for program in [&mut stuck, &mut sender] {
        program.send(pipe(json!("open"))).await;
    }
    assert_eq!(sender.next().await, pipe(json!("open")));
    // 48 KiB in base64.
    let frame = pipe(json!({"frame": {"stream": 1, "data": "AAAA".repeat(16 * 1024)}}));
    for _ in 0..100 {
        sender.send(frame.clone()).await;
    }
    assert_eq!(sender.next().await, pipe(json!("close")));
    // Others are served meanwhile, and so is the sender.
    let mut other = home.program_at_socket().await;
    other.hello().await;
    for program in [&mut other, &mut sender] {
        program
            .send(json!({"say": "ask", "id": 1, "request": {"for": "status"}}))
            .await;
        loop {
            let message = program.next().await;
            if message["say"] == "answer" {
                break;
            }
            // What it sent after the end.
            assert_eq!(message, pipe(json!("close")));
        }
    }
    // It hears all that was sent within the window once it reads, and then that it is over.
    assert_eq!(stuck.next().await, pipe(json!("open")));
    let mut frames = 0;
    loop {
        let message = stuck.next().await;
        if message == pipe(json!("close")) {
            break;
        }
        assert_eq!(message, frame);
        frames += 1;
    }
    assert_eq!(frames, 4 * 1024 * 1024 / (48 * 1024 + 128));
}
