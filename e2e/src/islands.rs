//! Networks between which there is no path (Linux, as root): each has a line to the one that the server is in, which
//! passes nothing on. What is spoken by TCP, to the server and to drivers of browsers, is passed on by us, so that
//! everybody finds the server on the own machine, as everywhere in these tests.

use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::fd::AsFd,
    path::Path,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::{net::TcpStream, runtime, sync::oneshot};

/// Where relays are, and where all islands reach them.
pub const RELAYS: &str = "198.18.1.1";
/// How many there are.
const ISLANDS: usize = 2;

/// The networks. They are gone when this is dropped, and what passes between them with it.
pub struct Islands {
    /// A name that nobody else has.
    name: String,
    passing: Vec<Passing>,
}

/// Whether this user may divide networks.
#[must_use]
pub fn may_rise() -> bool {
    rustix::process::geteuid().is_root()
}

impl Islands {
    /// Lets them rise.
    ///
    /// # Errors
    /// When the system does not let us, or has no `ip`.
    pub fn rise() -> Result<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let islands = Self {
            name: format!("catnest-{}-{count}", std::process::id()),
            passing: Vec::new(),
        };
        let sea = islands.sea();
        ip(&["netns", "add", &sea])?;
        ip(&["-n", &sea, "link", "set", "lo", "up"])?;
        for number in 0..ISLANDS {
            let home = islands.home(number);
            ip(&["netns", "add", &home])?;
            let line = format!("line{number}");
            let (its, ours) = (
                format!("198.18.{}.1", number + 1),
                format!("198.18.{}.2/30", number + 1),
            );
            let pair = ["type", "veth", "peer", "name", "eth0", "netns", &home];
            ip(&[&["-n", &sea, "link", "add", &line][..], &pair].concat())?;
            let address = format!("{its}/30");
            ip(&["-n", &sea, "address", "add", &address, "dev", &line])?;
            ip(&["-n", &sea, "link", "set", &line, "up"])?;
            ip(&["-n", &home, "address", "add", &ours, "dev", "eth0"])?;
            ip(&["-n", &home, "link", "set", "eth0", "up"])?;
            ip(&["-n", &home, "link", "set", "lo", "up"])?;
            // A browser asks which of its addresses leads to the Internet.
            ip(&["-n", &home, "route", "add", "default", "via", &its])?;
        }
        let forwards = within(Some(&sea), || {
            Ok(std::fs::read_to_string("/proc/sys/net/ipv4/ip_forward")?)
        })?;
        ensure!(forwards.trim() == "0", "new networks pass things on here");
        Ok(islands)
    }

    /// The network between them, where the server is.
    pub(crate) fn sea(&self) -> String {
        format!("{}-sea", self.name)
    }

    /// One of them.
    pub(crate) fn home(&self, number: usize) -> String {
        format!("{}-{}", self.name, number % ISLANDS)
    }

    /// Lets everybody reach a port of the server's network at the same port of their own machine.
    pub(crate) fn lead_to_server(&mut self, port: u16) -> Result<()> {
        let sea = self.sea();
        for number in 0..ISLANDS {
            let home = self.home(number);
            let (passing, _) = pass(Some(&home), port, &sea, port)?;
            self.passing.push(passing);
        }
        Ok(())
    }

    /// Lets us reach a port of an island, at the port that is given back.
    pub(crate) fn lead_to_island(&mut self, home: &str, port: u16) -> Result<u16> {
        let (passing, from) = pass(None, 0, home, port)?;
        self.passing.push(passing);
        Ok(from)
    }
}

impl Drop for Islands {
    fn drop(&mut self) {
        self.passing.clear();
        let homes = (0..ISLANDS).map(|number| self.home(number));
        for name in homes.chain([self.sea()]) {
            // One that never was needs no end.
            let _gone = ip(&["netns", "delete", &name]);
        }
    }
}

/// A program that runs in a network.
pub(crate) fn command(network: Option<&str>, program: impl AsRef<Path>) -> Command {
    let program = program.as_ref();
    let Some(network) = network else {
        return Command::new(program);
    };
    let mut command = Command::new("ip");
    command.args(["netns", "exec", network]).arg(program);
    command
}

fn ip(arguments: &[&str]) -> Result<()> {
    let output = Command::new("ip").args(arguments).output();
    let output = output.context("cannot run ip, of the package iproute2")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("ip {}: {}", arguments.join(" "), said.trim());
    }
    Ok(())
}

/// Moves this thread into a network: sockets that it makes are there.
fn enter(network: &str) -> Result<()> {
    let network = File::open(Path::new("/run/netns").join(network))?;
    move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))?;
    Ok(())
}

/// Does something in a network.
fn within<T: Send + 'static>(
    network: Option<&str>,
    act: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let network = network.map(str::to_owned);
    let thread = thread::spawn(move || {
        if let Some(network) = network {
            enter(&network)?;
        }
        act()
    });
    thread.join().map_err(|_| anyhow!("a thread panicked"))?
}

/// Passes on what comes, until it is dropped.
struct Passing {
    /// Hears that this is gone.
    _end: oneshot::Sender<()>,
}

/// What comes to a port of this machine in one network goes to a port of this machine in another. Port 0 is a free one;
/// gives it.
fn pass(from: Option<&str>, port: u16, to: &str, to_port: u16) -> Result<(Passing, u16)> {
    let here = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = within(from, move || {
        let listener = TcpListener::bind(here(port))?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    })?;
    let port = listener.local_addr()?.port();
    let (end, ended) = oneshot::channel();
    let to = to.to_owned();
    // A thread of its own, since what it makes has to be in the other network.
    thread::spawn(move || {
        enter(&to)?;
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::select! {
                passed = pass_all(listener, here(to_port)) => passed,
                _ended = ended => Ok(()),
            }
        })
    });
    Ok((Passing { _end: end }, port))
}

async fn pass_all(listener: tokio::net::TcpListener, to: SocketAddr) -> Result<()> {
    loop {
        let (mut near, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Ok(mut far) = TcpStream::connect(to).await {
                // Either end may go at any time.
                let _over = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
