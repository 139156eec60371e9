//! What the daemon keeps: all of a nest or what was chosen, within a quota and its retention, and that it is what it was.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

mod common;

use std::{fs, os::unix::fs::FileExt, process::Stdio};

use catnest::node::Command as Order;
use common::{
    Server,
    daemon::{Home, ended},
    person::{Person, done},
    sharing::Share,
    within,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

const FILE: usize = 1_000_000;

/// A file of its own for each number.
fn content(number: u8) -> Vec<u8> {
    (0..FILE).map(|at| (at / 3) as u8 ^ number).collect()
}

/// Waits until the daemon has these files whole, and no others.
async fn has(home: &Home, names: &[&str]) {
    let mut program = home.program_at_socket().await;
    program.hello().await;
    let request = json!({"for": "resources", "after": null});
    let whole = |answer: &Value| {
        let resources = answer["resources"].as_array().unwrap();
        let whole = resources
            .iter()
            .filter(|of| of["state"]["is"] == "complete");
        let mut found: Vec<&str> = whole
            .map(|of| of["file"]["name"].as_str().unwrap())
            .collect();
        found.sort_unstable();
        found == names && resources.len() == names.len()
    };
    program.ask_until(request, whole).await;
}

#[tokio::test]
async fn of_a_nest_of_which_it_keeps_all_the_oldest_leaves_when_the_quota_is_reached() {
    let server = Server::start().await;
    let (home, others) = (Home::new(), Home::new());
    let nest = format!("webrtc://{}/cats", server.address);
    let daemon = home.daemon_with(&["--quota", "2.5 MB"]).await;
    let joined = home.json(&["join", &nest, "--seed", "all"]).await;
    assert_eq!(joined["seeds"], "all");
    let (one, first) = Share::start(&others, &nest, "one", &content(1)).await;
    has(&home, &["one"]).await;
    let (two, _) = Share::start(&others, &nest, "two", &content(2)).await;
    has(&home, &["one", "two"]).await;
    let (three, third) = Share::start(&others, &nest, "three", &content(3)).await;
    has(&home, &["three", "two"]).await;
    let status = home.json(&["status"]).await;
    assert_eq!(status["disk"]["used"], 2 * FILE);
    assert_eq!(status["disk"]["quota"], 2_500_000);
    assert!(status["disk"]["free"].as_u64() > Some(0));
    let (_, table, _) = home.run(&["status"]).await;
    assert!(table.contains("2.00 MB taken, quota 2.50 MB"), "{table}");
    let (_, table, _) = home.run(&["resources"]).await;
    assert!(table.contains("by itself"), "{table}");

    // What is chosen comes, and stays.
    home.json(&["seed", &first]).await;
    has(&home, &["one", "three"]).await;
    home.json(&["seed", &third]).await;
    let (four, fourth) = Share::start(&others, &nest, "four", &content(4)).await;
    let (code, _, mut refused) = home.run(&["seed", &fourth]).await;
    if code == Some(0) {
        // Its message had not come: it is refused when somebody says how long it is.
        let mut program = home.program_at_socket().await;
        program.hello().await;
        let stopped = |answer: &Value| {
            let resources = answer["resources"].as_array().unwrap();
            let problem = |of: &Value| of["state"]["problem"]["problem"] == "quota";
            resources.iter().any(problem)
        };
        let request = json!({"for": "resources", "after": null});
        program.ask_until(request, stopped).await;
        (_, refused, _) = home.run(&["resources"]).await;
        home.json(&["forget", "four"]).await;
    }
    assert!(
        refused.contains("more than the quota has room for"),
        "{refused}"
    );
    has(&home, &["one", "three"]).await;

    // After its end it is as it was; without the rest of them, only what was chosen.
    daemon.kill().await;
    let _daemon = home.daemon_with(&["--quota", "2.5 MB"]).await;
    has(&home, &["one", "three"]).await;
    let joined = home.json(&["join", &nest]).await;
    assert_eq!(
        joined["seeds"], "all",
        "it does not become less by joining again"
    );
    let joined = home.json(&["join", &nest, "--seed", "chosen"]).await;
    assert_eq!(joined["seeds"], "chosen");
    for share in [one, two, three, four] {
        share.end().await;
    }
}

#[tokio::test]
async fn what_is_damaged_is_found_and_got_again() {
    let server = Server::start().await;
    let (home, others) = (Home::new(), Home::new());
    let nest = format!("webrtc://{}/cats", server.address);
    let (code, _, stderr) = home.run(&["verify"]).await;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("no daemon has kept anything in"),
        "{stderr}"
    );
    let daemon = home.daemon().await;
    home.json(&["join", &nest, "--seed", "all"]).await;
    let (share, address) = Share::start(&others, &nest, "song", &content(1)).await;
    has(&home, &["song"]).await;
    for command in ["verify", "compact"] {
        let (code, stdout, stderr) = home.run(&[command]).await;
        assert_eq!((code, stdout.as_str()), (Some(1), ""));
        assert!(
            stderr.contains("runs; stop it first, with: catnest-host stop"),
            "{stderr}"
        );
    }
    home.json(&["stop"]).await;
    assert_eq!(daemon.ended().await, Some(0));
    let well = home.json(&["verify"]).await;
    assert_eq!(
        well,
        json!({"resources": 1, "partial": 0, "pieces": 16, "bytes": FILE, "missing": {}, "damaged": {}, "unread": {}, "database": []})
    );
    let (code, said, _) = home.run(&["verify"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(
        said,
        "read 1 file: 16 pieces, 1.00 MB\nall that is here is what it should be\n"
    );

    let (_, id) = address.rsplit_once('/').unwrap();
    let file = home.data().join("files").join(id);
    let mut bytes = fs::read(&file).unwrap();
    bytes[FILE / 2] ^= 1;
    fs::write(&file, bytes).unwrap();
    let (code, stdout, _) = home.run(&["verify", "--json"]).await;
    assert_eq!(code, Some(1));
    let found: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(found["damaged"], json!({id: ["song", 1]}));
    // Now it lacks a piece, which is no fault.
    let (code, said, _) = home.run(&["verify"]).await;
    assert_eq!(code, Some(0), "{said}");
    let partial = "\n1 file is not whole yet: the rest comes once the daemon runs";
    assert!(said.contains(partial), "{said}");
    assert!(said.starts_with("read 1 file: 15 pieces, "), "{said}");
    // Of what is cut off, that is said once, and then it lacks as much.
    let part = home.data().join("files").join(format!("{id}.part"));
    fs::File::options()
        .write(true)
        .open(&part)
        .unwrap()
        .set_len(FILE as u64 / 4)
        .unwrap();
    let (code, said, _) = home.run(&["verify"]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("song: 12 pieces are not there any more, and forgotten"),
        "{said}"
    );
    let compacted = home.json(&["compact"]).await;
    assert!(compacted["after"].as_u64() <= compacted["before"].as_u64());
    let _daemon = home.daemon().await;
    has(&home, &["song"]).await;
    share.end().await;
    let get = ["get", &address, "--data", "got", "-o", "copy"];
    let (code, _, stderr) = others.run(&get).await;
    assert_eq!(code, Some(0), "{stderr}");
    let [copy, song] = ["copy", "song"].map(|name| fs::read(others.path().join(name)).unwrap());
    assert!(copy == song);
}

#[tokio::test]
async fn it_keeps_no_more_of_the_chat_than_it_was_told_and_nothing_that_burns() {
    let server = Server::start().await;
    let home = Home::new();
    let nest = format!("webrtc://{}/cats", server.address);
    let _daemon = home.daemon().await;
    let mut program = home.program_at_socket().await;
    program.hello().await;
    let retention = json!({"keep": "count", "messages": 3});
    let join = json!({"for": "join", "address": nest, "retention": retention});
    let joined = program.ask(join).await;
    assert_eq!(joined["say"], "answer", "{joined}");
    let mut ann = Person::join(&server, "Ann").await;
    ann.meet("catnest-host").await;
    for text in ["one", "two", "three", "four", "five"] {
        ann.say_until_held(text).await;
    }
    // Nothing of what is said now is kept.
    let channel = ann.channel;
    done(&ann.engine, Order::Burn { channel, on: true }).await;
    let burns = |answer: &Value| answer["channels"][0]["burning"] == true;
    program.ask_until(json!({"for": "channels"}), burns).await;
    ann.say("this burns").await;
    done(&ann.engine, Order::Burn { channel, on: false }).await;
    let rests = |answer: &Value| answer["channels"][0]["burning"] == false;
    program.ask_until(json!({"for": "channels"}), rests).await;
    ann.say_until_held("six").await;
    ann.engine.stop().await;
    home.json(&["stop"]).await;
    let _daemon = home.daemon().await;
    let mut ben = Person::join(&server, "Ben").await;
    let newest = ["four", "five", "six"].map(str::to_owned);
    ben.hear_all(&newest).await;
    // A word from the daemon's own disk would have come with them, the newest first.
    let heard = ben.log().await;
    assert_eq!(heard, newest);
}

#[tokio::test]
async fn a_disk_that_is_full_is_said_and_the_rest_goes_on() {
    let server = Server::start().await;
    let (home, others) = (Home::new(), Home::new());
    let nest = format!("webrtc://{}/cats", server.address);
    let data = home.path().join("small");
    fs::create_dir(&data).unwrap();
    // A disk that only the daemon sees. The file would find room on it; but 1 GB stays free, and so there is none.
    let script = format!(
        "mount -t tmpfs -o size=954m tmpfs {data} && exec {daemon} daemon --data {data}",
        data = data.display(),
        daemon = env!("CARGO_BIN_EXE_catnest-host"),
    );
    let mut command = home.program("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    let mut daemon = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
    let line = within("the daemon", lines.next_line())
        .await
        .unwrap()
        .unwrap();
    assert!(line.starts_with("listening on "), "{line}");
    // Its socket is on that disk, too: whoever speaks to it has to see it.
    let inside = |arguments: &[&str]| {
        let mut command = home.program("nsenter");
        command.args([
            "--target",
            &daemon.id().unwrap().to_string(),
            "--user",
            "--mount",
        ]);
        command.args(["--preserve-credentials", env!("CARGO_BIN_EXE_catnest-host")]);
        command.args(arguments).arg("--data").arg(&data);
        command
    };
    let (code, _, stderr) = ended(inside(&["join", &nest, "--seed", "all"])).await;
    assert_eq!(code, Some(0), "{stderr}");
    let (share, _) = Share::start(&others, &nest, "song", &content(1)).await;
    let table = within("a full disk", async {
        loop {
            let (code, table, stderr) = ended(inside(&["resources"])).await;
            assert_eq!(code, Some(0), "{stderr}");
            if table.contains("no room left on the disk") {
                return table;
            }
        }
    })
    .await;
    assert!(table.contains("song"), "{table}");
    let (code, table, stderr) = ended(inside(&["peers"])).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(table.contains("directly"), "{table}");
    share.end().await;
    let (code, _, stderr) = ended(inside(&["stop"])).await;
    assert_eq!(code, Some(0), "{stderr}");
    let status = within("its end", daemon.wait()).await.unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn what_is_damaged_while_it_runs_is_missed_when_somebody_wants_it_and_got_again() {
    let server = Server::start().await;
    let (home, others, getter) = (Home::new(), Home::new(), Home::new());
    let nest = format!("webrtc://{}/cats", server.address);
    let _daemon = home.daemon().await;
    home.json(&["join", &nest, "--seed", "all"]).await;
    let (share, address) = Share::start(&others, &nest, "song", &content(1)).await;
    has(&home, &["song"]).await;
    share.end().await;
    let (_, id) = address.rsplit_once('/').unwrap();
    let file = home.data().join("files").join(id);
    let file = fs::File::options().write(true).open(file).unwrap();
    file.write_all_at(&[0xff; 8], FILE as u64 / 2).unwrap();
    let get = ["get", &address, "-o", "copy"];
    let bring = async {
        let mut program = home.program_at_socket().await;
        program.hello().await;
        let request = json!({"for": "resources", "after": null});
        let misses = |answer: &Value| answer["resources"][0]["state"]["is"] == "seeking";
        program.ask_until(request, misses).await;
        Share::start(&others, &nest, "song", &content(1)).await
    };
    let ((code, _, stderr), _share) = tokio::join!(getter.run(&get), bring);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(fs::read(getter.path().join("copy")).unwrap() == content(1));
    has(&home, &["song"]).await;
}
