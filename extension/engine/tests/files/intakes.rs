//! From views into the store.

use std::collections::BTreeSet;

use catnest::{
    limits,
    node::{Command, Event, Problem, RequestId},
    resource::Descriptor,
    store::Store,
};
use catnest_engine::{files::Intakes, worker::take_in};
use catnest_messages::IntakeId;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::stage::{
    CHANNEL, Heard, asked, bytes, bytes_of, file, hashed, new_place, pause, put, share, store,
    until,
};

#[wasm_bindgen_test]
async fn files_are_hashed_stored_and_shared() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    let (long, empty) = (bytes(5 * 1024 * 1024 + 77, 1), Vec::new());
    let picture = file("a/b\u{202e}.JPG", "", &long);
    let text = file("空.txt", "Text/Plain;charset=utf-8", &empty);
    let files = [picture.clone(), text, picture];
    intakes.take(share("a", &files)).unwrap();
    // A view that asks again, because it did not hear.
    intakes.take(share("a", &files)).unwrap();

    let (request, command) = asked(&heard).await;
    let (long_id, empty_id) = (hashed(&long).id, hashed(&empty).id);
    assert_eq!(
        command,
        Command::Share {
            channel: CHANNEL,
            text: "看".into(),
            files: vec![long_id, empty_id],
        }
    );
    assert_eq!(bytes_of(&place, long_id).await, long);
    assert_eq!(bytes_of(&place, empty_id).await, empty);
    let stored = store(&place).resource(long_id).await.unwrap().unwrap();
    let Descriptor {
        md5,
        name,
        media_type,
        ..
    } = stored.entry.descriptor;
    assert_eq!(md5, hashed(&long).md5);
    assert_eq!((&name[..], &media_type[..]), ("ab.JPG", "image/jpeg"));
    assert_eq!(stored.entry.channels, BTreeSet::new());
    let outline = store(&place).outline(long_id).await.unwrap();
    assert_eq!(outline, Some(hashed(&long).outline));

    let [intake] = &intakes.list()[..] else {
        panic!("one intake");
    };
    assert_eq!(intake.done_bytes, 4 * long.len() as u64);
    assert_eq!(intake.files[1].media_type, "text/plain");
    assert!(!intakes.hear(&Event::Done {
        request: Some(RequestId(request.0 + 1)),
        channel: None,
    }));
    assert!(intakes.hear(&Event::Done {
        request: Some(request),
        channel: Some(CHANNEL),
    }));
    assert_eq!(intakes.list(), []);
    until("telling that it is gone", async || {
        (heard.told.borrow().last() == Some(&Vec::new())).then_some(())
    })
    .await;
    assert!(store(&place).resource(long_id).await.unwrap().is_some());
}

#[wasm_bindgen_test]
async fn what_the_node_refuses_keeps_its_problem_and_no_room() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    intakes.take(share("a", &[file("a", "", b"a")])).unwrap();
    let (request, _) = asked(&heard).await;
    intakes.hear(&Event::Refused {
        request: Some(request),
        problem: Problem::OutboxFull,
    });
    assert_eq!(intakes.list()[0].problem, Some(Problem::OutboxFull));
    until("removing the file", async || {
        let found = store(&place).resource(hashed(b"a").id).await.unwrap();
        found.is_none().then_some(())
    })
    .await;
    intakes.drop_intake(&IntakeId("a".into()));
    assert_eq!(intakes.list(), []);
}

#[wasm_bindgen_test]
async fn a_file_that_is_another_one_in_the_second_pass_is_refused() {
    let place = new_place().await;
    let one = bytes(3 * 1024 * 1024, 1);
    let mut other = one.clone();
    other[2 * 1024 * 1024 + 5] ^= 1;
    let hashed = take_in::hash(&file("a", "", &one), "a", |_| {})
        .await
        .unwrap();
    let id = put(&place, "a", "text/plain", &one, 0).await;
    let changed = Err(Problem::FileChanged { name: "a".into() });
    for wrong in [&other[..], &one[..one.len() - 1]] {
        let wrong = file("a", "", wrong);
        let kept = take_in::keep(store(&place), &wrong, "a", &hashed, |_| {}).await;
        assert_eq!(kept, changed);
        let stored = store(&place).resource(id).await.unwrap().unwrap();
        assert!(!stored.have.is_complete());
    }
    let right = file("a", "", &one);
    let kept = take_in::keep(store(&place), &right, "a", &hashed, |_| {}).await;
    assert_eq!(kept, Ok(()));
    assert_eq!(bytes_of(&place, id).await, one);
}

#[wasm_bindgen_test]
async fn one_that_is_dropped_leaves_nothing_and_lets_the_next_one_go_on() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    let long = bytes(48 * 1024 * 1024, 3);
    let id = hashed(&long).id;
    intakes
        .take(share("long", &[file("a", "", &long)]))
        .unwrap();
    intakes
        .take(share("short", &[file("b", "", b"b")]))
        .unwrap();
    until("storing its first pieces", async || {
        let stored = store(&place).resource(id).await.unwrap();
        stored.filter(|stored| stored.have.count() > 0)
    })
    .await;
    intakes.drop_intake(&IntakeId("long".into()));
    let (_, command) = asked(&heard).await;
    let Command::Share { files, .. } = command else {
        panic!("{command:?}");
    };
    assert_eq!(files, [hashed(b"b").id]);
    pause(200).await;
    assert_eq!(store(&place).resource(id).await.unwrap(), None);
    assert_eq!(store(&place).pieces(id, &[0]).await.unwrap(), [None]);
}

#[wasm_bindgen_test]
async fn what_is_shared_already_keeps_its_entry_and_gets_what_it_lacks() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place.clone(), heard.clone());
    let long = bytes(1024 * 1024, 4);
    let id = put(&place, "old name", "audio/ogg", &long, 3).await;
    let before = store(&place).resource(id).await.unwrap().unwrap().entry;
    for round in ["lacking", "whole"] {
        intakes
            .take(share(round, &[file("new", "", &long)]))
            .unwrap();
        let (request, _) = asked(&heard).await;
        assert_eq!(bytes_of(&place, id).await, long);
        intakes.hear(&Event::Refused {
            request: Some(request),
            problem: Problem::NotJoined,
        });
        pause(50).await;
        let after = store(&place).resource(id).await.unwrap().unwrap().entry;
        assert_eq!(before, after);
    }
}

#[wasm_bindgen_test]
async fn more_than_can_be_shared_is_refused() {
    let (place, heard) = (new_place().await, Heard::default());
    let intakes = Intakes::new(place, heard);
    let one = file("a", "", b"a");
    let refused = |files: usize, text: usize| {
        let mut share = share("a", &vec![one.clone(); files]);
        share.text = "a".repeat(text);
        intakes.take(share)
    };
    assert_eq!(refused(0, 1), Err(Problem::NoFile));
    assert_eq!(
        refused(limits::MAX_MESSAGE_FILES + 1, 1),
        Err(Problem::TooManyFiles)
    );
    assert_eq!(refused(1, limits::MAX_TEXT_BYTES + 1), Err(Problem::Text));
    assert_eq!(intakes.list(), []);
    for number in 0..=limits::MAX_INTAKES {
        let taken = intakes.take(share(&number.to_string(), std::slice::from_ref(&one)));
        if number < limits::MAX_INTAKES {
            assert_eq!(taken, Ok(()));
        } else {
            assert_eq!(taken, Err(Problem::TooManyTransfers));
        }
    }
}
