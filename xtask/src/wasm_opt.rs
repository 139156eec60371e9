//! Binaryen's `wasm-opt`, from npm: the one tool that makes rustc's wasm markedly smaller.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use crate::{files, gate, npm, paths};

/// The npm package, pinned: an optimiser that changes by itself would change what we ship.
const VERSION: &str = "132.0.0";

/// What rustc and wasm-bindgen emit. Naming them keeps the optimiser from introducing what the
/// browsers do not know, which `--all-features` would allow.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Optimises each file in its place for size. A file is replaced only by a valid one.
///
/// # Errors
/// When npm or node is missing, cannot install the package, or the tool fails.
pub(crate) fn optimise(wasm: &[PathBuf]) -> Result<()> {
    let tool = npm::install("binaryen", VERSION)?
        .join("bin")
        .join("wasm-opt");
    ensure!(tool.is_file(), "binaryen {VERSION} has no bin/wasm-opt");
    for path in wasm {
        optimise_one(&tool, path).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn optimise_one(tool: &Path, wasm: &Path) -> Result<()> {
    // Not beside the file: a half-written one would be taken into the extension.
    let smaller = paths::scratch("xtask").join("smaller.wasm");
    npm::quiet(
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
