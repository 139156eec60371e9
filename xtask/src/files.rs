//! Folders as wholes: listing, copying and replacing them.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// Every file below `folder`, relative to it and sorted, so that what is made from the list is the
/// same on every machine.
///
/// # Errors
/// When a folder cannot be read; the message names it.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        let here = folder.join(&below);
        for entry in fs::read_dir(&here).with_context(|| format!("reading {}", here.display()))? {
            let entry = entry.with_context(|| format!("reading {}", here.display()))?;
            let path = below.join(entry.file_name());
            // Links to folders are not followed: they may lead in a circle.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies every file of `from` to the same place below `to`.
///
/// # Errors
/// When a file cannot be read or written; the message names it.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for file in list(from)? {
        let target = to.join(&file);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent).with_context(|| format!("creating {}", parent.display()))?;
        }
        let source = from.join(&file);
        fs::copy(&source, &target)
            .with_context(|| format!("copying {} to {}", source.display(), target.display()))?;
    }
    Ok(())
}

/// An empty folder at `path`, whatever was there.
///
/// # Errors
/// When the old one cannot be removed or the new one made.
pub(crate) fn fresh_folder(path: &Path) -> Result<()> {
    remove(path)?;
    fs::create_dir_all(path).with_context(|| format!("creating {}", path.display()))
}

/// Removes a file or a folder with all it holds; that it is not there is fine.
///
/// # Errors
/// When it is there and stays.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let result = if path.is_dir() && !path.is_symlink() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match result {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("removing {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Puts `new` in the place of `old`, which goes.
///
/// # Errors
/// When the old one cannot be removed or the new one moved.
pub(crate) fn replace(old: &Path, new: &Path) -> Result<()> {
    remove(old)?;
    fs::rename(new, old).with_context(|| format!("renaming {} to {}", new.display(), old.display()))
}
