//! How soon there is music: from the click on a track that is not here until it sounds, and from a seek into what is not
//! here yet until it sounds there.
//!
//! One device has the tracks, another one plays them, each once and none for long: it is forgotten before the next one. The
//! second device is a program of its own ([`listener`]), because where the rate is capped it is in a network of its own
//! ([`narrow`]).
//!
//! ```text
//!  this program                           the listener
//!  host ← browser with the tracks  ═════  browser that plays
//!         (this network)           cap    (a network of its own)
//! ```

pub(crate) mod listener;
mod narrow;

use std::{path::Path, process::Stdio};

use anyhow::{Context, Result, bail};
use catnest_e2e::{
    browser::Window,
    file_view::channel_of,
    music::{ffmpeg, noise},
    stage::Stage,
    target_dir,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use self::narrow::Narrow;

/// How often a track is started, each time another one.
const STARTS: u32 = 50;
/// How long a track plays: of FLAC that are some 7 MB, of MP3 some 2.4 MB.
const SECONDS: u32 = 60;
/// Who has the tracks.
const OWNER: &str = "owner";

/// Under which circumstances music is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// As fast as this machine can.
    Uncapped,
    /// Ten megabits a second each way.
    TenMbit,
}

impl Case {
    const ALL: [Self; 2] = [Self::Uncapped, Self::TenMbit];

    fn name(self) -> &'static str {
        match self {
            Self::Uncapped => "uncapped",
            Self::TenMbit => "10mbit",
        }
    }

    /// Where the 95th percentiles should be, in milliseconds.
    fn goal(self) -> f64 {
        match self {
            Self::Uncapped => 300.0,
            Self::TenMbit => 1000.0,
        }
    }
}

/// What one start came to. The listener says it in a line of JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    /// The file's name.
    track: String,
    /// From the click until it sounded, in milliseconds.
    first_audio_ms: f64,
    /// From asking for it at four fifths until it sounded there.
    seek_ms: f64,
    /// How often it waited for bytes in between, and after that.
    stalls: u32,
}

/// Measures, and prints what it found.
pub(crate) async fn run(json: bool, only: Option<&str>, starts: Option<u32>) -> Result<()> {
    let starts = starts.unwrap_or(STARTS);
    let folder = TempDir::new()?;
    for number in 0..starts {
        make(folder.path(), number)?;
    }
    println!(
        "{:10}  {:>14}  {:>14}  {:>11}  {:>11}  {:>6}",
        "case", "first p50 (ms)", "first p95 (ms)", "seek p50", "seek p95", "stalls"
    );
    let mut rows = Vec::new();
    for case in Case::ALL {
        if only.is_some_and(|only| only != case.name()) {
            continue;
        }
        let narrow = match case {
            Case::Uncapped => None,
            Case::TenMbit => match Narrow::join("10mbit") {
                Ok(narrow) => Some(narrow),
                Err(why) => {
                    println!("{:10}  not measured: {why:#}", case.name());
                    continue;
                }
            },
        };
        let started = measure(case, narrow.as_ref(), folder.path(), starts).await?;
        rows.push(row(case, &started));
    }
    if json {
        println!("{}", json!({ "rows": rows }));
    }
    Ok(())
}

/// Makes a track that nothing else is like: two of three are FLAC, the others MP3.
fn make(folder: &Path, number: u32) -> Result<()> {
    let noise = format!("{};[noise]anull", noise(SECONDS, number, 0.4));
    let (ending, codec): (&str, &[&str]) = if number % 3 == 2 {
        ("mp3", &["-c:a", "libmp3lame", "-b:a", "320k"])
    } else {
        ("flac", &["-c:a", "flac", "-sample_fmt", "s16"])
    };
    let mut arguments = vec!["-f", "lavfi", "-i", &noise, "-metadata", "artist=Noise"];
    arguments.extend(codec);
    ffmpeg(&arguments, &folder.join(format!("{number}.{ending}")))
}

async fn measure(
    case: Case,
    narrow: Option<&Narrow>,
    tracks: &Path,
    starts: u32,
) -> Result<Vec<Start>> {
    let folder = target_dir("bench").join("music").join(case.name());
    let mut stage = Stage::set(folder.clone(), Window::Headless)?;
    stage.join(OWNER, "nest").await?;
    let owner = stage.browser(OWNER)?;
    owner.open_ready("welcome.html").await?;
    owner.to_front().await?;
    owner.install_music().await?;
    let channel = channel_of(&stage.host.channel("nest"))?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(tracks)? {
        files.push(entry?.path());
    }
    let files: Vec<&Path> = files.iter().map(AsRef::as_ref).collect();
    // As many as a message may have.
    for files in files.chunks(catnest::limits::MAX_MESSAGE_FILES) {
        owner.add_music_at_once(&channel, files).await?;
    }
    let _relay = match narrow {
        Some(narrow) => Some(narrow.lets_in(&stage.host.address).await?),
        None => None,
    };
    let this = std::env::current_exe()?;
    let mut command = match narrow {
        Some(narrow) => narrow.command(&this),
        None => Command::new(&this),
    };
    command.arg("music-listener");
    command.args(["--server", &stage.host.address]);
    command.args(["--starts", &starts.to_string()]);
    command.arg("--folder").arg(&folder);
    if narrow.is_some() {
        command.arg("--relay");
    }
    listen(command).await
}

/// Runs the listener. It ends when its input does: killed, it would leave its browser behind.
async fn listen(mut command: Command) -> Result<Vec<Start>> {
    let mut listener = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {command:?}"))?;
    let input = listener.stdin.take();
    let output = listener.stdout.take().context("a piped output")?;
    let mut lines = BufReader::new(output).lines();
    let mut starts = Vec::new();
    let heard = async {
        while let Some(line) = lines.next_line().await? {
            starts.push(serde_json::from_str(&line).with_context(|| line.clone())?);
        }
        anyhow::Ok(())
    }
    .await;
    drop(input);
    let status = listener.wait().await?;
    heard?;
    if !status.success() {
        bail!("the listener ended: {status}");
    }
    Ok(starts)
}

fn row(case: Case, starts: &[Start]) -> Value {
    let first = Percentiles::of(starts.iter().map(|start| start.first_audio_ms));
    let seek = Percentiles::of(starts.iter().map(|start| start.seek_ms));
    let stalls: u32 = starts.iter().map(|start| start.stalls).sum();
    let name = case.name();
    println!(
        "{name:10}  {:>14.0}  {:>14.0}  {:>11.0}  {:>11.0}  {stalls:>6}",
        first.half, first.most, seek.half, seek.most
    );
    let met = first.most <= case.goal() && seek.most <= case.goal() && stalls == 0;
    let verdict = if met { "met" } else { "MISSED" };
    println!("{name:10}  goal: {} ms, no stalls: {verdict}", case.goal());
    json!({
        "case": name,
        "first_audio_ms_p50": first.half.round(),
        "first_audio_ms_p95": first.most.round(),
        "seek_ms_p50": seek.half.round(),
        "seek_ms_p95": seek.most.round(),
        "stalls": stalls,
        "starts": starts.len(),
    })
}

/// What half of them, and nearly all, do not exceed.
struct Percentiles {
    half: f64,
    most: f64,
}

impl Percentiles {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |percent: usize| {
            let place = (values.len() * percent).div_ceil(100);
            values.get(place.saturating_sub(1)).copied()
        };
        Self {
            half: at(50).unwrap_or_default(),
            most: at(95).unwrap_or_default(),
        }
    }
}
