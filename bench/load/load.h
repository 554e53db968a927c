/* What all parts of the generator share: the clients, and how they were asked for. */
#ifndef NATTER_BENCH_LOAD_H
#define NATTER_BENCH_LOAD_H

#include "dialect.h"
#include "websocket.h"

#define MAX_SERVERS 16

struct load {
  const struct dialect *dialect;
  struct sockaddr_in servers[MAX_SERVERS]; /* processes of one chat: the clients of a room are dealt out over them */
  uint32_t server_count;
  uint32_t clients;
  uint32_t rooms;
  uint32_t first_room; /* what the first room is called, so that two generators can have rooms of their own */
  uint32_t room_size;
  uint64_t started_ns; /* what the ids of posts count from */
  struct connection *connections;
};

extern struct load load;

/* Clients of a single room are told of none: it is the one that a server has by itself. */
static inline int room_on_wire(const struct connection *connection) { return load.rooms == 1 ? -1 : (int)(load.first_room + connection->room); }

#endif
