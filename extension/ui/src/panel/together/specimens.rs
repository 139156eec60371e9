//! Listening together, for the style guide.

use catnest::{
    channel::ChannelId,
    identity::Author,
    music::together::{Leaving, Part},
    node::LeadView,
    wire::{Run, Session},
};
use leptos::prelude::*;

use super::{Together, control::Choices};
use crate::{
    panel::samples::{self, Scene},
    state::{State, music::Listening},
};

const HERE: ChannelId = ChannelId([0; 32]);

fn leads() -> Vec<LeadView> {
    let lead = |device: u8, name: &str, track| LeadView {
        channel: HERE,
        leader: Run {
            author: Author([device; 32]),
            session: Session([0; 16]),
        },
        name: name.to_owned(),
        resource: track,
    };
    vec![
        lead(1, "Ann", Some(samples::id(0))),
        lead(2, "咪咪", Some(samples::id(1))),
        lead(3, "Tom", None),
    ]
}

/// All that is said, and the menus.
#[component]
pub(crate) fn TogetherSpecimens() -> impl IntoView {
    let leader = leads()[0].leader;
    let set = move |part, left| {
        move |state: State| {
            samples::fill(state);
            state.music.left.set(left);
            state.music.listening.set(Listening {
                part,
                channel: Some(HERE).filter(|_| part != Part::Alone),
                leads: leads(),
            });
        }
    };
    let banners = [
        (Part::Alone, None),
        (Part::Leads, None),
        (Part::Follows(leader), None),
        (Part::Alone, Some(Leaving::Person)),
        (Part::Alone, Some(Leaving::System)),
        (Part::Alone, Some(Leaving::Over)),
        (Part::Alone, Some(Leaving::Silent)),
        (Part::Alone, Some(Leaving::Blocked)),
    ];
    view! {
        <section>
            <h3>"Listening together"</h3>
            <div class="sample">
                {banners.map(|(part, left)| view! {
                    <Scene set=set(part, left)><Together /></Scene>
                }).collect_view()}
            </div>
            {[Part::Alone, Part::Leads, Part::Follows(leader)].map(|part| view! {
                <div class="menu" role="menu" aria-label="Listen together">
                    <Scene set=set(part, None)><Choices /></Scene>
                </div>
            }).collect_view()}
        </section>
    }
}
