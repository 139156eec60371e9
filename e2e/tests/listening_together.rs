//! L2: several devices play the same at the same time.

use anyhow::{Context, Result, ensure};
use catnest_e2e::{browser::Browser, ear::Ear, music, stage::on_stage_undisturbed};
use serde_json::{Value, json};

/// How long it is listened, in milliseconds.
const LISTENED: f64 = 60_000.0;
/// How often the leader goes elsewhere meanwhile.
const SEEKS: u32 = 5;
/// So long after each of these, followers may still be on their way, in milliseconds.
const ON_THE_WAY: f64 = 1_000.0;
/// How far apart 95 of 100 times may be, in milliseconds.
const APART: f64 = 150.0;

/// Where somebody's <audio> was, at which times.
type Places = Vec<(f64, f64)>;

/// Has the engine's page note where it is ten times a second.
async fn note(ear: &mut Ear) -> Result<()> {
    ear.evaluate(
        "void (globalThis.places = [], setInterval(() => {
            const { at, place, paused, seeking } = testEar.now();
            if (!paused && !seeking) places.push([at, place]);
        }, 100))",
    )
    .await?;
    Ok(())
}

async fn noted(ear: &mut Ear) -> Result<Places> {
    let places = ear.evaluate("places").await?;
    serde_json::from_value(places).context("places")
}

/// Where it was at a time: between two that were noted.
fn place_at(places: &Places, at: f64) -> Option<f64> {
    let after = places.iter().position(|(time, _)| *time >= at)?;
    let ((t0, p0), (t1, p1)) = (*places.get(after.checked_sub(1)?)?, *places.get(after)?);
    // Something was in the way.
    if t1 - t0 > 400.0 || (p1 - p0).abs() > 1.0 {
        return None;
    }
    Some(p0 + (p1 - p0) * (at - t0) / (t1 - t0))
}

async fn invited(person: &Browser) -> Result<()> {
    person.to_front().await?;
    person.click("together-along").await?;
    person.find("together-follows").await?;
    Ok(())
}

#[tokio::test]
async fn l2_three_devices_are_at_the_same_place() {
    on_stage_undisturbed("l2", async |stage| {
        let song = music::long()?;
        let [ann, bo, cy] = stage.gather(["Ann", "Bo", "Cy"], "nest").await?;
        for person in [bo, cy, ann] {
            person.open_panel().await?;
        }
        ann.add_songs(&[&song]).await?;
        ann.click_track(&song.title).await?;
        ann.player_is("playing", &song.title).await?;
        ann.click("together").await?;
        ann.click("together-lead").await?;
        ann.find("together-leads").await?;
        let mut ears = Vec::new();
        for person in [bo, cy] {
            invited(person).await?;
            person.player_is("playing", &song.title).await?;
        }
        for person in [ann, bo, cy] {
            let mut ear = person.ear().await?;
            ear.until("({ place, paused }) => place > 0 && !paused")
                .await?;
            ears.push(ear);
        }
        ann.to_front().await?;
        for ear in &mut ears {
            note(ear).await?;
        }
        let began = ears[0].now().await?.at;
        let mut seeks = Vec::new();
        for number in 0..SEEKS {
            let due = began + LISTENED * f64::from(number + 1) / f64::from(SEEKS + 1);
            ears[0].until(&format!("({{ at }}) => at >= {due}")).await?;
            // Here and there, forwards and back.
            ann.seek_to([0.5, 0.1, 0.7, 0.3, 0.2][number as usize % 5])
                .await?;
            seeks.push(ears[0].now().await?.at);
        }
        let ended = began + LISTENED;
        ears[0]
            .until(&format!("({{ at }}) => at >= {ended}"))
            .await?;
        let mut places = Vec::new();
        for ear in &mut ears {
            places.push(noted(ear).await?);
        }
        let mut spreads = Vec::new();
        let mut missing = 0;
        let mut at = began + ON_THE_WAY;
        while at < ended {
            let on_the_way = seeks.iter().any(|seek| at >= seek - 200.0 && at < seek + ON_THE_WAY);
            if !on_the_way {
                let now: Vec<f64> = places.iter().filter_map(|of| place_at(of, at)).collect();
                if now.len() == places.len() {
                    let most = now.iter().copied().fold(f64::MIN, f64::max);
                    let least = now.iter().copied().fold(f64::MAX, f64::min);
                    spreads.push((most - least) * 1000.0);
                } else {
                    missing += 1;
                }
            }
            at += 100.0;
        }
        spreads.sort_by(f64::total_cmp);
        let percentile = |percent: usize| spreads[(spreads.len() * percent).div_ceil(100) - 1];
        println!(
            "three devices over {} s with {SEEKS} seeks: {:.0} ms apart (median), {:.0} ms (95 %), {:.0} ms (most); \
             {} samples, {missing} without all three",
            LISTENED / 1000.0,
            percentile(50),
            percentile(95),
            percentile(100),
            spreads.len(),
        );
        ensure!(missing < spreads.len() / 20, "{missing} samples are missing");
        ensure!(percentile(95) <= APART, "{} ms apart", percentile(95));

        // Who follows leaves, or takes the lead, at any time.
        cy.to_front().await?;
        cy.click("together-leave").await?;
        cy.js_is(
            "document.querySelector('[data-testid=together-follows]')",
            Value::Null,
        )
        .await?;
        bo.to_front().await?;
        bo.click("together-take").await?;
        bo.find("together-leads").await?;
        ann.to_front().await?;
        let leads: Value = json!(false);
        ann.js_is(
            "document.querySelector('[data-testid=together-leads]') !== null",
            leads,
        )
        .await?;
        bo.to_front().await?;
        bo.click("together-stop").await?;
        bo.js_is(
            "document.querySelector('[data-testid=together-leads]')",
            Value::Null,
        )
        .await
    })
    .await;
}
