//! What the end-to-end tests and the tour stand on: a real server, real browsers, and people who use them.
//!
//! Everything runs on loopback. Each test starts its own [`host::Host`] on a free port and its own
//! [`browser::Browser`]s in temporary profiles; [`stage::on_stage`] cleans up, and on failure leaves screenshots and
//! logs in `target/e2e/`.

pub mod alone;
pub mod axe;
pub mod browser;
pub mod connections;
pub mod devtools;
pub mod ear;
pub mod file_view;
pub mod files;
pub mod gallery;
pub mod history;
pub mod host;
pub mod import;
pub mod islands;
pub mod memory;
pub mod moving;
pub mod music;
pub mod music_remote;
pub mod pages;
pub mod panel;
pub mod peak;
pub mod person;
pub mod pretend;
pub mod program;
pub mod scenes;
pub mod scrolling;
pub mod slow_line;
pub mod stage;
pub mod streaming;
pub mod timers;
pub mod view;
pub mod wait;

use std::path::PathBuf;

/// The folder `target/<name>` of the workspace.
pub fn target_dir(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(name)
}

/// A path that xtask passes in the environment, or its usual place.
fn path_from_env(variable: &str, usual: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(
        || {
            PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("..")
                .join(usual)
        },
        PathBuf::from,
    )
}

/// Whether the runs that are too long for every day are wanted (`cargo xtask e2e --long`).
pub fn long_runs() -> bool {
    std::env::var_os("CATNEST_E2E_LONG").is_some_and(|value| value == "1")
}
