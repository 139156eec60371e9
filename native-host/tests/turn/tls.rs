//! TURN over TLS.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use crate::{
    client::{Answer, Line, TurnClient, server},
    common::within,
};

#[tokio::test]
async fn a_client_comes_by_tls() {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let directory = TempDir::new().unwrap();
    let path = |name: &str| directory.path().join(name);
    fs::write(path("cert.pem"), cert.pem()).unwrap();
    fs::write(path("key.pem"), signing_key.serialize_pem()).unwrap();
    let flags = [
        format!("--tls-cert={}", path("cert.pem").display()),
        format!("--tls-key={}", path("key.pem").display()),
    ];
    let server = server(&[
        &flags[0],
        &flags[1],
        "--turn-tls-listen=127.0.0.1:0",
        "--turn-host=localhost",
    ])
    .await;

    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let mut config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = || ServerName::try_from("localhost").unwrap();
    // Signalling is behind TLS, too.
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let stream = TcpStream::connect(server.address).await.unwrap();
    let connector = TlsConnector::from(Arc::new(config.clone()));
    let stream = within("TLS", connector.connect(name(), stream))
        .await
        .unwrap();
    let request = format!("ws://localhost:{}/webrtc/nest", server.address.port());
    let mut request =
        tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(request)
            .unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", "catnest.1".parse().unwrap());
    let (websocket, _) = within(
        "the upgrade",
        tokio_tungstenite::client_async(request, stream),
    )
    .await
    .unwrap();
    let mut member = crate::common::Client::of(websocket);
    assert_eq!(member.next().await["relay"], true);
    member.send(json!({"relay": {}})).await;
    let relay = member.next().await;
    let urls = relay["urls"].as_array().unwrap();
    let url = urls
        .iter()
        .filter_map(|url| url.as_str())
        .find(|url| url.starts_with("turns:"))
        .unwrap();
    let port: u16 = url
        .strip_prefix("turns:localhost:")
        .and_then(|rest| rest.strip_suffix("?transport=tcp"))
        .unwrap()
        .parse()
        .unwrap();

    config.alpn_protocols.clear();
    // From a port that speaks to the other listener already: two connections, two clients.
    let from = |port| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket
            .bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .unwrap();
        socket
    };
    let socket = from(0);
    let source = socket.local_addr().unwrap().port();
    let stream = socket.connect(server.turn.unwrap()).await.unwrap();
    let mut other = TurnClient::on(Line::Stream(Box::new(stream)));
    other.username = relay["username"].as_str().unwrap().to_owned();
    other.password = relay["credential"].as_str().unwrap().to_owned();
    assert_eq!(other.allocate().await, Answer::Success);
    let stream = from(source)
        .connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
        .unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = within("TLS", connector.connect(name(), stream))
        .await
        .unwrap();
    let mut client = TurnClient::on(Line::Stream(Box::new(stream)));
    client.username = relay["username"].as_str().unwrap().to_owned();
    client.password = relay["credential"].as_str().unwrap().to_owned();
    assert_eq!(client.allocate().await, Answer::Success);
    let relayed = client.relayed.unwrap();
    assert_eq!(client.bind(0x4000, relayed).await, Answer::Success);
    // To itself, by its own relay.
    client.channel_data(0x4000, b"meow").await;
    assert_eq!(client.data().await, (Ok(0x4000), b"meow".to_vec()));
    assert_ne!(other.relayed, client.relayed);
    drop(other);
    client.hears_an_answer().await;
    client.channel_data(0x4000, b"purr").await;
    assert_eq!(client.data().await, (Ok(0x4000), b"purr".to_vec()));
}
