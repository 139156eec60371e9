//! Servers as people see them: whether they are reached, and what to do when they are not.

use catnest::{
    address::Authority,
    node::{ChannelView, ServerState},
};
use leptos::prelude::*;

use crate::{
    i18n::{t, t_with},
    parts::CopyLine,
};

/// Where `catnest-host serve` listens without further words.
pub(crate) const LOCAL_SERVER: &str = "127.0.0.1:7979";

/// The command line that brings this server up, if it is one of this computer's.
pub(crate) fn command_line(authority: &str) -> Option<String> {
    let server: Authority = authority.parse().ok()?;
    if !server.is_loopback() {
        return None;
    }
    let port = server.port.unwrap_or(80);
    Some(format!(
        "catnest-host serve --listen {}:{port}",
        Authority {
            port: None,
            ..server
        }
    ))
}

/// A server, and the nests that meet there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) authority: String,
    pub(crate) state: ServerState,
    /// It gives relays.
    pub(crate) relay: bool,
    pub(crate) nests: Vec<String>,
}

/// The servers of all channels. One that any channel reaches is reached.
pub(crate) fn servers(channels: &[ChannelView]) -> Vec<Server> {
    let rank = |state| match state {
        ServerState::Online => 2,
        ServerState::Connecting => 1,
        ServerState::Offline => 0,
    };
    let mut servers: Vec<Server> = Vec::new();
    for channel in channels {
        for server in &channel.servers {
            let known = servers
                .iter_mut()
                .find(|known| known.authority == server.authority);
            if let Some(known) = known {
                known.nests.push(channel.name.clone());
                known.relay |= server.relay;
                if rank(server.state) > rank(known.state) {
                    known.state = server.state;
                }
            } else {
                servers.push(Server {
                    authority: server.authority.clone(),
                    state: server.state,
                    relay: server.relay,
                    nests: vec![channel.name.clone()],
                });
            }
        }
    }
    servers
}

/// A state's name in attributes.
pub(crate) fn state_name(state: ServerState) -> &'static str {
    match state {
        ServerState::Connecting => "connecting",
        ServerState::Online => "online",
        ServerState::Offline => "offline",
    }
}

/// Whether a server is reached.
#[component]
pub(crate) fn StateChip(#[prop(into)] state: Signal<ServerState>) -> impl IntoView {
    let words = move || match state.get() {
        ServerState::Connecting => t("state_connecting"),
        ServerState::Online => t("state_online"),
        ServerState::Offline => t("state_offline"),
    };
    view! {
        <span class="chip" data-testid="state" data-state=move || state_name(state.get())>
            <span class="dot" aria-hidden="true"></span>
            {words}
        </span>
    }
}

/// What to do about a server that is not reached.
#[component]
pub(crate) fn Advice(#[prop(into)] authority: Signal<String>) -> impl IntoView {
    let here = Memo::new(move |_| command_line(&authority.read()));
    let words = move || match here.get() {
        Some(_) => t_with("server_run_here", &[&authority.read()]),
        None => t_with("server_run_elsewhere", &[&authority.read()]),
    };
    view! {
        <p>{words}</p>
        <Show when=move || here.read().is_some()>
            <CopyLine id="run-server" line=Signal::derive(move || here.get().unwrap_or_default()) />
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_this_computer_has_a_command_line() {
        for (authority, expected) in [
            (
                LOCAL_SERVER,
                Some("catnest-host serve --listen 127.0.0.1:7979"),
            ),
            (
                "localhost:80",
                Some("catnest-host serve --listen localhost:80"),
            ),
            (
                "127.0.0.1",
                Some("catnest-host serve --listen 127.0.0.1:80"),
            ),
            ("[::1]:7979", Some("catnest-host serve --listen [::1]:7979")),
            ("cat.example", None),
            ("192.168.1.2:7979", None),
            ("$(reboot)", None),
        ] {
            assert_eq!(command_line(authority).as_deref(), expected, "{authority}");
        }
    }
}
