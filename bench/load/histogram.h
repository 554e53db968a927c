/* A histogram of nanoseconds: 64 buckets to each power of two, so any quantile is right within 2 %, in fixed memory. */
#ifndef NATTER_BENCH_HISTOGRAM_H
#define NATTER_BENCH_HISTOGRAM_H

#include <stdint.h>
#include <string.h>

#define HISTOGRAM_BITS 6
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
  uint64_t total;
  uint64_t max_ns;
  uint64_t counts[HISTOGRAM_BUCKETS];
};

static inline void histogram_clear(struct histogram *histogram) { memset(histogram, 0, sizeof *histogram); }

static inline void histogram_add(struct histogram *histogram, uint64_t ns) {
  const int shift = 63 - __builtin_clzll(ns | 1 << HISTOGRAM_BITS) - HISTOGRAM_BITS;
  histogram->counts[((uint64_t)shift << HISTOGRAM_BITS) + (ns >> shift)]++;
  histogram->total++;
  if (ns > histogram->max_ns) histogram->max_ns = ns;
}

/* Milliseconds under which the given share (0 to 1) of the entries lie; 0 when there are none. */
static inline double histogram_quantile_ms(const struct histogram *histogram, double share) {
  const uint64_t wanted = (uint64_t)(share * (double)histogram->total);
  uint64_t seen = 0;
  for (uint64_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
    seen += histogram->counts[i];
    if (seen <= wanted) continue;
    /* The first two powers of two share shift 0; from there on each bucket row stands for one more bit. */
    const uint64_t row = i >> HISTOGRAM_BITS;
    const uint64_t shift = row > 0 ? row - 1 : 0;
    return (double)((i - (shift << HISTOGRAM_BITS)) << shift) / 1e6;
  }
  return (double)histogram->max_ns / 1e6;
}

#endif
