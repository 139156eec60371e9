//! One commented manifest in, one strict manifest per browser out.
//!
//! The source is `manifest.json` at the root: JSON with comments, no version, and under `targets`
//! what only one browser gets.

use std::{fmt, fs};

use anyhow::{Context, Result, bail};
use jsonc_parser::{ParseOptions, parse_to_serde_value};
use serde_json::{Map, Value};

use crate::paths;

/// A family of browsers that gets its own build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Browser {
    /// Chromium, Chrome, Edge, Brave, Vivaldi.
    Chromium,
    /// Firefox.
    Firefox,
}

impl Browser {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Chromium, Self::Firefox];
}

impl fmt::Display for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        })
    }
}

/// The manifest's source as it stands in the workspace.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn source() -> Result<String> {
    let path = paths::root().join("manifest.json");
    fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
}

/// The text of one browser's manifest, the same for the same source.
///
/// # Errors
/// When the source is not JSON with comments, or has no part for this browser.
pub(crate) fn for_browser(source: &str, browser: Browser, version: &str) -> Result<String> {
    // Comments and nothing else: what reads like JSON to a person must be JSON.
    let strict = ParseOptions {
        allow_comments: true,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let value: Value = parse_to_serde_value(source, &strict).context("manifest.json")?;
    let Value::Object(mut manifest) = value else {
        bail!("manifest.json: not an object")
    };
    let own = match manifest.remove("targets") {
        Some(Value::Object(mut targets)) => targets.remove(&browser.to_string()),
        _ => bail!("manifest.json: `targets` is missing or not an object"),
    };
    let Some(Value::Object(own)) = own else {
        bail!("manifest.json: `targets.{browser}` is missing or not an object");
    };
    lay_over(&mut manifest, own);
    manifest.insert("version".to_owned(), Value::from(version));
    let mut manifest = Value::Object(manifest);
    // Whether serde_json keeps or sorts the order depends on what else is compiled with it; the
    // zip must not.
    manifest.sort_all_objects();
    let mut text = serde_json::to_string_pretty(&manifest).context("manifest.json")?;
    text.push('\n');
    Ok(text)
}

/// Lays `over` over `base`: objects merge, everything else is replaced.
fn lay_over(base: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Object(below)), Value::Object(above)) => lay_over(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(source: &str, browser: Browser) -> Value {
        serde_json::from_str(&for_browser(source, browser, "1.2.3").unwrap()).unwrap()
    }

    #[test]
    fn a_target_lies_over_the_rest() {
        let cases = [
            (
                "adds",
                json!({"a": 1}),
                json!({"b": 2}),
                json!({"a": 1, "b": 2}),
            ),
            ("scalar", json!({"a": 1}), json!({"a": 2}), json!({"a": 2})),
            (
                "array",
                json!({"a": [1, 2]}),
                json!({"a": [3]}),
                json!({"a": [3]}),
            ),
            (
                "objects, deep",
                json!({"a": {"b": {"c": 1, "d": 2}, "e": 3}}),
                json!({"a": {"b": {"c": 9}}}),
                json!({"a": {"b": {"c": 9, "d": 2}, "e": 3}}),
            ),
            (
                "object over scalar",
                json!({"a": 1}),
                json!({"a": {"b": 1}}),
                json!({"a": {"b": 1}}),
            ),
            (
                "scalar over object",
                json!({"a": {"b": 1}}),
                json!({"a": 1}),
                json!({"a": 1}),
            ),
            (
                "null stays null",
                json!({"a": 1}),
                json!({"a": null}),
                json!({"a": null}),
            ),
        ];
        for (name, mut source, own, mut expected) in cases {
            source["targets"] = json!({"chromium": own, "firefox": {"other": true}});
            expected["version"] = json!("1.2.3");
            assert_eq!(
                parsed(&source.to_string(), Browser::Chromium),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn comments_go_and_the_slashes_of_addresses_stay() {
        let source = r#"// the file
        { /* a */ "url": "https://example.org//x", // b
          "targets": { "chromium": {}, "firefox": {} } }"#;
        let expected = json!({"url": "https://example.org//x", "version": "1.2.3"});
        assert_eq!(parsed(source, Browser::Firefox), expected);
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("{", "manifest.json"),
            ("[]", "not an object"),
            ("{}", "`targets`"),
            (r#"{"targets": {"firefox": {}}}"#, "`targets.chromium`"),
            (r#"{"a": 1,, "targets": {"chromium": {}}}"#, "manifest.json"),
            (r#"{"targets": {"chromium": {},}}"#, "manifest.json"),
            (r#"{a: 1, "targets": {"chromium": {}}}"#, "manifest.json"),
        ];
        for (source, expected) in cases {
            let error = for_browser(source, Browser::Chromium, "1").unwrap_err();
            let text = format!("{error:#}");
            assert!(text.contains(expected), "{source}: {text}");
        }
    }

    #[test]
    fn the_real_source_yields_a_manifest_for_every_browser() {
        let source = source().unwrap();
        for browser in Browser::ALL {
            let manifest = parsed(&source, browser);
            assert_eq!(manifest["manifest_version"], 3, "{browser}");
            assert_eq!(manifest["version"], "1.2.3", "{browser}");
            assert!(manifest.get("targets").is_none(), "{browser}");
            assert!(manifest["background"].is_object(), "{browser}");
        }
    }
}
