//! How a device asks its server for a relay, and what it is given: a TURN server, and credentials for it that expire
//! (`draft-uberti-behave-turn-rest-00`).
//!
//! A server that has one says so in its welcome; only who speaks our protocol is told, and may ask. Who asks gets one, or
//! hears that it gets none now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::limits;

/// What a device says to ask for a relay. What a later version may say more stands in the object.
pub const ASK: &str = r#"{"relay":{}}"#;

/// A relay. All but `ttl` are called as in WebRTC's `RTCIceServer`, and can be handed on as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relay {
    /// Where it is, by RFC 7065: `turn:host:port?transport=udp`. At most [`limits::MAX_RELAY_URLS`].
    pub urls: Vec<String>,
    /// Whom to be there.
    pub username: String,
    /// The password.
    pub credential: String,
    /// For how many seconds they can be used. Who needs a relay later asks again.
    pub ttl: u64,
}

/// No relay now; in a while there may be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoRelay {
    /// Why, in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Relay {
    /// What is wrong with it, if something is: URLs of another kind would make a browser refuse all of them.
    pub(super) fn problem(&self) -> Option<&'static str> {
        let is_turn = |url: &String| url.starts_with("turn:") || url.starts_with("turns:");
        let mut texts = self.urls.iter().chain([&self.username, &self.credential]);
        if self.urls.is_empty() || self.urls.len() > limits::MAX_RELAY_URLS {
            Some("no URL, or too many")
        } else if !self.urls.iter().all(is_turn) {
            Some("a URL of no TURN server")
        } else if texts.any(|text| text.is_empty() || text.len() > limits::MAX_RELAY_TEXT_BYTES) {
            Some("a text is empty or too long")
        } else {
            None
        }
    }
}

/// Whether a text is [`ASK`], or what a later version says in its place.
pub(super) fn is_ask(text: &str) -> bool {
    let Ok(members) = serde_json::from_str::<BTreeMap<&str, &RawValue>>(text) else {
        return false;
    };
    members.len() == 1
        && members
            .get("relay")
            .is_some_and(|value| value.get().starts_with('{'))
}
