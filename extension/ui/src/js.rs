//! The border to JavaScript: the extension's own APIs, the page's address, pauses, clipboard, randomness.

use std::{collections::BTreeMap, time::Duration};

use catnest::entropy::Entropy;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// One end of a connection between two parts of the extension (`runtime.Port`).
    #[wasm_bindgen(js_name = Object)]
    pub(crate) type Port;

    #[wasm_bindgen(method, catch, js_name = postMessage)]
    pub(crate) fn post_message(this: &Port, message: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(method, getter, js_name = onMessage)]
    pub(crate) fn on_message(this: &Port) -> ExtensionEvent;

    #[wasm_bindgen(method, getter, js_name = onDisconnect)]
    pub(crate) fn on_disconnect(this: &Port) -> ExtensionEvent;

    /// `events.Event` of the extension APIs.
    #[wasm_bindgen(js_name = Object)]
    pub(crate) type ExtensionEvent;

    #[wasm_bindgen(method, js_name = addListener)]
    pub(crate) fn add_listener(this: &ExtensionEvent, listener: &js_sys::Function);

    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = sendMessage)]
    pub(crate) async fn send_message(message: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = connect)]
    pub(crate) fn connect(options: &JsValue) -> Result<Port, JsValue>;

    #[wasm_bindgen(js_namespace = ["chrome", "i18n"], js_name = getUILanguage)]
    pub(crate) fn ui_language() -> String;

    #[wasm_bindgen(js_namespace = ["chrome", "runtime"], js_name = getManifest)]
    fn manifest() -> JsValue;

    #[wasm_bindgen(thread_local_v2, js_namespace = ["chrome", "runtime"], js_name = id)]
    static EXTENSION_ID: String;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "commands"], js_name = getAll)]
    async fn commands() -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "tabs"], js_name = create)]
    async fn create_tab(options: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["chrome", "windows"], js_name = create)]
    async fn create_window(options: &JsValue) -> Result<JsValue, JsValue>;

    /// `chrome.sidePanel`, where there is one.
    #[wasm_bindgen(catch, js_namespace = ["chrome", "sidePanel"], js_name = open)]
    async fn open_side_panel(options: &JsValue) -> Result<JsValue, JsValue>;

    /// What Firefox has instead.
    #[wasm_bindgen(catch, js_namespace = ["chrome", "sidebarAction"], js_name = open)]
    async fn open_sidebar() -> Result<JsValue, JsValue>;

    /// An array, with a way to sort it that runs no Rust code.
    #[wasm_bindgen(js_name = Object)]
    type Sortable;

    #[wasm_bindgen(method, js_name = sort)]
    fn sort(this: &Sortable, compare: &js_sys::Function);

    #[wasm_bindgen(catch, js_namespace = ["chrome", "runtime"], js_name = openOptionsPage)]
    pub(crate) async fn open_options_page() -> Result<JsValue, JsValue>;
}

/// Writes a warning to the page's console.
pub(crate) fn warn(what: &str, error: &JsValue) {
    web_sys::console::warn_2(&JsValue::from_str(what), error);
}

/// A parameter of the page's own address.
pub(crate) fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    web_sys::UrlSearchParams::new_with_str(&search)
        .ok()?
        .get(name)
}

/// What an earlier view of this browser left for later ones.
pub(crate) fn remembered(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Leaves something for later views, or takes it away. A hint only: nothing depends on it.
pub(crate) fn remember(key: &str, value: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _kept = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

/// Waits.
pub(crate) async fn pause(duration: Duration) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        set_timeout(
            move || {
                // A promise's own resolve function does not throw.
                let _resolved = resolve.call0(&JsValue::UNDEFINED);
            },
            duration,
        );
    });
    let _waited = JsFuture::from(promise).await;
}

/// Waits until what was set is on the screen, for what keeps the page busy afterwards.
pub(crate) async fn painted() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let late = resolve.clone();
        request_animation_frame(move || {
            set_timeout(
                move || {
                    let _resolved = resolve.call0(&JsValue::UNDEFINED);
                },
                Duration::ZERO,
            );
        });
        // A page that nobody looks at draws no frames.
        set_timeout(
            move || {
                let _resolved = late.call0(&JsValue::UNDEFINED);
            },
            Duration::from_millis(250),
        );
    });
    let _waited = JsFuture::from(promise).await;
}

/// The bytes of a blob; none if they cannot be read any more.
pub(crate) async fn bytes(blob: &web_sys::Blob) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(blob.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// Puts a text on the clipboard, and says whether it is there.
pub(crate) async fn copy(text: &str) -> bool {
    let copied = window().navigator().clipboard().write_text(text);
    JsFuture::from(copied).await.is_ok()
}

/// Randomness from the browser; none where it gives none.
pub(crate) fn entropy() -> Option<Entropy> {
    let mut seed = [0; 32];
    let crypto = window().crypto().ok()?;
    crypto.get_random_values_with_u8_array(&mut seed).ok()?;
    Some(Entropy::from_seed(seed))
}

/// A name that nobody else has; none where the browser gives no randomness.
pub(crate) fn random_name() -> Option<String> {
    Some(window().crypto().ok()?.random_uuid())
}

/// Notes in the page's timeline that something is reached (User Timing), once in its life.
pub(crate) fn mark(name: &str) {
    if let Some(timeline) = window().performance()
        && timeline.get_entries_by_name(name).length() == 0
    {
        // Only names of the browser's own are refused.
        let _marked = timeline.mark(name);
    }
}

/// Moves the keyboard to an element.
pub(crate) fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Only what cannot be focused refuses.
        let _focused = element.focus();
    }
}

/// Moves the keyboard to an element, and leaves the page where it is.
pub(crate) fn focus_without_scrolling(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _focused = element.focus_with_options(&options);
    }
}

/// A member of a JavaScript object; `undefined` where there is none.
fn member(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &name.into()).unwrap_or_default()
}

/// The version of the extension, as its manifest has it.
pub(crate) fn version() -> String {
    member(&manifest(), "version")
        .as_string()
        .unwrap_or_default()
}

/// The id by which the browser knows the extension.
pub(crate) fn extension_id() -> String {
    EXTENSION_ID.with(String::clone)
}

/// The keys that open the popup, as the browser writes them; `None` when the member or the browser took them away.
pub(crate) async fn popup_keys() -> Option<String> {
    let commands: js_sys::Array = commands().await.ok()?.dyn_into().ok()?;
    let command = commands
        .iter()
        .find(|command| member(command, "name") == "_execute_action")?;
    member(&command, "shortcut")
        .as_string()
        .filter(|keys| !keys.is_empty())
}

/// Opens a page of the browser's own, which no link may lead to.
pub(crate) async fn open_tab(url: &str) {
    let options = js_sys::Object::new();
    let opened = match js_sys::Reflect::set(&options, &"url".into(), &url.into()) {
        Ok(_) => create_tab(&options).await,
        Err(error) => Err(error),
    };
    if let Err(error) = opened {
        warn("the page does not open", &error);
    }
}

/// Opens a page of the extension in a window of its own, without the browser's bars.
pub(crate) async fn open_window(url: &str, width: u32, height: u32) {
    let options = js_sys::Object::new();
    let members: [(&str, JsValue); 4] = [
        ("url", url.into()),
        ("type", "popup".into()),
        ("width", width.into()),
        ("height", height.into()),
    ];
    for (name, value) in members {
        // An object of our own takes every member.
        let _set = js_sys::Reflect::set(&options, &name.into(), &value);
    }
    if let Err(error) = create_window(&options).await {
        warn("the window does not open", &error);
    }
}

/// Opens the side panel, or where there is none its page in a tab. Only a click opens it, and not for long after it: nothing
/// is waited for before.
pub(crate) async fn open_panel(page: &str) {
    /// `windows.WINDOW_ID_CURRENT`
    const THIS_WINDOW: i32 = -2;
    let options = js_sys::Object::new();
    let _set = js_sys::Reflect::set(&options, &"windowId".into(), &THIS_WINDOW.into());
    let opened = match open_side_panel(&options).await {
        Ok(_) => return,
        Err(_) => open_sidebar().await,
    };
    if opened.is_err() {
        open_tab(page).await;
    }
}

/// The places of texts in the order of a language; numbers in them count as such. The browser does all of the work: 10,000
/// titles take it some hundredths of a second.
pub(crate) fn collate(texts: &[&str], lang: &str) -> Vec<usize> {
    let options = js_sys::Object::new();
    let _set = js_sys::Reflect::set(&options, &"numeric".into(), &JsValue::TRUE);
    let locales = js_sys::Array::of1(&lang.into());
    let compare = js_sys::Intl::Collator::new(&locales, &options).compare();
    let sorted: js_sys::Array = texts.iter().map(|text| JsValue::from_str(text)).collect();
    sorted.unchecked_ref::<Sortable>().sort(&compare);
    let places: BTreeMap<String, usize> = sorted
        .iter()
        .filter_map(|text| text.as_string())
        .zip(0..)
        .collect();
    let last = texts.len();
    let place = |text: &&str| places.get(*text).copied().unwrap_or(last);
    texts.iter().map(place).collect()
}

/// How many pixels a `rem` is: what the member set in the browser.
pub(crate) fn rem() -> f64 {
    /// As browsers have it.
    const USUAL: f64 = 16.0;
    let style = document()
        .document_element()
        .and_then(|root| window().get_computed_style(&root).ok()?);
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    let size = size.and_then(|size| size.strip_suffix("px")?.parse().ok());
    size.unwrap_or(USUAL)
}

/// What the extension keeps on the disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Storage {
    pub(crate) used: f64,
    pub(crate) quota: f64,
    /// The browser does not clear it when the disk runs low.
    pub(crate) persisted: bool,
}

/// Asks the browser for [`Storage`].
pub(crate) async fn storage() -> Option<Storage> {
    let manager = window().navigator().storage();
    let estimate = JsFuture::from(manager.estimate().ok()?).await.ok()?;
    // The permission exempts from eviction, too, and `persisted` does not know of it.
    let persisted = JsFuture::from(manager.persisted().ok()?).await.ok()?;
    let permissions: js_sys::Array = member(&manifest(), "permissions").dyn_into().ok()?;
    let exempt = permissions.includes(&"unlimitedStorage".into(), 0);
    Some(Storage {
        used: member(&estimate, "usage").as_f64()?,
        quota: member(&estimate, "quota").as_f64()?,
        persisted: exempt || persisted.is_truthy(),
    })
}

/// Goes to the part of the page that its address names: the browser looked for it before it was there.
pub(crate) fn scroll_to_hash() {
    let hash = window().location().hash().unwrap_or_default();
    let id = hash.strip_prefix('#').unwrap_or_default();
    if let Some(element) = document().get_element_by_id(id) {
        element.scroll_into_view();
    }
}
