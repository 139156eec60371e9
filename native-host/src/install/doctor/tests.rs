//! Each fault of a manifest, found.

use super::*;

const THIS: &str = "/opt/catnest-host";

fn found(browser: Browser, for_all: bool, manifest: Manifest) -> Found {
    Found {
        origin: Origin::Browser(browser),
        file: format!("/{browser}.json").into(),
        for_all,
        manifest: Ok(manifest),
    }
}

fn manifest(kind: Kind, program: &str) -> Manifest {
    Manifest::new(kind, Path::new(program), &[ExtensionId::ours(kind)])
}

fn known(path: &Path) -> Program {
    match path.to_str() {
        Some("/missing") => Program::Missing,
        Some("/plain" | "/opt/old/catnest-host") => Program::NotExecutable,
        _ => Program::Fine,
    }
}

#[test]
fn each_fault_names_its_cure() {
    let chrome = |program| found(Browser::Chrome, false, manifest(Kind::Chromium, program));
    let firefox = |program| found(Browser::Firefox, false, manifest(Kind::Firefox, program));
    let for_all = Found {
        for_all: true,
        ..chrome("/usr/bin/catnest-host")
    };
    let no_ids = Manifest::new(Kind::Chromium, Path::new(THIS), &[]);
    let unread = Found {
        manifest: Err("no JSON".to_owned()),
        ..chrome(THIS)
    };
    let mut other = manifest(Kind::Chromium, THIS);
    other.name = "other.host".to_owned();
    let cases = [
        (
            vec![chrome("/missing")],
            "names /missing, which is not there",
            "catnest-host install --browser chrome",
        ),
        (
            vec![chrome("/opt/old/catnest-host")],
            "names /opt/old/catnest-host, which is no program",
            "chmod u+x /opt/old/catnest-host",
        ),
        // Not a host at all: nobody is told to make a program of it.
        (
            vec![chrome("/plain")],
            "names /plain, which is no program",
            "catnest-host install --browser chrome",
        ),
        (
            vec![chrome("/opt/old")],
            "two hosts: /Chrome.json names /opt/old",
            "remove the one",
        ),
        (
            vec![chrome(THIS), firefox("/opt/old")],
            "Firefox: two hosts",
            "remove the one",
        ),
        (
            vec![chrome(THIS), for_all],
            "names /usr/bin/catnest-host",
            "as an administrator",
        ),
        (
            vec![found(Browser::Chrome, false, no_ids)],
            "does not let the extension pnpkmekembamgbadefiddfiodipbgpph in",
            "catnest-host install --browser chrome",
        ),
        (
            vec![unread],
            "/Chrome.json cannot be read: no JSON",
            "catnest-host install --browser chrome",
        ),
        (
            vec![found(Browser::Chrome, false, other)],
            "/Chrome.json is for another program",
            "catnest-host install --browser chrome",
        ),
    ];
    for (found, what, cure) in cases {
        let findings = examine(&found, Path::new(THIS), &[], known);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].what.contains(what), "{findings:?}");
        assert!(findings[0].cure.contains(cure), "{findings:?}");
    }
    let well = [chrome(THIS), firefox(THIS)];
    assert_eq!(examine(&well, Path::new(THIS), &[], known), []);
}

#[test]
fn an_extension_of_ones_own_is_asked_for_in_place_of_ours() {
    let id: ExtensionId = "abcdefghijklmnopabcdefghijklmnop".parse().unwrap();
    let ids = std::slice::from_ref(&id);
    let allowed = Manifest::new(Kind::Chromium, Path::new(THIS), ids);
    let well = [found(Browser::Chrome, false, allowed)];
    assert_eq!(examine(&well, Path::new(THIS), ids, known), []);
    let ours = [found(
        Browser::Chrome,
        false,
        manifest(Kind::Chromium, THIS),
    )];
    let findings = examine(&ours, Path::new(THIS), ids, known);
    assert_eq!(findings.len(), 1);
    assert!(
        findings[0]
            .cure
            .ends_with("--extension-id abcdefghijklmnopabcdefghijklmnop")
    );
}

#[test]
fn of_the_browsers_that_are_used_one_has_to_find_it() {
    let none = without(&[], &[], false).findings;
    assert!(none[0].what.starts_with("no browser knows of this program"));
    assert!(
        none[0]
            .cure
            .contains("start a browser, then: catnest-host install;")
    );

    let chrome = [found(
        Browser::Chrome,
        false,
        manifest(Kind::Chromium, THIS),
    )];
    assert_eq!(without(&[], &chrome, true), Unaware::default());
    let profile = Origin::Profile("/users/ann/a profile".into());
    let used = [
        Origin::Browser(Browser::Chrome),
        Origin::Browser(Browser::Firefox),
        profile.clone(),
    ];
    let firefox = (
        "Firefox: does not know of this program",
        "catnest-host install --browser firefox",
    );
    let named = (
        "/users/ann/a profile: does not know of this program",
        "catnest-host install --user-data-dir \"/users/ann/a profile\"",
    );
    let note = "Firefox does not know of this program; if it should: catnest-host install --browser firefox";
    for (one_is_right, findings, notes) in [
        (false, &[firefox, named][..], &[][..]),
        // It was left out, and the directory was asked about.
        (true, &[named], &[note]),
    ] {
        let unaware = without(&used, &chrome, one_is_right);
        let told = unaware.findings.iter();
        let told: Vec<(&str, &str)> = told.map(|of| (&*of.what, &*of.cure)).collect();
        assert_eq!(told, findings);
        assert_eq!(unaware.notes, notes);
    }
    // One for all users will do.
    let for_all = Found {
        for_all: true,
        ..chrome[0].clone()
    };
    let nothing = Unaware::default();
    assert_eq!(without(&used[..1], &[for_all], true), nothing);
    let own = Found {
        origin: profile.clone(),
        manifest: Err("no JSON".to_owned()),
        ..chrome[0].clone()
    };
    let found = std::slice::from_ref(&own);
    assert_eq!(without(&[profile], found, false), nothing);
    let findings = examine(&[own], Path::new(THIS), &[], known);
    assert!(findings[0].cure.contains("--user-data-dir"), "{findings:?}");
}
