//! The bodies of the fuzz targets: whatever the bytes, no panic, and what parses survives its own printing.
//!
//! `fuzz/` runs them under cargo-fuzz, `tests/fuzz_bodies.rs` over their corpus and random bytes on stable.

use std::net::{IpAddr, Ipv4Addr};

use crate::{
    address::Address,
    channel::ChannelId,
    chat::record::{self, Record},
    entropy::Entropy,
    invitation,
    presence::{Claim, Roster},
    signal::{
        guard::AddressKey,
        hub::{Hub, Socket},
        message::Incoming,
        seal::SealKey,
    },
    time::Millis,
    wire::Frame,
};

/// An address that parses prints to one that parses to the same; an invitation is searched for one.
pub fn address(bytes: &[u8]) {
    if let Ok(address) = invitation::read(&String::from_utf8_lossy(bytes)) {
        assert_eq!(address.to_string().parse().as_ref(), Ok(&address));
    }
    if let Ok(address) = String::from_utf8_lossy(bytes).parse::<Address>() {
        assert_eq!(
            address.to_string().parse().as_ref(),
            Ok(&address),
            "{address}"
        );
    }
}

/// A frame that is read writes to one that is read as the same.
pub fn frame(bytes: &[u8]) {
    if let Ok(frame) = Frame::decode(bytes)
        && !matches!(frame, Frame::Unknown(_))
    {
        assert_eq!(Frame::decode(&frame.encode()).as_ref(), Ok(&frame));
    }
}

/// Nobody but an author makes a record.
pub fn chat_record(bytes: &[u8]) {
    let checked = Record::read(ChannelId([7; 32]), bytes);
    if let Ok(record) = &checked {
        assert_eq!(record::id_of(bytes).as_ref(), Ok(&record.id));
    }
}

/// Nobody but a member makes an announcement.
pub fn presence(bytes: &[u8]) {
    if let Ok(claim) = Claim::read(ChannelId([7; 32]), bytes) {
        assert!(Roster::default().is_news(&claim));
        if let Ok(announcement) = claim.check() {
            assert_eq!(announcement.bytes, bytes);
        }
    }
}

/// A message from a server is read, or refused, or left out; what is read writes to the same.
pub fn signal(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let written = match Incoming::parse(&text) {
        Ok(Incoming::Peer(message)) => (message.to_json(), Incoming::Peer(message)),
        Ok(Incoming::Sealed(message)) => {
            let key = SealKey::new([7; 32]);
            assert!(message.clone().open(&key, "a", "t").is_err());
            (message.to_json(), Incoming::Sealed(message))
        }
        _ => return,
    };
    assert_eq!(Incoming::parse(&written.0).as_ref(), Ok(&written.1));
}

/// Whatever a device sends, the server goes on, and its own messages stay readable.
pub fn hub(bytes: &[u8]) {
    let mut hub = Hub::new(Entropy::from_seed([1; 32]));
    #[expect(clippy::unwrap_used, reason = "a constant that is a channel name")]
    let channel = crate::address::ChannelName::new("nest").unwrap();
    let address = AddressKey::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
    hub.join(Millis(0), Socket(1), address, &channel, true);
    hub.join(Millis(0), Socket(2), address, &channel, false);
    hub.text(Millis(0), Socket(1), &String::from_utf8_lossy(bytes));
    hub.text(Millis(0), Socket(2), &String::from_utf8_lossy(bytes));
    while hub.poll().is_some() {}
    assert_eq!(hub.load().1, usize::from(hub.load().0 > 0));
}
