//! The ban table, for the style guide.

use catnest::music::ban::{self, Entry, Kind, Scope};
use leptos::prelude::*;

use super::{
    Bans,
    draft::{Fault, What},
    form::{BanForm, Draft},
};
use crate::{
    panel::samples::{self, Scene},
    state::State,
};

/// Some entries, none, and one that is wrong.
#[component]
pub(crate) fn BanSpecimens(
    /// Which of two panes of the guide this is in.
    side: u8,
) -> impl IntoView {
    let pick = move |light, dark| if side == 0 { light } else { dark };
    let entry = |scope, kind, text: &str, off| Entry {
        scope,
        kind,
        text: text.to_owned(),
        off,
    };
    let fill = move |state: State| {
        samples::fill(state);
        state.music.bans.set(vec![
            entry(Scope::Any, Kind::Plain, "nightcore", false),
            entry(
                Scope::Title,
                Kind::Pattern,
                r"\b(live|demo|re-?mix)\b",
                false,
            ),
            entry(Scope::Artist, Kind::Plain, "一支很吵的乐队", true),
            entry(
                Scope::Md5,
                Kind::Plain,
                "9e107d9d372bb6826bd81d3542a419d6",
                false,
            ),
        ]);
    };
    let draft = Draft::new();
    draft.fill(entry(Scope::Any, Kind::Pattern, "(live|demo", false));
    let what = What::Problem(ban::Problem::Group);
    draft.fault.set(Some(Fault { what, at: Some(0) }));
    view! {
        <section>
            <h3>"Bans"</h3>
            <div class="sample pane-sample">
                <Scene set=fill><Bans name=pick("bans-light", "bans-dark") /></Scene>
            </div>
            <div class="sample pane-sample">
                <Scene set=|_| {}><Bans name=pick("no-bans-light", "no-bans-dark") /></Scene>
            </div>
            <div class="sample">
                <BanForm
                    id=pick("ban-light", "ban-dark").to_owned()
                    draft
                    save=Signal::stored("Save".to_owned())
                    on_save=Callback::new(|_: Entry| -> Result<(), Fault> { Ok(()) })
                    on_cancel=|()| {}
                />
            </div>
        </section>
    }
}
