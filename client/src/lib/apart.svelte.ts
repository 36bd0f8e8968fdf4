// What outlives the component that makes it: what is derived within a component stands still once that has gone.

/** Makes it apart from whatever component is starting. */
export const apart = <Made>(make: () => Made): Made => {
  let made: { it: Made } | undefined
  $effect.root(() => {
    made = { it: make() }
  })
  if (!made) throw new Error('an effect root runs at once')
  return made.it
}
