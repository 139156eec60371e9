//! The flags of `serve` and the configuration file that can hold them.

mod common;

use std::{fs, path::PathBuf};

use common::{Client, Server, daemon::Home, run};
use tempfile::TempDir;

/// A directory, and in it a file with this text.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn file(text: &str) -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("catnest.toml");
    fs::write(&path, text).unwrap();
    (directory, path)
}

#[tokio::test]
async fn help_lists_every_flag_with_its_default() {
    let (code, help, _) = run(&["serve", "--help"]).await;
    assert_eq!(code, Some(0));
    for (flag, default) in [
        ("--listen", "127.0.0.1:7979"),
        ("--ping-interval", "30"),
        ("--max-sockets", "10000"),
        ("--max-sockets-per-address", "256"),
        ("--max-sockets-per-channel", "1024"),
        ("--socket-rate", "50"),
        ("--socket-burst", "200"),
        ("--address-rate", "500"),
        ("--address-burst", "2000"),
        ("--queue-bytes", "1048576"),
        ("--header-timeout", "10"),
        ("--trusted-proxy", "none"),
        ("--tls-cert", "none"),
        ("--tls-key", "none"),
        ("--turn-listen", "none"),
        ("--turn-tls-listen", "none"),
        ("--turn-host", "the first --turn-relay-address"),
        ("--turn-relay-address", "that of --turn-listen"),
        ("--turn-relay-ports", "49152-65535"),
        ("--turn-realm", "catnest"),
        ("--turn-secret-file", "a new secret at each start"),
        ("--turn-allow-peer", "none"),
        ("--turn-max-allocations", "1000"),
        ("--turn-max-allocations-per-user", "48"),
        ("--turn-max-allocations-per-address", "192"),
        ("--turn-allocation-rate", "4000000"),
        ("--turn-total-rate", "64000000"),
    ] {
        let after = help.split_once(&format!("{flag} <")).unwrap().1;
        let of_flag = after.split("\n      --").next().unwrap();
        assert!(of_flag.contains(&format!("[default: {default}")), "{help}");
    }
}

#[tokio::test]
async fn the_file_sets_what_the_command_line_does_not() {
    let (_directory, path) = file(
        "# A small nest.\nlisten = \"nonsense\"\nmax-sockets-per-channel = 1\nmax-sockets = 2\n\
         socket-rate = \"40\"\n",
    );
    // The tests' own `--listen` wins over the one in the file.
    let server = Server::start_with(&["--config", path.to_str().unwrap(), "--max-sockets=3"]).await;
    let _one = server.predecessor("one").await;
    let too_many = server.predecessor("one").await;
    assert_eq!(
        too_many.closed().await,
        (1013, "this channel is full here".into())
    );
    let _two = server.predecessor("two").await;
    let _three = server.predecessor("three").await;
    let too_many = Client::connect(server.address, "four", None).await;
    assert_eq!(
        too_many.closed().await,
        (1013, "this server is full".into())
    );
}

#[tokio::test]
async fn a_list_in_the_file_is_a_flag_given_several_times() {
    let (_directory, path) =
        file("trusted-proxy = [\"127.0.0.1\", \"10.0.0.0/8\"]\nmax-sockets-per-address = 1\n");
    let server = Server::start_with(&["--config", path.to_str().unwrap()]).await;
    let mut clients = Vec::new();
    for forwarded_for in ["198.51.100.1", "198.51.100.2, 10.0.0.1"] {
        clients.push(Client::connect_forwarded(server.address, "nest", forwarded_for).await);
    }
    assert_eq!(server.health().await["sockets"], 2);
}

/// Those that the README shows, apart from the port that only root may take, and files that are not here.
#[tokio::test]
async fn the_readmes_files_are_understood() {
    let readme = include_str!("../../README.md");
    let examples: Vec<&str> = readme
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert_eq!(examples.len(), 3);
    let (_directory, path) = file(examples[0]);
    let (code, _, stderr) = run(&["serve", "--config", path.to_str().unwrap()]).await;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("cannot read fullchain.pem as PEM"),
        "{stderr}"
    );
    let (_directory, path) = file(examples[1]);
    Server::start_with(&["--config", path.to_str().unwrap()]).await;
    let (_directory, path) = file(examples[2]);
    let path = path.to_str().unwrap();
    let (code, _, stderr) = run(&["serve", "--listen=127.0.0.1:0", "--config", path]).await;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("cannot read the secret from turn.secret"),
        "{stderr}"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_one_clear_line() {
    for (text, expected) in [
        ("max-socket = 1", "line 1: there is no key max-socket"),
        ("config = \"other.toml\"", "line 1: there is no key config"),
        ("\n\nhelp = 1", "line 3: there is no key help"),
        (
            "listen = \"a\"\nlog = \"=\"",
            "line 2: invalid value '=' for '--log <LEVEL>'",
        ),
        (
            "\n[max-sockets]\na = 1",
            "line 2: max-sockets has to be a text, a number",
        ),
        (
            "# A comment.\nmax-sockets = true",
            "line 2: max-sockets has to be a text, a number",
        ),
        (
            "listen = \"a\"\n\nmax-sockets = 0",
            "line 3: invalid value '0' for '--max-sockets <COUNT>'",
        ),
        ("listen = \"a\"\nmax-sockets = \n", "line 2: "),
        ("listen = \"a\"\nlisten = \"b\"\n", "line 2: "),
        (
            "queue-bytes = 131072",
            "queue-bytes has to be at least 481280",
        ),
    ] {
        let (_directory, path) = file(text);
        let (code, stdout, stderr) = run(&["serve", "--config", path.to_str().unwrap()]).await;
        assert_eq!(code, Some(1), "{text}: {stderr}");
        assert_eq!(stdout, "");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(expected), "{text}: {stderr}");
    }
    let (code, _, stderr) = run(&["serve", "--config", "missing.toml"]).await;
    assert_eq!(code, Some(1));
    assert!(
        stderr.starts_with("catnest-host: cannot read missing.toml: "),
        "{stderr}"
    );
}

#[tokio::test]
async fn the_daemons_file_is_written_as_it_is_without_one() {
    let home = Home::new();
    let (code, stdout, stderr) = home.run(&["config", "init"]).await;
    assert_eq!((code, stdout.as_str()), (Some(0), ""), "{stderr}");
    let path = home.path().join(".config/catnest/daemon.toml");
    let text = fs::read_to_string(&path).unwrap();
    insta::assert_snapshot!("daemon_file", text);
    let (_, printed, _) = home.run(&["config", "init", "-"]).await;
    assert_eq!(printed, text);
    // What somebody has chosen stays.
    fs::write(&path, "name = \"Kitty\"\n").unwrap();
    let (code, _, stderr) = home.run(&["config", "init"]).await;
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("is there already; --force replaces it"),
        "{stderr}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "name = \"Kitty\"\n");
    // The daemon reads it without being told.
    let daemon = home.daemon().await;
    assert_eq!(home.json(&["status"]).await["name"], "Kitty");
    daemon.signal("TERM").await;
    daemon.ended().await;
    let (code, _, _) = home.run(&["config", "init", "--force"]).await;
    assert_eq!(code, Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    // Whoever takes a # away chooses something.
    let chosen = text.replace("\n# log = \"info\"", "\nlog = \"debug\"");
    fs::write(&path, chosen).unwrap();
    let daemon = home.daemon().await;
    home.json(&["status"]).await;
    assert!(daemon.log().contains("DEBUG"), "{}", daemon.log());
}

#[tokio::test]
async fn every_key_of_the_daemons_file_works_as_it_is_written() {
    let home = Home::new();
    let (_, text, _) = home.run(&["config", "init", "-"]).await;
    // A line that is a key once its # is gone: help has spaces in its first words.
    let keys = text.lines().filter_map(|line| {
        let line = line.strip_prefix("# ")?;
        let (key, _) = line.split_once(" = ")?;
        (!key.contains(' ')).then_some((key, line))
    });
    let keys: Vec<(&str, &str)> = keys.collect();
    let names: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    assert_eq!(names, ["name", "quota", "log", "log-format"]);
    let path = home.path().join(".config/catnest/daemon.toml");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // Each by itself, and then all of them.
    let lines = keys.iter().map(|(_, line)| (*line).to_owned());
    let lines: Vec<String> = lines.collect();
    for file in lines.iter().cloned().chain([lines.join("\n")]) {
        fs::write(&path, &file).unwrap();
        let daemon = home.daemon().await;
        let status = home.json(&["status"]).await;
        assert_eq!(status["name"], "catnest-host", "{file}");
        if file.contains("quota") {
            assert_eq!(status["disk"]["quota"], 20_000_000_000_u64, "{file}");
        }
        home.json(&["stop"]).await;
        assert_eq!(daemon.ended().await, Some(0), "{file}");
    }
}

#[tokio::test]
async fn what_is_wrong_in_the_daemons_file_names_file_and_line() {
    let home = Home::new();
    let folder = home.path().join(".config/catnest");
    fs::create_dir_all(&folder).unwrap();
    for (text, expected) in [
        (
            "name = \"a\"\nnmae = \"b\"",
            "daemon.toml: line 2: there is no key nmae",
        ),
        (
            "data = \"/somewhere\"",
            "daemon.toml: line 1: there is no key data",
        ),
        (
            "detached = \"\"",
            "daemon.toml: line 1: there is no key detached",
        ),
        (
            "\nname = true",
            "daemon.toml: line 2: name has to be a text",
        ),
        (
            "# Mine.\nname = \"\"",
            "daemon.toml: line 2: invalid value '' for '--name <NAME>': a name has 1 to 64 bytes",
        ),
        (
            "quota = \"\"",
            "daemon.toml: line 1: invalid value '' for '--quota <SIZE>': ",
        ),
        ("log = \"=\"", "daemon.toml: line 1: invalid value '='"),
        ("name = ", "daemon.toml: line 1: "),
    ] {
        fs::write(folder.join("daemon.toml"), text).unwrap();
        let (code, stdout, stderr) = home.run(&["daemon"]).await;
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{text}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(expected), "{text}: {stderr}");
    }
}
