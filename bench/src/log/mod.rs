//! A long log beside an empty one: how soon the popup shows the newest message, how soon a search answers, what a start and
//! the engine's memory cost.

mod talk;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use catnest::time::Millis;
use catnest_e2e::{
    browser::{Browser, Window},
    stage::Stage,
    target_dir, wait,
};
use serde_json::{Value, json};

use crate::report::{median, worst};

/// Messages in the long one.
const LOG: u64 = 100_000;
/// Times the popup is opened, and each thing is looked for.
const TIMES: usize = 20;
/// Times the browser is started again.
const STARTS: usize = 5;
/// Between two letters of a quick typist, in milliseconds.
const LETTER: u64 = 80;
/// How long the page may take for one thing. Filling a log takes minutes, a portion at a time.
const SCRIPT: std::time::Duration = std::time::Duration::from_secs(60);

/// What may pass until the newest message is drawn, and until a search is answered, in milliseconds.
const POPUP_GOAL: f64 = 300.0;
const SEARCH_GOAL: f64 = 200.0;

/// What is looked for.
const QUERIES: [(&str, &str); 4] = [
    ("frequent", talk::FREQUENT),
    ("rare", talk::RARE),
    ("absent", talk::ABSENT),
    ("chinese", talk::CHINESE),
];

/// A log, and what was measured over it.
struct Case {
    name: &'static str,
    /// Who has it, in a nest and a browser of their own.
    member: &'static str,
    messages: u64,
    opened: Vec<f64>,
    searches: Vec<Vec<f64>>,
    starts: Vec<f64>,
    first_searches: Vec<f64>,
    jumps: Vec<f64>,
    outlook: f64,
    /// The memory of the engine's wasm, and what JavaScript holds beside it.
    bytes: (u64, u64),
    /// The same once the log was searched.
    bytes_searched: (u64, u64),
}

impl Case {
    fn new(name: &'static str, member: &'static str, messages: u64) -> Self {
        Self {
            name,
            member,
            messages,
            opened: Vec::new(),
            searches: vec![Vec::new(); QUERIES.len()],
            starts: Vec::new(),
            first_searches: Vec::new(),
            jumps: Vec::new(),
            outlook: 0.0,
            bytes: (0, 0),
            bytes_searched: (0, 0),
        }
    }

    /// What the popup shows last.
    fn newest(&self) -> Option<String> {
        (self.messages > 0).then(|| talk::newest(self.messages))
    }

    /// Prints what was measured, as soon as it was.
    fn tell(&self, what: &str, times: &[f64], goal: Option<f64>) {
        let judged = goal.map_or_else(String::new, |goal| {
            let kept = if median(times) <= goal {
                "met"
            } else {
                "MISSED"
            };
            format!("; goal {goal:.0} ms: {kept}")
        });
        let name = self.name;
        let (median, worst) = (median(times), worst(times));
        println!("{name:6} {what:32} {median:>7.0} ms, at most {worst:>5.0} ms{judged}");
    }

    fn tell_memory(&self) {
        let name = self.name;
        let mib = |(wasm, js): (u64, u64)| (wasm + js) as f64 / 1024.0 / 1024.0;
        let (before, after) = (mib(self.bytes), mib(self.bytes_searched));
        println!(
            "{name:6} the engine's memory: {before:.1} MiB, once it was searched {after:.1} MiB"
        );
    }

    fn row(&self) -> Value {
        let searches = QUERIES
            .iter()
            .zip(&self.searches)
            .map(|((kind, query), times)| {
                json!({
                    "kind": kind,
                    "query": query,
                    "ms": median(times),
                    "ms_worst": worst(times),
                    "ms_all": times,
                })
            });
        json!({
            "case": self.name,
            "where": "chromium",
            "messages": self.messages,
            "popup_ms": median(&self.opened),
            "popup_ms_worst": worst(&self.opened),
            "popup_ms_all": self.opened,
            "search_ms": worst(&self.searches.iter().map(|times| median(times)).collect::<Vec<_>>()),
            "search_ms_worst": worst(&self.searches.concat()),
            "searches": searches.collect::<Vec<_>>(),
            "first_search_ms": median(&self.first_searches),
            "first_search_ms_all": self.first_searches,
            "start_ms": median(&self.starts),
            "start_ms_all": self.starts,
            "jump_ms": median(&self.jumps),
            "outlook_ms": self.outlook,
            "engine_wasm_bytes": self.bytes.0,
            "engine_js_bytes": self.bytes.1,
            "engine_wasm_bytes_searched": self.bytes_searched.0,
            "engine_js_bytes_searched": self.bytes_searched.1,
        })
    }
}

/// Measures, and prints what it found.
pub(crate) async fn run(json: bool) -> Result<()> {
    let mut stage = Stage::set(target_dir("bench").join("log"), Window::Headless)?;
    let mut cases = [Case::new("empty", "Mimi", 0), Case::new("full", "Tom", LOG)];
    for case in &cases {
        stage.join(case.member, case.name).await?;
        let browser = stage.browser(case.member)?;
        prepare(browser).await?;
        browser.install_view().await?;
        let began = Instant::now();
        let lines = talk::lines(case.messages, now()?);
        browser
            .import_lines(&stage.host.channel(case.name), lines)
            .await?;
        println!(
            "filled with {} messages in {:.0} s",
            case.messages,
            began.elapsed().as_secs_f64()
        );
    }
    // In turns: whatever else the machine does meets both.
    for _ in 0..TIMES {
        for case in &mut cases {
            let browser = stage.browser(case.member)?;
            case.opened.push(open(browser, case.newest()).await?);
        }
    }
    for case in &cases {
        case.tell("the popup shows the newest", &case.opened, Some(POPUP_GOAL));
    }
    for case in &mut cases {
        let browser = stage.browser(case.member)?;
        case.bytes = memory(browser).await?;
        search(browser, case).await?;
        case.bytes_searched = memory(browser).await?;
        case.outlook = outlook(browser).await?;
        case.tell("what a retention would discard", &[case.outlook], None);
    }
    for _ in 0..STARTS {
        for case in &mut cases {
            start(&mut stage, case).await?;
        }
    }
    for case in &cases {
        case.tell("the first search after a start", &case.first_searches, None);
        case.tell("from the browser's start", &case.starts, None);
        case.tell("to the first day", &case.jumps, None);
        case.tell_memory();
    }
    if json {
        println!(
            "{}",
            json!({ "rows": cases.iter().map(Case::row).collect::<Vec<_>>() })
        );
    }
    Ok(())
}

fn now() -> Result<Millis> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(Millis(u64::try_from(now.as_millis())?))
}

async fn prepare(browser: &Browser) -> Result<()> {
    browser.driver.set_script_timeout(SCRIPT).await?;
    // A page behind another draws nothing.
    browser.to_front().await
}

/// Opens the popup anew. Gives how long after that the newest message, or that there is none, was drawn.
async fn open(browser: &Browser, newest: Option<String>) -> Result<f64> {
    browser.driver.goto("about:blank").await?;
    let script = include_str!("opened.js").replace("NEWEST", &json!(newest).to_string());
    let watching = browser.before_each_page(&script).await?;
    browser.open("popup.html").await?;
    let drawn = wait::until("the newest message is drawn", async || {
        Ok(browser
            .js("return globalThis.drawn ?? null")
            .await?
            .as_f64())
    })
    .await?;
    browser.no_more_before_each_page(watching).await?;
    Ok(drawn)
}

/// Looks for everything, in the popup that is open.
async fn search(browser: &Browser, case: &mut Case) -> Result<()> {
    browser.click("search-open").await?;
    // The texts are read for the first one: that is measured after a start.
    look_for(browser, case, talk::ABSENT).await?;
    for _ in 0..TIMES {
        for (at, (_, query)) in QUERIES.into_iter().enumerate() {
            let time = look_for(browser, case, query).await?;
            case.searches[at].push(time);
        }
    }
    for ((kind, query), times) in QUERIES.iter().zip(&case.searches) {
        case.tell(
            &format!("search, {kind} ({query})"),
            times,
            Some(SEARCH_GOAL),
        );
    }
    Ok(())
}

/// Types something into the search. Gives how long after the last letter the answer was drawn.
async fn look_for(browser: &Browser, case: &Case, query: &str) -> Result<f64> {
    let said = browser
        .driver
        .execute_async(include_str!("typed.js"), vec![query.into(), LETTER.into()])
        .await?;
    let said = said.json();
    let expected = if case.messages > 0 && query != talk::ABSENT {
        "found"
    } else {
        "none"
    };
    ensure!(
        said["state"] == expected && said["right"] == true,
        "{query}: {said}"
    );
    said["ms"].as_f64().with_context(|| format!("{said}"))
}

/// How long the engine takes to count what a retention would discard.
async fn outlook(browser: &Browser) -> Result<f64> {
    browser.open_ready("popup.html").await?;
    browser.install_view().await?;
    let channel = browser.counts_online(1).await?;
    let command =
        json!({ "do": "outlook", "channel": channel, "retention": { "keep": "age", "days": 90 } });
    let asked = "(async (command) => {
        const began = performance.now();
        const { event } = await testView.ask(command);
        return event === 'outlook' ? performance.now() - began : event;
    })(arguments[0])";
    let said = browser.promise(asked, command).await?;
    said.as_f64().with_context(|| format!("{said}"))
}

/// What the engine's document holds: in wasm's memory, and of JavaScript's objects. The latter are those of all of the
/// extension's pages, of which no other is open.
async fn memory(browser: &Browser) -> Result<(u64, u64)> {
    browser.driver.goto("about:blank").await?;
    let mut engine = browser.engine().await?;
    let bytes = "memories => memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0)";
    let wasm = engine.on_live("WebAssembly.Memory", bytes).await?;
    let heap = engine.send("Runtime.getHeapUsage", json!({})).await?;
    let number = |value: &Value| value.as_f64().map(|bytes| bytes as u64);
    let heap_bytes = number(&heap["usedSize"]).context("a heap")?;
    browser.open_ready("popup.html").await?;
    Ok((number(&wasm).context("wasm's memory")?, heap_bytes))
}

/// Starts the browser again. Measures from its process to the newest message, then the first search and a jump to the first
/// day.
async fn start(stage: &mut Stage, case: &mut Case) -> Result<()> {
    stage.take_browser(case.member)?.quit().await?;
    let began = Instant::now();
    stage.start_browser(case.member).await?;
    let browser = stage.browser(case.member)?;
    prepare(browser).await?;
    open(browser, case.newest()).await?;
    case.starts.push(began.elapsed().as_secs_f64() * 1000.0);
    browser.click("search-open").await?;
    let first = look_for(browser, case, talk::ABSENT).await?;
    case.first_searches.push(first);
    if case.messages > 0 {
        let said = browser
            .driver
            .execute_async(include_str!("jumped.js"), vec!["2025-01-01".into()])
            .await?;
        case.jumps
            .push(said.json().as_f64().with_context(|| format!("{said:?}"))?);
    }
    Ok(())
}
