/**
 * Makes one page of metrics out of several in the text format of Prometheus, which wants the samples of a metric together. What tells the
 * pages apart is a label of each sample.
 */
export function mergeMetrics(pages: readonly string[]): string {
  const metrics = new Map<string, string[]>()
  for (const page of pages) {
    for (const block of page.split(/^(?=# HELP )/m)) {
      const [help = '', type = '', ...samples] = block.trimEnd().split('\n')
      const heading = `${help}\n${type}`
      metrics.set(heading, [...(metrics.get(heading) ?? []), ...samples])
    }
  }
  return [...metrics].map(([heading, samples]) => [heading, ...samples, ''].join('\n')).join('\n')
}
