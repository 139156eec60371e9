//! axe-core (Deque): what it finds in a page that would keep people out.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::browser::Browser;

/// Runs axe-core in the page, and gives what it found.
const RUN: &str = "
    const done = arguments[0];
    axe.run(document, { resultTypes: ['violations'] }).then(
        ({ violations, passes }) => done({ violations, passes: passes.length }),
        (error) => done({ error: String(error) }),
    );
";

impl Browser {
    /// Checks that the page, as it is now, keeps nobody out. `state` says in an error what it shows.
    ///
    /// # Errors
    /// When axe-core finds something, or is not there.
    pub async fn is_accessible(&self, state: &str) -> Result<()> {
        self.is_still().await?;
        let path = crate::path_from_env(
            "CATNEST_AXE",
            "target/tools/axe-core/node_modules/axe-core/axe.min.js",
        );
        let script = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        self.driver.execute(&script, vec![]).await?;
        let said = self.driver.execute_async(RUN, vec![]).await?;
        let said = said.json();
        ensure!(
            said["passes"].as_u64().is_some_and(|passes| passes > 5),
            "{state}: axe-core looked at nothing: {said}"
        );
        let violations = said["violations"].as_array().context("violations")?;
        ensure!(violations.is_empty(), "{state}: {}", words(violations)?);
        Ok(())
    }
}

fn words(violations: &[Value]) -> Result<String> {
    let mut words = String::new();
    for violation in violations {
        writeln!(words, "{}: {}", violation["id"], violation["help"])?;
        for node in violation["nodes"].as_array().into_iter().flatten() {
            writeln!(words, "  {}\n  {}", node["html"], node["failureSummary"])?;
        }
    }
    Ok(words)
}
