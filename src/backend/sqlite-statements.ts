import type { DatabaseSync } from 'node:sqlite'
import { MAX_UNPLACED_ROWS } from './sqlite-places.ts'
import { SEQ_BITS } from './sqlite-schema.ts'

const MESSAGE = `id, ${seqOf('place')} AS seq, ${seqOf('revision')} AS rev, body`
const ROOM_START = `?1 << ${SEQ_BITS}`
const ROOM_END = `(?1 + 1) << ${SEQ_BITS}`

/** The messages that the index has, in the order of the rooms and their seqs. */
const PLACED = 'placed CROSS JOIN message USING (number)'

/** Messages whose newest change lies after `?2` and not after `?3`: those that the index has and that are as they were posted, and the revised ones. */
const AS_POSTED = `at > ${place('?2')} AND at <= ${place('?3')} AND revision = place`
const REVISED = `revision > ${place('?2')} AND revision <= ${place('?3')} AND revision > place`

/** Every statement of the store. The first parameter is the room's id wherever there is one. */
const SQL = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',

  findMeta: 'SELECT value FROM meta WHERE name = ?',
  saveMeta: 'INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
  removeMeta: 'DELETE FROM meta WHERE name = ?',
  secrets: `SELECT substr(name, 8) AS name, value FROM meta WHERE name GLOB 'secret:*'`,

  findRoom: 'SELECT id, epoch, trimmed_seq AS trimmedSeq, trimmed_tag AS trimmedTag FROM room WHERE name = ?',
  addRoom: `INSERT INTO room (name, epoch, trimmed_seq, trimmed_tag) VALUES (?, ?, 0, '') RETURNING id`,
  saveTrimmed: 'UPDATE room SET trimmed_seq = ?2, trimmed_tag = ?3 WHERE id = ?1',

  roomsAfter: 'SELECT id, name FROM room WHERE id > ? ORDER BY id LIMIT ?',

  // The newest message's newest change, and the newest change to an older one: the later of them is the newest of the room.
  newestPlaced: `SELECT ${seqOf('revision')} AS rev, tag FROM ${PLACED} WHERE at > ${ROOM_START} AND at < ${ROOM_END} ORDER BY at DESC LIMIT 1`,
  newestRevised: `SELECT ${seqOf('revision')} AS rev, tag FROM message
    WHERE revision > ${ROOM_START} AND revision < ${ROOM_END} AND revision > place ORDER BY revision DESC LIMIT 1`,

  addMessage: `INSERT INTO message (place, revision, room, id, tag, body)
    VALUES (${place('?2')}, ${place('?2')}, ?1, ?3, ?4, ?5) ON CONFLICT (id, room) DO NOTHING`,
  findAtRev: `SELECT ${seqOf('place')} AS seq, tag FROM message WHERE id = ?3 AND room = ?1 AND revision = ${place('?2')}`,
  addSuperseded: `INSERT INTO superseded (place, tag) VALUES (${place('?2')}, ?3)`,
  reviseMessage: `UPDATE message SET revision = ${place('?3')}, tag = ?4, body = ?5 WHERE id = ?2 AND room = ?1`,
  findMessage: `SELECT ${MESSAGE} FROM message WHERE id = ?2 AND room = ?1`,

  findRow: `SELECT ${MESSAGE}, tag FROM message WHERE number = ?`,

  addPlaced: `INSERT INTO placed (at, number) VALUES (${place('?2')}, ?3)`,
  removePlaced: `DELETE FROM placed WHERE at = ${place('?2')}`,
  findUnplaced: `SELECT room, ${seqOf('place')} AS seq, number FROM message
    WHERE number > (SELECT max(number) FROM message) - ${2 * MAX_UNPLACED_ROWS} AND NOT EXISTS (SELECT 1 FROM placed WHERE at = place) ORDER BY number`,

  messagesBefore: `SELECT ${MESSAGE} FROM ${PLACED} WHERE at > ${ROOM_START} AND at < ${place('?2')} ORDER BY at DESC`,
  messagesAfter: `SELECT ${MESSAGE} FROM ${PLACED} WHERE at > ${place('?2')} AND at < ${ROOM_END} ORDER BY at`,
  changesAsPosted: `SELECT ${MESSAGE}, tag FROM ${PLACED} WHERE ${AS_POSTED} ORDER BY at`,
  changesRevised: `SELECT ${MESSAGE}, tag FROM message WHERE ${REVISED} ORDER BY revision`,
  findTag: `SELECT tag FROM ${PLACED} WHERE at = ${place('?2')} AND revision = place
    UNION ALL SELECT tag FROM message WHERE revision = ${place('?2')} AND revision > place
    UNION ALL SELECT tag FROM superseded WHERE place = ${place('?2')}`,

  changesSuperseded: `SELECT ${seqOf('place')} AS seq, tag FROM superseded WHERE place > ${place('?2')} AND place <= ${place('?3')} ORDER BY place`,
  newestSuperseded: `SELECT ${seqOf('place')} AS seq FROM superseded WHERE place > ${ROOM_START} AND place < ${ROOM_END} ORDER BY place DESC LIMIT 1`,
  findStanding: `SELECT ${seqOf('revision')} AS seq, tag FROM message WHERE id = ?2 AND room = ?1`,
  restoreMessage: `INSERT INTO message (place, revision, room, id, tag, body)
    VALUES (${place('?2')}, ${place('?3')}, ?1, ?4, ?5, ?6)`,

  countSuperseded: `SELECT count(*) AS count FROM superseded WHERE place > ${place('?2')} AND place <= ${place('?3')}`,
  removeAsPosted: `DELETE FROM message WHERE number IN (SELECT number FROM ${PLACED} WHERE ${AS_POSTED}) RETURNING ${seqOf('place')} AS seq`,
  removeRevised: `DELETE FROM message WHERE ${REVISED} RETURNING ${seqOf('place')} AS seq`,
  removeSuperseded: `DELETE FROM superseded WHERE place > ${ROOM_START} AND place <= ${place('?2')}`,

  findSent: 'SELECT digest, seq, tag, message AS messageId FROM sent WHERE key = ?3 AND sender = ?2 AND room = ?1',
  addSent: `INSERT INTO sent (room, sender, key, time, digest, seq, tag, message)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key, sender, room) DO NOTHING`,
  removeSent: 'DELETE FROM sent WHERE key = ?3 AND sender = ?2 AND room = ?1',
  sentAfter: `SELECT number, room.name AS room, sender, key, digest, seq, tag, message AS messageId, time
    FROM sent JOIN room ON room.id = sent.room WHERE number > ? ORDER BY number LIMIT ?`,
  forgetSent: 'DELETE FROM sent WHERE number IN (SELECT number FROM sent ORDER BY number LIMIT ?2) AND time < ?1',

  findMarker: 'SELECT seq FROM marker WHERE user = ?2 AND room = ?1',
  saveMarker: 'INSERT INTO marker (user, room, seq) VALUES (?2, ?1, ?3) ON CONFLICT DO UPDATE SET seq = excluded.seq',
  markersAfter: `SELECT user, room.id AS roomId, room.name AS room, seq
    FROM marker JOIN room ON room.id = marker.room WHERE (user, room) > (?, ?) ORDER BY user, marker.room LIMIT ?`,
} as const

/** Where the room `?1` has the seq that `parameter` is. */
function place(parameter: string): string {
  return `(?1 << ${SEQ_BITS} | ${parameter})`
}

function seqOf(column: string): string {
  return `${column} & ${2 ** SEQ_BITS - 1}`
}

export type Statements = Readonly<Record<keyof typeof SQL, ReturnType<DatabaseSync['prepare']>>>

/** Compiles them, once for the life of the database. What is run for no rows gives its counts as bigints. */
export function prepareStatements(database: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => {
    const statement = database.prepare(sql)
    // It also gives the number of the row that was inserted last, whatever it was in: that may be a place, too large for a number.
    if (statement.columns().length === 0) statement.setReadBigInts(true)
    return [name, statement] as const
  })
  return Object.fromEntries(prepared) as unknown as Statements
}
