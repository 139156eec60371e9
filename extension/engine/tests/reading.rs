//! What the service worker is answered, and the two ways in which a player gets a file.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails panics; clippy does not know these as tests"
)]

mod fake_node;

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use catnest::{limits, node::ReadProblem, resource::ResourceId};
use catnest_engine::reading::{Reads, Source, Streams};
use js_sys::{Array, JSON, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{MessageChannel, MessageEvent, MessagePort, Response};

use fake_node::{FakeNode, pause};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const ID: ResourceId = ResourceId([7; 32]);

/// A node that has one file.
fn one_file(length: usize, media_type: &'static str) -> (Rc<FakeNode>, Reads) {
    let (node, reads) = FakeNode::new();
    let content = (0..length).map(|at| (at % 65_521 * 31 % 251) as u8);
    node.put(ID, content.collect(), media_type);
    (node, reads)
}

/// The worker's end of a request.
struct Asked {
    port: MessagePort,
    came: Rc<RefCell<VecDeque<JsValue>>>,
    _listener: Closure<dyn FnMut(MessageEvent)>,
}

fn ask(streams: &Streams, message: &str) -> Asked {
    let channel = MessageChannel::new().unwrap();
    let came: Rc<RefCell<VecDeque<JsValue>>> = Rc::default();
    let hearing = came.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        hearing.borrow_mut().push_back(event.data());
    });
    let port = channel.port1();
    port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    streams.take(JSON::parse(message).unwrap(), channel.port2());
    Asked {
        port,
        came,
        _listener: listener,
    }
}

/// A request of a page that decodes the answer as a picture.
fn picture() -> String {
    request("GET", "null").replace(r#""channel":"#, r#""image":true,"channel":"#)
}

fn request(method: &str, range: &str) -> String {
    format!(
        r#"{{"stream":{{"resource":"{ID}","channel":null,"method":"{method}","range":{range}}}}}"#
    )
}

impl Asked {
    fn stop(&self) {
        self.port.post_message(&"stop".into()).unwrap();
    }

    async fn next(&self) -> JsValue {
        for _ in 0..1000 {
            let first = self.came.borrow_mut().pop_front();
            if let Some(first) = first {
                return first;
            }
            pause().await;
        }
        panic!("nothing came");
    }

    async fn bytes(&self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let message = self.next().await;
            if member(&message, "end").is_truthy() {
                return all;
            }
            all.extend(Uint8Array::new(&member(&message, "bytes")).to_vec());
            self.port.post_message(&"more".into()).unwrap();
        }
    }
}

fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap()
}

fn header(head: &JsValue, name: &str) -> Option<String> {
    let headers: Array = member(head, "headers").unchecked_into();
    let pairs = headers.iter().map(JsCast::unchecked_into::<Array>);
    let mut found = pairs.filter(|pair| pair.get(0) == name);
    found.next().and_then(|pair| pair.get(1).as_string())
}

#[wasm_bindgen_test]
async fn a_range_is_answered_part_by_part_as_it_is_asked_for() {
    let (node, reads) = one_file(1_000_000, "audio/flac");
    let streams = Streams::new(reads);
    let asked = ask(&streams, &request("GET", "\"bytes=300000-\""));
    let head = asked.next().await;
    assert_eq!(member(&head, "status"), 206);
    assert_eq!(member(&head, "body"), true);
    let says = |name: &str| header(&head, name).unwrap_or_default();
    assert_eq!(says("Content-Range"), "bytes 300000-999999/1000000");
    assert_eq!(says("Content-Length"), "700000");
    assert_eq!(says("Content-Type"), "audio/flac");
    assert_eq!(says("X-Content-Type-Options"), "nosniff");
    assert_eq!(node.parts.get(), 1, "the first comes unasked");
    assert!(asked.bytes().await == node.content(ID)[300_000..]);
    assert_eq!(streams.count(), 0);
    assert!(node.readers.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn what_has_no_body_says_so() {
    let (_, reads) = one_file(1000, "text/html");
    let streams = Streams::new(reads);
    for (method, range, status, says) in [
        ("HEAD", "null", 200, None),
        ("GET", "\"bytes=1000-\"", 416, Some("bytes */1000")),
        ("POST", "null", 405, None),
    ] {
        let asked = ask(&streams, &request(method, range));
        let head = asked.next().await;
        assert_eq!(member(&head, "status"), status);
        assert_eq!(member(&head, "body"), false);
        assert_eq!(header(&head, "Content-Range").as_deref(), says);
    }
    let other = request("GET", "null").replace(&ID.to_string(), &"0".repeat(64));
    for (message, status) in [(other.as_str(), 404), ("{}", 400), (r#"{"stream":5}"#, 400)] {
        let head = ask(&streams, message).next().await;
        assert_eq!(member(&head, "status"), status);
    }
    let asked = ask(&streams, &request("GET", "null"));
    let head = asked.next().await;
    assert_eq!(
        header(&head, "Content-Type").as_deref(),
        Some("application/octet-stream")
    );
    assert_eq!(asked.bytes().await.len(), 1000);
    assert_eq!(streams.count(), 0);
}

#[wasm_bindgen_test]
async fn who_stops_is_forgotten() {
    let (node, reads) = one_file(1_000_000, "audio/wav");
    let streams = Streams::new(reads);
    let [stops, stays] = [(); 2].map(|()| ask(&streams, &request("GET", "null")));
    stops.next().await;
    stays.next().await;
    assert_eq!(streams.count(), 2);
    stops.stop();
    assert!(member(&stops.next().await, "bytes").is_truthy());
    assert!(member(&stops.next().await, "failed").is_truthy());
    assert_eq!(streams.count(), 1);
    assert_eq!(node.readers.borrow().len(), 1);
    assert!(stays.bytes().await == node.content(ID));
    drop(streams);
    assert!(node.readers.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn who_stops_before_there_is_an_answer_gets_one() {
    let (node, reads) = one_file(1000, "audio/wav");
    let streams = Streams::new(reads);
    node.stalls.set(true);
    for message in [request("GET", "null"), picture()] {
        let asked = ask(&streams, &message);
        asked.stop();
        let said = asked.next().await;
        assert!(member(&said, "failed").is_truthy());
        assert!(member(&said, "status").is_undefined());
        assert_eq!(streams.count(), 0);
        assert!(node.readers.borrow().is_empty());
    }
}

/// The browser does not always tell the worker that nobody waits.
#[wasm_bindgen_test]
async fn what_a_player_has_left_is_answered_no_further() {
    let (node, reads) = one_file(1_000_000, "audio/wav");
    let streams = Streams::new(reads);
    let source = Source::new(streams.clone(), || true);
    let load = |number: u64| {
        let load = format!(r#""load":{number},"channel":"#);
        request("GET", "null").replace(r#""channel":"#, &load)
    };
    let [left, stays] = [(); 2].map(|()| source.at_once(ID, None).unwrap());
    let asked = [&*load(1), &*load(2), &*request("GET", "null")];
    let asked = asked.map(|message| ask(&streams, message));
    for asked in &asked {
        assert_eq!(member(&asked.next().await, "status"), 200);
        assert!(member(&asked.next().await, "bytes").is_truthy());
    }
    drop(left);
    assert!(member(&asked[0].next().await, "failed").is_truthy());
    assert_eq!(streams.count(), 2);
    assert_eq!(node.readers.borrow().len(), 2);
    // It was on its way.
    let late = ask(&streams, &load(1)).next().await;
    assert_eq!(member(&late, "status"), 410);
    assert_eq!(streams.count(), 2);
    drop(stays);
    assert_eq!(streams.count(), 1);
}

/// The first bytes of a PNG file, whose sides have so many pixels.
fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.resize(1_000_000, 0);
    file
}

#[wasm_bindgen_test]
async fn a_picture_is_looked_at_before_anything_decodes_it() {
    let (node, reads) = FakeNode::new();
    let streams = Streams::new(reads);
    let unknown = ask(&streams, &picture()).next().await;
    assert_eq!(member(&unknown, "status"), 404);
    let mut large = png(600, 600);
    large.resize(limits::MAX_COVER_BYTES as usize + 1, 0);
    let drawing = b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec();
    for refused in [png(30_000, 30_000), png(0, 600), large, drawing] {
        let parts = node.parts.get();
        let is_large = refused.len() as u64 > limits::MAX_COVER_BYTES;
        node.put(ID, refused, "image/png");
        let head = ask(&streams, &picture()).next().await;
        assert_eq!(member(&head, "status"), 415);
        assert_eq!(member(&head, "body"), false);
        assert_eq!(node.parts.get() == parts, is_large, "what is read");
    }
    node.put(ID, png(600, 600), "image/svg+xml");
    let asked = ask(&streams, &picture());
    let head = asked.next().await;
    assert_eq!(member(&head, "status"), 200);
    assert_eq!(header(&head, "Content-Type").as_deref(), Some("image/png"));
    assert!(asked.bytes().await == node.content(ID));
    assert_eq!(streams.count(), 0);
    assert!(node.readers.borrow().is_empty());
}

/// The complete file, where no service worker answers, as in this document: the same bytes by the same reader.
#[wasm_bindgen_test]
async fn a_whole_file_is_there_once_all_of_it_is() {
    let (node, reads) = one_file(1_000_000, "audio/flac");
    let source = Source::of_browser(Streams::new(reads));
    assert!(source.at_once(ID, None).is_none());
    let address = source.address(ID, None).await.unwrap();
    assert!(address.is_whole());
    let fetched = web_sys::window().unwrap().fetch_with_str(address.url());
    let response: Response = JsFuture::from(fetched).await.unwrap().unchecked_into();
    let buffer = JsFuture::from(response.array_buffer().unwrap()).await;
    assert!(Uint8Array::new(&buffer.unwrap()).to_vec() == node.content(ID));
    let media_type = response.headers().get("content-type").unwrap();
    assert_eq!(media_type.as_deref(), Some("audio/flac"));
    let url = address.url().to_owned();
    drop(address);
    let gone = web_sys::window().unwrap().fetch_with_str(&url);
    assert!(JsFuture::from(gone).await.is_err(), "it is let go of");
    let unknown = source.address(ResourceId([1; 32]), None).await;
    assert_eq!(unknown.err(), Some(ReadProblem::Unknown));
}

#[wasm_bindgen_test]
async fn an_address_of_a_stream_is_there_at_once() {
    let (_, reads) = FakeNode::new();
    let source = Source::new(Streams::new(reads), || true);
    let address = source.address(ID, None).await.unwrap();
    assert_eq!(address.url(), format!("/stream/{ID}?load=1"));
    let channel = catnest::channel::ChannelId([3; 32]);
    let address = source.at_once(ID, Some(channel)).unwrap();
    let expected = format!("/stream/{ID}?load=2&channel={channel}");
    assert_eq!(address.url(), expected);
}
