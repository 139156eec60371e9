//! A file's name on one line: where it is too long, its middle is left out, so that its ending can be read.

use leptos::prelude::*;

/// Characters of the name that always stay: an ending with its dot, and a few before it, by which `IMG_0001` and
/// `IMG_0002` are told apart.
const ENDING: usize = 9;

/// The name in two: what may be shortened, and what stays.
fn split(name: &str) -> (&str, &str) {
    let count = name.chars().count();
    let at = name
        .char_indices()
        .nth(count.saturating_sub(ENDING))
        .map_or(0, |(at, _)| at);
    // A short name has nothing to leave out.
    if count <= 2 * ENDING {
        (name, "")
    } else {
        name.split_at(at)
    }
}

/// The name, as text; all of it in its title.
#[component]
pub(crate) fn FileName(name: String) -> impl IntoView {
    let (stem, ending) = split(&name);
    let (stem, ending) = (stem.to_owned(), ending.to_owned());
    view! {
        <span class="file-name" title=name data-testid="file-name">
            <span class="stem">{stem}</span>
            <span class="ending">{ending}</span>
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn the_ending_of_a_long_name_stays() {
        for (name, expected) in [
            ("cat.png", ("cat.png", "")),
            ("", ("", "")),
            (
                "a-very-long-name-of-a-holiday.tar.gz",
                ("a-very-long-name-of-a-holid", "ay.tar.gz"),
            ),
            (
                "一只非常非常非常非常非常可爱的猫咪.jpeg",
                ("一只非常非常非常非常非常可", "爱的猫咪.jpeg"),
            ),
        ] {
            assert_eq!(split(name), expected);
        }
    }
}
