//! What is wrong with an entry, and where.

use regex_syntax::{
    ParserBuilder,
    ast::ErrorKind as Ast,
    hir::{self, ErrorKind as Hir},
};
use serde::{Deserialize, Serialize};

use super::{Entry, Kind, plain};
use crate::{
    limits,
    profile::{is_ignorable, joins},
};

/// What is wrong, in a word that views have in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// There are more entries than [`limits::MAX_BANS`].
    #[error("there are too many entries")]
    TooMany,
    /// The text has more bytes than [`limits::MAX_BAN_BYTES`].
    #[error("it is too long")]
    TooLong,
    /// With this one, what is compiled takes more than [`limits::MAX_BAN_PROGRAM_BYTES`].
    #[error("the pattern grows too large, or all of them do")]
    TooLarge,
    /// There is nothing to look for.
    #[error("it is empty")]
    Empty,
    /// A character that nobody sees, or a line's end.
    #[error("it has an invisible character")]
    Invisible,
    /// It matches every track, since nothing at all is found everywhere.
    #[error("it matches everything")]
    Everything,
    /// In a text form: the slash at the end is missing.
    #[error("the pattern's second slash is missing")]
    Slash,
    /// A parenthesis has no other, or what stands after an opening one is unknown.
    #[error("a parenthesis is without its other half, or says something unknown")]
    Group,
    /// A square bracket is not closed, or what stands in it is no set of characters.
    #[error("the set of characters is not closed, or is none")]
    Class,
    /// There is nothing to repeat, or no such number of times.
    #[error("there is nothing to repeat, or not so many times")]
    Repetition,
    /// A backslash before something that has no meaning.
    #[error("the backslash has no meaning here")]
    Escape,
    /// A property of characters that is not known.
    #[error("there is no such class of characters")]
    Property,
    /// `(?=…)`, `(?!…)`, `(?<=…)` or `(?<!…)`: not to be had in linear time.
    #[error("looking ahead and behind is not supported")]
    LookAround,
    /// `\1`: not to be had in linear time.
    #[error("references to groups are not supported")]
    Reference,
    /// Parentheses and repetitions stand in each other deeper than [`limits::MAX_BAN_NESTING`].
    #[error("it is nested too deeply")]
    Nesting,
    /// Something else.
    #[error("it is no regular expression")]
    Other,
}

/// Checks an entry by itself: where it is wrong, in characters, and how.
pub(super) fn check(entry: &Entry) -> Result<(), (Option<usize>, Problem)> {
    let text = &entry.text;
    if text.len() > limits::MAX_BAN_BYTES {
        return Err((None, Problem::TooLong));
    }
    let unseen = |c: char| c.is_control() || is_ignorable(c) && !joins(c);
    if let Some(at) = text.chars().position(unseen) {
        return Err((Some(at), Problem::Invisible));
    }
    match entry.kind {
        // Nothing is left of joiners alone.
        Kind::Plain if plain(text).is_empty() => Err((None, Problem::Empty)),
        Kind::Plain => Ok(()),
        Kind::Pattern if text.is_empty() => Err((None, Problem::Empty)),
        Kind::Pattern => check_pattern(text),
    }
}

fn check_pattern(pattern: &str) -> Result<(), (Option<usize>, Problem)> {
    let parsed = ParserBuilder::new()
        .case_insensitive(true)
        .nest_limit(limits::MAX_BAN_NESTING)
        .build()
        .parse(pattern);
    let (offset, problem) = match parsed {
        Ok(expression) if is_everywhere(&expression) => return Err((None, Problem::Everything)),
        Ok(_) => return Ok(()),
        Err(regex_syntax::Error::Parse(error)) => {
            (error.span().start.offset, of_syntax(error.kind()))
        }
        Err(regex_syntax::Error::Translate(error)) => {
            (error.span().start.offset, of_meaning(error.kind()))
        }
        Err(_) => return Err((None, Problem::Other)),
    };
    let before = pattern.get(..offset).unwrap_or(pattern);
    Err((Some(before.chars().count()), problem))
}

/// Whether it matches the empty text, wherever that is.
fn is_everywhere(expression: &hir::Hir) -> bool {
    let properties = expression.properties();
    properties.minimum_len() == Some(0) && properties.look_set().is_empty()
}

fn of_syntax(kind: &Ast) -> Problem {
    match kind {
        Ast::ClassEscapeInvalid
        | Ast::ClassRangeInvalid
        | Ast::ClassRangeLiteral
        | Ast::ClassUnclosed => Problem::Class,
        Ast::DecimalEmpty
        | Ast::DecimalInvalid
        | Ast::RepetitionCountInvalid
        | Ast::RepetitionCountDecimalEmpty
        | Ast::RepetitionCountUnclosed
        | Ast::RepetitionMissing => Problem::Repetition,
        Ast::EscapeHexEmpty
        | Ast::EscapeHexInvalid
        | Ast::EscapeHexInvalidDigit
        | Ast::EscapeUnexpectedEof
        | Ast::EscapeUnrecognized
        | Ast::SpecialWordBoundaryUnclosed
        | Ast::SpecialWordBoundaryUnrecognized
        | Ast::SpecialWordOrRepetitionUnexpectedEof => Problem::Escape,
        Ast::FlagDanglingNegation
        | Ast::FlagDuplicate { .. }
        | Ast::FlagRepeatedNegation { .. }
        | Ast::FlagUnexpectedEof
        | Ast::FlagUnrecognized
        | Ast::GroupNameDuplicate { .. }
        | Ast::GroupNameEmpty
        | Ast::GroupNameInvalid
        | Ast::GroupNameUnexpectedEof
        | Ast::GroupUnclosed
        | Ast::GroupUnopened => Problem::Group,
        Ast::NestLimitExceeded(_) => Problem::Nesting,
        Ast::UnicodeClassInvalid => Problem::Property,
        Ast::UnsupportedBackreference => Problem::Reference,
        Ast::UnsupportedLookAround => Problem::LookAround,
        _ => Problem::Other,
    }
}

fn of_meaning(kind: &Hir) -> Problem {
    match kind {
        Hir::UnicodePropertyNotFound
        | Hir::UnicodePropertyValueNotFound
        | Hir::UnicodePerlClassNotFound => Problem::Property,
        _ => Problem::Other,
    }
}
