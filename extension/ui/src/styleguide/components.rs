//! What is pressed, typed into and chosen from, and the small facts beside it.

use leptos::prelude::*;

use super::Side;
use crate::{
    icon::{Drawing, Icon},
    parts::{Question, Segmented, Switch},
};

const fn hues() -> [&'static str; 8] {
    ["0", "1", "2", "3", "4", "5", "6", "7"]
}

#[component]
pub(super) fn Controls(side: Side) -> impl IntoView {
    let id = |name: &str| format!("{}-{name}", side.theme());
    view! {
        <section>
            <h3>"Buttons"</h3>
            {["", "small", "large"].map(|size| view! {
                <div class="row wrap">
                    <button class=format!("primary {size}")>"Primary"</button>
                    <button class=size>"Plain"</button>
                    <button class=format!("quiet {size}")>"Quiet"</button>
                    <button class=format!("danger {size}")>"Danger"</button>
                    <button class=format!("primary danger {size}")>"Sure"</button>
                    <button class=size disabled>"Disabled"</button>
                </div>
            }).collect_view()}
            <div class="row wrap">
                <button class="icon-button" aria-label="Invite" data-tip="Invite"><Drawing icon=Icon::Invite /></button>
                <button class="icon-button" aria-label="Settings" aria-expanded="true">
                    <Drawing icon=Icon::Settings />
                </button>
                <button><Drawing icon=Icon::Copy small=true />"With a drawing"</button>
                <a class="button" href="#top">"A link"</a>
                <a href="#top">"A link in text"</a>
            </div>
        </section>
        <section>
            <h3>"Fields"</h3>
            <div class="field">
                <label for=id("empty")>"Empty"</label>
                <input id=id("empty") placeholder="Placeholder" aria-describedby=id("hint") />
                <p class="hint" id=id("hint")>"A hint below"</p>
            </div>
            <div class="field">
                <label for=id("filled")>"Filled, 填好的"</label>
                <input id=id("filled") value="Ann 小安" />
            </div>
            <div class="field">
                <label for=id("wrong")>"Wrong"</label>
                <input id=id("wrong") value="…" aria-invalid="true" />
            </div>
            <div class="field">
                <label for=id("list")>"List"</label>
                <select id=id("list")><option>"One"</option><option>"Other"</option></select>
            </div>
            <div class="field">
                <label for=id("lines")>"Lines"</label>
                <textarea id=id("lines") rows="2">"One\nTwo"</textarea>
            </div>
        </section>
    }
}

#[component]
pub(super) fn Choosing(side: Side) -> impl IntoView {
    let on = RwSignal::new(true);
    let off = RwSignal::new(false);
    let chosen = RwSignal::new(1);
    let words = |text: &'static str| Signal::stored(text.to_owned());
    let name = side.pick("segmented-light", "segmented-dark");
    let group = side.pick("choice-light", "choice-dark");
    view! {
        <section>
            <h3>"Switches"</h3>
            <Switch id="switch" label=words("On") on on_change=move |value| on.set(value) />
            <Switch id="switch" label=words("Off") on=off on_change=move |value| off.set(value) />
        </section>
        <section>
            <h3>"One of a few"</h3>
            <div>
                <Segmented
                    name=name
                    label=words("Side by side")
                    choices=vec![(0, "a", words("System")), (1, "b", words("Light")), (2, "c", words("Dark"))]
                    chosen
                    on_choose=move |value| chosen.set(value)
                />
            </div>
            <fieldset class="choices">
                <legend>"Each with a word more"</legend>
                {[(Icon::Lock, "Chosen", true), (Icon::Globe, "Not chosen", false)].map(|(icon, title, checked)| view! {
                    <label class="choice">
                        <input type="radio" name=group checked=checked />
                        <Drawing icon />
                        <span class="title">{title}</span>
                        <span class="hint">"What it means"</span>
                    </label>
                }).collect_view()}
            </fieldset>
        </section>
    }
}

#[component]
pub(super) fn Facts() -> impl IntoView {
    view! {
        <section>
            <h3>"Facts"</h3>
            <div class="row wrap">
                <span class="badge">"1"</span>
                <span class="badge">"99+"</span>
                <span class="badge muted">"7"</span>
                <span class="chip">"plain"</span>
                {["online", "connecting", "offline"].map(|state| view! {
                    <span class="chip" data-state=state><span class="dot" aria-hidden="true"></span>{state}</span>
                }).collect_view()}
                <kbd>"Shift"</kbd>
                <kbd>"Enter"</kbd>
            </div>
            {["small", "", "large"].map(|size| view! {
                <div class="row wrap">
                    {hues().map(|hue| view! {
                        <span class=format!("avatar {size}") data-hue=hue aria-hidden="true">
                            {if hue == "3" { "猫" } else { "A" }}
                        </span>
                    }).collect_view()}
                </div>
            }).collect_view()}
            <div class="divider">"Today · 今天"</div>
            <div class="row wrap">
                {Icon::ALL.map(|icon| view! { <Drawing icon /> }).collect_view()}
            </div>
        </section>
    }
}

#[component]
pub(super) fn Opening(side: Side) -> impl IntoView {
    let open = RwSignal::new(false);
    let words = |text: &'static str| Signal::stored(text.to_owned());
    view! {
        <section>
            <h3>"What opens"</h3>
            <div class="menu" role="menu" aria-label="Menu">
                <button role="menuitem"><Drawing icon=Icon::Invite small=true />"Invite"</button>
                <button role="menuitem" data-active="true"><Drawing icon=Icon::Bell small=true />"Active"</button>
                <button role="menuitem" class="danger"><Drawing icon=Icon::Leave small=true />"Leave"</button>
            </div>
            <ul class="menu" role="listbox" aria-label="List">
                <li role="option" aria-selected="true">"Chosen"<span class="badge">"3"</span></li>
                <li role="option" aria-selected="false">"Other"</li>
                <li role="option" aria-selected="false" aria-disabled="true">"Not now"</li>
            </ul>
            <dialog open aria-label="Dialog">
                <h2>"Leave “Our nest”?"</h2>
                <p>"Its messages are deleted from this device."</p>
                <div class="actions"><button>"Cancel"</button><button class="primary danger">"Leave"</button></div>
            </dialog>
            <div class="row">
                <button on:click=move |_| open.set(true)>"Ask"</button>
                <Question
                    id=format!("question-{}", side.theme())
                    open
                    title=words("A question?")
                    text=words("It has to be answered first.")
                    yes=words("Yes")
                    on_yes=|()| {}
                />
            </div>
        </section>
    }
}
