//! Why there is no host, and what to do about it.

use catnest::host::{Absence, HostState, PROTOCOL};
use leptos::prelude::*;

use crate::{
    i18n::{isolated, t, t_with},
    icon::{Drawing, Icon},
    js,
    parts::CopyLine,
};

/// The extension's ids as it is built: of Chromium and its kin, and of Firefox. `install` knows them by itself.
const KNOWN_IDS: [&str; 2] = [
    "pnpkmekembamgbadefiddfiodipbgpph",
    "catnest@catnest.invalid",
];

/// A line to run in a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    /// Nothing that we know of helps.
    None,
    /// Has the browsers find the host.
    Install,
    /// Says what is wrong.
    Doctor,
}

impl Line {
    fn text(self, id: &str) -> Option<String> {
        match self {
            Line::None => None,
            Line::Install if KNOWN_IDS.contains(&id) => Some("catnest-host install".to_owned()),
            // Firefox's may have braces, which some shells read.
            Line::Install => Some(format!("catnest-host install --extension-id '{id}'")),
            Line::Doctor => Some("catnest-host doctor".to_owned()),
        }
    }
}

/// What is said of a host that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Help {
    /// Its keys begin with it: `…_title`, and without an end its text.
    key: &'static str,
    /// What the text has in place of `$1`.
    value: String,
    line: Line,
}

impl Help {
    fn of(state: &HostState, version: &str) -> Option<Self> {
        let help = |key, line| {
            let value = version.to_owned();
            Some(Self { key, value, line })
        };
        let why = match state {
            HostState::Looking | HostState::Present { .. } => return None,
            HostState::Incompatible { oldest, .. } if *oldest > PROTOCOL => {
                return help("host_newer", Line::None);
            }
            HostState::Incompatible { .. } => return help("host_older", Line::None),
            HostState::Absent { why } => why,
        };
        match why {
            Absence::NotInstalled => help("host_absent", Line::Install),
            Absence::Forbidden => help("host_forbidden", Line::Install),
            Absence::Exited => help("host_exited", Line::Doctor),
            Absence::NoDaemon { detail } => Some(Self {
                key: "host_no_daemon",
                value: isolated(detail),
                line: Line::Doctor,
            }),
            Absence::Stopped => help("host_stopped", Line::None),
            Absence::Busy => help("host_busy", Line::None),
            Absence::Silent => help("host_silent", Line::Doctor),
            Absence::Nonsense => help("host_nonsense", Line::Doctor),
        }
    }
}

/// What is wrong, in few words.
pub(super) fn title(state: &HostState) -> String {
    let help = Help::of(state, "");
    help.map(|help| t(&format!("{}_title", help.key)))
        .unwrap_or_default()
}

/// The card.
#[component]
pub(super) fn Absent(
    state: HostState,
    /// It is looked for.
    looking: Memo<bool>,
    /// Somebody wants it to be.
    look: Callback<()>,
) -> impl IntoView {
    let help = Help::of(&state, &js::version());
    let stopped = matches!(
        state,
        HostState::Absent {
            why: Absence::Stopped
        }
    );
    help.map(|Help { key, value, line }| {
        let line = line.text(&js::extension_id());
        view! {
            <section class="card" aria-labelledby="absent-title" data-testid="host-absent" data-why=key>
                <div class="section-head">
                    <Drawing icon=Icon::Seed />
                    <h2 id="absent-title">{t(&format!("{key}_title"))}</h2>
                </div>
                <p>{t_with(key, &[&value])}</p>
                {line.map(|line| view! { <CopyLine id="host-line" line=Signal::stored(line) /> })}
                <div class="row wrap">
                    <button
                        type="button"
                        class="primary"
                        data-testid="host-look"
                        aria-busy=move || looking.get().to_string()
                        on:click=move |_| look.run(())
                    >
                        <Drawing icon=Icon::Retry small=true />
                        {move || match (looking.get(), stopped) {
                            (true, _) => t("host_looking"),
                            (false, true) => t("host_start"),
                            (false, false) => t("host_look"),
                        }}
                    </button>
                </div>
            </section>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states() -> Vec<HostState> {
        let detail = "the disk is full".to_owned();
        let absent = [
            Absence::NotInstalled,
            Absence::Forbidden,
            Absence::Exited,
            Absence::NoDaemon { detail },
            Absence::Stopped,
            Absence::Busy,
            Absence::Silent,
            Absence::Nonsense,
        ]
        .map(|why| HostState::Absent { why });
        let (oldest, newest) = (PROTOCOL + 1, PROTOCOL + 2);
        let newer = HostState::Incompatible { oldest, newest };
        let older = HostState::Incompatible {
            oldest: 0,
            newest: 0,
        };
        absent.into_iter().chain([newer, older]).collect()
    }

    #[test]
    fn whatever_is_wrong_has_words_of_its_own() {
        let mut keys = Vec::new();
        for state in states() {
            let help = Help::of(&state, "1.2.3").unwrap();
            for key in [help.key.to_owned(), format!("{}_title", help.key)] {
                assert!(catnest_words::has(&key), "{key}");
            }
            assert!(!t_with(help.key, &[&help.value]).contains("$1"));
            keys.push(help.key);
        }
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), states().len());
        assert_eq!(Help::of(&HostState::Looking, "1.2.3"), None);
    }

    #[test]
    fn the_line_names_an_extension_that_somebody_built() {
        for (id, line) in [
            (KNOWN_IDS[0], "catnest-host install"),
            (KNOWN_IDS[1], "catnest-host install"),
            (
                "abcdefghijklmnopabcdefghijklmnop",
                "catnest-host install --extension-id 'abcdefghijklmnopabcdefghijklmnop'",
            ),
        ] {
            assert_eq!(Line::Install.text(id).as_deref(), Some(line));
        }
    }

    /// The extension's own manifest says who it is.
    #[test]
    fn the_extension_has_these_ids() {
        let source = include_str!("../../../../manifest.json");
        assert!(KNOWN_IDS.iter().all(|id| source.contains(id)));
    }
}
