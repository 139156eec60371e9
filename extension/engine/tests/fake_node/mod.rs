//! A node that has some files, and gives them as a node does.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::{
    cell::{Cell, OnceCell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use catnest::{
    limits,
    node::{Input, ReadKey, ReadPart, ReadProblem},
    resource::{Descriptor, Md5, ResourceId},
};
use catnest_engine::reading::Reads;
use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

pub(crate) struct FakeNode {
    files: RefCell<BTreeMap<ResourceId, (Vec<u8>, &'static str)>>,
    reads: OnceCell<Reads>,
    /// What each reader reads, where it is, and where it ends.
    pub(crate) readers: RefCell<BTreeMap<ReadKey, (ResourceId, u64, u64)>>,
    pub(crate) parts: Cell<usize>,
    /// It says nothing to those who begin to read.
    pub(crate) stalls: Cell<bool>,
}

impl FakeNode {
    pub(crate) fn new() -> (Rc<Self>, Reads) {
        let node = Rc::new(Self {
            files: RefCell::default(),
            reads: OnceCell::new(),
            readers: RefCell::default(),
            parts: Cell::new(0),
            stalls: Cell::new(false),
        });
        let of_reads = node.clone();
        let reads = Reads::new(move |input| of_reads.take(input));
        assert!(node.reads.set(reads.clone()).is_ok());
        (node, reads)
    }

    /// From now on it has this file.
    pub(crate) fn put(&self, id: ResourceId, bytes: Vec<u8>, media_type: &'static str) {
        self.files.borrow_mut().insert(id, (bytes, media_type));
    }

    pub(crate) fn content(&self, id: ResourceId) -> Vec<u8> {
        self.files.borrow()[&id].0.clone()
    }

    fn hear(&self, read: ReadKey, part: ReadPart) {
        self.reads.get().unwrap().hear(read, part);
    }

    fn take(&self, input: Input) {
        match input {
            Input::Read {
                read,
                resource,
                offset,
                length,
                ..
            } => {
                let file = self.files.borrow().get(&resource).cloned();
                let Some((content, media_type)) = file else {
                    let unknown = ReadPart::Failed(ReadProblem::Unknown);
                    return self.hear(read, unknown);
                };
                let all = content.len() as u64;
                let end = all.min(offset.saturating_add(length));
                let place = (resource, offset, end);
                self.readers.borrow_mut().insert(read, place);
                if self.stalls.get() {
                    return;
                }
                let descriptor = Descriptor {
                    id: resource,
                    length: all,
                    md5: Md5([0; 16]),
                    name: "song".into(),
                    media_type: media_type.into(),
                };
                self.hear(read, ReadPart::Opened(descriptor));
                self.end(read);
            }
            Input::ReadMore(read) => {
                let place = self.readers.borrow().get(&read).copied();
                let Some((id, offset, end)) = place else {
                    return;
                };
                let next = end.min(offset + limits::READ_PART_BYTES as u64);
                self.readers.borrow_mut().insert(read, (id, next, end));
                self.parts.set(self.parts.get() + 1);
                let bytes = self.content(id)[offset as usize..next as usize].to_vec();
                self.hear(read, ReadPart::Bytes { offset, bytes });
                self.end(read);
            }
            Input::StopReading(read) => {
                self.readers.borrow_mut().remove(&read);
            }
            other => panic!("{other:?}"),
        }
    }

    fn end(&self, read: ReadKey) {
        let place = self.readers.borrow().get(&read).copied();
        if place.is_some_and(|(_, at, end)| at >= end) {
            self.readers.borrow_mut().remove(&read);
            self.hear(read, ReadPart::End);
        }
    }
}

/// Lets others go on.
pub(crate) async fn pause() {
    let promise = Promise::new(&mut |resolve, _| {
        let window = web_sys::window().unwrap();
        let set = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 1);
        set.unwrap();
    });
    JsFuture::from(promise).await.unwrap();
}
