//! How late timers fire in a document that nobody sees.

use std::fmt;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::devtools::DevTools;

/// What one kind of timer did.
#[derive(Clone, Debug, PartialEq)]
pub struct Lateness {
    /// How often it fired.
    pub count: usize,
    /// In the middle, in milliseconds.
    pub median: f64,
    /// At worst, in milliseconds.
    pub max: f64,
}

impl Lateness {
    fn of(list: &Value) -> Result<Self> {
        let list = list.as_array().context("a list")?;
        let mut all: Vec<f64> = list.iter().filter_map(Value::as_f64).collect();
        all.sort_by(f64::total_cmp);
        Ok(Self {
            count: all.len(),
            median: *all.get(all.len() / 2).context("no timer has fired")?,
            max: *all.last().context("no timer has fired")?,
        })
    }
}

impl fmt::Display for Lateness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, median, max } = self;
        write!(
            f,
            "fired {count} times, late by {median:.1} ms in the middle, {max:.1} ms at most"
        )
    }
}

impl DevTools {
    /// Starts a repeating timer and a chain of single ones, of one second each.
    ///
    /// # Errors
    /// When the target is gone.
    pub async fn watch_timers(&mut self) -> Result<()> {
        self.evaluate(include_str!("timers.js")).await?;
        Ok(())
    }

    /// What they have done since: the repeating one, and the chain.
    ///
    /// # Errors
    /// When the target is gone, or none has fired.
    pub async fn lateness(&mut self) -> Result<[Lateness; 2]> {
        let seen = self.evaluate("lateness").await?;
        Ok([
            Lateness::of(&seen["interval"])?,
            Lateness::of(&seen["chain"])?,
        ])
    }
}
