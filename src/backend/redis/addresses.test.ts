import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RedisAddresses } from './addresses.ts'
import type { SlotRange } from './slots.ts'

/** A map of one primary and one replica, with ids of a cluster. */
function mapOf(cluster: string): SlotRange[] {
  const node = (number: number) => ({ host: `10.0.0.${number}`, port: 6379, id: `${cluster} ${number}` })
  return [{ first: 0, last: 16_383, primary: node(1), replicas: [node(2)] }]
}

const GIVEN = new URL('rediss://user:password@cluster.example:6379')

test('what a cluster says it has is tried after the URL, with its scheme, user and password', () => {
  const addresses = new RedisAddresses(GIVEN)
  assert.deepEqual(addresses.all, [GIVEN])
  for (let time = 0; time < 2; time++) addresses.learn(mapOf('first'))
  assert.deepEqual(
    addresses.all.map(({ href }) => href),
    [GIVEN.href, 'rediss://user:password@10.0.0.1:6379', 'rediss://user:password@10.0.0.2:6379'],
  )
})

test('an address that was learned is right for as long as the same cluster is there; the given one always is', () => {
  const addresses = new RedisAddresses(GIVEN)
  addresses.learn(mapOf('first'))
  const [given, learned] = addresses.all
  assert.ok(given && learned)
  const replaced = mapOf('first').map((range) => ({ ...range, primary: mapOf('second')[0]!.primary }))
  assert.ok(addresses.areRight(learned, replaced))
  for (const stranger of [mapOf('second'), undefined]) {
    assert.ok(!addresses.areRight(learned, stranger))
    assert.ok(addresses.areRight(given, stranger))
  }
})
