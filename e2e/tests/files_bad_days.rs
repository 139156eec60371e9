//! Files on bad days: who gets one is killed, a connection is closed, and a large one comes.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context, Result, ensure};
use catnest::resource::ResourceHasher;
use catnest_e2e::{
    browser::Browser,
    file_view::channel_of,
    long_runs, peak,
    program::Program,
    stage::{Stage, on_stage},
    wait,
};
use serde_json::Value;

const MIB: u64 = 1024 * 1024;
const LENGTH: u64 = 64 * MIB;
/// How often somebody is killed in a long run.
const KILLS: usize = 10;

/// Somebody's page that speaks to the engine about files.
async fn page<'a>(stage: &'a Stage, name: &str) -> Result<&'a Browser> {
    let browser = stage.browser(name)?;
    browser.open_ready("welcome.html").await?;
    browser.install_files().await?;
    Ok(browser)
}

/// How much of a file is to be there when somebody is killed: other moments in each run.
fn moments() -> Vec<u64> {
    let mut random = [0; KILLS];
    let count = if long_runs() { KILLS } else { 1 };
    for moment in &mut random[..count] {
        // As random as it has to be.
        let bytes = std::collections::hash_map::RandomState::new();
        let hash = std::hash::BuildHasher::hash_one(&bytes, 0);
        *moment = MIB + hash % (LENGTH * 3 / 4);
    }
    random[..count].to_vec()
}

fn number(value: &Value) -> Result<u64> {
    value
        .as_u64()
        .with_context(|| format!("{value} is no number"))
}

/// How much the only giver of a file gave twice, which is no more than a megabyte. What was on its way when the taker was
/// killed went out, and counts.
async fn twice(giver: &Browser, file: &Value) -> Result<u64> {
    let sent = number(&giver.file_now(file).await?["sent"])?;
    let twice = sent.checked_sub(LENGTH).context("less went than came")?;
    ensure!(twice <= MIB, "{twice} bytes went twice");
    Ok(twice)
}

#[tokio::test]
async fn a_browser_that_is_killed_goes_on_where_it_was() {
    on_stage("files_killed_browser", async |stage| {
        for name in ["Ann", "Bo"] {
            stage.join(name, "nest").await?;
        }
        let channel = channel_of(&stage.host.channel("nest"))?;
        for moment in moments() {
            let ann = page(stage, "Ann").await?;
            let name = format!("killed after {moment}");
            let file = ann.share_at_once(&channel, &name, LENGTH).await?;
            let bo = page(stage, "Bo").await?;
            bo.begin_to_fetch(&channel, &file).await?;
            bo.file_reaches(&file, moment).await?;
            stage.take_browser("Bo")?.kill();

            stage.start_browser("Bo").await?;
            let bo = page(stage, "Bo").await?;
            let after = bo.file_is(&file, "complete").await?;
            ensure!(after["file"] == file, "{after}");
            let twice = twice(stage.browser("Ann")?, &file).await?;
            println!("killed after {moment} bytes: {twice} bytes went twice");
            bo.remove_at_once(&file).await?;
            stage.browser("Ann")?.remove_at_once(&file).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_host_that_is_killed_goes_on_where_it_was() {
    on_stage("files_killed_host", async |stage| {
        stage.join("Ann", "nest").await?;
        let nest = stage.host.channel("nest");
        let channel = channel_of(&nest)?;
        let ann = page(stage, "Ann").await?;
        let folder = tempfile::tempdir()?;
        for moment in moments() {
            let name = format!("killed after {moment}");
            let file = ann.share_at_once(&channel, &name, LENGTH).await?;
            let id = file["id"].as_str().context("an id")?;
            let target = folder.path().join(id);
            let mut get = start_get(&nest, id, &target)?;
            get.until(|line| line["event"] == "progress" && line["have"].as_u64() >= Some(moment))
                .await?;
            get.kill().await?;
            ensure!(!target.exists(), "it is there before it is whole");
            let mut get = start_get(&nest, id, &target)?;
            let after = get.until(|line| line["event"] == "got").await?;
            ensure!(after["file"] == file, "{after}");
            let twice = twice(ann, &file).await?;
            println!("killed after {moment} bytes: {twice} bytes went twice");
            ann.remove_at_once(&file).await?;
        }
        Ok(())
    })
    .await;
}

fn start_get(nest: &str, id: &str, target: &Path) -> Result<Program> {
    Program::host("get", |command| {
        command.arg(format!("{nest}/{id}")).arg("-o").arg(target);
        command
            .arg("--json")
            .arg("--data")
            .arg(target.with_extension("data"));
    })
}

/// Whether a file is what its descriptor says.
fn check_saved(saved: &Path, file: &Value) -> Result<()> {
    let bytes = std::fs::read(saved)?;
    let mut hasher = ResourceHasher::new(LENGTH);
    hasher.update(&bytes)?;
    let hashed = hasher.finish()?;
    let said = (&file["id"], &file["md5"]);
    let is = (hashed.id.to_string(), hashed.md5.to_string());
    ensure!(*said.0 == is.0 && *said.1 == is.1, "{is:?}, not {said:?}");
    Ok(())
}

/// Chat goes on while a file moves, and either connection may be closed: nothing is lost, and nothing there twice. How
/// promptly is printed.
#[tokio::test]
async fn a_file_and_a_conversation_go_on_when_a_connection_is_closed() {
    on_stage("files_closed_connection", async |stage| {
        stage.join("Bo", "nest").await?;
        // Nobody is linked yet: every connection is noted.
        let mut engine = stage.browser("Bo")?.engine().await?;
        engine.note_connections().await?;
        stage.join("Ann", "nest").await?;
        let channel = channel_of(&stage.host.channel("nest"))?;
        let (ann, bo) = (page(stage, "Ann").await?, page(stage, "Bo").await?);
        let both = async |engine: &mut catnest_e2e::devtools::DevTools| {
            wait::until("two connections", async || {
                let connected = engine.connected().await?;
                Ok((connected == 2).then_some(()))
            })
            .await
        };
        // Messages, those with the files among them.
        let mut said = 0;
        for connection in 0..2 {
            both(&mut engine).await?;
            let name = format!("closed {connection}");
            let file = ann.share_at_once(&channel, &name, LENGTH).await?;
            bo.begin_to_fetch(&channel, &file).await?;
            bo.file_reaches(&file, LENGTH / 8).await?;
            let mut times = ann.chat_at_once(&channel, 10).await?;
            engine.close_connection(connection).await?;
            times.extend(ann.chat_at_once(&channel, 3).await?);
            let got = bo.file_is(&file, "complete").await?;
            ensure!(got["file"] == file, "{got}");
            let twice = number(&got["received"])?.saturating_sub(LENGTH);
            times.sort_by(f64::total_cmp);
            println!(
                "connection {connection} closed: {twice} bytes came twice; a message was stored there after {:.0} ms \
                 (median of {}), {:.0} ms at most",
                times[times.len() / 2],
                times.len(),
                times[times.len() - 1]
            );
            ensure!(got["have_bytes"] == LENGTH, "{got}");
            let folder = tempfile::tempdir()?;
            let saved = bo.save_at_once(&file, folder.path()).await?;
            check_saved(&saved, &file)?;
            said += times.len() + 1;
            let heard = bo.heard(said).await?;
            let once: BTreeSet<&String> = heard.iter().collect();
            ensure!(heard.len() == said, "{} of {said} messages", heard.len());
            ensure!(once.len() == said, "a message came twice");
            for person in [ann, bo] {
                person.remove_at_once(&file).await?;
            }
        }
        both(&mut engine).await?;
        let heard = bo.heard(said).await?.len();
        ensure!(heard == said, "{heard} of {said} messages, after a while");
        Ok(())
    })
    .await;
}

/// What the process that the offscreen document is in holds at most, while 256 MiB come.
#[tokio::test]
async fn a_large_file_is_not_in_memory() {
    const LARGE: u64 = 256 * MIB;
    if !long_runs() {
        return;
    }
    on_stage("files_large", async |stage| {
        for name in ["Ann", "Bo"] {
            stage.join(name, "nest").await?;
        }
        let channel = channel_of(&stage.host.channel("nest"))?;
        let (ann, bo) = (page(stage, "Ann").await?, page(stage, "Bo").await?);
        let file = ann.share_at_once(&channel, "large", LARGE).await?;
        ann.file_is(&file, "complete").await?;
        // The page that made the bytes is gone with them.
        let ann = page(stage, "Ann").await?;
        let processes = [
            peak::of_extension(&ann.processes().await?)?,
            peak::of_extension(&bo.processes().await?)?,
        ];
        for process in processes {
            peak::forget(process)?;
        }
        let before = processes.map(|process| peak::of(process).unwrap_or_default());
        bo.fetch_at_once(&channel, &file).await?;
        bo.file_is(&file, "complete").await?;
        for (name, process, before) in [
            ("sender", processes[0], before[0]),
            ("receiver", processes[1], before[1]),
        ] {
            let peak = peak::of(process)?;
            println!(
                "{name}: {} MiB at most, {} MiB before",
                peak / MIB,
                before / MIB
            );
            // What the process held before is not this file's; of that, no more than some pieces are in memory.
            ensure!(peak < before + LARGE / 2, "{peak} bytes");
        }
        Ok(())
    })
    .await;
}
