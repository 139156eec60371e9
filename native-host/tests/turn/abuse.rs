//! Floods, garbage, and what nobody may.

use std::net::Ipv4Addr;

use catnest::turn::stun::{Class, Message, Writer, attribute, method};
use tokio::net::UdpSocket;

use crate::{
    client::{Answer, Line, TurnClient, UDP, server},
    common::{Server, resident_kib, within},
};

#[tokio::test]
async fn a_flood_of_allocations_ends_at_the_quota_and_hinders_nobody_else() {
    let server = server(&[
        "--turn-max-allocations-per-user=5",
        "--turn-max-allocations-per-address=12",
    ])
    .await;
    let mut ann = server.catnest("nest").await;
    let mut bob = server.catnest("another").await;
    let mut cat = server.catnest("third").await;
    let mut clients = Vec::new();
    let mut flood = async |count: usize, member: &mut _| {
        let mut first = TurnClient::udp(&server).await.with_relay_of(member).await;
        let mut answers = vec![first.allocate().await];
        for _ in 1..count {
            let mut client = TurnClient::udp(&server).await;
            client.username = first.username.clone();
            client.password = first.password.clone();
            answers.push(client.allocate().await);
            clients.push(client);
        }
        clients.push(first);
        answers
            .iter()
            .filter(|answer| **answer == Answer::Success)
            .count()
    };
    assert_eq!(flood(20, &mut ann).await, 5);
    // Who asks again is given the same credentials, and has had its share.
    assert_eq!(flood(20, &mut ann).await, 0);
    // Other members are other users, at the same address.
    assert_eq!(flood(20, &mut bob).await, 5);
    assert_eq!(flood(20, &mut cat).await, 2);
    // Who has an allocation still uses it.
    for client in &mut clients {
        if let Some(relayed) = client.relayed {
            assert_eq!(client.permit(relayed).await, Answer::Success);
        }
    }
}

#[tokio::test]
async fn who_proves_nothing_costs_no_memory_however_much_it_sends() {
    let server = server(&[]).await;
    let turn = server.turn.unwrap();
    let flood = async |from: u16, count: u16| {
        let mut refused = 0;
        for number in from..from + count {
            // Each from another address, so that it has an account of its own, or one that few share.
            let [high, low] = number.to_be_bytes();
            let socket = UdpSocket::bind((Ipv4Addr::new(127, 1, high, low), 0));
            let socket = socket.await.unwrap();
            let mut transaction = [0; 12];
            transaction[..2].copy_from_slice(&number.to_be_bytes());
            let request =
                Writer::new(Class::Request, method::ALLOCATE, transaction).with(UDP.0, UDP.1);
            socket.send_to(&request.finish(), turn).await.unwrap();
            let mut bytes = [0; 1500];
            let length = within("an answer", socket.recv(&mut bytes)).await.unwrap();
            let answer = Message::parse(&bytes[..length]).unwrap();
            assert_eq!(answer.transaction(), transaction);
            let code = answer.attribute(attribute::ERROR_CODE).unwrap();
            refused += u64::from(code[2..4] == [4, 1]);
        }
        refused
    };
    assert_eq!(flood(0, 2_000).await, 2_000);
    let before = resident_kib(server.id());
    let refused = flood(2_000, 25_000).await;
    let after = resident_kib(server.id());
    assert_eq!(refused, 25_000);
    // Forty bytes for each would be as much.
    assert!(after < before + 1024, "from {before} to {after} KiB");
    // Meanwhile, whoever proves something is served.
    let mut member = server.catnest("nest").await;
    let client = TurnClient::tcp(&server).await;
    let mut client = client.with_relay_of(&mut member).await;
    assert_eq!(client.allocate().await, Answer::Success);
}

#[tokio::test]
async fn garbage_is_not_answered_and_ends_no_more_than_its_connection() {
    let server = server(&[]).await;
    let mut garbage: Vec<Vec<u8>> = vec![
        vec![],
        vec![0],
        vec![0; 3],
        vec![0; 20],
        vec![0x40, 0, 0xff, 0xff],
        vec![0xff; 1500],
        b"GET / HTTP/1.1\r\nHost: nest\r\n\r\n".to_vec(),
    ];
    let binding = Writer::new(Class::Request, method::BINDING, [1; 12]).finish();
    garbage.extend((1..binding.len()).map(|length| binding[..length].to_vec()));
    garbage.extend((0..binding.len()).map(|at| {
        let mut wrong = binding.clone();
        wrong[at] ^= 0x80;
        wrong
    }));
    let mut client = TurnClient::udp(&server).await;
    for bytes in &garbage {
        // Some of them are a message with another transaction, which is answered.
        if bytes.len() != binding.len() || bytes[..8] != binding[..8] {
            client.send(bytes).await;
        }
    }
    client.hears_an_answer().await;

    // In a stream what is no frame ends it.
    for bytes in [
        &[0x80, 0, 0, 0][..],
        b"GET / HTTP/1.1\r\n\r\n",
        &[0, 1, 0xff, 0xfc],
        // Data for a channel, without an allocation; all of it is not waited for.
        &[0x40, 0, 0xff, 0xff],
    ] {
        let mut client = TurnClient::tcp(&server).await;
        client.send(bytes).await;
        assert_eq!(client.receive().await, None, "{bytes:02x?}");
    }
    // A frame that comes byte by byte is one.
    let mut client = TurnClient::tcp(&server).await;
    for byte in &binding {
        client.send(&[*byte]).await;
    }
    assert_eq!(client.answer().await, Answer::Success);
}

#[tokio::test]
async fn data_without_an_allocation_a_channel_or_a_permission_goes_nowhere() {
    let server = server(&["--turn-allow-peer=127.0.0.1"]).await;
    let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let at = peer.local_addr().unwrap();
    // At an address that is let in by nobody, whenever the relay reads what it sends.
    let stranger = UdpSocket::bind((Ipv4Addr::new(127, 0, 0, 2), 0))
        .await
        .unwrap();
    let mut member = server.catnest("nest").await;
    for client in [
        TurnClient::udp(&server).await,
        TurnClient::tcp(&server).await,
    ] {
        let mut client = client.with_relay_of(&mut member).await;
        // In a stream that would end it.
        if let Line::Datagrams(_) = client.line {
            client.channel_data(0x4000, b"no allocation").await;
        }
        client.indicate(at, b"no allocation").await;
        assert_eq!(client.allocate().await, Answer::Success);
        client.channel_data(0x4000, b"no channel").await;
        client.indicate(at, b"no permission").await;
        let relayed = client.relayed.unwrap();
        stranger.send_to(b"not asked in", relayed).await.unwrap();
        assert_eq!(client.bind(0x4000, at).await, Answer::Success);
        client.channel_data(0x4001, b"another channel").await;
        client.channel_data(0x4000, b"meow").await;
        let mut bytes = [0; 100];
        let (length, from) = within("data", peer.recv_from(&mut bytes)).await.unwrap();
        assert_eq!((&bytes[..length], from), (&b"meow"[..], relayed));
        peer.send_to(b"purr", relayed).await.unwrap();
        assert_eq!(client.data().await, (Ok(0x4000), b"purr".to_vec()));
    }
}

#[tokio::test]
async fn an_allocation_carries_no_more_than_it_may() {
    let server = Server::start_with(&[
        "--turn-listen=127.0.0.1:0",
        "--turn-allow-peer=127.0.0.1",
        // What a second brings is less than one datagram of those that are too many.
        "--turn-allocation-rate=10",
    ])
    .await;
    let peer = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let mut member = server.catnest("nest").await;
    let mut client = TurnClient::udp(&server)
        .await
        .with_relay_of(&mut member)
        .await;
    assert_eq!(client.allocate().await, Answer::Success);
    assert_eq!(
        client.bind(0x4000, peer.local_addr().unwrap()).await,
        Answer::Success
    );
    client.channel_data(0x4000, &[0; 11]).await;
    client.channel_data(0x4000, b"meow").await;
    let mut bytes = [0; 100];
    let (length, _) = within("data", peer.recv_from(&mut bytes)).await.unwrap();
    assert_eq!(&bytes[..length], b"meow");
}
