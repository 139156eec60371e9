//! Behind a reverse proxy each client counts for itself, and nobody can pass for another.

mod common;

use common::{Client, Server, run};

/// Why the second of two sockets is closed, if it is.
async fn second(server: &Server, first: &str, second: &str) -> Option<String> {
    let mut first = Client::connect_forwarded(server.address, "nest", first).await;
    let mut second = Client::connect_forwarded(server.address, "nest", second).await;
    let first_message = second.next_or_close().await;
    if first_message.is_ok() {
        first.push().await;
    }
    let reason = first_message.err().map(|(_, reason)| reason);
    first.leave().await;
    reason
}

const TOO_MANY: &str = "too many sockets from your address";

#[tokio::test]
async fn a_trusted_proxy_is_believed() {
    let flags = [
        "--max-sockets-per-address=1",
        "--trusted-proxy=192.0.2.0/24",
        "--trusted-proxy=127.0.0.1",
    ];
    let server = Server::start_with(&flags).await;
    assert_eq!(second(&server, "198.51.100.1", "198.51.100.2").await, None);
    for forged in [
        "198.51.100.1",
        "6.6.6.6, 198.51.100.1",
        "6.6.6.6, 198.51.100.1, 192.0.2.9",
    ] {
        assert_eq!(
            second(&server, "198.51.100.1", forged).await.as_deref(),
            Some(TOO_MANY),
            "{forged}"
        );
    }
}

#[tokio::test]
async fn others_are_not() {
    let flags = ["--max-sockets-per-address=1", "--trusted-proxy=10.0.0.0/8"];
    let server = Server::start_with(&flags).await;
    assert_eq!(
        second(&server, "198.51.100.1", "198.51.100.2")
            .await
            .as_deref(),
        Some(TOO_MANY)
    );
}

#[tokio::test]
async fn what_is_no_network_is_refused() {
    for network in ["proxy.example", "10.0.0.0/33", ""] {
        let (code, _, stderr) = run(&["serve", "--trusted-proxy", network]).await;
        assert_eq!(code, Some(2), "{network}: {stderr}");
    }
}
