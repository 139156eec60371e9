//! What the host has of a nest, or gets.

use std::cmp::Reverse;

use catnest::{
    channel::ChannelId,
    node::{Transfer, TransferState},
    resource::ResourceId,
};
use leptos::prelude::*;

use super::turn::ResourceSeeds;
use crate::{
    amount,
    files::{FileName, Kind, status},
    i18n::{grouped, t, t_plural, t_with},
    icon::Drawing,
    problem::Trouble,
    state::State,
};

/// So many are shown before somebody asks for all.
const SHOWN: usize = 50;

/// Of a nest: what is on its way first, then what came last.
fn of_channel<'a>(
    all: impl Iterator<Item = &'a Transfer>,
    channel: ChannelId,
) -> Vec<&'a Transfer> {
    let mut found: Vec<_> = all.filter(|t| t.channels.contains(&channel)).collect();
    let whole = |transfer: &Transfer| transfer.state == TransferState::Complete;
    found.sort_by_key(|t| (whole(t), Reverse(t.added), t.file.id));
    found
}

/// The list, which opens when somebody asks for it.
#[component]
pub(super) fn Resources(channel: ChannelId, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let host = State::expect().host;
    let open = RwSignal::new(false);
    let everything = RwSignal::new(false);
    let known = Memo::new(move |_| {
        host.resources.with(|all| {
            let found = of_channel(all.iter().flat_map(|all| all.values()), channel);
            let ids: Vec<ResourceId> = found.iter().map(|t| t.file.id).collect();
            let bytes: u64 = found.iter().map(|t| t.have_bytes).sum();
            (ids, bytes)
        })
    });
    let count = Memo::new(move |_| known.with(|(ids, _)| ids.len()));
    let bytes = Memo::new(move |_| known.with(|(_, bytes)| *bytes));
    let ids = move || {
        let mut ids = known.with(|(ids, _)| ids.clone());
        if !everything.get() {
            ids.truncate(SHOWN);
        }
        ids
    };
    let summary = move || {
        t_with(
            "host_files_amount",
            &[
                &t_plural("host_files", count.get()),
                &amount::bytes(bytes.get() as f64),
            ],
        )
    };
    view! {
        <Show
            when=move || { count.get() > 0 }
            fallback=|| view! { <p class="hint">{move || t("host_no_files")}</p> }
        >
            <details
                class="seeded-files"
                data-testid="seeded-files"
                on:toggle=move |event| open.set(event_target::<web_sys::Element>(&event).has_attribute("open"))
            >
                <summary>{summary}</summary>
                // A long list costs nothing while nobody looks.
                <Show when=move || open.get()>
                    <ul class="files" aria-label=name>
                        <For each=ids key=|id| *id let:id><Row id channel /></For>
                    </ul>
                    <Show when=move || { !everything.get() && count.get() > SHOWN }>
                        <div>
                            <button type="button" class="small" on:click=move |_| everything.set(true)>
                                {move || t_with("host_show_all", &[&grouped(count.get())])}
                            </button>
                        </div>
                    </Show>
                </Show>
            </details>
        </Show>
    }
}

#[component]
fn Row(id: ResourceId, channel: ChannelId) -> impl IntoView {
    let host = State::expect().host;
    let transfer = Memo::new(move |_| {
        host.resources
            .with(|all| all.as_ref().and_then(|all| all.get(&id).cloned()))
    });
    let trouble = RwSignal::new(None::<Trouble>);
    let file = transfer.with_untracked(|t| t.as_ref().map(|t| t.file.clone()));
    let stage = move || transfer.with(|t| status::Stage::of(t.as_ref()).name());
    let progress = Memo::new(move |_| transfer.with(|t| status::progress(t.as_ref())));
    let has_progress = Memo::new(move |_| progress.get().is_some());
    let facts = Memo::new(move |_| match trouble.get() {
        Some(trouble) => trouble.words(),
        None => transfer.with(|t| t.as_ref().map(facts).unwrap_or_default()),
    });
    let wrong = move || trouble.with(Option::is_some) || stage() == "stopped";
    file.map(|file| {
        let size = amount::bytes(file.length as f64);
        let name = StoredValue::new(file.name.clone());
        view! {
            <li
                class="file"
                data-testid="seeded-file"
                data-name=file.name.clone()
                data-state=stage
            >
                <div class="file-head">
                    <span class="file-icon"><Drawing icon=Kind::of(&file.media_type).icon() /></span>
                    <div class="file-words">
                        <p class="file-title">
                            <FileName name=file.name.clone() />
                            <span class="hint">{size}</span>
                        </p>
                        <p class="hint facts full" class:wrong=wrong>{facts}</p>
                    </div>
                    <div role="group" aria-label=file.name.clone()>
                        <ResourceSeeds resource=id channel trouble />
                    </div>
                </div>
                <Show when=move || has_progress.get()>
                    <progress
                        max="1"
                        aria-label=move || t_with("file_progress", &[&name.get_value()])
                        prop:value=move || progress.get().unwrap_or_default()
                    ></progress>
                </Show>
            </li>
        }
    })
}

/// How far it is, or what others take of it.
fn facts(transfer: &Transfer) -> String {
    let mut said = status::details(transfer);
    if transfer.state == TransferState::Complete {
        // “On this device” is what a file of the browser's own is.
        said[0] = t("host_file_complete");
    }
    status::line(&said)
}

#[cfg(test)]
mod tests {
    use catnest::{
        resource::{Descriptor, Md5},
        time::Millis,
    };

    use super::*;

    const HERE: ChannelId = ChannelId([1; 32]);
    const ELSEWHERE: ChannelId = ChannelId([2; 32]);

    fn transfer(id: u8, channel: ChannelId, state: TransferState, added: u64) -> Transfer {
        Transfer {
            file: Descriptor {
                id: ResourceId([id; 32]),
                length: 10,
                md5: Md5([0; 16]),
                name: id.to_string(),
                media_type: "text/plain".to_owned(),
            },
            channels: vec![channel],
            state,
            chosen: true,
            have_bytes: 5,
            holders: 0,
            receiving: 0,
            sending: 0,
            received: 0,
            sent: 0,
            added: Millis(added),
        }
    }

    #[test]
    fn what_is_on_its_way_stands_first_then_what_came_last() {
        let all = [
            transfer(1, HERE, TransferState::Complete, 10),
            transfer(2, ELSEWHERE, TransferState::Complete, 20),
            transfer(3, HERE, TransferState::Complete, 30),
            transfer(4, HERE, TransferState::Fetching, 5),
        ];
        let found = of_channel(all.iter(), HERE);
        let ids: Vec<u8> = found.iter().map(|t| t.file.id.0[0]).collect();
        assert_eq!(ids, [4, 3, 1]);
    }

    #[test]
    fn what_is_whole_is_not_called_this_devices() {
        let mut given = transfer(1, HERE, TransferState::Complete, 0);
        given.sent = 3_000_000;
        assert_eq!(facts(&given), "Kept here · 3.0 MB given");
        let paused = transfer(1, HERE, TransferState::Paused, 0);
        assert_eq!(facts(&paused), "50 % · Paused");
    }
}
