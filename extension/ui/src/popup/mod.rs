//! The popup: one channel at a time, to read and to write.

mod composer;
mod header;
mod join;
mod messages;

use leptos::prelude::*;

use self::{composer::Composer, header::Header, join::Join, messages::Messages};
use crate::{
    i18n::t,
    problem::ProblemBox,
    state::{Link, State},
};

/// The popup's view.
#[component]
pub(crate) fn Popup() -> impl IntoView {
    let state = State::expect();
    let joining = RwSignal::new(false);
    let in_a_channel = Memo::new(move |_| state.current.get().is_some());
    let loaded = Memo::new(move |_| state.overview.with(Option::is_some));
    view! {
        <main class="popup">
            <Show when=move || state.link.get() == Link::Lost>
                <p class="status" role="status">{move || t("reconnecting")}</p>
            </Show>
            <ProblemBox problem=state.trouble />
            <Show
                when=move || loaded.get()
                fallback=|| view! { <p class="empty" role="status">{move || t("starting")}</p> }
            >
                <Show when=move || in_a_channel.get() fallback=|| view! { <NoChannel /> }>
                    <Header joining />
                    <Show when=move || joining.get()>
                        <section class="panel" aria-label=move || t("join_another")>
                            <Join on_joined=move || joining.set(false) on_cancel=move |()| joining.set(false) />
                        </section>
                    </Show>
                    <Messages />
                    <Composer />
                </Show>
            </Show>
        </main>
    }
}

#[component]
fn NoChannel() -> impl IntoView {
    view! {
        <div class="empty" data-testid="no-channel">
            <img class="mark" src="icons/icon.svg" alt="" />
            <h1>{move || t("no_channel_title")}</h1>
            <p>{move || t("no_channel_text")}</p>
            <Join on_joined=|| {} />
            <a class="button" href="welcome.html" target="_blank">{move || t("open_welcome")}</a>
        </div>
    }
}
