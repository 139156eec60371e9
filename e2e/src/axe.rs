//! axe-core (Deque): what it finds in a page that would keep people out.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::browser::Browser;

/// Runs axe-core in the page, with all rules or those of the first argument, and gives what it found.
const RUN: &str = "
    const [rules, done] = arguments;
    const only = rules && { runOnly: { type: 'rule', values: rules } };
    axe.run(document, { resultTypes: ['violations'], ...only }).then(
        ({ violations, passes, incomplete }) => done({ violations, passes: passes.length, untold: incomplete.length }),
        (error) => done({ error: String(error) }),
    );
";

/// What depends on colours.
const OF_COLOURS: [&str; 2] = ["color-contrast", "link-in-text-block"];

impl Browser {
    /// Checks that the page, as it is now, keeps nobody out. `state` says in an error what it shows.
    ///
    /// # Errors
    /// When axe-core finds something, or is not there.
    pub async fn is_accessible(&self, state: &str) -> Result<()> {
        self.axe_finds_nothing(state, None).await
    }

    /// Checks that everything on the page can be seen in its other theme, too, and puts back the one it has.
    ///
    /// # Errors
    /// When axe-core finds something, or is not there.
    pub async fn is_seen_in_the_other_theme(&self, state: &str) -> Result<()> {
        let change = "const { dataset } = document.documentElement;
            dataset.theme = dataset.theme === 'dark' ? 'light' : 'dark';";
        self.js(change).await?;
        let state = format!("{state}, in the other theme");
        self.axe_finds_nothing(&state, Some(&OF_COLOURS)).await?;
        self.js(change).await?;
        Ok(())
    }

    async fn axe_finds_nothing(&self, state: &str, rules: Option<&[&str]>) -> Result<()> {
        self.is_still().await?;
        if self.js("return typeof axe").await? == "undefined" {
            let path = crate::path_from_env(
                "CATNEST_AXE",
                "target/tools/axe-core/node_modules/axe-core/axe.min.js",
            );
            let script = std::fs::read_to_string(&path);
            let script = script.with_context(|| path.display().to_string())?;
            self.driver.execute(&script, vec![]).await?;
        }
        let said = self.driver.execute_async(RUN, vec![json!(rules)]).await?;
        let said = said.json();
        let (passes, untold) = (said["passes"].as_u64(), said["untold"].as_u64());
        // Of few rules, it cannot tell any where all texts stand over others, as around a dialog.
        let looked = match rules {
            None => passes.is_some_and(|passes| passes > 5),
            Some(_) => passes
                .zip(untold)
                .is_some_and(|(passes, untold)| passes + untold > 0),
        };
        ensure!(looked, "{state}: axe-core looked at nothing: {said}");
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
