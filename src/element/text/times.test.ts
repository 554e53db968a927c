import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDay, formatFullTime, formatShortTime, nextDay, startOfDay } from './times.ts'

const at = (year: number, month: number, day: number, hour = 12) => new Date(year, month - 1, day, hour, 5, 9).getTime()

test('days are the local ones: today, yesterday, then a date, with the year once it is another', () => {
  const now = at(2026, 3, 1, 0)
  assert.equal(formatDay(at(2026, 3, 1, 23), now), 'Today')
  assert.equal(formatDay(at(2026, 2, 28, 23), now), 'Yesterday')
  assert.doesNotMatch(formatDay(at(2026, 2, 27), now), /2026/)
  assert.match(formatDay(at(2025, 2, 27), now), /2025/)
})

test('the next day begins at the next local midnight, whatever the clock did in between', () => {
  // Every day of a year, so that the days on which clocks change are among them, wherever this runs.
  for (let day = 1; day <= 366; day += 1) {
    const noon = at(2026, 1, day)
    assert.equal(nextDay(noon), startOfDay(at(2026, 1, day + 1)))
  }
})

test('a tooltip has the date and the seconds; the narrow time neither half of the day', () => {
  assert.match(formatFullTime(at(2026, 3, 1)), /2026.*09/)
  assert.match(formatShortTime(at(2026, 3, 1)), /^12.05$/)
})
