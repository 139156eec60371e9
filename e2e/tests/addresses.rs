//! A malformed address says which part is wrong, in the member's language.

use catnest_e2e::stage::on_stage;

#[tokio::test]
async fn a_malformed_address_says_which_part_is_wrong() {
    on_stage("malformed_address", async |stage| {
        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.open_ready("welcome.html?lang=en").await?;
        ann.fill("name", "Ann").await?;
        ann.click("way-invitation").await?;
        for (address, part) in [
            ("http://127.0.0.1/nest", "(beginning)"),
            ("webrtc://cat..example/nest", "(server)"),
            ("webrtc://127.0.0.1:99999/nest", "(port)"),
            ("webrtc://127.0.0.1", "(name)"),
            ("webrtc://127.0.0.1/nest/xyz", "(resource)"),
            ("webrtc://127.0.0.1/nest#short", "(secret)"),
        ] {
            ann.fill("address", address).await?;
            ann.click("submit").await?;
            let shown = catnest_e2e::wait::until(part, async || {
                Ok(Some(ann.text("problem").await?).filter(|shown| shown.contains(part)))
            });
            shown.await?;
        }
        Ok(())
    })
    .await;
}
