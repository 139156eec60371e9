//! Lyrics and covers: out of the file, or given to it later; they go wherever the track goes.

use std::path::Path;

use anyhow::{Result, ensure};
use catnest_e2e::{
    browser::Browser,
    music::{self, Format, Song, lrc},
    stage::on_stage,
};
use serde_json::json;

/// The verse that is sung now.
const SUNG: &str = "document.querySelector('[data-testid=verse][data-current=true]')?.textContent";

/// How wide the picture is that a row shows; nothing without one.
fn cover_of(title: &str) -> String {
    format!(
        "[...document.querySelectorAll('[data-testid=track]')]
            .find((row) => row.querySelector('[data-testid=track-title]').textContent === {title:?})
            ?.querySelector('img')?.naturalWidth ?? null"
    )
}

/// Two people with the panel open.
async fn panels(stage: &mut catnest_e2e::stage::Stage) -> Result<[&Browser; 2]> {
    stage.gather(["Ann", "Bo"], "nest").await?;
    let people = stage.browsers(["Ann", "Bo"])?;
    for person in people {
        person.open_panel().await?;
    }
    people[0].to_front().await?;
    Ok(people)
}

#[tokio::test]
async fn m4_lyrics_are_given_to_a_track_and_travel_with_it() {
    on_stage("m4", async |stage| {
        let folder = tempfile::tempdir()?;
        let lyrics = folder.path().join("fish.lrc");
        let song = music::song(Format::M4a)?;
        let [ann, bo] = panels(stage).await?;
        ann.add_songs(&[&song]).await?;
        let lines = [(0, "Purr"), (2_000, "鱼"), (15_000, "<b>Meow</b>")];
        std::fs::write(&lyrics, lrc(&lines))?;
        // The dialog of the menu's entry is the browser's own; what is chosen there comes by this input.
        ann.gives_part(&song.title, "track-lyrics", "lyrics-input", &lyrics)
            .await?;
        bo.to_front().await?;
        bo.click_track(&song.title).await?;
        bo.open_pane("lyrics").await?;
        bo.js_is(SUNG, json!("鱼")).await?;
        let verses = "document.querySelectorAll('[data-testid=verse]').length";
        bo.js_is(verses, json!(3)).await?;
        let mut ear = bo.ear().await?;
        bo.js("[...document.querySelectorAll('[data-testid=verse]')].at(-1).click()")
            .await?;
        ear.until("({ place, seeking }) => place >= 15 && !seeking")
            .await?;
        bo.js_is(SUNG, json!("<b>Meow</b>")).await
    })
    .await;
}

#[tokio::test]
async fn m5_a_cover_is_read_from_the_file_or_given_to_it() {
    on_stage("m5", async |stage| {
        let folder = tempfile::tempdir()?;
        let picture = folder.path().join("cover.png");
        let blue = "color=c=blue:s=200x200:d=0.1";
        music::ffmpeg(&["-f", "lavfi", "-i", blue, "-frames:v", "1"], &picture)?;
        let songs = [music::song(Format::Flac)?, music::song(Format::Opus)?];
        ensure!(Format::Flac.has_cover() && !Format::Opus.has_cover());
        let [ann, bo] = panels(stage).await?;
        ann.add_songs(&[&songs[0], &songs[1]]).await?;
        bo.to_front().await?;
        bo.js_is(&cover_of(&songs[0].title), json!(320)).await?;
        bo.track_that(&songs[1].title, "listed", |_| true).await?;
        bo.js_is(&cover_of(&songs[1].title), json!(null)).await?;
        ann.to_front().await?;
        for song in &songs {
            ann.gives_part(&song.title, "track-cover", "cover-input", &picture)
                .await?;
        }
        bo.to_front().await?;
        for song in &songs {
            bo.js_is(&cover_of(&song.title), json!(200)).await?;
        }
        Ok(())
    })
    .await;
}

/// A folder as people have them: songs, and what belongs to one of them beside it.
fn album(folder: &Path) -> Result<[Song; 2]> {
    let songs = [music::song(Format::Opus)?, music::song(Format::Wav)?];
    std::fs::create_dir(folder)?;
    for song in &songs {
        std::fs::copy(&song.path, folder.join(song.name()))?;
    }
    let words = folder.join(songs[0].name()).with_extension("lrc");
    std::fs::write(words, lrc(&[(0, "Nine")]))?;
    std::fs::write(folder.join("notes.txt"), "no music")?;
    let blue = "color=c=blue:s=200x200:d=0.1";
    let cover = folder.join("cover.png");
    music::ffmpeg(&["-f", "lavfi", "-i", blue, "-frames:v", "1"], &cover)?;
    Ok(songs)
}

#[tokio::test]
async fn a_folder_is_added_with_what_lies_beside_its_songs() {
    on_stage("music_folder", async |stage| {
        let folder = tempfile::tempdir()?;
        let (dropped, picked) = (folder.path().join("dropped"), folder.path().join("picked"));
        album(&dropped)?;
        let songs = album(&picked)?;
        let titles = songs.each_ref().map(|song| song.title.as_str());
        // In nests apart, where neither has anything of the other's.
        for (name, nest, by_drop) in [("Ann", "nest", true), ("Bo", "roof", false)] {
            stage.join(name, nest).await?;
            let person = stage.browser(name)?;
            person.open_panel().await?;
            if by_drop {
                person.drop_in_the_middle(&[&dropped]).await?;
            } else {
                person.give("add-folder-input", &[&picked]).await?;
            }
            person.lists(&titles).await?;
            for title in titles {
                person.js_is(&cover_of(title), json!(200)).await?;
            }
            person.click_track(titles[0]).await?;
            person.open_pane("lyrics").await?;
            person.js_is(SUNG, json!("Nine")).await?;
        }
        Ok(())
    })
    .await;
}
