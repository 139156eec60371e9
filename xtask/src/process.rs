//! Child processes: cargo with the flags it always gets, output passed on as it comes.

use std::{
    env,
    fmt::Write as _,
    io::{self, BufRead, BufReader, Write as _},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::{paths, report::Counts};

/// `cargo SUBCOMMAND` in the workspace's root, held to Cargo.lock.
pub(crate) fn cargo(subcommand: &str) -> Command {
    let mut command = bare_cargo(subcommand);
    // A first checkout of a branch may have none yet; then cargo writes it.
    if paths::root().join("Cargo.lock").exists() {
        command.arg("--locked");
    }
    command
}

/// `cargo SUBCOMMAND` for the subcommands that know no `--locked`.
pub(crate) fn bare_cargo(subcommand: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.arg(subcommand).current_dir(paths::root());
    command
}

/// `cargo SUBCOMMAND` for what runs on this machine itself. Cargo unites the features of all that it is told of at once:
/// told of something else each time, it would compile most of what we depend on once more.
pub(crate) fn native_cargo(subcommand: &str) -> Command {
    let mut command = cargo(subcommand);
    command.args(["--workspace", "--exclude", "catnest-engine"]);
    command.arg("--all-features");
    command
}

/// Runs a command with its output on ours.
///
/// # Errors
/// When it cannot start or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    announce(command);
    let status = command.status().with_context(|| cannot_start(command))?;
    check(command, status)
}

/// Runs a command of tests: its output passes through line by line while the results in it are
/// added to `counts`, also when the command fails.
///
/// # Errors
/// When it cannot start or does not succeed.
pub(crate) fn run_tests(command: &mut Command, counts: &mut Counts) -> Result<()> {
    run_lines(command, |line| counts.read_line(line))
}

/// Runs a command whose output passes through line by line while `each` looks at it.
///
/// # Errors
/// When it cannot start or does not succeed.
pub(crate) fn run_lines(command: &mut Command, mut each: impl FnMut(&str)) -> Result<()> {
    announce(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    if let Some(stdout) = child.stdout.take() {
        let mut lines = BufReader::new(stdout);
        let mut line = Vec::new();
        // Bytes, not text: a test may print anything.
        while lines
            .read_until(b'\n', &mut line)
            .context("reading test output")?
            > 0
        {
            let mut out = io::stdout().lock();
            out.write_all(&line)
                .and_then(|()| out.flush())
                .context("writing test output")?;
            each(&String::from_utf8_lossy(&line));
            line.clear();
        }
    }
    let status = child.wait().with_context(|| cannot_start(command))?;
    check(command, status)
}

/// The standard output of a command that asks a question, or nothing when it cannot answer.
pub(crate) fn answer(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(paths::root())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}`: {status}", shown(command));
    }
    Ok(())
}

/// Prints the command, so that a person can repeat it alone.
fn announce(command: &Command) {
    println!("$ {}", shown(command));
}

fn cannot_start(command: &Command) -> String {
    format!("cannot run `{}`", shown(command))
}

fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    // The path of the tool chain's cargo says nothing to the reader.
    let mut text = program.rsplit('/').next().unwrap_or(&program).to_owned();
    for arg in command.get_args() {
        // Writing to a String cannot fail.
        let _ = write!(text, " {}", arg.to_string_lossy());
    }
    text
}
