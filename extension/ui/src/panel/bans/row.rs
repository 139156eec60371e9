//! An entry of the table: switched on or off, changed, removed.

use catnest::music::ban::{Entry, Kind};
use leptos::{
    ev::{Event, KeyboardEvent},
    prelude::*,
};

use super::{
    Table,
    draft::Fault,
    form::{BanForm, Draft, scope_name},
};
use crate::{
    i18n::{isolated, t, t_with},
    icon::{Drawing, Icon},
    js,
};

/// A pattern stands between slashes, as in a file.
pub(super) fn shown(kind: Kind, text: &str) -> String {
    match kind {
        Kind::Pattern => format!("/{text}/"),
        Kind::Plain => text.to_owned(),
    }
}

/// The row; while it is changed, its form.
#[component]
pub(super) fn BanRow(table: Table, index: usize, name: &'static str) -> impl IntoView {
    let entry = Memo::new(move |_| {
        let entry = table.entries.with(|entries| entries.get(index).cloned());
        entry.unwrap_or_default()
    });
    let editing = Memo::new(move |_| table.editing.get() == Some(index));
    view! {
        <li class="ban" data-testid="ban" data-off=move || entry.read().off.to_string()>
            {move || if editing.get() {
                view! { <Editing table index name /> }.into_any()
            } else {
                view! { <Shown table index name entry /> }.into_any()
            }}
        </li>
    }
}

fn edit_id(name: &str, index: usize) -> String {
    format!("{name}-edit-{index}")
}

#[component]
fn Shown(table: Table, index: usize, name: &'static str, entry: Memo<Entry>) -> impl IntoView {
    let text = move || entry.with(|entry| shown(entry.kind, &entry.text));
    let said = move |key: &'static str| move || t_with(key, &[&isolated(&text())]);
    let remove = move |_| {
        table.editing.set(None);
        table.change(|entries| {
            entries.remove(index);
        });
        // The next one is at its place now; after the last one, the form is left.
        let left = table.entries.with_untracked(Vec::len);
        let next = match left.checked_sub(1) {
            Some(last) => edit_id(name, index.min(last)),
            None => format!("{name}-new-text"),
        };
        request_animation_frame(move || js::focus(&next));
    };
    view! {
        <input
            type="checkbox"
            role="switch"
            class="switch"
            data-testid="ban-on"
            aria-label=said("bans_on")
            prop:checked=move || !entry.read().off
            on:change=move |event: Event| {
                let off = !event_target_checked(&event);
                table.change(|entries| {
                    if let Some(entry) = entries.get_mut(index) {
                        entry.off = off;
                    }
                });
            }
        />
        <span class="ban-words">
            <span class="chip">{move || t(scope_name(entry.read().scope))}</span>
            <bdi class="ban-text" class:pattern=move || entry.read().kind == Kind::Pattern>{text}</bdi>
        </span>
        <button
            type="button"
            id=edit_id(name, index)
            class="quiet icon-button"
            data-testid="ban-edit"
            aria-label=said("bans_edit")
            title=move || t("bans_edit_short")
            on:click=move |_| table.editing.set(Some(index))
        >
            <Drawing icon=Icon::Edit small=true />
        </button>
        <button
            type="button"
            class="quiet icon-button"
            data-testid="ban-remove"
            aria-label=said("bans_remove")
            title=move || t("bans_remove_short")
            on:click=remove
        >
            <Drawing icon=Icon::Trash small=true />
        </button>
    }
}

#[component]
fn Editing(table: Table, index: usize, name: &'static str) -> impl IntoView {
    let draft = Draft::new();
    let entry = table
        .entries
        .with_untracked(|entries| entries.get(index).cloned());
    draft.fill(entry.unwrap_or_default());
    request_animation_frame(move || draft.focus());
    let close = move || {
        table.editing.set(None);
        request_animation_frame(move || js::focus(&edit_id(name, index)));
    };
    let save = Callback::new(move |entry: Entry| -> Result<(), Fault> {
        table.save(index, entry)?;
        close();
        Ok(())
    });
    view! {
        <div class="ban-editing" on:keydown=move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                event.prevent_default();
                event.stop_propagation();
                close();
            }
        }>
            <BanForm
                id=format!("{name}-change")
                draft
                save=Signal::derive(|| t("bans_save"))
                on_save=save
                on_cancel=move |()| close()
            />
        </div>
    }
}
