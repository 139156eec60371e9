//! Where things are: every path that more than one module needs.

use std::{env, path::PathBuf};

/// The workspace's root. Known when xtask is compiled, because the environment of a wasm test run
/// names another crate's folder.
pub(crate) fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).unwrap_or(own)
}

/// What `cargo xtask build` makes.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// A folder of ours under `target/`, for what is not worth keeping. The tests and the tour write
/// beside it, so this stays where it is even if cargo's own output moves.
pub(crate) fn scratch(name: &str) -> PathBuf {
    root().join("target").join(name)
}

/// Where cargo, which always runs in the root, puts what it compiles.
pub(crate) fn cargo_target() -> PathBuf {
    // An absolute path replaces what it is joined to.
    root().join(env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The first executable on PATH with one of these names, in the order of the names.
pub(crate) fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    })
}
