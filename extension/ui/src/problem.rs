//! Problems in a person's words.

use catnest::{
    address::AddressError,
    host::{HostReply, Refusal},
    house::{channel_file::ChannelFileError, identity_file::IdentityFileError},
    invitation::EntryError,
    limits,
    music::ban,
    node::Problem,
    resource::DescriptorError,
    secret::PassphraseError,
};
use leptos::prelude::*;

use crate::{
    amount,
    i18n::{grouped, t, t_plural, t_with},
};

/// What is wrong, and what to do about it.
pub(crate) fn words(problem: &Problem) -> String {
    match problem {
        Problem::Address(error) => address_words(error),
        Problem::Name => t("problem_name"),
        Problem::Avatar => t("problem_avatar"),
        Problem::Myself => t("problem_myself"),
        Problem::TooManyBlocked => t_plural("problem_too_many_blocked", limits::MAX_BLOCKED),
        Problem::Text => t_with(
            "problem_text",
            &[&(limits::MAX_TEXT_BYTES / 1024).to_string()],
        ),
        Problem::IdentityFile(error) => identity_file_words(error),
        Problem::OtherIdentity { .. } => t("problem_other_identity"),
        Problem::NoMessage => t("problem_no_message"),
        Problem::Retention => t_with(
            "problem_retention",
            &[
                &grouped(limits::MAX_RETENTION_DAYS as usize),
                &grouped(limits::MAX_RETENTION_MESSAGES as usize),
            ],
        ),
        Problem::Burning => t("problem_burning"),
        Problem::Query => t("problem_query"),
        Problem::NoFile => t("problem_no_file"),
        Problem::FileChanged { name } => t_with("problem_file_changed", &[name]),
        Problem::TooManyFiles => t_plural("problem_too_many_files", limits::MAX_MESSAGE_FILES),
        Problem::File(DescriptorError::Length(_)) => t_with(
            "problem_file_length",
            &[&amount::bytes(limits::MAX_RESOURCE_BYTES as f64)],
        ),
        Problem::File(DescriptorError::Name) => t("problem_file_name"),
        Problem::File(DescriptorError::MediaType) => t("problem_file_type"),
        Problem::TooManyTransfers => t_plural("problem_too_many_transfers", limits::MAX_TRANSFERS),
        Problem::OutboxFull => t("problem_outbox_full"),
        Problem::Ban { error } => t_with(
            "problem_ban",
            &[&(error.entry + 1).to_string(), &ban_words(error.problem)],
        ),
        Problem::TooManyTracks => t("problem_too_many_tracks"),
        Problem::NoTrack => t("problem_no_track"),
        Problem::Track { .. } => t("problem_track"),
        Problem::NoLead => t("problem_no_lead"),
        Problem::NotJoined => t("problem_not_joined"),
        Problem::TooManyChannels => t("problem_too_many"),
        Problem::Busy => t("problem_busy"),
        Problem::StoreFull => t("problem_full"),
        Problem::Quota { bytes, room } => t_with(
            "problem_quota",
            &[&amount::bytes(*bytes as f64), &amount::bytes(*room as f64)],
        ),
        Problem::StoreUnavailable { detail } => t_with("problem_store", &[detail]),
    }
}

/// What is wrong with an entry of a ban table, as part of a sentence.
pub(crate) fn ban_words(problem: ban::Problem) -> String {
    t(match problem {
        ban::Problem::TooMany => "ban_too_many",
        ban::Problem::TooLong => "ban_too_long",
        ban::Problem::TooLarge => "ban_too_large",
        ban::Problem::Empty => "ban_empty",
        ban::Problem::Invisible => "ban_invisible",
        ban::Problem::Everything => "ban_everything",
        ban::Problem::Slash => "ban_slash",
        ban::Problem::Group => "ban_group",
        ban::Problem::Class => "ban_class",
        ban::Problem::Repetition => "ban_repetition",
        ban::Problem::Escape => "ban_escape",
        ban::Problem::Property => "ban_property",
        ban::Problem::LookAround => "ban_look_around",
        ban::Problem::Reference => "ban_reference",
        ban::Problem::Nesting => "ban_nesting",
        ban::Problem::Other => "ban_no_regex",
    })
}

/// What is wrong with what was typed to get in, and what to do about it.
fn entry_words(error: &EntryError) -> String {
    match error {
        EntryError::Address(error) => address_words(error),
        EntryError::Passphrase(PassphraseError::TooShort(1)) => t("problem_passphrase_none"),
        EntryError::Passphrase(PassphraseError::TooShort(least)) => {
            t_with("problem_passphrase_short", &[&least.to_string()])
        }
        EntryError::Passphrase(PassphraseError::TooLong) => t_with(
            "problem_passphrase_long",
            &[&limits::MAX_PASSPHRASE_BYTES.to_string()],
        ),
    }
}

fn identity_file_words(error: &IdentityFileError) -> String {
    match error {
        IdentityFileError::NotOne => t("problem_identity_file"),
        IdentityFileError::Version { .. } => t("problem_file_version"),
        IdentityFileError::Cost => t("problem_identity_cost"),
        IdentityFileError::Sealed => t("problem_identity_sealed"),
        IdentityFileError::Contents => t("problem_identity_contents"),
    }
}

fn channel_file_words(error: &ChannelFileError) -> String {
    match error {
        ChannelFileError::NotOne => t("problem_channel_file"),
        ChannelFileError::Version(_) => t("problem_file_version"),
        ChannelFileError::Channel => t("problem_channel_file_address"),
    }
}

fn address_words(error: &AddressError) -> String {
    let part = t(&format!("part_{}", error.part));
    // Not the error's own words: those are English, and for programmers.
    let advice = t(&format!("advice_{}", error.part));
    t_with("problem_address", &[&part, &advice])
}

/// Why something did not work.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// The engine refused it, or is in trouble itself.
    Engine(Problem),
    /// What was typed leads to no nest.
    Entry(EntryError),
    /// The browser gives no randomness.
    Randomness,
    /// Something that was dropped or picked is no file.
    Folder,
    /// The bytes of a file that should be here are not.
    Unreadable,
    /// A file could not be written.
    NotSaved,
    /// A file is none of a nest that can be read.
    ChannelFile(ChannelFileError),
    /// No file was chosen.
    NothingChosen,
    /// In what was to be added there is no file.
    NoMusic,
    /// A passphrase was repeated otherwise.
    Repeated,
    /// The native host is not there any more.
    HostGone,
    /// It does not answer.
    HostLate,
    /// It does not know what was asked for: it is of another version.
    HostOther,
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Trouble::Engine(problem)
    }
}

impl Trouble {
    /// What the native host answered.
    ///
    /// # Errors
    /// Why it did not.
    pub(crate) fn of_host(reply: HostReply) -> Result<catnest::host::Answer, Self> {
        Err(match reply {
            HostReply::Answer { answer } => return Ok(answer),
            HostReply::Refused {
                why: Refusal::Device { problem },
            } => problem.into(),
            HostReply::Refused {
                why: Refusal::Unknown { .. },
            } => Trouble::HostOther,
            HostReply::Absent => Trouble::HostGone,
            // As much waits as may: it is late with all of that.
            HostReply::Late | HostReply::Unasked => Trouble::HostLate,
        })
    }
}

impl From<EntryError> for Trouble {
    fn from(error: EntryError) -> Self {
        Trouble::Entry(error)
    }
}

impl From<ChannelFileError> for Trouble {
    fn from(error: ChannelFileError) -> Self {
        Trouble::ChannelFile(error)
    }
}

impl From<AddressError> for Trouble {
    fn from(error: AddressError) -> Self {
        Trouble::Entry(error.into())
    }
}

impl Trouble {
    pub(crate) fn words(&self) -> String {
        match self {
            Trouble::Engine(problem) => words(problem),
            Trouble::Entry(error) => entry_words(error),
            Trouble::Randomness => t("problem_randomness"),
            Trouble::Folder => t("problem_folder"),
            Trouble::Unreadable => t("problem_unreadable"),
            Trouble::NotSaved => t("problem_not_saved"),
            Trouble::ChannelFile(error) => channel_file_words(error),
            Trouble::NothingChosen => t("problem_nothing_chosen"),
            Trouble::NoMusic => t("music_adding_none"),
            Trouble::Repeated => t("problem_repeated"),
            Trouble::HostGone => t("problem_host_gone"),
            Trouble::HostLate => t("problem_host_late"),
            Trouble::HostOther => t("problem_host_version"),
        }
    }
}

/// Shows what is wrong, and has it read out, while something is.
#[component]
pub(crate) fn ProblemBox<T>(problem: RwSignal<Option<T>>) -> impl IntoView
where
    T: Clone + Into<Trouble> + Send + Sync + 'static,
{
    view! {
        <div role="alert" class="alert">
            {move || problem.get().map(|problem| view! {
                <p class="problem" data-testid="problem">{problem.into().words()}</p>
            })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use catnest::{address::Part, music::ban};

    #[test]
    fn what_is_wrong_with_a_ban_has_words() {
        for problem in [
            ban::Problem::TooMany,
            ban::Problem::TooLong,
            ban::Problem::TooLarge,
            ban::Problem::Empty,
            ban::Problem::Invisible,
            ban::Problem::Everything,
            ban::Problem::Slash,
            ban::Problem::Group,
            ban::Problem::Class,
            ban::Problem::Repetition,
            ban::Problem::Escape,
            ban::Problem::Property,
            ban::Problem::LookAround,
            ban::Problem::Reference,
            ban::Problem::Nesting,
            ban::Problem::Other,
        ] {
            assert!(!super::ban_words(problem).starts_with("ban_"));
        }
    }

    #[test]
    fn every_part_of_an_address_has_a_word_and_an_advice() {
        for part in [
            Part::Address,
            Part::Scheme,
            Part::User,
            Part::Host,
            Part::Port,
            Part::Channel,
            Part::Resource,
            Part::Via,
            Part::Secret,
        ] {
            for key in [format!("part_{part}"), format!("advice_{part}")] {
                assert_ne!(super::t(&key), key);
            }
        }
    }
}
