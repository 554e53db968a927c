#define _GNU_SOURCE
#include "dialect.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stamp.h"

static bool starts_with(const char *payload, size_t length, const char *prefix) {
  const size_t prefix_length = strlen(prefix);
  return length >= prefix_length && memcmp(payload, prefix, prefix_length) == 0;
}

static bool contains(const char *payload, size_t length, const char *part) {
  return memmem(payload, length, part, strlen(part)) != NULL;
}

/* ---- natter.v1: docs/PROTOCOL.md ---- */

static void natter_room(char out[32], int room) {
  if (room < 0) strcpy(out, "lobby");
  else snprintf(out, 32, "bench-%05d", room);
}

static void natter_upgrade(char *path, char *headers, int room) {
  (void)room; /* rooms are joined by a command */
  strcpy(path, "/");
  strcpy(headers, "Sec-WebSocket-Protocol: natter.v1\r\n");
}

static bool natter_open(char *command, const struct connection *connection) {
  snprintf(command, MAX_COMMAND_BYTES, "{\"type\":\"hello\",\"id\":1,\"name\":\"client%05u\"}", connection->index);
  return false;
}

static struct notice_of_frame natter_read(const char *payload, size_t length, const struct connection *connection, int room, char *answer) {
  if (connection->state == READY) {
    if (starts_with(payload, length, "{\"type\":\"ack\"")) {
      const char *id = memmem(payload, length, "\"id\":", 5);
      if (id != NULL) return (struct notice_of_frame){.notice = NOTICE_ACK, .id = strtoull(id + 5, NULL, 10)};
    }
  } else if (contains(payload, length, "\"type\":\"welcome\"")) {
    char name[32];
    natter_room(name, room);
    snprintf(answer, MAX_COMMAND_BYTES, "{\"type\":\"join\",\"id\":2,\"room\":\"%s\",\"limit\":1}", name);
  } else if (contains(payload, length, "\"type\":\"joined\"")) {
    return (struct notice_of_frame){.notice = NOTICE_READY};
  }
  if (contains(payload, length, "\"type\":\"error\"")) return (struct notice_of_frame){.notice = NOTICE_REFUSED};
  return (struct notice_of_frame){.notice = NOTICE_NOTHING};
}

/* A UUIDv7 (RFC 9562 §5.7) whose random part is made of what is unique here: the post's id and its sender. */
static void natter_key(char out[37], uint64_t id, uint32_t sender) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
  snprintf(out, 37, "%08" PRIx64 "-%04" PRIx64 "-7%03" PRIx64 "-8%03" PRIx64 "-%08" PRIx64 "%04x", ms >> 16 & 0xffffffff, ms & 0xffff,
           id >> 44 & 0xfff, id >> 32 & 0xfff, id & 0xffffffff, sender & 0xffff);
}

static void natter_post(char *command, const struct connection *connection, int room, uint64_t id, const char *text) {
  char name[32];
  char key[37];
  natter_room(name, room);
  natter_key(key, id, connection->index);
  snprintf(command, MAX_COMMAND_BYTES, "{\"type\":\"post\",\"id\":%" PRIu64 ",\"room\":\"%s\",\"key\":\"%s\",\"text\":\"%.*s\"}", id, name, key,
           STAMP_LENGTH, text);
}

/* ---- {"handle","text"} objects, as the naive server and Natter's plain dialect speak them ---- */

static void plain_upgrade(char *path, char *headers, int room) {
  if (room < 0) strcpy(path, "/");
  else snprintf(path, MAX_COMMAND_BYTES, "/r/bench-%05d", room);
  headers[0] = '\0';
}

static bool plain_open(char *command, const struct connection *connection) {
  (void)connection;
  command[0] = '\0';
  return true;
}

static struct notice_of_frame plain_read(const char *payload, size_t length, const struct connection *connection, int room, char *answer) {
  (void)connection, (void)room, (void)answer;
  return (struct notice_of_frame){.notice = starts_with(payload, length, "{\"error\"") ? NOTICE_REFUSED : NOTICE_NOTHING};
}

static void plain_post(char *command, const struct connection *connection, int room, uint64_t id, const char *text) {
  (void)room, (void)id;
  snprintf(command, MAX_COMMAND_BYTES, "{\"handle\":\"client%05u\",\"text\":\"%.*s\"}", connection->index, STAMP_LENGTH, text);
}

/* ---- Socket.IO: Engine.IO 4 over WebSocket only, events as JSON arrays ---- */

static void socketio_upgrade(char *path, char *headers, int room) {
  (void)room; /* rooms are joined by an event */
  strcpy(path, "/socket.io/?EIO=4&transport=websocket");
  headers[0] = '\0';
}

static bool socketio_open(char *command, const struct connection *connection) {
  (void)connection;
  command[0] = '\0'; /* the server speaks first */
  return false;
}

static struct notice_of_frame socketio_read(const char *payload, size_t length, const struct connection *connection, int room, char *answer) {
  (void)connection;
  if (starts_with(payload, length, "2")) strcpy(answer, "3");
  else if (starts_with(payload, length, "0{")) strcpy(answer, "40");
  else if (starts_with(payload, length, "40{")) {
    if (room < 0) return (struct notice_of_frame){.notice = NOTICE_READY};
    snprintf(answer, MAX_COMMAND_BYTES, "420[\"join\",\"bench-%05d\"]", room);
  } else if (starts_with(payload, length, "430[")) return (struct notice_of_frame){.notice = NOTICE_READY};
  else if (starts_with(payload, length, "44")) return (struct notice_of_frame){.notice = NOTICE_REFUSED};
  return (struct notice_of_frame){.notice = NOTICE_NOTHING};
}

static void socketio_post(char *command, const struct connection *connection, int room, uint64_t id, const char *text) {
  (void)room, (void)id;
  snprintf(command, MAX_COMMAND_BYTES, "42[\"chat\",{\"handle\":\"client%05u\",\"text\":\"%.*s\"}]", connection->index, STAMP_LENGTH, text);
}

const struct dialect *dialect_find(const char *name) {
  static const struct dialect dialects[] = {
      {.name = "natter", .acks = true, .upgrade = natter_upgrade, .open = natter_open, .read = natter_read, .post = natter_post},
      {.name = "plain", .acks = false, .upgrade = plain_upgrade, .open = plain_open, .read = plain_read, .post = plain_post},
      {.name = "socketio", .acks = false, .upgrade = socketio_upgrade, .open = socketio_open, .read = socketio_read, .post = socketio_post},
  };
  for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
    if (strcmp(dialects[i].name, name) == 0) return &dialects[i];
  }
  return NULL;
}
