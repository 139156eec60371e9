//! A sign in the bar while files move, and what is read out when one is here.

use catnest::node::{Transfer, TransferState};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::{
    i18n::{t_plural, t_with},
    icon::{Drawing, Icon},
    js,
    state::State,
    transfers,
};

/// Bytes of it come, go, or are checked now.
fn moves(transfer: &Transfer) -> bool {
    let busy = matches!(
        transfer.state,
        TransferState::Fetching | TransferState::Checking
    );
    busy || transfer.sending > 0
}

/// The sign; it leads to the list of transfers.
#[component]
pub(super) fn Moving() -> impl IntoView {
    let state = State::expect();
    let count = Memo::new(move |_| {
        let moving = state
            .transfers
            .with(|all| all.values().filter(|transfer| moves(transfer)).count());
        let intakes = state.intakes.read();
        moving + intakes.iter().filter(|i| i.problem.is_none()).count()
    });
    let some = Memo::new(move |_| count.get() > 0);
    let words = move || t_plural("moving", count.get());
    view! {
        <Show when=move || some.get()>
            <button
                type="button"
                class="quiet icon-button moving"
                data-testid="moving"
                title=words
                aria-label=words
                on:click=move |_| spawn_local(js::open_tab(transfers::PAGE))
            >
                <Drawing icon=Icon::Swap small=true />
                <span aria-hidden="true">{count}</span>
            </button>
        </Show>
        <p class="visually-hidden" role="status" data-testid="completed">
            {move || state.completed.get().map(|name| t_with("completed", &[&name]))}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use catnest::{
        resource::{Descriptor, Md5, ResourceId},
        time::Millis,
    };

    use super::*;

    #[test]
    fn what_waits_does_not_move() {
        for (state, sending, expected) in [
            (TransferState::Seeking, 0, false),
            (TransferState::Fetching, 0, true),
            (TransferState::Paused, 0, false),
            (TransferState::Checking, 0, true),
            (TransferState::Complete, 0, false),
            (TransferState::Complete, 1, true),
        ] {
            let transfer = Transfer {
                file: Descriptor {
                    id: ResourceId([1; 32]),
                    length: 1,
                    md5: Md5([2; 16]),
                    name: "a".to_owned(),
                    media_type: "text/plain".to_owned(),
                },
                channels: Vec::new(),
                state,
                have_bytes: 0,
                holders: 0,
                receiving: 0,
                sending,
                received: 0,
                sent: 0,
                added: Millis(0),
                chosen: true,
            };
            assert_eq!(moves(&transfer), expected, "{transfer:?}");
        }
    }
}
