/*
 * The text of every message the generator sends: a stamp that says which run and sender it is from, how many that sender had
 * sent before, and when it was due. So a receiver can check each delivery without any other knowledge.
 *
 *   ~natter~  run and sender (8)  counter (8)  time (16)  filler (16)  ~retta~.
 *
 * Numbers are written as the letters a to p, four bits each, lowest first: no server escapes them, and eight letters decode in
 * a few instructions. The tilde is rare in JSON, so memchr finds a stamp without looking at the rest of a frame byte by byte.
 */
#ifndef NATTER_BENCH_STAMP_H
#define NATTER_BENCH_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define STAMP_LENGTH 64
#define STAMP_HEAD "~natter~"
#define STAMP_FILLER " how fast is it "
#define STAMP_TAIL "~retta~."

struct stamp {
  uint16_t run;
  uint16_t sender;
  uint32_t counter;
  uint64_t time_ns;
};

static inline void stamp_put_u32(char *out, uint32_t value) {
  for (int i = 0; i < 8; i++) out[i] = (char)('a' + (value >> (4 * i) & 15));
}

static inline uint32_t stamp_get_u32(const char *in) {
  uint64_t letters;
  memcpy(&letters, in, 8);
  letters -= 0x6161616161616161; /* 'a' in every byte */
  letters = (letters | letters >> 4) & 0x00ff00ff00ff00ff;
  letters = (letters | letters >> 8) & 0x0000ffff0000ffff;
  return (uint32_t)(letters | letters >> 16);
}

static inline void stamp_write(char out[STAMP_LENGTH], struct stamp stamp) {
  memcpy(out, STAMP_HEAD, 8);
  stamp_put_u32(out + 8, (uint32_t)stamp.run << 16 | stamp.sender);
  stamp_put_u32(out + 16, stamp.counter);
  stamp_put_u32(out + 24, (uint32_t)stamp.time_ns);
  stamp_put_u32(out + 32, (uint32_t)(stamp.time_ns >> 32));
  memcpy(out + 40, STAMP_FILLER, 16);
  memcpy(out + 56, STAMP_TAIL, 8);
}

/* Finds the next whole stamp in [from, end) and returns where it starts, or NULL. */
static inline const char *stamp_find(const char *from, const char *end) {
  while ((from = memchr(from, '~', (size_t)(end - from))) != NULL) {
    if (end - from < STAMP_LENGTH) return NULL;
    if (memcmp(from, STAMP_HEAD, 8) == 0 && memcmp(from + 56, STAMP_TAIL, 8) == 0) return from;
    from++;
  }
  return NULL;
}

static inline struct stamp stamp_read(const char *in) {
  const uint32_t origin = stamp_get_u32(in + 8);
  return (struct stamp){
      .run = (uint16_t)(origin >> 16),
      .sender = (uint16_t)origin,
      .counter = stamp_get_u32(in + 16),
      .time_ns = stamp_get_u32(in + 24) | (uint64_t)stamp_get_u32(in + 32) << 32,
  };
}

#endif
