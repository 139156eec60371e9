//! The daemon is killed at random moments, while it writes what is said and pieces of files: it starts again each time, and
//! has all that it acknowledged. Two times; twenty with `CATNEST_E2E_LONG=1`, as `cargo xtask e2e --long` has it.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

mod common;

use std::{collections::BTreeMap, fs, time::Duration};

use common::{
    Server,
    daemon::{Frames, Home},
    person::Person,
    sharing::Share,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Bytes of the file of one round: more than comes before the end of it.
const FILE: usize = 12 * 1024 * 1024;
/// A kill comes at a random moment of so many milliseconds, once something is being written of both kinds.
const MOMENTS: u64 = 1500;

/// Nothing that depends on how long something takes: when a kill comes is what is random here.
fn random_moment() -> Duration {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    Duration::from_millis(u64::from_ne_bytes(bytes) % MOMENTS)
}

/// How many bytes are here of each file, as the daemon says.
async fn here<I, O>(program: &mut Frames<I, O>) -> BTreeMap<String, u64>
where
    I: AsyncReadExt + Unpin,
    O: AsyncWriteExt + Unpin,
{
    let request = json!({"for": "resources", "after": null});
    let answer = program.ask(request).await;
    let resources = answer["answer"]["resources"].as_array().unwrap().iter();
    let bytes = |resource: &Value| resource["have_bytes"].as_u64().unwrap();
    let id = |resource: &Value| resource["file"]["id"].as_str().unwrap().to_owned();
    resources.map(|of| (id(of), bytes(of))).collect()
}

#[tokio::test]
async fn whoever_kills_it_loses_nothing_that_it_acknowledged() {
    let long = std::env::var_os("CATNEST_E2E_LONG").is_some_and(|value| value == "1");
    let kills = if long { 20 } else { 2 };
    let server = Server::start().await;
    let (home, others) = (Home::new(), Home::new());
    let chat = format!("webrtc://{}/cats", server.address);
    let files = format!("webrtc://{}/files", server.address);
    let mut said: Vec<String> = Vec::new();
    let mut known: BTreeMap<String, u64> = BTreeMap::new();
    let (mut shares, mut addresses, mut contents) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..kills {
        let daemon = home.daemon().await;
        if round == 0 {
            home.json(&["join", &chat]).await;
            home.json(&["join", &files, "--seed", "all"]).await;
        }
        let mut program = home.program_at_socket().await;
        program.hello().await;
        let after = here(&mut program).await;
        for (id, bytes) in &known {
            let now = after.get(id).copied().unwrap_or(0);
            assert!(now >= *bytes, "{id} had {bytes} bytes, and has {now}");
        }
        // Who has handed all of a file over goes: links are few, and those who share have nothing of each other's files.
        shares.retain(|(_, address): &(Share, String)| {
            let id = address.rsplit('/').next().unwrap();
            after.get(id) != Some(&(FILE as u64))
        });
        let content: Vec<u8> = (0..FILE)
            .map(|at| (at / 7 + at % 251 + round) as u8)
            .collect();
        let (share, address) =
            Share::start(&others, &files, &format!("file{round}"), &content).await;
        shares.push((share, address.clone()));
        addresses.push(address);
        contents.push(content);
        let mut ann = Person::join_at(&chat, &format!("Ann {round}")).await;
        ann.meet("catnest-host").await;
        let before = said.len();
        // Something is written of both kinds from here on.
        let text = format!("the first of round {round}");
        ann.say_until_held(&text).await;
        said.push(text);
        let begins = |answer: &Value| {
            let resources = answer["resources"].as_array().unwrap();
            let some = |of: &Value| of["have_bytes"].as_u64() > Some(0);
            resources.len() == round + 1 && resources.iter().all(some)
        };
        let request = json!({"for": "resources", "after": null});
        program.ask_until(request, begins).await;
        let moment = random_moment();
        let talking = async {
            loop {
                let text = format!("message {} of round {round}", said.len());
                ann.say_until_held(&text).await;
                said.push(text);
                known = here(&mut program).await;
            }
        };
        let never: Result<std::convert::Infallible, _> =
            tokio::time::timeout(moment, talking).await;
        assert!(never.is_err());
        daemon.kill().await;
        // Now nobody has what was said but the daemon's disk.
        ann.engine.stop().await;
        // What it has of files is what their ids say: of what was being written, nothing counts.
        let verified = home.json(&["verify"]).await;
        println!(
            "kill {}: after {} ms, {} messages acknowledged, {} pieces here, all of them right",
            round + 1,
            moment.as_millis(),
            said.len() - before,
            verified["pieces"],
        );
        assert_eq!(verified["damaged"], json!({}));
        assert_eq!(verified["database"], json!([]));
    }

    // All of the files come in the end; then nobody has anything but the daemon.
    let daemon = home.daemon().await;
    let mut program = home.program_at_socket().await;
    program.hello().await;
    let all = |answer: &Value| {
        let resources = answer["resources"].as_array().unwrap();
        resources.len() == kills && resources.iter().all(|of| of["state"]["is"] == "complete")
    };
    let request = json!({"for": "resources", "after": null});
    program.ask_until(request, all).await;
    drop(shares);
    let mut newcomer = Person::join_at(&chat, "Ben").await;
    newcomer.hear_all(&said).await;
    for (round, (address, content)) in addresses.iter().zip(&contents).enumerate() {
        let copy = format!("copy{round}");
        let get = ["get", address, "--data", "got", "-o", &copy];
        let (code, _, stderr) = others.run(&get).await;
        assert_eq!(code, Some(0), "{stderr}");
        assert!(fs::read(others.path().join(&copy)).unwrap() == *content);
    }
    println!(
        "after {kills} kills: {} of {} acknowledged messages, {} of {kills} files, byte for byte",
        said.len(),
        said.len(),
        contents.len(),
    );
    drop(daemon);
}
