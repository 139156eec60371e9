//! What the daemon was told to get and nobody gives yet: it is shown, sought after a restart, and can be forgotten.
#![cfg(unix)]

mod common;

use std::{fs, process::Stdio};

use common::{Server, daemon::Home, sharing::Share};
use serde_json::{Value, json};

#[tokio::test]
async fn what_nobody_gives_yet_is_sought_until_somebody_does_whatever_ends_meanwhile() {
    let server = Server::start().await;
    let (home, others) = (Home::new(), Home::new());
    let nest = format!("webrtc://{}/cats", server.address);
    let song: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let (away, address) = Share::start(&others, &nest, "song.flac", &song).await;
    away.end().await;
    let id = address.rsplit_once('/').unwrap().1;

    let daemon = home.daemon().await;
    let (code, _, stderr) = home.run(&["seed", &address]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("catnest-host join"), "{stderr}");
    let (code, _, stderr) = home.run(&["join", &address]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("catnest-host seed"), "{stderr}");
    let (code, said, stderr) = home.run(&["seed", &address]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(said.contains("as soon as somebody has it"), "{said}");
    daemon.kill().await;

    let daemon = home.daemon().await;
    let channel = home.json(&["channels"]).await[0]["id"].clone();
    let sought = json!([{
        "file": {"id": id}, "channels": [channel], "state": {"is": "sought"}, "chosen": true,
    }]);
    assert_eq!(home.json(&["resources"]).await, sought);
    let (_, table, _) = home.run(&["resources"]).await;
    assert!(
        table.contains("nobody has given it yet") && table.contains(&id[..12]),
        "{table}"
    );
    let mut program = home.program_at_socket().await;
    program.hello().await;
    let (_shares, _) = Share::start(&others, &nest, "song.flac", &song).await;
    let whole = |answer: &Value| answer["resources"][0]["state"]["is"] == "complete";
    let resources = json!({"for": "resources", "after": null});
    program.ask_until(resources, whole).await;
    let found = home.json(&["resources"]).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["chosen"], true);
    daemon.kill().await;
}

#[tokio::test]
async fn what_is_sought_is_forgotten_by_the_beginning_of_its_id() {
    let server = Server::start().await;
    let home = Home::new();
    let daemon = home.daemon().await;
    let nest = format!("webrtc://{}/cats", server.address);
    home.json(&["join", &nest]).await;
    let other = format!("webrtc://{}/dogs", server.address);
    home.json(&["join", &other]).await;
    let id = "ab".repeat(32);
    for nest in [&nest, &other] {
        home.json(&["seed", &format!("{nest}/{id}")]).await;
    }
    let sought = home.json(&["resources"]).await;
    assert_eq!(sought.as_array().unwrap().len(), 1);
    assert_eq!(sought[0]["channels"].as_array().unwrap().len(), 2);
    let status = home.json(&["status"]).await;
    assert_eq!(
        (&status["sought"], &status["partial"]),
        (&json!(1), &json!(0))
    );

    let (code, _, stderr) = home.run(&["forget", "aba"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("at least 4 digits"), "{stderr}");
    let (code, said, _) = home.run(&["forget", "abab"]).await;
    assert_eq!(code, Some(0));
    assert!(said.contains(&id), "{said}");
    assert_eq!(home.json(&["resources"]).await, json!([]));
    daemon.kill().await;
    let _daemon = home.daemon().await;
    assert_eq!(home.json(&["resources"]).await, json!([]));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_answer_that_cannot_be_written_is_an_error() {
    let home = Home::new();
    let _daemon = home.daemon().await;
    let mut command = home.binary();
    command.arg("resources");
    command.stdout(fs::File::options().write(true).open("/dev/full").unwrap());
    let process = command.stderr(Stdio::piped()).spawn().unwrap();
    let ended = process.wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(stderr.contains("cannot be written"), "{stderr}");
}
