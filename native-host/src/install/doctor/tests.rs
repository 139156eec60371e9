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
        Some("/plain") => Program::NotExecutable,
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
            vec![chrome("/plain")],
            "/plain is no program",
            "chmod u+x /plain",
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
fn each_browser_that_is_used_has_to_find_it() {
    let none = without(&[], &[]);
    assert_eq!(none[0].what, "no browser knows of this program");
    assert_eq!(none[0].cure, "catnest-host install");

    let chrome = [found(
        Browser::Chrome,
        false,
        manifest(Kind::Chromium, THIS),
    )];
    assert_eq!(without(&[], &chrome), []);
    let profile = Origin::Profile("/users/ann/a profile".into());
    let used = [
        Origin::Browser(Browser::Chrome),
        Origin::Browser(Browser::Firefox),
        profile.clone(),
    ];
    let findings = without(&used, &chrome);
    let told = findings.iter();
    let told: Vec<(&str, &str)> = told.map(|of| (&*of.what, &*of.cure)).collect();
    assert_eq!(
        told,
        [
            (
                "Firefox: does not know of this program",
                "catnest-host install --browser firefox"
            ),
            (
                "/users/ann/a profile: does not know of this program",
                "catnest-host install --user-data-dir \"/users/ann/a profile\""
            ),
        ]
    );
    // One for all users will do.
    let for_all = Found {
        for_all: true,
        ..chrome[0].clone()
    };
    assert_eq!(without(&used[..1], &[for_all]), []);
    let own = Found {
        origin: profile.clone(),
        manifest: Err("no JSON".to_owned()),
        ..chrome[0].clone()
    };
    assert_eq!(without(&[profile], std::slice::from_ref(&own)), []);
    let findings = examine(&[own], Path::new(THIS), &[], known);
    assert!(findings[0].cure.contains("--user-data-dir"), "{findings:?}");
}
