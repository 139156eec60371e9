//! Listening together (L2): who leads, whom this device follows, and what one can do about it.

mod control;
#[cfg(feature = "styleguide")]
mod specimens;

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    music::together::{Leaving, Part},
    node::{LeadView, MusicCommand},
    wire::Run,
};
use leptos::prelude::*;

pub(super) use self::control::TogetherControl;
#[cfg(feature = "styleguide")]
pub(crate) use self::specimens::TogetherSpecimens;
use crate::{
    i18n::{isolated, t, t_with},
    icon::{Drawing, Icon},
    state::{State, music::Listening},
};

/// What is said above the panes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Says {
    /// This device leads there.
    Leads(ChannelId),
    /// It follows this one, if that is still heard.
    Follows(Option<LeadView>),
    /// It has left this one.
    Left(Leaving, Option<LeadView>),
    /// It could follow this one.
    Invited(LeadView),
    Nothing,
}

/// What there is to say: first what this device does, then what has ended, then what others do in the nest that is shown.
fn says(
    listening: &Listening,
    left: Option<(Leaving, Option<LeadView>)>,
    shown: Option<ChannelId>,
    unwanted: &BTreeSet<Run>,
) -> Says {
    let led_by = |run: Run| {
        let leads = &listening.leads;
        leads.iter().find(|lead| lead.leader == run).cloned()
    };
    match (listening.part, listening.channel) {
        (Part::Leads, Some(channel)) => return Says::Leads(channel),
        (Part::Follows(run), _) => return Says::Follows(led_by(run)),
        _ => {}
    }
    if let Some((why, leader)) = left {
        return Says::Left(why, leader);
    }
    let mut here = listening.leads.iter().filter(|lead| {
        let plays = lead.resource.is_some();
        Some(lead.channel) == shown && plays && !unwanted.contains(&lead.leader)
    });
    here.next().cloned().map_or(Says::Nothing, Says::Invited)
}

/// A leader's name, as part of a sentence.
fn name(lead: Option<&LeadView>) -> String {
    match lead.filter(|lead| !lead.name.is_empty()) {
        Some(lead) => isolated(&lead.name),
        None => t("together_somebody"),
    }
}

/// The name of the leader that this device follows, as part of a sentence.
pub(super) fn leader_name(state: State) -> Option<String> {
    let leader = state.music.leader()?;
    let listening = state.music.listening.read();
    let lead = listening.leads.iter().find(|lead| lead.leader == leader);
    Some(name(lead))
}

/// What a leader plays, as far as that is known here.
fn plays(state: State, lead: &LeadView) -> Option<String> {
    let known = state.music.known(state.current.get(), lead.resource?)?;
    Some(known.track.shown_title())
}

fn nest(state: State, channel: ChannelId) -> String {
    let names = state.names_of(&[channel]);
    isolated(names.first().map_or("", String::as_str))
}

fn left_words(why: Leaving, leader: Option<&LeadView>) -> String {
    let name = name(leader);
    match why {
        Leaving::Person => t("together_left_person"),
        Leaving::System => t("together_left_system"),
        Leaving::Over => t_with("together_left_over", &[&name]),
        Leaving::Silent => t_with("together_left_silent", &[&name]),
        Leaving::Blocked => t_with("together_left_blocked", &[&name]),
    }
}

fn follow(state: State, lead: &LeadView) {
    state.music.left.set(None);
    state.ask_music(MusicCommand::Follow {
        channel: lead.channel,
        leader: lead.leader,
    });
}

fn alone(state: State) {
    state.ask_music(MusicCommand::ListenAlone);
}

/// What is going on, above the panes.
#[component]
pub(super) fn Together() -> impl IntoView {
    let state = State::expect();
    let music = state.music;
    let unwanted = RwSignal::new(BTreeSet::new());
    // Whom one followed last: when one has left, nobody tells any more.
    let last = RwSignal::new(None::<LeadView>);
    Effect::new(move |_| {
        let listening = music.listening.get();
        if let Part::Follows(run) = listening.part
            && let Some(lead) = listening.leads.iter().find(|lead| lead.leader == run)
        {
            last.set(Some(lead.clone()));
        }
        if listening.part != Part::Alone && music.left.with_untracked(Option::is_some) {
            music.left.set(None);
        }
    });
    // What they play may be on a list that is not shown.
    Effect::new(move |_| {
        let led = music.listening.with(|listening| {
            let leads = listening.leads.iter();
            leads.filter_map(|lead| lead.resource).collect::<Vec<_>>()
        });
        music.look_for(state, led);
    });
    let says = Memo::new(move |_| {
        let left = music.left.get().map(|why| (why, last.get()));
        music.listening.with(|listening| {
            unwanted.with(|unwanted| says(listening, left, state.current.get(), unwanted))
        })
    });
    view! {
        <div class="together-place" role="status">
            {move || match says.get() {
                Says::Nothing => ().into_any(),
                Says::Leads(channel) => view! { <Leading channel /> }.into_any(),
                Says::Follows(lead) => view! { <Following lead /> }.into_any(),
                Says::Left(why, leader) => view! { <HasLeft why leader /> }.into_any(),
                Says::Invited(lead) => view! { <Invited lead unwanted /> }.into_any(),
            }}
        </div>
    }
}

/// A line, and what to do about it.
#[component]
fn Banner(
    kind: &'static str,
    icon: Icon,
    #[prop(into)] words: Signal<String>,
    #[prop(into)] more: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="together" data-kind=kind data-testid=format!("together-{kind}")>
            <Drawing icon small=true />
            <p class="words">
                <span>{words}</span>
                {move || more.get().map(|more| view! { <bdi class="hint">{more}</bdi> })}
            </p>
            <span class="acts">{children()}</span>
        </div>
    }
}

#[component]
fn Leading(channel: ChannelId) -> impl IntoView {
    let state = State::expect();
    view! {
        <Banner
            kind="leads"
            icon=Icon::Lead
            words=Signal::derive(move || t_with("together_leading", &[&nest(state, channel)]))
            more=Signal::derive(|| Some(t("together_leading_hint")))
        >
            <button type="button" class="small" data-testid="together-stop" on:click=move |_| alone(state)>
                {move || t("together_stop")}
            </button>
        </Banner>
    }
}

#[component]
fn Following(lead: Option<LeadView>) -> impl IntoView {
    let state = State::expect();
    let take = move |_| {
        let channel = state
            .music
            .listening
            .with_untracked(|listening| listening.channel);
        if let Some(channel) = channel {
            state.ask_music(MusicCommand::Lead { channel });
        }
    };
    let (called, played) = (lead.clone(), lead);
    view! {
        <Banner
            kind="follows"
            icon=Icon::Follow
            words=Signal::derive(move || t_with("together_following", &[&name(called.as_ref())]))
            more=Signal::derive(move || plays(state, played.as_ref()?))
        >
            <button type="button" class="quiet small" data-testid="together-take" on:click=take>
                {move || t("together_take")}
            </button>
            <button type="button" class="small" data-testid="together-leave" on:click=move |_| alone(state)>
                {move || t("together_leave")}
            </button>
        </Banner>
    }
}

#[component]
fn HasLeft(why: Leaving, leader: Option<LeadView>) -> impl IntoView {
    let state = State::expect();
    // Whoever leads still can be followed again.
    let run = leader.as_ref().map(|leader| leader.leader);
    let again = Memo::new(move |_| {
        let run = run.filter(|_| why != Leaving::Blocked)?;
        let leads = |lead: &&LeadView| lead.leader == run;
        let listening = state.music.listening.read();
        listening.leads.iter().find(leads).cloned()
    });
    let follow_again = move |_| {
        if let Some(lead) = again.get_untracked() {
            follow(state, &lead);
        }
    };
    view! {
        <Banner
            kind="left"
            icon=Icon::Leave
            words=Signal::derive(move || left_words(why, leader.as_ref()))
            more=Signal::derive(|| Some(t("together_left_hint")))
        >
            <Show when=move || again.with(Option::is_some)>
                <button type="button" class="small" data-testid="together-again" on:click=follow_again>
                    {move || t("together_again")}
                </button>
            </Show>
            <Dismiss on_dismiss=move |()| state.music.left.set(None) />
        </Banner>
    }
}

#[component]
fn Invited(lead: LeadView, unwanted: RwSignal<BTreeSet<Run>>) -> impl IntoView {
    let state = State::expect();
    let (called, played, leader) = (lead.clone(), lead.clone(), lead.leader);
    view! {
        <Banner
            kind="invited"
            icon=Icon::Follow
            words=Signal::derive(move || t_with("together_invited", &[&name(Some(&called))]))
            more=Signal::derive(move || plays(state, &played))
        >
            <button type="button" class="small primary" data-testid="together-along" on:click=move |_| follow(state, &lead)>
                {move || t("together_along")}
            </button>
            <Dismiss on_dismiss=move |()| unwanted.update(|unwanted| { unwanted.insert(leader); }) />
        </Banner>
    }
}

#[component]
fn Dismiss(#[prop(into)] on_dismiss: Callback<()>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="quiet small icon-button"
            data-testid="together-dismiss"
            aria-label=move || t("dismiss")
            title=move || t("dismiss")
            on:click=move |_| on_dismiss.run(())
        >
            <Drawing icon=Icon::Close small=true />
        </button>
    }
}

#[cfg(test)]
mod tests {
    use catnest::{identity::Author, resource::ResourceId, wire::Session};

    use super::*;

    const HERE: ChannelId = ChannelId([1; 32]);

    fn run(device: u8) -> Run {
        Run {
            author: Author([device; 32]),
            session: Session([0; 16]),
        }
    }

    fn lead(device: u8, channel: ChannelId, plays: bool) -> LeadView {
        LeadView {
            channel,
            leader: run(device),
            name: format!("cat {device}"),
            resource: plays.then_some(ResourceId([device; 32])),
        }
    }

    #[test]
    fn what_this_device_does_comes_before_what_others_do() {
        let leads = vec![
            lead(1, ChannelId([9; 32]), true),
            lead(2, HERE, false),
            lead(3, HERE, true),
            lead(4, HERE, true),
        ];
        let of = |part, left, unwanted: &[Run]| {
            let listening = Listening {
                part,
                channel: (part != Part::Alone).then_some(HERE),
                leads: leads.clone(),
            };
            let unwanted = unwanted.iter().copied().collect();
            says(&listening, left, Some(HERE), &unwanted)
        };
        let left = || Some((Leaving::Over, Some(leads[3].clone())));
        assert_eq!(of(Part::Leads, left(), &[]), Says::Leads(HERE));
        let followed = Says::Follows(Some(leads[1].clone()));
        assert_eq!(of(Part::Follows(run(2)), left(), &[]), followed);
        assert_eq!(of(Part::Follows(run(7)), None, &[]), Says::Follows(None));
        let has_left = Says::Left(Leaving::Over, Some(leads[3].clone()));
        assert_eq!(of(Part::Alone, left(), &[]), has_left);
        assert_eq!(of(Part::Alone, None, &[]), Says::Invited(leads[2].clone()));
        let second = Says::Invited(leads[3].clone());
        assert_eq!(of(Part::Alone, None, &[run(3)]), second);
        assert_eq!(of(Part::Alone, None, &[run(3), run(4)]), Says::Nothing);
    }
}
