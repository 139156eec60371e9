//! How late timers fire in a document that nobody sees.

use std::{fmt, time::Duration};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{browser::Browser, devtools::DevTools};

/// Of each timer.
pub const PERIOD: Duration = Duration::from_millis(250);
/// Gives what the timers have done.
const SEEN: &str = "lateness";

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
    /// The repeating timer and the chain of single ones.
    fn both(seen: &Value) -> Result<[Self; 2]> {
        Ok([Self::of(&seen["interval"])?, Self::of(&seen["chain"])?])
    }

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

/// Starts a repeating timer and a chain of single ones.
fn script() -> String {
    let source = include_str!("timers.js");
    format!("{source}\nwatchTimers({});", PERIOD.as_millis())
}

impl DevTools {
    /// Starts a repeating timer and a chain of single ones in the target.
    ///
    /// # Errors
    /// When the target is gone.
    pub async fn watch_timers(&mut self) -> Result<()> {
        self.evaluate(&script()).await?;
        Ok(())
    }

    /// What they have done since: the repeating one, and the chain.
    ///
    /// # Errors
    /// When the target is gone, or none has fired.
    pub async fn lateness(&mut self) -> Result<[Lateness; 2]> {
        Lateness::both(&self.evaluate(SEEN).await?)
    }
}

impl Browser {
    /// Starts the same timers in the page.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn watch_timers(&self) -> Result<()> {
        self.js(&script()).await?;
        Ok(())
    }

    /// What they have done since: the repeating one, and the chain.
    ///
    /// # Errors
    /// When the browser does not answer, or none has fired.
    pub async fn lateness(&self) -> Result<[Lateness; 2]> {
        Lateness::both(&self.js(&format!("return {SEEN}")).await?)
    }
}
