//! The form of messages, by the examples of RFC 5769 and by what is wrong.

use catnest::turn::stun::{
    Class, Frame, Message, StunError, Writer, attribute, frame, method, stream_frame_length,
};
use proptest::prelude::*;

use crate::helpers::at;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .bytes()
        .filter_map(|digit| char::from(digit).to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

/// RFC 5769 §2.1: a request with short-term credentials and a fingerprint.
const REQUEST: &str = "
    00 01 00 58 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
    80 22 00 10 53 54 55 4e 20 74 65 73 74 20 63 6c 69 65 6e 74
    00 24 00 04 6e 00 01 ff
    80 29 00 08 93 2f f9 b1 51 26 3b 36
    00 06 00 09 65 76 74 6a 3a 68 36 76 59 20 20 20
    00 08 00 14 9a ea a7 0c bf d8 cb 56 78 1e f2 b5 b2 d3 f2 49 c1 b5 71 a2
    80 28 00 04 e5 7a 3b cf";
/// RFC 5769 §2.2: an answer with an IPv4 address.
const ANSWER_V4: &str = "
    01 01 00 3c 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
    80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
    00 20 00 08 00 01 a1 47 e1 12 a6 43
    00 08 00 14 2b 91 f5 99 fd 9e 90 c3 8c 74 89 f9 2a f9 ba 53 f0 6b e7 d7
    80 28 00 04 c0 7d 4c 96";
/// RFC 5769 §2.3: an answer with an IPv6 address.
const ANSWER_V6: &str = "
    01 01 00 48 21 12 a4 42 b7 e7 a7 01 bc 34 d6 86 fa 87 df ae
    80 22 00 0b 74 65 73 74 20 76 65 63 74 6f 72 20
    00 20 00 14 00 02 a1 47 01 13 a9 fa a5 d3 f1 79 bc 25 f4 b5 be d2 b9 d9
    00 08 00 14 a3 82 95 4e 4b e6 7b f1 17 84 c9 7c 82 92 c2 75 bf e3 ed 41
    80 28 00 04 c8 fb 0b 4c";
/// RFC 5769 §2.4: a request with long-term credentials.
const LONG_TERM: &str = "
    00 01 00 60 21 12 a4 42 78 ad 34 33 c6 ad 72 c0 29 da 41 2e
    00 06 00 12 e3 83 9e e3 83 88 e3 83 aa e3 83 83 e3 82 af e3 82 b9 00 00
    00 15 00 1c 66 2f 2f 34 39 39 6b 39 35 34 64 36 4f 4c 33 34 6f 4c 39 46 53 54 76 79 36 34 73 41
    00 14 00 0b 65 78 61 6d 70 6c 65 2e 6f 72 67 00
    00 08 00 14 f6 70 24 65 6d d6 4a 3e 02 b8 e0 71 2e 85 c9 a2 8c a8 96 66";
const SHORT_TERM_KEY: &[u8] = b"VOkJxbRl1RmTxUk/WvJxBt";

#[test]
fn the_examples_of_rfc_5769_are_read() {
    let request = bytes(REQUEST);
    let message = Message::parse(&request).unwrap();
    assert_eq!(
        (message.class(), message.method()),
        (Class::Request, method::BINDING)
    );
    assert_eq!(message.text(attribute::USERNAME), Some("evtj:h6vY"));
    assert!(message.is_signed_by(SHORT_TERM_KEY) && !message.is_signed_by(b"other"));
    assert_eq!(message.attributes().count(), 4);

    for (hex, address) in [
        (ANSWER_V4, "192.0.2.1:32853"),
        (ANSWER_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ] {
        let answer = bytes(hex);
        let message = Message::parse(&answer).unwrap();
        assert_eq!(message.class(), Class::Success);
        let value = message.attribute(attribute::XOR_MAPPED_ADDRESS).unwrap();
        assert_eq!(message.address(value), Some(at(address)));
        assert!(message.is_signed_by(SHORT_TERM_KEY));
    }

    let long_term = bytes(LONG_TERM);
    let message = Message::parse(&long_term).unwrap();
    let key = catnest::turn::credential::key("マトリックス", "example.org", "TheMatrIX");
    assert!(message.is_signed_by(&key));
    assert_eq!(
        message.text(attribute::NONCE),
        Some("f//499k954d6OL34oL9FSTvy64sA")
    );
}

#[test]
fn the_examples_of_rfc_5769_are_written() {
    for (hex, address) in [
        (ANSWER_V4, "192.0.2.1:32853"),
        (ANSWER_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ] {
        let expected = bytes(hex);
        let transaction = Message::parse(&expected).unwrap().transaction();
        let written = Writer::new(Class::Success, method::BINDING, transaction)
            .with(0x8022, b"test vector")
            .with_address(attribute::XOR_MAPPED_ADDRESS, at(address))
            .signed(SHORT_TERM_KEY)
            .finish();
        // RFC 5769 pads with spaces, which are signed; we pad with zeros.
        assert_eq!(written[..32], expected[..32]);
        assert_eq!(written.len(), expected.len());
        let message = Message::parse(&written).unwrap();
        let value = message.attribute(attribute::XOR_MAPPED_ADDRESS);
        assert_eq!(value, Message::parse(&expected).unwrap().attribute(0x0020));
        assert!(message.is_signed_by(SHORT_TERM_KEY));
    }
}

#[test]
fn what_is_wrong_is_said() {
    let request = bytes(REQUEST);
    let check = |change: &dyn Fn(&mut Vec<u8>), expected| {
        let mut wrong = request.clone();
        change(&mut wrong);
        assert_eq!(Message::parse(&wrong).map(|_| ()), Err(expected));
    };
    check(&|bytes| bytes.clear(), StunError::Length);
    check(&|bytes| bytes.truncate(19), StunError::Length);
    check(&|bytes| bytes.truncate(40), StunError::Length);
    check(&|bytes| bytes.extend([0; 4]), StunError::Length);
    check(&|bytes| bytes[3] += 1, StunError::Length);
    check(&|bytes| bytes[0] = 0x80, StunError::Cookie);
    check(&|bytes| bytes[4] = 0, StunError::Cookie);
    check(&|bytes| bytes[22] = 1, StunError::Attribute);
    check(&|bytes| bytes[30] = 0, StunError::Fingerprint);
    check(&|bytes| bytes[107] = 0, StunError::Fingerprint);
    check(&|bytes| bytes.resize(5000, 0), StunError::TooLong);
    // MESSAGE-INTEGRITY of another length.
    check(&|bytes| bytes[79] = 0x10, StunError::Attribute);
}

#[test]
fn what_follows_the_signature_is_ignored() {
    let signed = Writer::new(Class::Request, method::BINDING, [1; 12])
        .with(attribute::USERNAME, b"a")
        .signed(b"key")
        .with(attribute::LIFETIME, &[0; 4])
        .with(attribute::MESSAGE_INTEGRITY, &[7; 20])
        .finish();
    let message = Message::parse(&signed).unwrap();
    assert_eq!(message.attributes().count(), 1);
    assert!(message.is_signed_by(b"key"));
}

#[test]
fn a_frame_says_what_it_is_and_how_long() {
    for (header, kind, length) in [
        ([0, 1, 0, 0], Frame::Stun, Some(20)),
        ([0x3f, 0xff, 0, 8], Frame::Stun, Some(28)),
        ([0, 1, 0xff, 0xfc], Frame::Stun, None),
        ([0x40, 0, 0, 0], Frame::Channel(0x4000, 0), Some(4)),
        ([0x40, 0, 0, 5], Frame::Channel(0x4000, 5), Some(12)),
        (
            [0x7f, 0xfe, 0xff, 0xff],
            Frame::Channel(0x7ffe, 65535),
            Some(65540),
        ),
        ([0x7f, 0xff, 0, 0], Frame::Garbage, None),
        ([0x80, 0, 0, 0], Frame::Garbage, None),
        ([0xff, 0xff, 0xff, 0xff], Frame::Garbage, None),
    ] {
        assert_eq!(
            (frame(header), stream_frame_length(header)),
            (kind, length),
            "{header:02x?}"
        );
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        method in 0_u16..0xfff,
        transaction: [u8; 12],
        attributes: Vec<(u16, Vec<u8>)>,
        address: (u128, u16),
        key: Vec<u8>,
    ) {
        let special = [attribute::MESSAGE_INTEGRITY, attribute::MESSAGE_INTEGRITY_SHA256, attribute::FINGERPRINT];
        let attributes: Vec<_> = attributes.into_iter().filter(|(kind, _)| !special.contains(kind) && *kind != 0x20).take(20).collect();
        let ip = std::net::Ipv6Addr::from_bits(address.0).to_canonical();
        let address = std::net::SocketAddr::new(ip, address.1);
        let mut writer = Writer::new(Class::Indication, method, transaction);
        for (kind, value) in &attributes {
            writer = writer.with(*kind, value);
        }
        let written = writer.with_address(0x20, address).signed(&key).finish();
        let message = Message::parse(&written).unwrap();
        prop_assert_eq!((message.class(), message.method()), (Class::Indication, method));
        prop_assert_eq!(message.transaction(), transaction);
        prop_assert!(message.is_signed_by(&key));
        let mut read: Vec<_> = message.attributes().map(|(kind, value)| (kind, value.to_vec())).collect();
        let (_, last) = read.pop().unwrap();
        prop_assert_eq!(message.address(&last), Some(address));
        prop_assert_eq!(read, attributes);
    }
}
