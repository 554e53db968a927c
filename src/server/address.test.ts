import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressBlock, clientAddress } from './address.ts'

function addressOf(remoteAddress: string | undefined, forwardedFor: string | undefined, trustedHops: number): string {
  const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }
  return clientAddress({ headers, socket: { remoteAddress } }, trustedHops)
}

test('without trusted proxies the header is the client’s own story and ignored', () => {
  assert.equal(addressOf('192.0.2.9', '203.0.113.7', 0), '192.0.2.9')
})

test('behind one proxy the last entry counts, whatever the client put before it', () => {
  assert.equal(addressOf('10.0.0.1', '203.0.113.7', 1), '203.0.113.7')
  assert.equal(addressOf('10.0.0.1', '1.1.1.1, 203.0.113.7', 1), '203.0.113.7')
})

test('behind two proxies it is the second from the end', () => {
  assert.equal(addressOf('10.0.0.2', '1.1.1.1, 203.0.113.7, 10.0.0.1', 2), '203.0.113.7')
})

test('a request that came past fewer proxies than trusted counts with the entry it has', () => {
  assert.equal(addressOf('10.0.0.2', '203.0.113.7', 2), '203.0.113.7')
  assert.equal(addressOf('10.0.0.2', undefined, 2), '10.0.0.2')
})

test('an entry that is no address is not believed', () => {
  assert.equal(addressOf('10.0.0.1', 'unknown', 1), '10.0.0.1')
  assert.equal(addressOf('10.0.0.1', '"><script>', 1), '10.0.0.1')
})

test('ports, brackets, mapped IPv4 and zones are taken off', () => {
  assert.equal(addressOf('10.0.0.1', '203.0.113.7:4711', 1), '203.0.113.7')
  assert.equal(addressOf('10.0.0.1', '[2001:db8::1]:4711', 1), '2001:db8::1')
  assert.equal(addressOf('::ffff:192.0.2.9', undefined, 0), '192.0.2.9')
  assert.equal(addressOf('fe80::1%eth0', undefined, 0), 'fe80::1')
  assert.equal(addressOf(undefined, undefined, 0), 'unknown')
})

test('an IPv4 address is counted by itself, an IPv6 address with its /64', () => {
  assert.equal(addressBlock('192.0.2.9'), '192.0.2.9')
  assert.equal(addressBlock('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64')
  assert.equal(addressBlock('2001:db8:1:2::6'), addressBlock('2001:0db8:1:2:ffff::'))
  assert.equal(addressBlock('2001:db8::1'), '2001:db8:0:0::/64')
  assert.equal(addressBlock('::1'), '0:0:0:0::/64')
  assert.equal(addressBlock('unknown'), 'unknown')
})
