//! What those get who have not proved who they are, and the proof.
//!
//! Each answer here is larger than its question, which may have a forged sender: of datagrams, an address gets only so
//! many answers.

use super::{
    Client, Time, Transport,
    allocation::User,
    credential,
    refusal::{
        BAD_REQUEST, Refusal, STALE_NONCE, UNAUTHORIZED, unknown_answer, unknown_attributes,
    },
    server::{Step, TurnServer},
    stun::{Class, Message, Writer, attribute},
};
use crate::{limits, time::Millis};

impl TurnServer {
    /// RFC 8489 §12: where does the client come from?
    pub(super) fn binding<'a>(
        &mut self,
        now: Millis,
        client: &Client,
        message: &Message<'_>,
    ) -> Step<'a> {
        if !self.may_answer(now, client) {
            return Step::Nothing;
        }
        let unknown = unknown_attributes(message);
        if !unknown.is_empty() {
            return Step::Reply(unknown_answer(message, &unknown).finish());
        }
        let answer = Writer::answer(message, Class::Success)
            .with_address(attribute::XOR_MAPPED_ADDRESS, client.canonical());
        Step::Reply(answer.finish())
    }

    /// RFC 8489 §9.2.4: who asks?
    pub(super) fn authenticate<'a>(
        &mut self,
        Time { now, wall }: Time,
        client: &Client,
        message: &Message<'_>,
    ) -> Result<User, Step<'a>> {
        if !message.is_signed() {
            return Err(self.challenge(now, client, message, UNAUTHORIZED));
        }
        let texts = [attribute::USERNAME, attribute::REALM, attribute::NONCE];
        let [Some(username), Some(realm), Some(nonce)] = texts.map(|kind| message.text(kind))
        else {
            return Err(self.refuse_stranger(now, client, message, BAD_REQUEST));
        };
        if username.len() > limits::MAX_RELAY_TEXT_BYTES {
            return Err(self.refuse_stranger(now, client, message, BAD_REQUEST));
        }
        if !self.nonces.is_fresh(now, client, nonce) {
            return Err(self.challenge(now, client, message, STALE_NONCE));
        }
        let password = credential::password(&self.config.secret, username);
        let key = credential::key(username, &self.config.realm, &password);
        let may = realm == self.config.realm
            && message.is_signed_by(&key)
            && credential::name(username, wall).is_some();
        if !may {
            return Err(self.challenge(now, client, message, UNAUTHORIZED));
        }
        Ok(User {
            username: username.into(),
            key,
            nest: None,
        })
    }

    /// Refuses, and says what the next attempt has to be made with.
    fn challenge<'a>(
        &mut self,
        now: Millis,
        client: &Client,
        message: &Message<'_>,
        Refusal(code, reason): Refusal,
    ) -> Step<'a> {
        if !self.may_answer(now, client) {
            return Step::Nothing;
        }
        let nonce = self.nonces.give(now, client);
        let answer = Writer::answer(message, Class::Error)
            .with_error(code, reason)
            .with(attribute::REALM, self.config.realm.as_bytes())
            .with(attribute::NONCE, nonce.as_bytes());
        Step::Reply(answer.finish())
    }

    pub(super) fn refuse_stranger<'a>(
        &mut self,
        now: Millis,
        client: &Client,
        message: &Message<'_>,
        Refusal(code, reason): Refusal,
    ) -> Step<'a> {
        if !self.may_answer(now, client) {
            return Step::Nothing;
        }
        let answer = Writer::answer(message, Class::Error).with_error(code, reason);
        Step::Reply(answer.finish())
    }

    /// Whether somebody who proved nothing is answered. Who has a connection is where it says.
    fn may_answer(&mut self, now: Millis, client: &Client) -> bool {
        client.transport == Transport::Tcp || self.strangers.take(now, client.address.ip())
    }
}
