//! `cargo xtask run`: Catnest in front of a person, or as screenshots where there is no screen.

use std::{
    env,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result};

use crate::{
    e2e, extension, files,
    mode::Mode,
    paths,
    process::{self, native_cargo},
    setup,
};

/// Builds, then starts the tour of the crate `catnest-e2e`, whose exit code is ours.
///
/// # Errors
/// When something is missing, does not build, or the tour cannot start.
pub(crate) fn command() -> Result<ExitCode> {
    setup::wasm_target()?;
    let chromium = setup::chromium()?;
    let built = extension::build(Mode::Dev)?;
    files::fresh_folder(&paths::scratch("tour"))?;
    process::run(native_cargo("build").args(["--bin", "tour"]))?;
    let tour = format!("tour{}", env::consts::EXE_SUFFIX);
    let mut command = Command::new(paths::cargo_target().join("debug").join(tour));
    command.arg(if has_display() {
        "--headed"
    } else {
        "--headless"
    });
    e2e::environment(&mut command, &built, &chromium);
    let status = command.status().context("cannot run the tour")?;
    // Killed by a signal, it has none.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
