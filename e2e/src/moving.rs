//! People who move to another device: what they do in the settings.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail};
use serde_json::json;

use crate::{browser::Browser, wait};

impl Browser {
    /// Waits until a download is whole, and gives its path.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn gets_file(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        let path = folder.join(name);
        // The browser gives it its name when it is whole.
        wait::until(name, async || match std::fs::metadata(&path) {
            Ok(_) => Ok(Some(path.clone())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => bail!(error),
        })
        .await
    }

    /// Chooses a file for a button of the settings.
    ///
    /// # Errors
    /// When there is no such button.
    pub async fn picks(&self, button: &str, file: &Path) -> Result<()> {
        let input = self.find(&format!("{button}-input")).await?;
        Ok(input.send_keys(file.to_string_lossy()).await?)
    }

    /// Chooses an identity file, types a passphrase and opens it.
    ///
    /// # Errors
    /// When the settings are not there.
    pub async fn opens_identity(&self, file: &Path, passphrase: &str) -> Result<()> {
        self.picks("arrive-file", file).await?;
        let chosen = "document.querySelector('[data-testid=arrive-chosen]').textContent !== ''";
        self.js_is(chosen, json!(true)).await?;
        self.fill("arrive-passphrase", passphrase).await?;
        self.click("arrive-open").await
    }

    /// Waits until a section of the settings says what is wrong, with these words at the beginning.
    ///
    /// # Errors
    /// When it says nothing, or something else.
    pub async fn is_told(&self, section: &str, words: &str) -> Result<()> {
        let told = format!(
            "document.querySelector('#{section} [data-testid=problem]')?.textContent.slice(0, {})",
            words.chars().count()
        );
        self.js_is(&told, json!(words)).await
    }

    /// Waits until the settings say this of the file that was taken in.
    ///
    /// # Errors
    /// When they do not.
    pub async fn took_in(&self, lines: &[&str]) -> Result<()> {
        let told =
            "[...document.querySelectorAll('[data-testid=taken-in] p')].map(p => p.textContent)";
        self.js_is(told, json!(lines)).await
    }

    /// Waits until no message says this any more.
    ///
    /// # Errors
    /// When one still does.
    pub async fn hides_soon(&self, text: &str) -> Result<()> {
        let said = format!(
            "[...document.querySelectorAll('[data-testid=message-text]')].some(t => t.textContent === '{text}')"
        );
        self.js_is(&said, json!(false)).await
    }
}
