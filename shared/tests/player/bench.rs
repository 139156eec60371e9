//! A player on a bench: with a clock, and an element that says what the test has it say.
#![allow(dead_code, reason = "each test file uses some of it")]

use catnest::{
    entropy::Entropy,
    music::{
        TrackTime,
        player::{
            Activity, Fact, GuestCommand, Intent, LoadKey, Player, PlayerOutput, Report, State,
        },
    },
    resource::ResourceId,
    time::Millis,
};

pub(crate) const MINUTE: u64 = 60_000;

pub(crate) fn track(n: u8) -> ResourceId {
    ResourceId([n; 32])
}

/// A player with a clock, and what it had done.
pub(crate) struct Bench {
    pub(crate) player: Player,
    pub(crate) now: Millis,
    /// What the driver was told since it was looked at last; news for views and stores left out.
    pub(crate) done: Vec<PlayerOutput>,
    pub(crate) told: Vec<PlayerOutput>,
    pub(crate) load: LoadKey,
    pub(crate) banned: Vec<ResourceId>,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            player: Player::new(Entropy::from_seed([1; 32])),
            now: Millis(1_000_000),
            done: Vec::new(),
            told: Vec::new(),
            load: LoadKey(0),
            banned: Vec::new(),
        }
    }

    /// One that plays the first of so many tracks, one minute each.
    pub(crate) fn playing(tracks: u8) -> Self {
        let mut bench = Self::new();
        bench.click(tracks, 0);
        bench.sounds();
        bench.done.clear();
        bench
    }

    pub(crate) fn click(&mut self, tracks: u8, row: usize) {
        let list = (1..=tracks).map(track).collect();
        self.wants(Intent::PlayList { list, row });
    }

    pub(crate) fn wants(&mut self, intent: Intent) {
        let banned = self.banned.clone();
        self.player
            .intent(self.now, intent, &|id| !banned.contains(&id));
        self.drain();
    }

    pub(crate) fn follows(&mut self, command: GuestCommand) {
        self.player.guest(self.now, command, &|_| true);
        self.drain();
    }

    pub(crate) fn says(&mut self, fact: Fact, position: u64) {
        self.says_of(self.load, fact, position);
    }

    pub(crate) fn says_of(&mut self, load: LoadKey, fact: Fact, position: u64) {
        let banned = self.banned.clone();
        let report = Report {
            load,
            position: TrackTime(position),
            fact,
        };
        self.player
            .report(self.now, report, &|id| !banned.contains(&id));
        self.drain();
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.player.poll() {
            match output {
                PlayerOutput::Load { key, .. } => {
                    self.load = key;
                    self.done.push(output);
                }
                PlayerOutput::Unload
                | PlayerOutput::Play
                | PlayerOutput::Pause
                | PlayerOutput::Seek(_) => self.done.push(output),
                _ => self.told.push(output),
            }
        }
    }

    /// The element has loaded what it was given, and plays.
    pub(crate) fn sounds(&mut self) {
        let duration = Some(TrackTime(MINUTE));
        self.says(Fact::Loaded { duration }, 0);
        self.says(Fact::Playing, 0);
    }

    pub(crate) fn passes(&mut self, milliseconds: u64) {
        self.now = Millis(self.now.0 + milliseconds);
    }

    /// Plays for so long, as elements report it.
    pub(crate) fn plays(&mut self, milliseconds: u64) {
        let from = self.position();
        for step in 1..=milliseconds / 250 {
            self.passes(250);
            self.says(Fact::Time, from + step * 250);
        }
    }

    pub(crate) fn ends(&mut self) {
        self.says(Fact::Paused, MINUTE);
        self.says(Fact::Ended, MINUTE);
    }

    pub(crate) fn position(&self) -> u64 {
        self.state().position_at(self.now).0
    }

    pub(crate) fn state(&self) -> State {
        self.player.state()
    }

    #[track_caller]
    pub(crate) fn is(&self, activity: Activity, n: u8) {
        let state = self.state();
        let resource = state.track.map(|track| track.resource);
        assert_eq!((state.activity, resource), (activity, Some(track(n))));
    }

    /// Which tracks were loaded, since it was looked at last.
    pub(crate) fn loads(&mut self) -> Vec<ResourceId> {
        let load = |output| match output {
            PlayerOutput::Load { resource, .. } => Some(resource),
            _ => None,
        };
        std::mem::take(&mut self.done)
            .into_iter()
            .filter_map(load)
            .collect()
    }
}
