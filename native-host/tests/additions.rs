//! What our own protocol adds is seen by those who announce it, and by nobody else.

mod common;

use common::{CATNEST, Client, Server, client::talk};
use serde_json::json;

#[tokio::test]
async fn ours_see_who_speaks_our_protocol_and_who_was_here_before() {
    let server = Server::start().await;
    let mut a = server.catnest("nest").await;
    let mut b = server.catnest("nest").await;
    let of_b = a.next().await;
    let of_a = b.next().await;
    // Each was told at once by which id the others know it.
    assert_eq!(of_b["id"].as_str(), b.welcomed.as_deref());
    assert_eq!(of_a["id"].as_str(), a.welcomed.as_deref());
    assert_eq!(
        of_b,
        json!({"type": "push", "id": of_b["id"], "channel": "nest", "protocol": CATNEST})
    );
    assert_eq!(
        of_a,
        json!({"type": "push", "id": of_a["id"], "channel": "nest", "protocol": CATNEST, "present": true})
    );
}

#[tokio::test]
async fn predecessors_never_see_the_additions() {
    let server = Server::start().await;
    let mut old = server.predecessor("nest").await;
    let mut ours = server.catnest("nest").await;
    // The predecessor hears of ours, and ours of a predecessor that was here and announced nothing.
    let of_ours = old.next().await;
    assert_eq!(
        of_ours,
        json!({"type": "push", "id": of_ours["id"], "channel": "nest"})
    );
    let of_old = ours.next().await;
    assert_eq!(
        of_old,
        json!({"type": "push", "id": of_old["id"], "channel": "nest", "present": true})
    );
    // A predecessor that comes when ours is there.
    let mut newer = server.predecessor("nest").await;
    for of_newer in [ours.next().await, old.next().await] {
        assert_eq!(
            of_newer,
            json!({"type": "push", "id": of_newer["id"], "channel": "nest"})
        );
    }
    for message in [newer.next().await, newer.next().await] {
        assert_eq!(
            message,
            json!({"type": "push", "id": message["id"], "channel": "nest"})
        );
    }
}

#[tokio::test]
async fn ours_hear_pings_as_texts_because_pages_see_no_others() {
    let server = Server::start_with(&["--ping-interval", "1"]).await;
    let mut ours = server.catnest("nest").await;
    let mut old = server.predecessor("nest").await;
    let id = ours.push().await;
    old.push().await;
    // Who does not read answers no pings.
    let reading = tokio::spawn(async move { old.next().await });
    for _ in 0..2 {
        assert_eq!(ours.next().await, json!({"type": "ping"}));
    }
    ours.send(json!({"id": id, "candidate": null})).await;
    // The first text in all that time.
    assert!(reading.await.unwrap().get("candidate").is_some());
}

#[tokio::test]
async fn decline_and_connection_pass_between_ours() {
    let server = Server::start().await;
    let mut a = server.catnest("nest").await;
    let mut b = server.catnest("nest").await;
    let id_b = a.push().await;
    let id_a = b.push().await;
    a.send(json!({"id": id_b, "connection": "c1", "offer": {"type": "offer", "sdp": "v=0"}}))
        .await;
    assert_eq!(
        b.next().await,
        json!({"id": id_a, "connection": "c1", "offer": {"type": "offer", "sdp": "v=0"}})
    );
    b.send(json!({"id": id_a, "connection": "c1", "decline": {}}))
        .await;
    assert_eq!(
        a.next().await,
        json!({"id": id_b, "connection": "c1", "decline": {}})
    );
}

#[tokio::test]
async fn a_predecessor_cannot_decline() {
    let server = Server::start().await;
    let (mut a, mut b) = server.pair("nest").await;
    a.client.send(json!({"id": b.id, "decline": {}})).await;
    let error = a.client.next().await;
    assert_eq!(error["type"], "error");
    assert!(
        error["reason"].as_str().unwrap().contains("exactly one"),
        "{error}"
    );
    talk(&mut a, &mut b).await;
}

/// The client checks which subprotocol was selected; see [`Client::connect`].
#[tokio::test]
async fn our_subprotocol_is_selected_among_others_and_others_are_not() {
    let server = Server::start().await;
    let mut ours = Client::connect(server.address, "nest", Some("chat, catnest.1")).await;
    let _also = server.catnest("nest").await;
    assert_eq!(ours.next().await["protocol"], CATNEST);
}
