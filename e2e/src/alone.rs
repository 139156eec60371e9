//! Tests in a network of their own, in which there is nothing but a loopback (`network_namespaces(7)`).

use std::process::Command;

/// Set in the process that is alone.
const ALONE: &str = "CATNEST_E2E_ALONE";

/// Plays a test where it can reach nobody: the program of tests starts itself once more, for this one, in a network
/// namespace of its own. `test` is its whole name there.
///
/// # Panics
/// When the test fails, or there can be no such network.
pub async fn alone(test: &str, play: impl Future<Output = ()>) {
    if std::env::var_os(ALONE).is_some() {
        return play.await;
    }
    let again = std::env::current_exe();
    let again = again.unwrap_or_else(|error| panic!("where is this program? {error}"));
    let ended = Command::new("unshare")
        .args(["--user", "--map-root-user", "--net", "sh", "-c"])
        .arg("ip link set lo up && exec \"$@\"")
        .arg("sh")
        .arg(again)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(ALONE, "1")
        .output();
    let ended = ended.unwrap_or_else(|error| panic!("unshare: {error}"));
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(
        ended.status.success() && said.contains("1 passed"),
        "{}\n{said}\n{}",
        ended.status,
        String::from_utf8_lossy(&ended.stderr)
    );
}
