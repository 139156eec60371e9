//! Problems in a person's words.

use catnest::{limits, node::Problem};
use leptos::prelude::*;

use crate::i18n::{t, t_with};

/// What is wrong, and what to do about it.
pub(crate) fn words(problem: &Problem) -> String {
    match problem {
        Problem::Address(error) => {
            let part = t(&format!("part_{}", error.part));
            t_with("problem_address", &[&part, &error.problem])
        }
        Problem::PrivateChannel => t("problem_private"),
        Problem::Name => t("problem_name"),
        Problem::Text => t_with(
            "problem_text",
            &[&(limits::MAX_TEXT_BYTES / 1024).to_string()],
        ),
        Problem::NotJoined => t("problem_not_joined"),
        Problem::TooManyChannels => t("problem_too_many"),
        Problem::Busy => t("problem_busy"),
        Problem::StoreFull => t("problem_full"),
        Problem::StoreUnavailable { detail } => t_with("problem_store", &[detail]),
    }
}

/// Shows a problem, and has it read out, while there is one.
#[component]
pub(crate) fn ProblemBox(problem: RwSignal<Option<Problem>>) -> impl IntoView {
    view! {
        <div role="alert">
            {move || problem.get().map(|problem| view! {
                <p class="problem" data-testid="problem">{words(&problem)}</p>
            })}
        </div>
    }
}
