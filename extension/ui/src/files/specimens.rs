//! Files in every state, for the style guide.

use std::collections::BTreeMap;

use catnest::{
    channel::ChannelId,
    node::{Problem, Transfer, TransferState},
    resource::{Descriptor, Md5, ResourceId},
    time::Millis,
};
use catnest_messages::{Intake, IntakeFile, IntakeId};
use leptos::prelude::*;

use super::{FileCard, IntakeCard, picture::Framed};
use crate::state::State;

/// Name, media type, bytes, and how many hundredths of it are here in which state.
type Sample = (
    &'static str,
    &'static str,
    u64,
    Option<(u64, TransferState)>,
);

fn samples() -> [Sample; 10] {
    use TransferState::{Checking, Complete, Fetching, Paused, Seeking, Stopped};
    let stopped = |problem| Stopped { problem };
    [
        ("notes.txt", "text/plain", 1_234, None),
        ("猫窝.mp3", "audio/mpeg", 4_200_000, Some((0, Seeking))),
        (
            "a-film-with-a-name-that-is-far-too-long-for-one-line.mkv",
            "video/x-matroska",
            1_400_000_000,
            Some((35, Fetching)),
        ),
        (
            "photos.zip",
            "application/zip",
            81_000_000,
            Some((60, Paused)),
        ),
        (
            "map.svg",
            "image/svg+xml",
            99_000,
            Some((10, stopped(Problem::StoreFull))),
        ),
        (
            "disk.img",
            "application/octet-stream",
            64_000_000_000,
            Some((0, stopped(Problem::TooManyTransfers))),
        ),
        (
            "book.pdf",
            "application/pdf",
            12_300_000,
            Some((100, Checking)),
        ),
        ("song.flac", "audio/flac", 31_000_000, Some((100, Complete))),
        ("cat.png", "image/png", 640_000, Some((45, Fetching))),
        ("huge.jpeg", "image/jpeg", 9_800_000, None),
    ]
}

fn file(number: u8, sample: &Sample) -> Descriptor {
    Descriptor {
        id: ResourceId([number; 32]),
        length: sample.2,
        md5: Md5([number; 16]),
        name: sample.0.to_owned(),
        media_type: sample.1.to_owned(),
    }
}

fn transfer(number: u8, sample: &Sample) -> Option<Transfer> {
    let (hundredths, state) = sample.3.clone()?;
    let moves = state == TransferState::Fetching;
    let complete = state == TransferState::Complete;
    Some(Transfer {
        file: file(number, sample),
        channels: Vec::new(),
        state,
        have_bytes: sample.2 / 100 * hundredths,
        holders: if moves { 3 } else { 0 },
        receiving: if moves { 3_400_000 } else { 0 },
        sending: if complete { 250_000 } else { 0 },
        received: 0,
        sent: if complete { 7_000_000 } else { 0 },
        added: Millis(u64::from(number)),
        chosen: true,
    })
}

fn intakes() -> Vec<Intake> {
    let intake = |name: &str, done_bytes, problem| Intake {
        id: IntakeId(name.to_owned()),
        channel: ChannelId([0; 32]),
        text: String::new(),
        files: [
            ("cat.png", "image/png", 640_000),
            ("猫.mp4", "video/mp4", 88_000_000),
        ]
        .map(|(name, media_type, length)| IntakeFile {
            name: name.to_owned(),
            length,
            media_type: media_type.to_owned(),
        })
        .into(),
        done_bytes,
        problem,
    };
    vec![
        intake("going", 120_000_000, None),
        intake("stopped", 50_000_000, Some(Problem::StoreFull)),
    ]
}

/// Cards of the chat and of the list of transfers, pictures, and files that are taken in.
#[component]
pub(crate) fn FileSpecimens() -> impl IntoView {
    // Of its own: the page's hears the engine.
    let state = State::provide();
    let all = samples();
    let numbered = || (1..).zip(&all);
    let known: BTreeMap<_, _> = numbered()
        .filter_map(|(number, sample)| transfer(number, sample))
        .map(|transfer| (transfer.file.id, transfer))
        .collect();
    state.transfers.set(known);
    state.intakes.set(intakes());
    let cards = |listed| {
        numbered()
            .map(|(number, sample)| {
                let file = file(number, sample);
                view! { <FileCard file channel=Some(ChannelId([0; 32])) listed /> }
            })
            .collect_view()
    };
    let ids = intakes().into_iter().map(|intake| intake.id);
    view! {
        <section>
            <h3>"Files in a message"</h3>
            <div class="sample">
                <article class="message" data-mine="false" data-head="true">
                    <div class="line"><div class="said"><div class="bubble with-files">
                        <ul class="files" aria-label="In a message">{cards(false)}</ul>
                    </div></div></div>
                </article>
                <article class="message" data-mine="true" data-head="true">
                    <div class="line"><div class="said"><div class="bubble with-files">
                        <Framed
                            name="cat.png".to_owned()
                            address=RwSignal::new(Some("icons/128.png".to_owned()))
                            waits=false
                            on_open=|()| {}
                        />
                    </div></div></div>
                </article>
            </div>
        </section>
        <section>
            <h3>"Files that are taken in"</h3>
            {ids.map(|id| view! { <IntakeCard id /> }).collect_view()}
        </section>
        <section>
            <h3>"Files in a list"</h3>
            <ul class="files" aria-label="In a list">{cards(true)}</ul>
        </section>
    }
}
