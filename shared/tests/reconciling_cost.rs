//! What it costs to compare two long logs at once: round trips and bytes.

use catnest::{
    store::{StoreError, memory::MemoryStore},
    sync::rehearsal::{Case, Figures, fill, meet},
};

async fn cost(case: Case) -> Result<Figures, StoreError> {
    let sides = [&MemoryStore::default(), &MemoryStore::default()];
    fill(sides, case).await?;
    meet(sides, usize::MAX).await
}

/// Three round trips at most, and little that is not records.
#[track_caller]
fn check(figures: Figures, most_beyond: usize) {
    assert!(figures.round_trips <= 3, "{figures:?}");
    assert!(figures.record_bytes > 100_000, "{figures:?}");
    let beyond = figures.bytes.saturating_sub(figures.record_bytes * 11 / 10);
    assert!(beyond <= most_beyond, "{beyond} beyond {figures:?}");
}

#[pollster::test]
async fn a_missing_night() {
    check(cost(Case::Night).await.unwrap(), 64 * 1024);
}

#[pollster::test]
async fn every_hundredth() {
    check(cost(Case::Spread).await.unwrap(), 1024 * 1024);
}
