//! All entries of one kind, found in one pass over a field.

use std::fmt;

use regex::{RegexSet, RegexSetBuilder};

use super::{Entry, Kind, Scope, plain};
use crate::limits;

/// Finds the first of many entries.
#[derive(Clone)]
pub(super) struct Matcher {
    set: RegexSet,
    /// The entries in the set.
    entries: Vec<Sought>,
}

/// One of them.
#[derive(Clone, Copy)]
struct Sought {
    /// Its place in the table.
    index: usize,
    scope: Scope,
    /// The bytes of what is found, if that is always the same.
    length: Option<usize>,
}

impl Default for Matcher {
    fn default() -> Self {
        let (set, entries) = (RegexSet::empty(), Vec::new());
        Self { set, entries }
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matcher({})", self.entries.len())
    }
}

impl Matcher {
    /// Compiles entries of one kind, with their places in the table; all have been checked.
    ///
    /// # Errors
    /// The place of the first entry with which they are too large.
    pub(super) fn new<'e>(
        entries: impl Iterator<Item = (usize, &'e Entry)>,
    ) -> Result<Self, usize> {
        let mut sought = Vec::new();
        let mut expressions = Vec::new();
        let mut kept = Vec::new();
        for (index, entry) in entries {
            let (expression, length) = expression(entry);
            expressions.push(expression);
            sought.push(Sought {
                index,
                scope: entry.scope,
                length,
            });
            kept.push(!entry.off);
        }
        let Some(set) = compile(&expressions) else {
            return Err(first_too_large(&expressions, &sought));
        };
        if kept.iter().all(|kept| *kept) {
            return Ok(Self {
                set,
                entries: sought,
            });
        }
        let mut kept = kept.into_iter();
        let mut is_kept = || kept.next().unwrap_or(false);
        let (expressions, entries): (Vec<String>, Vec<Sought>) = expressions
            .into_iter()
            .zip(sought)
            .filter(|_| is_kept())
            .unzip();
        // Fewer than before, so they are not too large.
        let set = compile(&expressions).unwrap_or_default();
        Ok(Self { set, entries })
    }

    /// The place of the first entry that a field matches.
    pub(super) fn first(&self, scope: Scope, text: &str) -> Option<usize> {
        if self.entries.is_empty() {
            return None;
        }
        let matches = self.set.matches(text);
        let matches = matches.iter().filter_map(|i| self.entries.get(i));
        let mut looks = matches.filter(|sought| match (sought.scope, scope) {
            (Scope::Any, Scope::Md5 | Scope::Id) => sought.length == Some(text.len()),
            (Scope::Any, _) => true,
            (of, scope) => of == scope,
        });
        looks.next().map(|sought| sought.index)
    }
}

fn expression(entry: &Entry) -> (String, Option<usize>) {
    match entry.kind {
        Kind::Plain => {
            let text = plain(&entry.text);
            // What is found is folded as well, so its case is the same.
            (format!("(?-i){}", regex::escape(&text)), Some(text.len()))
        }
        Kind::Pattern => (entry.text.clone(), None),
    }
}

/// None if they are too large together.
fn compile(expressions: &[String]) -> Option<RegexSet> {
    RegexSetBuilder::new(expressions)
        .case_insensitive(true)
        .nest_limit(limits::MAX_BAN_NESTING)
        .size_limit(limits::MAX_BAN_PROGRAM_BYTES)
        .build()
        .ok()
}

/// Which entry was one too many: found by halving, since each that is more makes them larger.
fn first_too_large(expressions: &[String], sought: &[Sought]) -> usize {
    let (mut fits, mut too_large) = (0, expressions.len());
    while fits + 1 < too_large {
        let middle = fits.midpoint(too_large);
        if compile(&expressions[..middle]).is_some() {
            fits = middle;
        } else {
            too_large = middle;
        }
    }
    sought.get(fits).map_or(0, |sought| sought.index)
}
