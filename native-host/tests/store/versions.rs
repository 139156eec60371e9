//! A store of every version that was released is opened with all that it had. What each of them looked like is beside this
//! file: `version_N.sql`, and in `rows_N.sql` what such a store had.

use std::fs;

use catnest::{
    channel::ChannelId,
    chat::record::{Position, RecordId},
    identity::Author,
    resource::ResourceId,
    seeding::Seeds,
    store::{MusicPart, Store, TrackRow},
    time::Millis,
};
use catnest_host::store::DATABASE;

use crate::{PIECE, folder, open};

const CHANNEL: ChannelId = ChannelId([3; 32]);
const RESOURCE: ResourceId = ResourceId([1; 32]);
const AUTHOR: Author = Author([4; 32]);
const VERSIONS: [(u8, &str, &str); 3] = [
    (1, include_str!("version_1.sql"), include_str!("rows_1.sql")),
    (2, include_str!("version_2.sql"), include_str!("rows_2.sql")),
    (3, include_str!("version_3.sql"), include_str!("rows_3.sql")),
];

fn at(time: u64, id: u8) -> Position {
    Position {
        time: Millis(time),
        id: RecordId([id; 32]),
    }
}

#[pollster::test]
async fn every_version_is_opened_with_all_that_it_had() {
    for (version, schema, rows) in VERSIONS {
        let folder = folder();
        let path = folder.path().join(DATABASE);
        let database = rusqlite::Connection::open(&path).unwrap();
        database.execute_batch(schema).unwrap();
        database.execute_batch(rows).unwrap();
        drop(database);
        let files = folder.path().join("files");
        fs::create_dir(&files).unwrap();
        fs::write(files.join(format!("{RESOURCE}.part")), vec![7; PIECE]).unwrap();

        // Once more, after it was brought up to date.
        for _ in 0..2 {
            let store = open(folder.path());
            let device = store.device().await.unwrap().unwrap();
            assert_eq!(device.name, "咪咪");
            // Before there was music it was on without being said.
            assert_eq!(device.preferences.cache_lists, version < 3);
            let channels = store.channels().await.unwrap();
            assert_eq!(channels.len(), 1);
            assert_eq!(channels[0].id, CHANNEL);
            assert_eq!(channels[0].draft, "half a thou");
            assert_eq!(channels[0].people.name.is_some(), version > 1);
            assert_eq!(channels[0].seeds, Seeds::Chosen);
            let page = store.page(CHANNEL, None, 9).await.unwrap();
            assert_eq!(page.len(), 1);
            assert_eq!(
                (page[0].position, &page[0].bytes[..]),
                (at(5, 7), &[0xca, 0xfe][..])
            );
            assert_eq!((page[0].holders, page[0].kept), (1, version > 1));
            assert_eq!(store.unread(CHANNEL).await, Ok(vec![at(5, 7)]));
            let missing = store.missing(CHANNEL, &[at(4, 6)]).await.unwrap();
            assert_eq!(missing.is_empty(), version > 1, "a recall is known of it");
            let resources = store.resources().await.unwrap();
            assert_eq!(resources.len(), 1);
            assert_eq!(resources[0].entry.descriptor.name, "猫.png");
            // What was there before anything came by itself, somebody chose.
            assert_eq!(resources[0].entry.automatic, None);
            let pieces = store.pieces(RESOURCE, &[0, 1]).await.unwrap();
            assert_eq!(pieces, [Some(vec![7; PIECE]), None]);
            let row = TrackRow {
                id: ResourceId([2; 32]),
                bytes: vec![0xbe, 0xef],
            };
            let tracks = store.tracks(CHANNEL, Some(AUTHOR), None, 9).await;
            let expected = if version > 2 { vec![row] } else { Vec::new() };
            assert_eq!(tracks, Ok(expected));
            let queue = store.music(MusicPart::Queue).await.unwrap();
            assert_eq!(queue.is_some(), version > 2);
            assert_eq!(store.check_database(), Ok(Vec::new()));
        }
        let database = rusqlite::Connection::open(&path).unwrap();
        let now = database.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
        assert_eq!(now, Ok(3));
    }
}
