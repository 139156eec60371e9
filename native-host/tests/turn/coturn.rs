//! Coturn's own client, against our server: it makes allocations, binds channels, and counts what comes back.

use futures_util::future::join_all;
use tokio::process::Command;

use crate::{
    client::{asked_relay, server},
    common::{Server, within},
    credentials::secret_file,
};

/// Runs `turnutils_uclient` to its end; all that was sent has to come back.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
async fn uclient(server: &Server, messages: u32, flags: &[&str]) {
    let turn = server.turn.unwrap();
    let port = turn.port().to_string();
    let mut command = Command::new("turnutils_uclient");
    command
        // Clients in pairs, whose relays reach each other; no second port for RTCP, which WebRTC does without.
        .args(["-y", "-c", "-p", &port, "-z", "5"])
        .args(flags)
        .arg(turn.ip().to_string())
        .kill_on_drop(true);
    let output = within("coturn's client", command.output()).await;
    // It is of the package coturn.
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let complete = format!("tot_send_msgs={messages}, tot_recv_msgs={messages}");
    assert!(
        output.status.success()
            && text.contains(&complete)
            && text.contains("Total lost packets 0 "),
        "{flags:?}: {text}"
    );
}

#[tokio::test]
async fn it_completes_over_udp_and_tcp_with_channels_and_with_indications() {
    let (_directory, flag) = secret_file("northnorthnorth1");
    let server = server(&[&flag]).await;
    let secret = [
        "-W",
        "northnorthnorth1",
        "-u",
        "cat",
        "-n",
        "40",
        "-m",
        "2",
        "-l",
        "170",
    ];
    let all: [&[&str]; 6] = [&[], &["-t"], &["-s"], &["-t", "-s"], &["-D"], &["-G"]];
    // At once: each takes some seconds to begin and to end.
    let runs = all.map(|flags| [&secret, flags].concat());
    join_all(runs.iter().map(|flags| uclient(&server, 80, flags))).await;
}

#[tokio::test]
async fn it_completes_with_what_a_member_was_given() {
    let server = server(&[]).await;
    let mut member = server.catnest("nest").await;
    let relay = asked_relay(&mut member).await;
    let text = |name: &str| relay[name].as_str().unwrap();
    let flags = [
        "-u",
        text("username"),
        "-w",
        text("credential"),
        "-n",
        "20",
        "-m",
        "4",
    ];
    let over_tcp = [&flags[..], &["-t"]].concat();
    join_all([&flags[..], &over_tcp].map(|flags| uclient(&server, 80, flags))).await;
}
