//! A ban table as a text: to be written by hand, shared and taken along.
//!
//! ```text
//! # A line of remarks
//! nightcore                a text in title, artist or album
//! artist: Some Band        a text in one field: title, artist, album, md5, id, or any
//! /remix|re-?edit/         a regular expression
//! title: /^track \d+$/     a regular expression in one field
//! ~ title: live            an entry that is switched off
//! \#1 Hit                  what comes after the backslash is a text as it is: "#1 Hit"
//! ```
//!
//! In ABNF (RFC 5234), each line without the spaces around it:
//!
//! ```text
//! table   = *( [ remark / entry ] LF )
//! remark  = "#" *char
//! entry   = [ "~" ] [ scope ":" ] ( pattern / literal / plain )
//! scope   = "any" / "title" / "artist" / "album" / "md5" / "id"
//! pattern = "/" *char "/"      ; all that is between the first and the last slash
//! literal = "\" *char
//! plain   = *char              ; if it is nothing of the above
//! ```
//!
//! Remarks are not kept. What is written reads as the same entries.

use std::fmt::Write as _;

use super::{BanError, BanTable, Entry, Kind, Problem, Scope};
use crate::limits;

/// What is written first, for those who open the file.
const HEADER: &str = "# Catnest ban table\n";

/// How fields are called.
const SCOPES: [(&str, Scope); 6] = [
    ("any", Scope::Any),
    ("title", Scope::Title),
    ("artist", Scope::Artist),
    ("album", Scope::Album),
    ("md5", Scope::Md5),
    ("id", Scope::Id),
];

impl BanTable {
    /// Reads a table.
    ///
    /// # Errors
    /// Names the first line that is wrong, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, BanError> {
        let mut entries = Vec::new();
        let mut lines = Vec::new();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |problem| BanError {
                entry: entries.len(),
                line: Some(number),
                at: None,
                problem,
            };
            if entries.len() == limits::MAX_BANS {
                return Err(wrong(Problem::TooMany));
            }
            let entry = parse_line(line).map_err(wrong)?;
            entries.push(entry);
            lines.push(number);
        }
        Self::new(entries).map_err(|error| BanError {
            line: lines.get(error.entry).copied(),
            ..error
        })
    }

    /// Writes it, one entry a line.
    pub fn to_text(&self) -> String {
        let mut text = HEADER.to_owned();
        for entry in &self.entries {
            write_line(&mut text, entry);
        }
        text
    }
}

fn parse_line(line: &str) -> Result<Entry, Problem> {
    let (off, line) = match line.strip_prefix('~') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, line),
    };
    let (scope, rest) = scope_of(line).unwrap_or((Scope::Any, line));
    let (kind, text) = if let Some(text) = rest.strip_prefix('\\') {
        (Kind::Plain, text)
    } else if let Some(rest) = rest.strip_prefix('/') {
        (Kind::Pattern, rest.strip_suffix('/').ok_or(Problem::Slash)?)
    } else {
        (Kind::Plain, rest)
    };
    Ok(Entry {
        scope,
        kind,
        text: text.to_owned(),
        off,
    })
}

/// The field that a line begins with, and what comes after it.
fn scope_of(line: &str) -> Option<(Scope, &str)> {
    let (name, rest) = line.split_once(':')?;
    let name = name.trim_end();
    let known = |(called, _): &&(&str, Scope)| called.eq_ignore_ascii_case(name);
    let (_, scope) = SCOPES.iter().find(known)?;
    Some((*scope, rest.trim_start()))
}

fn write_line(text: &mut String, entry: &Entry) {
    let off = if entry.off { "~ " } else { "" };
    let named = SCOPES.iter().find(|(_, scope)| *scope == entry.scope);
    let scope = match named {
        Some((name, scope)) if *scope != Scope::Any => format!("{name}: "),
        _ => String::new(),
    };
    let what = &entry.text;
    // Writing to a string does not fail.
    let _ = match entry.kind {
        Kind::Pattern => writeln!(text, "{off}{scope}/{what}/"),
        Kind::Plain if is_misread(what, entry.scope) => writeln!(text, "{off}{scope}\\{what}"),
        Kind::Plain => writeln!(text, "{off}{scope}{what}"),
    };
}

/// Whether a plain text would be read as something else.
fn is_misread(text: &str, scope: Scope) -> bool {
    let begins = |signs: [char; 2]| text.starts_with(signs);
    begins(['\\', '/']) || scope == Scope::Any && (begins(['#', '~']) || scope_of(text).is_some())
}
