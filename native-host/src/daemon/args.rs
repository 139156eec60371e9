//! The flags of `daemon`. Each but the first two is also a key of its configuration file.

use std::path::PathBuf;

use clap::Args;

// Not a doc comment: clap would show it in place of the command's own.
#[derive(Args)]
pub(crate) struct DaemonArgs {
    /// A TOML file whose keys are the flags below without their dashes; `config init` writes one.
    ///
    /// A flag on the command line wins over the file. [default: ~/.config/catnest/daemon.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Keep everything in this directory. Each has one daemon at a time.
    ///
    /// What speaks to the daemon has to name the same one. [default: ~/.local/share/catnest/daemon]
    #[arg(long, value_name = "DIRECTORY")]
    pub(super) data: Option<PathBuf>,

    /// What the others see the daemon called. [default: catnest-host]
    #[arg(long, value_name = "NAME", value_parser = crate::home::parse_name)]
    pub(super) name: Option<String>,

    /// Keep resources of so many bytes at most, such as "500 MB" or "20 GB". [default: 20 GB, or half of
    /// what the disk has room for, if that is less]
    ///
    /// By default it is never less than what is kept. 1 GB of the disk stays free, whatever the quota.
    ///
    /// What was chosen stays. What came by itself, because everything of a nest is kept, leaves when there is no more room:
    /// first what was last wanted longest ago.
    #[arg(long, value_name = "SIZE", value_parser = crate::disk::parse_size)]
    pub(super) quota: Option<u64>,

    /// Somebody started it who need not stay: be in a session of its own, and leave the lock of the start to them.
    #[arg(long, hide = true)]
    pub(super) detached: bool,
}
