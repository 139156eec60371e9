//! The most memory that a process has held, as Linux counts it.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};

/// The most that a process has held since [`forget`], in bytes.
///
/// # Errors
/// When it is gone.
pub fn of(process: u32) -> Result<u64> {
    let path = format!("/proc/{process}/status");
    let status = fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kib: u64 = kib
        .with_context(|| format!("no VmHWM in {path}"))?
        .parse()?;
    Ok(kib * 1024)
}

/// Starts counting anew (`clear_refs` of proc(5)).
///
/// # Errors
/// When it is gone, or not ours.
pub fn forget(process: u32) -> Result<()> {
    let path = format!("/proc/{process}/clear_refs");
    fs::write(&path, "5").with_context(|| format!("writing {path}"))
}

/// Which of a browser's processes the extension runs in.
///
/// # Errors
/// When none is.
pub fn of_extension(processes: &[u32]) -> Result<u32> {
    let found = processes.iter().find(|process| {
        let path = PathBuf::from(format!("/proc/{process}/cmdline"));
        let line = fs::read(path).unwrap_or_default();
        // What the zygote starts has its arguments in one string.
        line.split(|byte| matches!(byte, 0 | b' '))
            .any(|word| word == b"--extension-process")
    });
    found.copied().context("no process of the extension")
}
