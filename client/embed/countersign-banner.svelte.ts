// <countersign-banner endpoint company account>: the approval banner of a customer, or of a whole company, for any page. The property
// `getToken` says who is looking. Docs: docs/embed.md.
import { mount, unmount } from 'svelte'
import tokens from '../src/styles/tokens.css?raw'
import tones from '../src/styles/tones.css?raw'
import EmbeddedBanner from './EmbeddedBanner.svelte'
import { StandingFeed } from './standing.svelte.ts'
import { addressOf, type GetToken } from './sharing.ts'

/** Every token can be given from outside as `--countersign-…`. Light or dark is the page's, unless the attribute `theme` says so. */
const inherited = tokens
  .replaceAll(/\/\*[\s\S]*?\*\//g, '')
  .replaceAll(/:root\[data-theme='(\w+)'\]/g, ":host([theme='$1'])")
  .replaceAll(':root', ':host')
  .replace('color-scheme: light dark;', '')
  .replaceAll(/--([\w-]+):\s*([^;]+);/g, '--$1: var(--countersign-$1, $2);')

/** Those of the components; the build puts them here. */
declare const __STYLES__: string

const own = `
:host { display: block; font-family: var(--countersign-font, inherit); font-size: var(--body); line-height: 1.43; color: var(--text); text-align: start; }
p, ul { margin: 0; padding: 0; }
:host([hidden]) { display: none; }
*, *::before, *::after { box-sizing: border-box; }`

class CountersignBanner extends HTMLElement {
  static readonly observedAttributes = ['endpoint', 'company', 'account']
  readonly #root = this.attachShadow({ mode: 'open' })
  #getToken: GetToken | null = null
  #stop: (() => void) | null = null
  #planned = false

  constructor() {
    super()
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(inherited + tones + own + __STYLES__)
    this.#root.adoptedStyleSheets = [sheet]
    // Set by a page before this file was here.
    if (Object.hasOwn(this, 'getToken')) {
      const early = this.getToken
      Reflect.deleteProperty(this, 'getToken')
      this.getToken = early
    }
  }

  /** Answers a bearer token, or a promise of one; given `true` when the last one is not taken any more. Nothing is asked before it is set. */
  get getToken(): GetToken | null {
    return this.#getToken
  }

  set getToken(getToken: GetToken | null) {
    if (getToken === this.#getToken) return
    this.#getToken = getToken
    this.#plan()
  }

  connectedCallback(): void {
    this.#plan()
  }

  disconnectedCallback(): void {
    this.#plan()
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (before !== after) this.#plan()
  }

  /** Attributes come one after another, and an element that is moved goes and comes: what holds in the end counts. */
  #plan(): void {
    if (this.#planned) return
    this.#planned = true
    queueMicrotask(() => {
      this.#planned = false
      // The new one begins first, so that the connection stays that both use.
      const before = this.#stop
      this.#stop = this.#start()
      before?.()
    })
  }

  #start(): (() => void) | null {
    const endpoint = this.getAttribute('endpoint')
    const company = this.getAttribute('company')
    const account = this.getAttribute('account')
    if (!this.isConnected || this.#getToken === null || !endpoint || !company || account === '') return null
    const feed = new StandingFeed({
      url: addressOf(endpoint),
      getToken: this.#getToken,
      subject: { company, account },
    })
    const untell = $effect.root(() => {
      $effect(() => this.#tellChange(feed))
      $effect(() => {
        this.#tell('countersign-connection', { status: feed.status, heard: feed.heard })
      })
      $effect(() => {
        if (feed.refusal !== null) this.#tell('countersign-refused', { message: feed.refusal })
      })
    })
    const shown = mount(EmbeddedBanner, {
      target: this.#root,
      props: {
        feed,
        onview: (proposalId: string | null, href: string) =>
          this.#tell('countersign-view', { company, account, proposalId, href }),
      },
    })
    return () => {
      untell()
      feed.end()
      void unmount(shown)
    }
  }

  #tellChange({ known, subject, proposals, counts }: StandingFeed): void {
    if (!known) return
    this.#tell('countersign-change', {
      ...subject,
      proposals: proposals.map(({ id, status, revision }) => ({ id, status, revision })),
      counts,
    })
  }

  /** False when somebody has said that they see to it themselves. */
  #tell(name: string, detail: object): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }))
  }
}

// Two pages' bundles may bring it both.
if (customElements.get('countersign-banner') === undefined)
  customElements.define('countersign-banner', CountersignBanner)
