//! The four ways into a nest, to choose from.

use leptos::prelude::*;

use crate::{
    i18n::t,
    icon::{Drawing, Icon},
};

/// A way into a nest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    NewPrivate,
    Passphrase,
    Public,
    Invitation,
}

impl Way {
    const ALL: [Way; 4] = [
        Way::NewPrivate,
        Way::Passphrase,
        Way::Public,
        Way::Invitation,
    ];

    fn id(self) -> &'static str {
        match self {
            Way::NewPrivate => "way-private",
            Way::Passphrase => "way-passphrase",
            Way::Public => "way-public",
            Way::Invitation => "way-invitation",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Way::NewPrivate => Icon::Lock,
            Way::Passphrase => Icon::Key,
            Way::Public => Icon::Globe,
            Way::Invitation => Icon::Letter,
        }
    }

    fn title(self) -> String {
        match self {
            Way::NewPrivate => t("way_private"),
            Way::Passphrase => t("way_passphrase"),
            Way::Public => t("way_public"),
            Way::Invitation => t("way_invitation"),
        }
    }

    fn hint(self) -> String {
        match self {
            Way::NewPrivate => t("way_private_hint"),
            Way::Passphrase => t("way_passphrase_hint"),
            Way::Public => t("way_public_hint"),
            Way::Invitation => t("way_invitation_hint"),
        }
    }

    /// What to know about the nest's name.
    pub(super) fn name_hint(self) -> String {
        match self {
            Way::NewPrivate => t("nest_hint_private"),
            Way::Passphrase => t("nest_hint_passphrase"),
            Way::Public => t("nest_hint_public"),
            Way::Invitation => String::new(),
        }
    }
}

/// Radio buttons: one stop for the Tab key, arrow keys choose.
#[component]
pub(super) fn Ways(way: RwSignal<Way>) -> impl IntoView {
    view! {
        <fieldset class="card choices">
            <legend>{move || t("ways_title")}</legend>
            {Way::ALL.map(|this| view! {
                <label class="choice" data-testid=this.id()>
                    <input
                        type="radio"
                        name="way"
                        value=this.id()
                        aria-describedby=format!("{}-hint", this.id())
                        prop:checked=move || way.get() == this
                        on:change=move |_| way.set(this)
                    />
                    <Drawing icon=this.icon() />
                    <span class="title">{move || this.title()}</span>
                    <span class="hint" id=format!("{}-hint", this.id())>{move || this.hint()}</span>
                </label>
            }).collect_view()}
        </fieldset>
    }
}
