//! `share` and `get`: the real binary, twice, and a server between them.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: clippy knows only the tests themselves"
)]

mod common;

use std::{fs, path::Path, process::Stdio};

use catnest::resource::{Hashed, ResourceHasher};
use common::{Server, binary, within};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdout},
};

/// A command that tells what happens as JSON.
struct Told {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Told {
    fn start(directory: &TempDir, arguments: &[&str]) -> Self {
        let mut child = binary(directory)
            .args(arguments)
            .arg("--json")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line; none at the end.
    async fn next(&mut self) -> Option<Value> {
        let line = within("an event", self.lines.next_line()).await.unwrap()?;
        Some(serde_json::from_str(&line).unwrap())
    }

    /// The next line that tells of such an event.
    async fn event(&mut self, name: &str) -> Value {
        loop {
            match self.next().await {
                Some(event) if event["event"] == name => return event,
                Some(_) => {}
                None => panic!("no {name:?}; {}", self.end().await.1),
            }
        }
    }

    /// Waits for the end: exit code, and what it said on standard error.
    async fn end(&mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        let read = tokio::io::AsyncReadExt::read_to_string(&mut stderr, &mut said);
        within("the end", read).await.unwrap();
        let status = within("the end", self.child.wait()).await.unwrap();
        (status.code(), said)
    }

    async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        let kill = tokio::process::Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(kill.await.unwrap().success());
    }
}

/// Shares a path; where each of its files can be got.
async fn share(server: &Server, directory: &TempDir, path: &Path) -> (Told, Vec<String>) {
    let nest = format!("webrtc://{}/cats", server.address);
    let data = directory.path().join("data");
    let (path, data) = (path.to_str().unwrap(), data.to_str().unwrap());
    let mut told = Told::start(directory, &["share", path, &nest, "--data", data]);
    let mut addresses = Vec::new();
    loop {
        let event = told.next().await;
        let Some(event) = event else {
            panic!("{}", told.end().await.1);
        };
        match event["event"].as_str().unwrap() {
            "shared" => addresses.push(event["address"].as_str().unwrap().to_owned()),
            "ready" => return (told, addresses),
            _ => {}
        }
    }
}

fn content(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let mut output = splitmix(length as u64);
    for chunk in bytes.chunks_mut(8) {
        let next = output().to_le_bytes();
        chunk.copy_from_slice(&next[..chunk.len()]);
    }
    bytes
}

/// Numbers that look random (splitmix64).
fn splitmix(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn hashes(bytes: &[u8]) -> Hashed {
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    hasher.update(bytes).unwrap();
    hasher.finish().unwrap()
}

#[tokio::test]
async fn a_directory_is_shared_and_each_of_its_files_got() {
    let server = Server::start().await;
    let (giver, taker) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let songs = giver.path().join("songs");
    fs::create_dir_all(songs.join("below")).unwrap();
    let files = [
        ("a song.flac", "audio/flac", content(300_000)),
        ("below/猫.txt", "text/plain", b"meow".to_vec()),
        ("nothing", "application/octet-stream", Vec::new()),
    ];
    for (name, _, bytes) in &files {
        fs::write(songs.join(name), bytes).unwrap();
    }
    fs::write(songs.join(".hidden"), b"mine alone").unwrap();
    // Where it leads is not what was named.
    std::os::unix::fs::symlink("/etc/hostname", songs.join("link")).unwrap();
    let (mut sharing, addresses) = share(&server, &giver, &songs).await;
    assert_eq!(addresses.len(), files.len());

    for ((name, media_type, bytes), address) in files.iter().zip(&addresses) {
        let expected = hashes(bytes);
        assert!(address.ends_with(&expected.id.to_string()), "{address}");
        let mut get = Told::start(&taker, &["get", address, "--data", "state"]);
        let got = get.event("got").await;
        let own_name = name.rsplit('/').next().unwrap();
        assert_eq!(got["file"]["name"], own_name);
        assert_eq!(got["file"]["media_type"], *media_type);
        assert_eq!(got["file"]["md5"], expected.md5.to_string());
        assert_eq!(get.end().await.0, Some(0));
        assert_eq!(fs::read(taker.path().join(own_name)).unwrap(), *bytes);
    }
    sharing.signal("TERM").await;
    assert_eq!(sharing.end().await.0, Some(0));
}

#[tokio::test]
async fn a_file_that_is_there_is_replaced_by_force_only() {
    let server = Server::start().await;
    let (giver, taker) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let song = giver.path().join("song");
    fs::write(&song, b"new").unwrap();
    let (_sharing, addresses) = share(&server, &giver, &song).await;
    let mine = taker.path().join("song");
    fs::write(&mine, b"mine").unwrap();
    for (flags, code, content) in [
        (&["-o", "song"][..], 3, "mine"),
        (&[], 3, "mine"),
        (&["-o", "."], 3, "mine"),
        (&["--force"], 0, "new"),
    ] {
        let arguments = [&["get", &addresses[0], "--data", "state"], flags].concat();
        let mut get = Told::start(&taker, &arguments);
        let (ended, said) = get.end().await;
        assert_eq!(ended, Some(code), "{flags:?}: {said}");
        assert_eq!(fs::read_to_string(&mine).unwrap(), content, "{flags:?}");
    }
}

#[tokio::test]
async fn who_is_killed_goes_on_where_it_was() {
    const LENGTH: usize = 64 * 1024 * 1024;
    let server = Server::start().await;
    let (giver, taker) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let song = giver.path().join("song");
    let bytes = content(LENGTH);
    fs::write(&song, &bytes).unwrap();
    let (_sharing, addresses) = share(&server, &giver, &song).await;
    let arguments = ["get", &addresses[0], "--data", "state", "-o", "got"];
    let mut get = Told::start(&taker, &arguments);
    let received = loop {
        let progress = get.event("progress").await;
        if progress["have"].as_u64().unwrap() > LENGTH as u64 / 4 {
            break progress["received"].as_u64().unwrap();
        }
    };
    get.signal("KILL").await;
    get.end().await;
    assert!(!taker.path().join("got").exists());

    let mut again = Told::start(&taker, &arguments);
    let first = again.event("progress").await["have"].as_u64().unwrap();
    let got = again.event("got").await;
    assert_eq!(again.end().await.0, Some(0));
    assert_eq!(fs::read(taker.path().join("got")).unwrap(), bytes);
    // What was received after the last news before the end is not known, and counts as kept or lost: what had been
    // received by then is.
    let after = got["received"].as_u64().unwrap();
    assert!(first + 1024 * 1024 >= received, "{first} of {received}");
    assert!(
        after <= LENGTH as u64 - first + 1024 * 1024,
        "{after}, {first} were there"
    );
}

#[tokio::test]
async fn what_cannot_be_is_said() {
    let server = Server::start().await;
    let nest = format!("webrtc://{}/cats", server.address);
    let nobody = format!("{nest}/{}", "ab".repeat(32));
    let nowhere = format!("webrtc://127.0.0.1:1/cats/{}", "ab".repeat(32));
    for (arguments, code, said) in [
        (&["get", &nest][..], 2, "names no file"),
        (&["get", "nonsense"], 2, "no address of a nest: "),
        (
            &["get", &nobody, "--timeout", "1"],
            4,
            "nobody who has it came within 1 s",
        ),
        (
            &["get", &nowhere, "--timeout", "1"],
            4,
            "127.0.0.1:1 cannot be reached",
        ),
        (&["share", "absent", &nest], 1, "absent: No such file"),
        (&["share", &nest], 2, "what to share is missing"),
        (&["share", "-"], 2, "what to share is missing"),
        (
            &["share", "song"],
            2,
            "the address of the nest is missing: it comes last",
        ),
        (
            &["share", "song", "."],
            2,
            "the address of the nest is missing: it comes last",
        ),
        (&["share", "song", "nonsense"], 2, "no address of a nest: "),
        (&["share"], 2, "<PATH>... <ADDRESS>"),
        (&["share", ".", &nobody], 2, "leave out /RESOURCE"),
        (
            &["get", &nobody, "-o", "absent/file"],
            1,
            "absent: No such file",
        ),
        (
            &["get", &nobody, "-o", "absent/"],
            1,
            "there is no directory absent/",
        ),
        (&["get", &nobody, "-o", "-"], 2, "on standard output"),
        // Nobody, root included, makes files there.
        (&["get", &nobody, "-o", "/proc"], 1, "/proc: "),
        (&["get", &nobody, "-o", "/proc/file"], 1, "/proc: "),
        (
            &["get", &nobody, "--name", "\u{7}"],
            2,
            "a name has 1 to 64 bytes",
        ),
    ] {
        let directory = TempDir::new().unwrap();
        let data = [arguments, &["--data", "state"]].concat();
        let output = within("the end", binary(&directory).args(data).output()).await;
        let output = output.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(said), "{arguments:?}: {text}");
    }
}

#[tokio::test]
async fn a_program_hears_of_a_failure_as_of_anything_else() {
    let directory = TempDir::new().unwrap();
    let nowhere = format!("webrtc://127.0.0.1:1/cats/{}", "ab".repeat(32));
    let arguments = [
        "get",
        &nowhere,
        "--timeout",
        "1",
        "--json",
        "--data",
        "state",
    ];
    let output = within("the end", binary(&directory).args(arguments).output()).await;
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let told: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let unreached = json!({ "event": "server", "server": "127.0.0.1:1", "reached": false });
    assert!(told.contains(&unreached), "{text}");
    let failed = json!({ "event": "failed", "problem": "nobody who has it came within 1 s" });
    assert_eq!(told.last(), Some(&failed), "{text}");
}

#[tokio::test]
async fn a_shared_file_that_changes_is_not_given_any_more() {
    let server = Server::start().await;
    let (giver, taker) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let song = giver.path().join("song");
    fs::write(&song, content(500_000)).unwrap();
    let (mut sharing, addresses) = share(&server, &giver, &song).await;
    fs::write(&song, content(400_000)).unwrap();
    let arguments = ["get", &addresses[0], "--data", "state", "--timeout", "3"];
    let mut get = Told::start(&taker, &arguments);
    assert_eq!(get.end().await.0, Some(4));
    assert!(!taker.path().join("song").exists());
    let lost = sharing.event("lost").await;
    assert_eq!(lost["path"], song.to_str().unwrap());
}

#[tokio::test]
async fn without_a_terminal_a_log_says_how_far_a_file_is() {
    let server = Server::start().await;
    let (giver, taker) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let song = giver.path().join("song");
    fs::write(&song, content(3_000_000)).unwrap();
    let (_sharing, addresses) = share(&server, &giver, &song).await;
    // The address need not stand among the arguments, where other users see it.
    let mut get = binary(&taker)
        .args(["get", "-", "--data", "state"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = get.stdin.take().unwrap();
    let line = format!("{}\n", addresses[0]);
    stdin.write_all(line.as_bytes()).await.unwrap();
    drop(stdin);
    let output = within("the end", get.wait_with_output()).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let steps = said.lines().filter(|line| line.contains(" of 3.00 MB, "));
    let steps: Vec<&str> = steps.collect();
    let comes = |line: &&&str| line.ends_with(", coming");
    assert!(
        (1..=11).contains(&steps.iter().filter(comes).count()),
        "{said}"
    );
    assert!(steps.len() <= 24, "{said}");
    assert!(taker.path().join("song").exists());
}

#[tokio::test]
async fn who_shares_while_another_does_is_told_of_a_directory_of_its_own() {
    let server = Server::start().await;
    let giver = TempDir::new().unwrap();
    fs::write(giver.path().join("song"), b"meow").unwrap();
    let nest = format!("webrtc://{}/cats", server.address);
    let data = ["--data", "state"];
    let first = [&["share", "song", &nest], &data[..]].concat();
    let mut first = Told::start(&giver, &first);
    first.event("ready").await;
    for (path, said) in [
        ("song", "a directory of its own with --data DIRECTORY"),
        // What is wrong with the files is told first.
        ("absent", "absent: No such file"),
    ] {
        let second = [&["share", path, &nest], &data[..]].concat();
        let (code, stderr) = Told::start(&giver, &second).end().await;
        assert_eq!(code, Some(1), "{path}: {stderr}");
        assert!(stderr.contains(said), "{path}: {stderr}");
    }
}

/// A name is what somebody chose; a terminal would do what it says.
#[tokio::test]
async fn the_path_of_a_shared_file_steers_no_terminal() {
    let server = Server::start().await;
    let giver = TempDir::new().unwrap();
    let name = "a\u{1b}[31m\nb\u{202e}";
    fs::write(giver.path().join(name), b"meow").unwrap();
    let nest = format!("webrtc://{}/cats", server.address);
    let mut share = binary(&giver)
        .args(["share", name, &nest, "--data", "people"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(share.stdout.take().unwrap()).lines();
    let line = within("the address", lines.next_line()).await.unwrap();
    let line = line.unwrap();
    assert!(line.ends_with(r"  a\u{1b}[31m\nb\u{202e}"), "{line:?}");

    let mut told = Told::start(&giver, &["share", name, &nest, "--data", "programs"]);
    assert_eq!(told.event("shared").await["path"], name);

    let absent = ["share", "\u{1b}[2J", &nest, "--data", "none"];
    let output = binary(&giver).args(absent).output();
    let output = within("the end", output).await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with(r"catnest-host: \u{1b}[2J: "), "{said:?}");
}

#[tokio::test]
async fn an_empty_file_is_got_into_a_folder_of_its_own() {
    let server = Server::start().await;
    let (giver, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let nothing = giver.path().join("nothing");
    fs::write(&nothing, b"").unwrap();
    let (_sharing, addresses) = share(&server, &giver, &nothing).await;
    let mut get = binary(&home);
    get.env("XDG_DATA_HOME", home.path().join("data"));
    let output = within("the end", get.args(["get", &addresses[0]]).output()).await;
    let output = output.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert_eq!(fs::read(home.path().join("nothing")).unwrap(), b"");
}

#[tokio::test]
async fn what_did_not_even_begin_leaves_nothing_behind() {
    let server = Server::start().await;
    let home = TempDir::new().unwrap();
    let nobody = format!("webrtc://{}/cats/{}", server.address, "ab".repeat(32));
    let mut get = binary(&home);
    get.env("XDG_DATA_HOME", home.path().join("data"));
    let get = get.args(["get", &nobody, "--timeout", "1"]).output();
    let output = within("the end", get).await.unwrap();
    assert_eq!(output.status.code(), Some(4));
    let left = fs::read_dir(home.path().join("data/catnest/get")).unwrap();
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn what_was_shared_earlier_is_given_only_if_it_is_named_again() {
    let server = Server::start().await;
    let (giver, taker) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (old, new) = (giver.path().join("old"), giver.path().join("new"));
    fs::write(&old, content(300_000)).unwrap();
    fs::write(&new, content(200_000)).unwrap();
    for (named, given, other) in [
        (&old, "old", "new"),
        (&new, "new", "old"),
        (&old, "old", "new"),
    ] {
        let (mut sharing, addresses) = share(&server, &giver, named).await;
        let nest = addresses[0].rsplit_once('/').unwrap().0;
        for (name, code) in [(given, 0), (other, 4)] {
            let id = hashes(&fs::read(giver.path().join(name)).unwrap()).id;
            let address = format!("{nest}/{id}");
            let state = taker.path().join(format!("state of {name}"));
            let state = state.to_str().unwrap();
            let arguments = ["get", &address, "--data", state, "-o", "got", "--force"];
            let mut get = Told::start(&taker, &[&arguments[..], &["--timeout", "3"]].concat());
            let (ended, said) = get.end().await;
            assert_eq!(ended, Some(code), "{name} while {given} is shared: {said}");
            // What it got is not to be what it knows the next time.
            let _none = fs::remove_dir_all(state);
        }
        sharing.signal("TERM").await;
        assert_eq!(sharing.end().await.0, Some(0));
    }
    // They are the person's own.
    assert_eq!(fs::read(old).unwrap(), content(300_000));
    assert_eq!(fs::read(new).unwrap(), content(200_000));
}
