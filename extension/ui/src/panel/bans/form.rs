//! The fields of an entry: what is looked for, where, and whether it is a regular expression.

use catnest::music::ban::{Entry, Kind, Scope};
use leptos::{
    ev::{Event, SubmitEvent},
    html::Input,
    prelude::*,
};

use super::draft::{self, Fault, What};
use crate::{
    i18n::{t, t_with},
    problem::ban_words,
};

/// Fields that an entry may look at, as the form has them.
const SCOPES: [Scope; 6] = [
    Scope::Any,
    Scope::Title,
    Scope::Artist,
    Scope::Album,
    Scope::Md5,
    Scope::Id,
];

/// Its name in the form, and the key of its words.
pub(super) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Any => "bans_any",
        Scope::Title => "bans_title",
        Scope::Artist => "bans_artist",
        Scope::Album => "bans_album",
        Scope::Md5 => "bans_md5",
        Scope::Id => "bans_id",
    }
}

/// An entry that is being written.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    pub(super) text: RwSignal<String>,
    pub(super) scope: RwSignal<Scope>,
    pub(super) pattern: RwSignal<bool>,
    off: StoredValue<bool>,
    pub(super) fault: RwSignal<Option<Fault>>,
    field: NodeRef<Input>,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            scope: RwSignal::new(Scope::Any),
            pattern: RwSignal::new(false),
            off: StoredValue::new(false),
            fault: RwSignal::new(None),
            field: NodeRef::new(),
        }
    }

    /// Begins with an entry.
    pub(super) fn fill(self, entry: Entry) {
        self.text.set(entry.text);
        self.scope.set(entry.scope);
        self.pattern.set(entry.kind == Kind::Pattern);
        self.off.set_value(entry.off);
        self.fault.set(None);
    }

    /// Goes to the text.
    pub(super) fn focus(self) {
        if let Some(field) = self.field.get_untracked() {
            // Only what cannot be focused refuses.
            let _focused = field.focus();
            field.select();
        }
    }

    pub(super) fn entry(self) -> Entry {
        Entry {
            scope: self.scope.get_untracked(),
            kind: if self.pattern.get_untracked() {
                Kind::Pattern
            } else {
                Kind::Plain
            },
            text: self.text.get_untracked(),
            off: self.off.get_value(),
        }
    }

    /// Says what is wrong, and goes there.
    fn refuse(self, fault: Fault) {
        self.fault.set(Some(fault));
        let Some(field) = self.field.get_untracked() else {
            return;
        };
        let _focused = field.focus();
        let text = self.text.get_untracked();
        let (from, to) = match fault.at {
            Some(at) => draft::selection(&text, at),
            None => (0, u32::MAX),
        };
        // Refused only to fields of other types.
        let _selected = field.set_selection_range(from, to);
    }
}

/// What is wrong, in words.
pub(super) fn fault_words(fault: Fault) -> String {
    match (fault.what, fault.at) {
        (What::Twice, _) => t("bans_twice"),
        (What::Problem(problem), None) => t_with("bans_wrong", &[&ban_words(problem)]),
        (What::Problem(problem), Some(at)) => t_with(
            "bans_wrong_at",
            &[&(at + 1).to_string(), &ban_words(problem)],
        ),
    }
}

/// The form; Enter in it saves.
#[component]
pub(super) fn BanForm(
    /// Unique in the page.
    id: String,
    draft: Draft,
    /// The words of what saves it.
    #[prop(into)]
    save: Signal<String>,
    /// Takes the entry, or says what is wrong with it.
    on_save: Callback<Entry, Result<(), Fault>>,
    #[prop(optional, into)] on_cancel: Option<Callback<()>>,
) -> impl IntoView {
    let (text_id, scope_id, fault_id) = (
        format!("{id}-text"),
        format!("{id}-scope"),
        format!("{id}-fault"),
    );
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Err(fault) = on_save.run(draft.entry()) {
            draft.refuse(fault);
        }
    };
    // What is wrong may be right now; it is looked at again when it is saved.
    let changed = move || draft.fault.set(None);
    let choose = move |event: Event| {
        let name = event_target_value(&event);
        let scope = SCOPES.into_iter().find(|scope| scope_name(*scope) == name);
        draft.scope.set(scope.unwrap_or_default());
        changed();
    };
    view! {
        <form class="ban-form" data-testid=id on:submit=submit>
            <div class="field">
                <label for=text_id.clone()>{move || t("bans_text")}</label>
                <input
                    id=text_id
                    class:pattern=draft.pattern
                    data-testid="ban-text"
                    dir="auto"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    node_ref=draft.field
                    aria-invalid=move || draft.fault.read().is_some().then_some("true")
                    aria-describedby=fault_id.clone()
                    placeholder=move || t(if draft.pattern.get() { "bans_pattern_place" } else { "bans_text_place" })
                    prop:value=draft.text
                    on:input=move |event: Event| { draft.text.set(event_target_value(&event)); changed(); }
                />
                <div role="alert" class="alert" id=fault_id>
                    {move || draft.fault.get().map(|fault| view! {
                        <p class="fault" data-testid="ban-fault">{fault_words(fault)}</p>
                    })}
                </div>
            </div>
            <div class="ban-how">
                <label class="visually-hidden" for=scope_id.clone()>{move || t("bans_scope")}</label>
                <select id=scope_id data-testid="ban-scope" on:change=choose>
                    {SCOPES.map(|scope| view! {
                        <option
                            value=scope_name(scope)
                            prop:selected=move || draft.scope.get() == scope
                        >
                            {move || t(scope_name(scope))}
                        </option>
                    }).collect_view()}
                </select>
                <label class="toggle" title=move || t("bans_pattern_hint")>
                    <input
                        type="checkbox"
                        data-testid="ban-pattern"
                        prop:checked=draft.pattern
                        on:change=move |event: Event| { draft.pattern.set(event_target_checked(&event)); changed(); }
                    />
                    <span class="sign" aria-hidden="true">".*"</span>
                    <span>{move || t("bans_pattern")}</span>
                </label>
                <span class="ends">
                    {on_cancel.map(|on_cancel| view! {
                        <button type="button" class="quiet" data-testid="ban-cancel" on:click=move |_| on_cancel.run(())>
                            {move || t("cancel")}
                        </button>
                    })}
                    <button type="submit" class="primary" data-testid="ban-save">
                        {save}
                    </button>
                </span>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_words() {
        let more = ["bans_pattern_place", "bans_text_place"];
        for key in SCOPES.map(scope_name).into_iter().chain(more) {
            assert_ne!(t(key), key);
        }
    }
}
