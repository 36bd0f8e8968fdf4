// The field catalogue for a component.
import { loadCatalogue, type Catalogue } from './catalogue.ts'
import { whenBack } from './when-back.svelte.ts'

/** The catalogue of the company at hand, for a component. Set-up changes show when the page is opened again. */
export class CurrentCatalogue {
  value = $state.raw<Catalogue>()

  #failed = false

  constructor(company: () => string | undefined) {
    $effect.pre(() => {
      this.value = undefined
      this.#read(company())
    })
    whenBack(
      () => this.#failed,
      () => this.#read(company()),
    )
  }

  #read(code: string | undefined): void {
    this.#failed = false
    if (code)
      void loadCatalogue(code).then(
        (value) => (this.value = value),
        () => (this.#failed = true),
      )
  }
}
