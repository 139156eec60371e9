//! Installs what is missing, and says so in one line each. Nothing comes from anywhere but rustup
//! and the system's packages.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    paths,
    process::{self, bare_cargo},
};

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A browser to test in, and the driver that belongs to it.
pub(crate) struct Chromium {
    /// The browser.
    pub(crate) browser: PathBuf,
    /// ChromeDriver.
    pub(crate) driver: PathBuf,
}

/// The compiler's wasm target.
///
/// # Errors
/// When it is missing and cannot be installed.
pub(crate) fn wasm_target() -> Result<()> {
    if let Some(installed) = process::answer("rustup", &["target", "list", "--installed"]) {
        if installed.lines().any(|line| line.trim() == WASM_TARGET) {
            return Ok(());
        }
        println!("setup: installing the compiler's wasm target");
        return install(Command::new("rustup").args(["target", "add", WASM_TARGET]));
    }
    let sysroot = process::answer("rustc", &["--print", "sysroot"]).context("rustc is missing")?;
    let target = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM_TARGET);
    ensure!(
        target.is_dir(),
        "rustc has no target {WASM_TARGET}, and there is no rustup to add it; install it with \
         your system's packages (Debian: libstd-rust-dev-wasm32)"
    );
    Ok(())
}

/// `cargo fmt` and `cargo clippy`.
///
/// # Errors
/// When one is missing and cannot be installed.
pub(crate) fn lint_tools() -> Result<()> {
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        let works = bare_cargo(subcommand)
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        if !works {
            println!("setup: installing {component}");
            install(Command::new("rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// What the tests in a browser need: Chromium, its driver, a font for Chinese (so that screenshots can be read), b3sum,
/// ffmpeg, and `ip`.
///
/// # Errors
/// When something is missing and this is not root; the message is the command to run.
pub(crate) fn chromium() -> Result<Chromium> {
    let missing = missing_packages();
    if !missing.is_empty() {
        install_packages(&missing)?;
    }
    Ok(Chromium {
        browser: find_browser().context("Chromium is not on PATH")?,
        driver: find_driver().context("ChromeDriver is not on PATH")?,
    })
}

/// Coturn: its client for the tests of TURN, and the server that ours is measured beside, on ports of their own. Where
/// systemd runs, the package starts a server, too, which nobody here uses.
///
/// # Errors
/// When it is missing and this is not root; the message is the command to run.
pub(crate) fn coturn() -> Result<()> {
    let programs = ["turnserver", "turnutils_uclient"];
    if programs
        .iter()
        .any(|program| paths::find_program(&[program]).is_none())
    {
        install_packages(&["coturn"])?;
    }
    Ok(())
}

/// Chrome itself does not do: it ignores --load-extension.
fn find_browser() -> Option<PathBuf> {
    paths::find_program(&["chromium", "chromium-browser"])
}

fn find_driver() -> Option<PathBuf> {
    paths::find_program(&["chromedriver"])
}

/// Names of Debian packages.
fn missing_packages() -> Vec<&'static str> {
    let mut missing = Vec::new();
    if find_browser().is_none() {
        missing.push("chromium");
    }
    if find_driver().is_none() {
        missing.push("chromium-driver");
    }
    // The hashes of files, computed by somebody else than us.
    if paths::find_program(&["b3sum"]).is_none() {
        missing.push("b3sum");
    }
    // Music, made by somebody else than us.
    if paths::find_program(&["ffmpeg"]).is_none() {
        missing.push("ffmpeg");
    }
    // Networks of their own for browsers.
    if cfg!(target_os = "linux") && paths::find_program(&["ip"]).is_none() {
        missing.push("iproute2");
    }
    match process::answer("fc-list", &[":lang=zh"]) {
        Some(fonts) if !fonts.trim().is_empty() => {}
        Some(_) => missing.push("fonts-noto-cjk"),
        // Without fc-list the question could not be asked next time either.
        None => missing.extend(["fontconfig", "fonts-noto-cjk"]),
    }
    missing
}

fn install_packages(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let is_root = process::answer("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    if !is_root || paths::find_program(&["apt-get"]).is_none() {
        bail!(
            "missing: {list}; install with: sudo apt-get update && sudo apt-get install -y \
             --no-install-recommends {list}"
        );
    }
    println!("setup: installing {list} with apt-get");
    install(apt_get().arg("update"))?;
    install(
        apt_get()
            .args(["install", "-y", "--no-install-recommends"])
            .args(packages),
    )
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    // Nobody is there to answer, and a mirror may stumble once.
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["-qq", "-o", "Acquire::Retries=3", "-o", "Dpkg::Use-Pty=0"])
        .stdin(Stdio::null());
    command
}

/// Runs an installer; what it has to say on success does not matter to anyone.
fn install(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        bail!("{program}: {}\n{}", output.status, text.trim_end());
    }
    Ok(())
}
