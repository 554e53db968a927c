/* What the clients say to each kind of server: how to open, how to post, and what the answers mean. */
#ifndef NATTER_BENCH_DIALECT_H
#define NATTER_BENCH_DIALECT_H

#include "websocket.h"

#define MAX_COMMAND_BYTES 512

/* What a frame without any delivery in it means to the generator. */
enum notice {
  NOTICE_NOTHING,
  NOTICE_READY,   /* the handshake is done: the client would get messages now */
  NOTICE_ACK,     /* id holds the post's id */
  NOTICE_REFUSED, /* the server refused a command */
};

struct notice_of_frame {
  enum notice notice;
  uint64_t id;
};

struct dialect {
  const char *name;
  /* Posts are answered, and an accepted one by NOTICE_ACK. */
  bool acks;
  /* Writes path and extra headers of the upgrade request. The room is -1 where there is only one. */
  void (*upgrade)(char path[MAX_COMMAND_BYTES], char headers[MAX_COMMAND_BYTES], int room);
  /* Writes the first thing to say after the upgrade; empty for none. Returns whether the client is ready without an answer. */
  bool (*open)(char command[MAX_COMMAND_BYTES], const struct connection *connection);
  /* Reads a frame; may write an answer to send. */
  struct notice_of_frame (*read)(const char *payload, size_t length, const struct connection *connection, int room,
                                 char answer[MAX_COMMAND_BYTES]);
  void (*post)(char command[MAX_COMMAND_BYTES], const struct connection *connection, int room, uint64_t id, const char *text);
};

/* Returns NULL for a name that is none. */
const struct dialect *dialect_find(const char *name);

#endif
