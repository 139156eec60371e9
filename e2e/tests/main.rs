//! All of Catnest as people use it, one behaviour a file. They are one program: each of its own would be linked with the
//! driver of browsers again.

mod accessibility;
mod addresses;
mod attention;
mod bad_days;
mod burn_and_search;
mod chat_view;
mod connections;
mod conversation;
mod far_back;
mod files;
mod files_bad_days;
mod files_in_chat;
mod history_of_all;
mod history_terms;
mod liars;
mod memory;
mod moving_house;
mod people;
mod popup;
mod predecessor;
mod private;
mod reachable;
mod settings;
mod survival;
mod welcome;
