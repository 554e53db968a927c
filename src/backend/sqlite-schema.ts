/** The bits of a `place` that are the seq: 68 thousand million changes to a room, in 134 million rooms. */
export const SEQ_BITS = 36

/**
 * The tables, as the steps that lead to them: step `n` makes a file of version `n` (SQLite's `user_version`) one of version `n + 1`.
 * A step that was published is never changed, since there are files that took it; what comes later is another step.
 *
 * `place` and `revision` hold a room and a seq in one integer, `room << SEQ_BITS | seq`, which makes an index entry a few bytes.
 */
export const MIGRATIONS: readonly string[] = [
  `
    CREATE TABLE meta (
      name TEXT PRIMARY KEY,
      value ANY NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- Where its log ends is what its newest change says.
    CREATE TABLE room (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      epoch TEXT NOT NULL,
      trimmed_seq INTEGER NOT NULL,
      trimmed_tag TEXT NOT NULL
    ) STRICT;

    -- In the order in which they came, whatever the room: rows are added at the end, and a commit writes few pages.
    -- revision and tag are those of the message's newest change.
    CREATE TABLE message (
      number INTEGER PRIMARY KEY,
      place INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      room INTEGER NOT NULL,
      id TEXT NOT NULL,
      tag TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX message_by_place ON message (place);
    -- A message as it was posted is found by its place. Only the others are in here, since an entry more costs a page in every room.
    CREATE UNIQUE INDEX message_by_revision ON message (revision) WHERE revision > place;
    -- The id first: ids grow with time, so entries are added at the end whichever room they are in.
    CREATE UNIQUE INDEX message_by_id ON message (id, room);

    -- The changes that are no longer the newest of their message.
    CREATE TABLE superseded (
      place INTEGER PRIMARY KEY,
      tag TEXT NOT NULL
    ) STRICT;

    -- The row's number tells its age. The key first, as with ids.
    CREATE TABLE sent (
      number INTEGER PRIMARY KEY,
      key TEXT NOT NULL,
      sender TEXT NOT NULL,
      room INTEGER NOT NULL,
      time INTEGER NOT NULL,
      digest TEXT NOT NULL,
      seq INTEGER NOT NULL,
      tag TEXT NOT NULL,
      message TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX sent_by_key ON sent (key, sender, room);

    CREATE TABLE marker (
      user TEXT NOT NULL,
      room INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      PRIMARY KEY (user, room)
    ) STRICT, WITHOUT ROWID;
  `,
  `
    -- The row of the message at each place. Filled some messages at a time: see sqlite-places.ts.
    CREATE TABLE placed (
      at INTEGER PRIMARY KEY,
      number INTEGER NOT NULL
    ) STRICT;
    INSERT INTO placed (at, number) SELECT place, number FROM message ORDER BY place;
    DROP INDEX message_by_place;
  `,
]
