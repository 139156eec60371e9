//! The welcome page: from the installation to the first channel.

mod done;
mod form;
mod way;

use catnest::{address::Address, channel::ChannelId};
use leptos::prelude::*;

use self::{done::Done, form::Form, way::Way};
use crate::{i18n::t, parts::EngineStatus};

/// A nest that was entered.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entered {
    by: Way,
    address: Address,
    channel: Option<ChannelId>,
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
            <EngineStatus />
            {move || match entered.get() {
                Some(entered) => view! { <Done entered /> }.into_any(),
                None => view! { <Form entered /> }.into_any(),
            }}
        </main>
    }
}
