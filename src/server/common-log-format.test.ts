import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCommonLog } from './common-log-format.ts'

const REQUEST = {
  address: '192.0.2.1',
  method: 'GET',
  path: '/r/tea',
  httpVersion: '1.1',
  status: 200,
  bytes: 2_326,
  ms: 1,
}

test('a request is one line of the Common Log Format, in UTC', () => {
  assert.equal(
    formatCommonLog(REQUEST, new Date('2026-11-03T04:05:06.789Z')),
    '192.0.2.1 - - [03/Nov/2026:04:05:06 +0000] "GET /r/tea HTTP/1.1" 200 2326',
  )
})

test('a body of unknown length is a dash', () => {
  assert.match(formatCommonLog({ ...REQUEST, status: 101, bytes: undefined }, new Date(0)), / 101 -$/)
})

test('a path cannot break out of its quotes or its line', () => {
  const path = '/"\\\u007f\u0085'
  assert.match(formatCommonLog({ ...REQUEST, path }, new Date(0)), /"GET \/%22%5C%7F%C2%85 HTTP\/1\.1"/)
})
