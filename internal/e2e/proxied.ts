// Walks once more, through Prism's validating proxy: a second opinion on every request and answer. Prism answers 5xx to
// whatever the published document does not allow, which the walk then trips over.
//
//   BASE_URL   the server, http://localhost:3000 when unset

import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const base = process.env.BASE_URL ?? 'http://localhost:3000'
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** A port nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

const port = await freePort()
const prism = spawn(
  process.execPath,
  [
    here('../node_modules/@stoplight/prism-cli/dist/index.js'),
    'proxy',
    here('../../../openapi/openapi.yaml'),
    `${base}/api/v1`,
    '--errors',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
  ],
  { stdio: ['ignore', 'pipe', 'pipe'] },
)
let log = ''
const ready = new Promise<void>((resolve, reject) => {
  const listen = (chunk: Buffer) => {
    log += chunk.toString()
    if (log.includes('Prism is listening')) resolve()
  }
  prism.stdout.on('data', listen)
  prism.stderr.on('data', listen)
  prism.once('exit', (code) => reject(new Error(`prism ended with ${code}`)))
})

let status = 1
try {
  await ready
  const walk = spawn(process.execPath, [here('walk.js')], {
    stdio: 'inherit',
    env: { ...process.env, API_URL: `http://127.0.0.1:${port}`, PROXIED: '1' },
  })
  status = await new Promise<number>((resolve) => walk.once('exit', (code) => resolve(code ?? 1)))
} catch (reason) {
  console.error(reason)
} finally {
  prism.kill()
}
if (status !== 0) console.error(log.split('\n').slice(-40).join('\n'))
process.exitCode = status
