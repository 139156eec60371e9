//! Files on their way into the store, one after the other: hashed and stored by a worker, then shared by the node.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    rc::{Rc, Weak},
};

use catnest::{
    limits,
    node::{Command, Event, Problem, RequestId},
    resource::{Descriptor, Md5, ResourceId},
    store::ResourceEntry,
    time::Millis,
};
use catnest_messages::{Intake, IntakeFile, IntakeId};
use wasm_bindgen_futures::spawn_local;

use super::{
    Place,
    helper::Helper,
    job::{Job, JobFile, Share, Stage},
    messages::{FromWorker, ToWorker},
};
use crate::{clock::Clock, js};

/// Who is told.
pub trait Hears {
    /// The node is to do this. Its reply comes by [`Intakes::hear`].
    fn ask(&self, request: RequestId, command: Command);

    /// This is what is being taken in now; told soon after it changed, and not too often.
    fn tell(&self, intakes: Vec<Intake>);
}

/// All files that are being taken in. Clones share them.
#[derive(Clone)]
pub struct Intakes(Rc<Inner>);

struct Inner {
    place: Place,
    hears: Box<dyn Hears>,
    jobs: RefCell<Vec<Job>>,
    /// At most one at a time: two would only make each other slower.
    running: RefCell<Option<Running>>,
    last_request: Cell<u64>,
    told: Cell<Millis>,
    /// Something changed since, and an alarm is set for telling it.
    news: Cell<bool>,
    clock: Rc<Clock>,
}

/// What the worker does.
struct Running {
    intake: IntakeId,
    /// Its place among the files.
    file: usize,
    helper: Helper,
}

impl Intakes {
    /// None yet.
    pub fn new(place: Place, hears: impl Hears + 'static) -> Self {
        Self(Rc::new_cyclic(|inner: &Weak<Inner>| {
            let inner = inner.clone();
            Inner {
                place,
                hears: Box::new(hears),
                jobs: RefCell::default(),
                running: RefCell::default(),
                last_request: Cell::new(0),
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

    /// All of them, in the order they came.
    pub fn list(&self) -> Vec<Intake> {
        self.0.jobs.borrow().iter().map(Job::view).collect()
    }

    /// Takes files from a view. Those that were taken already are not taken twice.
    ///
    /// # Errors
    /// When they cannot be shared; nothing is kept then.
    pub fn take(&self, share: Share) -> Result<(), Problem> {
        if self.with_job(&share.id, |_| ()).is_some() {
            return Ok(());
        }
        self.check(&share)?;
        self.0.jobs.borrow_mut().push(Job::of(share));
        self.changed();
        self.run();
        Ok(())
    }

    fn check(&self, share: &Share) -> Result<(), Problem> {
        if let Err(error) = &*self.0.place.store {
            return Err(error.clone().into());
        }
        share.check()?;
        if self.0.jobs.borrow().len() >= limits::MAX_INTAKES {
            return Err(Problem::TooManyTransfers);
        }
        Ok(())
    }

    /// Does not take these in after all, or forgets that they could not be.
    pub fn drop_intake(&self, id: &IntakeId) {
        let too_late = self.with_job(id, |job| {
            if let Stage::Sharing { dropped, .. } = &mut job.stage {
                *dropped = true;
                true
            } else {
                false
            }
        });
        if too_late == Some(false) {
            self.forget(id);
        }
    }

    /// Gives the intakes a reply of the node; false if it is to somebody else.
    pub fn hear(&self, event: &Event) -> bool {
        let asked = |job: &Job| match job.stage {
            Stage::Sharing { request, dropped } if Some(request) == event.request() => {
                Some((job.share.id.clone(), dropped))
            }
            _ => None,
        };
        let job = self.0.jobs.borrow().iter().find_map(asked);
        let Some((id, dropped)) = job else {
            return false;
        };
        match event {
            Event::Refused { problem, .. } if !dropped => self.stop(&id, problem.clone()),
            Event::Refused { .. } => self.forget(&id),
            _ => {
                self.remove(&id);
            }
        }
        true
    }

    fn with_job<R>(&self, id: &IntakeId, change: impl FnOnce(&mut Job) -> R) -> Option<R> {
        let mut jobs = self.0.jobs.borrow_mut();
        jobs.iter_mut().find(|job| job.share.id == *id).map(change)
    }

    /// Takes it off the list.
    fn remove(&self, id: &IntakeId) -> Option<Job> {
        let mut jobs = self.0.jobs.borrow_mut();
        let place = jobs.iter().position(|job| job.share.id == *id)?;
        let job = jobs.remove(place);
        drop(jobs);
        self.changed();
        Some(job)
    }

    /// Takes it off the list, and what it left out of the store.
    fn forget(&self, id: &IntakeId) {
        self.halt(id);
        if let Some(mut job) = self.remove(id) {
            self.0.place.let_go(job.release());
        }
        self.run();
    }

    /// It goes no further. What of it is in the store has no use any more: there may be no room.
    fn stop(&self, id: &IntakeId, problem: Problem) {
        self.halt(id);
        let holds = self.with_job(id, |job| {
            job.stage = Stage::Stopped(problem);
            job.release()
        });
        self.0.place.let_go(holds.unwrap_or_default());
        self.changed();
        self.run();
    }

    /// Stops the worker, if it works for this one.
    fn halt(&self, id: &IntakeId) {
        let mut running = self.0.running.borrow_mut();
        let halted = running.take_if(|running| running.intake == *id);
        drop(running);
        drop(halted);
    }

    /// Starts with the first that waits, unless one is being taken in.
    fn run(&self) {
        if self.0.running.borrow().is_some() {
            return;
        }
        let waits = |job: &&Job| matches!(job.stage, Stage::Taking);
        let first = self
            .0
            .jobs
            .borrow()
            .iter()
            .find(waits)
            .map(|job| job.share.id.clone());
        let Some(intake) = first else { return };
        let (this, of) = (Rc::downgrade(&self.0), intake.clone());
        let helper = Helper::start(&self.0.place.script, move |said| {
            if let Some(inner) = this.upgrade() {
                Self(inner).hear_worker(&of, said);
            }
        });
        match helper {
            Ok(helper) => {
                let running = Running {
                    intake: intake.clone(),
                    file: 0,
                    helper,
                };
                *self.0.running.borrow_mut() = Some(running);
                self.hash(&intake, 0);
            }
            Err(error) => self.stop(&intake, no_worker(&js::text_of(&error))),
        }
    }

    fn post(&self, message: &ToWorker) {
        if let Some(running) = &*self.0.running.borrow() {
            running.helper.post(message);
        }
    }

    /// Hashes the file at this place, or shares them all if there is none.
    fn hash(&self, intake: &IntakeId, place: usize) {
        let hash = self.with_job(intake, |job| {
            let file = job.share.files.get(place)?.clone();
            let name = job.files.get(place)?.info.name.clone();
            Some(ToWorker::Hash { file, name })
        });
        match hash.flatten() {
            Some(hash) => {
                if let Some(running) = &mut *self.0.running.borrow_mut() {
                    running.file = place;
                }
                self.post(&hash);
            }
            None => self.share(intake),
        }
    }

    fn share(&self, intake: &IntakeId) {
        self.halt(intake);
        let request = RequestId(self.0.last_request.get() + 1);
        self.0.last_request.set(request.0);
        let command = self.with_job(intake, |job| {
            let dropped = false;
            job.stage = Stage::Sharing { request, dropped };
            Command::Share {
                channel: job.share.channel,
                text: job.share.text.clone(),
                files: job.resources(),
            }
        });
        self.changed();
        self.run();
        if let Some(command) = command {
            self.0.hears.ask(request, command);
        }
    }

    fn hear_worker(&self, intake: &IntakeId, said: Result<FromWorker, String>) {
        let place = match &*self.0.running.borrow() {
            Some(running) if running.intake == *intake => running.file,
            _ => return,
        };
        match said {
            Ok(FromWorker::Progress(bytes)) => self.progress(intake, place, |file| {
                // Stored, if it is hashed.
                let hashed = file.resource.as_ref().map_or(0, |_| file.info.length);
                hashed + bytes
            }),
            Ok(FromWorker::Hashed { id, md5 }) => self.hashed(intake, place, id, md5),
            Ok(FromWorker::Kept) => self.kept(intake, place),
            Ok(FromWorker::Failed(problem)) => self.stop(intake, problem),
            Ok(_) => {}
            Err(detail) => self.stop(intake, no_worker(&detail)),
        }
    }

    fn progress(&self, intake: &IntakeId, place: usize, done: impl FnOnce(&JobFile) -> u64) {
        self.with_job(intake, |job| {
            if let Some(file) = job.files.get_mut(place) {
                file.done_bytes = done(file);
            }
        });
        self.changed();
    }

    /// Makes the file's entry, and has the file stored if it is not there already.
    fn hashed(&self, intake: &IntakeId, place: usize, id: ResourceId, md5: Md5) {
        let descriptor = self.with_job(intake, |job| {
            let file = job.files.get_mut(place)?;
            file.resource = Some(self.0.place.held.hold(id));
            file.done_bytes = file.info.length;
            let IntakeFile {
                name,
                length,
                media_type,
            } = file.info.clone();
            Some(Descriptor {
                id,
                length,
                md5,
                name,
                media_type,
            })
        });
        let Some(descriptor) = descriptor.flatten() else {
            return;
        };
        self.changed();
        let entry = ResourceEntry {
            descriptor,
            channels: BTreeSet::new(),
            paused: false,
            added: self.0.clock.now(),
            // By the worker, of all bytes.
            md5_checked: true,
            automatic: None,
        };
        let (this, intake) = (self.clone(), intake.clone());
        spawn_local(async move {
            let whole = match &*this.0.place.store {
                Ok(store) => store.add_resource(&entry).await,
                Err(error) => Err(error.clone()),
            };
            let running = this
                .0
                .running
                .borrow()
                .as_ref()
                .map(|r| (r.intake.clone(), r.file));
            if running != Some((intake.clone(), place)) {
                // It was dropped meanwhile, and removing the entry was asked of the store after adding it.
                return;
            }
            match whole {
                Ok(true) => this.kept(&intake, place),
                Ok(false) => {
                    let database = this.0.place.database.clone();
                    this.post(&ToWorker::Keep { database });
                }
                Err(error) => this.stop(&intake, error.into()),
            }
        });
    }

    fn kept(&self, intake: &IntakeId, place: usize) {
        self.progress(intake, place, |file| 2 * file.info.length);
        self.hash(intake, place + 1);
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

/// A worker is of no more use.
pub(super) fn no_worker(detail: &str) -> Problem {
    let detail = format!("a worker failed: {detail}");
    Problem::StoreUnavailable { detail }
}
