import type { DatabaseSync } from 'node:sqlite'

const MESSAGE = 'id, place & 0xffffffff AS seq, revision & 0xffffffff AS rev, body'

/** Every statement of the store, compiled once. A parameter that is a room's id is `?1`. */
const SQL = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',

  findMeta: 'SELECT value FROM meta WHERE name = ?',
  saveMeta: 'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',

  findRoom: `SELECT id, epoch, seq, tag, trimmed_seq AS trimmedSeq, trimmed_tag AS trimmedTag FROM room WHERE name = ?`,
  addRoom: `INSERT INTO room (name, epoch, seq, tag, trimmed_seq, trimmed_tag) VALUES (?, ?, 0, '', 0, '') RETURNING id`,
  saveRoom: 'UPDATE room SET seq = ?2, tag = ?3, trimmed_seq = ?4, trimmed_tag = ?5 WHERE id = ?1',

  addMessage: `INSERT INTO message (place, revision, room, id, tag, body) VALUES (?1 << 32 | ?2, ?1 << 32 | ?2, ?1, ?3, ?4, ?5)
    ON CONFLICT (id, room) DO NOTHING`,
  findNewest:
    'SELECT place & 0xffffffff AS seq, tag FROM message WHERE id = ?3 AND room = ?1 AND revision = ?1 << 32 | ?2',
  addSuperseded: 'INSERT INTO superseded (place, tag) VALUES (?1 << 32 | ?2, ?3)',
  reviseMessage: 'UPDATE message SET revision = ?1 << 32 | ?3, tag = ?4, body = ?5 WHERE place = ?1 << 32 | ?2',
  findMessage: `SELECT ${MESSAGE} FROM message WHERE id = ?2 AND room = ?1`,

  messagesBefore: `SELECT ${MESSAGE} FROM message WHERE place > ?1 << 32 AND place < ?1 << 32 | ?2 ORDER BY place DESC`,
  messagesAfter: `SELECT ${MESSAGE} FROM message WHERE place > ?1 << 32 | ?2 AND place < (?1 + 1) << 32 ORDER BY place`,
  messagesChangedAfter: `SELECT ${MESSAGE} FROM message WHERE revision > ?1 << 32 | ?2 AND revision < (?1 + 1) << 32 ORDER BY revision`,
  findTag: `SELECT tag FROM message WHERE revision = ?1 << 32 | ?2
    UNION ALL SELECT tag FROM superseded WHERE place = ?1 << 32 | ?2`,

  removeMessages: 'DELETE FROM message WHERE revision > ?1 << 32 AND revision <= ?1 << 32 | ?2',
  removeSuperseded: 'DELETE FROM superseded WHERE place > ?1 << 32 AND place <= ?1 << 32 | ?2',

  findSent: 'SELECT digest, seq, tag, message AS messageId FROM sent WHERE key = ?3 AND sender = ?2 AND room = ?1',
  addSent:
    'INSERT INTO sent (room, sender, key, time, digest, seq, tag, message) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)',
  forgetSent: 'DELETE FROM sent WHERE number IN (SELECT number FROM sent ORDER BY number LIMIT ?2) AND time < ?1',

  findMarker: 'SELECT seq FROM marker WHERE user = ?2 AND room = ?1',
  saveMarker: 'INSERT INTO marker (user, room, seq) VALUES (?2, ?1, ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq',
} as const

export type Statements = Readonly<Record<keyof typeof SQL, ReturnType<DatabaseSync['prepare']>>>

export function prepareStatements(database: DatabaseSync): Statements {
  return Object.fromEntries(
    Object.entries(SQL).map(([name, sql]) => [name, database.prepare(sql)]),
  ) as unknown as Statements
}
