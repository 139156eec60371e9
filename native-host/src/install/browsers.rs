//! Where browsers look for the programs that extensions may start: one table, for every system.
//!
//! Sources: Chrome's "Native messaging" and MDN's "Native manifests"; for Edge, Brave and Vivaldi what KeePassXC
//! (`NativeMessageInstaller.cpp`) and Bitwarden (`native-messaging.main.ts`) write.

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use crate::home::NoHome;

/// What the extension calls the program: letters, digits, `_` and `.`, in small letters.
pub(super) const HOST_NAME: &str = "catnest.host";

/// What Chromium and its kin write in the directory of all profiles when they are started.
const CHROMIUM_TRACE: &str = "Local State";
/// What Firefox writes, then.
const FIREFOX_TRACE: &str = "profiles.ini";

/// A browser that can have the extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Browser {
    /// Google Chrome.
    Chrome,
    /// Chromium.
    Chromium,
    /// Microsoft Edge.
    Edge,
    /// Brave.
    Brave,
    /// Vivaldi.
    Vivaldi,
    /// Firefox.
    Firefox,
}

/// The two ways to name an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Chromium and its kin: by origin.
    Chromium,
    /// Firefox: by id.
    Firefox,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Linux,
    MacOs,
    Windows,
}

impl System {
    /// This one. Other Unixes are like Linux.
    pub(super) const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Linux
    };
}

/// The directories that everything else is below.
#[derive(Clone, Debug)]
pub(crate) struct Bases {
    /// The user's.
    pub(super) home: PathBuf,
    /// `$XDG_CONFIG_HOME` on Linux.
    pub(super) config: PathBuf,
    /// `%LOCALAPPDATA%` on Windows.
    pub(super) local: PathBuf,
    /// `%APPDATA%` on Windows.
    pub(super) roaming: PathBuf,
}

impl Bases {
    /// Those of this user.
    pub(super) fn here() -> Result<Self, NoHome> {
        let absolute = |variable: &str| {
            let path = env::var_os(variable).map(PathBuf::from);
            path.filter(|path| path.is_absolute())
        };
        let home = env::home_dir()
            .filter(|path| path.is_absolute())
            .ok_or(NoHome)?;
        let or = |variable, below: &str| absolute(variable).unwrap_or_else(|| home.join(below));
        Ok(Self {
            config: or("XDG_CONFIG_HOME", ".config"),
            local: or("LOCALAPPDATA", "AppData/Local"),
            roaming: or("APPDATA", "AppData/Roaming"),
            home,
        })
    }
}

/// A row of the table.
struct Row {
    name: &'static str,
    kind: Kind,
    /// On Linux what the browser has for a user, below `$XDG_CONFIG_HOME`; Firefox's is below the home itself.
    linux: &'static str,
    /// On macOS the same, below `~/Library/Application Support`.
    macos: &'static str,
    /// On Windows the same, below `%LOCALAPPDATA%`; Firefox's is below `%APPDATA%`.
    windows: &'static str,
    /// The keys below `HKEY_CURRENT_USER` that it reads.
    keys: &'static [&'static str],
    /// On Linux the directories for all users.
    linux_all: &'static [&'static str],
    /// On macOS the directory for all users.
    macos_all: &'static str,
    /// What a browser in a sandbox of its own has on Linux, below the home: it cannot start programs outside of that.
    walled: &'static [&'static str],
}

const fn row(browser: Browser) -> &'static Row {
    match browser {
        Browser::Chrome => &Row {
            name: "Chrome",
            kind: Kind::Chromium,
            linux: "google-chrome",
            macos: "Google/Chrome",
            windows: "Google/Chrome/User Data",
            keys: &[r"Software\Google\Chrome"],
            linux_all: &["/etc/opt/chrome/native-messaging-hosts"],
            macos_all: "/Library/Google/Chrome/NativeMessagingHosts",
            walled: &[".var/app/com.google.Chrome"],
        },
        Browser::Chromium => &Row {
            name: "Chromium",
            kind: Kind::Chromium,
            linux: "chromium",
            macos: "Chromium",
            windows: "Chromium/User Data",
            keys: &[r"Software\Chromium"],
            linux_all: &["/etc/chromium/native-messaging-hosts"],
            macos_all: "/Library/Application Support/Chromium/NativeMessagingHosts",
            walled: &["snap/chromium", ".var/app/org.chromium.Chromium"],
        },
        Browser::Edge => &Row {
            name: "Edge",
            kind: Kind::Chromium,
            linux: "microsoft-edge",
            macos: "Microsoft Edge",
            windows: "Microsoft/Edge/User Data",
            keys: &[r"Software\Microsoft\Edge"],
            linux_all: &["/etc/opt/edge/native-messaging-hosts"],
            macos_all: "/Library/Microsoft/Edge/NativeMessagingHosts",
            walled: &[".var/app/com.microsoft.Edge"],
        },
        Browser::Brave => &Row {
            name: "Brave",
            kind: Kind::Chromium,
            linux: "BraveSoftware/Brave-Browser",
            macos: "BraveSoftware/Brave-Browser",
            windows: "BraveSoftware/Brave-Browser/User Data",
            // It reads Chrome's, and may come to read its own.
            keys: &[
                r"Software\BraveSoftware\Brave-Browser",
                r"Software\Google\Chrome",
            ],
            linux_all: &["/etc/opt/chrome/native-messaging-hosts"],
            macos_all: "/Library/Google/Chrome/NativeMessagingHosts",
            walled: &["snap/brave", ".var/app/com.brave.Browser"],
        },
        Browser::Vivaldi => &Row {
            name: "Vivaldi",
            kind: Kind::Chromium,
            linux: "vivaldi",
            macos: "Vivaldi",
            windows: "Vivaldi/User Data",
            // As with Brave.
            keys: &[r"Software\Vivaldi", r"Software\Google\Chrome"],
            linux_all: &["/etc/opt/vivaldi/native-messaging-hosts"],
            macos_all: "/Library/Application Support/Vivaldi/NativeMessagingHosts",
            walled: &["snap/vivaldi", ".var/app/com.vivaldi.Vivaldi"],
        },
        Browser::Firefox => &Row {
            name: "Firefox",
            kind: Kind::Firefox,
            linux: ".mozilla",
            macos: "Mozilla",
            windows: "Mozilla/Firefox",
            keys: &[r"Software\Mozilla"],
            linux_all: &[
                "/usr/lib/mozilla/native-messaging-hosts",
                "/usr/lib64/mozilla/native-messaging-hosts",
            ],
            macos_all: "/Library/Application Support/Mozilla/NativeMessagingHosts",
            // Its snap gets out through a portal.
            walled: &[".var/app/org.mozilla.firefox"],
        },
    }
}

impl Browser {
    /// All of them.
    pub(super) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// How it names extensions.
    pub(super) fn kind(self) -> Kind {
        row(self).kind
    }

    /// What tells that the user has started it: files that only the browser writes, as a folder may be there for what others
    /// put in it, our manifest among that.
    pub(super) fn traces(self, system: System, bases: &Bases) -> Vec<PathBuf> {
        let row = row(self);
        let (folders, file) = match (system, row.kind) {
            (System::Linux, Kind::Chromium) => (vec![bases.config.join(row.linux)], CHROMIUM_TRACE),
            (System::Linux, Kind::Firefox) => {
                let folders = vec![
                    bases.home.join(row.linux).join("firefox"),
                    // Since version 147 it may be with the rest, but for the manifests (bug 2005167).
                    bases.config.join("mozilla/firefox"),
                    // Its snap reads manifests where all do.
                    bases.home.join("snap/firefox/common/.mozilla/firefox"),
                ];
                (folders, FIREFOX_TRACE)
            }
            (System::MacOs, Kind::Chromium) => {
                let folder = application_support(bases).join(row.macos);
                (vec![folder], CHROMIUM_TRACE)
            }
            (System::MacOs, Kind::Firefox) => {
                let folder = application_support(bases).join("Firefox");
                (vec![folder], FIREFOX_TRACE)
            }
            (System::Windows, Kind::Chromium) => {
                (vec![bases.local.join(row.windows)], CHROMIUM_TRACE)
            }
            (System::Windows, Kind::Firefox) => {
                (vec![bases.roaming.join(row.windows)], FIREFOX_TRACE)
            }
        };
        folders.iter().map(|folder| folder.join(file)).collect()
    }

    /// The manifest for one user.
    pub(super) fn manifest(self, system: System, bases: &Bases) -> PathBuf {
        let row = row(self);
        match (system, row.kind) {
            (System::Linux, Kind::Chromium) => in_profile(&bases.config.join(row.linux)),
            (System::Linux, Kind::Firefox) => {
                let folder = bases.home.join(row.linux).join("native-messaging-hosts");
                folder.join(file_name())
            }
            (System::MacOs, _) => in_profile(&application_support(bases).join(row.macos)),
            // Anywhere: the registry says where.
            (System::Windows, _) => {
                let file = format!("{}.{HOST_NAME}.json", row.name.to_lowercase());
                bases.local.join("Catnest").join(file)
            }
        }
    }

    /// The manifests for all users: they are found, too, and not ours to write.
    pub(super) fn manifests_for_all(self, system: System) -> Vec<PathBuf> {
        let row = row(self);
        let folders = match system {
            System::Linux => row.linux_all,
            System::MacOs => std::slice::from_ref(&row.macos_all),
            System::Windows => &[],
        };
        folders
            .iter()
            .map(|folder| Path::new(folder).join(file_name()))
            .collect()
    }

    /// The keys of the registry, below `HKEY_CURRENT_USER`, that say where the manifest is.
    pub(super) fn keys(self) -> Vec<String> {
        let keys = row(self).keys.iter();
        keys.map(|key| format!(r"{key}\NativeMessagingHosts\{HOST_NAME}"))
            .collect()
    }

    /// What a copy of it has for the user that cannot start programs, being in a sandbox.
    pub(super) fn walled(self, system: System, bases: &Bases) -> Vec<PathBuf> {
        match system {
            System::Linux => row(self)
                .walled
                .iter()
                .map(|below| bases.home.join(below))
                .collect(),
            System::MacOs | System::Windows => Vec::new(),
        }
    }
}

/// Of the browsers that read a key of the registry one that is not to go, and has a manifest.
pub(super) fn heir(
    key: &str,
    going: &[Browser],
    has_manifest: impl Fn(Browser) -> bool,
) -> Option<Browser> {
    let stays = |browser: &Browser| !going.contains(browser) && has_manifest(*browser);
    let mut stays = Browser::all().iter().copied().filter(stays);
    stays.find(|browser| browser.keys().iter().any(|read| read == key))
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(row(*self).name)
    }
}

/// The manifest of a browser of Chromium's kin in the directory that has all of its profiles.
pub(super) fn in_profile(profile: &Path) -> PathBuf {
    profile.join("NativeMessagingHosts").join(file_name())
}

fn file_name() -> String {
    format!("{HOST_NAME}.json")
}

fn application_support(bases: &Bases) -> PathBuf {
    bases.home.join("Library").join("Application Support")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases() -> Bases {
        Bases {
            home: "/users/ann".into(),
            config: "/users/ann/.config".into(),
            local: "/users/ann/AppData/Local".into(),
            roaming: "/users/ann/AppData/Roaming".into(),
        }
    }

    /// A path with the same separators everywhere.
    fn text(path: &Path) -> String {
        path.to_string_lossy().replace('\\', "/")
    }

    #[test]
    fn every_browser_has_its_places_on_every_system() {
        let mut lines = Vec::new();
        for browser in Browser::all() {
            for system in [System::Linux, System::MacOs, System::Windows] {
                lines.push(format!("{browser} on {system:?}"));
                let bases = bases();
                for trace in browser.traces(system, &bases) {
                    lines.push(format!("  known by  {}", text(&trace)));
                }
                let manifest = browser.manifest(system, &bases);
                lines.push(format!("  manifest  {}", text(&manifest)));
                for all in browser.manifests_for_all(system) {
                    lines.push(format!("  for all   {}", text(&all)));
                }
                if system == System::Windows {
                    lines.extend(
                        browser
                            .keys()
                            .iter()
                            .map(|key| format!("  key       {key}")),
                    );
                }
                for walled in browser.walled(system, &bases) {
                    lines.push(format!("  walled    {}", text(&walled)));
                }
            }
        }
        insta::assert_snapshot!("browsers", lines.join("\n"));
    }

    #[test]
    fn no_two_browsers_share_a_manifest() {
        for system in [System::Linux, System::MacOs, System::Windows] {
            let mut all: Vec<PathBuf> = Browser::all()
                .iter()
                .map(|browser| browser.manifest(system, &bases()))
                .collect();
            all.sort();
            all.dedup();
            assert_eq!(all.len(), Browser::all().len());
        }
    }

    /// Brave and Vivaldi read Chrome's key.
    #[test]
    fn a_key_that_others_read_goes_to_one_of_them() {
        let [chrome, brave, vivaldi, firefox] = [
            Browser::Chrome,
            Browser::Brave,
            Browser::Vivaldi,
            Browser::Firefox,
        ];
        let key = &chrome.keys()[0];
        for (going, installed, expected) in [
            (&[brave][..], &[chrome, brave][..], Some(chrome)),
            (&[chrome], &[chrome, brave], Some(brave)),
            (&[brave, chrome], &[chrome, brave, vivaldi], Some(vivaldi)),
            (&[brave], &[brave], None),
            (&[brave], &[brave, firefox], None),
            (Browser::all(), Browser::all(), None),
        ] {
            let found = heir(key, going, |browser| installed.contains(&browser));
            assert_eq!(found, expected, "{going:?} of {installed:?}");
        }
        let own = &brave.keys()[0];
        assert_eq!(heir(own, &[brave], |_| true), None);
    }

    #[test]
    fn the_name_is_one_that_browsers_take() {
        let parts = HOST_NAME.split('.');
        for part in parts {
            assert!(!part.is_empty());
            assert!(
                part.bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
        }
    }
}
