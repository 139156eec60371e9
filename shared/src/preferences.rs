//! What a member chose for the device as a whole: the language and look of its views, what notifications tell, and how
//! soon what burns is gone.

use std::time::Duration;

use minicbor::{Decode, Decoder, Encode, decode::Error};
use serde::{Deserialize, Serialize};

use crate::limits;

/// The choices. What was never chosen follows the browser and the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
#[serde(default)]
pub struct Preferences {
    /// The language of the views.
    #[n(0)]
    pub language: Option<Language>,
    /// Light or dark.
    #[n(1)]
    pub theme: Option<Theme>,
    /// What notifications tell.
    #[n(2)]
    #[cbor(default)]
    pub notifications: Notifications,
    /// For how many seconds a message that burns stays after it was shown, within [`limits::BURN_AFTER_SECONDS`]; none:
    /// [`limits::BURN_AFTER`].
    #[n(3)]
    pub burn_after: Option<u16>,
    /// The lists of music that others have are kept, so that they are there while those are away.
    #[cbor(n(4), decode_with = "read_switch", nil = "on")]
    pub cache_lists: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: None,
            theme: None,
            notifications: Notifications::default(),
            burn_after: None,
            cache_lists: true,
        }
    }
}

fn read_switch<Ctx>(decoder: &mut Decoder<'_>, _: &mut Ctx) -> Result<bool, Error> {
    decoder.bool()
}

/// What a switch is whose field is not there, since an earlier version wrote it.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the form that the derived reading calls"
)]
fn on() -> Option<bool> {
    Some(true)
}

impl Preferences {
    /// How long a message that burns stays after it was shown.
    pub fn burn_after(&self) -> Duration {
        let chosen = self.burn_after.map(|seconds| {
            let range = limits::BURN_AFTER_SECONDS;
            Duration::from_secs(seconds.clamp(*range.start(), *range.end()).into())
        });
        chosen.unwrap_or(limits::BURN_AFTER)
    }
}

/// A language that the views speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(index_only)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    #[n(0)]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    #[n(1)]
    Chinese,
}

/// Which colours the views have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Dark on light.
    #[n(0)]
    Light,
    /// Light on dark.
    #[n(1)]
    Dark,
}

/// What a notification of a message shows to whoever looks at the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Notifications {
    /// There are none.
    #[n(0)]
    Off,
    /// That there is something new: neither where, nor from whom, nor what.
    #[n(1)]
    Hidden,
    /// In which nest, and from whom.
    #[default]
    #[n(2)]
    Sender,
    /// The text as well.
    #[n(3)]
    Text,
}
