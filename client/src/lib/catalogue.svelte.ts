// The field catalogue for a component.
import { loadCatalogue, type Catalogue } from './catalogue.ts'

/** The catalogue of the company at hand, for a component. Set-up changes show when the page is opened again. */
export class CurrentCatalogue {
  value = $state.raw<Catalogue>()

  constructor(company: () => string | undefined) {
    $effect.pre(() => {
      const code = company()
      this.value = undefined
      if (code)
        void loadCatalogue(code).then(
          (value) => (this.value = value),
          () => undefined,
        )
    })
  }
}
