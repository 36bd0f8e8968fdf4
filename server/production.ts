// Imported before anything else by what runs in production: GraphQL checks types the slow way unless it is told before it
// is loaded that it need not.
import { giveBackMemory } from './memory.ts'

process.env.NODE_ENV ??= 'production'
giveBackMemory()
