//! The welcome page by keyboard alone.

use anyhow::ensure;
use catnest_e2e::{stage::on_stage, wait};
use thirtyfour::prelude::*;

#[tokio::test]
async fn the_ways_in_are_chosen_by_keyboard_and_a_problem_leads_to_its_field() {
    on_stage("welcome_keyboard", async |stage| {
        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.to_front().await?;
        ann.open_ready("welcome.html?lang=en").await?;
        let press = async |key: Key| -> anyhow::Result<()> {
            Ok(ann
                .driver
                .active_element()
                .await?
                .send_keys(key + "")
                .await?)
        };
        ann.fill("name", "Ann").await?;
        press(Key::Tab).await?;
        // One stop for all four, the first of them chosen; arrows choose another.
        ann.find("channel").await?;
        press(Key::Down).await?;
        ann.find("passphrase").await?;
        press(Key::Up).await?;
        press(Key::Up).await?;
        ann.find("address").await?;
        press(Key::Up).await?;
        press(Key::Tab).await?;
        press(Key::Enter).await?;
        let problem = ann.text("problem").await?;
        ensure!(problem.contains("(name)"), "{problem}");
        let focus = "return document.activeElement.id";
        wait::until("the focus is in the field", async || {
            Ok((ann.js(focus).await? == "channel").then_some(()))
        })
        .await?;
        ann.fill("channel", "nest").await?;
        press(Key::Enter).await?;
        ann.find("done").await?;
        wait::until("the focus is on what came instead", async || {
            Ok((ann.js(focus).await? == "done-title").then_some(()))
        })
        .await
    })
    .await;
}
