//! A home of its own with a daemon in it, and what speaks to that: commands, browsers, and a bare socket.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::{Child, ChildStdin, ChildStdout, Command},
    task::JoinHandle,
};

use super::within;

/// The extension's origin, as Chromium gives it to what it starts.
pub(crate) const ORIGIN: &str = "chrome-extension://pnpkmekembamgbadefiddfiodipbgpph/";

/// Copies the host. Were that done by this process, a program that another test starts meanwhile would have the copy open
/// for writing as well, and while it has, the copy cannot be run.
pub(crate) async fn copy_program(to: &Path) {
    let mut copy = Command::new("cp");
    copy.arg(env!("CARGO_BIN_EXE_catnest-host")).arg(to);
    assert!(copy.status().await.unwrap().success());
}

/// The home of a user. A daemon that is still there goes with it.
pub(crate) struct Home {
    directory: TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// Where its daemon keeps things.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join(".local/share/catnest/daemon")
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.data().join("socket")
    }

    /// A program that finds itself in this home.
    pub(crate) fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.directory.path())
            .env("HOME", self.directory.path())
            .env("USER", "ann")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        for variable in [
            "RUST_LOG",
            "XDG_DATA_HOME",
            "XDG_CONFIG_HOME",
            "XDG_RUNTIME_DIR",
        ] {
            command.env_remove(variable);
        }
        command
    }

    /// The binary.
    pub(crate) fn binary(&self) -> Command {
        self.program(env!("CARGO_BIN_EXE_catnest-host"))
    }

    /// Runs the binary to its end: exit code, standard output, standard error.
    pub(crate) async fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = self.binary();
        command.args(arguments);
        ended(command).await
    }

    /// Runs the binary, which has to succeed: what it says as JSON.
    pub(crate) async fn json(&self, arguments: &[&str]) -> Value {
        let (code, stdout, stderr) = self.run(&[arguments, &["--json"]].concat()).await;
        assert_eq!(code, Some(0), "{arguments:?}: {stderr}");
        serde_json::from_str(&stdout).unwrap()
    }

    /// Starts the daemon, and waits until it listens.
    pub(crate) async fn daemon(&self) -> Daemon {
        self.daemon_with(&[]).await
    }

    pub(crate) async fn daemon_with(&self, flags: &[&str]) -> Daemon {
        let log = self.directory.path().join("log");
        let mut child = self
            .binary()
            .arg("daemon")
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        within("the daemon", stdout.read_line(&mut line))
            .await
            .unwrap();
        let said = fs::read_to_string(&log).unwrap();
        assert!(line.starts_with("listening on "), "{line:?}; {said}");
        Daemon { child, log }
    }

    /// Starts what a browser starts.
    pub(crate) fn browser(&self) -> Browser {
        let mut child = self
            .binary()
            .arg(ORIGIN)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let frames = Frames {
            output: child.stdin.take().unwrap(),
            input: child.stdout.take().unwrap(),
            last: 0,
        };
        Browser { child, frames }
    }

    /// Speaks to the daemon by its socket, as a program that knows nothing but bytes.
    pub(crate) async fn program_at_socket(&self) -> Frames<OwnedReadHalf, OwnedWriteHalf> {
        let (input, output) = UnixStream::connect(self.socket())
            .await
            .unwrap()
            .into_split();
        Frames {
            input,
            output,
            last: 0,
        }
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let mut stop = std::process::Command::new(env!("CARGO_BIN_EXE_catnest-host"));
        stop.arg("stop").arg("--data").arg(self.data());
        stop.stdout(Stdio::null()).stderr(Stdio::null());
        // There need not be one.
        let _stopped = stop.status();
        if std::thread::panicking()
            && let Ok(log) = fs::read_to_string(self.data().join("daemon.log"))
        {
            eprintln!("--- the daemon's log ---\n{log}");
        }
    }
}

/// Runs a command to its end.
pub(crate) async fn ended(mut command: Command) -> (Option<i32>, String, String) {
    let output = within("the end", command.output()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A daemon that was started by the test.
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    pub(crate) fn id(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Ends it without a word, as `kill -9` does.
    pub(crate) async fn kill(mut self) {
        within("its end", self.child.kill()).await.unwrap();
    }

    /// Sends a signal, by the name that `kill` knows it by.
    pub(crate) async fn signal(&self, name: &str) {
        send_signal(name, self.id()).await;
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> Option<i32> {
        within("its end", self.child.wait()).await.unwrap().code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the daemon's stderr ---\n{}", self.log());
        }
    }
}

/// Sends a signal to a process.
pub(crate) async fn send_signal(name: &str, id: u32) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), &id.to_string()])
        .status();
    assert!(status.await.unwrap().success());
}

/// What a browser started, and what the browser says to it and hears.
pub(crate) struct Browser {
    pub(crate) child: Child,
    pub(crate) frames: Frames<ChildStdout, ChildStdin>,
}

impl Browser {
    /// The browser closes the port: exit code of what it had started.
    pub(crate) async fn close(mut self) -> Option<i32> {
        drop(self.frames);
        within("the relay's end", self.child.wait())
            .await
            .unwrap()
            .code()
    }

    /// Waits until what it started ends by itself.
    pub(crate) async fn ended(&mut self) -> Option<i32> {
        within("the relay's end", self.child.wait())
            .await
            .unwrap()
            .code()
    }
}

/// Somebody who asks without pause and reads nothing of what is answered.
pub(crate) struct Flood {
    written: Arc<AtomicU64>,
    writing: JoinHandle<()>,
}

impl Flood {
    /// Asks for the daemon's status again and again, as long as anybody takes it.
    pub(crate) fn start(mut output: impl AsyncWriteExt + Unpin + Send + 'static) -> Self {
        let ask = json!({"say": "ask", "id": 1, "request": {"for": "status"}}).to_string();
        let mut frame = u32::try_from(ask.len()).unwrap().to_ne_bytes().to_vec();
        frame.extend(ask.as_bytes());
        let requests = frame.repeat(1000);
        let written = Arc::new(AtomicU64::new(0));
        let counted = written.clone();
        let writing = tokio::spawn(async move {
            loop {
                let mut rest = &requests[..];
                while !rest.is_empty() {
                    match output.write(rest).await {
                        Ok(0) | Err(_) => return,
                        Ok(bytes) => {
                            counted.fetch_add(bytes as u64, Ordering::Relaxed);
                            rest = &rest[bytes..];
                        }
                    }
                }
            }
        });
        Self { written, writing }
    }

    /// Waits until nobody takes any more of it, while another program is answered many times: until then it took less than
    /// `most` bytes.
    pub(crate) async fn stands_still<I, O>(&self, witness: &mut Frames<I, O>, most: u64)
    where
        I: AsyncReadExt + Unpin,
        O: AsyncWriteExt + Unpin,
    {
        let mut before = 0;
        loop {
            for _ in 0..200 {
                let status = witness.ask(json!({"for": "status"})).await;
                assert_eq!(status["say"], "answer");
            }
            assert!(!self.writing.is_finished());
            let written = self.written.load(Ordering::Relaxed);
            assert!(written < most, "{written} bytes were taken");
            if written > 0 && written == before {
                return;
            }
            before = written;
        }
    }

    /// Ends it, and lets go of what it writes into.
    pub(crate) async fn end(self) {
        self.writing.abort();
        let _aborted = self.writing.await;
    }
}

/// The next frame; none at the end.
pub(crate) async fn read(input: &mut (impl AsyncReadExt + Unpin)) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    input.read_exact(&mut length).await.ok()?;
    let length = u32::from_ne_bytes(length);
    assert!(length <= 1024 * 1024, "{length}");
    let mut frame = vec![0; length as usize];
    input.read_exact(&mut frame).await.ok()?;
    Some(frame)
}

/// Frames of native messaging, written out: the library that the binary has could be wrong about them.
pub(crate) struct Frames<I, O> {
    pub(crate) input: I,
    pub(crate) output: O,
    last: u64,
}

impl<I: AsyncReadExt + Unpin, O: AsyncWriteExt + Unpin> Frames<I, O> {
    /// Says hello, as this version does: the daemon's process.
    pub(crate) async fn hello(&mut self) -> u32 {
        self.send(json!({"say": "hello", "protocol": 1, "program": "test", "version": "0"}))
            .await;
        let welcome = self.next().await;
        assert_eq!(welcome["say"], "welcome", "{welcome}");
        assert_eq!(welcome["protocol"], 1);
        welcome["pid"].as_u64().unwrap().try_into().unwrap()
    }

    /// Asks, and waits for the answer; news is passed over.
    pub(crate) async fn ask(&mut self, request: Value) -> Value {
        self.last += 1;
        self.send(json!({"say": "ask", "id": self.last, "request": request}))
            .await;
        loop {
            let message = self.next().await;
            if message["say"] == "news" {
                continue;
            }
            assert_eq!(message["id"], self.last, "{message}");
            return message;
        }
    }

    /// Asks until the answer is as wanted; in between it waits for news.
    pub(crate) async fn ask_until(&mut self, request: Value, wanted: impl Fn(&Value) -> bool) {
        let watch = self.ask(json!({"for": "watch"})).await;
        assert_eq!(watch["say"], "answer", "{watch}");
        loop {
            let message = self.ask(request.clone()).await;
            if wanted(&message["answer"]) {
                return;
            }
            let news = self.next().await;
            assert_eq!(news["say"], "news", "{news}");
        }
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.send_frame(message.to_string().as_bytes()).await;
    }

    pub(crate) async fn send_frame(&mut self, bytes: &[u8]) {
        let mut frame = u32::try_from(bytes.len()).unwrap().to_ne_bytes().to_vec();
        frame.extend(bytes);
        self.send_bytes(&frame).await;
    }

    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        within("room to send", self.output.write_all(bytes))
            .await
            .unwrap();
        within("room to send", self.output.flush()).await.unwrap();
    }

    /// The next message; none at the end.
    pub(crate) async fn next_or_end(&mut self) -> Option<Value> {
        let frame = within("a message", read(&mut self.input)).await?;
        Some(serde_json::from_slice(&frame).unwrap())
    }

    pub(crate) async fn next(&mut self) -> Value {
        self.next_or_end().await.unwrap()
    }

    /// The next message says goodbye, and nothing follows: why.
    pub(crate) async fn goodbye(&mut self) -> Value {
        let goodbye = self.next().await;
        assert_eq!(goodbye["say"], "goodbye", "{goodbye}");
        assert_eq!(self.next_or_end().await, None);
        goodbye["why"].clone()
    }
}
