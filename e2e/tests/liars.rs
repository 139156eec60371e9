//! A member with a changed client, against the real engine: only the liar pays.

use anyhow::{Result, ensure};
use catnest::{
    channel::ChannelKey,
    chat::record::Record,
    entropy::Entropy,
    identity::DeviceSeed,
    limits,
    time::Millis,
    wire::{Frame, VERSION},
};
use catnest_e2e::{browser::Browser, stage::on_stage, wait};

/// Frames that cost the liar its links, and what they are called.
type Offence = (&'static str, Vec<Vec<u8>>);

fn offences(address: &str) -> Result<Vec<Offence>> {
    let forged = |address: &str| -> Result<Vec<u8>> {
        let channel = ChannelKey::of(&address.parse()?).id();
        let key = DeviceSeed::generate(&mut Entropy::from_seed([7; 32])).author_key(channel);
        Ok(Record::write(&key, channel, Millis(1), "liar", "a lie").bytes)
    };
    let mut bad_signature = forged(address)?;
    if let Some(last) = bad_signature.last_mut() {
        *last ^= 1;
    }
    let foreign = forged(&format!("{address}-next-door"))?;
    let cut = forged(address)?[..40].to_vec();
    let again = Frame::Record(forged(address)?).encode();
    Ok(vec![
        ("an empty frame", vec![vec![]]),
        ("another version", vec![vec![VERSION + 1, 1]]),
        (
            "an oversized frame",
            vec![vec![VERSION; limits::MAX_FRAME_BYTES + 1]],
        ),
        (
            "a bad signature",
            vec![Frame::Record(bad_signature).encode()],
        ),
        (
            "a record of another channel",
            vec![Frame::Record(foreign).encode()],
        ),
        ("a truncated record", vec![Frame::Record(cut).encode()]),
        ("a flood of replays", vec![again; 3000]),
    ])
}

/// Puts frames on all data channels of a browser's engine.
async fn send(liar: &Browser, frames: &[Vec<u8>]) -> Result<()> {
    let frames = serde_json::to_string(frames)?;
    let script = format!(
        "channels => {{
            const frames = {frames}.map(frame => Uint8Array.from(frame));
            for (const channel of channels)
                if (channel.readyState === 'open')
                    for (const frame of frames) {{ try {{ channel.send(frame); }} catch {{}} }}
        }}"
    );
    liar.engine()
        .await?
        .on_live("RTCDataChannel", &script)
        .await?;
    Ok(())
}

/// How many peer connections a browser has made that are still open, and its next ones are told apart from these.
async fn connections_seen(person: &Browser) -> Result<Vec<String>> {
    // The name of a connection is the certificate of its other end, which is new with every connection.
    let script = "all => all.filter(one => one.connectionState === 'connected')
        .map(one => one.remoteDescription.sdp.match(/a=fingerprint:.*/)[0]).sort()";
    let seen = person
        .engine()
        .await?
        .on_live("RTCPeerConnection", script)
        .await?;
    Ok(serde_json::from_value(seen)?)
}

#[tokio::test]
async fn lies_cost_the_liar_its_links_and_nobody_else_anything() {
    on_stage("liars", async |stage| {
        for name in ["Ann", "Bo", "Mallory"] {
            stage.join(name, "nest").await?;
        }
        let address = stage.host.channel("nest");
        let (ann, bo) = (stage.browser("Ann")?, stage.browser("Bo")?);
        let liar = stage.browser("Mallory")?;
        let mut said = Vec::new();
        for (name, frames) in offences(&address)? {
            ann.sees_online(&["Ann", "Bo", "Mallory"]).await?;
            liar.sees_online(&["Mallory", "Ann", "Bo"]).await?;
            let before = wait::until(
                "both links of the liar, with two connections each",
                async || {
                    let seen = connections_seen(liar).await?;
                    Ok((seen.len() == 4).then_some(seen))
                },
            )
            .await?;
            let honest = connections_seen(ann).await?;
            send(liar, &frames).await?;
            wait::until(&format!("{name} ends the liar's links"), async || {
                let after = connections_seen(liar).await?;
                Ok(after.iter().all(|one| !before.contains(one)).then_some(()))
            })
            .await?;
            ensure!(
                connections_seen(ann)
                    .await?
                    .iter()
                    .any(|one| honest.contains(one)),
                "{name}: the link between Ann and Bo is another one"
            );
            ann.say(name).await?;
            said.push(name);
            wait::until(name, async || {
                let heard = bo.messages().await?;
                let theirs: Vec<&str> = heard
                    .iter()
                    .map(|seen| seen.text.as_str())
                    .filter(|text| *text != "a lie")
                    .collect();
                Ok((theirs == said).then_some(()))
            })
            .await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_record_from_far_ahead_is_not_shown_and_one_from_long_ago_stands_where_it_belongs() {
    on_stage("early_and_late", async |stage| {
        for name in ["Ann", "Mallory"] {
            stage.join(name, "nest").await?;
        }
        let (ann, liar) = (stage.browser("Ann")?, stage.browser("Mallory")?);
        ann.sees_online(&["Ann", "Mallory"]).await?;
        ann.say("now").await?;
        let channel = ChannelKey::of(&stage.host.channel("nest").parse()?).id();
        let key = DeviceSeed::generate(&mut Entropy::from_seed([7; 32])).author_key(channel);
        let record = |time, text| {
            let record = Record::write(&key, channel, Millis(time), "liar", text);
            Frame::Record(record.bytes).encode()
        };
        // The year 2100, and 1970.
        let frames = [record(4_102_444_800_000, "early"), record(1, "late")];
        send(liar, &frames).await?;
        ann.sees(&["late", "now"]).await?;
        ann.say("still now").await?;
        ann.sees(&["late", "now", "still now"]).await
    })
    .await;
}
