// A shop whose customers and clerks talk about orders: who may do what, what is looked at, what the shop itself says.
import { createChat } from '../src/index.ts' // in an app of your own: 'natter'
import type { AskedMessage, Backend, ChatMiddleware } from '../src/index.ts'

interface Customer {
  readonly id: string
  readonly name: string
  readonly isClerk: boolean
}

interface Order {
  readonly title: string
  readonly customerId: string
}

/** What the shop has besides the chat. */
export interface Shop {
  findCustomer(cookie: string | undefined): Promise<Customer | undefined>
  findOrder(number: string): Promise<Order | undefined>
  readonly waiting: AskedMessage[]
  readonly unread: Map<string, number>
}

export function createShopChat(shop: Shop, backend: Backend): ChatMiddleware<Customer> {
  const chat = createChat({
    backend,
    path: '/chat',
    authenticate: (request) => shop.findCustomer(request.headers.cookie),

    async resolveRoom(room) {
      const [kind, number = ''] = room.split(':')
      return kind === 'order' ? await shop.findOrder(number) : null
    },

    authorize(user, action, _room, order) {
      if (action === 'moderate') return user.isClerk
      return user.isClerk || user.id === order.customerId
    },

    beforeMessage(message, { user }) {
      if (user.isClerk) return undefined
      if (/\b\d{16}\b/.test(message.text)) return { refuse: 'Please do not send card numbers.' }
      if (!message.text.includes('refund')) return { text: message.text.trim() }
      shop.waiting.push(message)
      return { hold: 'A clerk looks at this first.' }
    },
    onHookFailure: 'allow',
  })

  chat.on('message', ({ room, message }) => {
    if (!message.author.id.startsWith('app:')) shop.unread.set(room, (shop.unread.get(room) ?? 0) + 1)
  })
  return chat
}

/** A clerk has looked at a message that was held. */
export async function letThrough(chat: ChatMiddleware<Customer>, shop: Shop): Promise<void> {
  const message = shop.waiting.shift()
  if (message) await chat.release(message)
}

/** The parcel left the house. */
export async function tellShipped(chat: ChatMiddleware<Customer>, number: string): Promise<void> {
  await chat.post({
    room: `order:${number}`,
    author: 'Shipping',
    text: 'Your parcel is on its way.',
    key: `shipped-order-${number}`,
  })
}

/** Somebody is no clerk any more. */
export async function dismiss(chat: ChatMiddleware<Customer>, clerk: Customer): Promise<void> {
  await chat.disconnect(clerk.id)
}

/** An order went to another customer. */
export async function handOver(chat: ChatMiddleware<Customer>, from: Customer): Promise<void> {
  await chat.revalidate(from.id)
}
