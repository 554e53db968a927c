import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeMetrics } from './merge-metrics.ts'

function pageOf(worker: number): string {
  return [
    '# HELP opened_total Opened.',
    '# TYPE opened_total counter',
    `opened_total{dialect="plain",worker="${worker}"} 1`,
    `opened_total{dialect="sse",worker="${worker}"} 2`,
    '',
    '# HELP refused_total Refused.',
    '# TYPE refused_total counter',
    '',
  ].join('\n')
}

test('the samples of a metric are together, under one heading', () => {
  assert.equal(
    mergeMetrics([pageOf(1), pageOf(2)]),
    [
      '# HELP opened_total Opened.',
      '# TYPE opened_total counter',
      'opened_total{dialect="plain",worker="1"} 1',
      'opened_total{dialect="sse",worker="1"} 2',
      'opened_total{dialect="plain",worker="2"} 1',
      'opened_total{dialect="sse",worker="2"} 2',
      '',
      '# HELP refused_total Refused.',
      '# TYPE refused_total counter',
      '',
    ].join('\n'),
  )
})

test('one page stays as it is', () => {
  assert.equal(mergeMetrics([pageOf(1)]), pageOf(1))
})
