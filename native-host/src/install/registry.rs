//! The registry of Windows, by the system's own `reg.exe`.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Has a key of the current user name a file.
pub(super) fn set(key: &str, file: &Path) -> io::Result<()> {
    let mut reg = reg("add", key);
    reg.args(["/ve", "/t", "REG_SZ", "/f", "/d"]).arg(file);
    succeeded(reg.output()?)
}

/// The file that a key names.
pub(super) fn get(key: &str) -> io::Result<Option<PathBuf>> {
    let output = reg("query", key).arg("/ve").output()?;
    // It has no other way to say that there is none.
    if !output.status.success() {
        return Ok(None);
    }
    Ok(value(&String::from_utf8_lossy(&output.stdout)))
}

/// Removes a key, if it is there.
pub(super) fn remove(key: &str) -> io::Result<()> {
    if get(key)?.is_none() {
        return Ok(());
    }
    succeeded(reg("delete", key).arg("/f").output()?)
}

fn reg(what: &str, key: &str) -> Command {
    let mut command = Command::new("reg");
    command.args([what, &format!(r"HKCU\{key}")]);
    command
}

fn succeeded(output: Output) -> io::Result<()> {
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("reg: {}", said.trim())))
}

/// The value in what `reg query` prints; its name is in the system's language, its type is not.
fn value(printed: &str) -> Option<PathBuf> {
    let mut values = printed.lines().filter_map(|line| line.split_once("REG_SZ"));
    let (_, value) = values.next()?;
    Some(PathBuf::from(value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_what_is_printed() {
        for (printed, expected) in [
            (
                "\r\nHKEY_CURRENT_USER\\Software\\Mozilla\\NativeMessagingHosts\\catnest.host\r\n    \
                 (Standard)    REG_SZ    C:\\Users\\Ann B\\c.json\r\n\r\n",
                Some(r"C:\Users\Ann B\c.json"),
            ),
            (
                "\r\nHKEY_CURRENT_USER\\Software\r\n    (Default)    REG_DWORD    0x1\r\n",
                None,
            ),
            ("", None),
        ] {
            assert_eq!(value(printed), expected.map(PathBuf::from));
        }
    }
}
