//! Whether the browser may throw away what is stored when the disk runs low.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::js;

/// Asks the browser never to (Storage Standard §4.2). It may refuse: Chromium decides by how much a site is used, and
/// grants an extension none of it; there the permission "unlimitedStorage" alone exempts it from eviction, as Chrome's
/// documentation of extensions says ("Storage and cookies").
pub(crate) async fn persist() {
    if let Err(error) = try_persist().await {
        js::warn("storage was not made persistent", &error);
    }
}

async fn try_persist() -> Result<(), JsValue> {
    let asked = js::window()?.navigator().storage().persist()?;
    let granted = JsFuture::from(asked).await?;
    if granted.is_truthy() {
        Ok(())
    } else {
        Err("the browser refused".into())
    }
}
