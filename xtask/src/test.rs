//! `cargo xtask test`: everything, from nothing. CI calls this and nothing else.

use std::{
    fs,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, ensure};

use crate::{
    e2e, extension, lint,
    mode::Mode,
    paths, process,
    process::{cargo, native_cargo},
    report::{self, Counts, Report},
    setup::{self, Chromium},
    wasm, wasm_test_runner,
};

/// Runs every check and test. What fails does not stop what does not need it.
pub(crate) fn command() -> ExitCode {
    let chromium = match set_up() {
        Ok(chromium) => chromium,
        Err(error) => {
            eprintln!("error: {error:#}");
            // The last line is there for a reader who looks at nothing else.
            report::print_counts(Counts {
                passed: 0,
                failed: 1,
            });
            return ExitCode::FAILURE;
        }
    };
    let mut report = Report::new(lint::STEPS + 4);
    lint::steps(&mut report);
    report.step("tests (native)", |counts| {
        process::run_tests(&mut native_tests(), counts)
    });
    report.step("tests (wasm)", |counts| {
        let mut tests = in_chromium(&chromium, Mode::Dev)?;
        for name in names_of_tests(&paths::root().join("extension/engine/tests"))? {
            tests.args(["--test", &name]);
        }
        process::run_tests(tests.arg("--no-fail-fast"), counts)
    });
    let mut built = None;
    report.step("build", |_| {
        built = Some(extension::build(Mode::Dev)?);
        Ok(())
    });
    match &built {
        Some(built) => {
            report.step("e2e", |counts| {
                e2e::run(&e2e::Options::default(), built, &chromium, counts)
            });
        }
        None => report.skip("e2e", "the build failed"),
    }
    report.finish_with_counts()
}

fn set_up() -> Result<Chromium> {
    setup::wasm_target()?;
    setup::lint_tools()?;
    setup::coturn()?;
    setup::chromium()
}

/// The crates that run on this machine itself, the simulator and the black-box tests of the host
/// among them.
fn native_tests() -> Command {
    let mut command = native_cargo("test");
    command.args(["--exclude", "catnest-e2e", "--no-fail-fast"]);
    command
}

/// Tests of the engine, each file in a Chromium of its own; which, the caller names.
///
/// # Errors
/// When the browser cannot be set up.
pub(crate) fn in_chromium(chromium: &Chromium, mode: Mode) -> Result<Command> {
    let own = std::env::current_exe().context("where is xtask?")?;
    let mut command = cargo("test");
    wasm::select(&mut command, mode);
    // Directly, not by `cargo xtask` as .cargo/config.toml has it: cargo within cargo waits
    // for the lock that the outer one holds.
    command.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        format!("{} wasm-test-runner", own.display()),
    );
    wasm_test_runner::configure(&mut command, chromium)?;
    Ok(command)
}

/// What cargo calls the tests in a folder: files, and folders with a `main.rs`.
fn names_of_tests(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        let test = path.extension().is_some_and(|extension| extension == "rs")
            || path.join("main.rs").exists();
        if let Some(name) = path.file_stem().filter(|_| test) {
            names.push(name.to_string_lossy().into_owned());
        }
    }
    names.sort();
    ensure!(!names.is_empty(), "{} has no tests", folder.display());
    Ok(names)
}
