//! Addresses that go from person to person: given to others, and pasted. The screen shows no secret.

use catnest::{
    address::{Address, AddressError},
    invitation::{read, without_secret},
};
use leptos::{ev::ClipboardEvent, prelude::*};

use crate::{
    i18n::{t, t_with},
    icon::{Drawing, Icon},
    parts::CopyButton,
    qr::Qr,
};

/// The address of a nest, with buttons that copy all of it and that show it as a QR code.
///
/// Whoever sees a private nest's code, or its secret, is in: both are shown only when asked for.
#[component]
pub(crate) fn Invitation(
    #[prop(into)] address: Signal<Option<Address>>,
    /// Has a button that shows the secret, too.
    #[prop(optional)]
    can_show: bool,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let coded = RwSignal::new(false);
    let private = Memo::new(move |_| {
        address.with(|address| address.as_ref().is_some_and(|a| a.secret.is_some()))
    });
    let text = move || {
        address.with(|address| {
            let address = address.as_ref()?;
            Some(if shown.get() {
                address.to_string()
            } else {
                without_secret(address)
            })
        })
    };
    let whole = move || address.with_untracked(|address| Some(address.as_ref()?.to_string()));
    let code = Signal::derive(move || {
        let coded = coded.get();
        address.with(|address| Some(address.as_ref().filter(|_| coded)?.to_string()))
    });
    view! {
        <div class="invitation">
            <p class="address" data-testid="invitation">{text}</p>
            <div class="row wrap">
                <CopyButton
                    id="copy-invitation"
                    class="grow"
                    text=whole
                    label=Signal::derive(|| t("copy_invitation"))
                />
                <button
                    type="button"
                    data-testid="show-qr"
                    aria-expanded=move || coded.get().to_string()
                    on:click=move |_| coded.update(|coded| *coded = !*coded)
                >
                    <Drawing icon=Icon::Qr small=true />
                    <span>{move || if coded.get() { t("hide_qr") } else { t("show_qr") }}</span>
                </button>
                <Show when=move || can_show && private.get()>
                    <button
                        type="button"
                        data-testid="show-invitation"
                        on:click=move |_| shown.update(|shown| *shown = !*shown)
                    >
                        {move || if shown.get() { t("hide") } else { t("show") }}
                    </button>
                </Show>
            </div>
            <Qr
                text=code
                label=Signal::derive(|| t("qr_label"))
                too_long=Signal::derive(|| t("qr_too_long"))
            />
        </div>
    }
}

/// A pasted address. Once it is whole, the field shows it without its secret, which is kept here.
#[derive(Clone, Copy)]
pub(crate) struct Pasted {
    text: RwSignal<String>,
    whole: RwSignal<Option<Address>>,
    /// Where it leads.
    pub(crate) address: Memo<Result<Address, AddressError>>,
}

impl Pasted {
    pub(crate) fn new() -> Self {
        let text = RwSignal::new(String::new());
        let whole = RwSignal::new(None::<Address>);
        let address = Memo::new(move |_| {
            let text = text.read();
            let whole = whole.get();
            match whole.filter(|whole| without_secret(whole) == *text) {
                Some(whole) => Ok(whole),
                None => read(&text),
            }
        });
        Self {
            text,
            whole,
            address,
        }
    }

    pub(crate) fn clear(self) {
        self.text.set(String::new());
        self.whole.set(None);
    }

    /// Takes a text if it is a whole address.
    fn take(self, text: &str) -> bool {
        let Ok(address) = read(text) else {
            return false;
        };
        self.text.set(without_secret(&address));
        self.whole.set(Some(address));
        true
    }
}

/// Where an address is pasted.
#[component]
pub(crate) fn AddressField(id: &'static str, pasted: Pasted) -> impl IntoView {
    let on_paste = move |event: ClipboardEvent| {
        let text = event
            .clipboard_data()
            .and_then(|data| data.get_data("text").ok());
        // Before the field sees it, which would take out the line breaks.
        if text.is_some_and(|text| pasted.take(&text)) {
            event.prevent_default();
        }
    };
    // Not while somebody types it by hand: a secret may be whole before its end.
    let on_change = move |_| {
        let text = pasted.text.get_untracked();
        if pasted.address.with_untracked(Result::is_ok) {
            pasted.take(&text);
        }
    };
    let leads_to = move || {
        let address = pasted.address.get().ok()?;
        let (name, server) = (address.channel.as_str(), address.authority.to_string());
        Some(if address.secret.is_some() {
            t_with("invitation_private", &[name, &server])
        } else {
            t_with("invitation_public", &[name, &server])
        })
    };
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{move || t("invitation_label")}</label>
            <input
                id=id
                data-testid=id
                placeholder="webrtc://…"
                autocomplete="off"
                spellcheck="false"
                aria-describedby=hint_id.clone()
                bind:value=pasted.text
                on:paste=on_paste
                on:change=on_change
            />
            <p class="hint" id=hint_id role="status" data-testid="leads-to">
                {move || leads_to().unwrap_or_else(|| t("invitation_hint"))}
            </p>
        </div>
    }
}
