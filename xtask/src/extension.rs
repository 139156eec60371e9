//! `cargo xtask build`: from the workspace to folders that a browser loads.
//!
//! ```text
//! engine, ui ── cargo ── wasm-bindgen ── (wasm-opt) ── gate ─┐
//! extension/static, extension/_locales ──────────────────────┼─ dist/<browser>, its zip
//! extension/development ── (not in a release) ───────────────┤
//! manifest.json ── one part per browser ─────────────────────┘
//! native-host ── cargo ── catnest-host
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    archive, files, locales,
    manifest::{self, Browser},
    mode::Mode,
    paths,
    process::{self, cargo, native_cargo},
    wasm,
};

/// What a build made, as the tests need it.
pub(crate) struct Built {
    /// The loadable folder for Chromium, as an absolute path.
    pub(crate) extension: PathBuf,
    /// The native host's binary.
    pub(crate) host: PathBuf,
}

/// Builds everything. A failure leaves `dist/` as it was.
///
/// # Errors
/// When a part does not compile, is missing, or does not pass its checks.
pub(crate) fn build(mode: Mode) -> Result<Built> {
    locales::check(&paths::root().join("extension").join("_locales"))?;
    let modules = wasm::build(mode)?;
    let host = build_host(mode)?;
    write_dist(mode, &modules)?;
    Ok(Built {
        extension: paths::dist().join(Browser::Chromium.to_string()),
        host,
    })
}

/// Builds the native host: its binary.
///
/// # Errors
/// When it does not compile.
pub(crate) fn build_host(mode: Mode) -> Result<PathBuf> {
    let (mut command, profile) = match mode {
        // With the features of what tests it, so that what it depends on is compiled once.
        Mode::Dev => (native_cargo("build"), "debug"),
        Mode::Release => {
            let mut command = cargo("build");
            command.args(["-p", "catnest-host", "--release"]);
            (command, "release")
        }
    };
    command.args(["--bin", "catnest-host"]);
    process::run(&mut command)?;
    let name = format!("catnest-host{}", std::env::consts::EXE_SUFFIX);
    Ok(paths::cargo_target().join(profile).join(name))
}

/// Makes every folder and zip under a name that no browser loads, then moves all into place.
fn write_dist(mode: Mode, modules: &Path) -> Result<()> {
    let dist = paths::dist();
    let extension = paths::root().join("extension");
    let source = manifest::source()?;
    let mut ready = Vec::new();
    for browser in Browser::ALL {
        let folder = dist.join(format!(".new-{browser}"));
        files::fresh_folder(&folder)?;
        files::copy_tree(&extension.join("static"), &folder)?;
        if mode == Mode::Dev {
            files::copy_tree(&extension.join("development"), &folder)?;
        }
        files::copy_tree(&extension.join("_locales"), &folder.join("_locales"))?;
        files::copy_tree(modules, &folder)?;
        let text = manifest::for_browser(&source, browser, env!("CARGO_PKG_VERSION"))?;
        let path = folder.join("manifest.json");
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        let zip = dist.join(format!(".new-{browser}.zip"));
        archive::zip_folder(&folder, &zip)?;
        ready.push((dist.join(browser.to_string()), folder));
        ready.push((dist.join(format!("catnest-{browser}.zip")), zip));
    }
    for (place, new) in &ready {
        files::replace(place, new)?;
    }
    remove_all_but(&ready)
}

/// Removes what an earlier build, or one that was stopped, left in `dist/`.
fn remove_all_but(ready: &[(PathBuf, PathBuf)]) -> Result<()> {
    let dist = paths::dist();
    for entry in fs::read_dir(&dist).with_context(|| format!("reading {}", dist.display()))? {
        let path = entry
            .with_context(|| format!("reading {}", dist.display()))?
            .path();
        if ready.iter().all(|(place, _)| *place != path) {
            files::remove(&path)?;
        }
    }
    Ok(())
}
