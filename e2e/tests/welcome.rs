//! The welcome page: by keyboard alone, by QR code, and while the server is not there.

use anyhow::{Context, Result, ensure};
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
        ann.tab_to("welcome-moving").await?;
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

#[tokio::test]
async fn from_the_welcome_page_to_a_sent_message_by_keyboard_alone() {
    on_stage("welcome_to_message", async |stage| {
        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.to_front().await?;
        ann.open_ready("welcome.html?lang=en").await?;
        let types = async |text: &str| -> Result<()> {
            Ok(ann.driver.active_element().await?.send_keys(text).await?)
        };
        // The focus is there already.
        types("Ann").await?;
        ann.tab_to("way-private").await?;
        ann.tab_to("channel").await?;
        types("nest").await?;
        ann.tab_to("server").await?;
        let all = Key::Control + "a";
        ann.driver.active_element().await?.send_keys(all).await?;
        types(&stage.host.address).await?;
        ann.press(Key::Enter).await?;
        ann.find("done").await?;
        ann.sees_meeting("online").await?;
        ann.tab_to("open-chat").await?;
        ann.press(Key::Enter).await?;
        ann.find("composer").await?;
        let focus = "document.activeElement.dataset.testid ?? ''";
        if ann.js(&format!("return {focus}")).await? != "composer" {
            ann.tab_to("composer").await?;
        }
        types("Hello").await?;
        ann.press(Key::Enter).await?;
        ann.sees(&["Hello"]).await
    })
    .await;
}

/// Reads the one QR code of a screenshot.
fn read_code(png: &[u8]) -> Result<String> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("a size")?];
    let info = reader.next_frame(&mut pixels)?;
    let (width, samples) = (info.width as usize, info.color_type.samples());
    let grey = |x, y| pixels[(y * width + x) * samples];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, info.height as usize, grey);
    let codes = image.detect_grids();
    ensure!(codes.len() == 1, "{} codes", codes.len());
    Ok(codes[0].decode()?.1)
}

#[tokio::test]
async fn the_qr_code_is_the_invitation_and_shown_only_when_asked_for() {
    on_stage("welcome_qr", async |stage| {
        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.to_front().await?;
        ann.choose_way("Ann", "way-private").await?;
        ann.fill("server", &stage.host.address).await?;
        ann.fill("channel", "猫窝").await?;
        ann.get_in().await?;
        // A picture has no more of an element than what is on the screen.
        ann.viewport(800, 1200).await?;
        ensure!(
            ann.js("return document.querySelector('[data-testid=qr]')")
                .await?
                .is_null()
        );
        for theme in ["light", "dark"] {
            ann.js(&format!(
                "document.documentElement.dataset.theme = '{theme}'"
            ))
            .await?;
            ann.click("show-qr").await?;
            let code = ann.find("qr").await?.screenshot_as_png().await?;
            ann.click("show-invitation").await?;
            let invitation = ann.text("invitation").await?;
            let read = read_code(&code)?;
            ensure!(
                read == invitation && read.contains('#'),
                "{read} is not {invitation}"
            );
            ann.click("show-invitation").await?;
            ann.click("show-qr").await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_and_noticed_when_it_comes() {
    on_stage("welcome_offline", async |stage| {
        stage.host.kill()?;
        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.to_front().await?;
        ann.choose_way("Ann", "way-private").await?;
        ann.fill("server", &stage.host.address).await?;
        ann.fill("channel", "nest").await?;
        ann.get_in().await?;
        ann.sees_meeting("offline").await?;
        let line = ann.text("run-server").await?;
        let expected = format!("catnest-host serve --listen {}", stage.host.address);
        ensure!(line == expected, "{line}");
        stage.host.start_again()?;
        stage.browser("Ann")?.sees_meeting("online").await
    })
    .await;
}
