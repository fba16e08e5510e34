// Walks the server's pages in a real browser: `/`, then by links to a container, an array and a table.
//
// Fails on a console error, a page error, a failed request, an answer of 400 or above, and a request to another
// origin. What there is to visit is asked of the API, so that the check holds for any tree that has the three families.

import { createRequire } from 'node:module'
import path from 'node:path'

const { TILE_URL, TILE_API_KEY, TILE_SCREENSHOTS, TILE_NODE_PACKAGES, TILE_CHROMIUM } = process.env
const { chromium } = createRequire(path.join(TILE_NODE_PACKAGES, 'package.json'))('playwright-core')

const FAMILIES = ['container', 'array', 'table']
const DEPTH_MAX = 4
const REQUESTS_MAX = 300
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]

/** The children of a node, by the API. */
async function children(segments) {
  const url = `${TILE_URL}/api/v1/search/${segments.map(encodeURIComponent).join('/')}?page[limit]=100`
  const answer = await fetch(url, { headers: { Authorization: `Apikey ${TILE_API_KEY}` } })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  const { data } = await answer.json()
  return data.map((node) => ({ segments: [...segments, node.id], family: node.attributes.structure_family }))
}

/** The shallowest node of each family, breadth first. */
async function nodesToVisit() {
  const found = new Map()
  let level = [[]]
  let requests = 0
  for (let depth = 0; depth < DEPTH_MAX && found.size < FAMILIES.length; depth += 1) {
    const next = []
    for (const segments of level) {
      if (found.size === FAMILIES.length || (requests += 1) > REQUESTS_MAX) break
      for (const node of await children(segments)) {
        if (FAMILIES.includes(node.family) && !found.has(node.family)) found.set(node.family, node)
        if (node.family === 'container') next.push(node.segments)
      }
    }
    level = next
  }
  const missing = FAMILIES.filter((family) => !found.has(family))
  if (missing.length) throw new Error(`the served tree has no ${missing.join(', ')}`)
  return FAMILIES.map((family) => found.get(family))
}

/** Collects what must not happen on a page. */
function watch(page, problems) {
  const origin = new URL(TILE_URL).origin
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console error on ${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => problems.push(`page error on ${page.url()}: ${error.message}`))
  page.on('requestfailed', (request) => {
    // A page that is left, or an answer that became a download, aborts its request: no failure of the server.
    const reason = request.failure()?.errorText
    if (reason !== 'net::ERR_ABORTED') problems.push(`failed request ${request.url()}: ${reason}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()} from ${response.url()}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (/^https?:|^wss?:/.test(url.protocol) && url.origin !== origin) problems.push(`request to ${request.url()}`)
  })
}

/** Clicks the link whose address ends in the node's path; API addresses and downloads are not pages. */
async function clickLinkTo(page, segments) {
  const wanted = `/${segments.join('/')}`
  const isWanted = (links, suffix) => links.findIndex((link) => {
    if (link.hasAttribute('download')) return false
    const url = new URL(link.href)
    if (url.pathname.startsWith('/api/') || url.origin !== location.origin) return false
    return [url.pathname, url.hash].some((part) => decodeURIComponent(part).replace(/\/$/, '').endsWith(suffix))
  })
  await page.locator('a[href]').first().waitFor({ state: 'attached', timeout: 10_000 })
  const deadline = Date.now() + 10_000
  for (;;) {
    const links = page.locator('a[href]')
    const index = await links.evaluateAll(isWanted, wanted)
    if (index >= 0) return links.nth(index).click()
    if (Date.now() > deadline) throw new Error(`${page.url()} has no link to ${wanted}`)
    await page.waitForTimeout(100)
  }
}

/** From `/` down the tree by links, one click for each segment. */
async function visit(page, node, problems) {
  const label = `${node.family} ${node.segments.join('/')}`
  await page.goto(`${TILE_URL}/`, { waitUntil: 'networkidle' })
  for (let length = 1; length <= node.segments.length; length += 1) {
    await clickLinkTo(page, node.segments.slice(0, length))
    await page.waitForLoadState('networkidle')
  }
  const text = await page.locator('body').innerText()
  if (!text.includes(node.segments.at(-1))) problems.push(`the page of ${label} does not show its name`)
  await page.screenshot({ path: path.join(TILE_SCREENSHOTS, `${node.family}.png`), fullPage: true })
  console.log(`visited ${label}: ${page.url()}`)
}

async function main() {
  const problems = []
  const browser = await chromium.launch({ executablePath: TILE_CHROMIUM, args: FLAGS })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.setDefaultTimeout(15_000)
    watch(page, problems)
    // The key becomes a cookie here; the pages after this one go without it in their address.
    await page.goto(`${TILE_URL}/?api_key=${TILE_API_KEY}`, { waitUntil: 'networkidle' })
    await page.screenshot({ path: path.join(TILE_SCREENSHOTS, 'start.png'), fullPage: true })
    for (const node of await nodesToVisit()) await visit(page, node, problems)
  } finally {
    await browser.close()
  }
  for (const problem of new Set(problems)) console.error(problem)
  if (problems.length) throw new Error(`${problems.length} problems in the pages`)
  console.log('browser check: ok')
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
