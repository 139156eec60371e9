//! What a run of many steps tells a person: a heading and a duration for each, a table at the end,
//! and as the very last line how many tests passed and failed.

use std::{
    env,
    io::{self, IsTerminal},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::Result;

/// Numbers of tests, as the test harnesses report them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Tests that passed.
    pub(crate) passed: u64,
    /// Tests that failed.
    pub(crate) failed: u64,
}

impl Counts {
    /// Adds what a line of `cargo test` output says, if it is a result line. The harness of
    /// wasm-bindgen writes the same line as Rust's own.
    pub(crate) fn read_line(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else {
            return;
        };
        // "ok. 5 passed; 0 failed; 1 ignored; …"
        let Some((_, numbers)) = result.split_once(". ") else {
            return;
        };
        for part in numbers.split(';') {
            match part.trim().split_once(' ') {
                Some((n, "passed")) => self.passed += n.parse::<u64>().unwrap_or(0),
                Some((n, "failed")) => self.failed += n.parse::<u64>().unwrap_or(0),
                _ => {}
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    Failed,
    Skipped(String),
}

struct Row {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// The steps of one command, those done and how they went.
pub(crate) struct Report {
    planned: usize,
    rows: Vec<Row>,
    counts: Counts,
}

impl Report {
    /// A report on `planned` steps to come.
    pub(crate) fn new(planned: usize) -> Self {
        Self {
            planned,
            rows: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Takes a step under its heading. A failure is told and remembered, and does not stop the
    /// steps after it. Returns whether the step succeeded.
    pub(crate) fn step(
        &mut self,
        name: &'static str,
        work: impl FnOnce(&mut Counts) -> Result<()>,
    ) -> bool {
        println!(
            "\n{}",
            style(BOLD, &format!("[{}] {name}", self.position()))
        );
        let start = Instant::now();
        let mut counts = Counts::default();
        let outcome = match work(&mut counts) {
            Ok(()) => Outcome::Ok,
            Err(error) => {
                println!("{} {error:#}", style(RED, "error:"));
                // A step may fail with no test to blame (a compile error, a crash, a lint); the
                // last line must not say that nothing failed.
                counts.failed = counts.failed.max(1);
                Outcome::Failed
            }
        };
        let took = start.elapsed();
        let word = if outcome == Outcome::Ok {
            "ok"
        } else {
            "FAILED"
        };
        println!(
            "[{}] {name}: {word} in {:.1} s",
            self.position(),
            took.as_secs_f64()
        );
        self.counts.add(counts);
        let ok = outcome == Outcome::Ok;
        self.rows.push(Row {
            name,
            outcome,
            took,
        });
        ok
    }

    /// Leaves a step out, with the reason.
    pub(crate) fn skip(&mut self, name: &'static str, why: &str) {
        println!("\n[{}] {name}: skipped ({why})", self.position());
        let outcome = Outcome::Skipped(why.to_owned());
        self.rows.push(Row {
            name,
            outcome,
            took: Duration::ZERO,
        });
    }

    /// Prints the table. A skipped step always stands beside a failed one, which decides the code.
    pub(crate) fn finish(&self) -> ExitCode {
        println!("\n{}", table(&self.rows));
        if self.rows.iter().any(|row| row.outcome == Outcome::Failed) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    /// Prints the table and, as the very last line, the numbers of tests.
    pub(crate) fn finish_with_counts(&self) -> ExitCode {
        let code = self.finish();
        print_counts(self.counts);
        code
    }

    fn position(&self) -> String {
        format!("{}/{}", self.rows.len() + 1, self.planned)
    }
}

/// The line that readers of a test run look for.
pub(crate) fn print_counts(counts: Counts) {
    println!("{} passed, {} failed", counts.passed, counts.failed);
}

fn table(rows: &[Row]) -> String {
    let width = rows
        .iter()
        .map(|row| row.name.len())
        .max()
        .unwrap_or(0)
        .max("step".len());
    let mut lines = vec![style(
        BOLD,
        &format!("{:width$}  {:>8}  result", "step", "seconds"),
    )];
    for Row {
        name,
        outcome,
        took,
    } in rows
    {
        let (seconds, result) = match outcome {
            Outcome::Ok => (format!("{:.1}", took.as_secs_f64()), style(GREEN, "ok")),
            Outcome::Failed => (format!("{:.1}", took.as_secs_f64()), style(RED, "FAILED")),
            Outcome::Skipped(why) => ("-".to_owned(), format!("skipped ({why})")),
        };
        lines.push(format!("{name:width$}  {seconds:>8}  {result}"));
    }
    lines.join("\n") + "\n"
}

// ECMA-48 "select graphic rendition".
const BOLD: &str = "1";
const RED: &str = "31";
const GREEN: &str = "32";

/// Styled text, plain where nobody is looking or colour is unwanted (no-color.org).
fn style(code: &str, text: &str) -> String {
    let wanted =
        io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if wanted {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_are_counted_and_others_are_not() {
        let cases = [
            (
                "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
                (5, 0),
            ),
            (
                "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 filtered out\n",
                (3, 2),
            ),
            (
                "    test result: ok. 7 passed; 0 failed; 0 ignored; finished in 0.10s",
                (7, 0),
            ),
            ("test parse ... ok", (0, 0)),
            ("a log of the test result: ok. 5 passed; 0 failed", (0, 0)),
            ("test result: ", (0, 0)),
            ("test result: ok. many passed; 0 failed", (0, 0)),
        ];
        for (line, (passed, failed)) in cases {
            let mut counts = Counts::default();
            counts.read_line(line);
            assert_eq!(counts, Counts { passed, failed }, "{line:?}");
        }
    }

    #[test]
    fn a_failure_without_a_failed_test_still_counts() {
        let mut report = Report::new(3);
        assert!(report.step("tests", |counts| {
            counts.passed += 4;
            Ok(())
        }));
        assert!(!report.step("build", |_| anyhow::bail!("no compiler")));
        report.skip("e2e", "the build failed");
        assert_eq!(
            report.counts,
            Counts {
                passed: 4,
                failed: 1
            }
        );
        assert_eq!(report.finish(), ExitCode::FAILURE);
    }

    #[test]
    fn failed_tests_are_not_counted_twice() {
        let mut report = Report::new(1);
        report.step("tests", |counts| {
            counts.failed += 2;
            anyhow::bail!("exit status 101")
        });
        assert_eq!(
            report.counts,
            Counts {
                passed: 0,
                failed: 2
            }
        );
    }

    #[test]
    fn the_table_lines_up() {
        let row = |name, outcome| Row {
            name,
            outcome,
            took: Duration::from_millis(1250),
        };
        let rows = [
            row("format", Outcome::Ok),
            row("clippy (wasm)", Outcome::Failed),
            row("e2e", Outcome::Skipped("the build failed".to_owned())),
        ];
        // Under a terminal the styles would be there too; tests capture their output.
        let plain = table(&rows).replace("\x1b[1m", "").replace("\x1b[0m", "");
        let plain = plain.replace("\x1b[31m", "").replace("\x1b[32m", "");
        assert_eq!(
            plain,
            "step            seconds  result\n\
             format              1.2  ok\n\
             clippy (wasm)       1.2  FAILED\n\
             e2e                   -  skipped (the build failed)\n"
        );
    }
}
