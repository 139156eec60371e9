//! `cargo xtask lint`: everything that can be said about the code without running it.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::{
    process::{self, bare_cargo, cargo},
    report::Report,
    setup, tidy,
};

/// How many steps [`steps`] takes.
pub(crate) const STEPS: usize = 5;

/// Runs the checks alone.
///
/// # Errors
/// When a tool is missing and cannot be installed.
pub(crate) fn command() -> Result<ExitCode> {
    setup::wasm_target()?;
    setup::lint_tools()?;
    let mut report = Report::new(STEPS);
    steps(&mut report);
    Ok(report.finish())
}

/// Adds the checks to a report, quick ones first.
pub(crate) fn steps(report: &mut Report) {
    report.step("format", |_| {
        process::run(bare_cargo("fmt").args(["--all", "--", "--check"]))
    });
    report.step("tidy", |_| tidy::check());
    report.step("clippy (native)", |_| process::run(&mut clippy_native()));
    report.step("clippy (wasm)", |_| process::run(&mut clippy_wasm()));
    report.step("docs", |_| {
        process::run(
            cargo("doc")
                .args(["--no-deps", "-p", "catnest"])
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    });
}

fn clippy_native() -> Command {
    let mut command = cargo("clippy");
    command
        .args([
            "--workspace",
            "--exclude",
            "catnest-engine",
            "--exclude",
            "catnest-ui",
        ])
        .args(["--all-targets", "--all-features", "--", "-D", "warnings"]);
    command
}

fn clippy_wasm() -> Command {
    let mut command = cargo("clippy");
    command
        .args([
            "--target",
            "wasm32-unknown-unknown",
            "-p",
            "catnest-engine",
            "-p",
            "catnest-ui",
            "--features",
            "catnest-ui/styleguide",
        ])
        .args(["--all-targets", "--", "-D", "warnings"]);
    command
}
