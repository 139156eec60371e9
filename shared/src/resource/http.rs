//! A resource as it is given to somebody who asks for it by HTTP (RFC 9110): part of it, with what has to be said of that.
//!
//! Whoever plays a file asks for the rest of it from somewhere, and is told how long the whole is. The media type is what
//! its sharer says, if that can do no harm, and nobody is to guess another one.

use std::ops::Range;

use super::{Descriptor, media_type};

/// What every answer has: nobody guesses what the bytes are, nothing in them runs or loads anything, no other origin reads
/// them, and no cache keeps a second copy.
pub const GUARDS: [(&str, &str); 4] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
];

/// What can be asked with.
const METHODS: &str = "GET, HEAD";

/// Status line, headers, and which bytes follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Names and values, [`GUARDS`] included.
    pub headers: Vec<(String, String)>,
    /// The bytes that follow; none if the answer has no body.
    pub body: Option<Range<u64>>,
}

/// The bytes that a `Range` field names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    /// All of them: there is no such field, or none that is understood, or it names several parts, which nobody needs.
    Whole,
    /// These.
    Part(Range<u64>),
    /// None that the resource has.
    Nothing,
}

impl Head {
    /// The answer to a request for a resource, with the values of its `Range` and `If-Range` fields.
    pub fn of(
        resource: &Descriptor,
        method: &str,
        range: Option<&str>,
        if_range: Option<&str>,
    ) -> Self {
        let length = resource.length;
        let tag = format!("\"{}\"", resource.id);
        // RFC 9110 §13.1.5: who has part of something else gets the whole. A date is none of ours.
        let range = range.filter(|_| if_range.is_none_or(|of| of.trim() == tag));
        // RFC 9110 §14.2: a range is a matter of GET.
        let asked = match method {
            "GET" => asked(range, length),
            "HEAD" => Asked::Whole,
            _ => return Self::without_body(405, &[("Allow", METHODS.to_owned())]),
        };
        let (status, part, says) = match asked {
            Asked::Whole => (200, 0..length, None),
            Asked::Part(part) => {
                let says = format!("bytes {}-{}/{length}", part.start, part.end - 1);
                (206, part, Some(says))
            }
            Asked::Nothing => {
                let says = ("Content-Range", format!("bytes */{length}"));
                return Self::without_body(416, &[says]);
            }
        };
        let media_type = media_type::harmless(&resource.media_type).to_owned();
        let mut fields = vec![
            ("Accept-Ranges", "bytes".to_owned()),
            ("Content-Length", (part.end - part.start).to_string()),
            ("Content-Type", media_type),
            ("ETag", tag),
        ];
        fields.extend(says.map(|says| ("Content-Range", says)));
        let mut head = Self::without_body(status, &fields);
        head.body = (method == "GET").then_some(part);
        head
    }

    /// An answer that is a status alone: there is no such resource, or it cannot be given.
    pub fn without_body(status: u16, fields: &[(&str, String)]) -> Self {
        let guards = GUARDS.iter().map(|(name, value)| (*name, *value));
        let fields = fields.iter().map(|(name, value)| (*name, value.as_str()));
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            status,
            headers: guards.chain(fields).map(owned).collect(),
            body: None,
        }
    }
}

/// Reads a `Range` field (RFC 9110 §14.1.2).
fn asked(field: Option<&str>, length: u64) -> Asked {
    let Some((unit, ranges)) = field.and_then(|field| field.split_once('=')) else {
        return Asked::Whole;
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") || ranges.contains(',') {
        return Asked::Whole;
    }
    part(ranges.trim(), length).map_or(Asked::Nothing, Asked::Part)
}

/// The bytes of `first-last`, `first-` or `-last so many`; none if that is not what it says, or there are none.
fn part(range: &str, length: u64) -> Option<Range<u64>> {
    let (first, last) = range.split_once('-')?;
    let part = match (number(first)?, number(last)?) {
        (Some(first), Some(last)) if first > last => return None,
        (Some(first), last) => {
            let end = last.map_or(length, |last| last.saturating_add(1));
            first..end.min(length)
        }
        (None, Some(last)) => length.saturating_sub(last)..length,
        (None, None) => return None,
    };
    (part.start < part.end).then_some(part)
}

/// A number, or that there is none; nothing if it is something else. One that is too large for any file is as good as
/// the largest.
fn number(text: &str) -> Option<Option<u64>> {
    if text.is_empty() {
        return Some(None);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Some(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{Md5, ResourceId};

    fn file(length: u64, media_type: &str) -> Descriptor {
        Descriptor {
            id: ResourceId([1; 32]),
            length,
            md5: Md5([2; 16]),
            name: "song".into(),
            media_type: media_type.into(),
        }
    }

    fn value<'a>(head: &'a Head, name: &str) -> Option<&'a str> {
        let mut headers = head.headers.iter();
        let found = headers.find(|(of, _)| of == name);
        found.map(|(_, value)| value.as_str())
    }

    #[test]
    fn ranges_are_answered_as_the_standard_says() {
        let (all, none) = (Some(0..1000), None);
        for (range, status, body, says) in [
            ("bytes=0-", 206, all.clone(), Some("bytes 0-999/1000")),
            ("bytes=0-0", 206, Some(0..1), Some("bytes 0-0/1000")),
            (
                "bytes=800-",
                206,
                Some(800..1000),
                Some("bytes 800-999/1000"),
            ),
            ("Bytes = 10-19", 206, Some(10..20), Some("bytes 10-19/1000")),
            (
                "bytes=990-5000",
                206,
                Some(990..1000),
                Some("bytes 990-999/1000"),
            ),
            ("bytes=-1", 206, Some(999..1000), Some("bytes 999-999/1000")),
            ("bytes=-5000", 206, all.clone(), Some("bytes 0-999/1000")),
            (
                "bytes=1-99999999999999999999999",
                206,
                Some(1..1000),
                Some("bytes 1-999/1000"),
            ),
            ("bytes=1000-", 416, none.clone(), Some("bytes */1000")),
            (
                "bytes=99999999999999999999999-",
                416,
                none.clone(),
                Some("bytes */1000"),
            ),
            ("bytes=-0", 416, none.clone(), Some("bytes */1000")),
            ("bytes=5-3", 416, none.clone(), Some("bytes */1000")),
            ("bytes=-", 416, none.clone(), Some("bytes */1000")),
            ("bytes=", 416, none.clone(), Some("bytes */1000")),
            ("bytes=a-b", 416, none.clone(), Some("bytes */1000")),
            ("bytes=+1-2", 416, none.clone(), Some("bytes */1000")),
            ("bytes=0-1,3-4", 200, all.clone(), None),
            ("seconds=3-", 200, all.clone(), None),
            ("nonsense", 200, all.clone(), None),
            ("", 200, all.clone(), None),
        ] {
            let head = Head::of(&file(1000, "audio/flac"), "GET", Some(range), None);
            assert_eq!((head.status, &head.body), (status, &body), "{range}");
            assert_eq!(value(&head, "Content-Range"), says, "{range}");
            let length = body.map(|body| (body.end - body.start).to_string());
            assert_eq!(value(&head, "Content-Length"), length.as_deref(), "{range}");
        }
    }

    #[test]
    fn what_is_no_get_has_no_body() {
        let head = Head::of(&file(1000, "audio/flac"), "HEAD", Some("bytes=5-"), None);
        assert_eq!((head.status, &head.body), (200, &None));
        assert_eq!(value(&head, "Content-Length"), Some("1000"));
        assert_eq!(value(&head, "Accept-Ranges"), Some("bytes"));
        for method in ["POST", "get", ""] {
            let head = Head::of(&file(1000, "audio/flac"), method, None, None);
            assert_eq!((head.status, &head.body), (405, &None));
            assert_eq!(value(&head, "Allow"), Some("GET, HEAD"));
        }
    }

    #[test]
    fn who_has_part_of_something_else_gets_the_whole() {
        let file = file(1000, "audio/flac");
        let whole = Head::of(&file, "GET", None, None);
        let tag = value(&whole, "ETag");
        assert_eq!(tag, Some(&*format!("\"{}\"", file.id)));
        let weak = tag.map(|tag| format!("W/{tag}"));
        let date = Some("Sun, 29 Nov 2026 08:00:00 GMT");
        for (if_range, status) in [
            (None, 206),
            (tag, 206),
            (weak.as_deref(), 200),
            (date, 200),
            (Some("\"other\""), 200),
            (Some(""), 200),
        ] {
            let head = Head::of(&file, "GET", Some("bytes=5-"), if_range);
            assert_eq!(head.status, status, "{if_range:?}");
            assert_eq!(value(&head, "ETag"), tag);
        }
    }

    #[test]
    fn a_file_without_bytes_is_whole_and_has_no_part() {
        let head = Head::of(&file(0, "audio/wav"), "GET", None, None);
        assert_eq!((head.status, head.body), (200, Some(0..0)));
        for range in ["bytes=0-", "bytes=-1"] {
            let head = Head::of(&file(0, "audio/wav"), "GET", Some(range), None);
            assert_eq!(head.status, 416, "{range}");
        }
    }

    #[test]
    fn no_type_does_harm_and_nobody_guesses_another() {
        for (said, given) in [
            ("audio/flac", "audio/flac"),
            ("text/html", media_type::UNKNOWN),
            ("image/svg+xml", media_type::UNKNOWN),
        ] {
            for range in [None, Some("bytes=5-"), Some("bytes=5000-")] {
                let head = Head::of(&file(1000, said), "GET", range, None);
                for (name, guard) in GUARDS {
                    assert_eq!(value(&head, name), Some(guard));
                }
                let expected = (head.status != 416).then_some(given);
                assert_eq!(value(&head, "Content-Type"), expected);
            }
        }
    }
}
