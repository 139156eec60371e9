//! Rules about files that no other tool checks.
//!
//! * A Rust file opens with module docs, has at most [`MAX_LINES`] lines and leaves no debug print.
//! * No file names a package registry's host or an absolute path of one machine: such a thing gets
//!   in with a lock file or a log, and is true nowhere else.
//!
//! * A file of tests beside a `tests/main.rs` is a module of that: else it would never run, and nobody would notice.
//!
//! A file whose first line says `@generated` is held only to the second.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{files, paths, process};

/// A longer file wants splitting by meaning.
const MAX_LINES: usize = 500;

/// Checks every file of the tree.
///
/// # Errors
/// When a file breaks a rule; each finding is printed as `path: what is wrong`.
pub(crate) fn check() -> Result<()> {
    let root = paths::root();
    let mut findings = 0;
    for file in tree(&root)? {
        let path = root.join(&file);
        // A file that git knows may be deleted here.
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        // What is not text has no lines to check.
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        let mut found = examine(&file, &text);
        found.extend(never_runs(&root, &file));
        for what in found {
            println!("{}: {what}", file.display());
            findings += 1;
        }
    }
    if findings > 0 {
        bail!("{findings} untidy");
    }
    Ok(())
}

/// The files that git knows or would add. Without git, as in an unpacked archive, all but what is
/// built.
fn tree(root: &Path) -> Result<Vec<PathBuf>> {
    let known = [
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ];
    if let Some(names) = process::answer("git", &known) {
        return Ok(names.split_terminator('\0').map(PathBuf::from).collect());
    }
    let built = ["target", "dist", ".git", "fuzz/target", "fuzz/artifacts"];
    let mut all = files::list(root)?;
    all.retain(|file| !built.iter().any(|folder| file.starts_with(folder)));
    Ok(all)
}

/// That the `main.rs` beside a file of tests leaves it out, if it does.
fn never_runs(root: &Path, file: &Path) -> Option<String> {
    let folder = file.parent().filter(|folder| folder.ends_with("tests"))?;
    let main = fs::read_to_string(root.join(folder).join("main.rs")).ok()?;
    let name = file.file_stem()?.to_str()?;
    let is_test = file.extension()? == "rs" && name != "main";
    (is_test && !has_module(&main, name))
        .then(|| "is no module of main.rs: it never runs".to_owned())
}

fn has_module(main: &str, name: &str) -> bool {
    main.lines().any(|line| line == format!("mod {name};"))
}

/// What is wrong with one file.
fn examine(path: &Path, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let generated = text
        .lines()
        .next()
        .is_some_and(|line| line.contains("@generated"));
    if path.extension().is_some_and(|extension| extension == "rs") && !generated {
        if !text.starts_with("//!") {
            findings.push("does not open with module docs (//!)".to_owned());
        }
        let lines = text.lines().count();
        if lines > MAX_LINES {
            findings.push(format!("{lines} lines, {MAX_LINES} are the limit"));
        }
    }
    for (number, line) in (1..).zip(text.lines()) {
        for what in examine_line(line) {
            findings.push(format!("line {number}: {what}"));
        }
    }
    findings
}

// Spelled in two halves, so that this file does not find itself.
const DEBUG_PRINT: &str = concat!("dbg", "!(");
const MACHINE_FOLDERS: [&str; 3] = [
    concat!("/", "root"),
    concat!("/", "work"),
    concat!("/", "home"),
];

fn examine_line(line: &str) -> Vec<String> {
    let mut findings = Vec::new();
    if line.contains(DEBUG_PRINT) {
        findings.push(format!("{DEBUG_PRINT}…) is left"));
    }
    for host in hosts(line).filter(|host| is_registry(host)) {
        findings.push(format!("names the registry host {host}"));
    }
    for folder in MACHINE_FOLDERS
        .iter()
        .filter(|folder| has_absolute(line, folder))
    {
        findings.push(format!("names a path of one machine, {folder}/…"));
    }
    findings
}

/// The hosts of the URLs in a line.
fn hosts(line: &str) -> impl Iterator<Item = &str> {
    line.split("://").skip(1).map(|rest| {
        let is_end = |c: char| !(c.is_ascii_alphanumeric() || "-._@".contains(c));
        let authority = rest.split(is_end).next().unwrap_or(rest);
        // After the user, if one is named.
        authority.rsplit('@').next().unwrap_or(authority)
    })
}

/// Whether packages are fetched from this host, rather than read about.
fn is_registry(host: &str) -> bool {
    let kinds = ["registry", "artifactory", "nexus", "mirror"];
    host.split('.')
        .any(|label| kinds.iter().any(|kind| label.contains(kind)))
        || host.ends_with(".crates.io")
}

/// Whether a line has the path `folder`, from the root of a file system.
fn has_absolute(line: &str, folder: &str) -> bool {
    // Part of a longer path or URL if something that can end a name stands before it.
    let continues = |c: char| c.is_alphanumeric() || "._-~*}])>/".contains(c);
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + folder.len()..].chars().next();
        !before.is_some_and(continues)
            && !after.is_some_and(|c| c.is_alphanumeric() || "._-".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_main_leaves_out_is_found() {
        let main = "//! All.\n\nmod files;\nmod people;\n";
        assert!(has_module(main, "people"));
        assert!(!has_module(main, "file"));
    }

    #[test]
    fn lines_are_judged() {
        let url = |rest: &str| format!("https:/{}{rest}", "/");
        let cases = [
            ("let x = 1;".to_owned(), 0),
            (format!("{DEBUG_PRINT}x);"), 1),
            (
                format!("source = {:?}", url(concat!("reg", "istry.npmjs.org/a"))),
                1,
            ),
            (
                format!("sparse+{}", url(concat!("index.crates", ".io/"))),
                1,
            ),
            (url(concat!("user@art", "ifactory.example.org/x")), 1),
            (
                format!("registry+{}", url("github.com/rust-lang/crates.io-index")),
                0,
            ),
            (url("crates.io/crates/blake3"), 0),
            (url("example.org/home/registry"), 0),
            (format!("let p = \"{}/a\";", MACHINE_FOLDERS[0]), 1),
            (format!("see {}", MACHINE_FOLDERS[1]), 1),
            (format!("(file:{}/me/x)", MACHINE_FOLDERS[2]), 1),
            (
                format!("{} and {}/b", MACHINE_FOLDERS[1], MACHINE_FOLDERS[2]),
                2,
            ),
            ("the core does the work/rest".to_owned(), 0),
            (
                format!("~{0}/x {{dir}}{0}/x ..{0}/x src{0}", MACHINE_FOLDERS[1]),
                0,
            ),
            (
                format!("{}space {}-page", MACHINE_FOLDERS[1], MACHINE_FOLDERS[2]),
                0,
            ),
        ];
        for (line, expected) in cases {
            let findings = examine_line(&line);
            assert_eq!(findings.len(), expected, "{line}: {findings:?}");
        }
    }

    #[test]
    fn files_are_judged() {
        let long = |n: usize| "//! Docs.\n".repeat(n);
        let cases = [
            ("a.rs", "//! Docs.\nfn f() {}\n".to_owned(), ""),
            ("a.rs", "// No docs.\n".to_owned(), "module docs"),
            ("a.rs", "\n//! Late.\n".to_owned(), "module docs"),
            ("a.rs", String::new(), "module docs"),
            ("a.rs", "// @generated by x\n".to_owned(), ""),
            ("a.rs", long(MAX_LINES), ""),
            ("a.rs", long(MAX_LINES + 1), "501 lines"),
            ("a.css", long(MAX_LINES + 1), ""),
            ("a.rs", format!("//! Docs.\n{DEBUG_PRINT});\n"), "line 2"),
        ];
        for (path, text, expected) in cases {
            let findings = examine(Path::new(path), &text);
            match findings.as_slice() {
                [] => assert_eq!(expected, "", "{path}"),
                [one] => assert!(!expected.is_empty() && one.contains(expected), "{one}"),
                more => panic!("{more:?}"),
            }
        }
    }

    #[test]
    fn hosts_are_found_with_users_and_ports() {
        let line = format!("a https:{0}a.b:80/c, git+ssh:{0}me@d.e/f", "//");
        assert_eq!(hosts(&line).collect::<Vec<_>>(), ["a.b", "d.e"]);
    }
}
