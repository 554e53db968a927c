#define _GNU_SOURCE
#include "step.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "histogram.h"
#include "stamp.h"

#define SECOND_NS UINT64_C(1000000000)
/* Past this latency a step is lost for any limit asked of it; ending it here keeps the backlog short. */
#define HOPELESS_NS SECOND_NS
#define STALLED_NS (3 * SECOND_NS)
#define MAX_UNSENT_BYTES (64 * 1024)

enum phase { IDLE, POSTING, DRAINING };
static enum phase phase = IDLE;
static uint32_t *turns; /* the clients in the order in which they post */
static uint32_t turn;   /* which of the turns is next; goes on from step to step */

static struct {
  uint16_t number;
  double rate;
  uint64_t planned;
  uint64_t started_ns;
  uint64_t posted_ns; /* when the last post was made */
  uint64_t last_progress_ns;
  uint64_t bytes_before;
  double cpu_before;
  double cpu_seconds; /* the generator's own, while posting */
  const char *aborted; /* why posting ended early */

  uint64_t posted;
  uint64_t delivered;
  uint64_t gaps;    /* messages that a receiver missed, or had not yet when a later one of the same sender came */
  uint64_t repeats; /* deliveries of what a receiver had already, or had been counted as a gap */
  uint64_t acked;
  uint64_t refused;
  uint64_t stale; /* deliveries that belong to an earlier step */
  struct histogram delivery;
  struct histogram ack;
  struct histogram lag; /* of posts behind their due time: the generator's own fault */
} step;

static uint32_t closed_connections;
static char closed_why[200];
static char refusal[200];

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/*
 * Every client has one turn in each round, but people do not speak up room by room: in the order of the clients, who are dealt out over the
 * rooms, the posts to each room would be evenly spaced. So they are shuffled (Fisher and Yates), in the same way in every run.
 */
static void deal_turns(void) {
  srandom(1);
  turns = malloc(load.clients * sizeof *turns);
  if (turns == NULL) fail("out of memory");
  for (uint32_t i = 0; i < load.clients; i++) {
    const uint32_t other = (uint32_t)random() % (i + 1);
    turns[i] = turns[other];
    turns[other] = i;
  }
}

void step_begin(double rate, double seconds) {
  const uint16_t number = step.number + 1;
  memset(&step, 0, sizeof step);
  step.number = number;
  step.rate = rate;
  if (turns == NULL) deal_turns();
  step.planned = (uint64_t)(rate * seconds + 0.5);
  if (step.planned == 0) step.planned = 1;
  for (uint32_t i = 0; i < load.clients; i++) {
    struct connection *connection = &load.connections[i];
    connection->posted = 0;
    connection->order = 0;
    connection->posted_ids = 0;
    connection->acked_ids = 0;
    memset(connection->expected, 0, load.room_size * sizeof *connection->expected);
  }
  refusal[0] = '\0';
  step.bytes_before = websocket_bytes_received();
  step.cpu_before = cpu_seconds();
  step.started_ns = monotonic_ns();
  step.last_progress_ns = step.started_ns;
  phase = POSTING;
}

bool step_is_running(void) { return phase != IDLE; }

/* ---- posting ---- */

static void abort_posting(const char *why) {
  if (phase != POSTING) return;
  step.aborted = why;
  step.planned = step.posted;
}

static uint64_t due_ns(void) { return step.started_ns + (uint64_t)((double)step.posted * 1e9 / step.rate); }

uint64_t step_next_due_ns(void) { return phase == POSTING ? due_ns() : 0; }

static void post(struct connection *connection, uint64_t due) {
  char text[STAMP_LENGTH];
  char command[MAX_COMMAND_BYTES];
  stamp_write(text, (struct stamp){.run = step.number, .sender = (uint16_t)connection->seat, .counter = connection->posted, .time_ns = due});
  /* The due time as the command's id: it rises with every post, and the ack brings back what its latency is counted from. */
  load.dialect->post(command, connection, room_on_wire(connection), due - load.started_ns, text);
  websocket_send_text(connection, command, strlen(command));
  connection->posted++;
  connection->posted_ids += due - load.started_ns;
}

static void post_what_is_due(uint64_t now_ns) {
  uint64_t due;
  while (step.posted < step.planned && (due = due_ns()) <= now_ns) {
    struct connection *connection = &load.connections[turns[turn]];
    turn = (turn + 1) % load.clients;
    if (connection->state == CLOSED) {
      abort_posting("a client was closed");
      return;
    }
    if (connection->unsent.length > MAX_UNSENT_BYTES) {
      abort_posting("the server stopped reading");
      return;
    }
    post(connection, due);
    histogram_add(&step.lag, now_ns - due);
    step.posted++;
  }
}

/* ---- what comes back ---- */

static void deliver(struct connection *connection, struct stamp stamp, uint64_t now_ns) {
  if (stamp.run != step.number || stamp.sender >= load.room_size) {
    step.stale++;
    return;
  }
  uint32_t *expected = &connection->expected[stamp.sender];
  if (stamp.counter < *expected) {
    step.repeats++;
    return;
  }
  step.gaps += stamp.counter - *expected;
  *expected = stamp.counter + 1;
  step.delivered++;
  connection->order = (connection->order ^ ((uint64_t)stamp.sender << 32 | stamp.counter)) * 0x9e3779b97f4a7c15;
  histogram_add(&step.delivery, now_ns - stamp.time_ns);
  if (now_ns - stamp.time_ns > HOPELESS_NS) abort_posting("a delivery took more than a second");
}

bool step_take_deliveries(struct connection *connection, const char *payload, size_t length, uint64_t now_ns) {
  const char *const end = payload + length;
  const char *at = stamp_find(payload, end);
  if (at == NULL) return false;
  step.last_progress_ns = now_ns;
  for (; at != NULL; at = stamp_find(at + STAMP_LENGTH, end)) deliver(connection, stamp_read(at), now_ns);
  return true;
}

void step_take_ack(struct connection *connection, uint64_t id, uint64_t now_ns) {
  const uint64_t latency_ns = now_ns - load.started_ns - id;
  step.last_progress_ns = now_ns;
  step.acked++;
  connection->acked_ids += id;
  histogram_add(&step.ack, latency_ns);
  if (latency_ns > HOPELESS_NS) abort_posting("an ack took more than a second");
}

void step_take_refusal(const char *payload, size_t length) {
  step.refused++;
  snprintf(refusal, sizeof refusal, "%.*s", (int)length, payload);
  abort_posting("the server refused a post");
}

void step_take_close(const char *why) {
  closed_connections++;
  snprintf(closed_why, sizeof closed_why, "%s", why);
  abort_posting("a client was closed");
}

/* ---- the result ---- */

/* Rooms in which two clients that got everything did not get it in the same order. */
static uint32_t rooms_out_of_order(void) {
  uint32_t count = 0;
  for (uint32_t room = 0; room < load.rooms; room++) {
    for (uint32_t i = room + load.rooms; i < load.clients; i += load.rooms) {
      if (load.connections[i].order == load.connections[room].order) continue;
      count++;
      break;
    }
  }
  return count;
}

static uint32_t clients_with_wrong_acks(void) {
  uint32_t count = 0;
  for (uint32_t i = 0; load.dialect->acks && i < load.clients; i++) count += load.connections[i].posted_ids != load.connections[i].acked_ids;
  return count;
}

static void print_json_string(const char *name, const char *value) {
  printf(",\"%s\":\"", name);
  for (; *value != '\0'; value++) {
    if (*value == '"' || *value == '\\') putchar('\\');
    putchar((unsigned char)*value < ' ' ? ' ' : *value);
  }
  putchar('"');
}

static void print_latency(const char *name, const struct histogram *histogram) {
  printf(",\"%s\":{\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f}", name, histogram_quantile_ms(histogram, 0.5),
         histogram_quantile_ms(histogram, 0.99), (double)histogram->max_ns / 1e6);
}

static void print_step(uint64_t now_ns) {
  const uint64_t expected = step.posted * load.room_size;
  const double posting_seconds = (double)(step.posted_ns - step.started_ns) / 1e9;
  printf("{\"rate\":%.1f,\"posted\":%" PRIu64 ",\"expected\":%" PRIu64 ",\"delivered\":%" PRIu64, step.rate, step.posted, expected,
         step.delivered);
  printf(",\"gaps\":%" PRIu64 ",\"repeats\":%" PRIu64 ",\"roomsOutOfOrder\":%u,\"stale\":%" PRIu64, step.gaps, step.repeats,
         rooms_out_of_order(), step.stale);
  printf(",\"acked\":%" PRIu64 ",\"clientsWithWrongAcks\":%u,\"refused\":%" PRIu64 ",\"closed\":%u", step.acked, clients_with_wrong_acks(),
         step.refused, closed_connections);
  printf(",\"postingSeconds\":%.3f,\"drainSeconds\":%.3f,\"bytesReceived\":%" PRIu64, posting_seconds,
         (double)(now_ns - step.posted_ns) / 1e9, websocket_bytes_received() - step.bytes_before);
  printf(",\"generatorCpu\":%.3f", step.cpu_seconds / posting_seconds);
  print_latency("delivery", &step.delivery);
  print_latency("ack", &step.ack);
  print_latency("lag", &step.lag);
  if (step.aborted != NULL) print_json_string("aborted", step.aborted);
  if (refusal[0] != '\0') print_json_string("refusal", refusal);
  if (closed_why[0] != '\0') print_json_string("closedWhy", closed_why);
  puts("}");
  fflush(stdout);
}

/* Moves the step on: from posting to draining, and from draining to its end. */
void step_continue(uint64_t now_ns) {
  if (phase == IDLE) return;
  const bool complete =
      step.delivered + step.gaps >= step.posted * load.room_size && (!load.dialect->acks || step.acked + step.refused >= step.posted);
  const bool stalled = !complete && now_ns - step.last_progress_ns > STALLED_NS;
  if (stalled) abort_posting("nothing arrived for three seconds");
  if (phase == POSTING) {
    post_what_is_due(now_ns);
    if (step.posted < step.planned) return;
    phase = DRAINING;
    step.posted_ns = now_ns > step.started_ns ? now_ns : step.started_ns + 1;
    step.cpu_seconds = cpu_seconds() - step.cpu_before;
    return;
  }
  if (!complete && !stalled) return;
  phase = IDLE;
  print_step(now_ns);
}
