//! How large the wasm files are: on disk, and as a store sends them.

use std::io::Write as _;

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

/// One file's name, bytes and bytes when compressed.
pub(crate) struct Size {
    name: String,
    raw: usize,
    pub(crate) gzip: usize,
}

impl Size {
    /// Measures one file.
    ///
    /// # Errors
    /// When the compressor fails.
    pub(crate) fn of(name: &str, bytes: &[u8]) -> Result<Self> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(bytes).context("compressing")?;
        let gzip = gzip.finish().context("compressing")?.len();
        Ok(Self {
            name: name.to_owned(),
            raw: bytes.len(),
            gzip,
        })
    }
}

/// A table of sizes, in bytes: numbers that are compared over time are not rounded.
pub(crate) fn table(sizes: &[Size]) -> String {
    let width = sizes
        .iter()
        .map(|size| size.name.len())
        .max()
        .unwrap_or(0)
        .max("wasm".len());
    let mut text = format!("{:width$}  {:>10}  {:>10}\n", "wasm", "bytes", "gzip");
    for Size { name, raw, gzip } in sizes {
        text += &format!("{name:width$}  {raw:>10}  {gzip:>10}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lines_up() {
        let sizes = [
            Size {
                name: "engine".to_owned(),
                raw: 1_234_567,
                gzip: 345_678,
            },
            Size {
                name: "ui".to_owned(),
                raw: 99,
                gzip: 9,
            },
        ];
        assert_eq!(
            table(&sizes),
            "wasm         bytes        gzip\n\
             engine     1234567      345678\n\
             ui              99           9\n"
        );
    }

    #[test]
    fn repetition_compresses() {
        let size = Size::of("x", &[7; 10_000]).unwrap();
        assert_eq!(size.raw, 10_000);
        assert!(size.gzip < 200, "{}", size.gzip);
    }
}
