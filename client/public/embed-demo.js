// What a page does with the element: says whose token is used, names company and customer, and listens. In the demo world anybody may be
// signed in as; elsewhere the page asks its own sign-in for a token.
const form = document.querySelector('#choice')
const { user, token, company, account } = form.elements
const banners = { customer: document.querySelector('#customer'), company: document.querySelector('#company') }
const events = document.querySelector('#events')

const demoToken = async () => {
  const response = await fetch('/demo/token', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: user.value }),
  })
  return (await response.json()).token
}

/** One function for each person: elements with the same one share a connection. */
const functions = new Map()
const tokenOf = (person) => {
  if (!functions.has(person)) functions.set(person, () => (user.hidden ? token.value : demoToken()))
  return functions.get(person)
}

const show = () => {
  const getToken = tokenOf(user.hidden ? token.value : user.value)
  document.querySelector('#shown').textContent = `${company.value} ${account.value}`
  for (const banner of Object.values(banners)) {
    banner.setAttribute('company', company.value)
    banner.getToken = getToken
  }
  banners.customer.setAttribute('account', account.value)
}

for (const name of ['countersign-change', 'countersign-connection', 'countersign-refused', 'countersign-view']) {
  document.addEventListener(name, ({ target, detail }) => {
    const line = document.createElement('li')
    line.textContent = `${target.id}: ${name} ${JSON.stringify(detail)}`
    events.prepend(line)
    while (events.children.length > 12) events.lastChild.remove()
  })
}

form.addEventListener('submit', (event) => {
  event.preventDefault()
  show()
})
user.addEventListener('change', show)

const { users = null } = await fetch('/demo/users').then((response) => (response.ok ? response.json() : {}))
if (users === null) {
  user.closest('label').hidden = true
  user.hidden = true
  document.querySelector('#token').hidden = false
} else {
  for (const { user: key, name } of users) user.add(new Option(name, key))
  show()
}
