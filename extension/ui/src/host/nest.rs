//! One nest: whether it is seeded, how that goes, and what of it is there.

use catnest::{channel::ChannelId, host::Seeds};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    nests::Entry,
    resources::Resources,
    turn::{Turning, leave_channel, turn_channel},
};
use crate::{
    i18n::{t, t_plural, t_with},
    js,
    parts::{NestName, Question, Switch},
    problem::ProblemBox,
    state::State,
};

/// The entry.
#[component]
pub(super) fn Nest(id: ChannelId, all: Memo<Option<Vec<Entry>>>) -> impl IntoView {
    let state = State::expect();
    let entry = Memo::new(move |_| {
        all.with(|all| {
            let mut all = all.iter().flatten();
            all.find(|entry| entry.id == id).cloned()
        })
    });
    let of = move |look: fn(&Entry) -> bool| {
        Memo::new(move |_| entry.with(|entry| entry.as_ref().is_some_and(look)))
    };
    let name = Signal::derive(move || entry.get().map(|entry| entry.name).unwrap_or_default());
    let (private, here) = (of(|entry| entry.private), of(|entry| entry.here));
    let there = of(|entry| entry.there.is_some());
    let chosen = of(|entry| entry.there == Some(Seeds::Chosen));
    let trouble = RwSignal::new(None);
    let turning = Turning::new();
    let on = turning.shown(of(|entry| entry.there == Some(Seeds::All)));
    let leaving = RwSignal::new(false);
    let turn = move |to| {
        turning.turn(to, trouble, async move |on| {
            turn_channel(state, id, on).await
        });
    };
    let turned = move |to: bool| {
        if to || here.get_untracked() {
            return turn(to);
        }
        // Nobody gets in again without an invitation. The switch has turned by itself.
        turning.show(false);
        leaving.set(true);
    };
    let leave = move |()| {
        turning.turn(false, trouble, async move |on| {
            if on {
                turn_channel(state, id, on).await
            } else {
                leave_channel(state, id).await
            }
        });
        spawn_local(async { js::focus("seeded-title") });
    };
    Effect::new(move |was: Option<bool>| {
        let is = leaving.get();
        if was == Some(true) && !is && !turning.is_busy() {
            turning.show_what_is();
        }
        is
    });
    view! {
        <li
            class="entry"
            data-testid="seeded-nest"
            data-name=name
            data-seeds=move || entry.with(|entry| entry.as_ref().map(seeds_name))
        >
            <div>
                <NestName name private />
                <p class="hint">{move || entry.with(|entry| entry.as_ref().map(words))}</p>
            </div>
            <Switch id="seed-nest" label=Signal::derive(|| t("seed_keep")) on on_change=turned />
            <ProblemBox problem=trouble />
            <Show when=move || there.get()><Resources channel=id name /></Show>
            // Where the switch is on, it has the host leave.
            <Show when=move || chosen.get()>
                <div>
                    <button type="button" class="small" data-testid="host-leave" on:click=move |_| leaving.set(true)>
                        {move || t("host_leave")}
                    </button>
                </div>
            </Show>
            <Question
                id=format!("host-leave-{id}")
                open=leaving
                title=Signal::derive(move || t_with("host_leave_title", &[&name.get()]))
                text=Signal::derive(move || {
                    if here.get() { t("host_leave_text_here") } else { t("host_leave_text") }
                })
                yes=Signal::derive(|| t("leave_yes"))
                on_yes=leave
            />
        </li>
    }
}

fn seeds_name(entry: &Entry) -> &'static str {
    match entry.there {
        None => "none",
        Some(Seeds::Chosen) => "chosen",
        Some(Seeds::All) => "all",
    }
}

/// What is kept of it, and how that goes.
fn words(entry: &Entry) -> String {
    let mut said = vec![match entry.there {
        None => t("host_nest_not"),
        Some(Seeds::Chosen) => t("host_nest_chosen"),
        Some(Seeds::All) => t("host_nest_all"),
    }];
    if entry.there.is_some() {
        said.push(if entry.offline {
            t("host_nest_offline")
        } else {
            t_plural("online", entry.members)
        });
    }
    if !entry.here {
        said.push(t("host_nest_elsewhere"));
    }
    said.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_nest_says_what_is_kept_of_it() {
        let entry = |here, there, offline| Entry {
            id: ChannelId([1; 32]),
            name: "cats".to_owned(),
            private: false,
            here,
            there,
            offline,
            members: 3,
        };
        for (entry, said) in [
            (entry(true, None, false), "Only this browser keeps it"),
            (
                entry(true, Some(Seeds::All), false),
                "Chat and all files are kept · 3 online",
            ),
            (
                entry(true, Some(Seeds::Chosen), true),
                "The chat and chosen files are kept · its server is not reached",
            ),
            (
                entry(false, Some(Seeds::All), false),
                "Chat and all files are kept · 3 online · not in this browser",
            ),
        ] {
            assert_eq!(words(&entry), said);
        }
    }
}
