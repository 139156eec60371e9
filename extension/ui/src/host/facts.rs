//! How the host is: since when it runs, what room it has, whom it reaches, what moves.

use catnest::host::{Disk, HostState, Links, Status};
use leptos::prelude::*;

use crate::{
    amount,
    i18n::{grouped, lang, t, t_with},
    icon::{Drawing, Icon},
    server::{Server, servers},
    state::State,
    time,
};

/// The card.
#[component]
pub(super) fn Running() -> impl IntoView {
    let host = State::expect().host;
    let version = move || match host.state.get() {
        Some(HostState::Present { version, .. }) => Some(version),
        _ => None,
    };
    view! {
        <section class="card" aria-labelledby="running-title" data-testid="host-running">
            <div class="section-head">
                <Drawing icon=Icon::Seed />
                <h2 id="running-title" tabindex="-1">{move || t("host_running_title")}</h2>
                <span class="chip" data-state="online">
                    <span class="dot" aria-hidden="true"></span>
                    {move || t("host_running")}
                </span>
            </div>
            <dl class="facts">
                <dt>{move || t("host_version")}</dt>
                <dd data-testid="host-version">{version}</dd>
                {move || host.status.get().map(|status| view! { <Facts status /> })}
            </dl>
        </section>
    }
}

#[component]
fn Facts(status: Status) -> impl IntoView {
    let share = share(status.disk);
    let overview = State::expect().overview;
    let relays = move || {
        let overview = overview.read();
        relays(
            &overview
                .as_ref()
                .map(|o| servers(&o.channels))
                .unwrap_or_default(),
        )
    };
    view! {
        <dt>{t("host_since")}</dt>
        <dd><time datetime=time::machine(status.since)>{time::short(status.since, lang())}</time></dd>
        <dt id="host-disk">{t("host_disk")}</dt>
        <dd class="stack">
            <span data-testid="host-disk">{disk(status.disk)}</span>
            {share.map(|share| view! {
                <progress aria-labelledby="host-disk" max="1" prop:value=share></progress>
            })}
        </dd>
        <dt>{t("host_links")}</dt>
        <dd data-testid="host-links">{links(status.links)}</dd>
        <dt>{t("host_relays")}</dt>
        <dd data-testid="host-relays">{relays}</dd>
        <dt>{t("host_traffic")}</dt>
        <dd>{traffic(&status)}</dd>
        <dt>{t("host_data")}</dt>
        <dd class="where"><bdi>{status.data}</bdi></dd>
    }
}

fn disk(disk: Disk) -> String {
    let used = amount::bytes(disk.used as f64);
    match (disk.quota, disk.free) {
        (Some(quota), _) => t_with("host_disk_quota", &[&used, &amount::bytes(quota as f64)]),
        (None, Some(free)) => t_with("host_disk_free", &[&used, &amount::bytes(free as f64)]),
        (None, None) => used,
    }
}

/// How much of the quota is used, from 0 to 1.
fn share(disk: Disk) -> Option<f64> {
    let quota = disk.quota?.max(1);
    Some((disk.used as f64 / quota as f64).min(1.0))
}

fn links(links: Links) -> String {
    match links {
        Links {
            direct: 0,
            relayed: 0,
        } => t("host_links_none"),
        Links { direct, relayed: 0 } => t_with("host_links_direct", &[&grouped(direct)]),
        Links { direct, relayed } => {
            t_with("host_links_relayed", &[&grouped(direct), &grouped(relayed)])
        }
    }
}

/// Which servers carry what goes between devices that cannot reach each other.
fn relays(servers: &[Server]) -> String {
    let offering = servers.iter().filter(|server| server.relay);
    let names: Vec<&str> = offering.map(|server| &*server.authority).collect();
    if names.is_empty() {
        t("host_relays_none")
    } else {
        t_with("host_relays_of", &[&names.join(&t("list_comma"))])
    }
}

fn traffic(status: &Status) -> String {
    t_with(
        "host_traffic_text",
        &[
            &amount::rate(status.receiving),
            &amount::rate(status.sending),
            &amount::bytes(status.sent as f64),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_told_as_far_as_it_is_known() {
        let room = |used, quota, free| Disk { used, quota, free };
        for (known, said, part) in [
            (
                room(1_200_000_000, Some(20_000_000_000), Some(1)),
                "1.2 GB of 20.0 GB",
                Some(0.06),
            ),
            (room(5, Some(0), None), "5 B of 0 B", Some(1.0)),
            (
                room(0, None, Some(300_000_000_000)),
                "0 B, with 300 GB free on the disk",
                None,
            ),
            (room(0, None, None), "0 B", None),
        ] {
            assert_eq!(disk(known), said);
            assert_eq!(share(known), part);
        }
    }

    #[test]
    fn links_are_told_by_their_ways() {
        for (direct, relayed, said) in [
            (0, 0, "Nobody now"),
            (3, 0, "3 direct"),
            (0, 1, "0 direct, 1 relayed"),
            (3, 1, "3 direct, 1 relayed"),
        ] {
            assert_eq!(links(Links { direct, relayed }), said);
        }
    }
}
