//! A network that is joined to this one by a line with a capped rate (Linux, as root).
//!
//! Servers that are not on one's own machine are only reached by TLS, so both ends take the server for their own: what
//! listens at its address in the other network passes everything on ([`relay`]).

use std::{
    path::Path,
    process::{self, Output},
};

use anyhow::{Context, Result, bail};
use tokio::{
    net::{TcpListener, TcpStream},
    process::Command,
    task::JoinHandle,
};

const NAME: &str = "catnest-bench";
/// For measuring between networks (RFC 2544).
pub(crate) const OUTSIDE: &str = "198.18.0.1";
const INSIDE: &str = "198.18.0.2";
/// The ends of the line.
const LINE: [&str; 2] = ["catnest-out", "catnest-in"];

/// The other network. It is gone when this is dropped.
pub(crate) struct Narrow {}

impl Narrow {
    /// Joins it to this one.
    pub(crate) fn join(rate: &str) -> Result<Self> {
        // What a run left that was killed.
        let _none = call("ip", &["netns", "delete", NAME]);
        call("ip", &["netns", "add", NAME])?;
        let narrow = Self {};
        let [out, inside] = LINE;
        let (mine, its) = (format!("{OUTSIDE}/30"), format!("{INSIDE}/30"));
        let add = ["link", "add", out, "type", "veth", "peer", "name", inside];
        call("ip", &[&add[..], &["netns", NAME]].concat())?;
        call("ip", &["address", "add", &mine, "dev", out])?;
        call("ip", &["link", "set", out, "up"])?;
        call("ip", &["-n", NAME, "address", "add", &its, "dev", inside])?;
        call("ip", &["-n", NAME, "link", "set", inside, "up"])?;
        call("ip", &["-n", NAME, "link", "set", "lo", "up"])?;
        let cap = |device| {
            let add = ["qdisc", "add", "dev", device, "root", "tbf", "rate", rate];
            [&add[..], &["burst", "32kbit", "latency", "50ms"]].concat()
        };
        call("tc", &cap(out))?;
        call("tc", &[&["-n", NAME][..], &cap(inside)].concat())?;
        Ok(narrow)
    }

    /// A program that runs in it.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", NAME]).arg(program);
        command
    }

    /// Lets who is in it reach a server of this machine. It is over when what is given is dropped.
    pub(crate) async fn lets_in(&self, server: &str) -> Result<Relay> {
        let port = port_of(server)?;
        relay(&format!("{OUTSIDE}:{port}"), server).await
    }
}

impl Drop for Narrow {
    fn drop(&mut self) {
        // The line goes with it. If it cannot be removed now, the next run does.
        let _gone = call("ip", &["netns", "delete", NAME]);
    }
}

/// Passes on what comes, until it is dropped.
pub(crate) struct Relay(JoinHandle<()>);

impl Drop for Relay {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// In the other network, at the address that the server has in this one: what comes there, goes to it.
pub(crate) async fn reach(server: &str) -> Result<Relay> {
    let port = port_of(server)?;
    relay(server, &format!("{OUTSIDE}:{port}")).await
}

async fn relay(from: &str, to: &str) -> Result<Relay> {
    let listener = TcpListener::bind(from).await;
    let listener = listener.with_context(|| format!("listening at {from}"))?;
    let to = to.to_owned();
    Ok(Relay(tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let to = to.clone();
            tokio::spawn(async move {
                if let Ok(mut far) = TcpStream::connect(to).await {
                    // Either end may go at any time.
                    let _over = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                }
            });
        }
    })))
}

fn port_of(server: &str) -> Result<&str> {
    let (_, port) = server.rsplit_once(':').context("an address with a port")?;
    Ok(port)
}

fn call(program: &str, arguments: &[&str]) -> Result<Output> {
    let output = process::Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {}: {}", arguments.join(" "), said.trim());
    }
    Ok(output)
}
