//! The server's own TLS.

mod common;

use std::{fs, sync::Arc};

use common::{Client, DEADLINE, Server, run, within};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        pki_types::{CertificateDer, ServerName},
    },
};
use tokio_tungstenite::client_async;

/// A directory with `cert.pem` and `key.pem` for this machine, and the certificate.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn files() -> (TempDir, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("cert.pem"), cert.pem()).unwrap();
    fs::write(
        directory.path().join("key.pem"),
        signing_key.serialize_pem(),
    )
    .unwrap();
    (directory, cert.der().clone())
}

/// The flags that name the two files.
fn flags(directory: &TempDir) -> [String; 2] {
    let path = directory.path().display();
    [
        format!("--tls-cert={path}/cert.pem"),
        format!("--tls-key={path}/key.pem"),
    ]
}

#[tokio::test]
async fn a_websocket_over_tls() {
    let (directory, certificate) = files();
    let flags = flags(&directory);
    let mut server = Server::start_with(&[&flags[0], &flags[1], "--header-timeout=1"]).await;
    assert!(server.tls);

    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let tcp = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = within("the handshake", connector.connect(name.clone(), tcp))
        .await
        .unwrap();
    let (websocket, _) = within(
        "the upgrade",
        client_async("wss://localhost/webrtc/nest", stream),
    )
    .await
    .unwrap();

    // Who does not finish its handshake, or does not speak TLS, is cut.
    for begun in [&b""[..], b"\x16\x03\x01", b"GET /healthz HTTP/1.1\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(begun).await.unwrap();
        let mut answer = Vec::new();
        // An end of either kind will do.
        let _ = within("the end", stream.read_to_end(&mut answer)).await;
    }

    server.signal("TERM").await;
    let close = tokio::time::timeout(DEADLINE, Client::of(websocket).closed()).await;
    assert_eq!(close.unwrap().0, 1001);
    assert_eq!(server.ended().await.code(), Some(0));
}

#[tokio::test]
async fn what_cannot_be_used_is_one_clear_line() {
    let (directory, _) = files();
    let [certificate, key] = flags(&directory);
    let path = directory.path();
    let stranger = KeyPair::generate().unwrap().serialize_pem();
    fs::write(path.join("stranger.pem"), stranger).unwrap();
    fs::write(path.join("empty.pem"), "nothing\n").unwrap();
    let of = |flag: &str, file: &str| format!("--{flag}={}", path.join(file).display());
    for (flags, expected) in [
        (vec![&certificate], "tls-key is missing"),
        (vec![&key], "tls-cert is missing"),
        (
            vec![&certificate, &of("tls-key", "missing.pem")],
            "missing.pem as PEM",
        ),
        (
            vec![&certificate, &of("tls-key", "empty.pem")],
            "empty.pem as PEM",
        ),
        (
            vec![&of("tls-cert", "empty.pem"), &key],
            "empty.pem has no certificate",
        ),
        (
            vec![&certificate, &of("tls-key", "stranger.pem")],
            "cannot be used",
        ),
    ] {
        let mut arguments = vec!["serve"];
        arguments.extend(flags.iter().map(|flag| flag.as_str()));
        let (code, _, stderr) = run(&arguments).await;
        assert_eq!(code, Some(1), "{arguments:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

/// The two halves may come from different places.
#[tokio::test]
async fn one_file_from_the_configuration_and_one_from_the_command_line() {
    let (directory, _) = files();
    let [certificate, key] = flags(&directory);
    let config = directory.path().join("catnest.toml");
    let line = certificate
        .trim_start_matches("--")
        .replacen('=', " = '", 1)
        + "'\n";
    fs::write(&config, line).unwrap();
    let config = format!("--config={}", config.display());
    assert!(Server::start_with(&[&config, &key]).await.tls);
}
