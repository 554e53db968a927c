import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitLinks } from './links.ts'

const linksIn = (text: string) =>
  splitLinks(text).flatMap(({ text: shown, href }) => (href === undefined ? [] : [[shown, href]]))

test('the parts of a text, joined, are the text', () => {
  for (const text of [
    '',
    'plain',
    'https://a.example/',
    'a https://b.example c',
    'x\nhttps://a.example\n\ny@z.example',
  ]) {
    assert.equal(
      splitLinks(text)
        .map(({ text: part }) => part)
        .join(''),
      text,
    )
  }
})

test('punctuation after a URL is left out of the link, and brackets within it stay', () => {
  for (const [text, url] of [
    ['see https://a.example/x.', 'https://a.example/x'],
    ['see https://a.example/x, and', 'https://a.example/x'],
    ['(https://a.example/x)', 'https://a.example/x'],
    ['really https://a.example/x?!', 'https://a.example/x'],
    ['"https://a.example/x"', 'https://a.example/x'],
    ['https://a.example/x_(y)', 'https://a.example/x_(y)'],
    ['https://a.example/x?q=1&r=2#s', 'https://a.example/x?q=1&r=2#s'],
  ] as const) {
    assert.deepEqual(linksIn(text), [[url, url]], text)
  }
})

test('hosts without a scheme and addresses become links, file names do not', () => {
  assert.deepEqual(linksIn('www.wikipedia.org'), [['www.wikipedia.org', 'http://www.wikipedia.org']])
  assert.deepEqual(linksIn('ann@mail.example.com'), [['ann@mail.example.com', 'mailto:ann@mail.example.com']])
  assert.deepEqual(linksIn('README.md node.js v1.2.3 10.0.0.1 e.g. etc.'), [])
})

test('what would run a script stays text', () => {
  for (const text of [
    'javascript:alert(1)',
    'JaVaScRiPt://a.example/%0aalert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'file:///etc/passwd',
    'ftp://a.example/x',
    '//a.example.com/x',
  ]) {
    assert.deepEqual(
      linksIn(text).filter(([, href]) => !/^https?:|^mailto:/.test(href ?? '')),
      [],
      text,
    )
  }
  assert.deepEqual(linksIn('javascript:alert(1)'), [])
})
