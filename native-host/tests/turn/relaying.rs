//! Data on its way through relays.

use std::net::{Ipv4Addr, SocketAddr};

use catnest::turn::stun::{attribute, method};
use serde_json::json;
use tokio::net::UdpSocket;

use crate::{
    client::{Answer, TurnClient, asked_relay, server},
    common::within,
};

#[tokio::test]
async fn two_members_meet_by_their_relays_over_udp_and_tcp() {
    let server = server(&[]).await;
    let (mut ann, mut bo) = (server.catnest("nest").await, server.catnest("nest").await);
    ann.push().await;
    bo.push().await;
    let mut a = TurnClient::udp(&server).await.with_relay_of(&mut ann).await;
    let mut b = TurnClient::tcp(&server).await.with_relay_of(&mut bo).await;
    assert_eq!(a.allocate().await, Answer::Success);
    assert_eq!(b.allocate().await, Answer::Success);
    let (at_a, at_b) = (a.relayed.unwrap(), b.relayed.unwrap());
    assert_eq!(a.bind(0x4000, at_b).await, Answer::Success);
    assert_eq!(b.permit(at_a).await, Answer::Success);
    for length in [0, 1, 2, 3, 4, 1200] {
        let data = vec![7; length];
        a.channel_data(0x4000, &data).await;
        assert_eq!(b.data().await, (Err(at_a), data.clone()));
        b.indicate(at_a, &data).await;
        assert_eq!(a.data().await, (Ok(0x4000), data));
    }
    assert_eq!(b.bind(0x4001, at_a).await, Answer::Success);
    for length in [0, 1, 2, 3, 60_000] {
        let data = vec![8; length];
        a.channel_data(0x4000, &data).await;
        assert_eq!(b.data().await, (Ok(0x4001), data.clone()));
        b.channel_data(0x4001, &data).await;
        assert_eq!(a.data().await, (Ok(0x4000), data));
    }
}

#[tokio::test]
async fn many_datagrams_of_many_lengths_arrive_as_they_were_sent() {
    let server = server(&["--turn-allow-peer=127.0.0.1"]).await;
    let mut member = server.catnest("nest").await;
    let mut client = TurnClient::udp(&server)
        .await
        .with_relay_of(&mut member)
        .await;
    let peers = [peer().await, peer().await];
    assert_eq!(client.allocate().await, Answer::Success);
    for (peer, number) in peers.iter().zip(0x4000..) {
        assert_eq!(
            client.bind(number, peer.local_addr().unwrap()).await,
            Answer::Success
        );
    }
    // Fewer bytes than a socket's buffer holds, so that none is lost.
    for round in 0..20_u8 {
        let lengths = [100, 100, 99, 100, 0, 1, 1, 500, 500, 500, 20, 500];
        for (index, length) in lengths.into_iter().enumerate() {
            let mut data = vec![round; length];
            data.push(index as u8);
            client
                .channel_data(0x4000 + (index / 3 % 2) as u16, &data)
                .await;
        }
        for (index, length) in lengths.into_iter().enumerate() {
            let peer = &peers[index / 3 % 2];
            let mut bytes = vec![0; 2000];
            let (received, from) = within("data", peer.recv_from(&mut bytes)).await.unwrap();
            assert_eq!((received, bytes[length]), (length + 1, index as u8));
            assert_eq!(Some(from), client.relayed);
            peer.send_to(&bytes[..received], from).await.unwrap();
            let (channel, data) = client.data().await;
            assert_eq!(
                (channel, &data[..]),
                (Ok(0x4000 + (index / 3 % 2) as u16), &bytes[..received])
            );
        }
    }
}

#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
async fn peer() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}

#[tokio::test]
async fn a_relay_ends_with_its_allocation_and_with_its_connection() {
    let server = server(&[]).await;
    let mut member = server.catnest("nest").await;
    let mut client = TurnClient::udp(&server)
        .await
        .with_relay_of(&mut member)
        .await;
    assert_eq!(client.allocate().await, Answer::Success);
    let relayed = client.relayed.unwrap();
    let end = client.ask(method::REFRESH, |writer| {
        writer.with(attribute::LIFETIME, &[0; 4])
    });
    assert_eq!(end.await, Answer::Success);
    becomes_free(relayed).await;

    let mut client = TurnClient::tcp(&server)
        .await
        .with_relay_of(&mut member)
        .await;
    assert_eq!(client.allocate().await, Answer::Success);
    let relayed = client.relayed.unwrap();
    drop(client);
    becomes_free(relayed).await;
}

/// Waits until nobody has the port any more.
async fn becomes_free(address: SocketAddr) {
    within("a free port", async {
        while UdpSocket::bind(address).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn stun_says_where_one_comes_from() {
    let server = server(&[]).await;
    for mut client in [
        TurnClient::udp(&server).await,
        TurnClient::tcp(&server).await,
    ] {
        client.hears_an_answer().await;
    }
}

#[tokio::test]
async fn a_server_without_turn_has_no_relays_and_says_so() {
    let server = crate::common::Server::start().await;
    let mut member = server.catnest("nest").await;
    member.send(json!({"relay": {}})).await;
    let answer = member.next().await;
    assert_eq!(answer["type"], "error");
    assert!(
        answer["reason"]
            .as_str()
            .unwrap()
            .contains("exactly one of"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_member_is_told_where_and_how_long() {
    let server = server(&["--turn-host=nest.example"]).await;
    let mut member = server.catnest("nest").await;
    let relay = asked_relay(&mut member).await;
    let port = server.turn.unwrap().port();
    let urls =
        ["udp", "tcp"].map(|transport| format!("turn:nest.example:{port}?transport={transport}"));
    assert_eq!(relay["urls"], json!(urls));
    assert_eq!(relay["ttl"], 3600);
    // Who asks again is still one user; another member is another one, so that nobody sees who is in one nest.
    assert_eq!(
        relay["username"],
        asked_relay(&mut member).await["username"]
    );
    let mut other = server.catnest("nest").await;
    // It is told of the one that is there.
    assert_eq!(other.next().await["type"], "push");
    assert_ne!(relay["username"], asked_relay(&mut other).await["username"]);
}
