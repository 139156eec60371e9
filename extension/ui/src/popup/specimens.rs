//! The chat's rows and members in every state, for the style guide.

use catnest::{
    channel::ChannelId,
    chat::record::RecordId,
    identity::Author,
    link::Path,
    node::{BurnView, Contact, Delivery, Member, Message, Unreached},
    time::Millis,
};
use leptos::prelude::*;

use super::{
    attach::Attached,
    burn::BurnWords,
    chat::Chat,
    chips::Chips,
    drop::DropWords,
    held_back::HeldBackLine,
    members::Online,
    message::MessageRow,
    rows::{Row, rows},
    unreached::UnreachedWords,
};
use crate::{i18n::lang, state::State, time};

/// 2026-11-23, 21:00 UTC.
const EVENING: u64 = 1_795_467_600_000;
const MINUTE: u64 = 60_000;

/// Who says what, how many minutes after the evening began, and how far it came.
const SAID: [(u8, &str, u64, &str, Option<Delivery>); 9] = [
    (1, "咪咪", 0, "今天谁在窝里？", None),
    (1, "咪咪", 1, "我带了鱼 🐟", None),
    (
        2,
        "Tom",
        3,
        "Me. See https://cat.example/fish?fresh=yes",
        None,
    ),
    (0, "Ann", 4, "Held", Some(Delivery::Held { devices: 3 })),
    (0, "Ann", 5, "Sent,\nin two lines", Some(Delivery::Sent)),
    (
        2,
        "Tom",
        720,
        "A day later: a-word-that-is-so-long-that-it-has-to-be-broken-somewhere-or-other-in-the-middle",
        None,
    ),
    (2, "Tom", 721, "And right after it", None),
    (0, "Ann", 722, "Queued", Some(Delivery::Queued)),
    (
        3,
        "A name that is longer than there is room for in any row of this list",
        723,
        "…",
        None,
    ),
];

/// A log with all of them, once as it is read and once as it is selected from. `side` keeps ids apart.
#[component]
pub(crate) fn Specimens(side: u8) -> impl IntoView {
    view! {
        <section>
            <h3>"Messages"</h3>
            <Sample side selecting=false />
            <Sample side=side + 2 selecting=true />
            <Kept side=side + 4 />
            <Burning side=side + 6 />
        </section>
        <section>
            <h3>"Members"</h3>
            <People />
        </section>
    }
}

/// Files above the composer, and what covers the chat while some are dragged.
#[component]
pub(crate) fn WritingSpecimens() -> impl IntoView {
    let state = State::provide();
    let attached = Attached::provide();
    let channel = ChannelId([1; 32]);
    state.current.set(Some(channel));
    let chips = [
        ("cat.png", "image/png", 640_000),
        (
            "a-film-with-a-name-that-is-far-too-long.mkv",
            "video/x-matroska",
            1_400_000_000,
        ),
        ("猫窝.zip", "application/zip", 81_000),
    ];
    attached.show(channel, &chips);
    view! {
        <section>
            <h3>"Files to send"</h3>
            <div class="composer"><Chips /></div>
            <div class="drop-sample"><DropWords name=Signal::stored("猫窝".to_owned()) /></div>
        </section>
    }
}

#[component]
fn Sample(side: u8, selecting: bool) -> impl IntoView {
    // Of its own: the page's hears the engine.
    let state = State::provide();
    let chat = Chat::provide();
    let messages = SAID
        .iter()
        .zip(0..)
        .map(|(said, number)| message(side, number, said));
    state.log.update(|log| log.extend(messages));
    let places: Vec<_> = state.log.with_untracked(|log| log.places().collect());
    if selecting {
        chat.selected
            .set(Some(places.iter().skip(1).step_by(2).copied().collect()));
    }
    let divider = places.get(6).copied();
    let chosen = state
        .log
        .with_untracked(|log| rows(log, 0..SAID.len(), divider, time::day));
    let active = RwSignal::new(places.get(2).copied());
    let row = move |row: Row| view! { <MessageRow row lang=lang() active /> };
    view! { <div class="sample" role="feed" aria-label="Messages">{chosen.into_iter().map(row).collect_view()}</div> }
}

/// A gap, what came late, what is marked, and what was recalled: folded and unfolded.
#[component]
fn Kept(side: u8) -> impl IntoView {
    let state = State::provide();
    let chat = Chat::provide();
    let said = [
        (1, "咪咪", 0, "Marked, and there is a gap above", None),
        (0, "Ann", 2, "Marked by who wrote it", Some(Delivery::Sent)),
        (2, "Tom", 3, "Recalled", None),
        (0, "Ann", 4, "Recalled, unfolded", Some(Delivery::Sent)),
        (1, "咪咪", 5, "好的", None),
    ];
    let mut messages: Vec<_> = said
        .iter()
        .zip(0..)
        .map(|(said, number)| message(side, number, said))
        .collect();
    for (number, message) in messages.iter_mut().enumerate() {
        message.gap = number == 0;
        message.kept = number < 2;
        message.recalled = number == 2 || number == 3;
    }
    state.log.update(|log| {
        log.extend(messages);
        let late = (3, "小白", 1, "It came after the others", None);
        log.extend_within(vec![message(side, 9, &late)], false, false);
    });
    let places: Vec<_> = state.log.with_untracked(|log| log.places().collect());
    chat.unfolded
        .set(places.get(4).copied().into_iter().collect());
    let chosen = state
        .log
        .with_untracked(|log| rows(log, 0..places.len(), None, time::day));
    let active = RwSignal::new(places.get(2).copied());
    let row = move |row: Row| view! { <MessageRow row lang=lang() active /> };
    view! { <div class="sample" role="feed" aria-label="Kept">{chosen.into_iter().map(row).collect_view()}</div> }
}

/// Members, and one who said too much.
#[component]
fn People() -> impl IntoView {
    State::provide();
    Chat::provide();
    view! {
        <ul class="members">
            {members().into_iter().map(|member| view! { <Online member /> }).collect_view()}
        </ul>
        <HeldBackLine author=Author([2; 32]) name="Tom".to_owned() />
        {[(1, true), (2, false)].map(|(devices, relay)| view! {
            <UnreachedWords unreached=Some(Unreached { devices, relay }) />
        })}
    }
}

/// What burns, and the banner that says so.
#[component]
fn Burning(side: u8) -> impl IntoView {
    let state = State::provide();
    Chat::provide();
    let said = [
        (1, "咪咪", 0, "It goes 30 seconds after it was shown", None),
        (0, "Ann", 1, "好的", Some(Delivery::Sent)),
    ];
    let messages = said.iter().zip(0..).map(|(said, number)| Message {
        burning: true,
        ..message(side, number, said)
    });
    state.log.update(|log| log.extend(messages));
    let chosen = state
        .log
        .with_untracked(|log| rows(log, 0..said.len(), None, time::day));
    let active = RwSignal::new(None);
    let row = move |row: Row| view! { <MessageRow row lang=lang() active /> };
    let burn = BurnView {
        on: true,
        by: "咪咪".to_owned(),
        author: Author([1; 32]),
        mine: false,
        since: Millis(EVENING),
    };
    view! {
        <div class="sample" role="feed" aria-label="Burning">{chosen.into_iter().map(row).collect_view()}</div>
        <BurnWords burn />
    }
}

fn message(side: u8, number: u8, said: &(u8, &str, u64, &str, Option<Delivery>)) -> Message {
    let (who, name, minute, text, delivery) = *said;
    let mut id = [0; 32];
    (id[0], id[1]) = (side, number);
    Message {
        id: RecordId(id),
        time: Millis(EVENING + minute * MINUTE),
        author: Author([who; 32]),
        name: name.to_owned(),
        avatar: None,
        mine: delivery.is_some(),
        text: text.to_owned(),
        files: Vec::new(),
        delivery,
        kept: false,
        recalled: false,
        after: None,
        gap: false,
        burning: false,
    }
}

fn members() -> Vec<Member> {
    let link = |relayed, round_trip_ms| Contact::Link {
        path: Some(Path {
            relayed,
            round_trip_ms,
        }),
    };
    let contacts = [
        ("Ann", Contact::Here),
        ("咪咪", link(false, Some(12))),
        ("Tom", link(true, Some(180))),
        ("Mo", Contact::Link { path: None }),
        ("小白", Contact::Members),
    ];
    contacts
        .into_iter()
        .zip(0..)
        .map(|((name, contact), who)| Member {
            author: Author([who; 32]),
            name: name.to_owned(),
            avatar: (who == 3).then(|| "🐈".to_owned()),
            me: who == 0,
            contact,
        })
        .collect()
}
