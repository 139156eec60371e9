//! How a person is drawn: the avatar, and the mark of a key beside a name that somebody else has as well.

use catnest::identity::Author;
use leptos::prelude::*;

use crate::{i18n::t_with, state::State};

/// Kinds of cats in tokens.css.
const HUES: u8 = 8;

/// A member's colour: the same in every view, and on every device.
pub(super) fn hue(author: Author) -> String {
    (author.0[0] % HUES).to_string()
}

/// A member's picture where none was chosen: the first letter of the name.
fn initial(name: &str) -> String {
    name.trim()
        .chars()
        .next()
        .map(String::from)
        .unwrap_or_default()
}

/// What was chosen, or the first letter of the name, in the member's colour.
#[component]
pub(super) fn Avatar(
    author: Author,
    name: String,
    avatar: Option<String>,
    #[prop(optional)] small: bool,
) -> impl IntoView {
    view! {
        <span class="avatar" class:small=small aria-hidden="true" data-testid="avatar" data-hue=hue(author)>
            {avatar.unwrap_or_else(|| initial(&name))}
        </span>
    }
}

/// The beginning of the key, while somebody else has a name that looks the same.
#[component]
pub(super) fn KeyMark(author: Author) -> impl IntoView {
    let state = State::expect();
    let mark = Memo::new(move |_| {
        state
            .with_channel(|channel| channel.people.marks.get(&author).cloned())
            .flatten()
    });
    view! {
        {move || mark.get().map(|mark| {
            let words = t_with("key_mark", &[&mark]);
            view! { <span class="key-mark" data-testid="key-mark" title=words>{mark}</span> }
        })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_the_first_letter_of_a_name() {
        for (name, expected) in [(" Ann", "A"), ("猫咪", "猫"), ("😺 Cat", "😺"), ("", "")] {
            assert_eq!(initial(name), expected);
        }
        assert_eq!(hue(Author([9; 32])), "1");
    }
}
