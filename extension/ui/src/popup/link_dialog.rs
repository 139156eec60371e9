//! Before a link is followed: where it really leads.

use leptos::{html, prelude::*};

use super::{chat::Chat, links::Target};
use crate::{
    i18n::t,
    icon::{Drawing, Icon},
    parts::CopyButton,
};

/// The question, while one is asked.
#[component]
pub(super) fn LinkDialog() -> impl IntoView {
    let chat = Chat::expect();
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let (Some(dialog), open) = (dialog.get(), chat.link.with(Option::is_some)) else {
            return;
        };
        if open && !dialog.open() {
            // Refused only to a dialog that is not in the page.
            let _shown = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            node_ref=dialog
            class="link-question"
            data-testid="link-question"
            aria-labelledby="link-title"
            on:close=move |_| chat.link.set(None)
        >
            <h2 id="link-title">{move || t("link_title")}</h2>
            {move || chat.link.get().map(|target| view! { <Leads target /> })}
        </dialog>
    }
}

#[component]
fn Leads(target: Target) -> impl IntoView {
    let chat = Chat::expect();
    let (before, after) = target.around;
    let href = target.href.clone();
    view! {
        <p>{t("link_leads_to")}</p>
        // Left to right, whatever letters it has: the host is not where it looks to be otherwise.
        <p class="address" dir="ltr" data-testid="link-address">
            {before}<strong data-testid="link-host">{target.host}</strong>{after}
        </p>
        {target.had_user.then(|| view! { <p class="problem" data-testid="link-user">{t("link_user")}</p> })}
        {target.punycode.then(|| view! { <p class="notice" data-testid="link-punycode">{t("link_punycode")}</p> })}
        {target.plain.then(|| view! { <p class="hint" data-testid="link-plain">{t("link_plain")}</p> })}
        <div class="actions">
            // The first has the focus: Enter at once opens nothing.
            <button type="button" data-testid="link-cancel" on:click=move |_| chat.link.set(None)>
                {t("cancel")}
            </button>
            <CopyButton
                id="link-copy"
                text=move || Some(href.clone())
                label=Signal::derive(|| t("copy"))
            />
            <a
                class="button primary"
                data-testid="link-open"
                href=target.href
                target="_blank"
                rel="noopener noreferrer"
                on:click=move |_| request_animation_frame(move || chat.link.set(None))
            >
                <Drawing icon=Icon::External small=true />
                {t("link_open")}
            </a>
        </div>
    }
}
