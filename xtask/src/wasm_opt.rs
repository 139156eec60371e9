//! Binaryen's `wasm-opt`, from npm: the one tool that makes rustc's wasm markedly smaller.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::{files, gate, paths};

/// The npm package, pinned: an optimiser that changes by itself would change what we ship.
const VERSION: &str = "132.0.0";

/// What rustc and wasm-bindgen emit. Naming them keeps the optimiser from introducing what the
/// browsers do not know, which `--all-features` would allow.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Optimises each file in its place for size. A file is replaced only by a valid one.
///
/// # Errors
/// When npm or node is missing, cannot install the package, or the tool fails.
pub(crate) fn optimise(wasm: &[PathBuf]) -> Result<()> {
    let tool = install()?;
    for path in wasm {
        optimise_one(&tool, path).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn optimise_one(tool: &Path, wasm: &Path) -> Result<()> {
    // Not beside the file: a half-written one would be taken into the extension.
    let smaller = paths::scratch("xtask").join("smaller.wasm");
    quiet(
        Command::new("node")
            .arg(tool)
            .arg("-Oz")
            .args(FEATURES)
            .arg(wasm)
            .arg("--output")
            .arg(&smaller),
    )?;
    gate::check(&fs::read(&smaller).context("reading what wasm-opt wrote")?)?;
    files::replace(wasm, &smaller)
}

/// The script to run with node, installed once under `target/`.
fn install() -> Result<PathBuf> {
    let prefix = paths::scratch("tools");
    let package = prefix.join("node_modules").join("binaryen");
    if installed_version(&package).as_deref() != Some(VERSION) {
        println!(
            "installing binaryen {VERSION} (wasm-opt) from npm into {}",
            prefix.display()
        );
        fs::create_dir_all(&prefix).with_context(|| format!("creating {}", prefix.display()))?;
        quiet(
            Command::new("npm")
                .args([
                    "install",
                    "--no-save",
                    "--no-audit",
                    "--no-fund",
                    "--prefix",
                ])
                .arg(&prefix)
                .arg(format!("binaryen@{VERSION}")),
        )?;
    }
    let tool = package.join("bin").join("wasm-opt");
    ensure!(tool.is_file(), "binaryen {VERSION} has no bin/wasm-opt");
    Ok(tool)
}

fn installed_version(package: &Path) -> Option<String> {
    let text = fs::read_to_string(package.join("package.json")).ok()?;
    let package: Value = serde_json::from_str(&text).ok()?;
    Some(package.get("version")?.as_str()?.to_owned())
}

/// Runs a command whose output matters only if it fails, and then its first line about an error.
fn quiet(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let lines = || text.lines().filter(|line| !line.trim().is_empty());
        let telling = lines()
            .find(|line| line.contains("rror"))
            .or(lines().next_back());
        bail!(
            "{program}: {}: {}",
            output.status,
            telling.unwrap_or("no message")
        );
    }
    Ok(())
}
