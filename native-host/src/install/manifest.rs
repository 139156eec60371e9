//! What tells a browser which program an extension may start.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::browsers::{HOST_NAME, Kind};

/// The extension's id in Chromium and its kin: it follows from the `key` in the extension's manifest.
const CHROMIUM_ID: &str = "pnpkmekembamgbadefiddfiodipbgpph";
/// The extension's id in Firefox.
const FIREFOX_ID: &str = "catnest@catnest.invalid";

/// A native messaging host manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) name: String,
    description: String,
    /// The program.
    pub(super) path: PathBuf,
    #[serde(rename = "type")]
    kind: String,
    /// Chromium's: `chrome-extension://ID/`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allowed_origins: Vec<String>,
    /// Firefox's: ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allowed_extensions: Vec<String>,
}

impl Manifest {
    /// The manifest that lets these extensions start a program.
    pub(super) fn new(kind: Kind, program: &Path, ids: &[ExtensionId]) -> Self {
        let ids = ids.iter().filter(|id| id.kind == kind);
        let mut manifest = Self {
            name: HOST_NAME.to_owned(),
            description: "Catnest: stays in the nests when the browser is closed".to_owned(),
            path: program.to_owned(),
            kind: "stdio".to_owned(),
            allowed_origins: Vec::new(),
            allowed_extensions: Vec::new(),
        };
        match kind {
            Kind::Chromium => manifest.allowed_origins = ids.map(|id| origin(&id.id)).collect(),
            Kind::Firefox => manifest.allowed_extensions = ids.map(|id| id.id.clone()).collect(),
        }
        manifest
    }

    /// Whether an extension may start the program.
    pub(super) fn allows(&self, id: &ExtensionId) -> bool {
        match id.kind {
            Kind::Chromium => self.allowed_origins.contains(&origin(&id.id)),
            Kind::Firefox => self.allowed_extensions.contains(&id.id),
        }
    }

    /// Whether a browser takes it for the one that the extension means.
    pub(super) fn is_ours(&self) -> bool {
        self.name == HOST_NAME && self.kind == "stdio"
    }

    /// As a file.
    pub(super) fn to_text(&self) -> String {
        // A path that is no text cannot stand in JSON; `new` is called with one that can.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

fn origin(id: &str) -> String {
    format!("chrome-extension://{id}/")
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ExtensionId {
    pub(super) kind: Kind,
    pub(super) id: String,
}

impl ExtensionId {
    /// Ours, as it is built.
    pub(super) fn ours(kind: Kind) -> Self {
        let id = match kind {
            Kind::Chromium => CHROMIUM_ID,
            Kind::Firefox => FIREFOX_ID,
        };
        let id = id.to_owned();
        Self { kind, id }
    }
}

/// A text is no extension's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an id is 32 letters from a to p, as Chromium shows it, or name@domain or {{UUID}}, as Firefox does"
)]
pub(crate) struct NoExtensionId;

impl std::str::FromStr for ExtensionId {
    type Err = NoExtensionId;

    fn from_str(id: &str) -> Result<Self, NoExtensionId> {
        let kind = if id.len() == 32 && id.bytes().all(|b| (b'a'..=b'p').contains(&b)) {
            Kind::Chromium
        } else if is_firefox_id(id) {
            Kind::Firefox
        } else {
            return Err(NoExtensionId);
        };
        let id = id.to_owned();
        Ok(Self { kind, id })
    }
}

/// As Firefox itself checks it (`toolkit/components/extensions/schemas/manifest.json`, `ExtensionID`).
fn is_firefox_id(id: &str) -> bool {
    let uuid = id.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    if let Some(uuid) = uuid {
        let lengths = uuid.split('-').map(str::len).collect::<Vec<_>>();
        return lengths == [8, 4, 4, 4, 12]
            && uuid.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    }
    let plain = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    };
    id.len() <= 80
        && id
            .split_once('@')
            .is_some_and(|(name, domain)| plain(name) && !domain.is_empty() && plain(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_look_like_this() {
        let program = Path::new("/opt/catnest/catnest-host");
        let more = ["abcdefghijklmnopabcdefghijklmnop", "dev@example.com"];
        let more = more.map(|id| id.parse::<ExtensionId>().unwrap());
        let texts = [Kind::Chromium, Kind::Firefox].map(|kind| {
            let ids = [&[ExtensionId::ours(kind)], &more[..]].concat();
            let manifest = Manifest::new(kind, program, &ids);
            assert!(
                ids.iter()
                    .all(|id| manifest.allows(id) == (id.kind == kind))
            );
            let read: Manifest = serde_json::from_str(&manifest.to_text()).unwrap();
            assert_eq!(read, manifest);
            manifest.to_text()
        });
        insta::assert_snapshot!("manifests", texts.join(""));
    }

    #[test]
    fn ids_are_told_from_other_texts() {
        for (text, kind) in [
            (CHROMIUM_ID, Some(Kind::Chromium)),
            (FIREFOX_ID, Some(Kind::Firefox)),
            (
                "{9a1f7a9e-5b1c-4b1b-8f5e-0123456789ab}",
                Some(Kind::Firefox),
            ),
            ("@domain", Some(Kind::Firefox)),
            ("", None),
            ("pnpkmekembamgbadefiddfiodipbgppz", None),
            ("pnpkmekembamgbadefiddfiodipbgpp", None),
            ("chrome-extension://pnpkmekembamgbadefiddfiodipbgpph/", None),
            ("{9a1f7a9e}", None),
            ("name@", None),
            ("na me@domain", None),
            ("*", None),
        ] {
            let read = text.parse::<ExtensionId>();
            assert_eq!(read.ok().map(|id| id.kind), kind, "{text}");
        }
    }

    /// The extension's own manifest says who it is.
    #[test]
    fn the_extension_has_these_ids() {
        let source = include_str!("../../../manifest.json");
        assert!(source.contains(&format!("({CHROMIUM_ID})")));
        assert!(source.contains(&format!("\"id\": \"{FIREFOX_ID}\"")));
    }
}
