//! The clients of Catnest's predecessor are served as they expect: `push`, `pull`, `error`, and their own messages.

mod common;

use common::{Peer, Server, client::talk};
use serde_json::json;

#[tokio::test]
async fn push_on_join_both_ways_and_pull_on_leave() {
    let server = Server::start().await;
    let mut a = server.predecessor("nest").await;
    let mut b = server.predecessor("nest").await;
    let id_b = a.push().await;
    let id_a = b.push().await;
    assert_ne!(id_a, id_b);

    // A third: it hears of both who are there, and both of it; the messages have exactly these members.
    let mut c = server.predecessor("nest").await;
    let of_c = a.next().await;
    let id_c = of_c["id"].as_str().unwrap().to_owned();
    assert_eq!(of_c, json!({"type": "push", "id": id_c, "channel": "nest"}));
    assert_eq!(b.next().await, of_c);
    let mut heard = [c.next().await, c.next().await];
    let mut expected =
        [&id_a, &id_b].map(|id| json!({"type": "push", "id": id, "channel": "nest"}));
    heard.sort_by_key(|message| message.to_string());
    expected.sort_by_key(|message| message.to_string());
    assert_eq!(heard, expected);

    // One leaves properly, one vanishes.
    b.leave().await;
    let pull = |id: &str| json!({"type": "pull", "id": id});
    assert_eq!(a.next().await, pull(&id_b));
    assert_eq!(c.next().await, pull(&id_b));
    c.drop_connection();
    assert_eq!(a.next().await, pull(&id_c));
}

#[tokio::test]
async fn offer_answer_and_candidates_between_one_who_addresses_and_one_who_broadcasts() {
    let server = Server::start().await;
    let (mut a, mut b) = server.pair("nest").await;
    let offer = json!({"type": "offer", "sdp": "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n"});
    let answer = json!({"type": "answer", "sdp": "v=0\r\no=- 3 4 IN IP4 127.0.0.1\r\n"});
    let candidate = json!({"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0",
        "sdpMLineIndex": 0, "usernameFragment": "abcd"});

    // `a` addresses `b`, who broadcasts.
    a.client.send(json!({"id": b.id, "offer": offer})).await;
    assert_eq!(b.client.next().await, json!({"id": a.id, "offer": offer}));
    b.client.send(json!({"answer": answer})).await;
    assert_eq!(a.client.next().await, json!({"id": b.id, "answer": answer}));
    a.client
        .send(json!({"id": b.id, "candidate": candidate}))
        .await;
    assert_eq!(
        b.client.next().await,
        json!({"id": a.id, "candidate": candidate})
    );
    b.client.send(json!({"candidate": candidate})).await;
    assert_eq!(
        a.client.next().await,
        json!({"id": b.id, "candidate": candidate})
    );
    // The end of the candidates, as `onicecandidate` tells it.
    b.client.send(json!({"candidate": null})).await;
    assert_eq!(
        a.client.next().await,
        json!({"id": b.id, "candidate": null})
    );
}

#[tokio::test]
async fn with_an_id_one_hears_it_and_without_everyone_else() {
    let server = Server::start().await;
    let (mut a, mut b) = server.pair("nest").await;
    let mut c = Peer {
        client: server.predecessor("nest").await,
        id: a.client.push().await,
    };
    b.client.push().await;
    c.client.push().await;
    c.client.push().await;

    a.client
        .send(json!({"id": b.id, "offer": {"sdp": "for b"}}))
        .await;
    a.client.send(json!({"offer": {"sdp": "for all"}})).await;
    assert_eq!(
        b.client.next().await,
        json!({"id": a.id, "offer": {"sdp": "for b"}})
    );
    for other in [&mut b, &mut c] {
        assert_eq!(
            other.client.next().await,
            json!({"id": a.id, "offer": {"sdp": "for all"}})
        );
    }
    // Neither came back to its sender.
    talk(&mut b, &mut a).await;
    talk(&mut c, &mut a).await;
}

#[tokio::test]
async fn the_sender_is_who_it_is_and_unknown_members_are_passed_on() {
    let server = Server::start().await;
    let (mut a, mut b) = server.pair("nest").await;
    a.client
        .send(json!({"id": b.id, "offer": {}, "colour": [1, {"deep": "猫"}], "from": "x"}))
        .await;
    let heard = b.client.next().await;
    assert_eq!(
        heard,
        json!({"id": a.id, "offer": {}, "colour": [1, {"deep": "猫"}], "from": "x"})
    );
}

#[tokio::test]
async fn who_is_not_there_is_an_error() {
    let server = Server::start().await;
    let (mut a, b) = server.pair("nest").await;
    let (mut elsewhere, _other) = server.pair("elsewhere").await;
    // Nobody has this id; somebody has it in another channel; it is one's own; it has left.
    let gone = b.id.clone();
    b.client.leave().await;
    a.client.next().await;
    for id in ["nobody", "", &elsewhere.id, &a.id.clone(), &gone] {
        a.client.send(json!({"id": id, "offer": {}})).await;
        assert_eq!(a.client.next().await, json!({"type": "error", "id": id}));
    }
    elsewhere
        .client
        .send(json!({"id": a.id, "offer": {}}))
        .await;
    assert_eq!(
        elsewhere.client.next().await,
        json!({"type": "error", "id": a.id})
    );
}

#[tokio::test]
async fn channels_do_not_mix_and_ids_are_new_on_every_socket() {
    let server = Server::start().await;
    let (mut a, mut b) = server.pair("one").await;
    let (mut c, mut d) = server.pair("two").await;
    let mut ids = vec![&a.id, &b.id, &c.id, &d.id];
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| id.len() == 32), "{ids:?}");

    a.client
        .send(json!({"offer": {"sdp": "to channel one"}}))
        .await;
    assert_eq!(b.client.next().await["offer"]["sdp"], "to channel one");
    talk(&mut c, &mut d).await;

    // The same client, again: another id.
    let before = b.id.clone();
    b.client.leave().await;
    assert_eq!(a.client.next().await, json!({"type": "pull", "id": before}));
    let _again = server.predecessor("one").await;
    assert_ne!(a.client.push().await, before);
}

#[tokio::test]
async fn channel_names_of_any_script_and_their_encoded_forms_are_one_channel() {
    let server = Server::start().await;
    for (first, second, name) in [
        ("%E7%8C%AB%E7%AA%9D", "%e7%8c%ab%e7%aa%9d", "猫窝"),
        ("a%20b%2Fc", "%61%20b%2fc", "a b/c"),
        ("100%25", "%31%30%30%25", "100%"),
        ("%22quoted%22", "%22quoted%22", "\"quoted\""),
    ] {
        let mut a = server.predecessor(first).await;
        let mut b = server.predecessor(second).await;
        assert_eq!(a.next().await["channel"], name);
        assert_eq!(b.next().await["channel"], name);
    }
}
