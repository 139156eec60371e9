//! Connections that are closed must be gone: Chromium allows 500 in all, and counts those that nobody has let go of.

use std::time::Instant;

use anyhow::ensure;
use catnest_e2e::{devtools::DevTools, stage::on_stage, wait};

/// A and B have one link, and it has two.
const CONNECTIONS: u64 = 2;
const ROUNDS: u32 = 300;
const CLASS: &str = "RTCPeerConnection";
const STATES: &str = "live => live.map(one => `${one.connectionState} ${one.signalingState}`)";

#[tokio::test]
async fn connections_do_not_leak() {
    on_stage("connections_leak", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let address = stage.host.channel("nest");
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        for person in [ann, bo] {
            person.open_ready("welcome.html").await?;
            person.install_view().await?;
        }
        let started = Instant::now();
        for _ in 0..ROUNDS {
            let channel = bo.counts_online(2).await?;
            ann.counts_online(2).await?;
            bo.leave_at_once(&channel).await?;
            ann.counts_online(1).await?;
            bo.join_at_once(&address).await?;
        }
        ann.counts_online(2).await?;
        bo.counts_online(2).await?;
        let time = started.elapsed();
        for (name, person) in [("Ann", ann), ("Bo", bo)] {
            let mut engine = person.engine().await?;
            // The second one comes a moment after the link.
            wait::until("all connections of the link", async || {
                let live = engine.count_live(CLASS).await?;
                Ok((live >= CONNECTIONS).then_some(()))
            })
            .await?;
            let live = settled(&mut engine).await?;
            println!("{name}: {live} live connections after {ROUNDS} rounds in {time:.1?}");
            // The count sees what is kept: otherwise none of this proves anything.
            engine
                .evaluate("void (globalThis.kept = [1, 2, 3].map(() => new RTCPeerConnection()))")
                .await?;
            let kept = engine.count_live(CLASS).await?;
            ensure!(kept == live + 3, "{live} and 3 more are {kept}");
        }
        Ok(())
    })
    .await;
}

/// The browser never settles what a closed connection had under way.
#[tokio::test]
async fn a_connection_closed_in_the_middle_of_a_step_is_let_go() {
    on_stage("connections_cut", async |stage| {
        let address = format!("webrtc://{}/nest", stage.host.address);
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let bo = stage.browser("Bo")?;
        bo.open_ready("welcome.html").await?;
        bo.install_view().await?;
        let channel = bo.counts_online(2).await?;
        let mut engine = bo.engine().await?;
        for step in ["setRemoteDescription", "getStats"] {
            engine.evaluate(&cut(step)).await?;
            for times in 1..=3 {
                bo.leave_at_once(&channel).await?;
                bo.join_at_once(&address).await?;
                if step == "getStats" {
                    bo.counts_online(2).await?;
                    bo.measure_at_once(&channel).await?;
                }
                wait::until("a connection is cut", async || {
                    let so_far = engine.evaluate("globalThis.cut").await?;
                    Ok((so_far.as_u64() >= Some(times)).then_some(()))
                })
                .await?;
            }
            let mend = format!("void (RTCPeerConnection.prototype.{step} = whole)");
            engine.evaluate(&mend).await?;
        }
        bo.leave_at_once(&channel).await?;
        bo.join_at_once(&address).await?;
        bo.counts_online(2).await?;
        settled(&mut engine).await?;
        Ok(())
    })
    .await;
}

/// From now on, this step closes the connection it is taken on.
fn cut(step: &str) -> String {
    format!(
        "void (
            globalThis.cut = 0,
            globalThis.whole = RTCPeerConnection.prototype.{step},
            RTCPeerConnection.prototype.{step} = function (...given) {{
                const taken = whole.apply(this, given);
                this.close();
                cut += 1;
                return taken;
            }}
        )"
    )
}

/// The live connections, once they are no more than their link has: one that was closed a moment ago is still held by what
/// it has under way.
async fn settled(engine: &mut DevTools) -> anyhow::Result<u64> {
    wait::until("no more connections than one link has", async || {
        let live = engine.on_live(CLASS, STATES).await?;
        let count = live.as_array().map_or(0, Vec::len) as u64;
        ensure!(count <= CONNECTIONS, "{count} are alive: {live}");
        Ok(Some(count))
    })
    .await
}
