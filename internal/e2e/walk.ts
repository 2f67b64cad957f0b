// Walks from an empty category to a paid order, with a client typed by the published document, as a storefront would.
//
//   BASE_URL         the server, http://localhost:3000 when unset
//   API_URL          its API, $BASE_URL/api/v1 when unset
//   PROXIED          set when a validating proxy stands between, which answers bad requests itself
//   ADMIN_EMAIL, ADMIN_PASSWORD   the development shop's admin when unset
//
// It needs a shop that prices in USD with 8 % tax and the Stripe stand-in, and leaves what it makes behind: names are
// fresh each time, so that it can run any number of times.

import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import createClient from 'openapi-fetch'
import type { components, paths } from './generated/schema.js'

type Schemas = components['schemas']

const base = process.env.BASE_URL ?? 'http://localhost:3000'
const api = process.env.API_URL ?? `${base}/api/v1`
const proxied = process.env.PROXIED !== undefined
const admin: Schemas['UserLogin'] = {
  email: process.env.ADMIN_EMAIL ?? 'admin@example.com',
  password: process.env.ADMIN_PASSWORD ?? 'cartwright-dev',
}

const shopper = createClient<paths>({ baseUrl: api })
const staff = createClient<paths>({ baseUrl: api })

const run = randomBytes(4).toString('hex')
const unknown = randomUUID()

interface Answer<T> {
  data?: T
  error?: Schemas['Problem']
  response: Response
}

/** The answer's data, once its status is the one wanted. */
function ok<T>(answer: Answer<T>, status: number): NonNullable<T> {
  assert.equal(answer.response.status, status, `${answer.response.url}: ${JSON.stringify(answer.error)}`)
  assert.ok(answer.data !== undefined && answer.data !== null)
  return answer.data
}

/** The answer's problem, once status and code are those wanted. */
function refused(answer: Answer<unknown>, status: number, code?: string): Schemas['Problem'] {
  const problem = answer.error
  assert.equal(answer.response.status, status, `${answer.response.url}: ${JSON.stringify(problem ?? answer.data)}`)
  assert.ok(problem !== undefined)
  assert.match(answer.response.headers.get('content-type') ?? '', /^application\/problem\+json/)
  if (code !== undefined) assert.equal(problem.code, code)
  return problem
}

async function step(title: string, walk: () => Promise<void>): Promise<void> {
  try {
    await walk()
  } catch (reason) {
    console.error(`✗ ${title}`)
    throw reason
  }
  console.log(`✓ ${title}`)
}

const address: Schemas['AddressInput'] = {
  firstName: 'John',
  lastName: 'Doe',
  street1: '123 Main St',
  city: 'New York',
  state: 'NY',
  postalCode: '10001',
  country: 'US',
}
const headphones = {
  name: 'Wireless Headphones',
  slug: `wireless-headphones-${run}`,
  description: 'High-quality wireless headphones with noise cancellation',
  sku: `WH-${run}`,
  price: 199.99,
  comparePrice: 249.99,
  inventoryQuantity: 50,
  status: 'ACTIVE',
} satisfies Omit<Schemas['ProductCreate'], 'categoryId'>

let category: Schemas['Category']
let product: Schemas['Product']

async function stock(): Promise<number> {
  const answer = await shopper.GET('/products/{idOrSlug}', { params: { path: { idOrSlug: product.id } } })
  return ok(answer, 200).inventoryQuantity
}

async function newCart(quantity: number): Promise<Schemas['Cart']> {
  const cart = ok(await shopper.POST('/carts', { body: { sessionId: `session_${run}` } }), 201)
  const path = { cartId: cart.id }
  const body = { productId: product.id, quantity }
  return ok(await shopper.POST('/carts/{cartId}/items', { params: { path }, body }), 201)
}

async function newOrder(quantity: number): Promise<Schemas['Order']> {
  const cart = await newCart(quantity)
  const body = { cartId: cart.id, email: 'customer@example.com', shippingAddress: address }
  return ok(await shopper.POST('/orders/from-cart', { body }), 201)
}

/** What a guest shows for an order. */
function holding(order: Schemas['Order']) {
  assert.ok(order.orderToken !== undefined)
  return { path: { orderId: order.id }, header: { 'X-Order-Token': order.orderToken } }
}

function pay(order: Schemas['Order'], body: Schemas['PaymentCreate']) {
  return shopper.POST('/orders/{orderId}/payment', { params: holding(order), body })
}

await step('1. sign in', async () => {
  refused(await shopper.POST('/auth/login', { body: { ...admin, password: `not ${admin.password}` } }), 401)
  const first = ok(await shopper.POST('/auth/login', { body: admin }), 200)
  assert.equal(first.tokenType, 'Bearer')
  assert.ok(first.expiresIn > 0)

  const second = ok(await shopper.POST('/auth/refresh', { body: { refreshToken: first.refreshToken } }), 200)
  assert.notEqual(second.refreshToken, first.refreshToken)
  staff.use({
    onRequest({ request }) {
      request.headers.set('Authorization', `Bearer ${second.accessToken}`)
      return request
    },
  })
})

await step('1. add a category and a product', async () => {
  const electronics = {
    name: `Electronics ${run}`,
    slug: `electronics-${run}`,
    description: 'Electronic devices and gadgets',
  }
  refused(await shopper.POST('/categories', { body: electronics }), 401)
  const added = await staff.POST('/categories', { body: electronics })
  category = ok(added, 201)
  assert.ok(added.response.headers.get('location')?.endsWith(`/categories/${category.id}`))
  refused(await staff.POST('/categories', { body: electronics }), 409)

  const body: Schemas['ProductCreate'] = { ...headphones, categoryId: category.id }
  product = ok(await staff.POST('/products', { body }), 201)
  assert.equal(product.price, 199.99)
  assert.equal(product.comparePrice, 249.99)
  assert.equal(product.currency, 'USD')
  assert.equal(product.inventoryQuantity, 50)
  assert.equal(product.category.slug, electronics.slug)
  assert.deepEqual(
    product.variants.map((v) => [v.sku, v.isDefault, v.inventoryQuantity]),
    [[headphones.sku, true, 50]],
  )
  refused(await staff.POST('/products', { body: { ...body, slug: `${body.slug}-2` } }), 409, 'sku_taken')
})

await step('1. read the catalogue', async () => {
  for (const idOrSlug of [product.id, product.slug]) {
    const read = ok(await shopper.GET('/products/{idOrSlug}', { params: { path: { idOrSlug } } }), 200)
    assert.equal(read.id, product.id)
    assert.equal(read.costPrice, undefined)
  }
  const newest = ok(await shopper.GET('/products', { params: { query: { limit: 5 } } }), 200)
  assert.ok(newest.data.some((p) => p.id === product.id))
  ok(await shopper.GET('/products/featured'), 200)

  const path = { idOrSlug: category.slug }
  assert.equal(ok(await shopper.GET('/categories/{idOrSlug}', { params: { path } }), 200).id, category.id)
  let found = false
  let cursor: string | undefined
  do {
    const query = cursor === undefined ? { limit: 2 } : { limit: 2, cursor }
    const page = ok(await shopper.GET('/categories', { params: { query } }), 200)
    assert.ok(page.data.length <= 2)
    found ||= page.data.some((c) => c.id === category.id)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  assert.ok(found, 'the new category is on one of the pages')
})

await step('1. change it, guarded by what was seen', async () => {
  const path = { idOrSlug: product.id }
  const read = await staff.GET('/products/{idOrSlug}', { params: { path } })
  ok(read, 200)
  const seen = read.response.headers.get('etag')
  assert.ok(seen)
  if (!proxied) {
    const again = await staff.GET('/products/{idOrSlug}', { params: { path }, headers: { 'If-None-Match': seen } })
    assert.equal(again.response.status, 304)
  }

  const patch = (body: Schemas['ProductPatch'], ifMatch: string) =>
    staff.PATCH('/products/{idOrSlug}', {
      params: { path, header: { 'If-Match': ifMatch } },
      headers: { 'Content-Type': 'application/merge-patch+json' },
      body,
    })
  const changed = await patch({ shortDescription: 'Quiet', comparePrice: null }, seen)
  assert.equal(ok(changed, 200).shortDescription, 'Quiet')
  assert.equal(changed.data?.comparePrice, undefined, 'null clears')
  assert.equal(changed.data?.price, 199.99, 'what is left out stays')
  refused(await patch({ shortDescription: 'Loud' }, seen), 412, 'precondition_failed')
  const back = await patch({ shortDescription: null, comparePrice: 249.99 }, changed.response.headers.get('etag') ?? '')
  assert.equal(ok(back, 200).shortDescription, undefined)
  assert.equal(back.data?.comparePrice, 249.99)

  const white: Schemas['ProductVariantCreate'] = { name: 'White', sku: `WH-${run}-W`, options: { color: 'White' } }
  const added = ok(await staff.POST('/products/{idOrSlug}/variants', { params: { path }, body: white }), 201)
  assert.deepEqual(added.options, [{ name: 'color', values: ['White'] }])
  const variant = added.variants.find((v) => v.sku === white.sku)
  assert.ok(variant?.followsPrice)
  const gone = { ...path, variantId: variant.id }
  const left = ok(await staff.DELETE('/products/{idOrSlug}/variants/{variantId}', { params: { path: gone } }), 200)
  assert.equal(left.variants.length, 1)
  ok(await shopper.GET('/products/{idOrSlug}/related', { params: { path } }), 200)
})

await step('1. move categories', async () => {
  const under = { name: `Headphones ${run}`, slug: `headphones-${run}`, parentId: category.id }
  const child = ok(await staff.POST('/categories', { body: under }), 201)
  const tree = ok(await shopper.GET('/categories/tree'), 200)
  const node = tree.data.find((n) => n.id === category.id)
  assert.deepEqual(node?.children.map((n) => n.slug), [under.slug])
  const circle = await staff.PATCH('/categories/{idOrSlug}', {
    params: { path: { idOrSlug: category.id } },
    headers: { 'Content-Type': 'application/merge-patch+json' },
    body: { parentId: child.id },
  })
  assert.equal(refused(circle, 422).errors?.[0]?.code, 'category_cycle')
  refused(await staff.DELETE('/categories/{idOrSlug}', { params: { path: { idOrSlug: category.id } } }), 409, 'category_not_empty')
  const deleted = await staff.DELETE('/categories/{idOrSlug}', { params: { path: { idOrSlug: child.slug } } })
  assert.equal(deleted.response.status, 204)
})

await step('2. search', async () => {
  const query = { q: 'headphones', minPrice: 100, maxPrice: 300, sort: 'newest' } as const
  const page = ok(await shopper.GET('/products/search', { params: { query } }), 200)
  const hit = page.data.find((p) => p.id === product.id)
  assert.ok(hit, 'the product is found')
  assert.equal(hit.category.id, category.id)
  assert.equal(hit.variants.length, 1)
  assert.ok(Array.isArray(hit.images))

  const narrow = { category: category.slug, inStock: true, featured: false, sort: 'price_asc' } as const
  const inCategory = ok(await shopper.GET('/products/search', { params: { query: narrow } }), 200)
  assert.deepEqual(inCategory.data.map((p) => p.id), [product.id])
  const dear = { category: category.slug, minPrice: 200 }
  assert.deepEqual(ok(await shopper.GET('/products/search', { params: { query: dear } }), 200).data, [])
})

let cart: Schemas['Cart']

await step('3. fill a cart', async () => {
  cart = await newCart(1)
  const path = { cartId: cart.id }
  const body = { productId: product.id, quantity: 1 }
  cart = ok(await shopper.POST('/carts/{cartId}/items', { params: { path }, body }), 201)
  assert.deepEqual(cart.items.map((i) => i.quantity), [2], 'adding again raises the quantity')

  const tooMany = { ...body, quantity: 49 }
  refused(await shopper.POST('/carts/{cartId}/items', { params: { path }, body: tooMany }), 409, 'insufficient_inventory')

  const line = { cartId: cart.id, itemId: cart.items[0]!.id }
  cart = ok(await shopper.PATCH('/carts/{cartId}/items/{itemId}', { params: { path: line }, body: { quantity: 5 } }), 200)
  assert.equal(cart.itemCount, 5)
  cart = ok(await shopper.DELETE('/carts/{cartId}/items/{itemId}', { params: { path: line } }), 200)
  assert.deepEqual(cart.items, [])
  ok(await shopper.POST('/carts/{cartId}/items', { params: { path }, body: { ...body, quantity: 2 } }), 201)
  cart = ok(await shopper.GET('/carts/{cartId}', { params: { path } }), 200)
  assert.equal(cart.itemCount, 2)
  assert.equal(cart.subtotal, 399.98)
  assert.equal(cart.items[0]!.lineTotal, 399.98)
  assert.equal(cart.items[0]!.available, true)
})

await step('3. add it up', async () => {
  const total = ok(await shopper.GET('/carts/{cartId}/total', { params: { path: { cartId: cart.id } } }), 200)
  assert.deepEqual(
    { ...total, items: total.items.length },
    { items: 1, itemCount: 2, subtotal: 399.98, tax: 32, total: 431.98, currency: 'USD' },
  )
})

await step('3. claim a cart', async () => {
  const guests = await newCart(1)
  const path = { cartId: guests.id }
  refused(await shopper.POST('/carts/{cartId}/claim', { params: { path } }), 401)
  const claimed = ok(await staff.POST('/carts/{cartId}/claim', { params: { path } }), 200)
  assert.ok(claimed.items.some((i) => i.productId === product.id && i.quantity === 1))
  assert.equal(ok(await staff.GET('/carts/mine'), 200).id, claimed.id)
  refused(await shopper.GET('/carts/{cartId}', { params: { path } }), 404, 'cart_not_found')
})

let order: Schemas['Order']

await step('4. place the order', async () => {
  const body: Schemas['OrderPlace'] = {
    cartId: cart.id,
    email: 'customer@example.com',
    shippingAddress: address,
    billingAddress: address,
  }
  const params = { header: { 'Idempotency-Key': randomUUID() } }
  order = ok(await shopper.POST('/orders/from-cart', { params, body }), 201)
  assert.match(order.orderNumber, /\S/)
  assert.deepEqual([order.status, order.paymentStatus, order.fulfillmentStatus], ['PENDING', 'PENDING', 'UNFULFILLED'])
  assert.equal(order.subtotal, 399.98)
  assert.equal(order.taxAmount, 32)
  assert.equal(order.totalAmount, 431.98)
  assert.equal(order.refundedAmount, 0)
  assert.deepEqual(order.shippingAddress, address)
  assert.ok(order.expiresAt !== undefined && new Date(order.expiresAt) > new Date())
  assert.deepEqual(
    order.items.map((i) => [i.quantity, i.price, i.lineTotal, i.productSnapshot.name, i.productSnapshot.sku]),
    [[2, 199.99, 399.98, headphones.name, headphones.sku]],
  )
  assert.equal(await stock(), 48, 'stock is reserved')

  const repeated = ok(await shopper.POST('/orders/from-cart', { params, body }), 201)
  assert.deepEqual(repeated, order, 'the same key gets the same answer')
  const other = { ...body, notes: 'Please ring twice' }
  refused(await shopper.POST('/orders/from-cart', { params, body: other }), 422, 'idempotency_key_reused')
  const again = ok(await shopper.POST('/orders/from-cart', { body }), 200)
  assert.equal(again.id, order.id)
  assert.equal(await stock(), 48, 'a cart takes its stock once')

  const path = { cartId: cart.id }
  const converted = ok(await shopper.GET('/carts/{cartId}', { params: { path } }), 200)
  assert.deepEqual([converted.status, converted.orderId], ['CONVERTED', order.id])
  const more = { productId: product.id }
  refused(await shopper.POST('/carts/{cartId}/items', { params: { path }, body: more }), 409, 'cart_converted')
})

await step('5. a declined card', async () => {
  const problem = refused(await pay(order, { paymentMethodId: 'pm_card_chargeDeclined' }), 402, 'payment_declined')
  assert.equal(problem.declineCode, 'generic_decline')
  const after = ok(await shopper.GET('/orders/{orderId}', { params: holding(order) }), 200)
  assert.equal(after.status, 'PENDING')
  assert.notEqual(after.paymentStatus, 'PAID')
})

await step('5. a good card', async () => {
  const paid = ok(await pay(order, { paymentMethodId: 'pm_card_visa' }), 200)
  assert.equal(paid.success, true)
  assert.equal(paid.paymentIntent?.status, 'succeeded')
  assert.equal(paid.paymentIntent.amount, 431.98)
  assert.deepEqual([paid.order.status, paid.order.paymentStatus], ['CONFIRMED', 'PAID'])
  assert.equal(await stock(), 48)
  refused(await pay(order, { paymentMethodId: 'pm_card_visa' }), 409, 'order_already_paid')
})

let second: Schemas['Order']

await step('5. Stripe.js and a card that asks the shopper', async () => {
  second = await newOrder(3)
  assert.equal(await stock(), 45)
  const prepared = ok(await pay(second, {}), 200)
  assert.equal(prepared.success, false)
  assert.match(prepared.paymentIntent?.clientSecret ?? '', /_secret_/)

  const asked = ok(await pay(second, { paymentMethodId: 'pm_card_authenticationRequired' }), 200)
  assert.equal(asked.success, false)
  assert.equal(asked.paymentIntent?.status, 'requires_action')
  assert.match(asked.paymentIntent.clientSecret ?? '', /_secret_/)
  assert.ok(asked.paymentIntent.nextAction?.type)
  assert.deepEqual([asked.order.status, asked.order.paymentStatus], ['PENDING', 'PENDING'])
})

await step('6. an event nobody signed', async () => {
  const response = await fetch(`${api}/webhooks/stripe`, {
    method: 'POST',
    // Prism decodes JSON before it compares the body with `type: string, format: binary`, and then refuses it.
    headers: { 'Content-Type': proxied ? 'text/plain' : 'application/json', 'Stripe-Signature': 't=1,v1=00' },
    body: JSON.stringify({ id: 'evt_1', object: 'event', type: 'payment_intent.succeeded', data: { object: {} } }),
  })
  assert.equal(response.status, 400)
})

await step('7. read and list orders', async () => {
  const read = ok(await shopper.GET('/orders/{orderId}', { params: holding(order) }), 200)
  assert.deepEqual([read.orderNumber, read.paymentStatus], [order.orderNumber, 'PAID'])
  const path = { orderId: order.id }
  refused(await shopper.GET('/orders/{orderId}', { params: { path } }), 404, 'order_not_found')
  const known = { orderNumber: order.orderNumber, email: order.email }
  // The link goes by mail, and nobody learns whether there is such an order.
  for (const body of [known, { ...known, email: 'another@example.com' }]) {
    assert.equal((await shopper.POST('/orders/lookup', { body })).response.status, 202)
  }
  refused(await shopper.GET('/orders'), 401)
  const query = { status: 'CONFIRMED', paymentStatus: 'PAID', limit: 5 } as const
  const page = ok(await staff.GET('/orders', { params: { query } }), 200)
  assert.ok(page.data.some((o) => o.id === order.id))
  assert.ok(page.data.every((o) => o.status === 'CONFIRMED' && o.paymentStatus === 'PAID'))
})

await step('7. move an order along, cancel another', async () => {
  const path = { orderId: order.id }
  const moved = await staff.POST('/orders/{orderId}/status', { params: { path }, body: { status: 'PROCESSING' } })
  assert.equal(ok(moved, 200).status, 'PROCESSING')
  const back = await staff.POST('/orders/{orderId}/status', { params: { path }, body: { status: 'PENDING' } })
  refused(back, 409, 'transition_not_allowed')

  const params = { path: { orderId: second.id } }
  refused(await shopper.POST('/orders/{orderId}/cancel', { params, body: {} }), 404, 'order_not_found')
  const body = { reason: 'The customer changed their mind' }
  assert.equal(ok(await staff.POST('/orders/{orderId}/cancel', { params, body }), 200).status, 'CANCELLED')
  assert.equal(await stock(), 48, 'cancelling returns the stock')
  refused(await pay(second, { paymentMethodId: 'pm_card_visa' }), 409, 'order_not_payable')
})

await step('bad input is refused and changes nothing', async () => {
  const open = await newCart(1)
  const items = `/carts/${open.id}/items`
  const token = ok(await shopper.POST('/auth/login', { body: admin }), 200).accessToken
  const priced = (price: string) =>
    JSON.stringify({ name: 'Odd', sku: `ODD-${run}`, categoryId: category.id, price: 'PRICE' }).replace('"PRICE"', price)
  const placed = (shippingAddress: object) =>
    JSON.stringify({ cartId: open.id, email: 'customer@example.com', shippingAddress })
  const { city: _, ...nowhere } = address

  // what is wrong · method and path · body · status · the field that must be named
  const bad: [string, string, string, string | undefined, number, string?][] = [
    ...['0', '-1', '2147483648', '1.5', '"2"', 'null'].map(
      (q): [string, string, string, string, number, string] =>
        [`quantity ${q}`, 'POST', items, `{"productId":"${product.id}","quantity":${q}}`, 422, 'quantity'],
    ),
    ...['-1', '1e400', '199.999', '"abc"'].map(
      (p): [string, string, string, string, number, string] =>
        [`price ${p}`, 'POST', '/products', priced(p), 422, 'price'],
    ),
    ['an unknown product', 'GET', `/products/${unknown}`, undefined, 404],
    ['an unknown cart', 'GET', `/carts/${unknown}`, undefined, 404],
    ['an unknown order', 'GET', `/orders/${unknown}`, undefined, 404],
    ['a malformed cart id', 'GET', '/carts/not-a-uuid', undefined, 422, 'cartId'],
    ['a malformed order id', 'GET', '/orders/not-a-uuid', undefined, 422, 'orderId'],
    ['an address without a city', 'POST', '/orders/from-cart', placed(nowhere), 422, 'shippingAddress.city'],
    ['an unknown field', 'POST', items, `{"productId":"${product.id}","price":1}`, 422, 'price'],
    ['NUL in text', 'POST', '/orders/from-cart', placed({ ...address, city: 'New\0York' }), 422, 'shippingAddress.city'],
    ['a body that is not JSON', 'POST', items, '{"productId":', 400],
    ['2 MiB', 'POST', items, JSON.stringify({ productId: 'x'.repeat(2 << 20) }), 413],
    ['deep nesting', 'POST', items, '['.repeat(10_000), 400],
    ['limit 0', 'GET', '/products?limit=0', undefined, 422, 'limit'],
    ['limit 101', 'GET', '/products?limit=101', undefined, 422, 'limit'],
    ['a price that is no number', 'GET', '/products/search?minPrice=abc', undefined, 422, 'minPrice'],
    ['an unknown sort', 'GET', '/products/search?sort=cheapest', undefined, 422, 'sort'],
  ]
  const before = [await stock(), ok(await shopper.GET('/carts/{cartId}', { params: { path: { cartId: open.id } } }), 200)]
  for (const [what, method, path, body, status, field] of bad) {
    const headers: Record<string, string> = { Authorization: `Bearer ${token}` }
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    const response = await fetch(api + path, { method, headers, ...(body === undefined ? {} : { body }) })
    const text = await response.text()
    if (proxied) {
      // The proxy answers most of these itself, in words of its own.
      assert.ok(response.status >= 400 && response.status < 500, `${what}: ${response.status} ${text}`)
      continue
    }
    assert.equal(response.status, status, `${what}: ${text.slice(0, 500)}`)
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/, what)
    const problem = JSON.parse(text) as Schemas['Problem']
    assert.ok(problem.code && problem.requestId, what)
    if (field !== undefined) {
      assert.ok(problem.errors?.some((e) => e.field === field), `${what}: ${field} is not named: ${text}`)
    }
  }
  const after = [await stock(), ok(await shopper.GET('/carts/{cartId}', { params: { path: { cartId: open.id } } }), 200)]
  assert.deepEqual(after, before)
})
