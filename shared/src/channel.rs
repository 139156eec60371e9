//! What a channel is: its key, and what follows from it.
//!
//! A public channel's key is derived from the server it is named after and its name: whoever knows the address is in. A
//! private channel's key is derived from its secret and its name.

use crate::{
    address::{Address, Authority},
    ids::{byte_id, to_hex},
    signal::seal::SealKey,
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
        let derive = |context, first: &str, name: &str| {
            let mut hasher = blake3::Hasher::new_derive_key(context);
            hasher.update(&(first.len() as u64).to_le_bytes());
            hasher.update(first.as_bytes());
            hasher.update(name.as_bytes());
            Self(*hasher.finalize().as_bytes())
        };
        match &address.secret {
            Some(secret) => derive(
                "catnest 2026-11-23 private channel key",
                secret.as_str(),
                address.channel.as_str(),
            ),
            None => derive(
                "catnest 2026-11-23 public channel key",
                &address.authority.to_string(),
                address.channel.as_str(),
            ),
        }
    }

    /// The channel's id.
    pub fn id(&self) -> ChannelId {
        ChannelId(blake3::derive_key("catnest 2026-11-23 channel id", &self.0))
    }

    /// What bodies of signalling messages are sealed with.
    pub fn seal_key(&self) -> SealKey {
        SealKey::new(blake3::derive_key("catnest 2026-11-23 seal key", &self.0))
    }

    /// A name for the channel that tells nothing of it.
    fn blind_topic(&self) -> String {
        to_hex(&blake3::derive_key("catnest 2026-11-23 topic", &self.0))
    }
}

/// The servers that carry a channel, each once, and what the channel is called there.
///
/// Only the server that a public channel is named after calls it by its name: elsewhere that would be another channel's,
/// and a private channel's name is nobody's business.
pub fn servers(address: &Address) -> Vec<(Authority, String)> {
    let topic = ChannelKey::of(address).blind_topic();
    let named_after =
        |authority: &Authority| address.secret.is_none() && *authority == address.authority;
    let mut servers: Vec<(Authority, String)> = Vec::new();
    for authority in std::iter::once(&address.authority).chain(&address.via) {
        if servers.iter().any(|(known, _)| known == authority) {
            continue;
        }
        let topic = if named_after(authority) {
            address.channel.as_str().to_owned()
        } else {
            topic.clone()
        };
        servers.push((authority.clone(), topic));
    }
    servers
}

/// What a channel is called in the daemon of this machine's native host.
pub fn host_topic(channel: ChannelId) -> String {
    to_hex(&blake3::derive_key(
        "catnest 2026-11-30 topic in a host",
        &channel.0,
    ))
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

    #[test]
    fn a_name_is_told_to_the_server_a_public_channel_is_named_after_and_to_no_other() {
        let topics = |address: &str| -> Vec<(String, String)> {
            servers(&address.parse().unwrap())
                .into_iter()
                .map(|(authority, topic)| (authority.to_string(), topic))
                .collect()
        };
        let public = topics("webrtc://cat.example/nest?via=dog.example&via=CAT.example");
        assert_eq!(public[0], ("cat.example".into(), "nest".into()));
        assert_eq!((public.len(), public[1].1.len()), (2, 64));
        let private = topics("webrtc://cat.example/nest?via=dog.example#aaaaaaaaaaaaaaaaaaaaaaaa");
        assert_eq!(private[0].1, private[1].1);
        assert_eq!(private[0].1.len(), 64);
        assert_ne!(private[0].1, public[1].1);
    }
}
