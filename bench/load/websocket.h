/* One WebSocket client: connecting, the upgrade, frames in and out. It knows nothing of what the frames say. */
#ifndef NATTER_BENCH_WEBSOCKET_H
#define NATTER_BENCH_WEBSOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <netinet/in.h>

enum connection_state {
  CONNECTING, /* TCP */
  UPGRADING,  /* request sent, waiting for 101 */
  GREETING,   /* the dialect's own handshake */
  READY,
  CLOSED,
};

/* Bytes kept until the rest of them arrive, or until the kernel takes them. */
struct leftover {
  char *bytes;
  size_t length;
  size_t capacity;
};

struct connection {
  int fd;
  int epoll; /* the set it is watched in */
  enum connection_state state;
  uint32_t index; /* among all clients */
  uint32_t room;
  uint32_t seat; /* among the clients of the room */

  struct leftover partial_frame;
  struct leftover unsent;

  /* What this client did and saw in the current run. */
  uint32_t posted;
  uint32_t *expected; /* per seat: the counter its next message must carry */
  uint64_t order;     /* hash over the deliveries in the order they came */
  uint64_t posted_ids;
  uint64_t acked_ids;
};

/* Implemented by the caller. */
struct websocket_handler {
  /* The TCP connection stands: ask for the upgrade. */
  void (*connected)(struct connection *connection);
  void (*upgraded)(struct connection *connection);
  void (*text)(struct connection *connection, const char *payload, size_t length, uint64_t now_ns);
  void (*closed)(struct connection *connection, const char *why);
};

uint64_t monotonic_ns(void);

/* Starts connecting, from a loopback address that it shares with few enough others for ports not to run short. */
void websocket_connect(struct connection *connection, const struct sockaddr_in *server);

/* `headers` are whole lines, each with its line end. */
void websocket_request_upgrade(struct connection *connection, const char *path, const char *headers);

/* Sends a text frame; what the kernel does not take at once follows when it does. */
void websocket_send_text(struct connection *connection, const char *payload, size_t length);

/* Does what epoll said can be done. */
void websocket_progress(struct connection *connection, uint32_t epoll_events, const struct websocket_handler *handler);

/* By all connections, headers included. */
uint64_t websocket_bytes_received(void);

/* Says what is wrong and ends the generator. */
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format, ...);

#endif
