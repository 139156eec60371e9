//! What burns leaves nothing behind, and what was said is found again.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use anyhow::{Result, ensure};
use catnest_e2e::{
    browser::Browser,
    program::Program,
    stage::{Stage, on_stage},
};
use memchr::memmem;
use serde_json::json;
use thirtyfour::prelude::*;

/// A text that stands nowhere else.
fn marker(name: &str) -> Result<String> {
    let mut random = [0; 8];
    fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(format!("{name}{:016x}", u64::from_be_bytes(random)))
}

/// What is gone by now says nothing any more.
fn if_there<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// Every file below a folder in which a text stands, as UTF-8 or UTF-16.
fn files_with(folder: &Path, text: &str) -> Result<Vec<String>> {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = if_there(fs::read_dir(&folder))?;
        for entry in entries.into_iter().flatten() {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                let Some(bytes) = if_there(fs::read(entry.path()))? else {
                    continue;
                };
                let has = |text: &[u8]| memmem::find(&bytes, text).is_some();
                if has(text.as_bytes()) || has(&wide) {
                    found.push(entry.path().display().to_string());
                }
            }
        }
    }
    Ok(found)
}

async fn sees_banner(person: &Browser, says: &str) -> Result<()> {
    let banner = person.find("burn-banner").await?;
    let text = banner.text().await?;
    ensure!(text.contains(says), "the banner says: {text}");
    let above = "document.querySelector('[data-testid=burn-banner]').getBoundingClientRect().bottom
        <= document.querySelector('[data-testid=composer]').getBoundingClientRect().top";
    person.js_is(above, json!(true)).await
}

async fn sees_no_banner(person: &Browser) -> Result<()> {
    let banner = "document.querySelector('[data-testid=burn-banner]')";
    person.js_is(banner, json!(null)).await
}

/// A device without a browser, which keeps what is said in SQLite.
async fn host(stage: &Stage, data: &Path) -> Result<Program> {
    let file = data.with_extension("txt");
    fs::write(&file, "meow")?;
    let mut host = Program::host("share", |command| {
        command.arg(file).arg(stage.host.channel("nest"));
        command.arg("--json").arg("--data").arg(data);
        command.arg("--name").arg("Host");
    })?;
    host.until(|line| line["event"] == "ready").await?;
    Ok(host)
}

#[tokio::test]
async fn what_burns_leaves_the_screen_and_no_trace() {
    on_stage("burn", async |stage| {
        let (kept, burnt, draft) = (marker("kept")?, marker("burnt")?, marker("draft")?);
        stage.join("Ann", "nest").await?;
        stage.join("Bo", "nest").await?;
        stage.join("Cy", "nest").await?;
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("host");
        let seeder = host(stage, &data).await?;
        let [ann, bo, cy] = stage.browsers(["Ann", "Bo", "Cy"])?;
        ann.sees_online(&["Ann", "Bo", "Cy", "Host"]).await?;
        // Its file is a message without words.
        ann.sees(&[""]).await?;
        for person in [ann, bo, cy] {
            // Behind another page nothing counts as seen.
            person.to_front().await?;
        }
        ann.say(&kept).await?;
        for person in [bo, cy] {
            person.sees(&["", &kept]).await?;
        }
        let held = "document.querySelector('[data-testid=delivery]')?.title ?? null";
        ann.js_is(held, json!("Kept by 3 other devices")).await?;

        // The question can be left, and then nothing has changed.
        ann.open_from_menu("burn-toggle").await?;
        ann.click("burn-cancel").await?;
        ann.is_back_at("more").await?;
        sees_no_banner(ann).await?;
        ann.open_from_menu("burn-toggle").await?;
        ann.click("burn-confirm").await?;
        sees_banner(ann, "by you").await?;
        sees_banner(bo, "Ann").await?;
        sees_banner(cy, "Ann").await?;
        let attach = "document.querySelector('[data-testid=attach]').ariaDisabled";
        bo.js_is(attach, json!("true")).await?;

        ann.say(&burnt).await?;
        for person in [ann, bo, cy] {
            person.to_front().await?;
            person.sees(&["", &kept, &burnt]).await?;
            let marks = "document.querySelectorAll('[data-testid=burning]').length";
            person.js_is(marks, json!(1)).await?;
        }
        bo.act_on(&burnt, "select").await?;
        let offered = "document.querySelector('article:focus-within [data-testid=keep]')";
        bo.js_is(offered, json!(null)).await?;
        bo.click("select-cancel").await?;
        ann.fill("composer", &draft).await?;
        // Half a minute after it was shown.
        for person in [ann, bo, cy] {
            person.sees(&["", &kept]).await?;
            // What shows it elsewhere than in the log follows the log.
            person.loses(&burnt).await?;
        }
        // Everything starts again while it is on; the host, which shares a file, could not.
        drop(seeder);
        for name in ["Ann", "Bo", "Cy"] {
            stage.take_browser(name)?.quit().await?;
        }
        for name in ["Ann", "Bo", "Cy"] {
            stage.start_browser(name).await?;
            let person = stage.browser(name)?;
            person.open_chat().await?;
            person.sees(&["", &kept]).await?;
            person.find("burn-banner").await?;
        }
        let [ann, bo, cy] = stage.browsers(["Ann", "Bo", "Cy"])?;
        ann.sees_online(&["Ann", "Bo", "Cy"]).await?;
        // What stood in the composer before its page was opened again was meant to burn, too.
        ann.fill("composer", &draft).await?;
        ann.open_chat().await?;
        let restored = format!("document.querySelector('#composer')?.value === '{draft}'");
        ann.js_is(&restored, json!(true)).await?;
        cy.fill("composer", "in private").await?;
        bo.open_from_menu("burn-toggle").await?;
        sees_no_banner(bo).await?;
        sees_no_banner(ann).await?;
        sees_no_banner(cy).await?;
        let ended =
            "document.querySelector('[data-testid=burn-ended]')?.textContent.includes('Bo')";
        ann.js_is(ended, json!(true)).await?;
        // What was meant to burn is neither stored nor sent without a question.
        ann.find("composer").await?.send_keys(" indeed").await?;
        ann.click("send").await?;
        ann.answer_question(false).await?;
        ann.fill("composer", "").await?;
        cy.click("send").await?;
        cy.answer_question(true).await?;
        bo.sees(&["", &kept, "in private"]).await?;
        let said = "document.querySelector('[data-testid=burn-ended]')";
        cy.js_is(said, json!(null)).await?;
        // What is said now is kept again.
        bo.say("after").await?;
        ann.sees(&["", &kept, "in private", "after"]).await?;
        for name in ["Ann", "Bo", "Cy"] {
            stage.take_browser(name)?.quit().await?;
        }
        let profiles = ["Ann", "Bo", "Cy"].map(|name| stage.profile(name));
        for kept_in in profiles.iter().chain([&data]) {
            for text in [&burnt, &draft] {
                let found = files_with(kept_in, text)?;
                ensure!(found.is_empty(), "{text} stands in {found:?}");
            }
            // The control: what is kept is found by the same search.
            let found = files_with(kept_in, &kept)?;
            ensure!(
                !found.is_empty(),
                "{kept} is nowhere in {}",
                kept_in.display()
            );
        }
        let log = fs::read_to_string(stage.log())?;
        ensure!(!log.contains(&burnt), "it stands in the server's log");
        Ok(())
    })
    .await;
}

/// The texts of what was found, and the words that are marked in them.
const FOUND: &str =
    "[...document.querySelectorAll('[data-testid=search-result]')].map((result) => [
    result.querySelector('[data-testid=search-text]').textContent,
    ...[...result.querySelectorAll('mark')].map((mark) => mark.textContent)])";

const FOCUSED: &str =
    "document.activeElement.querySelector('[data-testid=message-text]')?.textContent ?? null";

const STATE: &str = "document.querySelector('[data-testid=search-says]')?.dataset.state ?? null";

/// The message with the focus is on the screen.
const ON_SCREEN: &str = "(() => {
    const row = document.activeElement.getBoundingClientRect();
    const log = document.querySelector('[data-testid=log]').getBoundingClientRect();
    return row.top >= log.top && row.bottom <= log.bottom;
})()";

async fn stands_before(person: &Browser, text: &str) -> Result<()> {
    person.js_is(FOCUSED, json!(text)).await?;
    person.js_is(ON_SCREEN, json!(true)).await
}

#[tokio::test]
async fn a_part_of_a_word_leads_to_where_it_was_said() {
    on_stage("search", async |stage| {
        stage.join("Ann", "nest").await?;
        let ann = stage.browser("Ann")?;
        let (first, second) = (
            "A <b>Marmalade</b> tomcat is on the roof",
            "屋顶上的橘猫在打呼噜",
        );
        ann.to_front().await?;
        ann.say(first).await?;
        ann.say(second).await?;
        ann.install_view().await?;
        let channel = ann.counts_online(1).await?;
        for number in 0..48 {
            let text = format!("#{number} The nest is warm.\nIt has been warm all day.");
            ann.say_at_once(&channel, &text).await?;
        }

        ann.click("search-open").await?;
        ann.find("search-empty").await?;
        // The field has the focus at once.
        ann.press("malad").await?;
        ann.js_is(FOUND, json!([[first, "malad"]])).await?;
        ann.press(Key::Down).await?;
        ann.press(Key::Enter).await?;
        stands_before(ann, first).await?;

        ann.click("search-open").await?;
        ann.fill("search-input", "橘猫 屋顶").await?;
        ann.js_is(FOUND, json!([[second, "屋顶", "橘猫"]])).await?;
        ann.click("search-result").await?;
        stands_before(ann, second).await?;
        let dialog = "document.querySelector('dialog[open]')";
        ann.js_is(dialog, json!(null)).await?;

        ann.press(Key::Control + "f").await?;
        ann.fill("search-input", "dog").await?;
        ann.js_is(STATE, json!("none")).await?;
        ann.find("search-none").await?;
        ann.fill("search-input", "WARM").await?;
        let count = "document.querySelectorAll('[data-testid=search-result]').length";
        ann.js_is(count, json!(30)).await?;
        ann.js_is(
            &format!("{FOUND}[0]"),
            json!([
                "#47 The nest is warm.\nIt has been warm all day.",
                "warm",
                "warm"
            ]),
        )
        .await?;
        ann.click("search-more").await?;
        ann.js_is(count, json!(48)).await?;
        ann.js_is(
            "document.querySelector('[data-testid=search-more]')",
            json!(null),
        )
        .await?;
        let markup = "document.querySelectorAll('[data-testid=search-text] :not(mark)').length";
        ann.js_is(markup, json!(0)).await?;
        ann.press(Key::Escape).await?;
        ann.js_is(dialog, json!(null)).await?;

        ann.click("search-open").await?;
        ann.press(Key::Escape).await?;
        ann.is_back_at("search-open").await?;
        ann.click("search-open").await?;
        let today = ann.js("return new Date().toLocaleDateString('sv')").await?;
        ann.put("search-date", "2999-01-01").await?;
        ann.click("search-date-go").await?;
        let says = "document.querySelector('[data-testid=search-date-says]').textContent";
        ann.js_is(says, json!("Nothing was said on that day or later."))
            .await?;
        ann.put("search-date", today.as_str().unwrap_or_default())
            .await?;
        ann.click("search-date-go").await?;
        stands_before(ann, first).await
    })
    .await;
}
