//! Who may use relays, and whom they reach.

use std::{fs, net::SocketAddr, time::Duration};

use catnest::{
    time::Millis,
    turn::credential::{self, Secret},
};
use tempfile::TempDir;

use crate::{
    client::{Answer, TurnClient, server},
    common::{Client, Server, run},
};

const SECRET: &str = "northnorthnorth1";

/// A directory with a file that has the secret, and the flag that names it.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
pub(crate) fn secret_file(text: &str) -> (TempDir, String) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("secret");
    fs::write(&path, text).unwrap();
    (directory, format!("--turn-secret-file={}", path.display()))
}

#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn now() -> Millis {
    let since_1970 = std::time::UNIX_EPOCH.elapsed().unwrap();
    Millis(since_1970.as_millis() as u64)
}

#[tokio::test]
async fn forged_and_expired_credentials_are_refused_and_good_ones_of_another_server_taken() {
    let (_directory, flag) = secret_file(&format!("{SECRET}\n"));
    let server = server(&[&flag]).await;
    let secret = Secret::new(SECRET);
    let minute = Duration::from_secs(60);
    let good = credential::mint(&secret, now(), minute, "elsewhere");
    let expired = credential::mint(&secret, Millis(now().0 - 61_000), minute, "elsewhere");
    let foreign = credential::mint(
        &Secret::new("another-secret-00"),
        now(),
        minute,
        "elsewhere",
    );
    let later = good.username.replace(':', "0:");
    for (username, password, expected) in [
        (&*expired.username, &*expired.password, Answer::Error(401)),
        (&foreign.username, &foreign.password, Answer::Error(401)),
        (&good.username, "forged", Answer::Error(401)),
        (&later, &good.password, Answer::Error(401)),
        ("", "", Answer::Error(401)),
        (&"9".repeat(600), "", Answer::Error(400)),
        (&good.username, &good.password, Answer::Success),
    ] {
        for mut client in [
            TurnClient::udp(&server).await,
            TurnClient::tcp(&server).await,
        ] {
            client.username = username.to_owned();
            client.password = password.to_owned();
            assert_eq!(client.allocate().await, expected, "{username} {password}");
        }
    }
}

#[tokio::test]
async fn a_relay_reaches_members_of_its_channel_and_nobody_elses() {
    // Members come through a proxy, so that they have addresses of the public Internet.
    let server = server(&["--trusted-proxy=127.0.0.1"]).await;
    let join =
        async |channel, address| Client::connect_forwarded(server.address, channel, address).await;
    let _here = join("nest", "8.8.8.8").await;
    let _there = join("other", "9.9.9.9").await;
    let mut member = server.catnest("nest").await;
    member.push().await;
    let mut client = TurnClient::udp(&server)
        .await
        .with_relay_of(&mut member)
        .await;
    assert_eq!(client.allocate().await, Answer::Success);
    let at = |address: &str| address.parse::<SocketAddr>().unwrap();
    assert_eq!(client.permit(at("8.8.8.8:4000")).await, Answer::Success);
    assert_eq!(
        client.bind(0x4000, at("8.8.8.8:4001")).await,
        Answer::Success
    );
    assert_eq!(client.permit(at("9.9.9.9:4000")).await, Answer::Error(403));
    assert_eq!(client.permit(at("1.1.1.1:4000")).await, Answer::Error(403));
    assert_eq!(
        client.bind(0x4001, at("8.8.8.8:53")).await,
        Answer::Error(403)
    );
    // Its relay is nobody's door to this machine, where the member itself is.
    assert_eq!(
        client.permit(at("127.0.0.2:4000")).await,
        Answer::Error(403)
    );
    let own_service = at(&format!("127.0.0.1:{}", server.address.port()));
    assert_eq!(client.bind(0x4001, own_service).await, Answer::Error(403));
}

#[tokio::test]
async fn the_deny_list_holds_in_each_notation() {
    let server = server(&["--turn-allow-peer=0.0.0.0/0", "--turn-allow-peer=::/0"]).await;
    let mut member = server.catnest("nest").await;
    let mut client = TurnClient::udp(&server)
        .await
        .with_relay_of(&mut member)
        .await;
    assert_eq!(client.allocate().await, Answer::Success);
    for denied in [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.2",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:127.0.0.2]",
        "[::ffff:a9fe:a9fe]",
        "[::10.0.0.1]",
        "[::ffff:0:10.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b:1::1]",
        "[2002:a00:1::]",
        "[2001:0:1:2:3:4:f5ff:fffe]",
        "[fc00::1]",
        "[fd12:3456::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001:db8::1]",
    ] {
        let peer: SocketAddr = format!("{denied}:4000").parse().unwrap();
        assert_eq!(client.permit(peer).await, Answer::Error(403), "{peer}");
        assert_eq!(
            client.bind(0x4000, peer).await,
            Answer::Error(403),
            "{peer}"
        );
    }
    let open: SocketAddr = "8.8.8.8:4000".parse().unwrap();
    assert_eq!(client.permit(open).await, Answer::Success);
}

#[tokio::test]
async fn flags_that_cannot_be_used_are_refused() {
    let (_directory, short) = secret_file("short\n");
    for (flags, expected) in [
        (
            &["--turn-host=a"][..],
            "turn-host is of use with turn-listen only",
        ),
        (
            &["--turn-listen=0.0.0.0:0"],
            "turn-relay-address is missing",
        ),
        (
            &[
                "--turn-listen=127.0.0.1:0",
                "--turn-relay-address=192.0.2.1",
            ],
            "192.0.2.1 is no address of this machine",
        ),
        (
            &["--turn-listen=127.0.0.1:0", &short],
            "a secret has at least 16 bytes",
        ),
        (
            &["--turn-listen=127.0.0.1:0", "--turn-secret-file=nowhere"],
            "cannot read the secret",
        ),
        (
            &["--turn-listen=127.0.0.1:0", "--turn-relay-ports=5-4"],
            "the lower one first",
        ),
        (
            &["--turn-listen=127.0.0.1:0", "--turn-tls-listen=127.0.0.1:0"],
            "needs tls-cert",
        ),
        (
            &["--turn-listen=nowhere.invalid:1"],
            "cannot listen for TURN",
        ),
        (&["--turn-allow-peer=nonsense"], "--turn-allow-peer"),
    ] {
        let all = [&["serve", "--listen=127.0.0.1:0"], flags].concat();
        let (code, _, stderr) = run(&all).await;
        assert!(
            matches!(code, Some(1 | 2)) && stderr.contains(expected),
            "{flags:?}: {stderr}"
        );
    }
}

#[tokio::test]
async fn the_file_turns_it_on_as_the_flags_do() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("catnest.toml");
    fs::write(
        &path,
        "turn-listen = \"127.0.0.1:0\"\nturn-allow-peer = [\"10.0.0.0/8\"]\nturn-relay-ports = \"50000-60000\"\nturn-max-allocations = 1\n",
    )
    .unwrap();
    // On the command line only so that the helper waits for its address.
    let config = format!("--config={}", path.display());
    let server = Server::start_with(&["--turn-listen=127.0.0.1:0", &config]).await;
    let mut member = server.catnest("nest").await;
    let mut client = TurnClient::udp(&server)
        .await
        .with_relay_of(&mut member)
        .await;
    assert_eq!(client.allocate().await, Answer::Success);
    assert!((50000..=60000).contains(&client.relayed.unwrap().port()));
    let mut another = TurnClient::udp(&server)
        .await
        .with_relay_of(&mut member)
        .await;
    assert_eq!(another.allocate().await, Answer::Error(508));
    let private: SocketAddr = "10.1.2.3:4000".parse().unwrap();
    assert_eq!(client.permit(private).await, Answer::Success);
}
