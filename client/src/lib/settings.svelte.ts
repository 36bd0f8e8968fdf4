// What a person chose for this browser.
export type Theme = 'system' | 'light' | 'dark'
/** `later`: a decision can be taken back for five seconds. */
export type Deciding = 'later' | 'once'

const read = <T extends string>(key: string, allowed: readonly T[], otherwise: T): T =>
  allowed.find((value) => value === localStorage.getItem(`countersign.${key}`)) ?? otherwise

class Settings {
  #theme = $state(read<Theme>('theme', ['system', 'light', 'dark'], 'system'))
  #deciding = $state(read<Deciding>('deciding', ['later', 'once'], 'later'))
  #notify = $state(read('notify', ['yes', 'no'], 'no') === 'yes')

  constructor() {
    this.#show()
  }

  get theme(): Theme {
    return this.#theme
  }
  set theme(theme: Theme) {
    this.#theme = theme
    localStorage.setItem('countersign.theme', theme)
    this.#show()
  }

  get deciding(): Deciding {
    return this.#deciding
  }
  set deciding(deciding: Deciding) {
    this.#deciding = deciding
    localStorage.setItem('countersign.deciding', deciding)
  }

  /** The browser tells of what arrives while the page is hidden. */
  get notify(): boolean {
    return this.#notify
  }
  set notify(notify: boolean) {
    this.#notify = notify
    localStorage.setItem('countersign.notify', notify ? 'yes' : 'no')
  }

  #show(): void {
    if (this.#theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = this.#theme
  }
}

export const settings = new Settings()
