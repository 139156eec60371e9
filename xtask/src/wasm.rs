//! The extension's two wasm crates: compiled, and given their JavaScript side by wasm-bindgen.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use wasm_bindgen_cli::wasm_bindgen;

use crate::{
    files, gate,
    mode::Mode,
    paths,
    process::{self, cargo},
    size::{self, Size},
    wasm_opt,
};

/// A crate that becomes a folder of the extension.
struct Module {
    package: &'static str,
    /// The file that cargo writes.
    file: &'static str,
    /// The folder in the extension, and the stem of the files in it.
    name: &'static str,
}

const MODULES: [Module; 2] = [
    Module {
        package: "catnest-engine",
        file: "catnest_engine.wasm",
        name: "engine",
    },
    Module {
        package: "catnest-ui",
        file: "catnest_ui.wasm",
        name: "ui",
    },
];

/// Builds both crates and returns the folder that holds `engine/` and `ui/`, the same for every
/// browser. Prints their sizes.
///
/// # Errors
/// When a crate does not compile, or its wasm does not pass the gate.
pub(crate) fn build(mode: Mode) -> Result<PathBuf> {
    compile(mode)?;
    let out = paths::scratch("xtask").join("wasm");
    files::fresh_folder(&out)?;
    for module in &MODULES {
        bind(module, mode, &out.join(module.name))?;
    }
    if mode == Mode::Release {
        let wasm: Vec<_> = MODULES.iter().map(|module| module.wasm(&out)).collect();
        // Smaller, not different: without it the extension works the same.
        if let Err(error) = wasm_opt::optimise(&wasm) {
            println!("not optimised by wasm-opt: {error:#}");
        }
    }
    let mut sizes = Vec::new();
    for module in &MODULES {
        let path = module.wasm(&out);
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        gate::check(&bytes).context(module.package)?;
        sizes.push(Size::of(module.name, &bytes)?);
    }
    println!("{}", size::table(&sizes));
    Ok(out)
}

impl Module {
    /// The final wasm file, under the folder that [`build`] returns.
    fn wasm(&self, out: &Path) -> PathBuf {
        out.join(self.name).join(format!("{}_bg.wasm", self.name))
    }
}

/// One call for both crates, so that cargo compiles what they share once and side by side.
fn compile(mode: Mode) -> Result<()> {
    let mut command = cargo("build");
    select(&mut command, mode);
    process::run(&mut command)
}

/// Has cargo take both crates. Whoever takes one of them alone has it compile what they depend on once more, since it enables
/// other features there.
pub(crate) fn select(command: &mut Command, mode: Mode) {
    command.args([
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        mode.wasm_profile(),
    ]);
    for module in &MODULES {
        command.args(["-p", module.package]);
    }
    for feature in mode.wasm_features() {
        command.args(["--features", feature]);
    }
}

fn bind(module: &Module, mode: Mode, out: &Path) -> Result<()> {
    let compiled = paths::cargo_target()
        .join("wasm32-unknown-unknown")
        .join(mode.wasm_profile())
        .join(module.file);
    let args: [OsString; 9] = [
        "wasm-bindgen".into(),
        compiled.into(),
        "--target".into(),
        "web".into(),
        "--no-typescript".into(),
        "--out-name".into(),
        module.name.into(),
        "--out-dir".into(),
        out.into(),
    ];
    wasm_bindgen::run_cli_with_args(args)
        .with_context(|| format!("wasm-bindgen of {}", module.package))
}
