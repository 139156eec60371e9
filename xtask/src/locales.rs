//! The languages of the extension say the same things: equal files with equal keys.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::files;

/// The keys of each language: `file.json: key` for every message of every file.
type Languages = BTreeMap<String, BTreeSet<String>>;

/// Checks `_locales/<language>/*.json`.
///
/// # Errors
/// When a file is not an object of JSON, or a language lacks keys that another has; the message
/// names each.
pub(crate) fn check(folder: &Path) -> Result<()> {
    let mut languages = Languages::new();
    // The folders first: a language without a single file lacks every key.
    let reading = || format!("reading {}", folder.display());
    for entry in fs::read_dir(folder).with_context(reading)? {
        let name = entry.with_context(reading)?.file_name();
        languages.insert(name.to_string_lossy().into_owned(), BTreeSet::new());
    }
    for file in files::list(folder)? {
        let mut parts = file.iter();
        let (Some(language), Some(name), None) = (parts.next(), parts.next(), parts.next()) else {
            bail!(
                "{}: expected <language>/<file>.json",
                folder.join(&file).display()
            );
        };
        let path = folder.join(&file);
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let messages: Map<String, Value> =
            serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        let name = name.to_string_lossy();
        let keys = languages
            .entry(language.to_string_lossy().into_owned())
            .or_default();
        keys.extend(messages.keys().map(|key| format!("{name}: {key}")));
    }
    ensure!(!languages.is_empty(), "{}: no languages", folder.display());
    let missing = missing(&languages);
    ensure!(
        missing.is_empty(),
        "{}: missing keys\n{}",
        folder.display(),
        missing.join("\n")
    );
    Ok(())
}

/// One line for each key that a language lacks.
fn missing(languages: &Languages) -> Vec<String> {
    let all: BTreeSet<&String> = languages.values().flatten().collect();
    let lacks = |keys: &BTreeSet<String>| -> Vec<String> {
        all.iter()
            .filter(|key| !keys.contains(**key))
            .map(|key| (*key).clone())
            .collect()
    };
    languages
        .iter()
        .flat_map(|(language, keys)| {
            lacks(keys)
                .into_iter()
                .map(move |key| format!("  {language}/{key}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_key_is_named_with_its_language_and_file() {
        let keys = |list: &[&str]| {
            list.iter()
                .map(ToString::to_string)
                .collect::<BTreeSet<_>>()
        };
        let cases: [(&[&str], &[&str], &[&str]); 4] = [
            (
                &["m.json: a", "m.json: b"],
                &["m.json: b", "m.json: a"],
                &[],
            ),
            (
                &["m.json: a", "m.json: b"],
                &["m.json: a"],
                &["  zh/m.json: b"],
            ),
            (
                &["m.json: a"],
                &["m.json: a", "m.json: b"],
                &["  en/m.json: b"],
            ),
            (
                &["m.json: a"],
                &["n.json: a"],
                &["  en/n.json: a", "  zh/m.json: a"],
            ),
        ];
        for (en, zh, expected) in cases {
            let languages =
                Languages::from([("en".to_owned(), keys(en)), ("zh".to_owned(), keys(zh))]);
            assert_eq!(missing(&languages), expected, "{en:?} {zh:?}");
        }
    }
}
