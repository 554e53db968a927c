/** Times as the reader's own locale and zone write them. Formatters cost far more to make than to use. */
const timeFormat = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const fullFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })
const dayFormat = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const dayOfYearFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' })

/** "9:57 AM" */
export function formatTime(ms: number): string {
  return timeFormat.format(ms)
}

/** "9:57", for the narrow column beside a message: the first of a group has said the rest. */
export function formatShortTime(ms: number): string {
  const parts = timeFormat.formatToParts(ms).filter(({ type }) => type !== 'dayPeriod')
  return parts
    .map(({ value }) => value)
    .join('')
    .trim()
}

/** With the date and the seconds, for a tooltip. */
export function formatFullTime(ms: number): string {
  return fullFormat.format(ms)
}

/** The local midnight that began the day of `ms`. */
export function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0)
}

/** "Today", "Yesterday", then a date, with its year once that is not the current one. */
export function formatDay(ms: number, now: number): string {
  const day = startOfDay(ms)
  if (day === startOfDay(now)) return 'Today'
  if (day === previousDay(now)) return 'Yesterday'
  const thisYear = new Date(ms).getFullYear() === new Date(now).getFullYear()
  return (thisYear ? dayFormat : dayOfYearFormat).format(ms)
}

/** The local midnight after `now`: not always 24 hours after the last one. */
export function nextDay(now: number): number {
  const date = new Date(startOfDay(now))
  return date.setDate(date.getDate() + 1)
}

function previousDay(now: number): number {
  const date = new Date(startOfDay(now))
  return date.setDate(date.getDate() - 1)
}
