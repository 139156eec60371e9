//! What comes out of the engine's `<audio>`, heard in the offscreen document that it is in.
//!
//! The element is in no document and nobody is given it: the debugging protocol finds it among all objects.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use crate::{browser::Browser, devtools::DevTools, wait};

/// An ear at the engine of a browser.
pub struct Ear {
    engine: DevTools,
}

/// How the element is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Sounding {
    /// When that was, in milliseconds since 1970.
    pub at: f64,
    /// Where it is, in seconds.
    pub place: f64,
    /// How long what it plays is, in seconds; none before it is known.
    pub duration: Option<f64>,
    /// It was told to pause, or never to play.
    pub paused: bool,
    /// It is at the end.
    pub ended: bool,
    /// It is on its way to another place.
    pub seeking: bool,
    /// How much of it is there (HTML §4.8.11.7): from 3 on, it can go on.
    pub ready: u8,
    /// How fast it plays.
    pub rate: f64,
    /// From 0 to 1.
    pub volume: f64,
    /// It is silent, whatever the volume.
    pub muted: bool,
    /// Where its source is; empty before it has one.
    pub src: String,
    /// Why it cannot play.
    pub error: Option<String>,
}

/// What is heard.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Heard {
    /// The loudest tone; none in silence.
    pub hertz: Option<f64>,
    /// How loud it is, below the loudest that there can be.
    pub decibels: Option<f64>,
}

/// Something that the element said.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Said {
    /// The name of the event.
    pub event: String,
    /// When that was, in milliseconds since 1970.
    pub at: f64,
    /// Where it was, in seconds.
    pub place: f64,
    /// What it plays.
    pub src: String,
    /// It was on its way to another place.
    pub seeking: bool,
}

impl Browser {
    /// Puts an ear at the engine's `<audio>`, once there is one.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ear(&self) -> Result<Ear> {
        let mut engine = self.engine().await?;
        let put = format!(
            "objects => objects.length > 0 && ({})(objects[0])",
            include_str!("ear.js").trim_end()
        );
        wait::until("an <audio>", async || {
            let put = engine.on_live("HTMLAudioElement", &put).await?;
            Ok((put == true).then_some(()))
        })
        .await?;
        Ok(Ear { engine })
    }
}

impl Ear {
    /// How the element is now.
    ///
    /// # Errors
    /// When the engine is gone.
    pub async fn now(&mut self) -> Result<Sounding> {
        self.ask("testEar.now()").await
    }

    /// Waits until it is as `look` wants it: a JavaScript function that is given what [`Sounding`] has.
    ///
    /// # Errors
    /// When it does not come to that; the error says how it is.
    pub async fn until(&mut self, look: &str) -> Result<Sounding> {
        let waited = wait::until(look, async || {
            let seen = self.engine.evaluate("testEar.now()").await?;
            let fits = self.engine.evaluate(&format!("({look})({seen})")).await?;
            Ok((fits == true).then_some(seen))
        })
        .await;
        match waited {
            Ok(seen) => read(seen),
            Err(error) => {
                let seen = self.now().await;
                Err(error.context(format!(
                    "it is so: {seen:?}; it said {:?}",
                    self.said().await
                )))
            }
        }
    }

    /// Begins to look for sound of a file, by its id, at a place or behind it, in seconds, before it is told to be there:
    /// it has moved on by itself.
    ///
    /// # Errors
    /// When the engine is gone.
    pub async fn watch(&mut self, id: &str, from: f64) -> Result<()> {
        self.engine
            .evaluate(&format!("testEar.watch({id:?}, {from})"))
            .await?;
        Ok(())
    }

    /// Waits for what [`Ear::watch`] looks for: when it was there, to within some milliseconds.
    ///
    /// # Errors
    /// When it does not come.
    pub async fn watched(&mut self) -> Result<Sounding> {
        self.ask("testEar.watched()").await
    }

    /// What comes out of it, in about a second from now on.
    ///
    /// # Errors
    /// When the engine is gone.
    pub async fn hears(&mut self) -> Result<Heard> {
        self.ask("testEar.hear()").await
    }

    /// Waits until a tone is what is heard most.
    ///
    /// # Errors
    /// When something else is; the error says what.
    pub async fn hears_tone(&mut self, hertz: u32) -> Result<()> {
        let mut heard = None;
        let wanted = f64::from(hertz);
        let waited = wait::until(&format!("a tone of {hertz} Hz"), async || {
            let found = self.hears().await?;
            heard = Some(found);
            // Bins are 1.5 Hz wide, and codecs keep a tone where it is.
            let fits = found
                .hertz
                .is_some_and(|found| (found - wanted).abs() < 4.0);
            Ok(fits.then_some(()))
        })
        .await;
        if waited.is_ok() {
            return Ok(());
        }
        let now = self.now().await;
        waited.with_context(|| format!("heard is {heard:?}; {now:?}"))
    }

    /// All that it said since the ear is there, in its order.
    ///
    /// # Errors
    /// When the engine is gone.
    pub async fn said(&mut self) -> Result<Vec<Said>> {
        self.ask("testEar.events").await
    }

    /// Forgets what it said so far.
    ///
    /// # Errors
    /// When the engine is gone.
    pub async fn forget(&mut self) -> Result<()> {
        self.engine.evaluate("testEar.events.length = 0").await?;
        Ok(())
    }

    /// What an expression gives in the document of the element.
    ///
    /// # Errors
    /// When it throws, or the engine is gone.
    pub async fn evaluate(&mut self, expression: &str) -> Result<Value> {
        self.engine.evaluate(expression).await
    }

    async fn ask<T: for<'de> Deserialize<'de>>(&mut self, expression: &str) -> Result<T> {
        read(self.engine.evaluate(expression).await?)
    }
}

fn read<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T> {
    ensure!(!value.is_null(), "nothing was said");
    serde_json::from_value(value.clone()).with_context(|| value.to_string())
}
