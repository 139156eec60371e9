//! Files: what they are, how far they are, and what can be done with them. Chat, transfers page and file page share it.

mod actions;
mod card;
pub(crate) mod carry;
pub(crate) mod folder;
mod intake;
mod kind;
mod name;
mod picture;
mod remove;
#[cfg(feature = "styleguide")]
mod specimens;
pub(crate) mod status;

#[cfg(feature = "styleguide")]
pub(crate) use self::specimens::FileSpecimens;
pub(crate) use self::{
    actions::SaveButton,
    card::FileCard,
    intake::IntakeCard,
    kind::{Kind, opens},
    name::FileName,
    picture::Shown,
    remove::{RemoveQuestion, Removing},
};
