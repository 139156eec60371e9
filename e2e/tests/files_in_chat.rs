//! Files in the chat, as people send, see, save and remove them.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use catnest_e2e::{files::Press, stage::on_stage};
use serde_json::json;

/// A picture that is in the repository anyway.
fn picture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../extension/static/icons/128.png")
}

#[tokio::test]
async fn what_one_attaches_the_other_sees_saves_removes_and_gets_again() {
    on_stage("files_in_chat", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        let folder = tempfile::tempdir()?;
        let notes = folder.path().join("notes 笔记.txt");
        std::fs::write(&notes, "<b>Nine lives</b>\n")?;

        ann.to_front().await?;
        ann.put("composer", "Look").await?;
        ann.attach(&[&picture(), &notes]).await?;
        ann.detach("notes 笔记.txt").await?;
        ann.attach(&[&notes]).await?;
        ann.send().await?;
        for name in ["128.png", "notes 笔记.txt"] {
            ann.sees_file(name, "complete").await?;
        }
        ann.has_taken_all_in().await?;
        ann.sees(&["Look"]).await?;
        ann.sees_picture("128.png").await?;

        // A picture comes by itself, anything else when it is wanted.
        bo.to_front().await?;
        bo.sees(&["Look"]).await?;
        bo.sees_file("128.png", "complete").await?;
        bo.sees_picture("128.png").await?;
        bo.sees_file("notes 笔记.txt", "absent").await?;
        bo.press_on_file("notes 笔记.txt", Press::Download).await?;
        bo.sees_file("notes 笔记.txt", "complete").await?;
        let saved = folder.path().join("saved");
        std::fs::create_dir(&saved)?;
        bo.downloads_to(&saved).await?;
        for (name, file) in [("notes 笔记.txt", &notes), ("128.png", &picture())] {
            let path = bo.save(name, &saved).await?;
            ensure!(
                std::fs::read(&path)? == std::fs::read(file)?,
                "{name} is another"
            );
        }

        bo.open_transfers().await?;
        bo.sees_file("128.png", "complete").await?;
        bo.press_on_file("notes 笔记.txt", Press::Remove).await?;
        bo.answer_question(true).await?;
        bo.js_is(
            "[...document.querySelectorAll('[data-testid=file]')].map((card) => card.dataset.name)",
            json!(["128.png"]),
        )
        .await?;
        bo.open_chat().await?;
        bo.sees_file("notes 笔记.txt", "absent").await?;
        bo.press_on_file("notes 笔记.txt", Press::Download).await?;
        bo.sees_file("notes 笔记.txt", "complete").await?;

        // Opened: letter by letter.
        bo.open_file("notes 笔记.txt").await?;
        ensure!(bo.text("content").await?.trim() == "<b>Nine lives</b>");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_file_is_paused_goes_on_and_is_given_up_by_clicks() {
    on_stage("files_paused", async |stage| {
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        ann.sees_online(&["Ann", "Bo"]).await?;
        let folder = tempfile::tempdir()?;
        let film = folder.path().join("film.bin");
        // Long enough on its way that a click meets it there.
        std::fs::write(&film, vec![7; 48 * 1024 * 1024])?;
        ann.to_front().await?;
        ann.share("Look", &[&film]).await?;
        ann.sees_file("film.bin", "complete").await?;

        bo.to_front().await?;
        bo.sees_file("film.bin", "absent").await?;
        bo.press_on_file("film.bin", Press::Download).await?;
        bo.sees_file("film.bin", "fetching").await?;
        bo.press_on_file("film.bin", Press::Pause).await?;
        let paused = bo.sees_file("film.bin", "paused").await?.percent;
        ensure!(paused.is_some(), "it does not say how much is here");
        // It is the device that waits, not the page, and the list of transfers says the same.
        bo.open_transfers().await?;
        let there = bo.sees_file("film.bin", "paused").await?.percent;
        ensure!(
            there >= paused && there < Some(100),
            "{paused:?}, then {there:?}"
        );
        bo.open_chat().await?;
        let again = bo.sees_file("film.bin", "paused").await?.percent;
        ensure!(again == there, "{there:?}, then {again:?}");
        bo.press_on_file("film.bin", Press::Resume).await?;
        bo.sees_file("film.bin", "fetching").await?;
        // Given up, nothing of it is left; wanted again, it comes from the beginning.
        bo.press_on_file("film.bin", Press::Cancel).await?;
        bo.sees_file("film.bin", "absent").await?;
        bo.press_on_file("film.bin", Press::Download).await?;
        bo.sees_file("film.bin", "complete").await?;
        let saved = folder.path().join("saved");
        std::fs::create_dir(&saved)?;
        bo.downloads_to(&saved).await?;
        let saved = bo.save("film.bin", &saved).await?;
        ensure!(
            std::fs::read(saved)? == std::fs::read(&film)?,
            "it is another"
        );
        Ok(())
    })
    .await;
}
