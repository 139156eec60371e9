//! A Chromium's own debugging protocol, for what WebDriver does not reach: the offscreen document with the engine.
//!
//! ChromeDriver knows tabs only. The browser's debugging port knows every target; one WebSocket to it carries the
//! commands for all of them.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::{
    browser::{Browser, EXTENSION_ID},
    wait,
};

/// An answer takes milliseconds; a collection of garbage some more.
const DEADLINE: Duration = Duration::from_secs(30);

/// A connection to a browser, or to one target of it.
pub struct DevTools {
    socket: WebSocketStream<TcpStream>,
    session: String,
    last: u64,
}

impl Browser {
    /// Attaches to the engine's offscreen document, once it is there.
    ///
    /// # Errors
    /// When it does not appear, or the browser gives no debugging port.
    pub async fn engine(&self) -> Result<DevTools> {
        self.target("engine.html").await
    }

    /// Attaches to the extension's service worker, once it runs; it goes on running while it is attached to.
    ///
    /// # Errors
    /// When it does not run, or the browser gives no debugging port.
    pub async fn service_worker(&self) -> Result<DevTools> {
        self.target("background.js").await
    }

    /// Attaches to the popup that the browser itself shows, once it is open.
    ///
    /// # Errors
    /// When it does not open, or the browser gives no debugging port.
    pub async fn popup(&self) -> Result<DevTools> {
        self.target("popup.html").await
    }

    async fn target(&self, file: &str) -> Result<DevTools> {
        let page = format!("chrome-extension://{EXTENSION_ID}/{file}");
        let port = self.debugging_port()?;
        wait::until(&page, async || {
            let Some(mut target) = DevTools::attach(&port, &page).await? else {
                return Ok(None);
            };
            // It has its address before it has its document: what was left in the empty one before is lost with that.
            let shown = target.evaluate("location.href").await?;
            let loaded = shown.as_str().is_some_and(|shown| shown.starts_with(&page));
            Ok(loaded.then_some(target))
        })
        .await
    }

    /// The ids of all of the browser's processes.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub async fn processes(&self) -> Result<Vec<u32>> {
        let mut browser = DevTools::browser(&self.debugging_port()?).await?;
        let info = browser.send("SystemInfo.getProcessInfo", json!({})).await?;
        let info = info["processInfo"].as_array().context("processes")?;
        info.iter()
            .map(|process| {
                let id = process["id"].as_u64().context("a process has an id")?;
                Ok(u32::try_from(id)?)
            })
            .collect()
    }

    /// The address of the browser's debugging port.
    fn debugging_port(&self) -> Result<String> {
        let capabilities = self.driver.capabilities();
        let options = capabilities.get("goog:chromeOptions");
        let port = options.and_then(|options| options["debuggerAddress"].as_str());
        Ok(port
            .context("a debugging port")?
            .replace("localhost", "127.0.0.1"))
    }
}

impl DevTools {
    /// Connects to the browser itself.
    async fn browser(port: &str) -> Result<Self> {
        let url = browser_url(port).await?;
        let (socket, _) = client_async(url, TcpStream::connect(port).await?).await?;
        Ok(Self {
            socket,
            session: String::new(),
            last: 0,
        })
    }

    /// Attaches to the target that shows this page, if there is one. What kind of target an offscreen document is called
    /// has changed before; its address does not.
    async fn attach(port: &str, page: &str) -> Result<Option<Self>> {
        let mut devtools = Self::browser(port).await?;
        let targets = devtools.send("Target.getTargets", json!({})).await?;
        let targets = targets["targetInfos"].as_array().context("targets")?;
        let Some(target) = targets.iter().find(|target| target["url"] == page) else {
            return Ok(None);
        };
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = devtools.send("Target.attachToTarget", attach).await?;
        let session = attached["sessionId"].as_str().context("a session")?;
        session.clone_into(&mut devtools.session);
        Ok(Some(devtools))
    }

    /// Sends a command and waits for its answer.
    ///
    /// # Errors
    /// When the browser refuses it or does not answer.
    pub async fn send(&mut self, method: &str, params: Value) -> Result<Value> {
        tokio::time::timeout(DEADLINE, self.send_and_hear(method, params))
            .await
            .with_context(|| format!("waited for an answer to {method}"))?
            .with_context(|| method.to_owned())
    }

    async fn send_and_hear(&mut self, method: &str, params: Value) -> Result<Value> {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": params });
        if !self.session.is_empty() {
            command["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(command.to_string())).await?;
        loop {
            let Some(message) = self.socket.next().await else {
                bail!("the browser is gone");
            };
            let Message::Text(text) = message? else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&text)?;
            // Anything else is an event.
            if answer["id"] == self.last {
                ensure!(answer["error"].is_null(), "{}", answer["error"]);
                return Ok(answer["result"].take());
            }
        }
    }

    /// What an expression gives in the target; a promise is waited for.
    ///
    /// # Errors
    /// When it throws, or the target is gone.
    pub async fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let params = json!({
            "expression": expression,
            "awaitPromise": true,
            "returnByValue": true,
        });
        let mut answer = self.send("Runtime.evaluate", params).await?;
        let exception = &answer["exceptionDetails"];
        ensure!(exception.is_null(), "{exception}");
        Ok(answer["result"]["value"].take())
    }

    /// How many objects of this class are alive after a collection of garbage.
    ///
    /// # Errors
    /// When the target is gone or has no such class.
    pub async fn count_live(&mut self, class: &str) -> Result<u64> {
        let count = self.on_live(class, "objects => objects.length").await?;
        count.as_u64().context("a number")
    }

    /// Calls a JavaScript function with the list of all objects of this class that are alive after a collection of
    /// garbage, and gives what it returns.
    ///
    /// # Errors
    /// When the target is gone or has no such class, or the function throws.
    pub async fn on_live(&mut self, class: &str, function: &str) -> Result<Value> {
        self.send("HeapProfiler.collectGarbage", json!({})).await?;
        // A group, so that the list itself keeps nothing alive afterwards.
        let group = "on_live";
        let params = json!({ "expression": format!("{class}.prototype"), "objectGroup": group });
        let prototype = self.send("Runtime.evaluate", params).await?;
        let prototype = &prototype["result"]["objectId"];
        ensure!(prototype.is_string(), "there is no {class}");
        let params = json!({ "prototypeObjectId": prototype, "objectGroup": group });
        let objects = self.send("Runtime.queryObjects", params).await?;
        let params = json!({
            "objectId": objects["objects"]["objectId"],
            "functionDeclaration": format!("function() {{ return ({function})(this); }}"),
            "returnByValue": true,
        });
        let mut answer = self.send("Runtime.callFunctionOn", params).await?;
        let release = json!({ "objectGroup": group });
        self.send("Runtime.releaseObjectGroup", release).await?;
        let exception = &answer["exceptionDetails"];
        ensure!(exception.is_null(), "{exception}");
        Ok(answer["result"]["value"].take())
    }
}

/// The address of the browser's own WebSocket.
async fn browser_url(port: &str) -> Result<String> {
    let answer = reqwest::get(format!("http://{port}/json/version")).await?;
    let version: Value = serde_json::from_slice(&answer.bytes().await?)?;
    let url = version["webSocketDebuggerUrl"].as_str();
    Ok(url.context("a WebSocket address")?.to_owned())
}
