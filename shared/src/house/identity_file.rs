//! Who a member is, and in which channels, as a file under a passphrase.
//!
//! One object of JSON: how a key comes from the passphrase (Argon2id, RFC 9106), a nonce, and the sealed contents
//! (XChaCha20-Poly1305, draft-irtf-cfrg-xchacha). All that stands beside the contents is their associated data, so that
//! none of it can be changed either. Authenticated encryption cannot tell a wrong passphrase from a file that was changed.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};

use super::to_json;
use crate::{
    address::Address,
    chat::retention::Retention,
    entropy::Entropy,
    identity::{Author, DeviceSeed},
    limits,
    preferences::Preferences,
    profile::{is_avatar, is_name},
    secret::{Cost, PassphraseError, check_passphrase},
};

/// What the file says that it is.
pub const FORMAT: &str = "catnest-identity";
/// The version that is written, and the newest that is read.
pub const VERSION: u32 = 1;

const KDF: &str = "argon2id";
const CIPHER: &str = "xchacha20poly1305";

/// What a member takes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What the author keys are derived from.
    pub seed: DeviceSeed,
    /// The member's name; empty until chosen.
    pub name: String,
    /// What the member chose.
    pub preferences: Preferences,
    /// The channels the member is in, in the order they were joined.
    pub channels: Vec<Membership>,
}

/// One channel a member is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Where it is met, with its secret if it is private.
    pub address: Address,
    /// Which part of its log is kept.
    pub retention: Retention,
    /// Its new messages come without notification.
    pub muted: bool,
    /// The member's name there, if not that of the device.
    #[serde(default)]
    pub name: Option<String>,
    /// The member's avatar there.
    #[serde(default)]
    pub avatar: Option<String>,
    /// Who is blocked there, and a name of theirs.
    #[serde(default)]
    pub blocked: BTreeMap<Author, String>,
}

impl Membership {
    fn can_be(&self) -> bool {
        self.retention.is_valid()
            && self.name.as_deref().is_none_or(is_name)
            && self.avatar.as_deref().is_none_or(is_avatar)
            && self.blocked.len() <= limits::MAX_BLOCKED
            && self
                .blocked
                .values()
                .all(|name| name.len() <= limits::MAX_NAME_BYTES)
    }
}

/// How a passphrase becomes a key: what it costs, and with which salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kdf", into = "Kdf")]
pub struct Lock {
    cost: Cost,
    salt: [u8; 16],
}

/// The key that a passphrase becomes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LockKey([u8; 32]);

impl std::fmt::Debug for LockKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LockKey(…)")
    }
}

/// A file that is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityFile {
    lock: Lock,
    nonce: [u8; 24],
    sealed: Vec<u8>,
}

/// Why a file does not give an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "wrong", rename_all = "snake_case")]
pub enum IdentityFileError {
    /// It is something else, or longer than any identity file.
    #[error("the file is not one of an identity, or only a part of one")]
    NotOne,
    /// It was written by a newer Catnest.
    #[error("the file has version {version}; versions up to {VERSION} can be read")]
    Version {
        /// Which.
        version: u32,
    },
    /// Its key is derived in a way that is not known, or that costs more than a device should spend.
    #[error(
        "the file asks for more work than a passphrase is worth, or for work that is not known"
    )]
    Cost,
    /// The passphrase is another one, or the file was changed: which of the two, nobody can tell.
    #[error("the passphrase is not the one of this file, or the file was changed")]
    Sealed,
    /// Who knew the passphrase has put in what cannot be.
    #[error("what is in the file is not an identity")]
    Contents,
}

/// The file as JSON has it.
#[derive(Serialize, Deserialize)]
struct Outer {
    #[serde(flatten)]
    header: Header,
    sealed: String,
}

/// All but the contents.
#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    kdf: Kdf,
    cipher: String,
    nonce: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kdf {
    name: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

/// The contents as JSON has them.
#[derive(Serialize, Deserialize)]
struct Inner {
    seed: String,
    name: String,
    preferences: Preferences,
    channels: Vec<Membership>,
}

impl From<Lock> for Kdf {
    fn from(lock: Lock) -> Self {
        let [memory_kib, passes, lanes] = lock.cost.parameters();
        Self {
            name: KDF.to_owned(),
            memory_kib,
            passes,
            lanes,
            salt: Base64::encode_string(&lock.salt),
        }
    }
}

impl TryFrom<Kdf> for Lock {
    type Error = IdentityFileError;

    fn try_from(kdf: Kdf) -> Result<Self, IdentityFileError> {
        let cost = Cost::new(kdf.memory_kib, kdf.passes, kdf.lanes);
        let cost = cost.filter(|_| kdf.name == KDF);
        Ok(Self {
            cost: cost.ok_or(IdentityFileError::Cost)?,
            salt: decode(&kdf.salt).ok_or(IdentityFileError::NotOne)?,
        })
    }
}

impl From<LockKey> for String {
    fn from(key: LockKey) -> Self {
        Base64::encode_string(&key.0)
    }
}

impl TryFrom<String> for LockKey {
    type Error = IdentityFileError;

    fn try_from(text: String) -> Result<Self, IdentityFileError> {
        decode(&text).map(Self).ok_or(IdentityFileError::Sealed)
    }
}

/// Exactly so many bytes.
fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    Base64::decode_vec(text).ok()?.try_into().ok()
}

impl Lock {
    /// A new one.
    pub fn new(cost: Cost, entropy: &mut Entropy) -> Self {
        let salt = entropy.bytes();
        Self { cost, salt }
    }

    /// Looks whether a passphrase may keep a new file, without the work of [`Lock::key`].
    ///
    /// # Errors
    /// When it is too short or too long.
    pub fn check(passphrase: &str) -> Result<(), PassphraseError> {
        check_passphrase(passphrase, limits::MIN_FILE_PASSPHRASE_CHARS).map(|_| ())
    }

    /// The key for a new file.
    ///
    /// # Errors
    /// For a passphrase that is too short or too long.
    pub fn key(&self, passphrase: &str) -> Result<LockKey, PassphraseError> {
        let passphrase = check_passphrase(passphrase, limits::MIN_FILE_PASSPHRASE_CHARS)?;
        Ok(LockKey(self.cost.stretch(passphrase, &self.salt)))
    }

    /// The key for a file that is there: whatever rule its passphrase was chosen by.
    ///
    /// # Errors
    /// For a passphrase that is too long, or none.
    pub fn key_again(&self, passphrase: &str) -> Result<LockKey, PassphraseError> {
        let passphrase = check_passphrase(passphrase, 1)?;
        Ok(LockKey(self.cost.stretch(passphrase, &self.salt)))
    }
}

impl LockKey {
    /// A key that comes from something else than a passphrase.
    pub const fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Identity {
    /// Seals it.
    pub fn seal(&self, lock: Lock, key: &LockKey, entropy: &mut Entropy) -> IdentityFile {
        let inner = Inner {
            seed: Base64::encode_string(self.seed.bytes()),
            name: self.name.clone(),
            preferences: self.preferences,
            channels: self.channels.clone(),
        };
        let mut file = IdentityFile {
            lock,
            nonce: entropy.bytes(),
            sealed: Vec::new(),
        };
        let (contents, header) = (to_json(&inner), to_json(&file.header()));
        let payload = Payload {
            msg: contents.as_bytes(),
            aad: header.as_bytes(),
        };
        #[expect(
            clippy::unwrap_used,
            reason = "the cipher refuses only what is over 256 GiB"
        )]
        let sealed = key.cipher().encrypt(&file.nonce(), payload).unwrap();
        file.sealed = sealed;
        file
    }
}

impl IdentityFile {
    /// Reads a file, without opening it.
    ///
    /// # Errors
    /// When it is none that can be opened.
    pub fn parse(text: &str) -> Result<Self, IdentityFileError> {
        #[derive(Deserialize)]
        struct Begin {
            format: String,
            version: u32,
        }
        if text.len() > limits::MAX_IDENTITY_FILE_BYTES {
            return Err(IdentityFileError::NotOne);
        }
        let not_one = |_| IdentityFileError::NotOne;
        let begin: Begin = serde_json::from_str(text).map_err(not_one)?;
        if begin.format != FORMAT {
            return Err(IdentityFileError::NotOne);
        }
        if begin.version > VERSION {
            let version = begin.version;
            return Err(IdentityFileError::Version { version });
        }
        let Outer { header, sealed } = serde_json::from_str(text).map_err(not_one)?;
        let lock = Lock::try_from(header.kdf)?;
        if header.cipher != CIPHER || header.version != VERSION {
            return Err(IdentityFileError::NotOne);
        }
        let sealed = Base64::decode_vec(&sealed).ok();
        Ok(Self {
            lock,
            nonce: decode(&header.nonce).ok_or(IdentityFileError::NotOne)?,
            sealed: sealed.ok_or(IdentityFileError::NotOne)?,
        })
    }

    /// How a passphrase becomes its key.
    pub fn lock(&self) -> Lock {
        self.lock
    }

    /// Opens it.
    ///
    /// # Errors
    /// When the key does not fit, or what is inside cannot be.
    pub fn open(&self, key: &LockKey) -> Result<Identity, IdentityFileError> {
        let header = to_json(&self.header());
        let payload = Payload {
            msg: &self.sealed,
            aad: header.as_bytes(),
        };
        let opened = key.cipher().decrypt(&self.nonce(), payload);
        let opened = opened.map_err(|_| IdentityFileError::Sealed)?;
        let inner = serde_json::from_slice::<Inner>(&opened).ok();
        let identity = inner.and_then(|inner| {
            Some(Identity {
                seed: DeviceSeed::of_bytes(decode(&inner.seed)?),
                name: inner.name,
                preferences: inner.preferences,
                channels: inner.channels,
            })
        });
        let can_be = |identity: &Identity| {
            let channels = &identity.channels;
            (identity.name.is_empty() || is_name(&identity.name))
                && channels.len() <= limits::MAX_CHANNELS
                && channels.iter().all(Membership::can_be)
        };
        identity.filter(can_be).ok_or(IdentityFileError::Contents)
    }

    fn header(&self) -> Header {
        Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            kdf: self.lock.into(),
            cipher: CIPHER.to_owned(),
            nonce: Base64::encode_string(&self.nonce),
        }
    }

    fn nonce(&self) -> XNonce {
        XNonce::from(self.nonce)
    }
}

impl std::fmt::Display for IdentityFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let outer = Outer {
            header: self.header(),
            sealed: Base64::encode_string(&self.sealed),
        };
        let text = serde_json::to_string_pretty(&outer).map_err(|_| std::fmt::Error)?;
        writeln!(f, "{text}")
    }
}

impl LockKey {
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.0.into())
    }
}
