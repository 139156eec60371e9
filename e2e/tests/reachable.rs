//! The engine hears others while no page of the extension is open.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use catnest::limits::BULK_STREAMS;
use catnest_e2e::{
    browser::Browser,
    devtools::DevTools,
    long_runs,
    stage::on_stage,
    timers::{Lateness, PERIOD},
    wait,
};
use serde_json::json;
use thirtyfour::WindowHandle;

/// From a member's command to the record in the store of another, over loopback.
const SOON: Duration = Duration::from_secs(1);
/// How late a timer of the engine may fire; the shortest of its periods is two seconds, the usual ones are 20 and more.
const LATE_MS: f64 = 2000.0;
/// Later than this is no busy machine any more but a browser that lines timers up, at least to whole seconds.
const THROTTLED_MS: f64 = 500.0;
/// What keeps the engine reachable, what it says of itself when it is open, and how many there are: one server, and the two
/// connections of one link, each with its channel for control and chat and those for pieces.
const OPEN: [(&str, &str, usize); 2] = [
    ("WebSocket", "1", 1),
    ("RTCDataChannel", "open", 2 * (1 + BULK_STREAMS as usize)),
];
/// Marks those that are there now.
const MARK: &str = "all => all.map(one => (one.marked = true, `${one.readyState}`))";
/// The state of those that were marked: one that was opened in their place is not among them.
const MARKED: &str = "all => all.filter(one => one.marked).map(one => `${one.readyState}`)";
/// How many records the engine has kept.
const RECORDS: &str = "new Promise((resolve, reject) => {
    const opening = indexedDB.open('catnest');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const database = opening.result;
        const count = database.transaction('records').objectStore('records').count();
        count.onsuccess = () => (database.close(), resolve(count.result));
    };
})";

#[tokio::test]
async fn the_engine_stays_reachable() {
    let alone = Duration::from_secs(if long_runs() { 600 } else { 90 });
    on_stage("reachable", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        // Nobody comes to Cy: a connection to somebody could keep a document awake.
        stage.join("Cy", "den").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        let cy = stage.browser("Cy")?;
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.open_ready("welcome.html").await?;
        bo.install_view().await?;
        let channel = bo.counts_online(2).await?;

        // Debuggers do not stay attached: one might keep the document awake.
        let mut engine = ann.engine().await?;
        for (class, open, count) in OPEN {
            // The second connection comes a moment after the first.
            wait::until(class, async || {
                let states = engine.on_live(class, MARK).await?;
                ensure!(states == json!(vec![open; count]), "{states}");
                Ok(Some(()))
            })
            .await?;
        }
        engine.watch_timers().await?;
        drop(engine);
        cy.engine().await?.watch_timers().await?;
        let hidden = close_views(ann).await?;
        close_views(cy).await?;
        // Not waiting for something: that much time is what is tested.
        tokio::time::sleep(alone).await;

        let mut engine = ann.engine().await?;
        let visibility = engine.evaluate("document.visibilityState").await?;
        println!("after {alone:?} without a view; the document says it is {visibility}");
        let linked = engine.lateness().await?;
        println!("{}", told("linked", &linked));
        let unlinked = cy.engine().await?.lateness().await?;
        println!("{}", told("nobody there", &unlinked));
        for (class, open, count) in OPEN {
            let states = engine.on_live(class, MARKED).await?;
            ensure!(
                states == json!(vec![open; count]),
                "{class}, that of before: {states}"
            );
        }
        let took = hears(&mut engine, async || {
            bo.say_at_once(&channel, "still there?").await
        })
        .await?;
        println!("a message was in the store {took:.0?} after it was written");
        ensure!(took <= SOON, "it took {took:?}");
        for lateness in linked.iter().chain(&unlinked) {
            ensure!(lateness.max <= LATE_MS, "a timer was late: {lateness}");
            // One that does not fire at all is never late.
            let least = 0.9 * alone.as_secs_f64() / PERIOD.as_secs_f64();
            ensure!(lateness.count as f64 >= least, "timers stopped: {lateness}");
        }

        // The same timers in a tab that nobody sees are late: so this browser is one that throttles.
        ann.driver.switch_to_window(hidden).await?;
        let throttled = ann.lateness().await?;
        println!("{}", told("a hidden tab", &throttled));
        for lateness in &throttled {
            ensure!(lateness.median >= THROTTLED_MS, "punctual: {lateness}");
        }
        // And the message is shown to who looks.
        ann.open_chat().await?;
        ann.sees(&["still there?"]).await
    })
    .await;
}

fn told(what: &str, [interval, chain]: &[Lateness; 2]) -> String {
    format!(
        "{what}: setInterval, {PERIOD:?}: {interval}\n{what}: setTimeout by setTimeout: {chain}"
    )
}

/// Leaves two blank tabs, of which the one behind has timers.
async fn close_views(person: &Browser) -> Result<WindowHandle> {
    let driver = &person.driver;
    let tabs = driver.windows().await?;
    for tab in &tabs[1..] {
        driver.switch_to_window(tab.clone()).await?;
        driver.close_window().await?;
    }
    let hidden = tabs[0].clone();
    driver.switch_to_window(hidden.clone()).await?;
    driver.goto("about:blank").await?;
    person.watch_timers().await?;
    let front = driver.new_tab().await?;
    driver.switch_to_window(front).await?;
    person.to_front().await?;
    Ok(hidden)
}

/// How long it takes from before something is said until its record is kept.
async fn hears(engine: &mut DevTools, say: impl AsyncFnOnce() -> Result<()>) -> Result<Duration> {
    let before = engine.evaluate(RECORDS).await?;
    let started = Instant::now();
    say().await?;
    wait::until("the message is kept", async || {
        let kept = engine.evaluate(RECORDS).await?;
        Ok((kept != before).then(|| started.elapsed()))
    })
    .await
}
