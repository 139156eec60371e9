//! What was sent here with files and is being taken in: at the end of the log, where its message will stand.

use catnest_messages::IntakeId;
use leptos::prelude::*;

use crate::{files::IntakeCard, state::State};

/// What is taken in for the nest that is shown.
pub(super) fn here(state: State) -> Vec<(IntakeId, String)> {
    let current = state.current.get();
    let all = state.intakes.read();
    all.iter()
        .filter(|intake| Some(intake.channel) == current)
        .map(|intake| (intake.id.clone(), intake.text.clone()))
        .collect()
}

#[component]
pub(super) fn Pending(#[prop(into)] intakes: Signal<Vec<(IntakeId, String)>>) -> impl IntoView {
    view! {
        <For each=move || intakes.get() key=|(id, _)| id.clone() let:entry>
            <article class="message" data-mine="true" data-head="true" data-testid="pending">
                <div class="line">
                    <div class="said">
                        <div class="bubble">
                            {(!entry.1.is_empty()).then(|| view! {
                                <p class="text" dir="auto">{entry.1.clone()}</p>
                            })}
                            <IntakeCard id=entry.0 />
                        </div>
                    </div>
                </div>
            </article>
        </For>
    }
}
