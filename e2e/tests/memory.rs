//! The search of a browser's memory finds what is there: without this, its finding nothing would prove nothing.

use std::time::Instant;

use anyhow::ensure;
use catnest_e2e::{memory, stage::on_stage};

#[tokio::test]
async fn what_is_typed_is_found_in_the_browser_s_memory() {
    on_stage("memory", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        // Never typed, sent or joined anywhere but here.
        let absent = ["marmalade", "unspoken"].join("-");
        let present = ["marmalade", "spoken"].join("-");
        ann.fill("composer", &present).await?;
        let started = Instant::now();
        let (mut found, mut bytes) = ([0, 0], 0);
        let processes = ann.processes().await?;
        for process in &processes {
            let search = memory::search(*process, &[&absent, &present])?;
            bytes += search.bytes;
            for one in search.found {
                found[one.text] += 1;
            }
        }
        println!(
            "{} processes, {} MiB in {:.1?}: found {found:?}",
            processes.len(),
            bytes >> 20,
            started.elapsed()
        );
        ensure!(found[0] == 0 && found[1] > 0, "{found:?}");
        Ok(())
    })
    .await;
}
