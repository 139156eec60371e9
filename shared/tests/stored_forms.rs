//! What stores keep as CBOR: its exact bytes, and that those of an earlier version are still read.

use std::collections::BTreeSet;

use catnest::{
    channel::ChannelId,
    resource::{Descriptor, Md5, ResourceId},
    store::ResourceEntry,
    time::Millis,
};

fn entry() -> ResourceEntry {
    ResourceEntry {
        descriptor: Descriptor {
            id: ResourceId([1; 32]),
            length: 70_000,
            md5: Md5([2; 16]),
            name: "猫.png".into(),
            media_type: "image/png".into(),
        },
        channels: BTreeSet::from([ChannelId([3; 32])]),
        paused: true,
        added: Millis(1_790_000_000_000),
        md5_checked: true,
    }
}

fn hex(bytes: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<String> = bytes.chunks(32).map(line).collect();
    lines.join("\n")
}

#[test]
fn an_entry_of_a_resource_has_these_bytes() {
    let bytes = minicbor::to_vec(entry()).unwrap();
    insta::assert_snapshot!("resource_entry", hex(&bytes));
    assert_eq!(minicbor::decode::<ResourceEntry>(&bytes).unwrap(), entry());
}
