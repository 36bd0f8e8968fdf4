// Builds the client ahead of the first start, for an image that is shipped without the development dependencies.
import { buildClient } from '../server/client-build.ts'
import { createLog } from '../server/log.ts'

await buildClient(createLog('info'))
