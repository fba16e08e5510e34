// Asks with ClickHouse's client for Node and prints what it got as JSON; `test_clickhouse.py` compares.

import { createRequire } from 'node:module'
import path from 'node:path'

const { TILE_CLICKHOUSE_URL, TILE_TOKEN, TILE_NODE_PACKAGES } = process.env
const { createClient, ClickHouseLogLevel } = createRequire(path.join(TILE_NODE_PACKAGES, 'package.json'))('@clickhouse/client')

const client = createClient({
  url: TILE_CLICKHOUSE_URL,
  username: 'anyone',
  password: TILE_TOKEN,
  compression: { response: true },
  clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
  log: { level: ClickHouseLogLevel.OFF },
})

/** The number and name of the refusal. */
async function refusal(call) {
  try {
    await call()
    return null
  } catch (e) {
    return [e.code, e.type]
  }
}

const ping = (await client.ping()).success
const rows = await client.query({ query: 'SELECT number AS n, (n = 0)::Bool AS even FROM numbers(2)', format: 'JSON' })
const listed = (await rows.json()).data.map(({ n, even }) => ({ n, even }))
const bound = await client.query({
  query: 'SELECT {a:Array(String)} AS a, {d:DateTime} AS d, {n:UInt64} AS n, {s:Nullable(String)} AS s',
  query_params: { a: ["x'", 'y'], d: new Date(Date.UTC(2024, 0, 2)), n: '18446744073709551615', s: null },
  format: 'JSONEachRow',
})
let streamed = 0
const many = await client.query({ query: 'SELECT number FROM numbers(50000)', format: 'JSONCompactEachRow' })
for await (const chunk of many.stream()) streamed += chunk.length

const errors = [
  await refusal(() => client.query({ query: 'SELECT nothing' })),
  await refusal(() => client.insert({ table: 'orders', values: [{ shop: 'x' }], format: 'JSONEachRow' })),
  await refusal(() => client.command({ query: 'CREATE TABLE t (a UInt8) ENGINE = Memory' })),
]
process.stdout.write(JSON.stringify({ ping, rows: listed, bound: await bound.json(), streamed, errors }))
await client.close()
