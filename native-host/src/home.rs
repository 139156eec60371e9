//! Where in a user's home things are kept, and what the user is called.

use std::path::PathBuf;

use catnest::profile::is_name;

/// There is nowhere to keep anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no home directory to keep anything in: name one with --data")]
pub(crate) struct NoHome;

/// What is kept for the user (XDG Base Directory Specification).
pub(crate) fn data() -> Result<PathBuf, NoHome> {
    Ok(base("XDG_DATA_HOME", ".local/share")?.join("catnest"))
}

/// What the user has configured (the same).
pub(crate) fn config() -> Result<PathBuf, NoHome> {
    Ok(base("XDG_CONFIG_HOME", ".config")?.join("catnest"))
}

fn base(variable: &str, below_home: &str) -> Result<PathBuf, NoHome> {
    let told = std::env::var_os(variable).map(PathBuf::from);
    // The specification has relative ones ignored.
    if let Some(told) = told.filter(|path| path.is_absolute()) {
        return Ok(told);
    }
    let home = std::env::home_dir().filter(|path| path.is_absolute());
    Ok(home.ok_or(NoHome)?.join(below_home))
}

/// The user's name on this machine, as far as a member can be called so.
pub(crate) fn user_name() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|key| std::env::var(key).ok())
        .filter(|name| is_name(name));
    user.unwrap_or_else(|| "catnest-host".to_owned())
}
