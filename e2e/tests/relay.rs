//! Two whose browsers reach the server and nothing else: they meet by its relay, and where it has none they are told so.

use anyhow::{Result, ensure};
use catnest_e2e::{browser::Browser, files::Press, islands::RELAYS, stage::on_islands, wait};

/// More than what fits into a few datagrams.
const LENGTH: usize = 3 * 1024 * 1024;

#[tokio::test]
async fn who_reaches_only_the_server_talks_and_shares_through_its_relay() {
    let listen = format!("{RELAYS}:3478");
    on_islands("relay", &["--turn-listen", &listen], async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        bo.sees_online(&["Bo", "Ann"]).await?;
        for (person, other) in [(ann, "Bo"), (bo, "Ann")] {
            person.to_front().await?;
            person.click("members-toggle").await?;
            reaches(person, other, "relayed").await?;
            ensure!(person.text("unreached").await?.is_empty());
            person.click("members-toggle").await?;
        }
        ann.say("Can you hear me?").await?;
        bo.sees(&["Can you hear me?"]).await?;
        bo.say("As if you were here").await?;
        ann.sees(&["Can you hear me?", "As if you were here"])
            .await?;

        let folder = tempfile::tempdir()?;
        let file = folder.path().join("song.bin");
        let bytes: Vec<u8> = (0..LENGTH).map(|at| (at * at / 7) as u8).collect();
        std::fs::write(&file, &bytes)?;
        ann.to_front().await?;
        ann.share("Listen", &[&file]).await?;
        bo.to_front().await?;
        bo.sees_file("song.bin", "absent").await?;
        bo.press_on_file("song.bin", Press::Download).await?;
        bo.sees_file("song.bin", "complete").await?;
        let saved = folder.path().join("saved");
        std::fs::create_dir(&saved)?;
        bo.downloads_to(&saved).await?;
        let path = bo.save("song.bin", &saved).await?;
        ensure!(std::fs::read(path)? == bytes, "it is another file");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn who_reaches_only_a_server_without_relays_is_told_so() {
    on_islands("relay_none", &[], async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        for name in ["Ann", "Bo"] {
            let person = stage.browser(name)?;
            let told = wait::until("told that somebody cannot be reached", async || {
                let told = person.text("unreached").await?;
                Ok((!told.is_empty()).then_some(told))
            })
            .await?;
            ensure!(
                told == "1 device is here but cannot be reached: there is no direct path, and the server offers no \
                         relay.",
                "{told:?}"
            );
            person.sees_online(&[name]).await?;
            person.sees_server("online").await?;
        }
        Ok(())
    })
    .await;
}

/// Waits until a member is shown to be reached in a way.
async fn reaches(person: &Browser, other: &str, way: &str) -> Result<()> {
    let script = "return [...document.querySelectorAll('[data-testid=member]')].map(member =>
        `${member.querySelector('[data-testid=member-name]').textContent} ${member.dataset.contact}`)";
    let wanted = format!("{other} {way}");
    wait::until(&wanted, async || {
        let shown = person.js(script).await?;
        let all = shown.as_array().into_iter().flatten();
        Ok(all.into_iter().any(|one| *one == *wanted).then_some(()))
    })
    .await
}
