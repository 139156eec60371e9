//! The words of the extension, in every language it speaks: the tables of `_locales`, which the browser itself reads
//! only in its own language. Views and engine use the same ones.
//!
//! ```
//! use catnest_words::{Lang, plural, text};
//!
//! assert_eq!(text(Lang::of_tag("en-GB"), "notice_title_sender", &["Ann", "nest"]), "Ann in nest");
//! assert_eq!(plural(Lang::English, "notice_hidden", 1), "1 new message");
//! assert_eq!(plural(Lang::Chinese, "notice_hidden", 2), "2 条新消息");
//! ```

use std::{collections::BTreeMap, sync::OnceLock};

use catnest::preferences::Language;
use serde_json::Value;

/// A language, as `_locales` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// `en`
    English,
    /// `zh_CN`
    Chinese,
}

type Table = BTreeMap<String, String>;

impl Lang {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The language that fits a tag such as `zh-CN`, `zh_CN` or `en`. English, where none does.
    pub fn of_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Self::Chinese
        } else {
            Self::English
        }
    }

    /// Its tag for `lang` attributes and for the browser's own formats (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    fn table(self) -> &'static Table {
        static TABLES: [OnceLock<Table>; 2] = [OnceLock::new(), OnceLock::new()];
        match self {
            Self::English => {
                TABLES[0].get_or_init(|| read(include_str!("../../_locales/en/messages.json")))
            }
            Self::Chinese => {
                TABLES[1].get_or_init(|| read(include_str!("../../_locales/zh_CN/messages.json")))
            }
        }
    }

    /// The plural category of a count (CLDR): English has `one` and `other`, Chinese only `other`.
    fn category(self, count: usize) -> &'static str {
        match (self, count) {
            (Self::English, 1) => "one",
            (Self::English | Self::Chinese, _) => "other",
        }
    }
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::English => Self::English,
            Language::Chinese => Self::Chinese,
        }
    }
}

/// A file that is not what it should be is an empty table; the tests below do not let it come to that.
fn read(json: &str) -> Table {
    let Ok(Value::Object(entries)) = serde_json::from_str(json) else {
        return Table::new();
    };
    let message = |entry: &Value| Some(entry.get("message")?.as_str()?.to_owned());
    entries
        .iter()
        .filter_map(|(key, entry)| Some((key.clone(), message(entry)?)))
        .collect()
}

/// Whether there is such a text.
pub fn has(key: &str) -> bool {
    Lang::ALL.iter().all(|lang| lang.table().contains_key(key))
}

/// A text, with values in place of `$1`, `$2`, …. A key that is missing gives itself, which is seen at once.
pub fn text(lang: Lang, key: &str, values: &[&str]) -> String {
    let text = lang.table().get(key).map_or(key, String::as_str);
    fill(text, values)
}

/// A text that depends on a number, which it shows as `$1`: that of `key_one` or `key_other`.
pub fn plural(lang: Lang, key: &str, count: usize) -> String {
    let key = format!("{key}_{}", lang.category(count));
    text(lang, &key, &[&count.to_string()])
}

/// One pass, so that a value that contains `$1` is left as it is.
fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        let number = after
            .chars()
            .next()
            .and_then(|c| c.to_digit(10))
            .map(|n| n as usize);
        match number.and_then(|n| values.get(n.wrapping_sub(1))) {
            Some(value) => {
                filled.push_str(value);
                rest = &after[1..];
            }
            None => {
                filled.push('$');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_keys_and_placeholders() {
        let (english, chinese) = (Lang::English.table(), Lang::Chinese.table());
        assert!(english.len() > 50, "the file is read");
        assert!(english.keys().eq(chinese.keys()));
        for (key, text) in english {
            for placeholder in ["$1", "$2", "$3"] {
                assert_eq!(
                    text.contains(placeholder),
                    chinese[key].contains(placeholder),
                    "{key}"
                );
            }
        }
    }

    #[test]
    fn every_plural_has_all_forms() {
        let keys = || Lang::English.table().keys();
        for key in keys() {
            for (form, other) in [("_one", "_other"), ("_other", "_one")] {
                if let Some(stem) = key.strip_suffix(form) {
                    assert!(has(&format!("{stem}{other}")), "{key} stands alone");
                }
            }
        }
        assert!(keys().any(|key| key.ends_with("_one")));
    }

    #[test]
    fn a_text_has_no_form_that_its_language_does_not_know() {
        // Chinese has one form: both keys say the same, so that the tables stay equal.
        let chinese = Lang::Chinese.table();
        for (key, text) in chinese {
            if let Some(stem) = key.strip_suffix("_one") {
                assert_eq!(*text, chinese[&format!("{stem}_other")], "{key}");
            }
        }
    }

    #[test]
    fn plurals_follow_the_rules_of_their_language() {
        for (lang, count, expected) in [
            (Lang::English, 0, "0 new messages"),
            (Lang::English, 1, "1 new message"),
            (Lang::English, 21, "21 new messages"),
            (Lang::Chinese, 1, "1 条新消息"),
        ] {
            assert_eq!(plural(lang, "notice_hidden", count), expected);
        }
    }

    #[test]
    fn tags_lead_to_the_nearest_language() {
        for (tag, lang) in [
            ("zh-CN", Lang::Chinese),
            ("zh_CN", Lang::Chinese),
            ("ZH", Lang::Chinese),
            ("zho", Lang::English),
            ("en-GB", Lang::English),
            ("de", Lang::English),
            ("", Lang::English),
        ] {
            assert_eq!(Lang::of_tag(tag), lang, "{tag}");
        }
    }

    #[test]
    fn placeholders_are_filled_in_one_pass() {
        assert_eq!(fill("$2 of $1$", &["$2", "b"]), "b of $2$");
        assert_eq!(fill("5 $ and $3", &["a"]), "5 $ and $3");
        assert_eq!(fill("猫$1窝", &["在"]), "猫在窝");
    }
}
