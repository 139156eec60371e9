//! Music on its way from a view into a channel's list: read, hashed and stored by a worker, then put on the list by the
//! node, some tracks at a time, so that a view that closes or an engine that ends loses little.
//!
//! [`job`] is what was handed over and how far it is, [`song`] takes one song in; [`part`] is what a member gives a track
//! that is on the list.

mod job;
mod part;
mod song;

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use catnest::{
    channel::ChannelId,
    limits,
    music::track::Track,
    node::{Command, Event, MusicCommand, Problem, RequestId},
    time::Millis,
};
use catnest_messages::{IntakeId, MusicIntake, SongProblem};
use web_sys::File;

pub use self::part::{Part, PartKind};
use self::{
    job::{Job, Stage},
    song::Left,
};
use super::{Place, caller::Caller, held::Hold};
use crate::{clock::Clock, mail::Mail, task::Task};

/// Tracks that are put on the list together, and how long the first of them waits for the others.
const TOGETHER: usize = 32;
const TOGETHER_MS: u64 = 2000;

/// Requests of this module begin here: below are those of [`super::Intakes`].
const FIRST_REQUEST: u64 = 1 << 31;

/// What a view hands over as music.
#[derive(Debug)]
pub struct Music {
    /// Its name.
    pub id: IntakeId,
    /// For which channel.
    pub channel: ChannelId,
    /// The files, each with its path below what was chosen.
    pub files: Vec<(String, File)>,
}

/// Who is told.
pub trait HearsMusic {
    /// The node is to do this. Its reply comes by [`MusicIntakes::hear`].
    fn ask(&self, request: RequestId, command: Command);

    /// This is what is being taken in now; told soon after it changed, and not too often.
    fn tell(&self, intakes: Vec<MusicIntake>);
}

/// All music that is being taken in. Clones share it.
#[derive(Clone)]
pub struct MusicIntakes(Rc<Inner>);

struct Inner {
    place: Place,
    hears: Box<dyn HearsMusic>,
    jobs: RefCell<Vec<Job>>,
    /// At most one at a time: two would only make each other slower.
    running: RefCell<Option<(IntakeId, Task)>>,
    /// What the node was asked and has not replied to yet.
    asked: RefCell<Vec<Asked>>,
    /// How many parts are being taken in.
    parts: Cell<usize>,
    last_request: Cell<u64>,
    told: Cell<Millis>,
    /// Something changed since, and an alarm is set for telling it.
    news: Cell<bool>,
    clock: Rc<Clock>,
}

/// What the node was asked to do for an intake, or a part.
struct Asked {
    request: RequestId,
    intake: IntakeId,
    reply: Mail<Result<(), Problem>>,
    /// Files of an intake that was dropped since: if the node refuses, nobody needs them.
    orphans: Vec<Hold>,
}

impl MusicIntakes {
    /// None yet.
    pub fn new(place: Place, hears: impl HearsMusic + 'static) -> Self {
        Self(Rc::new_cyclic(|inner: &Weak<Inner>| {
            let inner = inner.clone();
            Inner {
                place,
                hears: Box::new(hears),
                jobs: RefCell::default(),
                running: RefCell::default(),
                asked: RefCell::default(),
                parts: Cell::new(0),
                last_request: Cell::new(FIRST_REQUEST),
                told: Cell::new(Millis(0)),
                news: Cell::new(false),
                clock: Clock::new(move || {
                    if let Some(inner) = inner.upgrade() {
                        Self(inner).tell_now();
                    }
                }),
            }
        }))
    }

    /// All of it, in the order it came. What is over stays until it is dropped.
    pub fn list(&self) -> Vec<MusicIntake> {
        self.0.jobs.borrow().iter().map(Job::view).collect()
    }

    /// Takes files from a view. Those that were taken already are not taken twice.
    ///
    /// # Errors
    /// When nothing can be taken in; nothing is kept then.
    pub fn take(&self, music: Music) -> Result<(), Problem> {
        if self.with_job(&music.id, |_| ()).is_some() {
            return Ok(());
        }
        if let Err(error) = &*self.0.place.store {
            return Err(error.clone().into());
        }
        if music.files.is_empty() {
            return Err(Problem::NoFile);
        }
        if music.files.len() > limits::MAX_MUSIC_FILES {
            return Err(Problem::TooManyTracks);
        }
        let mut jobs = self.0.jobs.borrow_mut();
        if jobs.len() >= limits::MAX_INTAKES {
            // Nobody has looked at these.
            jobs.retain(|job| !job.is_over());
        }
        if jobs.len() >= limits::MAX_INTAKES {
            return Err(Problem::TooManyTransfers);
        }
        jobs.push(Job::of(music));
        drop(jobs);
        self.changed();
        self.run();
        Ok(())
    }

    /// Takes no more of it, or forgets what became of it. What is on the list stays there.
    pub fn drop_intake(&self, id: &IntakeId) {
        self.halt(id);
        let mut jobs = self.0.jobs.borrow_mut();
        let place = jobs.iter().position(|job| job.id == *id);
        let job = place.map(|place| jobs.remove(place));
        drop(jobs);
        if let Some(job) = job {
            let mut asked = self.0.asked.borrow_mut();
            match asked.iter_mut().find(|asked| asked.intake == *id) {
                Some(asked) => asked.orphans = job.unlisted,
                None => self.0.place.let_go(job.unlisted),
            }
            drop(asked);
            self.changed();
        }
        self.run();
    }

    /// Gives a reply of the node; false if it is to somebody else.
    pub fn hear(&self, event: &Event) -> bool {
        let mut all = self.0.asked.borrow_mut();
        let asks = |asked: &Asked| Some(asked.request) == event.request();
        let Some(place) = all.iter().position(asks) else {
            return false;
        };
        let asked = all.remove(place);
        drop(all);
        if let Event::Refused { problem, .. } = event {
            self.0.place.let_go(asked.orphans);
            asked.reply.put(Err(problem.clone()));
        } else {
            asked.reply.put(Ok(()));
        }
        true
    }

    fn with_job<R>(&self, id: &IntakeId, change: impl FnOnce(&mut Job) -> R) -> Option<R> {
        let mut jobs = self.0.jobs.borrow_mut();
        jobs.iter_mut().find(|job| job.id == *id).map(change)
    }

    /// Stops the worker, if it works for this one.
    fn halt(&self, id: &IntakeId) {
        let mut running = self.0.running.borrow_mut();
        let halted = running.take_if(|(running, _)| running == id);
        drop(running);
        drop(halted);
    }

    /// Starts with the first that waits, unless one is being taken in.
    fn run(&self) {
        if self.0.running.borrow().is_some() {
            return;
        }
        let jobs = self.0.jobs.borrow();
        let waits = jobs.iter().find(|job| !job.is_over());
        let first = waits.map(|job| job.id.clone());
        drop(jobs);
        let Some(id) = first else { return };
        let (this, of) = (self.clone(), id.clone());
        let task = Task::spawn(async move {
            let done = this.take_all(&of).await;
            this.over(&of, done);
        });
        *self.0.running.borrow_mut() = Some((id, task));
    }

    fn over(&self, id: &IntakeId, done: Result<(), Problem>) {
        let unlisted = self.with_job(id, |job| {
            job.stage = Stage::Over(done.err());
            std::mem::take(&mut job.unlisted)
        });
        self.0.place.let_go(unlisted.unwrap_or_default());
        self.changed();
        self.halt(id);
        self.run();
    }

    async fn take_all(&self, id: &IntakeId) -> Result<(), Problem> {
        let worker = Caller::start(&self.0.place.script)?;
        let mut covers = song::Covers::default();
        let mut tracks: Vec<Track> = Vec::new();
        let mut since = self.0.clock.now();
        for number in 0.. {
            let song = self.with_job(id, |job| job.begin(number)).flatten();
            let Some(song) = song else { break };
            self.changed();
            let before = self.with_job(id, |job| job.unlisted.len());
            match self.take_song(id, &worker, &song, &mut covers).await {
                Ok(track) => tracks.push(track),
                Err(Left::Out) => {
                    self.with_job(id, |job| job.left_out += 1);
                }
                Err(Left::Failed(why)) => {
                    let stored = self.with_job(id, |job| {
                        job.failed(&song, why);
                        // What was stored of it before that.
                        job.unlisted.split_off(before.unwrap_or_default())
                    });
                    self.0.place.let_go(stored.unwrap_or_default());
                }
                Err(Left::All(problem)) => return Err(problem),
            }
            self.with_job(id, |job| job.end(&song));
            self.changed();
            if tracks.len() == 1 {
                since = self.0.clock.now();
            }
            let waited = self.0.clock.now().0.saturating_sub(since.0);
            if tracks.len() >= TOGETHER || waited >= TOGETHER_MS {
                self.add(id, std::mem::take(&mut tracks)).await?;
            }
        }
        self.add(id, tracks).await
    }

    /// Has the node put tracks on the list.
    async fn add(&self, id: &IntakeId, tracks: Vec<Track>) -> Result<(), Problem> {
        if tracks.is_empty() {
            return Ok(());
        }
        let count = tracks.len();
        let Some(channel) = self.with_job(id, |job| job.channel) else {
            return Ok(()); // It was dropped.
        };
        let music = MusicCommand::Add { channel, tracks };
        self.ask_node(id, Command::Music(music)).await?;
        self.with_job(id, |job| {
            job.added += count;
            // They are shared now, and need nobody who holds them.
            job.unlisted.clear();
        });
        self.changed();
        Ok(())
    }

    async fn ask_node(&self, id: &IntakeId, command: Command) -> Result<(), Problem> {
        let request = RequestId(self.0.last_request.get() + 1);
        self.0.last_request.set(request.0);
        let reply = Mail::default();
        // The reply may come before asking has returned.
        self.0.asked.borrow_mut().push(Asked {
            request,
            intake: id.clone(),
            reply: reply.clone(),
            orphans: Vec::new(),
        });
        self.0.hears.ask(request, command);
        reply.take().await
    }

    /// Sees to it that it is told soon.
    fn changed(&self) {
        if !self.0.news.replace(true) {
            let pause = limits::TRANSFER_NEWS.as_millis() as u64;
            let at = Millis(self.0.told.get().0 + pause);
            self.0.clock.set_alarm(Some(at));
        }
    }

    fn tell_now(&self) {
        self.0.news.set(false);
        self.0.told.set(self.0.clock.now());
        self.0.hears.tell(self.list());
    }
}

/// Whether nothing else can be taken in either after this.
fn ends_all(problem: &Problem) -> bool {
    !matches!(
        problem,
        Problem::FileChanged { .. } | Problem::File(_) | Problem::Track { .. } | Problem::NoFile
    )
}

/// A song that cannot be taken in, or everything.
fn left(problem: Problem) -> Left {
    if ends_all(&problem) {
        Left::All(problem)
    } else {
        Left::Failed(SongProblem::Problem(problem))
    }
}
