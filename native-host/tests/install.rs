//! `install`, `uninstall` and `doctor` in a home of their own.
#![cfg(target_os = "linux")]

mod common;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use common::daemon::{Home, copy_program, ended};
use serde_json::Value;

const CHROMIUM: &str = ".config/chromium/NativeMessagingHosts/catnest.host.json";
const FIREFOX: &str = ".mozilla/native-messaging-hosts/catnest.host.json";
/// What the two write when they are started.
const CHROMIUM_TRACE: &str = ".config/chromium/Local State";
const FIREFOX_TRACE: &str = ".config/mozilla/firefox/profiles.ini";
/// What `uninstall` says at its end.
const OTHERS: &str =
    "what was installed with --user-data-dir is removed with the same option, and not by this\n";

/// Has it look as if the user had started a browser.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn start(home: &Home, trace: &str) {
    let file = home.path().join(trace);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, "{}").unwrap();
}

#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What `doctor` finds: what is wrong, and the cure, line by line.
#[expect(
    clippy::unwrap_used,
    reason = "a helper of tests: clippy knows only the tests themselves"
)]
async fn findings(home: &Home) -> Vec<(String, String)> {
    let (code, stdout, stderr) = home.run(&["doctor", "--json"]).await;
    let report: Value = serde_json::from_str(&stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let expected = if findings.is_empty() { 0 } else { 1 };
    assert_eq!(code, Some(expected), "{stdout}{stderr}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .iter()
        .map(|one| (text(&one["what"]), text(&one["cure"])))
        .collect()
}

#[tokio::test]
async fn browsers_that_were_started_find_the_program_until_it_is_uninstalled() {
    let home = Home::new();
    let (code, _, stderr) = home.run(&["install"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("no browser was found"), "{stderr}");

    start(&home, CHROMIUM_TRACE);
    start(&home, FIREFOX_TRACE);
    // What somebody else put there, for a browser that is not here.
    let chrome = ".config/google-chrome/NativeMessagingHosts";
    fs::create_dir_all(home.path().join(chrome)).unwrap();
    let own = "abcdefghijklmnopabcdefghijklmnop";
    let (code, stdout, stderr) = home.run(&["install", "--extension-id", own]).await;
    assert_eq!(code, Some(0), "{stderr}");
    let files = [CHROMIUM, FIREFOX].map(|file| home.path().join(file));
    assert_eq!(
        stdout,
        format!(
            "Chromium: {}\nFirefox: {}\n",
            files[0].display(),
            files[1].display()
        )
    );
    let binary = fs::canonicalize(env!("CARGO_BIN_EXE_catnest-host")).unwrap();
    for file in &files {
        let manifest = json(file);
        assert_eq!(manifest["path"], binary.to_str().unwrap());
        assert_eq!(manifest["name"], "catnest.host");
        assert_eq!(manifest["type"], "stdio");
    }
    let origins = &json(&files[0])["allowed_origins"];
    assert_eq!(origins[0], common::daemon::ORIGIN);
    assert_eq!(origins[1], format!("chrome-extension://{own}/"));
    assert_eq!(
        json(&files[1])["allowed_extensions"][0],
        "catnest@catnest.invalid"
    );
    assert_eq!(findings(&home).await, []);
    let (_, table, _) = home.run(&["doctor"]).await;
    assert!(table.ends_with("all is well\n"), "{table}");

    let (code, stdout, stderr) = home.run(&["uninstall"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout.lines().count(), 3, "{stdout}");
    assert!(stdout.ends_with(OTHERS), "{stdout}");
    assert!(files.iter().all(|file| !file.exists()));
    // There is nothing to do any more.
    let (code, stdout, _) = home.run(&["uninstall"]).await;
    let nothing = format!("nothing was installed\n{OTHERS}");
    assert_eq!((code, stdout), (Some(0), nothing));
}

#[tokio::test]
async fn a_browser_can_be_named_and_so_can_its_directory() {
    let home = Home::new();
    let vivaldi = home
        .path()
        .join(".config/vivaldi/NativeMessagingHosts/catnest.host.json");
    let (code, _, stderr) = home.run(&["install", "--browser", "vivaldi"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(vivaldi.exists());
    let (_, stdout, _) = home.run(&["uninstall", "--browser", "chrome"]).await;
    let nothing = format!("nothing was installed for Chrome\n{OTHERS}");
    assert_eq!(stdout, nothing);
    assert!(vivaldi.exists());
    home.run(&["uninstall", "--browser", "vivaldi"]).await;
    assert!(!vivaldi.exists());
    // The folder could be the browser's own, and stays; it does not look as if somebody used it.
    let folder = home.path().join(".config/vivaldi");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    let (code, _, stderr) = home.run(&["install"]).await;
    assert_eq!(code, Some(1));
    assert!(stderr.contains("no browser was found"), "{stderr}");

    let profile = home.path().join("a profile");
    let flags = ["--user-data-dir", profile.to_str().unwrap()];
    let (code, _, stderr) = home.run(&[&["install"], &flags[..]].concat()).await;
    assert_eq!(code, Some(0), "{stderr}");
    let manifest = profile.join("NativeMessagingHosts/catnest.host.json");
    assert_eq!(
        json(&manifest)["allowed_origins"][0],
        common::daemon::ORIGIN
    );
    let (code, stdout, _) = home.run(&[&["doctor"], &flags[..]].concat()).await;
    assert_eq!(code, Some(0), "{stdout}");
    // It goes with the option only.
    home.run(&["uninstall"]).await;
    assert!(manifest.exists());
    let uninstall = [&["uninstall"], &flags[..]].concat();
    let (_, stdout, _) = home.run(&uninstall).await;
    assert_eq!(stdout, format!("removed {}\n", manifest.display()));
    assert_eq!(fs::read_dir(&profile).unwrap().count(), 0);
    let (code, stdout, _) = home.run(&uninstall).await;
    let nothing = format!("nothing was installed for {}\n", profile.display());
    assert_eq!((code, stdout), (Some(0), nothing));

    let (code, _, stderr) = home.run(&["install", "--extension-id", "nonsense"]).await;
    assert_eq!(code, Some(2));
    assert!(stderr.contains("32 letters from a to p"), "{stderr}");
}

#[tokio::test]
async fn doctor_names_the_cure_of_each_fault() {
    let home = Home::new();
    let found = findings(&home).await;
    assert_eq!(
        found,
        [(
            "no browser knows of this program, and none was started by this user".into(),
            "start a browser, then: catnest-host install; or name one: catnest-host install --browser BROWSER".into()
        )]
    );

    home.run(&["install", "--browser", "chromium"]).await;
    let file = home.path().join(CHROMIUM);
    let well = fs::read_to_string(&file).unwrap();
    let binary = fs::canonicalize(env!("CARGO_BIN_EXE_catnest-host")).unwrap();
    let binary = binary.to_str().unwrap();
    let plain = home.path().join("plain");
    fs::write(&plain, "no program").unwrap();
    // A host that lost its permission to run.
    let host = home.path().join("catnest-host");
    fs::write(&host, "a program").unwrap();
    let faults = [
        (
            well.replace(binary, "/nowhere/catnest-host"),
            "names /nowhere/catnest-host, which is not there",
            "catnest-host install",
        ),
        (
            well.replace(binary, plain.to_str().unwrap()),
            "is no program that can be run",
            "catnest-host install",
        ),
        (
            well.replace(binary, host.to_str().unwrap()),
            "is no program that can be run",
            "chmod u+x ",
        ),
        (
            well.replace("pnpkmekemb", "aaaaaaaaaa"),
            "does not let the extension pnpkmekembamgbadefiddfiodipbgpph in",
            "catnest-host install",
        ),
        (
            well.replace("catnest.host", "other.host"),
            "is for another program",
            "catnest-host install",
        ),
        (
            well[..40].to_owned(),
            "cannot be read: EOF",
            "catnest-host install",
        ),
        (String::new(), "cannot be read: EOF", "catnest-host install"),
    ];
    for (text, what, cure) in faults {
        fs::write(&file, &text).unwrap();
        let found = findings(&home).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0.contains(what), "{found:?}");
        assert!(found[0].1.starts_with(cure), "{found:?}");
    }
    // The cure cures.
    home.run(&["install", "--browser", "chromium"]).await;
    assert_eq!(findings(&home).await, []);

    // Another copy, which another browser knows.
    let copy: PathBuf = home.path().join("old-catnest-host");
    copy_program(&copy).await;
    let mut install = home.program(copy.to_str().unwrap());
    install.args(["install", "--browser", "firefox"]);
    assert_eq!(ended(install).await.0, Some(0));
    let found = findings(&home).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.starts_with("Firefox: two hosts: "), "{found:?}");
    assert!(found[0].1.contains("catnest-host install"), "{found:?}");

    // A browser that was started finds nothing, while another finds it: it may have been left out.
    fs::remove_file(home.path().join(FIREFOX)).unwrap();
    start(&home, FIREFOX_TRACE);
    assert_eq!(findings(&home).await, []);
    let (code, table, _) = home.run(&["doctor"]).await;
    assert_eq!(code, Some(0));
    let note = "note: Firefox does not know of this program; if it should: catnest-host install \
                --browser firefox\n";
    assert!(table.contains(note), "{table}");
    assert!(table.ends_with("all is well\n"), "{table}");
    // No browser finds it as it should.
    let lost = (
        "Firefox: does not know of this program".to_owned(),
        "catnest-host install --browser firefox".to_owned(),
    );
    fs::write(&file, well.replace(binary, "/nowhere/catnest-host")).unwrap();
    let found = findings(&home).await;
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[1], lost);
    fs::remove_file(&file).unwrap();
    assert_eq!(findings(&home).await, [lost]);
    let (_, table, _) = home.run(&["doctor"]).await;
    assert!(!table.contains("all is well"), "{table}");

    // A browser in a sandbox is worth a word, and nothing to be mended.
    home.run(&["install", "--browser", "chromium"]).await;
    fs::create_dir_all(home.path().join("snap/chromium")).unwrap();
    assert_eq!(findings(&home).await, []);
    let (_, table, _) = home.run(&["doctor"]).await;
    assert!(table.contains("note: the Chromium of "), "{table}");
}

#[tokio::test]
async fn doctor_says_whether_the_daemon_runs() {
    let home = Home::new();
    home.run(&["install", "--browser", "chromium"]).await;
    let (_, table, _) = home.run(&["doctor"]).await;
    assert!(table.contains("no daemon runs"), "{table}");
    let _daemon = home.daemon().await;
    let (_, table, _) = home.run(&["doctor"]).await;
    let runs = concat!("the daemon runs, version ", env!("CARGO_PKG_VERSION"));
    assert!(table.contains(runs), "{table}");
}

#[tokio::test]
async fn autostart_is_a_unit_that_systemd_starts_at_login() {
    let home = Home::new();
    let (code, stdout, stderr) = home.run(&["install", "--autostart"]).await;
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("systemctl --user start catnest-host"),
        "{stdout}"
    );
    let folder = home.path().join(".config/systemd/user");
    let unit = fs::read_to_string(folder.join("catnest-host.service")).unwrap();
    let binary = fs::canonicalize(env!("CARGO_BIN_EXE_catnest-host")).unwrap();
    assert!(
        unit.contains(&format!("ExecStart=\"{}\" daemon", binary.display())),
        "{unit}"
    );
    let link = folder.join("default.target.wants/catnest-host.service");
    assert_eq!(fs::read_to_string(&link).unwrap(), unit);
    // A second time it is the same.
    assert_eq!(home.run(&["install", "--autostart"]).await.0, Some(0));
    let (code, stdout, _) = home.run(&["uninstall"]).await;
    let removed = format!("autostart: removed\n{OTHERS}");
    assert_eq!((code, stdout), (Some(0), removed));
    assert!(fs::symlink_metadata(&link).is_err());
    assert!(!folder.join("catnest-host.service").exists());
}

#[tokio::test]
async fn doctor_tells_when_the_login_starts_another_program() {
    let home = Home::new();
    let installed = home.run(&["install", "--browser", "chromium", "--autostart"]);
    assert_eq!(installed.await.0, Some(0));
    assert_eq!(findings(&home).await, []);
    let unit = home
        .path()
        .join(".config/systemd/user/catnest-host.service");
    fs::write(
        &unit,
        "[Service]\nExecStart=\"/gone/catnest-host\" daemon\n",
    )
    .unwrap();
    let found = findings(&home).await;
    assert_eq!(found.len(), 1, "{found:?}");
    let (what, cure) = &found[0];
    let expected = format!("autostart: {} starts another program", unit.display());
    assert!(what.starts_with(&expected), "{what}");
    assert!(cure.contains("catnest-host install --autostart"), "{cure}");
    home.run(&["install", "--browser", "chromium", "--autostart"])
        .await;
    assert_eq!(findings(&home).await, []);
}

#[tokio::test]
async fn a_browser_that_cannot_be_served_hinders_no_other() {
    let home = Home::new();
    start(&home, CHROMIUM_TRACE);
    start(&home, FIREFOX_TRACE);
    // Nobody can make a folder in a file.
    let wall = home.path().join(".config/chromium/NativeMessagingHosts");
    fs::write(&wall, "").unwrap();
    let firefox = home.path().join(FIREFOX);
    let (code, stdout, stderr) = home.run(&["install"]).await;
    assert_eq!(code, Some(1), "{stdout}");
    assert_eq!(stdout, format!("Firefox: {}\n", firefox.display()));
    let expected = format!("catnest-host: Chromium: {}", wall.display());
    assert!(stderr.starts_with(&expected), "{stderr}");
    assert!(firefox.exists());
    let (code, stdout, stderr) = home.run(&["uninstall"]).await;
    assert_eq!(code, Some(1), "{stdout}");
    assert!(stderr.starts_with(&expected), "{stderr}");
    let removed = format!("Firefox: removed {}\n", firefox.display());
    assert!(stdout.starts_with(&removed), "{stdout}");
    assert!(!firefox.exists());
}

/// What is for the user alone to run is not for others to change.
#[tokio::test]
async fn manifests_can_be_read_and_not_be_run() {
    let home = Home::new();
    home.run(&["install", "--browser", "chromium"]).await;
    let mode = fs::metadata(home.path().join(CHROMIUM))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o133, 0, "{mode:o}");
}
