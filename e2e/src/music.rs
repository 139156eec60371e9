//! Music that ffmpeg makes: a tone of its own in each format, with tags that a person would read.
//!
//! What is made is kept in `target/e2e/music/` as long as the run of tests: every test plays the same files.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use anyhow::{Context, Result, ensure};
use catnest::resource::ResourceHasher;

/// How long each of them plays, in seconds.
pub const SECONDS: u32 = 20;
/// How long [`long`] plays, in seconds.
pub const LONG_SECONDS: u32 = 180;
/// The least bytes that [`long`] has.
pub const LONG_BYTES: u64 = 25_000_000;

/// How sound is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PCM in RIFF, with an INFO list.
    Wav,
    /// Lossless, with Vorbis comments and a cover.
    Flac,
    /// With ID3v2 and a cover.
    Mp3,
    /// Opus in Ogg, with Vorbis comments.
    Opus,
    /// AAC in MP4.
    M4a,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Wav, Self::Flac, Self::Mp3, Self::Opus, Self::M4a];

    /// The end of a file's name, and the arguments by which ffmpeg makes it.
    fn how(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Wav => ("wav", &["-c:a", "pcm_s16le"]),
            Self::Flac => ("flac", &["-c:a", "flac", "-sample_fmt", "s16"]),
            Self::Mp3 => ("mp3", &["-c:a", "libmp3lame", "-b:a", "192k"]),
            Self::Opus => ("opus", &["-c:a", "libopus", "-b:a", "96k"]),
            Self::M4a => ("m4a", &["-c:a", "aac", "-b:a", "160k"]),
        }
    }

    /// Whether what is made of it has a cover.
    #[must_use]
    pub fn has_cover(self) -> bool {
        matches!(self, Self::Flac | Self::Mp3)
    }
}

/// A file with music, and what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Song {
    /// Where it is.
    pub path: PathBuf,
    /// Its title.
    pub title: String,
    /// Who plays.
    pub artist: String,
    /// On which album.
    pub album: String,
    /// What is heard most, in hertz.
    pub hertz: u32,
    /// How long it plays.
    pub seconds: u32,
}

impl Song {
    /// The file's name.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.path.file_name();
        name.unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The id of the resource that its bytes are.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn id(&self) -> Result<String> {
        id_of(&fs::read(&self.path)?)
    }
}

/// The id of the resource that these bytes are.
///
/// # Errors
/// When they are none.
pub fn id_of(bytes: &[u8]) -> Result<String> {
    let mut hasher = ResourceHasher::new(bytes.len() as u64);
    hasher.update(bytes)?;
    Ok(hasher.finish()?.id.to_string())
}

/// A short song in a format.
///
/// # Errors
/// When ffmpeg does not make it.
pub fn song(format: Format) -> Result<Song> {
    let (ending, arguments) = format.how();
    // Far from each other, and none a multiple of another one.
    let (title, hertz) = match format {
        Format::Wav => ("Purr", 330),
        Format::Flac => ("猫の歌", 440),
        Format::Mp3 => ("Meow <b>twice</b>", 550),
        Format::Opus => ("Nine Lives", 700),
        Format::M4a => ("Fish", 850),
    };
    let song = Song {
        path: kept(&format!("{title}.{ending}").replace(['<', '>', '/'], "")),
        title: title.into(),
        artist: "Kitty & the Cats".into(),
        album: "Nest".into(),
        hertz,
        seconds: SECONDS,
    };
    let sound = format!("sine=frequency={hertz}:duration={SECONDS}:sample_rate=44100");
    make(&song, &sound, format.has_cover(), arguments)?;
    Ok(song)
}

/// As large as FLAC is of what people listen to: a tone in noise, which no codec makes small. In its second half the tone is
/// [`LONG_SECOND_HALF_HERTZ`].
///
/// # Errors
/// When ffmpeg does not make it.
pub fn long() -> Result<Song> {
    let song = Song {
        path: kept("Long Night.flac"),
        title: "Long Night".into(),
        artist: "Nobody".into(),
        album: "Dreams".into(),
        hertz: 600,
        seconds: LONG_SECONDS,
    };
    let half = LONG_SECONDS / 2;
    let tone = format!(
        "0.4*sin(2*PI*t*if(lt(t,{half}),{},{LONG_SECOND_HALF_HERTZ}))",
        song.hertz
    );
    let sound = format!(
        "{noise};aevalsrc=exprs='{tone}|{tone}':duration={LONG_SECONDS}:sample_rate=44100[tone];\
         [noise][tone]amix=inputs=2:normalize=0",
        noise = noise(LONG_SECONDS, 1, 0.2)
    );
    make(&song, &sound, false, Format::Flac.how().1)?;
    let bytes = fs::metadata(&song.path)?.len();
    ensure!(bytes >= LONG_BYTES, "{song:?} has {bytes} bytes");
    Ok(song)
}

/// What is heard most in the second half of [`long`].
pub const LONG_SECOND_HALF_HERTZ: u32 = 1000;

/// A description of noise for ffmpeg, `[noise]`, with two channels that are not alike; another one for each seed.
#[must_use]
pub fn noise(seconds: u32, seed: u32, amplitude: f64) -> String {
    let channel = |seed: u32| {
        format!("anoisesrc=seed={seed}:duration={seconds}:amplitude={amplitude}:sample_rate=44100")
    };
    format!(
        "{}[left];{}[right];[left][right]join=inputs=2:channel_layout=stereo[noise]",
        channel(2 * seed),
        channel(2 * seed + 1)
    )
}

/// Lyrics as an LRC file has them: what is sung from which time on, in milliseconds.
#[must_use]
pub fn lrc(lines: &[(u64, &str)]) -> String {
    lines.iter().fold(String::new(), |mut text, (ms, line)| {
        let (minutes, seconds, hundredths) = (ms / 60_000, ms / 1000 % 60, ms / 10 % 100);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "[{minutes:02}:{seconds:02}.{hundredths:02}]{line}");
        text
    })
}

/// Runs ffmpeg. It writes what it is told to where the last argument says.
///
/// # Errors
/// When it is missing, or does not do it.
pub fn ffmpeg(arguments: &[&str], to: &Path) -> Result<()> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(arguments)
        .arg(to)
        .output()
        .context("cannot run ffmpeg")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ffmpeg {arguments:?}: {said}");
    Ok(())
}

/// Makes a song, unless it was made before.
fn make(song: &Song, sound: &str, cover: bool, codec: &[&str]) -> Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    // Whoever panicked meanwhile has left no half file behind: it gets its name when it is whole.
    let _turn = ONE_AT_A_TIME.lock();
    if song.path.exists() {
        return Ok(());
    }
    let mut arguments = vec!["-f", "lavfi", "-i", sound];
    let picture = kept("cover.png");
    if cover {
        let orange = "color=c=orange:s=320x320:d=0.1";
        ffmpeg(&["-f", "lavfi", "-i", orange, "-frames:v", "1"], &picture)?;
        arguments.extend(["-i", picture.to_str().context("a path that is text")?]);
        arguments.extend(["-map", "0:a", "-map", "1:v", "-c:v", "copy"]);
        arguments.extend(["-disposition:v:0", "attached_pic"]);
    }
    let tags = [
        ("title", &song.title),
        ("artist", &song.artist),
        ("album", &song.album),
    ];
    let tags = tags.map(|(name, value)| format!("{name}={value}"));
    for tag in &tags {
        arguments.extend(["-metadata", tag]);
    }
    arguments.extend(["-ac", "2"]);
    arguments.extend(codec);
    // ffmpeg knows the format by the end of the name.
    let unfinished = song.path.with_file_name(format!("new {}", song.name()));
    ffmpeg(&arguments, &unfinished)?;
    fs::rename(unfinished, &song.path)?;
    Ok(())
}

/// Where what is made is kept.
fn kept(name: &str) -> PathBuf {
    let folder = crate::target_dir("e2e").join("music");
    // What cannot be made is told when something is written there.
    let _made = fs::create_dir_all(&folder);
    folder.join(name)
}
