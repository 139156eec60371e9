//! Three bars over a cover: this is what plays.

use leptos::prelude::*;

/// They move while there is sound.
#[component]
pub(super) fn Bars(#[prop(into)] moving: Signal<bool>) -> impl IntoView {
    view! {
        <span class="bars" class:moving=moving aria-hidden="true"><i></i><i></i><i></i></span>
    }
}
