//! Chat: signed records, their order, and who has already seen them.
//!
//! [`record`] is one message as it is signed, stored and sent; [`log`] decides which records a device takes, and when;
//! [`recent`] and [`unsent`] are what is offered to a new neighbour, so that no link that breaks loses a message;
//! [`delivery`] tells how far one's own messages came, [`unread`] what is still to be seen of others'; [`retention`] says
//! which part of its log a device keeps; [`texts`] finds what was said; [`intake`] is how much an author may say;
//! [`burn`] is the switch that has nothing stored at all.

pub mod burn;
pub mod delivery;
pub mod intake;
pub mod log;
pub mod recent;
pub mod record;
pub mod retention;
pub mod span;
pub mod texts;
pub mod unread;
pub mod unsent;
