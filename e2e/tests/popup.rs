//! The popup as the browser itself shows it, below the icon.

use anyhow::Result;
use catnest_e2e::{browser::Browser, devtools::DevTools, stage::on_stage, wait};
use serde_json::{Value, json};

async fn is(popup: &mut DevTools, expression: &str, expected: Value) -> Result<()> {
    let mut found = Value::Null;
    wait::until(expression, async || {
        found = popup.evaluate(expression).await?;
        Ok((found == expected).then_some(()))
    })
    .await
    .map_err(|error| error.context(format!("expected {expected}, it is {found}")))
}

/// Opens it, as a click on the icon does.
async fn open(ann: &Browser) -> Result<DevTools> {
    ann.open_ready("welcome.html?lang=en").await?;
    ann.to_front().await?;
    let mut worker = ann.service_worker().await?;
    worker.evaluate("chrome.action.openPopup()").await?;
    let mut popup = ann.popup().await?;
    is(&mut popup, "document.body.dataset.ready", json!("true")).await?;
    Ok(popup)
}

/// How much of it sticks out, to the right and below.
const OVER: &str = "[document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight]";

#[tokio::test]
async fn it_has_its_size_and_takes_a_message() {
    on_stage("popup", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        ann.sees_itself_alone("Ann").await?;
        // With room on every side.
        ann.driver.set_window_rect(600, 100, 900, 700).await?;
        let mut popup = open(ann).await?;
        is(&mut popup, "[innerWidth, innerHeight]", json!([400, 600])).await?;
        is(&mut popup, "document.activeElement.id", json!("composer")).await?;
        // What is typed goes into the popup's focused field, and Enter sends it.
        popup.send("Input.insertText", json!({ "text": "from the popup" })).await?;
        for kind in ["rawKeyDown", "keyUp"] {
            let enter = json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13 });
            popup.send("Input.dispatchKeyEvent", enter).await?;
        }
        let texts = "[...document.querySelectorAll('[data-testid=message-text]')].map((text) => text.textContent)";
        is(&mut popup, texts, json!(["from the popup"])).await?;
        is(&mut popup, OVER, json!([0, 0])).await
    })
    .await;
}

#[tokio::test]
async fn with_less_room_it_is_as_large_as_there_is_room() {
    on_stage("popup_small", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        // Into a corner of the screen.
        ann.driver.set_window_rect(1100, 750, 500, 450).await?;
        let mut popup = open(ann).await?;
        is(&mut popup, "innerHeight < 600", json!(true)).await?;
        is(&mut popup, OVER, json!([0, 0])).await
    })
    .await;
}
