/*
 * The load generator: many WebSocket clients in one thread, with exact counts and latencies of what reaches them.
 *
 *   load --dialect natter|plain|socketio --port <n>[,<n>…] --clients <n> [--rooms <n>] [--first-room <n>]
 *
 * It opens all clients, into one room or dealt out evenly over several, those of a room on the ports in turn, and prints {"opened":…,"seconds":…}. Then each line
 * `step <messages per second> <seconds>` on its standard input makes the clients post in turn, in an order drawn once, at that rate by the clock
 * whatever the server does (open loop), waits until everything arrived, and prints one line of JSON. It ends with its input.
 *
 * A latency runs from the moment a post was due, so a generator or a server that falls behind cannot hide it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "load.h"
#include "step.h"

#define MAX_OPENING 256

struct load load = {.rooms = 1};

static int epoll;
static int timer;

static uint32_t started; /* clients that began to connect */
static uint32_t ready;   /* clients that would get messages */

static bool all_are_open(void) { return ready == load.clients; }

/* ---- opening the clients ---- */

static void start_connecting(void) {
  while (started < load.clients && started - ready < MAX_OPENING) {
    struct connection *connection = &load.connections[started];
    connection->epoll = epoll;
    connection->index = started;
    connection->room = started % load.rooms;
    connection->seat = started / load.rooms;
    websocket_connect(connection, &load.servers[(connection->room + connection->seat) % load.server_count]);
    started++;
  }
}

static void become_ready(struct connection *connection) {
  connection->state = READY;
  ready++;
  if (!all_are_open()) {
    start_connecting();
    return;
  }
  printf("{\"opened\":%u,\"seconds\":%.3f}\n", ready, (double)(monotonic_ns() - load.started_ns) / 1e9);
  fflush(stdout);
}

static void on_connected(struct connection *connection) {
  char path[MAX_COMMAND_BYTES];
  char headers[MAX_COMMAND_BYTES];
  load.dialect->upgrade(path, headers, room_on_wire(connection));
  websocket_request_upgrade(connection, path, headers);
}

static void on_upgraded(struct connection *connection) {
  char command[MAX_COMMAND_BYTES];
  const bool needs_no_answer = load.dialect->open(command, connection);
  if (command[0] != '\0') websocket_send_text(connection, command, strlen(command));
  if (needs_no_answer) become_ready(connection);
}

static void on_closed(struct connection *connection, const char *why) {
  if (!all_are_open()) fail("client %u was closed while opening: %s", connection->index, why);
  step_take_close(why);
}

static void on_text(struct connection *connection, const char *payload, size_t length, uint64_t now_ns) {
  if (connection->state == READY && step_take_deliveries(connection, payload, length, now_ns)) return;
  char answer[MAX_COMMAND_BYTES] = "";
  const struct notice_of_frame notice = load.dialect->read(payload, length, connection, room_on_wire(connection), answer);
  if (answer[0] != '\0') websocket_send_text(connection, answer, strlen(answer));
  switch (notice.notice) {
    case NOTICE_NOTHING: return;
    case NOTICE_READY: become_ready(connection); return;
    case NOTICE_ACK: step_take_ack(connection, notice.id, now_ns); return;
    case NOTICE_REFUSED:
      if (!all_are_open()) fail("the server refused a client: %.*s", (int)length, payload);
      step_take_refusal(payload, length);
      return;
  }
}

/* ---- the loop ---- */

static void read_command(void) {
  char line[128];
  double rate;
  double seconds;
  const ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
  if (length <= 0) exit(0);
  line[length] = '\0';
  if (!all_are_open() || step_is_running()) fail("a command came while the one before was under way");
  if (sscanf(line, "step %lf %lf", &rate, &seconds) != 2 || rate <= 0 || seconds <= 0) fail("expected `step <rate> <seconds>`, got: %s", line);
  step_begin(rate, seconds);
}

/* epoll_wait counts in milliseconds, which would post in bursts: a timer ends the wait when the next post is due. */
static void set_timer(void) {
  static uint64_t set_for_ns;
  const uint64_t due = step_next_due_ns();
  if (due == 0 || due == set_for_ns) return;
  set_for_ns = due;
  const struct itimerspec when = {.it_value = {.tv_sec = (time_t)(due / 1000000000), .tv_nsec = (long)(due % 1000000000)}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void clear_timer(void) {
  uint64_t expirations;
  (void)!read(timer, &expirations, sizeof expirations);
}

static void run(void) {
  static const struct websocket_handler handler = {.connected = on_connected, .upgraded = on_upgraded, .text = on_text, .closed = on_closed};
  struct epoll_event events[512];
  for (;;) {
    set_timer();
    const int count = epoll_wait(epoll, events, 512, 100);
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == &epoll) read_command();
      else if (events[i].data.ptr == &timer) clear_timer();
      else websocket_progress(events[i].data.ptr, events[i].events, &handler);
      step_continue(monotonic_ns());
    }
    step_continue(monotonic_ns());
  }
}

static uint32_t parse_count(const char *name, const char *value, long max) {
  char *end;
  const long count = strtol(value, &end, 10);
  if (*end != '\0' || count < 1 || count > max) fail("%s must be a whole number from 1 to %ld, got %s", name, max, value);
  return (uint32_t)count;
}

static void parse_ports(const char *name, char *list) {
  for (char *rest = NULL, *port = strtok_r(list, ",", &rest); port != NULL; port = strtok_r(NULL, ",", &rest)) {
    if (load.server_count == MAX_SERVERS) fail("%s takes at most %d ports", name, MAX_SERVERS);
    load.servers[load.server_count++] = (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((uint16_t)parse_count(name, port, 65535)),
    };
  }
}

static void parse_options(int argc, char **argv) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const char *name = argv[i];
    char *value = argv[i + 1];
    if (strcmp(name, "--dialect") == 0) load.dialect = dialect_find(value);
    else if (strcmp(name, "--port") == 0) parse_ports(name, value);
    else if (strcmp(name, "--clients") == 0) load.clients = parse_count(name, value, 60000);
    else if (strcmp(name, "--rooms") == 0) load.rooms = parse_count(name, value, 60000);
    else if (strcmp(name, "--first-room") == 0) load.first_room = parse_count(name, value, 30000);
    else fail("unknown option %s", name);
  }
  if (load.dialect == NULL || load.server_count == 0 || load.clients == 0) {
    fail("usage: load --dialect natter|plain|socketio --port <n>[,<n>…] --clients <n> [--rooms <n>] [--first-room <n>]");
  }
  if (load.clients % load.rooms != 0) fail("--clients must be a multiple of --rooms, so that all rooms are of one size");
  load.room_size = load.clients / load.rooms;
}

static void raise_file_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max < load.clients + 16) {
    fail("%u clients need as many open files, and the hard limit is %" PRIu64 ": raise `ulimit -Hn`", load.clients, (uint64_t)limit.rlim_max);
  }
}

static void watch_for_input(int fd, void *mark) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = mark};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) fail("cannot watch descriptor %d: %s", fd, strerror(errno));
}

int main(int argc, char **argv) {
  parse_options(argc, argv);
  raise_file_limit();
  epoll = epoll_create1(EPOLL_CLOEXEC);
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  watch_for_input(STDIN_FILENO, &epoll);
  watch_for_input(timer, &timer);

  load.connections = calloc(load.clients, sizeof *load.connections);
  uint32_t *expected = calloc((size_t)load.clients * load.room_size, sizeof *expected);
  if (load.connections == NULL || expected == NULL) fail("out of memory");
  for (uint32_t i = 0; i < load.clients; i++) load.connections[i].expected = expected + (size_t)i * load.room_size;

  load.started_ns = monotonic_ns();
  start_connecting();
  run();
}
