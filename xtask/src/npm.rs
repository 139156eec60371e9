//! Tools from npm, each pinned to a version and installed once under `target/tools/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::paths;

/// The folder of a package, which is installed first unless it is there.
///
/// # Errors
/// When npm is missing or cannot install it.
pub(crate) fn install(name: &str, version: &str) -> Result<PathBuf> {
    // One folder each: npm would remove the others.
    let prefix = paths::scratch("tools").join(name);
    let package = prefix.join("node_modules").join(name);
    if installed_version(&package).as_deref() != Some(version) {
        println!(
            "installing {name} {version} from npm into {}",
            prefix.display()
        );
        fs::create_dir_all(&prefix).with_context(|| format!("creating {}", prefix.display()))?;
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--prefix",
        ]);
        quiet(npm.arg(&prefix).arg(format!("{name}@{version}")))?;
    }
    Ok(package)
}

fn installed_version(package: &Path) -> Option<String> {
    let text = fs::read_to_string(package.join("package.json")).ok()?;
    let package: Value = serde_json::from_str(&text).ok()?;
    Some(package.get("version")?.as_str()?.to_owned())
}

/// Runs a command whose output matters only if it fails, and then its first line about an error.
///
/// # Errors
/// When the command cannot be run, or fails.
pub(crate) fn quiet(command: &mut Command) -> Result<()> {
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
