CREATE TABLE channels (
    id BLOB PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE device (
    id INTEGER PRIMARY KEY CHECK (id = 0),
    value BLOB NOT NULL
) STRICT;

CREATE TABLE records (
    channel BLOB NOT NULL,
    position BLOB NOT NULL,
    -- 1: nobody has acknowledged it; 2: the member has not seen it.
    mark INTEGER CHECK (mark IN (1, 2)),
    holders BLOB NOT NULL,
    bytes BLOB NOT NULL,
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

CREATE INDEX marked ON records (channel, mark, position) WHERE mark IS NOT NULL;

PRAGMA user_version = 1;
