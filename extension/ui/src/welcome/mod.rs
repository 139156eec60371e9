//! The welcome page: from the installation to the first channel.

mod form;
mod way;

use catnest::address::Address;
use leptos::prelude::*;

use self::{form::Form, way::Way};
use crate::{i18n::t, invitation::Invitation, js};

/// A nest that was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entered {
    by: Way,
    address: Address,
}

/// The page: a form, and once it is done, what to do next.
#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let entered = RwSignal::new(None::<Entered>);
    view! {
        <main class="welcome">
            <header class="page-head">
                <img src="icons/icon.svg" alt="" />
                <div>
                    <h1>{move || t("welcome_title")}</h1>
                    <p>{move || t("welcome_lead")}</p>
                </div>
            </header>
            {move || match entered.get() {
                Some(entered) => view! { <Done entered /> }.into_any(),
                None => view! { <Form entered /> }.into_any(),
            }}
        </main>
    }
}

#[component]
fn Done(entered: Entered) -> impl IntoView {
    let Entered { by, address } = entered;
    let private = address.secret.is_some();
    let share = move || match (by, private) {
        (Way::Passphrase, _) => t("done_share_passphrase"),
        (_, true) => t("done_share_private"),
        (_, false) => t("done_share"),
    };
    // The form is gone, and the focus with it: on to what came instead.
    Effect::new(|_| js::focus("done-title"));
    view! {
        <section class="card done" data-testid="done" aria-labelledby="done-title">
            <h2 id="done-title" tabindex="-1">{move || t("done_title")}</h2>
            <p>{share}</p>
            <Invitation address=Some(address) can_show=true />
            <p>{move || t("done_text")}</p>
            <a class="button primary" href="popup.html">{move || t("open_chat")}</a>
        </section>
    }
}
