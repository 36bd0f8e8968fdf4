/**
 * A start that cannot succeed until somebody changes something. The message is one line that says what to do; it is
 * printed as it is, without a stack.
 */
export class StartupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartupError'
  }
}
