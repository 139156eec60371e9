//! The table as a text file, out and in.

use catnest::{
    limits::{MAX_BANS, MAX_TEXT_FILE_BYTES},
    music::{
        ban::{BanError, BanTable, Entry},
        encoding,
    },
};
use leptos::{html::Dialog, prelude::*};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::{Table, draft};
use crate::{
    amount,
    files::carry::Saving,
    i18n::{grouped, t, t_count, t_with},
    icon::{Drawing, Icon},
    js,
    parts::{FilePick, follow_dialog},
    problem::ban_words,
};

/// What the file is called.
const NAME: &str = "catnest-bans.txt";

/// Why a file is not taken in, or not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Unreadable,
    TooLarge,
    NotSaved,
    /// A line of it is wrong, and what it says.
    Line(BanError, String),
    /// Both tables together are too large.
    Together(BanError),
}

/// Reads a file.
fn read(bytes: &[u8]) -> Result<Vec<Entry>, Trouble> {
    let text = encoding::decode(bytes).map_err(|_| Trouble::TooLarge)?;
    let table = BanTable::parse(&text).map_err(|error| {
        let line = error
            .line
            .and_then(|number| text.lines().nth(number.checked_sub(1)?));
        Trouble::Line(error, line.unwrap_or_default().trim().to_owned())
    })?;
    Ok(table.entries().to_vec())
}

impl Trouble {
    fn words(&self) -> String {
        match self {
            Trouble::Unreadable => t("problem_unreadable"),
            Trouble::NotSaved => t("problem_not_saved"),
            Trouble::TooLarge => t_with(
                "bans_file_large",
                &[&amount::bytes(MAX_TEXT_FILE_BYTES as f64)],
            ),
            Trouble::Line(error, _) => {
                let line = error.line.unwrap_or_default().to_string();
                let what = ban_words(error.problem);
                match error.at {
                    Some(at) => t_with("bans_line_at", &[&line, &(at + 1).to_string(), &what]),
                    None => t_with("bans_line", &[&line, &what]),
                }
            }
            Trouble::Together(error) => t_with(
                "bans_together",
                &[&ban_words(error.problem), &grouped(MAX_BANS)],
            ),
        }
    }
}

/// What is wrong with a file, and the line that it is in.
#[component]
pub(super) fn TroubleBox(trouble: RwSignal<Option<Trouble>>) -> impl IntoView {
    view! {
        <div role="alert" class="alert">
            {move || trouble.get().map(|trouble| view! {
                <div class="problem ban-trouble" data-testid="bans-problem">
                    <p>{trouble.words()}</p>
                    {match &trouble {
                        Trouble::Line(error, line) => Some(view! { <Line line=line.clone() error=error.clone() /> }),
                        _ => None,
                    }}
                </div>
            })}
        </div>
    }
}

/// A line with what is wrong in it marked.
#[component]
fn Line(line: String, error: BanError) -> impl IntoView {
    let at = draft::in_line(&line, &error).unwrap_or(line.len());
    let (before, rest) = line.split_at_checked(at).unwrap_or((&line, ""));
    let wrong = rest.chars().next().map_or(0, char::len_utf8);
    let (wrong, after) = rest.split_at_checked(wrong).unwrap_or((rest, ""));
    let [before, wrong, after] = [before, wrong, after].map(str::to_owned);
    view! { <code class="wrong-line" dir="ltr">{before}<mark>{wrong}</mark>{after}</code> }
}

/// The buttons, and the question what becomes of the entries that are there.
#[component]
pub(super) fn Carry(table: Table, name: &'static str) -> impl IntoView {
    let trouble = table.trouble;
    // What was read while the table has entries.
    let read_in = RwSignal::new(Vec::<Entry>::new());
    let asking = RwSignal::new(false);
    let pick = move |file: File| {
        trouble.set(None);
        spawn_local(async move {
            let entries = if file.size() > MAX_TEXT_FILE_BYTES as f64 {
                Err(Trouble::TooLarge)
            } else {
                let bytes = js::bytes(&file).await.ok_or(Trouble::Unreadable);
                bytes.and_then(|bytes| read(&bytes))
            };
            match entries {
                Err(error) => {
                    trouble.try_set(Some(error));
                }
                Ok(entries) if table.entries.with_untracked(Vec::is_empty) => table.set(entries),
                Ok(entries) => {
                    read_in.try_set(entries);
                    asking.try_set(true);
                }
            }
        });
    };
    let save = move |_| {
        let text = BanTable::new(table.entries.get_untracked()).map(|table| table.to_text());
        let saving = Saving::default();
        let saved = text.is_ok_and(|text| {
            saving.add(&text).is_ok() && saving.save("text/plain;charset=utf-8", NAME).is_ok()
        });
        trouble.set((!saved).then_some(Trouble::NotSaved));
    };
    let dialog = NodeRef::<Dialog>::new();
    follow_dialog(dialog, asking);
    let new = Memo::new(move |_| {
        table
            .entries
            .with(|old| read_in.with(|read| draft::added(old, read)))
    });
    let add = move |_| {
        asking.set(false);
        let entries = table
            .entries
            .get_untracked()
            .into_iter()
            .chain(new.get_untracked());
        match BanTable::new(entries.collect()) {
            Ok(both) => table.set(both.entries().to_vec()),
            Err(error) => trouble.set(Some(Trouble::Together(error))),
        }
    };
    let replace = move |_| {
        asking.set(false);
        table.set(read_in.get_untracked());
    };
    let title_id = format!("{name}-import-title");
    view! {
        <span class="ban-carry">
            <FilePick
                id="bans-import"
                label=Signal::derive(|| t("bans_import"))
                accept=".txt,text/plain"
                disabled=false
                on_pick=pick
            />
            <button
                type="button"
                data-testid="bans-export"
                disabled=move || table.entries.with(Vec::is_empty)
                on:click=save
            >
                <Drawing icon=Icon::Save small=true />
                {move || t("bans_export")}
            </button>
        </span>
        <dialog
            node_ref=dialog
            data-testid="bans-import-dialog"
            aria-labelledby=title_id.clone()
            on:close=move |_| asking.set(false)
        >
            <h2 id=title_id.clone()>{move || t_count("bans_import_title", read_in.with(Vec::len))}</h2>
            <p>{move || t_count("bans_import_text", new.with(Vec::len))}</p>
            <div class="actions">
                // The first has the focus: Enter at once changes nothing.
                <button type="button" data-testid="bans-import-no" on:click=move |_| asking.set(false)>
                    {move || t("cancel")}
                </button>
                <button type="button" class="danger" data-testid="bans-import-replace" on:click=replace>
                    {move || t("bans_import_replace")}
                </button>
                <button
                    type="button"
                    class="primary"
                    data-testid="bans-import-add"
                    disabled=move || new.with(Vec::is_empty)
                    on:click=add
                >
                    {move || t("bans_import_add")}
                </button>
            </div>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use catnest::music::ban::Problem;

    use super::*;

    #[test]
    fn a_file_is_taken_as_a_whole_or_its_wrong_line_is_named() {
        let entries = read(b"# A remark\nlive\n/re-?mix/\n").unwrap();
        assert_eq!(entries.len(), 2);
        let Err(Trouble::Line(error, line)) = read("\u{feff}live\n\n  /(/ \n".as_bytes()) else {
            panic!("it is not taken");
        };
        assert_eq!((error.line, error.problem), (Some(3), Problem::Group));
        assert_eq!(line, "/(/");
        let large = vec![b'a'; MAX_TEXT_FILE_BYTES + 1];
        assert_eq!(read(&large), Err(Trouble::TooLarge));
    }
}
