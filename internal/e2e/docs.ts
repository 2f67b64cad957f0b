// Opens the documentation page in a headless Chromium, tries an operation out and watches what the page does: it may
// ask no other origin for anything, break no policy and log no error.
//
//   BASE_URL   the server, http://localhost:3000 when unset
//   CHROMIUM   the browser's program, /usr/bin/chromium when unset

import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const base = process.env.BASE_URL ?? 'http://localhost:3000'
const origin = new URL(base).origin

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ],
})
try {
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
  page.setDefaultTimeout(30_000)
  const complaints: string[] = []
  const requests: string[] = []
  page.on('request', (request) => {
    requests.push(request.url())
    const url = new URL(request.url())
    if (url.origin !== origin && url.protocol !== 'data:' && url.protocol !== 'blob:') {
      complaints.push(`asked another origin: ${request.url()}`)
    }
  })
  page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`))
  page.on('websocket', (socket) => complaints.push(`opened a socket: ${socket.url()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`console ${message.type()}: ${message.text()}`)
    }
  })
  // Violations that a script catches are not logged by the browser, so they are logged here. One of them is as it should
  // be: zod, inside Scalar, finds out by trying once whether it may compile code, and does without when it may not.
  await page.addInitScript(() => {
    let probed = false
    document.addEventListener('securitypolicyviolation', (violation) => {
      if (violation.blockedURI === 'eval' && !probed) probed = true
      else console.error(`policy: ${violation.violatedDirective} ${violation.blockedURI}`)
    })
  })

  const answer = await page.goto(`${base}/docs`)
  assert.equal(answer?.status(), 200)
  assert.match(answer.headers()['content-security-policy'] ?? '', /default-src 'none'/)
  await page.getByRole('heading', { name: 'Cartwright', exact: true }).waitFor()
  console.log('✓ the page renders')

  await page.getByRole('button', { name: /^Categories/ }).first().click()
  await page.getByText('List categories').first().click()
  await page.getByRole('button', { name: /Test Request\s*\(get \/categories\)/ }).click()
  const tried = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/v1/categories')
  await page.getByRole('dialog').getByRole('button', { name: /^Send/ }).first().click()
  assert.equal((await tried).status(), 200)
  await page.getByRole('dialog').getByText('200 OK').first().waitFor()
  console.log('✓ an operation can be tried out')

  const picture = join(await mkdtemp(join(tmpdir(), 'cartwright-docs-')), 'docs.png')
  await page.screenshot({ path: picture })
  console.log(`  ${requests.length} requests, picture in ${picture}`)

  await page.waitForLoadState('networkidle')
  assert.deepEqual(complaints, [])
  console.log('✓ it keeps to its server and its policy')
} finally {
  await browser.close()
}
