//! `cargo xtask`: the one entry point for building, checking and running Catnest.
//!
//! The commands are a contract: people, `.ci/run` and measurements call them. Each module is one
//! concern; this one only maps a command line to them.

#![expect(
    clippy::print_stdout,
    reason = "a command-line tool: printing is its job"
)]

mod archive;
mod bench;
mod e2e;
mod extension;
mod files;
mod gate;
mod lint;
mod locales;
mod manifest;
mod mode;
mod npm;
mod paths;
mod process;
mod report;
mod run;
mod setup;
mod size;
mod test;
mod tidy;
mod wasm;
mod wasm_opt;
mod wasm_test_runner;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::mode::Mode;

/// Builds, checks and runs Catnest.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build dist/chromium, dist/firefox, their zips and the host binary.
    Build {
        /// Optimise for size, as shipped.
        #[arg(long)]
        release: bool,
    },
    /// Check formatting, clippy, docs and the tidy rules.
    Lint,
    /// Build, then drive the extension in Chromium as people use it.
    E2e {
        /// Run only the tests whose name contains this.
        filter: Option<String>,
        /// Add the runs too long for every day, one of which needs no browser: two_hundred_devices_agree.
        #[arg(long)]
        long: bool,
    },
    /// Measure what is shipped, as it is shipped.
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Set up what is missing, then run every check and test.
    Test,
    /// Show the extension in Chromium; without a display, as screenshots in target/tour.
    Run,
    /// Run one wasm test file in headless Chromium: cargo calls this.
    #[command(hide = true)]
    WasmTestRunner {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    let done = match Cli::parse().task {
        Task::Build { release } => build(if release { Mode::Release } else { Mode::Dev }),
        Task::Lint => lint::command(),
        Task::E2e { filter, long } => e2e::command(&e2e::Options { filter, long }),
        Task::Bench { what } => bench::command(what),
        Task::Test => Ok(test::command()),
        Task::Run => run::command(),
        Task::WasmTestRunner { args } => wasm_test_runner::command(args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

fn build(mode: Mode) -> anyhow::Result<ExitCode> {
    setup::wasm_target()?;
    let built = extension::build(mode)?;
    println!("{}", built.extension.display());
    println!("{}", built.host.display());
    Ok(ExitCode::SUCCESS)
}
