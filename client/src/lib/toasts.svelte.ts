// Short words about what has just happened, in the corner of every page. What has to be acted upon belongs where its cause is.
export type ToastOptions = {
  /** `failure` stays until it is closed. */
  kind?: 'done' | 'failure'
  action?: { text: string; run: () => void }
}
type Toast = ToastOptions & { key: number; text: string }

class Toasts {
  list = $state.raw<readonly Toast[]>([])
  #next = 0

  add(text: string, options: ToastOptions): void {
    // The same again takes the place of the one before.
    const others = this.list.filter((one) => one.text !== text)
    this.list = [...others, { ...options, text, key: this.#next++ }].slice(-4)
  }

  close(key: number): void {
    this.list = this.list.filter((one) => one.key !== key)
  }

  clear(): void {
    this.list = []
  }
}

export const toasts = new Toasts()

/** Says it in the corner and to a screen reader: `toast('Key created')`, `toast(text, { kind: 'failure', action })`. */
export const toast = (text: string, options: ToastOptions = {}): void => toasts.add(text, options)
