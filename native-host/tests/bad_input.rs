//! Whatever one member sends, it hears what is wrong with it, and the others are not disturbed.

mod common;

use std::time::Duration;

use common::{Client, Peer, Server, client::talk};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

/// Three members of one channel who have heard of each other: two good ones and the one under test.
async fn three(server: &Server) -> (Peer, Peer, Peer) {
    let (mut a, mut b) = server.pair("nest").await;
    let mut bad = Peer {
        client: server.predecessor("nest").await,
        id: a.client.push().await,
    };
    b.client.push().await;
    bad.client.push().await;
    bad.client.push().await;
    (a, b, bad)
}

/// The server's error for a message that is itself wrong: exactly a type and a reason.
fn reason(error: &Value) -> &str {
    let reason = error["reason"].as_str().unwrap_or_default();
    assert_eq!(*error, json!({"type": "error", "reason": reason}));
    reason
}

#[tokio::test]
async fn a_message_that_is_wrong_is_answered_with_the_reason() {
    let server = Server::start().await;
    let (mut a, mut b, mut bad) = three(&server).await;
    let long_id = "x".repeat(65);
    for (text, expected) in [
        ("", "not a JSON object: "),
        ("hello", "not a JSON object: "),
        ("{\"offer\":", "not a JSON object: "),
        (&"[".repeat(60_000), "not a JSON object: "),
        ("{\"offer\":{}} {\"offer\":{}}", "not a JSON object: "),
        ("null", "not a JSON object"),
        ("[{\"offer\":{}}]", "not a JSON object"),
        ("\"offer\"", "not a JSON object"),
        (
            r#"{"offer":{},"answer":{}}"#,
            "exactly one of offer, answer, candidate; this one has 2",
        ),
        (
            r#"{"answer":{},"candidate":{}}"#,
            "exactly one of offer, answer, candidate; this one has 2",
        ),
        (
            r#"{"offer":{},"answer":{},"candidate":{}}"#,
            "this one has 3",
        ),
        (
            "{}",
            "exactly one of offer, answer, candidate; this one has 0",
        ),
        (r#"{"text":"hello"}"#, "this one has 0"),
        (r#"{"offer":"v=0"}"#, "offer: not an object"),
        (r#"{"offer":null}"#, "offer: not an object"),
        (r#"{"candidate":[]}"#, "candidate: not an object"),
        (r#"{"id":7,"offer":{}}"#, "id: "),
        (&format!(r#"{{"id":"{long_id}","offer":{{}}}}"#), "id: "),
        (r#"{"type":"pull","id":"a","offer":{}}"#, "type: "),
        (r#"{"type":"push","id":"a","channel":"nest"}"#, "type: "),
    ] {
        bad.client.send_raw(Message::text(text)).await;
        let error = bad.client.next().await;
        assert!(reason(&error).contains(expected), "{text:.80}: {error}");
        talk(&mut a, &mut b).await;
        talk(&mut bad, &mut a).await;
    }
}

#[tokio::test]
async fn a_binary_frame_closes_with_1003() {
    let server = Server::start().await;
    let (a, b, bad) = three(&server).await;
    let close = bad
        .client
        .send_to_be_closed(Message::binary(vec![1, 2, 3]))
        .await;
    assert_eq!(close, (1003, "only text messages are spoken here".into()));
    left_undisturbed(a, b, &bad.id).await;
}

#[tokio::test]
async fn a_message_of_one_megabyte_closes_with_1009() {
    let server = Server::start().await;
    let (a, b, bad) = three(&server).await;
    let message = json!({"offer": {"sdp": "x".repeat(1_000_000)}}).to_string();
    let close = bad.client.send_to_be_closed(Message::text(message)).await;
    assert_eq!(close, (1009, "a message has at most 65536 bytes".into()));
    left_undisturbed(a, b, &bad.id).await;
}

/// A reset right behind the close would make browsers forget the reason: they notice first that they cannot go on
/// sending. So the server stays, without reading on, for as long as a close takes to arrive.
#[tokio::test]
async fn who_is_still_sending_what_is_too_big_is_not_cut_off_before_the_reason() {
    let server = Server::start().await;
    let client = server.predecessor("nest").await;
    let message = json!({"offer": {"sdp": "x".repeat(16_000_000)}}).to_string();
    // It stays for 3 s: half a second is within that, and long after a reset would have come.
    let stays = Duration::from_millis(500);
    assert_eq!(
        client
            .send_and_stay_connected(Message::text(message), stays)
            .await,
        1009
    );
}

#[tokio::test]
async fn what_is_not_the_protocol_closes_with_the_reason() {
    for (data, payload, code, reason) in [
        (
            Data::Text,
            vec![0xff, 0xfe],
            1007,
            "a text message is not UTF-8",
        ),
        (
            Data::Continue,
            vec![b'x'],
            1002,
            "not the WebSocket protocol",
        ),
        (
            Data::Reserved(3),
            vec![b'x'],
            1002,
            "not the WebSocket protocol",
        ),
    ] {
        let server = Server::start().await;
        let (a, b, bad) = three(&server).await;
        let frame = Frame::message(payload, OpCode::Data(data), true);
        let close = bad.client.send_to_be_closed(Message::Frame(frame)).await;
        assert_eq!(close, (code, reason.to_owned()));
        left_undisturbed(a, b, &bad.id).await;
    }
}

#[tokio::test]
async fn a_message_a_little_too_big_closes_with_1009() {
    // One is refused by its frame's length, the other, which is read as a whole, by the hub.
    for bytes in [70 * 1024, 64 * 1024 + 1] {
        let server = Server::start().await;
        let (a, b, bad) = three(&server).await;
        let close = bad
            .client
            .send_to_be_closed(Message::text(sized(bytes)))
            .await;
        assert_eq!(close, (1009, "a message has at most 65536 bytes".into()));
        left_undisturbed(a, b, &bad.id).await;
    }
}

#[tokio::test]
async fn the_largest_message_allowed_arrives() {
    let server = Server::start().await;
    let (mut a, mut b) = server.pair("nest").await;
    // It arrives with the sender's id, and no message that arrives is over the limit either.
    let id_bytes = json!({"id": a.id}).to_string().len() - "{}".len() + ",".len();
    let text = sized(64 * 1024 - id_bytes);
    a.client.send_raw(Message::text(text.clone())).await;
    let sent: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        b.client.next().await,
        json!({"id": a.id, "offer": sent["offer"]})
    );
    a.client
        .send_raw(Message::text(sized(64 * 1024 - id_bytes + 1)))
        .await;
    assert_eq!(
        reason(&a.client.next().await),
        "too long with the sender's id in it"
    );
    talk(&mut a, &mut b).await;
}

#[tokio::test]
async fn many_wrong_messages_at_once_are_each_answered() {
    let server = Server::start().await;
    let (mut a, mut b, mut bad) = three(&server).await;
    for _ in 0..150 {
        bad.client.send_raw(Message::text("not JSON")).await;
    }
    for _ in 0..150 {
        assert!(reason(&bad.client.next().await).starts_with("not a JSON object: "));
    }
    talk(&mut a, &mut b).await;
    talk(&mut bad, &mut b).await;
}

#[tokio::test]
async fn a_malformed_channel_is_refused_with_the_part_that_is_wrong() {
    let server = Server::start().await;
    for (channel, expected) in [
        ("%20", "channel: empty\n"),
        (
            "50%25%zz",
            "channel: % is not followed by two hexadecimal digits\n",
        ),
        (
            "%ff%fe",
            "channel: the percent-encoded bytes are not UTF-8\n",
        ),
        ("a%0Ab", "channel: contains a control character\n"),
        (&"x".repeat(129), "channel: longer than 128 bytes\n"),
        (&"%E7%8C%AB".repeat(43), "channel: longer than 128 bytes\n"),
    ] {
        let (head, body) = server.get(&format!("/webrtc/{channel}")).await;
        assert!(head.starts_with("http/1.1 400 "), "{channel}: {head}");
        assert_eq!(body, expected, "{channel}");
        // With the upgrade that a browser asks for.
        assert_eq!(
            Client::refused(server.address, channel).await,
            (400, expected.to_owned())
        );
    }
    let (mut a, mut b) = server.pair("nest").await;
    talk(&mut a, &mut b).await;
}

/// An offer of exactly so many bytes.
fn sized(bytes: usize) -> String {
    let empty = json!({"offer": {"sdp": ""}}).to_string();
    let text = json!({"offer": {"sdp": "x".repeat(bytes - empty.len())}}).to_string();
    assert_eq!(text.len(), bytes);
    text
}

/// The two that stay hear that the third left, and nothing else.
async fn left_undisturbed(mut a: Peer, mut b: Peer, id: &str) {
    let pull = json!({"type": "pull", "id": id});
    assert_eq!(a.client.next().await, pull);
    assert_eq!(b.client.next().await, pull);
    talk(&mut a, &mut b).await;
}
