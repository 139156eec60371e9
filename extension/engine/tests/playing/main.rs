//! A real `<audio>` element, driven by the core's player, and what the platform is told of it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that fails panics; clippy does not know these as tests"
)]

mod failing;
#[path = "../fake_node/mod.rs"]
mod fake_node;
mod session;

use std::{cell::RefCell, rc::Rc};

use catnest::{
    entropy::Entropy,
    music::{
        Speed, TrackTime,
        player::{
            Activity, Fact, Failure, Intent, PauseReason, Player, PlayerOutput, Report, State,
        },
    },
    resource::ResourceId,
    time::Millis,
};
use catnest_engine::{
    playing::Playing,
    reading::{Source, Streams},
};
use fake_node::{FakeNode, pause};
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlMediaElement;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const SHORT: ResourceId = ResourceId([1; 32]);
const LONG: ResourceId = ResourceId([2; 32]);
const TEXT: ResourceId = ResourceId([3; 32]);
const COVER: ResourceId = ResourceId([4; 32]);
const HUGE: ResourceId = ResourceId([5; 32]);
const NOWHERE: ResourceId = ResourceId([9; 32]);

/// A WAV file (RIFF, PCM, one channel of 8,000 samples of 8 bits a second) that is not heard.
fn wav(ms: u32) -> Vec<u8> {
    let bytes = ms * 8;
    let mut file = b"RIFF".to_vec();
    file.extend((bytes + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(8000_u32.to_le_bytes());
    file.extend(8000_u32.to_le_bytes());
    file.extend(b"\x01\0\x08\0data");
    file.extend(bytes.to_le_bytes());
    file.resize(file.len() + bytes as usize, 0x80);
    file
}

/// The first bytes of a PNG file, whose sides have so many pixels.
fn png(side: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
    file
}

/// A player, its element, and all that each said to the other.
struct Bench {
    player: RefCell<Player>,
    playing: RefCell<Option<Playing>>,
    reports: RefCell<Vec<Report>>,
    states: RefCell<Vec<State>>,
    audio: HtmlMediaElement,
    node: Rc<FakeNode>,
}

fn now() -> Millis {
    Millis(js_sys::Date::now() as u64)
}

impl Bench {
    fn new(is_answered: fn() -> bool) -> Rc<Self> {
        let (node, reads) = FakeNode::new();
        node.put(SHORT, wav(600), "audio/wav");
        node.put(LONG, wav(60_000), "audio/wav");
        node.put(TEXT, b"a text about music".repeat(100), "audio/mpeg");
        node.put(COVER, png(600), "image/png");
        node.put(HUGE, png(30_000), "image/png");
        // The element is in no document, so it is kept where it is made.
        js_sys::eval(
            "globalThis.RealAudio ??= Audio;
            globalThis.Audio = function () { return (globalThis.made = new RealAudio()); };",
        )
        .unwrap();
        let bench = Rc::new_cyclic(|bench: &std::rc::Weak<Self>| {
            let (of_report, of_intent) = (bench.clone(), bench.clone());
            let playing = Playing::new(
                Source::new(Streams::new(reads.clone()), is_answered),
                reads,
                move |report| {
                    if let Some(bench) = of_report.upgrade() {
                        bench.hear(report);
                    }
                },
                move |intent| {
                    if let Some(bench) = of_intent.upgrade() {
                        bench.wants(intent);
                    }
                },
            );
            Self {
                player: RefCell::new(Player::new(Entropy::from_seed([1; 32]))),
                playing: RefCell::new(Some(playing.unwrap())),
                reports: RefCell::default(),
                states: RefCell::default(),
                audio: js_sys::eval("made").unwrap().unchecked_into(),
                node,
            }
        });
        bench.wants(Intent::Volume(50));
        bench
    }

    fn whole() -> Rc<Self> {
        Self::new(|| false)
    }

    fn streaming() -> Rc<Self> {
        Self::new(|| true)
    }

    fn hear(&self, report: Report) {
        self.reports.borrow_mut().push(report);
        self.player.borrow_mut().report(now(), report, &|_| true);
        self.perform();
    }

    fn wants(&self, intent: Intent) {
        self.player.borrow_mut().intent(now(), intent, &|_| true);
        self.perform();
    }

    fn plays(&self, list: &[ResourceId]) {
        let list = list.to_vec();
        self.wants(Intent::PlayList { list, row: 0 });
    }

    fn perform(&self) {
        loop {
            let output = self.player.borrow_mut().poll();
            let Some(output) = output else { return };
            if let PlayerOutput::State(state) = output {
                self.states.borrow_mut().push(state);
            }
            if let Some(playing) = &*self.playing.borrow() {
                playing.perform(output, None);
            }
        }
    }

    fn position(&self) -> TrackTime {
        self.player.borrow().state().position_at(now())
    }

    async fn until(&self, what: &str, look: impl Fn(&State) -> bool) {
        for _ in 0..5000 {
            if look(&self.player.borrow().state()) {
                return;
            }
            pause().await;
        }
        let state = self.player.borrow().state();
        panic!("{what} did not happen: {state:?}, {:?}", self.reports);
    }

    async fn is(&self, activity: Activity) {
        let what = format!("{activity:?}");
        self.until(&what, |state| state.activity == activity).await;
    }

    fn facts(&self) -> Vec<Fact> {
        let reports = self.reports.borrow();
        reports.iter().map(|report| report.fact).collect()
    }

    /// Whether it was once so.
    fn was(&self, activity: Activity) -> bool {
        let states = self.states.borrow();
        states.iter().any(|state| state.activity == activity)
    }
}

const PAUSED: Activity = Activity::Paused(PauseReason::Person);

#[wasm_bindgen_test]
async fn a_track_plays_pauses_and_is_sought() {
    let bench = Bench::whole();
    bench.plays(&[LONG]);
    bench.is(Activity::Playing).await;
    bench
        .until("going on", |state| state.position >= TrackTime(300))
        .await;
    let duration = bench.player.borrow().state().duration.unwrap();
    assert_eq!(duration, TrackTime(60_000));
    assert!(bench.position() < TrackTime(20_000));

    bench.wants(Intent::Pause);
    bench.is(PAUSED).await;
    assert!(bench.audio.paused());
    bench.wants(Intent::Seek(TrackTime(40_000)));
    bench
        .until("arriving", |_| bench.facts().ends_with(&[Fact::Seeked]))
        .await;
    assert_eq!(bench.position(), TrackTime(40_000));
    assert_eq!(bench.audio.current_time(), 40.0);

    bench.wants(Intent::Play);
    bench
        .until("going on from there", |state| {
            state.activity == Activity::Playing && state.position > TrackTime(40_100)
        })
        .await;
    bench.wants(Intent::SeekBy(-30_000));
    bench
        .until("going on from before", |state| {
            state.activity == Activity::Playing
                && (TrackTime(10_000)..TrackTime(30_000)).contains(&state.position)
        })
        .await;
    assert!(!bench.was(Activity::Paused(PauseReason::System)));
}

#[wasm_bindgen_test]
async fn one_track_follows_the_other_and_then_it_is_quiet() {
    let bench = Bench::whole();
    bench.plays(&[SHORT, SHORT]);
    bench.is(Activity::Paused(PauseReason::QueueEnd)).await;
    let facts = bench.facts();
    let ended = facts.iter().filter(|fact| **fact == Fact::Ended);
    assert_eq!(ended.count(), 2, "{facts:?}");
    // The pause at an end is no pause.
    assert!(!facts.contains(&Fact::Paused), "{facts:?}");
    assert!(!bench.was(Activity::Paused(PauseReason::System)));
    // And once more.
    bench.wants(Intent::Play);
    bench.is(Activity::Playing).await;
}

#[wasm_bindgen_test]
async fn another_track_is_begun_in_the_middle_of_one() {
    let bench = Bench::whole();
    bench.plays(&[LONG]);
    bench.is(Activity::Playing).await;
    bench.plays(&[SHORT, LONG]);
    // Before anything of it has come.
    assert_eq!(
        bench.player.borrow().state().activity,
        Activity::Waiting,
        "{:?}",
        bench.facts()
    );
    let last = bench.reports.borrow().len();
    bench.is(Activity::Playing).await;
    let loads: Vec<u64> = bench.reports.borrow()[last..]
        .iter()
        .map(|report| report.load.0)
        .collect();
    assert!(loads.iter().all(|load| *load == 2), "{loads:?}");
    bench.wants(Intent::Stop);
    bench.is(PAUSED).await;
    assert_eq!(bench.position(), TrackTime::START);
}

#[wasm_bindgen_test]
async fn who_skips_reads_no_further_in_what_is_left() {
    let bench = Bench::whole();
    bench.node.put(NOWHERE, wav(600_000), "audio/wav");
    bench.plays(&[NOWHERE]);
    bench.plays(&[SHORT]);
    bench.is(Activity::Playing).await;
    assert!(bench.node.readers.borrow().is_empty());
}

#[wasm_bindgen_test]
async fn what_cannot_be_played_says_why() {
    let bench = Bench::whole();
    for (id, failure) in [(TEXT, Failure::Decode), (NOWHERE, Failure::Source)] {
        bench.plays(&[id]);
        bench.is(Activity::Failed(failure)).await;
    }
    // No service worker answers here.
    let bench = Bench::streaming();
    bench.plays(&[SHORT]);
    bench.is(Activity::Failed(Failure::Source)).await;
    // What is no music is passed over.
    let bench = Bench::whole();
    bench.plays(&[TEXT, SHORT]);
    bench.is(Activity::Playing).await;
}

#[wasm_bindgen_test]
async fn how_loud_and_how_fast_it_is_survives_another_track() {
    let bench = Bench::whole();
    bench.wants(Intent::Volume(30));
    bench.wants(Intent::Mute(true));
    bench.wants(Intent::Speed(Speed::new(1500)));
    for list in [[LONG, SHORT], [SHORT, LONG]] {
        bench.plays(&list);
        bench.is(Activity::Playing).await;
        assert!((bench.audio.volume() - 0.3).abs() < 0.001);
        assert!(bench.audio.muted());
        assert_eq!(bench.audio.playback_rate(), 1.5);
    }
    bench.wants(Intent::Mute(false));
    assert!(!bench.audio.muted());
}

#[wasm_bindgen_test]
async fn a_browser_that_wants_a_click_first_is_told_so() {
    let bench = Bench::whole();
    let refuses = "() => Promise.reject(new DOMException('', 'NotAllowedError'))";
    let refuses = js_sys::eval(refuses).unwrap();
    Reflect::set(&bench.audio, &"play".into(), &refuses).unwrap();
    bench.plays(&[SHORT]);
    bench.is(Activity::Paused(PauseReason::Refused)).await;
    Reflect::delete_property(&bench.audio, &"play".into()).unwrap();
    bench.wants(Intent::Play);
    bench.is(Activity::Playing).await;
}

#[wasm_bindgen_test]
async fn it_is_quiet_when_its_driver_is_gone() {
    let bench = Bench::whole();
    bench.plays(&[LONG]);
    bench.is(Activity::Playing).await;
    let playing = bench.playing.take();
    drop(playing);
    assert!(bench.audio.paused());
    assert_eq!(bench.audio.src(), "");
}
