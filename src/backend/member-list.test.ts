import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { UserId } from '../protocol/ids.ts'
import type { User } from '../protocol/message.ts'
import { MemberList } from './member-list.ts'

const user = fc.record({
  id: fc.constantFrom('1', '2', '3', '4', '5', '6'),
  name: fc.constantFrom('ada', 'Ada', 'Zoë', 'Zoe', 'bob', ''),
})
const step = fc.record({ user, stays: fc.boolean() })

test('after any coming and going, the list is its users sorted by name', () => {
  const order = new Intl.Collator('en')
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const [list, users] = [new MemberList(), new Map<string, User>()]
      for (const { user: one, stays } of steps) {
        const member = one as User
        if (stays) list.add(member)
        else assert.equal(list.remove(member.id), users.has(member.id))
        if (stays) users.set(member.id, member)
        else users.delete(member.id)
      }
      const sorted = [...users.values()].toSorted((a, b) => order.compare(a.name, b.name) || (a.id < b.id ? -1 : 1))
      assert.deepEqual(list.first(100), { count: users.size, users: sorted })
      assert.deepEqual(list.first(2).users, sorted.slice(0, 2))
    }),
  )
})

test('whoever was never added cannot be removed', () => {
  assert.equal(new MemberList().remove('nobody' as UserId), false)
})
