//! Native devices meet at the real server, and talk to each other.

mod common;

use catnest::node::{Command, Contact};
use common::{
    Server,
    person::{Person, done},
    within,
};

fn heard(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[tokio::test]
async fn two_devices_chat_and_one_notices_that_the_other_leaves() {
    let server = Server::start().await;
    let mut ann = Person::join(&server, "Ann").await;
    let mut ben = Person::join(&server, "Ben").await;
    tokio::join!(ann.meet("Ben"), ben.meet("Ann"));

    ann.say("hello").await;
    assert_eq!(ben.hear().await, heard("Ann", "hello"));
    ben.say("hello yourself").await;
    assert_eq!(ann.hear().await, heard("Ben", "hello yourself"));

    let channel = ann.channel;
    done(&ann.engine, Command::Measure { channel }).await;
    ann.see("a measured path", |channel| {
        let measured = |contact| matches!(contact, Contact::Link { path: Some(_) });
        channel
            .members
            .iter()
            .any(|member| measured(member.contact))
    })
    .await;

    within("Ben's end", ben.engine.stop()).await;
    ann.see("Ben's absence", |channel| channel.members.len() == 1)
        .await;
    within("Ann's end", ann.engine.stop()).await;
}
