//! What a channel is: its key, and what follows from it.
//!
//! A public channel's key is derived from the server it is named after and its name: whoever knows the address is in. A
//! private channel's key is derived from its secret and its name.

use crate::{
    address::{Address, ChannelName},
    ids::byte_id,
};

/// The key everything of a channel is derived from. For a public channel it is no secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ChannelKey([u8; 32]);

byte_id! {
    /// Names a channel on the wire and in storage without giving its key away.
    ChannelId, 32
}

impl ChannelKey {
    /// The key of the channel an address leads to.
    pub fn of(address: &Address) -> Self {
        // Lengths first, so that no two pairs of parts make the same bytes.
        let derive = |context, first: &str, name: &ChannelName| {
            let mut hasher = blake3::Hasher::new_derive_key(context);
            hasher.update(&(first.len() as u64).to_le_bytes());
            hasher.update(first.as_bytes());
            hasher.update(name.as_str().as_bytes());
            Self(*hasher.finalize().as_bytes())
        };
        match &address.secret {
            Some(secret) => derive(
                "catnest 2026-11-23 private channel key",
                secret.as_str(),
                &address.channel,
            ),
            None => derive(
                "catnest 2026-11-23 public channel key",
                &address.authority.to_string(),
                &address.channel,
            ),
        }
    }

    /// The channel's id.
    pub fn id(&self) -> ChannelId {
        ChannelId(blake3::derive_key("catnest 2026-11-23 channel id", &self.0))
    }
}

impl std::fmt::Debug for ChannelKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelKey(of {:?})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(address: &str) -> ChannelId {
        ChannelKey::of(&address.parse().unwrap()).id()
    }

    #[test]
    fn user_resource_and_mirrors_do_not_change_the_channel() {
        let plain = id("webrtc://cat.example/nest");
        assert_eq!(plain, id("webrtc://mimi@CAT.example/nest?via=dog.example"));
        assert_eq!(
            plain,
            id(&format!("webrtc://cat.example/nest/{}", "ab".repeat(32)))
        );
    }

    #[test]
    fn server_port_name_and_secret_do() {
        let all = [
            id("webrtc://cat.example/nest"),
            id("webrtc://cat.example:8443/nest"),
            id("webrtc://dog.example/nest"),
            id("webrtc://cat.example/nest2"),
            id("webrtc://cat.example/nest#aaaaaaaaaaaaaaaaaaaaaaaa"),
            id("webrtc://cat.example/nest#bbbbbbbbbbbbbbbbbbbbbbbb"),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(!all[..i].contains(a), "{i}");
        }
    }
}
