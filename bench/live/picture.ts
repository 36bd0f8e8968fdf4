// Deliveries per second by the number of sockets, as a picture that reads on light and on dark ground.
import { whole } from '../report.ts'
import type { Point } from './part.ts'

const [width, height] = [760, 420]
const [left, right, top, bottom] = [76, 196, 56, 60]
const colours = ['#2f7ed8', '#7d8590', '#d9822b', '#3f9d5b']

const text = (x: number, y: number, content: string, more = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${more === '' ? '' : ` ${more}`}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`

/** Round steps that lead to a little more than the most. */
const ticksTo = (most: number): number[] => {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 2.5, 5, 10].find((each) => each * power >= rough) ?? 10)
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, n) => n * step)
}

/** SVG. `note`: where and when. */
export const picture = (points: readonly Point[], note: string): string => {
  const sizes = [...new Set(points.map(({ sockets }) => sockets))].sort((a, b) => a - b)
  const sides = [...new Set(points.map(({ side }) => side))]
  const ticks = ticksTo(Math.max(...points.map(({ perSecond }) => perSecond)))
  const most = ticks.at(-1) ?? 1
  const x = (sockets: number): number => left + ((width - left - right) * (sizes.indexOf(sockets) + 0.5)) / sizes.length
  const y = (perSecond: number): number => top + (height - top - bottom) * (1 - perSecond / most)

  const grid = ticks.flatMap((tick) => [
    `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/>`,
    text(left - 10, y(tick) + 4, whole(tick), 'text-anchor="end"'),
  ])
  const axis = sizes.map((size) => text(x(size), height - bottom + 20, whole(size), 'text-anchor="middle"'))
  const places = labelPlaces(sides.map((side) => y(points.findLast((point) => point.side === side)?.perSecond ?? 0)))
  const lines = sides.flatMap((side, n) => {
    const colour = colours[n % colours.length] ?? ''
    const own = points.filter((point) => point.side === side)
    const path = own.map((point) => `${x(point.sockets).toFixed(1)},${y(point.perSecond).toFixed(1)}`).join(' ')
    const dots = own.map(
      (point) =>
        `<circle cx="${x(point.sockets).toFixed(1)}" cy="${y(point.perSecond).toFixed(1)}" r="4" fill="${colour}">` +
        `<title>${side.replaceAll('`', '')}, ${whole(point.sockets)} sockets: ${whole(point.perSecond)}/s</title></circle>`,
    )
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5" stroke-linejoin="round"/>`,
      ...dots,
      text(width - right - 16, (places[n] ?? 0) + 4, side.replaceAll('`', ''), `class="label side${n}"`),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Deliveries per second by number of sockets">`,
    '<style>',
    'text { font: 12px system-ui, sans-serif; fill: #4a525c }',
    '.title { font-size: 15px; font-weight: 600; fill: #1f2328 }',
    '.label { font-size: 13px; font-weight: 600 }',
    '.grid { stroke: #8b949e; stroke-opacity: 0.3 }',
    '@media (prefers-color-scheme: dark) { text { fill: #a8b1bb } .title { fill: #e6edf3 } }',
    ...sides.map((_, n) => `.side${n} { fill: ${colours[n % colours.length] ?? ''} }`),
    '</style>',
    text(left, 26, 'Deliveries per second to subscribers of proposalStatus', 'class="title"'),
    text(left, 44, note),
    ...grid,
    ...axis,
    text((left + width - right) / 2, height - 14, 'sockets', 'text-anchor="middle"'),
    `<g transform="translate(11 ${(top + height - bottom) / 2}) rotate(-90)">${text(0, 0, 'messages per second', 'text-anchor="middle"')}</g>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n')
}

/** Names stand where their lines end, but not on each other. */
const labelPlaces = (wanted: readonly number[]): number[] => {
  const order = wanted.map((_, n) => n).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0))
  const places = [...wanted]
  let free = Number.NEGATIVE_INFINITY
  for (const n of order) {
    places[n] = Math.max(wanted[n] ?? 0, free)
    free = (places[n] ?? 0) + 18
  }
  return places
}
