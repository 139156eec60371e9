//! Files with what lies in folders: dropped ones, and those that are picked as a folder. Each has its path below what was
//! chosen, by which lyrics and covers find their songs.

use catnest::limits::MAX_MUSIC_FILES;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, DataTransferItem, File, FileList};

#[wasm_bindgen]
extern "C" {
    /// Something in a file system (File and Directory Entries API).
    #[wasm_bindgen(js_name = Object)]
    #[derive(Clone)]
    pub(crate) type Entry;

    #[wasm_bindgen(method, getter, js_name = isDirectory)]
    pub(crate) fn is_directory(this: &Entry) -> bool;

    /// With a `/` at its beginning.
    #[wasm_bindgen(method, getter, js_name = fullPath)]
    fn full_path(this: &Entry) -> String;

    /// Of one that is a file.
    #[wasm_bindgen(method)]
    fn file(this: &Entry, resolve: &Function, reject: &Function);

    /// Of one that is a folder.
    #[wasm_bindgen(method, js_name = createReader)]
    fn create_reader(this: &Entry) -> Reader;

    #[wasm_bindgen(js_name = Object)]
    type Reader;

    /// Gives the next entries, and none when there are no more.
    #[wasm_bindgen(method, js_name = readEntries)]
    fn read_entries(this: &Reader, resolve: &Function, reject: &Function);

    #[wasm_bindgen(js_name = Object)]
    type Item;

    #[wasm_bindgen(method, js_name = webkitGetAsEntry)]
    fn entry(this: &Item) -> Option<Entry>;

    #[wasm_bindgen(js_name = Object)]
    type Picked;

    #[wasm_bindgen(method, getter, js_name = webkitRelativePath)]
    fn relative_path(this: &Picked) -> String;
}

/// What an item of a drop is, if it is a file or a folder.
pub(crate) fn entry_of(item: &DataTransferItem) -> Option<Entry> {
    item.unchecked_ref::<Item>().entry()
}

/// The entries of a drop. They are there only while its event is handled; what is in them can be read later.
pub(crate) fn dropped(data: &DataTransfer) -> Vec<Entry> {
    let items = data.items();
    let items = (0..items.length()).filter_map(|at| items.get(at));
    items.filter_map(|item| entry_of(&item)).collect()
}

/// All files among entries and in their folders. What cannot be read is left out; when there are more than can be handed
/// over, some more than that are given, and whoever takes them says so.
pub(crate) async fn all_files(mut entries: Vec<Entry>) -> Vec<(String, File)> {
    let mut files = Vec::new();
    // The first one first.
    entries.reverse();
    while let Some(entry) = entries.pop() {
        if entry.is_directory() {
            let mut inside = inside(&entry).await;
            inside.reverse();
            entries.append(&mut inside);
        } else if let Some(file) = called(|resolve, reject| entry.file(resolve, reject)).await {
            let path = entry.full_path();
            let path = path.strip_prefix('/').unwrap_or(&path);
            files.push((path.to_owned(), file.unchecked_into()));
        }
        if files.len() > MAX_MUSIC_FILES {
            break;
        }
    }
    files
}

/// What is in a folder.
async fn inside(folder: &Entry) -> Vec<Entry> {
    let reader = folder.create_reader();
    let mut entries = Vec::new();
    loop {
        // Chromium gives a hundred at a time.
        let next = called(|resolve, reject| reader.read_entries(resolve, reject)).await;
        let next: Array = next.map_or_else(Array::new, JsCast::unchecked_into);
        if next.length() == 0 || entries.len() > MAX_MUSIC_FILES {
            return entries;
        }
        entries.extend(next.iter().map(JsCast::unchecked_into::<Entry>));
    }
}

/// What a function gives to the first of two callbacks; none if it calls the second.
async fn called(call: impl Fn(&Function, &Function)) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve, reject| call(&resolve, &reject));
    JsFuture::from(promise).await.ok()
}

/// The files of a picker, be it one for files or for a folder.
pub(crate) fn picked(files: Option<&FileList>) -> Vec<(String, File)> {
    let files = files.into_iter();
    let files = files.flat_map(|files| (0..files.length()).filter_map(|at| files.get(at)));
    files
        .map(|file| {
            let path = file.unchecked_ref::<Picked>().relative_path();
            let path = if path.is_empty() { file.name() } else { path };
            (path, file)
        })
        .collect()
}
