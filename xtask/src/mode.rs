//! Development or release.

/// How thoroughly to compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Quickly, for tests.
    Dev,
    /// For size and speed, as shipped.
    Release,
}

impl Mode {
    /// The profile of the wasm crates, in the root Cargo.toml.
    pub(crate) fn wasm_profile(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }

    /// The features of the wasm crates.
    pub(crate) fn wasm_features(self) -> &'static [&'static str] {
        match self {
            // The page that `extension/development/` has for it is left out of releases as well.
            Self::Dev => &[],
            Self::Release => &[],
        }
    }
}
