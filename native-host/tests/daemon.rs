//! The daemon: what it does when it is asked, and what outlives its end.
#![cfg(unix)]

mod common;

use std::{fs, os::unix::fs::PermissionsExt};

use catnest_host::store::DATABASE;
use common::{
    Server,
    daemon::{Home, copy_program, ended},
    person::Person,
    sharing::Share,
};
use serde_json::json;

#[tokio::test]
async fn it_joins_says_who_is_there_and_leaves() {
    let server = Server::start().await;
    let home = Home::new();
    let daemon = home.daemon().await;
    let nest = format!("webrtc://{}/cats", server.address);

    assert_eq!(home.json(&["channels"]).await, json!([]));
    let joined = home.json(&["join", &nest, "--days", "30"]).await;
    assert_eq!(joined["name"], "cats");
    let again = home.json(&["join", &nest]).await;
    assert_eq!(again["id"], joined["id"]);
    assert_eq!(again["retention"], json!({"keep": "age", "days": 30}));
    let fewer = home.json(&["join", &nest, "--days", "7"]).await;
    assert_eq!(fewer["retention"], json!({"keep": "age", "days": 7}));
    let (_, said, _) = home.run(&["join", &nest]).await;
    assert_eq!(
        said,
        format!("is in {nest}, keeps 7 days, seeds what is chosen\n")
    );

    let mut ann = Person::join(&server, "Ann").await;
    ann.meet("catnest-host").await;
    let mut program = home.program_at_socket().await;
    assert_eq!(program.hello().await, daemon.id());
    let linked = |answer: &serde_json::Value| answer["channels"][0]["links"] == 1;
    program.ask_until(json!({"for": "channels"}), linked).await;
    let peers = home.json(&["peers"]).await;
    let names: Vec<&str> = peers
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["catnest-host", "Ann"]);
    assert_eq!(peers[1]["contact"]["by"], "link");
    let status = home.json(&["status"]).await;
    assert_eq!(status["pid"], daemon.id());
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["channels"], 1);
    assert_eq!(status["links"], json!({"direct": 1, "relayed": 0}));
    // Nobody said how much it may keep.
    let quota = status["disk"]["quota"].as_u64().unwrap();
    assert!((1..=20_000_000_000).contains(&quota), "{quota}");
    assert_eq!(home.json(&["resources"]).await, json!([]));

    for (arguments, shown) in [
        (&["status"][..], "catnest-host"),
        (&["channels"], "7 days"),
        (&["peers", "cats"], "directly"),
        (&["resources"], "no resources"),
    ] {
        let (code, table, stderr) = home.run(arguments).await;
        assert_eq!(code, Some(0), "{stderr}");
        assert!(table.contains(shown), "{table}");
    }
    home.json(&["leave", "cats"]).await;
    assert_eq!(home.json(&["channels"]).await, json!([]));
    let (code, _, stderr) = home.run(&["leave", "cats"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("the daemon has no \"cats\""), "{stderr}");

    let (code, said, _) = home.run(&["stop"]).await;
    assert_eq!((code, said.as_str()), (Some(0), "the daemon has stopped\n"));
    assert_eq!(daemon.ended().await, Some(0));
    assert!(!home.socket().exists());
}

#[tokio::test]
async fn a_private_nests_secret_is_never_shown() {
    let home = Home::new();
    let daemon = home.daemon().await;
    let secret = "#aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8";
    let nest = format!("webrtc://127.0.0.1:1/cats{secret}");
    for arguments in [
        &["join", &nest][..],
        &["channels"],
        &["status"],
        &["leave", &nest],
    ] {
        for flags in [&[][..], &["--json"]] {
            let (code, stdout, stderr) = home.run(&[arguments, flags].concat()).await;
            // The second time it has left already.
            assert!(
                code == Some(0) || arguments[0] == "leave",
                "{arguments:?}: {stderr}"
            );
            assert!(!stdout.contains(&secret[1..]) && !stderr.contains(&secret[1..]));
        }
    }
    assert!(!daemon.log().contains(&secret[1..]), "{}", daemon.log());
}

#[tokio::test]
async fn without_a_daemon_every_question_ends_with_5() {
    let home = Home::new();
    let nest = "webrtc://127.0.0.1:1/cats";
    let file = format!("{nest}/{}", "ab".repeat(32));
    for arguments in [
        &["status"][..],
        &["channels"],
        &["join", nest],
        &["leave", nest],
        &["peers"],
        &["resources"],
        &["seed", &file],
        &["forget", "song"],
        &["stop"],
    ] {
        let (code, stdout, stderr) = home.run(arguments).await;
        assert_eq!(code, Some(5), "{arguments:?}: {stderr}");
        assert_eq!(stdout, "");
        assert!(
            stderr.contains("start one with: catnest-host daemon"),
            "{stderr}"
        );
    }
    let (code, _, stderr) = home.run(&["join", "nonsense"]).await;
    assert_eq!(code, Some(2), "{stderr}");
}

#[tokio::test]
async fn what_it_acknowledged_outlives_being_killed_twice() {
    let server = Server::start().await;
    let home = Home::new();
    let nest = format!("webrtc://{}/cats", server.address);
    let mut said = Vec::new();
    for round in 0..2 {
        let daemon = home.daemon().await;
        if round == 0 {
            home.json(&["join", &nest]).await;
        }
        let mut ann = Person::join(&server, &format!("Ann {round}")).await;
        ann.meet("catnest-host").await;
        for number in 0..20 {
            let text = format!("message {number} of round {round}");
            ann.say_until_held(&text).await;
            said.push(text);
        }
        // Another nest, acknowledged at the last moment.
        let other = format!("webrtc://{}/other{round}", server.address);
        home.json(&["join", &other]).await;
        daemon.kill().await;
        // Now nobody has what was said but the daemon's disk.
        ann.engine.stop().await;
    }
    let daemon = home.daemon().await;
    let channels = home.json(&["channels"]).await;
    let names: Vec<&str> = channels
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["cats", "other0", "other1"]);
    let mut newcomer = Person::join(&server, "Ben").await;
    newcomer.hear_all(&said).await;
    daemon.signal("TERM").await;
    assert_eq!(daemon.ended().await, Some(0));
}

#[tokio::test]
async fn it_gives_a_file_when_everybody_else_who_had_it_is_gone() {
    let server = Server::start().await;
    let (home, others) = (Home::new(), Home::new());
    let nest = format!("webrtc://{}/cats", server.address);
    let song: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let (share, address) = Share::start(&others, &nest, "song.flac", &song).await;

    let daemon = home.daemon().await;
    let (code, _, stderr) = home.run(&["seed", &address]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("not in that nest"), "{stderr}");
    home.json(&["join", &nest]).await;
    home.json(&["seed", &address]).await;
    let mut program = home.program_at_socket().await;
    program.hello().await;
    let whole = |answer: &serde_json::Value| answer["resources"][0]["state"]["is"] == "complete";
    let resources = json!({"for": "resources", "after": null});
    program.ask_until(resources, whole).await;
    share.end().await;
    daemon.kill().await;

    // After its death it gives it as before.
    let _daemon = home.daemon().await;
    let (_, table, _) = home.run(&["resources"]).await;
    assert!(
        table.contains("song.flac") && table.contains("whole"),
        "{table}"
    );
    let (code, _, stderr) = others
        .run(&["get", &address, "--data", "got", "-o", "copy"])
        .await;
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(fs::read(others.path().join("copy")).unwrap(), song);

    home.json(&["forget", "song.flac"]).await;
    assert_eq!(home.json(&["resources"]).await, json!([]));
    let (code, _, stderr) = home.run(&["forget", "song.flac"]).await;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("the daemon has no \"song.flac\""),
        "{stderr}"
    );
}

#[tokio::test]
async fn a_directory_has_one_daemon() {
    let home = Home::new();
    let daemon = home.daemon().await;
    let (code, stdout, stderr) = home.run(&["daemon"]).await;
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    let data = home.data();
    let expected = format!("another Catnest is using {}", data.display());
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.contains(&expected), "{stderr}");
    // The first one does not mind.
    assert_eq!(home.json(&["status"]).await["pid"], daemon.id());
    let elsewhere = home.path().join("elsewhere");
    let elsewhere = elsewhere.to_str().unwrap();
    let other = home.daemon_with(&["--data", elsewhere]).await;
    assert_eq!(
        home.json(&["status", "--data", elsewhere]).await["pid"],
        other.id()
    );
}

#[tokio::test]
async fn the_socket_is_for_the_user_alone_and_a_stale_one_is_replaced() {
    let home = Home::new();
    home.daemon().await.kill().await;
    assert!(home.socket().exists());
    let (code, _, stderr) = home.run(&["status"]).await;
    assert_eq!(code, Some(5), "{stderr}");
    let daemon = home.daemon().await;
    let mode = fs::metadata(home.socket()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mode = fs::metadata(home.data()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    daemon.signal("INT").await;
    assert_eq!(daemon.ended().await, Some(0));
    assert!(!home.socket().exists());

    // What is no socket is somebody's.
    fs::write(home.socket(), "mine").unwrap();
    let (code, _, stderr) = home.run(&["daemon"]).await;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("is in the way: it is no socket"),
        "{stderr}"
    );
    assert_eq!(fs::read(home.socket()).unwrap(), b"mine");
}

#[tokio::test]
async fn a_directory_with_a_long_name_has_its_socket_with_those_of_the_session() {
    let home = Home::new();
    let data = home.path().join("d".repeat(150));
    let flags = ["--data", data.to_str().unwrap()];
    let (code, _, stderr) = home.run(&[&["daemon"], &flags[..]].concat()).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("is too long for a socket"), "{stderr}");
    let at_runtime = |command: &str| {
        let mut program = home.binary();
        program
            .arg(command)
            .args(flags)
            .env("XDG_RUNTIME_DIR", home.path());
        program
    };
    let mut daemon = at_runtime("daemon");
    let mut daemon = daemon.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = tokio::io::BufReader::new(daemon.stdout.take().unwrap());
    let read = tokio::io::AsyncBufReadExt::read_line(&mut stdout, &mut line);
    common::within("the daemon", read).await.unwrap();
    let (code, _, stderr) = ended(at_runtime("stop")).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        common::within("its end", daemon.wait())
            .await
            .unwrap()
            .success()
    );
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_used_is_one_clear_line() {
    let home = Home::new();
    let (full, read_only) = (home.path().join("full"), home.path().join("read-only"));
    let (newer, broken) = (home.path().join("newer"), home.path().join("broken"));
    let file = home.path().join("file");
    for folder in [&full, &read_only, &newer, &broken] {
        fs::create_dir(folder).unwrap();
    }
    fs::write(&file, "mine").unwrap();
    let database = rusqlite::Connection::open(newer.join(DATABASE)).unwrap();
    database.pragma_update(None, "user_version", 999).unwrap();
    drop(database);
    fs::write(
        broken.join(DATABASE),
        "half a database, and that of something else",
    )
    .unwrap();
    for (folder, mount, said) in [
        (&full, Some("size=32k"), "no room left on the disk"),
        (&read_only, Some("ro"), "Read-only file system"),
        (&newer, None, "a newer Catnest has written it"),
        (&broken, None, "not a database"),
        (&file, None, "file"),
    ] {
        let daemon = format!(
            "{} daemon --data {}",
            env!("CARGO_BIN_EXE_catnest-host"),
            folder.display()
        );
        let script = match mount {
            Some(how) => format!(
                "mount -t tmpfs -o {how} tmpfs {} && {daemon}",
                folder.display()
            ),
            None => daemon,
        };
        // A disk that only this one sees.
        let mut command = home.program("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
        let (code, stdout, stderr) = ended(command).await;
        assert_eq!(
            (code, stdout.as_str()),
            (Some(1), ""),
            "{folder:?}: {stderr}"
        );
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("catnest-host: "), "{stderr}");
        assert!(stderr.contains(said), "{stderr}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

/// Root can act as somebody else; who is not root cannot try.
#[tokio::test]
async fn another_user_is_not_listened_to_and_not_spoken_to() {
    const NOBODY: u32 = 65534;
    let home = Home::new();
    if fs::metadata(home.path())
        .map(|m| std::os::unix::fs::MetadataExt::uid(&m))
        .unwrap()
        != 0
    {
        return;
    }
    // Where nobody may run it.
    let binary = home.path().join("catnest-host");
    copy_program(&binary).await;
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    std::os::unix::fs::chown(&data, Some(NOBODY), Some(NOBODY)).unwrap();
    for open in [home.path(), data.clone()] {
        fs::set_permissions(open, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut daemon = home.program(binary.to_str().unwrap());
    let daemon = daemon
        .uid(NOBODY)
        .gid(NOBODY)
        .arg("daemon")
        .arg("--data")
        .arg(&data);
    let mut daemon = daemon.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut stdout = tokio::io::BufReader::new(daemon.stdout.take().unwrap());
    let read = tokio::io::AsyncBufReadExt::read_line(&mut stdout, &mut line);
    common::within("the daemon", read).await.unwrap();
    assert!(line.starts_with("listening on "), "{line}");

    let (code, _, stderr) = home
        .run(&["status", "--data", data.to_str().unwrap()])
        .await;
    assert_eq!(code, Some(1), "{stderr}");
    assert!(
        stderr.contains("belongs to another user of this machine (number 65534)"),
        "{stderr}"
    );
    // Even who does not care is not heard.
    let mut stream = tokio::net::UnixStream::connect(data.join("socket"))
        .await
        .unwrap();
    let end = tokio::io::AsyncReadExt::read_u8(&mut stream);
    assert!(common::within("the end", end).await.is_err());
    common::daemon::send_signal("TERM", daemon.id().unwrap()).await;
    assert!(
        common::within("its end", daemon.wait())
            .await
            .unwrap()
            .success()
    );
}
