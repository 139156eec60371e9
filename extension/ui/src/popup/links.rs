//! Web addresses in messages: found in the text, and read as the browser reads them before one follows them.

use linkify::{LinkFinder, LinkKind};

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Plain(&'a str),
    /// An address of the web, as it was typed.
    Link(&'a str),
}

/// Nothing else is ever offered to be opened.
const SCHEMES: [&str; 2] = ["http://", "https://"];

fn is_web(text: &str) -> bool {
    SCHEMES.iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}

/// Where a sentence goes on after an address without a space, as in Chinese. The finder knows those of ASCII.
const STOPS: &[char] = &[
    '，', '。', '、', '；', '：', '！', '？', '（', '）', '《', '》', '「', '」', '『', '』', '【',
    '】', '“', '”', '‘', '’', '…',
];

/// A text in parts that together are the text.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    let mut parts = Vec::new();
    for span in finder.spans(text) {
        let part = span.as_str();
        if span.kind().is_some() && is_web(part) {
            let (link, rest) = part.split_at(part.find(STOPS).unwrap_or(part.len()));
            parts.push(Part::Link(link));
            if !rest.is_empty() {
                parts.push(Part::Plain(rest));
            }
        } else {
            parts.push(Part::Plain(part));
        }
    }
    parts
}

/// Where a link really leads, by the browser's own parser (WHATWG URL).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// The whole address, without a user and password.
    pub(super) href: String,
    /// Host and port, other alphabets as Punycode.
    pub(super) host: String,
    /// What stands before and after the host in `href`.
    pub(super) around: (String, String),
    /// The typed address had a user or password, which look like a host to people.
    pub(super) had_user: bool,
    /// The host has letters beyond ASCII, which may look like others.
    pub(super) punycode: bool,
    /// Others on the way can read and change what comes.
    pub(super) plain: bool,
}

impl Target {
    /// Reads what was typed; none if it is not of the web after all.
    pub(super) fn read(typed: &str) -> Option<Self> {
        let url = web_sys::Url::new(typed).ok()?;
        let protocol = url.protocol();
        if !matches!(protocol.as_str(), "http:" | "https:") {
            return None;
        }
        let had_user = !url.username().is_empty() || !url.password().is_empty();
        url.set_username("");
        url.set_password("");
        let (href, host) = (url.href(), url.host());
        let around = href
            .split_once(&host)
            .map(|(before, after)| (before.to_owned(), after.to_owned()))?;
        Some(Self {
            punycode: is_punycode(&host),
            plain: protocol == "http:",
            href,
            host,
            around,
            had_user,
        })
    }
}

fn is_punycode(host: &str) -> bool {
    host.split('.').any(|label| label.starts_with("xn--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The links of a text, and whether the parts are the text.
    fn links(text: &str) -> Vec<&str> {
        let parts = parts(text);
        let whole: String = parts
            .iter()
            .map(|part| match part {
                Part::Plain(text) | Part::Link(text) => *text,
            })
            .collect();
        assert_eq!(whole, text);
        parts
            .into_iter()
            .filter_map(|part| match part {
                Part::Link(link) => Some(link),
                Part::Plain(_) => None,
            })
            .collect()
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for (text, expected) in [
            (
                "see https://cat.example/a?b=c#d.",
                &["https://cat.example/a?b=c#d"][..],
            ),
            ("(http://cat.example)", &["http://cat.example"]),
            ("（https://cat.example/a，b）", &["https://cat.example/a"]),
            ("HTTPS://CAT.EXAMPLE", &["HTTPS://CAT.EXAMPLE"]),
            ("看https://猫.example/窝。", &["https://猫.example/窝"]),
            (
                "https://a.example https://b.example",
                &["https://a.example", "https://b.example"],
            ),
            ("javascript:alert(1) data:text/html,x", &[]),
            (
                "file:///etc/passwd ftp://cat.example mailto:a@cat.example",
                &[],
            ),
            ("javascript://cat.example/%0aalert(1)", &[]),
            ("webrtc://cat.example/nest#secret", &[]),
            ("cat.example www.cat.example a@cat.example", &[]),
            ("", &[]),
        ] {
            assert_eq!(links(text), expected, "{text}");
        }
    }

    #[test]
    fn markup_around_a_link_is_text() {
        assert_eq!(
            links("<a href=\"https://cat.example\">x</a>"),
            ["https://cat.example"]
        );
    }

    #[test]
    fn letters_of_other_alphabets_are_noticed() {
        for (host, expected) in [
            ("xn--80ak6aa92e.com", true),
            ("www.xn--fiq228c.example:8080", true),
            ("cat.example", false),
            ("cat-xn--.example", false),
        ] {
            assert_eq!(is_punycode(host), expected, "{host}");
        }
    }
}
