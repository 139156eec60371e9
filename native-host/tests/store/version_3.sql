CREATE TABLE channels (
    id BLOB PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE device (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    value BLOB NOT NULL
) STRICT;

CREATE TABLE recalls (
    channel BLOB NOT NULL,
    -- Of the record that is recalled, whether or not it is there.
    position BLOB NOT NULL,
    author BLOB NOT NULL,
    -- Of the recall.
    by BLOB NOT NULL,
    PRIMARY KEY (channel, position, author)
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
    channel BLOB NOT NULL,
    position BLOB NOT NULL,
    -- 1: nobody has acknowledged it; 2: the member has not seen it.
    mark INTEGER CHECK (mark IN (1, 2)),
    holders BLOB NOT NULL,
    bytes BLOB NOT NULL, kept INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)),
    PRIMARY KEY (channel, position)
) STRICT;

CREATE TABLE resources (
    id BLOB PRIMARY KEY NOT NULL,
    entry BLOB NOT NULL,
    have BLOB NOT NULL
) STRICT;

CREATE TABLE links (
    resource BLOB PRIMARY KEY NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    -- None: the store's own file, which has a second name outside.
    path BLOB,
    -- Nanoseconds since 1970.
    modified INTEGER NOT NULL
) STRICT;

CREATE TABLE outlines (
    resource BLOB PRIMARY KEY NOT NULL REFERENCES resources (id) ON DELETE CASCADE,
    bytes BLOB NOT NULL
) STRICT;

CREATE INDEX kept ON records (channel, position) WHERE kept = 1;

CREATE INDEX marked ON records (channel, mark, position) WHERE mark IS NOT NULL;

CREATE INDEX recalls_by ON recalls (channel, by);

CREATE TABLE tracks (
    channel BLOB NOT NULL,
    -- Empty: the device itself.
    author BLOB NOT NULL,
    id BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (channel, author, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE music (
    part INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
) STRICT;

PRAGMA user_version = 3;
