// Sends and asks with Tinybird's own SDK for Node and prints what it got as JSON; `test_sdk.py` compares.

import path from 'node:path'
import { pathToFileURL } from 'node:url'

const { TILE_SDK_URL, TILE_TOKEN, TILE_NODE_PACKAGES } = process.env
const found = path.join(TILE_NODE_PACKAGES, 'node_modules/@tinybirdco/sdk/dist/index.js')
const { createTinybirdApi, TinybirdClient } = await import(pathToFileURL(found))

const api = createTinybirdApi({ baseUrl: TILE_SDK_URL, token: TILE_TOKEN })
const client = new TinybirdClient({ baseUrl: TILE_SDK_URL, token: TILE_TOKEN })

/** The status and text of the refusal. */
async function refusal(call) {
  try {
    await call()
    return null
  } catch (e) {
    return [e.statusCode, e.message]
  }
}

const order = (number, sku, amount) => ({ id: number, sku, amount, at: '2024-05-01 10:00:00.250' })
const one = await api.ingest('sent', order(1, 'a1', 2.5))
const many = await api.ingestBatch('sent', [order(2, 'a1', 1), order(3, 'b2', 4), { id: 'none', sku: 'b2', amount: 1, at: 'never' }])
const unwaited = await api.ingest('sent', order(4, 'c3', 8), { wait: false })
const bySql = await api.sql('SELECT sku, sum(amount) AS total FROM sent WHERE id < 4 GROUP BY sku ORDER BY sku FORMAT JSON')
const byPipe = await api.query('sums', { sku: 'b2', at_least: 1 })
const listed = await client.sql("SELECT * FROM sums ORDER BY sku FORMAT JSON")
const made = await api.createToken({ name: 'reader', scopes: [{ type: 'PIPES:READ', resource: 'sums', fixed_params: { sku: 'a1' } }] }, { expirationTime: 2000000000 })
const limited = await api.query('sums', {}, { token: made.token })

console.log(
  JSON.stringify({
    one,
    many,
    unwaited,
    bySql: bySql.data,
    meta: byPipe.meta,
    byPipe: byPipe.data,
    rows: byPipe.rows,
    listed: listed.data,
    limited: limited.data,
    unknown: await refusal(() => api.query('nothing')),
    wrong: await refusal(() => api.query('sums', { at_least: 'x' })),
    denied: await refusal(() => api.ingest('sent', order(5, 'a1', 1), { token: made.token })),
    emptied: await refusal(() => api.truncateDatasource('sent')),
    left: (await api.sql('SELECT count() AS n FROM sent FORMAT JSON')).data,
  }),
)
