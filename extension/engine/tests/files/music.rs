//! Music from views into the store and onto the list.

use std::{cell::OnceCell, rc::Rc};

use catnest::{
    limits,
    music::{
        tags::{Step, TagReader, Tags, TagsError},
        track::{Cover, Track},
    },
    node::{Command, Event, MusicCommand, Problem, RequestId},
    resource::{DescriptorError, ResourceId},
    store::Store,
};
use catnest_engine::files::{Intakes, Music, MusicIntakes, Part, PartKind, Place};
use catnest_messages::{IntakeId, MusicIntake, SongProblem, SongTrouble};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::File;

use crate::stage::{
    CHANNEL, Heard, asked, bytes_of, file, hashed, new_place, pause, share, store, until,
};

const MP3: &[u8] = include_bytes!("../../../../shared/tests/fixtures/music/cover.mp3");
const OGG: &[u8] = include_bytes!("../../../../shared/tests/fixtures/music/tone.ogg");
const WAV: &[u8] = include_bytes!("../../../../shared/tests/fixtures/music/tone.wav");

const TRACK: ResourceId = ResourceId([5; 32]);

fn music(id: &str, files: &[(&str, &str, &[u8])]) -> Music {
    let files = files.iter().map(|(path, media_type, bytes)| {
        let (_, name) = path.rsplit_once('/').unwrap_or(("", path));
        ((*path).to_owned(), file(name, media_type, bytes))
    });
    Music {
        id: IntakeId(id.into()),
        channel: CHANNEL,
        files: files.collect::<Vec<(String, File)>>(),
    }
}

fn tags(file: &[u8]) -> Tags {
    let mut reader = TagReader::new(file.len() as u64);
    loop {
        match reader.step() {
            Step::Read(range) => {
                let start = range.offset as usize;
                reader.feed(&file[start..start + range.length as usize]);
            }
            Step::Done(told) => return told.unwrap(),
        }
    }
}

async fn stage() -> (Place, Heard, MusicIntakes) {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = MusicIntakes::new(place.clone(), heard.clone());
    (place, heard, intakes)
}

/// The tracks that the node is to put on the list.
async fn added(heard: &Heard) -> (RequestId, Vec<Track>) {
    match asked(heard).await {
        (request, Command::Music(MusicCommand::Add { channel, tracks })) => {
            assert_eq!(channel, CHANNEL);
            (request, tracks)
        }
        other => panic!("{other:?}"),
    }
}

fn done(request: RequestId) -> Event {
    Event::Done {
        request: Some(request),
        channel: Some(CHANNEL),
    }
}

async fn over(intakes: &MusicIntakes) -> MusicIntake {
    until("its being over", async || {
        intakes.list().into_iter().find(|intake| intake.is_over)
    })
    .await
}

#[wasm_bindgen_test]
async fn songs_are_read_stored_and_put_on_the_list_with_what_belongs_to_them() {
    let (place, heard, intakes) = stage().await;
    let inside = tags(MP3).cover.unwrap().bytes;
    let beside = [
        &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
        &[0, 0, 0, 32, 0, 0, 0, 32],
    ]
    .concat();
    let files: &[(&str, &str, &[u8])] = &[
        // The browser may say what it likes.
        ("Purr/1.mp3", "audio/x-something", MP3),
        ("Purr/2.ogg", "", OGG),
        // In GBK.
        (
            "Purr/2.lrc",
            "",
            b"[00:01.00]\xd0\xa1\xc3\xa8\xb3\xaa\xb8\xe8",
        ),
        ("Purr/folder.png", "image/png", &beside),
        ("Purr/broken.mp3", "audio/mpeg", b"a text about music"),
        ("Purr/notes.txt", "text/plain", b"notes"),
        ("Purr/strange", "", b"strange"),
    ];
    intakes.take(music("a", files)).unwrap();
    // A view that asks again, because it did not hear.
    intakes.take(music("a", files)).unwrap();
    let (request, tracks) = added(&heard).await;
    let [mp3, ogg] = &tracks[..] else {
        panic!("{tracks:?}");
    };
    for (track, bytes, name, media_type) in [
        (mp3, MP3, "1.mp3", "audio/mpeg"),
        (ogg, OGG, "2.ogg", "audio/ogg"),
    ] {
        let hashed = hashed(bytes);
        assert_eq!((track.id, track.md5), (hashed.id, hashed.md5));
        assert_eq!(track.length, bytes.len() as u64);
        assert_eq!((&*track.name, &*track.media_type), (name, media_type));
        assert_eq!((&*track.title, &*track.artist), ("小猫", "Nest"));
        assert_eq!(bytes_of(&place, track.id).await, bytes);
        let stored = store(&place).resource(track.id).await.unwrap().unwrap();
        assert_eq!(stored.entry.descriptor, track.descriptor());
    }
    for (track, picture, media_type) in [(mp3, &inside, "image/jpeg"), (ogg, &beside, "image/png")]
    {
        let id = hashed(picture).id;
        let cover = Cover {
            id,
            length: picture.len() as u64,
            media_type: media_type.into(),
        };
        assert_eq!(track.cover, Some(cover));
        assert_eq!(&bytes_of(&place, id).await, picture);
    }
    assert_eq!(mp3.lyrics, None);
    let words = bytes_of(&place, ogg.lyrics.unwrap()).await;
    assert_eq!(String::from_utf8(words).unwrap(), "[00:01.00]小猫唱歌");

    assert!(!intakes.list()[0].is_over);
    assert!(!intakes.hear(&done(RequestId(request.0 >> 16))));
    assert!(intakes.hear(&done(request)));
    let intake = over(&intakes).await;
    assert_eq!((intake.songs, intake.added), (4, 2));
    assert_eq!((intake.left_out, intake.failed), (2, 1));
    let trouble = SongTrouble {
        path: "Purr/broken.mp3".into(),
        why: SongProblem::Tags(TagsError::NotMusic),
    };
    assert_eq!(intake.troubles, [trouble]);
    assert_eq!((intake.now, intake.problem), (None, None));
    assert_eq!(intake.done_bytes, intake.total_bytes);
    intakes.drop_intake(&intake.id);
    assert_eq!(intakes.list(), []);
    until("telling that it is gone", async || {
        let told = heard.music.borrow();
        (told.last() == Some(&Vec::new())).then_some(())
    })
    .await;
    assert!(store(&place).resource(ogg.id).await.unwrap().is_some());
}

#[wasm_bindgen_test]
async fn what_the_node_refuses_takes_no_room() {
    let (place, heard, intakes) = stage().await;
    intakes.take(music("a", &[("1.mp3", "", MP3)])).unwrap();
    let (request, tracks) = added(&heard).await;
    let problem = Problem::NotJoined;
    assert!(intakes.hear(&Event::Refused {
        request: Some(request),
        problem: problem.clone(),
    }));
    assert_eq!(over(&intakes).await.problem, Some(problem));
    let files = [Some(tracks[0].id), tracks[0].cover.as_ref().map(|it| it.id)];
    for id in files {
        until("removing it", async || {
            let found = store(&place).resource(id.unwrap()).await.unwrap();
            found.is_none().then_some(())
        })
        .await;
    }
}

#[wasm_bindgen_test]
async fn one_that_is_dropped_leaves_nothing_and_lets_the_next_one_go_on() {
    let (place, heard, intakes) = stage().await;
    let mut long = WAV.to_vec();
    long.resize(48 * 1024 * 1024, 1);
    let id = hashed(&long).id;
    intakes.take(music("a", &[("1.wav", "", &long)])).unwrap();
    intakes.take(music("b", &[("2.ogg", "", OGG)])).unwrap();
    until("storing its first pieces", async || {
        let stored = store(&place).resource(id).await.unwrap();
        stored.filter(|stored| stored.have.count() > 0)
    })
    .await;
    assert_eq!(intakes.list()[0].now.as_deref(), Some("1.wav"));
    intakes.drop_intake(&IntakeId("a".into()));
    let (_, tracks) = added(&heard).await;
    assert_eq!(tracks[0].id, hashed(OGG).id);
    pause(200).await;
    assert_eq!(store(&place).resource(id).await.unwrap(), None);
}

fn part(kind: PartKind, file: File) -> Part {
    Part {
        id: IntakeId("part".into()),
        channel: CHANNEL,
        track: TRACK,
        kind,
        file,
    }
}

#[wasm_bindgen_test]
async fn a_track_gets_another_cover_or_lyrics() {
    let (place, heard, intakes) = stage().await;
    let picture = tags(MP3).cover.unwrap().bytes;
    let odd = part(PartKind::Cover, file("a.jpg", "image/jpeg", b"no picture"));
    let no_type = Problem::File(DescriptorError::MediaType);
    assert_eq!(intakes.set_part(odd).await, Err(no_type));

    let words = hashed("小猫唱歌".as_bytes()).id;
    let cover = Cover {
        id: hashed(&picture).id,
        length: picture.len() as u64,
        media_type: "image/jpeg".into(),
    };
    for (kind, bytes, id, expected) in [
        (
            PartKind::Cover,
            &picture[..],
            cover.id,
            MusicCommand::SetCover {
                channel: CHANNEL,
                track: TRACK,
                cover: Some(cover),
            },
        ),
        (
            PartKind::Lyrics,
            b"\xd0\xa1\xc3\xa8\xb3\xaa\xb8\xe8",
            words,
            MusicCommand::SetLyrics {
                channel: CHANNEL,
                track: TRACK,
                lyrics: Some(words),
            },
        ),
    ] {
        for refused in [false, true] {
            let reply = Rc::new(OnceCell::new());
            let given = part(kind, file("a", "", bytes));
            let (sets, replied) = (intakes.clone(), reply.clone());
            spawn_local(async move {
                replied.set(sets.set_part(given).await).unwrap();
            });
            let (request, command) = asked(&heard).await;
            assert_eq!(command, Command::Music(expected.clone()));
            assert!(store_has(&place, id).await);
            assert!(intakes.hear(&if refused {
                Event::Refused {
                    request: Some(request),
                    problem: Problem::NoTrack,
                }
            } else {
                done(request)
            }));
            let said = until("a reply", async || reply.get().cloned()).await;
            assert_eq!(said.is_err(), refused, "{said:?}");
            pause(100).await;
            // The node of this test did not share it.
            assert_eq!(store_has(&place, id).await, !refused);
        }
    }
}

async fn store_has(place: &Place, id: ResourceId) -> bool {
    store(place).resource(id).await.unwrap().is_some()
}

#[wasm_bindgen_test]
async fn what_the_node_was_asked_for_is_not_taken_from_it() {
    let (place, heard, intakes) = stage().await;
    let id = hashed(OGG).id;
    for refused in [false, true] {
        intakes.take(music("a", &[("2.ogg", "", OGG)])).unwrap();
        let (request, _) = added(&heard).await;
        intakes.drop_intake(&IntakeId("a".into()));
        pause(100).await;
        assert!(store(&place).resource(id).await.unwrap().is_some());
        let request = Some(request);
        let event = if refused {
            let problem = Problem::NotJoined;
            Event::Refused { request, problem }
        } else {
            let channel = Some(CHANNEL);
            Event::Done { request, channel }
        };
        assert!(intakes.hear(&event));
        pause(100).await;
        let found = store(&place).resource(id).await.unwrap();
        // The node of this test did not share it.
        assert_eq!(found.is_none(), refused);
    }
}

/// The same bytes in a message that is not said after all.
#[wasm_bindgen_test]
async fn a_file_stays_while_it_is_needed_elsewhere() {
    let (place, heard, intakes) = stage().await;
    intakes.take(music("a", &[("2.ogg", "", OGG)])).unwrap();
    let (request, _) = added(&heard).await;
    let chat = Heard::default();
    let shares = Intakes::new(place.clone(), chat.clone());
    shares.take(share("b", &[file("2.ogg", "", OGG)])).unwrap();
    let (shared, _) = asked(&chat).await;
    let refused = |request| Event::Refused {
        request: Some(request),
        problem: Problem::NotJoined,
    };
    shares.hear(&refused(shared));
    pause(100).await;
    let id = hashed(OGG).id;
    assert!(store(&place).resource(id).await.unwrap().is_some());
    intakes.hear(&refused(request));
    until("removing it", async || {
        let found = store(&place).resource(id).await.unwrap();
        found.is_none().then_some(())
    })
    .await;
}

#[wasm_bindgen_test]
async fn more_than_can_be_taken_is_refused() {
    let (_, _, intakes) = stage().await;
    let refused = |files| {
        let mut music = music("a", &[("1.ogg", "", b"")]);
        let one = music.files[0].clone();
        music.files = vec![one; files];
        intakes.take(music)
    };
    assert_eq!(refused(0), Err(Problem::NoFile));
    assert_eq!(
        refused(limits::MAX_MUSIC_FILES + 1),
        Err(Problem::TooManyTracks)
    );
    assert_eq!(intakes.list(), []);
    // None of them is a song, and who hands over more sees what is new.
    for number in 0..limits::MAX_INTAKES {
        let none: &[(&str, &str, &[u8])] = &[("a.txt", "", b"a")];
        intakes.take(music(&number.to_string(), none)).unwrap();
    }
    until("their being over", async || {
        let all = intakes.list();
        all.iter().all(|intake| intake.is_over).then_some(())
    })
    .await;
    assert_eq!(intakes.list()[0].left_out, 1);
    intakes.take(music("more", &[("2.ogg", "", OGG)])).unwrap();
    assert_eq!(intakes.list().len(), 1);
}
