//! Words: the tables of `_locales`, so that a view can change its language while it is open.

use std::{collections::BTreeMap, sync::OnceLock};

use leptos::prelude::*;
use serde_json::Value;

/// A language the views speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    En,
    ZhCn,
}

type Table = BTreeMap<String, String>;

const EN: &str = include_str!("../../_locales/en/messages.json");
const ZH_CN: &str = include_str!("../../_locales/zh_CN/messages.json");

impl Lang {
    /// The language of a tag such as `zh-CN` or `zh_CN`.
    pub(crate) fn of(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("zh") {
            Lang::ZhCn
        } else {
            Lang::En
        }
    }

    pub(crate) fn of_browser() -> Self {
        Self::of(&crate::js::ui_language())
    }

    fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::ZhCn => "zh-CN",
        }
    }

    fn table(self) -> &'static Table {
        static TABLES: [OnceLock<Table>; 2] = [OnceLock::new(), OnceLock::new()];
        match self {
            Lang::En => TABLES[0].get_or_init(|| read(EN)),
            Lang::ZhCn => TABLES[1].get_or_init(|| read(ZH_CN)),
        }
    }
}

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

/// The language of this view, for all in it.
pub(crate) fn provide(lang: Lang) {
    let lang = RwSignal::new(lang);
    provide_context(lang);
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            let _set = root.set_attribute("lang", lang.get().tag());
        }
    });
}

/// A text in the view's language. Reading it in a view makes the view follow the language.
pub(crate) fn t(key: &str) -> String {
    t_with(key, &[])
}

/// A text with values in place of `$1`, `$2`, ….
pub(crate) fn t_with(key: &str, values: &[&str]) -> String {
    let lang = use_context::<RwSignal<Lang>>().map_or(Lang::En, |lang| lang.get());
    // A key that is missing shows as itself, which is seen at once; a test holds the keys together.
    let text = lang.table().get(key).map_or(key, String::as_str);
    fill(text, values)
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

/// A text that depends on a number, which it shows as `$1`.
pub(crate) fn t_plural(key: &str, count: usize) -> String {
    let form = if count == 1 { "one" } else { "other" };
    t_with(&format!("{key}_{form}"), &[&count.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        let (en, zh) = (Lang::En.table(), Lang::ZhCn.table());
        assert!(en.keys().eq(zh.keys()));
        for (key, text) in en {
            for placeholder in ["$1", "$2"] {
                assert_eq!(
                    text.contains(placeholder),
                    zh[key].contains(placeholder),
                    "{key}"
                );
            }
        }
    }

    #[test]
    fn placeholders_are_filled_in_one_pass() {
        assert_eq!(fill("$2 of $1$", &["$2", "b"]), "b of $2$");
        assert_eq!(fill("5 $ and $3", &["a"]), "5 $ and $3");
    }

    #[test]
    fn every_key_that_the_views_use_exists() {
        let sources = [
            include_str!("popup/mod.rs"),
            include_str!("popup/header.rs"),
            include_str!("popup/messages.rs"),
            include_str!("popup/composer.rs"),
            include_str!("popup/join.rs"),
            include_str!("invitation.rs"),
            include_str!("problem.rs"),
            include_str!("welcome/mod.rs"),
            include_str!("welcome/form.rs"),
            include_str!("welcome/way.rs"),
        ];
        let mut used = 0;
        for source in sources {
            for after in source
                .split(" t(\"")
                .skip(1)
                .chain(source.split("t_with(\"").skip(1))
            {
                let key = after.split('"').next().unwrap();
                assert!(Lang::En.table().contains_key(key), "{key}");
                used += 1;
            }
        }
        assert!(used > 20, "the search finds the keys");
    }
}
