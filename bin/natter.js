#!/usr/bin/env node
// Old, plain JavaScript on purpose: a Node that is too old must get as far as saying so.
var version = process.versions.node.split('.').map(Number)

if (version[0] < 24 || (version[0] === 24 && version[1] < 15)) {
  console.error(
    'natter needs Node 24.15 or newer, and this is ' + process.version + ': see https://nodejs.org/download',
  )
  process.exitCode = 1
} else {
  void import('../dist/cli/main.js')
}
