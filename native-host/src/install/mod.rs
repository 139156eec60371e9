//! `install`, `uninstall` and `doctor`: how the browsers of a user find this program.
//!
//! `browsers` is the table of where they look, `manifest` what they find there, `registry` where Windows says so,
//! `autostart` a unit of systemd, `doctor` what can be wrong with all of it.

mod autostart;
mod browsers;
mod doctor;
mod manifest;
mod registry;

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;

pub(crate) use self::doctor::{DoctorArgs, doctor};
use self::{
    browsers::{Bases, Browser, Kind, System, in_profile},
    manifest::{ExtensionId, Manifest},
};
use crate::{home::NoHome, words::shown};

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
pub(crate) struct InstallArgs {
    /// Only for this browser; may be given several times. [default: all that this user has started]
    #[arg(long, value_name = "BROWSER")]
    browser: Vec<Browser>,

    /// Let this extension use the program, too, beside Catnest's own: for one that somebody built. May be given several
    /// times. [default: none]
    #[arg(long, value_name = "ID")]
    extension_id: Vec<ExtensionId>,

    /// For a browser of Chromium's kin that is started with --user-data-dir: the same directory. [default: none]
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "browser")]
    user_data_dir: Option<PathBuf>,

    /// Have the daemon run from the next login on, browser or not: writes a unit of systemd for this user.
    #[arg(long)]
    autostart: bool,
}

#[derive(Args)]
pub(crate) struct UninstallArgs {
    /// Only for this browser; may be given several times. [default: all, and the unit of systemd]
    #[arg(long, value_name = "BROWSER")]
    browser: Vec<Browser>,

    /// For a browser that is started with --user-data-dir: the same directory. What was installed with this option is
    /// removed with it only. [default: none]
    #[arg(long, value_name = "DIRECTORY", conflicts_with = "browser")]
    user_data_dir: Option<PathBuf>,
}

/// Why browsers do not find this program, or not any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// No home.
    #[error(transparent)]
    NoHome(#[from] NoHome),
    /// Where this program is.
    #[error("it is not known where this program is")]
    Program(#[source] io::Error),
    /// A path that cannot stand in JSON.
    #[error("{} is no text that a browser could read: put the program elsewhere", .0.display())]
    NoText(PathBuf),
    /// No browser.
    #[error("no browser was found: start one first, or name it with --browser")]
    NoBrowser,
    /// A file.
    #[error("{}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A key of the registry.
    #[error("{key}")]
    Key {
        /// Which.
        key: String,
        /// Why.
        source: io::Error,
    },
    /// Some browsers were served, others not.
    #[error("{}", .0.join("; "))]
    Some(Vec<String>),
    /// No systemd.
    #[error("--autostart is for systems with systemd")]
    NoSystemd,
}

impl InstallError {
    /// The units of systemd cannot be read or written.
    fn units(bases: &Bases, source: io::Error) -> Self {
        let path = bases.config.join("systemd/user");
        Self::File { path, source }
    }
}

/// Has browsers find this program.
pub(crate) fn install(args: &InstallArgs) -> Result<ExitCode, InstallError> {
    let (system, bases) = (System::HERE, Bases::here()?);
    if args.autostart && system != System::Linux {
        return Err(InstallError::NoSystemd);
    }
    let program = this_program()?;
    let mut failures = Failures::default();
    if let Some(profile) = &args.user_data_dir {
        let file = in_profile(profile);
        save(&file, Kind::Chromium, &program, &args.extension_id)?;
        tell(&format!("{}", file.display()));
    } else {
        let browsers = chosen(&args.browser, system, &bases);
        if browsers.is_empty() && !args.autostart {
            return Err(InstallError::NoBrowser);
        }
        for browser in browsers {
            let file = browser.manifest(system, &bases);
            let install = || {
                save(&file, browser.kind(), &program, &args.extension_id)?;
                let keys = browser.keys().into_iter();
                for key in keys.filter(|_| system == System::Windows) {
                    registry::set(&key, &file)
                        .map_err(|source| InstallError::Key { key, source })?;
                }
                Ok(format!("{browser}: {}", file.display()))
            };
            failures.tell(browser, install());
        }
    }
    if args.autostart {
        let unit = autostart::install(&bases, &program);
        let unit = unit.map_err(|source| InstallError::units(&bases, source));
        failures.tell(
            "autostart",
            unit.map(|unit| {
                format!(
                    "autostart: {}\nit runs from the next login on; at once with: systemctl --user daemon-reload && \
                     systemctl --user start catnest-host",
                    unit.display()
                )
            }),
        );
    }
    failures.end()
}

/// What went wrong with some browsers or at the login, while the others were served.
#[derive(Default)]
struct Failures(Vec<String>);

impl Failures {
    /// Tells what was done for one, or notes why that failed.
    fn tell(&mut self, of: impl fmt::Display, done: Result<String, InstallError>) {
        match done {
            Ok(done) => tell(&done),
            Err(error) => {
                let error = anyhow::Error::from(error);
                self.0.push(format!("{of}: {error:#}"));
            }
        }
    }

    fn end(self) -> Result<ExitCode, InstallError> {
        if self.0.is_empty() {
            Ok(ExitCode::SUCCESS)
        } else {
            Err(InstallError::Some(self.0))
        }
    }
}

/// Undoes it.
pub(crate) fn uninstall(args: &UninstallArgs) -> Result<ExitCode, InstallError> {
    let (system, bases) = (System::HERE, Bases::here()?);
    if let Some(profile) = &args.user_data_dir {
        let file = in_profile(profile);
        tell(&if remove(&file)? {
            format!("removed {}", file.display())
        } else {
            format!("nothing was installed for {}", profile.display())
        });
        return Ok(ExitCode::SUCCESS);
    }
    let mut removed = false;
    let mut failures = Failures::default();
    let browsers = if args.browser.is_empty() {
        Browser::all()
    } else {
        &args.browser
    };
    for browser in browsers {
        let file = browser.manifest(system, &bases);
        let uninstall = || {
            let keys = browser.keys().into_iter();
            for key in keys.filter(|_| system == System::Windows) {
                let stays = |other: Browser| other.manifest(system, &bases).is_file();
                let heir = browsers::heir(&key, browsers, stays);
                unset(&key, &file, heir.map(|heir| heir.manifest(system, &bases)))?;
            }
            remove(&file)
        };
        let done = uninstall();
        if !matches!(done, Ok(false)) {
            removed = true;
            let done = done.map(|_| format!("{browser}: removed {}", file.display()));
            failures.tell(browser, done);
        }
    }
    if args.browser.is_empty() {
        let had_unit = autostart::uninstall(&bases);
        let had_unit = had_unit.map_err(|source| InstallError::units(&bases, source));
        if !matches!(had_unit, Ok(false)) {
            removed = true;
            failures.tell(
                "autostart",
                had_unit.map(|_| "autostart: removed".to_owned()),
            );
        }
    }
    if !removed {
        tell(&nothing(&args.browser));
    }
    tell(
        "what was installed with --user-data-dir is removed with the same option, and not by this",
    );
    failures.end()
}

/// That there was nothing to remove of the browsers that were named, or of any.
fn nothing(named: &[Browser]) -> String {
    let names: Vec<String> = named.iter().map(Browser::to_string).collect();
    if names.is_empty() {
        return "nothing was installed".to_owned();
    }
    format!("nothing was installed for {}", names.join(", "))
}

/// Removes a key if it names the file that goes. Several browsers may read the same one: for those that stay it names the
/// file of one of them from then on.
fn unset(key: &str, file: &Path, heir: Option<PathBuf>) -> Result<(), InstallError> {
    let unset = || match registry::get(key)? {
        Some(named) if named == file => match &heir {
            Some(heir) => registry::set(key, heir),
            None => registry::remove(key),
        },
        _ => Ok(()),
    };
    unset().map_err(|source| InstallError::Key {
        key: key.to_owned(),
        source,
    })
}

/// The browsers that were named, or those that this user has started.
fn chosen(named: &[Browser], system: System, bases: &Bases) -> Vec<Browser> {
    if !named.is_empty() {
        return named.to_vec();
    }
    let known = |browser: &Browser| {
        let traces = browser.traces(system, bases);
        traces.iter().any(|trace| trace.is_file())
    };
    Browser::all().iter().copied().filter(known).collect()
}

/// Where this program is, as a browser has to name it.
fn this_program() -> Result<PathBuf, InstallError> {
    let program = std::env::current_exe().and_then(fs::canonicalize);
    let program = program.map_err(InstallError::Program)?;
    if program.to_str().is_none() {
        return Err(InstallError::NoText(program));
    }
    Ok(program)
}

fn save(file: &Path, kind: Kind, program: &Path, more: &[ExtensionId]) -> Result<(), InstallError> {
    let ids = [&[ExtensionId::ours(kind)], more].concat();
    let text = Manifest::new(kind, program, &ids).to_text();
    write(file, &text).map_err(|source| InstallError::File {
        path: file.to_owned(),
        source,
    })
}

/// Writes a file in one step: a browser finds the whole of it, or what was there before.
fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(&new, file)
}

/// Removes a manifest; says whether it was there.
fn remove(file: &Path) -> Result<bool, InstallError> {
    let removed = remove_if_there(file).map_err(|source| InstallError::File {
        path: file.to_owned(),
        source,
    })?;
    if removed {
        // The folder that is for manifests alone goes, too, unless there are others in it; what is above is the browser's.
        let _empty = file.parent().map(fs::remove_dir);
    }
    Ok(removed)
}

/// Removes a file; says whether it was there.
fn remove_if_there(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Lines on standard output.
fn tell(text: &str) {
    let mut out = io::stdout().lock();
    // Who does not read it any more does not care.
    let lines = text.lines().map(|line| shown(line) + "\n");
    let _read = io::Write::write_all(&mut out, lines.collect::<String>().as_bytes());
}
