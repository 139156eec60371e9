//! One transaction of the database: statements that are prepared once, and the core's errors.

use catnest::store::StoreError;
use rusqlite::{Connection, OptionalExtension, Params, Row, TransactionBehavior};

use super::error::store_error;

/// What a transaction may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// Only read.
    Read,
    /// Read and write: all of it becomes durable when it is committed.
    Write,
}

/// A transaction. One that is dropped without being committed has changed nothing.
#[derive(Debug)]
pub(super) struct Transaction<'c>(rusqlite::Transaction<'c>);

impl<'c> Transaction<'c> {
    /// A store's requests are carried out one after the other, so that there is no other transaction.
    pub(super) fn begin(connection: &'c Connection, mode: Mode) -> Result<Self, StoreError> {
        let behavior = match mode {
            Mode::Read => TransactionBehavior::Deferred,
            Mode::Write => TransactionBehavior::Immediate,
        };
        rusqlite::Transaction::new_unchecked(connection, behavior)
            .map(Self)
            .map_err(store_error)
    }

    /// Carries out a statement; gives how many rows it has changed.
    pub(super) fn execute(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        let execute = || self.0.prepare_cached(sql)?.execute(params);
        execute().map_err(store_error)
    }

    /// The first row of a query, if there is one.
    pub(super) fn find<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let find = || {
            let mut statement = self.0.prepare_cached(sql)?;
            statement.query_row(params, read).optional()
        };
        find().map_err(store_error)
    }

    /// All rows of a query.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let all = || -> rusqlite::Result<Vec<T>> {
            let mut statement = self.0.prepare_cached(sql)?;
            statement.query_map(params, read)?.collect()
        };
        all().map_err(store_error)
    }

    pub(super) fn commit(self) -> Result<(), StoreError> {
        self.0.commit().map_err(store_error)
    }
}
