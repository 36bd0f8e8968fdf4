// Single-key shortcuts: never while somebody types, never over a dialog or a menu.
const typing =
  'input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"], [role="combobox"], [role="dialog"], [role="menu"]'

/** The key, if it is a shortcut's; null otherwise. */
export const shortcut = (event: KeyboardEvent): string | null => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null
  if ((event.target as Element | null)?.closest?.(typing)) return null
  return event.key
}
