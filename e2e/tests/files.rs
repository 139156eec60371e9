//! Files from device to device: browsers and the host, in every direction, and what they are in the end is asked of
//! `b3sum` and `md5sum`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use catnest_e2e::{
    browser::Browser,
    files::channel_of,
    program::Program,
    stage::{Stage, on_stage},
};
use serde_json::Value;

const MIB: u64 = 1024 * 1024;
const LENGTH: u64 = 64 * MIB;

/// A file of random bytes.
async fn random_file(folder: &Path, name: &str, length: u64) -> Result<PathBuf> {
    let path = folder.join(name);
    let mut random =
        tokio::io::AsyncReadExt::take(tokio::fs::File::open("/dev/urandom").await?, length);
    let mut file = tokio::fs::File::create(&path).await?;
    tokio::io::copy(&mut random, &mut file).await?;
    Ok(path)
}

/// What `b3sum` and `md5sum` print for a file.
fn sums(path: &Path) -> Result<[String; 2]> {
    let sum = |program: &str| -> Result<String> {
        let output = Command::new(program).arg(path).output();
        let output = output.with_context(|| format!("running {program}"))?;
        ensure!(output.status.success(), "{program} failed");
        let text = String::from_utf8(output.stdout)?;
        let sum = text.split_whitespace().next().context("a sum")?;
        Ok(sum.trim_start_matches('\\').to_owned())
    };
    Ok([sum("b3sum")?, sum("md5sum")?])
}

/// That a file is what a descriptor says, and as long.
fn check(path: &Path, file: &Value, length: u64) -> Result<()> {
    ensure!(
        std::fs::metadata(path)?.len() == length,
        "{}",
        path.display()
    );
    let [blake3, md5] = sums(path)?;
    ensure!(file["id"] == blake3, "{file} is {blake3}");
    ensure!(file["md5"] == md5, "{file} is {md5}");
    Ok(())
}

/// Starts `catnest-host share` with a file. Gives the file's descriptor.
async fn share(stage: &Stage, path: &Path) -> Result<(Program, Value)> {
    let data = path.with_extension("data");
    let mut program = Program::host("share", |command| {
        command.arg(path).arg(stage.host.channel("nest"));
        command.arg("--json").arg("--data").arg(data);
    })?;
    let shared = program.until(|line| line["event"] == "shared").await?;
    program.until(|line| line["event"] == "ready").await?;
    Ok((program, shared["file"].clone()))
}

/// Starts `catnest-host get`.
fn get(stage: &Stage, file: &Value, target: &Path) -> Result<Program> {
    let address = format!(
        "{}/{}",
        stage.host.channel("nest"),
        file["id"].as_str().context("an id")?
    );
    Program::host("get", |command| {
        command.arg(address).arg("-o").arg(target);
        command
            .arg("--json")
            .arg("--data")
            .arg(target.with_extension("data"));
    })
}

/// Somebody's page that speaks to the engine about files.
async fn page<'a>(stage: &'a Stage, name: &str) -> Result<&'a Browser> {
    let browser = stage.browser(name)?;
    browser.open_ready("welcome.html").await?;
    browser.install_files().await?;
    Ok(browser)
}

#[tokio::test]
async fn from_browser_to_browser() {
    on_stage("files_browser_browser", async |stage| {
        for name in ["Ann", "Bo"] {
            stage.join(name, "nest").await?;
        }
        let channel = channel_of(&stage.host.channel("nest"))?;
        let (ann, bo) = (page(stage, "Ann").await?, page(stage, "Bo").await?);
        let file = ann.share_at_once(&channel, "song", LENGTH).await?;
        bo.fetch_at_once(&channel, &file).await?;
        let got = bo.file_is(&file, "complete").await?;
        ensure!(got["file"] == file, "{got}");
        let folder = tempfile::tempdir()?;
        let saved = bo.save_at_once(&file, folder.path()).await?;
        check(&saved, &file, LENGTH)
    })
    .await;
}

#[tokio::test]
async fn from_browser_to_host() {
    on_stage("files_browser_host", async |stage| {
        stage.join("Ann", "nest").await?;
        let channel = channel_of(&stage.host.channel("nest"))?;
        let ann = page(stage, "Ann").await?;
        let file = ann.share_at_once(&channel, "song", LENGTH).await?;
        let folder = tempfile::tempdir()?;
        let target = folder.path().join("song");
        let mut get = get(stage, &file, &target)?;
        get.until(|line| line["event"] == "got").await?;
        check(&target, &file, LENGTH)
    })
    .await;
}

#[tokio::test]
async fn from_host_to_browser() {
    on_stage("files_host_browser", async |stage| {
        stage.join("Bo", "nest").await?;
        let channel = channel_of(&stage.host.channel("nest"))?;
        let bo = page(stage, "Bo").await?;
        let folder = tempfile::tempdir()?;
        let path = random_file(folder.path(), "song", LENGTH).await?;
        let (_sharing, file) = share(stage, &path).await?;
        check(&path, &file, LENGTH)?;
        bo.fetch_at_once(&channel, &file).await?;
        bo.file_is(&file, "complete").await?;
        let saved = bo.save_at_once(&file, folder.path()).await?;
        check(&saved, &file, LENGTH)
    })
    .await;
}

/// With a gigabyte, which neither end has in memory.
#[tokio::test]
async fn from_host_to_host() {
    on_stage("files_host_host", async |stage| {
        let folder = tempfile::tempdir()?;
        let path = random_file(folder.path(), "film", 1024 * MIB).await?;
        let (sharing, file) = share(stage, &path).await?;
        let target = folder.path().join("got");
        let mut get = get(stage, &file, &target)?;
        get.until(|line| line["event"] == "progress" && line["have"] == file["length"])
            .await?;
        let peaks = [sharing.peak()?, get.peak()?];
        get.until(|line| line["event"] == "got").await?;
        println!(
            "peak memory: {} MiB and {} MiB",
            peaks[0] / MIB,
            peaks[1] / MIB
        );
        ensure!(peaks.iter().all(|peak| *peak < 200 * MIB), "{peaks:?}");
        check(&target, &file, 1024 * MIB)
    })
    .await;
}
