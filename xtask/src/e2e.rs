//! `cargo xtask e2e`: Catnest as people use it, in a real Chromium.
//!
//! The tests are the crate `catnest-e2e`. It finds what to test in the environment:
//! `CATNEST_EXTENSION` (the loadable folder), `CATNEST_HOST` (the native host's binary),
//! `CATNEST_CHROMIUM` and `CATNEST_CHROMEDRIVER`, `CATNEST_AXE` (the script of axe-core); `CATNEST_E2E_LONG=1` adds the long runs.
//! One of these needs no browser: [`MANY_DEVICES`] is the simulator's.

use std::process::{Command, ExitCode};

use anyhow::{Result, ensure};

use crate::{
    extension::{self, Built},
    files,
    mode::Mode,
    npm, paths,
    process::{self, cargo, native_cargo},
    report::{Counts, Report},
    setup::{self, Chromium},
};

/// Adds the long runs.
const LONG: &str = "CATNEST_E2E_LONG";

/// Which of the tests to run.
#[derive(Default)]
pub(crate) struct Options {
    /// Only those whose name contains this.
    pub(crate) filter: Option<String>,
    /// Those too long for every day as well.
    pub(crate) long: bool,
}

/// The simulator's long run, in `shared/tests/agreement.rs`.
const MANY_DEVICES: &str = "two_hundred_devices_agree";

/// The daemon's long run, in `native-host/tests/daemon_kills.rs`.
const MANY_KILLS: &str = "whoever_kills_it_loses_nothing_that_it_acknowledged";

impl Options {
    /// Whether a test is among them.
    fn include(&self, test: &str) -> bool {
        let filter = self.filter.as_ref();
        filter.is_none_or(|filter| test.contains(filter))
    }

    /// Whether they can be others than those without a browser.
    fn need_browser(&self) -> bool {
        let filter = self.filter.as_deref();
        !self.long || filter != Some(MANY_DEVICES) && filter != Some(MANY_KILLS)
    }
}

/// Builds and runs the tests.
///
/// # Errors
/// When something needed is missing and cannot be installed.
pub(crate) fn command(options: &Options) -> Result<ExitCode> {
    let chromium = if options.need_browser() {
        setup::wasm_target()?;
        Some(setup::chromium()?)
    } else {
        None
    };
    let simulates = options.long && options.include(MANY_DEVICES);
    let kills = options.long && options.include(MANY_KILLS);
    let steps = usize::from(simulates) + usize::from(kills) + chromium.as_ref().map_or(0, |_| 2);
    let mut report = Report::new(steps);
    if simulates {
        report.step("simulator", |counts| {
            process::run_tests(&mut many_devices(), counts)?;
            ensure!(counts.passed == 1, "{MANY_DEVICES} is not there");
            Ok(())
        });
    }
    if kills {
        report.step("kills", |counts| {
            process::run_tests(&mut many_kills(), counts)?;
            ensure!(counts.passed == 1, "{MANY_KILLS} is not there");
            Ok(())
        });
    }
    if let Some(chromium) = &chromium {
        in_browsers(options, chromium, &mut report);
    }
    Ok(report.finish_with_counts())
}

/// The simulator's long run, optimised: signatures are checked by the million.
fn many_devices() -> Command {
    let mut command = cargo("test");
    command
        .args(["--release", "-p", "catnest", "--test", "agreement"])
        .args(["--", "--exact", MANY_DEVICES, "--show-output"])
        .env(LONG, "1");
    command
}

/// The daemon, killed twenty times.
fn many_kills() -> Command {
    let mut command = native_cargo("test");
    command
        .args(["--test", "daemon_kills"])
        .args(["--", "--exact", MANY_KILLS, "--show-output"])
        .env(LONG, "1");
    command
}

fn in_browsers(options: &Options, chromium: &Chromium, report: &mut Report) {
    let mut built = None;
    report.step("build", |_| {
        built = Some(extension::build(Mode::Dev)?);
        Ok(())
    });
    match &built {
        Some(built) => {
            report.step("e2e", |counts| run(options, built, chromium, counts));
        }
        None => report.skip("e2e", "the build failed"),
    }
}

/// Runs the tests on what is built.
///
/// # Errors
/// When one fails.
pub(crate) fn run(
    options: &Options,
    built: &Built,
    chromium: &Chromium,
    counts: &mut Counts,
) -> Result<()> {
    // Screenshots and logs of an earlier run would be taken for those of this one.
    files::fresh_folder(&paths::scratch("e2e"))?;
    let mut command = native_cargo("test");
    command.args(["--test", "e2e", "--no-fail-fast", "--"]);
    command.args(&options.filter);
    // A test waits for half of its time; but the browsers of many, side by side on two cores, make each other late. Of the
    // long ones people read figures.
    let side_by_side = if options.long { 1 } else { 2 };
    command.arg(format!("--test-threads={side_by_side}"));
    // What was measured is told.
    command.arg("--show-output");
    environment(&mut command, built, chromium);
    command.env(
        "CATNEST_AXE",
        npm::install("axe-core", AXE)?.join("axe.min.js"),
    );
    if options.long {
        command.env(LONG, "1");
    }
    process::run_tests(&mut command, counts)
}

/// axe-core, which looks for what keeps people out. Pinned: a new version finds new things.
const AXE: &str = "4.14.1";

/// Tells a command of the crate `catnest-e2e` what to drive.
pub(crate) fn environment(command: &mut Command, built: &Built, chromium: &Chromium) {
    command
        .env("CATNEST_EXTENSION", &built.extension)
        .env("CATNEST_HOST", &built.host)
        .env("CATNEST_CHROMIUM", &chromium.browser)
        .env("CATNEST_CHROMEDRIVER", &chromium.driver);
}
