//! Files that are read while they come, between the node and whoever reads them in this document.
//!
//! ```text
//! <audio> ⇄ service worker ⇄ Streams ─┐
//! <audio> ⇄ blob ← Source::Whole ─────┴─ Reads ⇄ node
//! ```
//!
//! [`stream`] answers the service worker, [`source`] is what a player asks for an address, [`cover`] reads what is shown
//! beside it.

pub(crate) mod cover;
pub mod source;
pub mod stream;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use catnest::{
    channel::ChannelId,
    node::{Input, ReadKey, ReadPart},
    resource::ResourceId,
};

pub use self::{source::Source, stream::Streams};

/// Who reads, by the names that the node knows them by. Clones share it.
#[derive(Clone)]
pub struct Reads(Rc<Inner>);

/// A reader, called with what the node gives it.
type Hears = Rc<dyn Fn(ReadPart)>;

struct Inner {
    /// The way to the node.
    node: Box<dyn Fn(Input)>,
    last: Cell<u64>,
    readers: RefCell<BTreeMap<ReadKey, Hears>>,
}

impl Reads {
    /// Nobody reads yet. `node` gets what is asked for, and what it gives comes by [`Reads::hear`].
    pub fn new(node: impl Fn(Input) + 'static) -> Self {
        Self(Rc::new(Inner {
            node: Box::new(node),
            last: Cell::new(0),
            readers: RefCell::default(),
        }))
    }

    /// Somebody who will read. What the node gives may come before a call to the reader has returned.
    pub fn reader(&self, hears: impl Fn(ReadPart) + 'static) -> Reader {
        let key = ReadKey(self.0.last.get() + 1);
        self.0.last.set(key.0);
        let mut readers = self.0.readers.borrow_mut();
        readers.insert(key, Rc::new(hears));
        Reader {
            reads: self.clone(),
            key,
        }
    }

    /// The node gives a reader something.
    pub fn hear(&self, read: ReadKey, part: ReadPart) {
        let mut readers = self.0.readers.borrow_mut();
        let hears = if part.is_last() {
            readers.remove(&read)
        } else {
            readers.get(&read).cloned()
        };
        drop(readers);
        // One that has stopped hears no more.
        if let Some(hears) = hears {
            hears(part);
        }
    }
}

/// Somebody who reads. When it is dropped, the node hears that no more is wanted.
pub struct Reader {
    reads: Reads,
    key: ReadKey,
}

impl Reader {
    /// Begins to read, so many bytes at most.
    pub fn begin(
        &self,
        resource: ResourceId,
        channel: Option<ChannelId>,
        offset: u64,
        length: u64,
    ) {
        let read = self.key;
        (self.reads.0.node)(Input::Read {
            read,
            resource,
            channel,
            offset,
            length,
        });
    }

    /// Asks for the next part.
    pub fn more(&self) {
        (self.reads.0.node)(Input::ReadMore(self.key));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let reading = self.reads.0.readers.borrow_mut().remove(&self.key);
        if reading.is_some() {
            (self.reads.0.node)(Input::StopReading(self.key));
        }
    }
}
