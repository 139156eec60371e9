//! The tour of `cargo xtask run`: two people install the extension, meet, and talk; with pictures.

use std::path::PathBuf;

use anyhow::Result;
use catnest_e2e::{
    browser::{Browser, Window},
    gallery,
    scenes::MEETING,
    stage::Stage,
    target_dir,
};
use clap::Parser;

/// Shows Catnest with two profiles.
#[derive(Parser)]
struct Arguments {
    /// Open windows on the display, and leave them open until Enter is pressed.
    #[arg(long)]
    headed: bool,
    /// Open no windows; save pictures in target/tour/.
    #[arg(long, conflicts_with = "headed")]
    headless: bool,
}

struct Album {
    folder: PathBuf,
    pictures: u32,
}

impl Album {
    async fn add(&mut self, browser: &Browser, what: &str) -> Result<()> {
        self.pictures += 1;
        let file = self.folder.join(format!("{:02}-{what}.png", self.pictures));
        browser.picture(&file).await?;
        step(&format!("   picture: {}", file.display()));
        Ok(())
    }
}

#[expect(
    clippy::print_stdout,
    reason = "the tour tells on the terminal what it shows"
)]
fn step(text: &str) {
    println!("{text}");
}

#[tokio::main]
async fn main() -> Result<()> {
    let window = if Arguments::parse().headed {
        Window::Headed
    } else {
        Window::Headless
    };
    let folder = target_dir("tour");
    let mut stage = Stage::set(folder.clone(), window)?;
    let mut album = Album {
        folder: folder.canonicalize()?,
        pictures: 0,
    };

    step(&format!("1. The server runs at {}", stage.host.address));
    step(
        "2. Ann has installed the extension; its welcome page asks for a name and a place to meet",
    );
    stage.start_browser("Ann").await?;
    stage.start_browser("博").await?;
    let (ann, bo) = (stage.browser("Ann")?, stage.browser("博")?);
    ann.open_ready("welcome.html?lang=en&theme=light").await?;
    ann.fill("name", "Ann").await?;
    ann.click("way-public").await?;
    ann.fill("server", &stage.host.address).await?;
    ann.fill("channel", "猫窝").await?;
    album.add(ann, "welcome").await?;
    ann.click("submit").await?;
    ann.find("done").await?;
    album.add(ann, "welcome-done").await?;

    step("3. Ann opens the chat and is alone");
    ann.open_ready("popup.html?lang=en&theme=light").await?;
    ann.sees_online(&["Ann"]).await?;
    album.add(ann, "chat-alone").await?;

    step("4. 博 comes in by the address that Ann gave them, in Chinese and in the dark");
    bo.open_ready("welcome.html?lang=zh_CN&theme=dark").await?;
    bo.fill("name", "博").await?;
    bo.click("way-invitation").await?;
    bo.fill("address", &stage.host.channel("猫窝")).await?;
    album.add(bo, "welcome-zh-dark").await?;
    bo.click("submit").await?;
    bo.find("done").await?;
    bo.open_ready("popup.html?lang=zh_CN&theme=dark").await?;
    ann.sees_online(&["Ann", "博"]).await?;

    step("5. They talk, from device to device");
    let mut said: Vec<&str> = Vec::new();
    let conversation = [
        (ann, "Hello 博! Did it take long to set up?"),
        (bo, "不到一分钟。没有账号，也不用注册。"),
        (
            ann,
            "And what we say goes straight from my browser to yours:\nthe server only introduced us.",
        ),
        (bo, "太好了，那就叫上其他猫吧 🐱"),
    ];
    for (person, text) in conversation {
        said.push(text);
        person.put("composer", text).await?;
        person.click("send").await?;
        for listener in [ann, bo] {
            listener.sees(&said).await?;
        }
    }
    album.add(ann, "conversation-light").await?;
    album.add(bo, "conversation-dark-zh").await?;
    ann.click("members-toggle").await?;
    album.add(ann, "members").await?;
    ann.click("members-toggle").await?;

    step("6. Ann's browser is killed and started again: name and messages are still there");
    if window == Window::Headless {
        stage.take_browser("Ann")?.kill();
        stage.start_browser("Ann").await?;
        let ann = stage.browser("Ann")?;
        ann.open_ready("popup.html?lang=en&theme=dark").await?;
        ann.sees(&said).await?;
        ann.sees_online(&["Ann", "博"]).await?;
        album.add(ann, "after-restart").await?;
        step("7. Every view in every state, in every look (in the folder `views`)");
        stage.start_browser("Cy").await?;
        stage.join("Mo", MEETING).await?;
        let (cy, mo) = (stage.browser("Cy")?, stage.browser("Mo")?);
        gallery::draw(&stage.host, cy, mo, &album.folder.join("views")).await?;
    } else {
        step("   (left out with windows) The tour is over. Press Enter to close them.");
        std::io::stdin().read_line(&mut String::new())?;
    }
    step(&format!(
        "The tour is over: {} pictures in {}",
        album.pictures,
        album.folder.display()
    ));
    Ok(())
}
