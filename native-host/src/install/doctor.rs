//! `doctor`: what is wrong between browsers, this program and its daemon, and how to mend it.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum, builder::PossibleValue};
use serde_json::{Value, json};

use super::{
    InstallError, autostart,
    browsers::{Bases, Browser, Kind, System, in_profile},
    chosen,
    manifest::{ExtensionId, Manifest},
    registry, tell, this_program,
};
use crate::client::{self, ClientError};

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
pub(crate) struct DoctorArgs {
    /// The extension's id, if it is not Catnest's own: for one that somebody built. [default: Catnest's own]
    #[arg(long, value_name = "ID")]
    extension_id: Vec<ExtensionId>,

    /// Look at a browser of Chromium's kin, too, that is started with --user-data-dir. [default: none]
    #[arg(long, value_name = "DIRECTORY")]
    user_data_dir: Option<PathBuf>,

    /// Answer with JSON, in one line, on standard output.
    #[arg(long)]
    json: bool,
}

/// Who finds a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    /// A browser where it is by itself.
    Browser(Browser),
    /// One that is started with this directory.
    Profile(PathBuf),
}

impl Origin {
    fn kind(&self) -> Kind {
        match self {
            Self::Browser(browser) => browser.kind(),
            Self::Profile(_) => Kind::Chromium,
        }
    }

    /// What has it find this program.
    fn install(&self) -> String {
        match self {
            Self::Browser(browser) => {
                let name = browser.to_possible_value();
                let name = name.as_ref().map_or("", PossibleValue::get_name);
                format!("catnest-host install --browser {name}")
            }
            Self::Profile(folder) => {
                format!(
                    "catnest-host install --user-data-dir \"{}\"",
                    folder.display()
                )
            }
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Browser(browser) => browser.fmt(f),
            Self::Profile(folder) => folder.display().fmt(f),
        }
    }
}

/// One manifest that a browser finds.
#[derive(Clone, Debug)]
struct Found {
    origin: Origin,
    file: PathBuf,
    /// It is for all users of the machine.
    for_all: bool,
    /// What is in it, or why that is not known.
    manifest: Result<Manifest, String>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    what: String,
    cure: String,
}

/// What is known of a program that a manifest names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Program {
    Missing,
    NotExecutable,
    Fine,
}

/// Looks at everything.
pub(crate) async fn doctor(args: &DoctorArgs) -> Result<ExitCode, InstallError> {
    let (system, bases) = (System::HERE, Bases::here()?);
    let this = this_program()?;
    let mut found = look(system, &bases);
    // Those that should find one.
    let started = chosen(&[], system, &bases).into_iter();
    let mut used: Vec<Origin> = started.map(Origin::Browser).collect();
    if let Some(profile) = &args.user_data_dir {
        let origin = Origin::Profile(profile.clone());
        found.extend(read(&origin, in_profile(profile), false));
        used.push(origin);
    }
    let mut findings = examine(&found, &this, &args.extension_id, program);
    let is_right = |one: &Found| {
        let one = std::slice::from_ref(one);
        examine(one, &this, &args.extension_id, program).is_empty()
    };
    let unaware = without(&used, &found, found.iter().any(is_right));
    findings.extend(unaware.findings);
    findings.extend(autostart::fault(&bases, &this).map(|fault| Finding {
        what: format!("autostart: {fault}"),
        cure: "catnest-host install --autostart; or, to have none: catnest-host uninstall, and install anew".to_owned(),
    }));
    let mut notes = unaware.notes;
    notes.extend(walled(system, &bases));
    let daemon = client::daemon_version().await;
    findings.extend(examine_daemon(&daemon));
    let report = Report {
        found: &found,
        findings: &findings,
        notes: &notes,
        daemon: daemon.as_deref().ok(),
    };
    if args.json {
        tell(&report.json().to_string());
    } else {
        report.tell();
    }
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// All manifests that the browsers of this user find.
fn look(system: System, bases: &Bases) -> Vec<Found> {
    let mut found = Vec::new();
    for browser in Browser::all() {
        let own = match system {
            // The first key that is there counts.
            System::Windows => {
                let named = browser.keys().into_iter();
                let mut named = named.filter_map(|key| registry::get(&key).ok().flatten());
                named.next()
            }
            System::Linux | System::MacOs => Some(browser.manifest(system, bases)),
        };
        let origin = Origin::Browser(*browser);
        found.extend(own.and_then(|file| read(&origin, file, false)));
        for file in browser.manifests_for_all(system) {
            found.extend(read(&origin, file, true));
        }
    }
    found
}

fn read(origin: &Origin, file: PathBuf, for_all: bool) -> Option<Found> {
    let manifest = match fs::read(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => Err(error.to_string()),
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
    };
    Some(Found {
        origin: origin.clone(),
        file,
        for_all,
        manifest,
    })
}

fn program(path: &Path) -> Program {
    let Ok(metadata) = fs::metadata(path) else {
        return Program::Missing;
    };
    if !metadata.is_file() {
        return Program::Missing;
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 == 0 {
        return Program::NotExecutable;
    }
    Program::Fine
}

/// What is wrong with the manifests.
fn examine(
    found: &[Found],
    this: &Path,
    more: &[ExtensionId],
    program: impl Fn(&Path) -> Program,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The first program that is there: all should name it.
    let mut first: Option<&Path> = None;
    for one in found {
        let (browser, file) = (&one.origin, one.file.display());
        let install = one.origin.install();
        let anew = if one.for_all {
            format!("remove {file} as an administrator, then: {install}")
        } else {
            install
        };
        let mut finding = |what: String, cure: String| findings.push(Finding { what, cure });
        let manifest = match &one.manifest {
            Ok(manifest) if manifest.is_ours() => manifest,
            Ok(_) => {
                finding(format!("{browser}: {file} is for another program"), anew);
                continue;
            }
            Err(why) => {
                finding(format!("{browser}: {file} cannot be read: {why}"), anew);
                continue;
            }
        };
        let named = &manifest.path;
        match program(named) {
            Program::Missing => {
                let what = format!(
                    "{browser}: {file} names {}, which is not there",
                    named.display()
                );
                finding(what, anew.clone());
            }
            Program::NotExecutable => {
                let what = format!(
                    "{browser}: {file} names {}, which is no program that can be run",
                    named.display()
                );
                // Whatever else somebody named is not to become a program by our word.
                let is_host = named.file_name() == this.file_name();
                let cure = if is_host {
                    format!("chmod u+x {}", named.display())
                } else {
                    anew.clone()
                };
                finding(what, cure);
            }
            Program::Fine if first.is_some_and(|first| first != named) || named != this => {
                let what = format!(
                    "{browser}: two hosts: {file} names {}, and this one is {}",
                    named.display(),
                    this.display()
                );
                finding(
                    what,
                    format!("remove the one that is not wanted, and with the other: {anew}"),
                );
            }
            Program::Fine => {}
        }
        if program(named) == Program::Fine {
            first = first.or(Some(named));
        }
        let kind = one.origin.kind();
        let ours = ExtensionId::ours(kind);
        let wanted = more.iter().filter(|id| id.kind == kind);
        let mut wanted: Vec<&ExtensionId> = wanted.collect();
        if wanted.is_empty() {
            wanted.push(&ours);
        }
        for id in wanted {
            if !manifest.allows(id) {
                let flag = if *id == ours {
                    String::new()
                } else {
                    format!(" --extension-id {}", id.id)
                };
                let what = format!("{browser}: {file} does not let the extension {} in", id.id);
                finding(what, format!("{anew}{flag}"));
            }
        }
    }
    findings
}

/// What is to be said of browsers that find no manifest.
#[derive(Debug, Default, PartialEq, Eq)]
struct Unaware {
    findings: Vec<Finding>,
    notes: Vec<String>,
}

/// Which of the browsers that are used find no manifest. Where one finds this program as it should, the others may have been
/// left out on purpose: that is worth a note. A directory that somebody named is what they ask about.
fn without(used: &[Origin], found: &[Found], one_is_right: bool) -> Unaware {
    let mut unaware = Unaware::default();
    if used.is_empty() && found.is_empty() {
        unaware.findings.push(Finding {
            what: "no browser knows of this program, and none was started by this user".to_owned(),
            cure: "start a browser, then: catnest-host install; or name one: catnest-host install --browser BROWSER"
                .to_owned(),
        });
    }
    let lost = used
        .iter()
        .filter(|origin| found.iter().all(|one| one.origin != **origin));
    for origin in lost {
        let cure = origin.install();
        match origin {
            Origin::Browser(browser) if one_is_right => unaware.notes.push(format!(
                "{browser} does not know of this program; if it should: {cure}"
            )),
            _ => unaware.findings.push(Finding {
                what: format!("{origin}: does not know of this program"),
                cure,
            }),
        }
    }
    unaware
}

/// Browsers that cannot start programs at all: nothing that could be mended here.
fn walled(system: System, bases: &Bases) -> Vec<String> {
    let mut notes = Vec::new();
    for browser in Browser::all() {
        let folders = browser.walled(system, bases);
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            notes.push(format!(
                "the {browser} of {} is in a sandbox that lets it start no program: to have the host there, use one \
                 that is no snap and no flatpak",
                folder.display()
            ));
        }
    }
    notes
}

/// What is wrong with the daemon. That none runs is fine: a browser starts one.
fn examine_daemon(daemon: &Result<String, ClientError>) -> Option<Finding> {
    let this = env!("CARGO_PKG_VERSION");
    match daemon {
        Ok(version) if version == this => None,
        Ok(version) => Some(Finding {
            what: format!("the daemon that runs is version {version}, and this program {this}"),
            cure: "catnest-host stop; the next browser starts the new one".to_owned(),
        }),
        Err(ClientError::NoDaemon(_)) => None,
        Err(error) => Some(Finding {
            what: format!("the daemon is not reached: {error}"),
            cure: "end the program that has its directory, or choose another one with --data"
                .to_owned(),
        }),
    }
}

/// What was found out.
struct Report<'a> {
    found: &'a [Found],
    findings: &'a [Finding],
    notes: &'a [String],
    /// The version of the daemon that runs.
    daemon: Option<&'a str>,
}

impl Report<'_> {
    fn json(&self) -> Value {
        let host = |one: &Found| {
            let program = one.manifest.as_ref().ok().map(|manifest| &manifest.path);
            json!({ "browser": one.origin.to_string(), "manifest": one.file, "program": program })
        };
        let finding = |one: &Finding| json!({ "what": one.what, "cure": one.cure });
        json!({
            "hosts": self.found.iter().map(host).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "notes": self.notes,
            "daemon": self.daemon,
        })
    }

    fn tell(&self) {
        for one in self.found {
            if let Ok(manifest) = &one.manifest {
                tell(&format!(
                    "{}: finds {}",
                    one.origin,
                    manifest.path.display()
                ));
            }
        }
        match self.daemon {
            Some(version) => tell(&format!("the daemon runs, version {version}")),
            None => tell("no daemon runs; a browser or `catnest-host daemon` starts it"),
        }
        for note in self.notes {
            tell(&format!("note: {note}"));
        }
        for finding in self.findings {
            tell(&format!("! {}\n  mend it: {}", finding.what, finding.cure));
        }
        if self.findings.is_empty() {
            tell("all is well");
        }
    }
}

#[cfg(test)]
mod tests;
