//! The engine hears others while no page of the extension is open.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use catnest_e2e::{
    browser::Browser, devtools::DevTools, long_runs, stage::on_stage, timers::Lateness, wait,
};

/// From a member's command to the record in the store of another, over loopback.
const SOON: Duration = Duration::from_secs(1);
/// How late a timer of the engine may fire; the shortest of its periods is two seconds, the usual ones are 20 and more.
const LATE_MS: f64 = 2000.0;
/// Marks the WebSockets that are open now.
const MARK: &str = "sockets => sockets.map(socket => (socket.marked = true, socket.readyState))";
/// The state of those that were marked.
const MARKED: &str =
    "sockets => sockets.filter(socket => socket.marked).map(socket => socket.readyState)";
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
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.open_ready("welcome.html").await?;
        bo.install_view().await?;
        let channel = bo.counts_online(2).await?;

        let mut engine = ann.engine().await?;
        engine.watch_timers().await?;
        let sockets = engine.on_live("WebSocket", MARK).await?;
        ensure!(sockets == serde_json::json!([1]), "{sockets}");
        // A debugger that stays attached might keep the document awake.
        drop(engine);
        close_views(ann).await?;
        // Not waiting for something: that much time is what is tested.
        tokio::time::sleep(alone).await;

        let mut engine = ann.engine().await?;
        let visibility = engine.evaluate("document.visibilityState").await?;
        println!("after {alone:?} without a view; the document says it is {visibility}");
        let [interval, chain] = engine.lateness().await?;
        println!("setInterval, 1 s: {interval}\nsetTimeout after setTimeout, 1 s: {chain}");
        let sockets = engine.on_live("WebSocket", MARKED).await?;
        ensure!(sockets == serde_json::json!([1]), "the socket: {sockets}");
        let took = hears(&mut engine, async || {
            bo.say_at_once(&channel, "still there?").await
        })
        .await?;
        println!("a message was in the store {took:.0?} after it was written");
        ensure!(took <= SOON, "it took {took:?}");
        for Lateness { max, .. } in [interval, chain] {
            ensure!(max <= LATE_MS, "a timer was late by {max} ms");
        }
        // And it is shown to who looks.
        ann.open_chat().await?;
        ann.sees(&["still there?"]).await
    })
    .await;
}

/// Leaves one blank tab.
async fn close_views(person: &Browser) -> Result<()> {
    let driver = &person.driver;
    let tabs = driver.windows().await?;
    for tab in &tabs[1..] {
        driver.switch_to_window(tab.clone()).await?;
        driver.close_window().await?;
    }
    driver.switch_to_window(tabs[0].clone()).await?;
    driver.goto("about:blank").await?;
    Ok(())
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
