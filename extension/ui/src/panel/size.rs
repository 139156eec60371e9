//! How large a part of the page is.

use leptos::{html::Div, prelude::*};
use wasm_bindgen::prelude::*;

/// Tells whenever an element has another size, and once when it comes into the page.
pub(super) fn watch_size(element: NodeRef<Div>, changed: impl Fn() + 'static) {
    let changed = Closure::<dyn FnMut()>::new(changed);
    let Ok(observer) = web_sys::ResizeObserver::new(changed.as_ref().unchecked_ref()) else {
        return;
    };
    let kept = StoredValue::new_local((observer, changed));
    element.on_load(move |element| {
        kept.with_value(|(observer, _)| observer.observe(&element));
    });
    on_cleanup(move || {
        kept.try_with_value(|(observer, _)| observer.disconnect());
    });
}
