//! Zips of the extension's folders, byte for byte the same for the same files.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
};

use anyhow::{Context, Result};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::files;

/// Writes every file below `folder` into a new zip at `path`.
///
/// # Errors
/// When a file cannot be read or the zip not be written; the message names it.
pub(crate) fn zip_folder(folder: &Path, path: &Path) -> Result<()> {
    let writing = || format!("writing {}", path.display());
    let mut zip = ZipWriter::new(File::create(path).with_context(writing)?);
    // No clock and no umask: the time is the format's zero, the permissions are fixed.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for file in files::list(folder)? {
        let source = folder.join(&file);
        let bytes = fs::read(&source).with_context(|| format!("reading {}", source.display()))?;
        let name: Vec<_> = file.iter().map(|part| part.to_string_lossy()).collect();
        zip.start_file(name.join("/"), options)
            .with_context(writing)?;
        zip.write_all(&bytes).with_context(writing)?;
    }
    zip.finish().with_context(writing)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let base = std::env::temp_dir().join(format!("catnest-xtask-zip-{}", std::process::id()));
        let make = |name: &str, order: [&str; 3]| {
            let folder = base.join(name);
            for file in order {
                let path = folder.join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, file.repeat(100)).unwrap();
            }
            let zip = base.join(format!("{name}.zip"));
            zip_folder(&folder, &zip).unwrap();
            fs::read(zip).unwrap()
        };
        let one = make("one", ["b/c.js", "a.json", "b/a.css"]);
        let two = make("two", ["b/a.css", "b/c.js", "a.json"]);
        files::remove(&base).unwrap();
        assert!(one == two);
        assert!(one.starts_with(b"PK"));
    }
}
