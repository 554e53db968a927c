#define _GNU_SOURCE
#include "websocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Large enough that a read is mostly copying, small enough to stay in the second-level cache. */
#define RECEIVE_BYTES (256 * 1024)
#define MAX_FRAME_BYTES (8 * 1024 * 1024)
#define CLIENTS_PER_ADDRESS 16000

enum opcode { OPCODE_TEXT = 1, OPCODE_CLOSE = 8, OPCODE_PING = 9, OPCODE_PONG = 10 };

/* Shared by all connections: only the part of a frame still missing its end is copied away, in front of the next read. */
static char receive_buffer[MAX_FRAME_BYTES + RECEIVE_BYTES];
static uint64_t bytes_received;

uint64_t websocket_bytes_received(void) { return bytes_received; }

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("load: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  exit(1);
}

uint64_t monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void leftover_append(struct leftover *leftover, const char *bytes, size_t length) {
  const size_t needed = leftover->length + length;
  if (needed > leftover->capacity) {
    leftover->bytes = realloc(leftover->bytes, needed);
    if (leftover->bytes == NULL) fail("out of memory");
    leftover->capacity = needed;
  }
  memcpy(leftover->bytes + leftover->length, bytes, length);
  leftover->length = needed;
}

static void leftover_remove_front(struct leftover *leftover, size_t length) {
  leftover->length -= length;
  memmove(leftover->bytes, leftover->bytes + length, leftover->length);
}

static void close_connection(struct connection *connection, const struct websocket_handler *handler, const char *why) {
  close(connection->fd);
  connection->fd = -1;
  handler->closed(connection, why);
  connection->state = CLOSED;
}

/* ---- out ---- */

static void watch(const struct connection *connection, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = (void *)connection};
  epoll_ctl(connection->epoll, EPOLL_CTL_MOD, connection->fd, &event);
}

static void send_bytes(struct connection *connection, const char *bytes, size_t length) {
  if (connection->unsent.length > 0) {
    leftover_append(&connection->unsent, bytes, length);
    return;
  }
  ssize_t sent = send(connection->fd, bytes, length, MSG_NOSIGNAL);
  if (sent < 0) sent = 0; /* full, or broken: then the next read says so */
  if ((size_t)sent == length) return;
  leftover_append(&connection->unsent, bytes + sent, length - (size_t)sent);
  watch(connection, EPOLLIN | EPOLLOUT);
}

static void send_unsent(struct connection *connection) {
  struct leftover *unsent = &connection->unsent;
  const ssize_t sent = send(connection->fd, unsent->bytes, unsent->length, MSG_NOSIGNAL);
  if (sent > 0) leftover_remove_front(unsent, (size_t)sent);
  if (unsent->length == 0) watch(connection, EPOLLIN);
}

static void send_frame(struct connection *connection, enum opcode opcode, const char *payload, size_t length) {
  /* Servers skip unmasking for an all-zero key, which no browser sends: so any other, but always the same one. */
  static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  char frame[4096];
  size_t at = 0;
  if (length > sizeof frame - 8) fail("a message of %zu bytes is longer than the generator expects to send", length);
  frame[at++] = (char)(0x80 | opcode);
  if (length < 126) {
    frame[at++] = (char)(0x80 | length);
  } else {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(length >> 8);
    frame[at++] = (char)length;
  }
  memcpy(frame + at, mask, 4);
  at += 4;
  for (size_t i = 0; i < length; i++) frame[at + i] = (char)(payload[i] ^ mask[i & 3]);
  send_bytes(connection, frame, at + length);
}

void websocket_send_text(struct connection *connection, const char *payload, size_t length) {
  send_frame(connection, OPCODE_TEXT, payload, length);
}

/* ---- in ---- */

/* Takes the answer to the upgrade request; returns its length, or 0 while it is not complete. */
static size_t take_upgrade_answer(struct connection *connection, const char *data, size_t length, const struct websocket_handler *handler) {
  const char *end = memmem(data, length, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  if (strncmp(data, "HTTP/1.1 101 ", 13) != 0) fail("the server refused a WebSocket: %.*s", (int)(end - data), data);
  connection->state = GREETING;
  handler->upgraded(connection);
  return (size_t)(end - data) + 4;
}

/* Handles all whole frames in the data and returns how many bytes they took. */
static size_t take_frames(struct connection *connection, const char *data, size_t length, uint64_t now_ns,
                          const struct websocket_handler *handler) {
  size_t at = 0;
  while (length - at >= 2 && connection->state != CLOSED) {
    const unsigned char *header = (const unsigned char *)data + at;
    size_t payload_length = header[1] & 127;
    size_t header_length = 2;
    if (payload_length == 126) {
      if (length - at < 4) break;
      payload_length = (size_t)header[2] << 8 | header[3];
      header_length = 4;
    } else if (payload_length == 127) {
      if (length - at < 10) break;
      uint64_t long_length;
      memcpy(&long_length, header + 2, 8);
      payload_length = __builtin_bswap64(long_length);
      header_length = 10;
      if (payload_length > MAX_FRAME_BYTES - header_length) fail("the server sent a frame of %zu bytes", payload_length);
    }
    if (length - at < header_length + payload_length) break;
    const char *payload = data + at + header_length;
    at += header_length + payload_length;
    switch (header[0]) {
      case 0x80 | OPCODE_TEXT: handler->text(connection, payload, payload_length, now_ns); break;
      case 0x80 | OPCODE_PING: send_frame(connection, OPCODE_PONG, payload, payload_length); break;
      case 0x80 | OPCODE_PONG: break;
      case 0x80 | OPCODE_CLOSE: {
        char why[160];
        const int code = payload_length < 2 ? 1005 : (unsigned char)payload[0] << 8 | (unsigned char)payload[1];
        const int reason_length = payload_length < 2 ? 0 : (int)payload_length - 2;
        snprintf(why, sizeof why, "the server closed it with %d %.*s", code, reason_length, payload + 2);
        close_connection(connection, handler, why);
        break;
      }
      default: fail("unexpected frame: first byte 0x%02x (fragments and extensions are not expected here)", header[0]);
    }
  }
  return at;
}

static void receive(struct connection *connection, const struct websocket_handler *handler) {
  struct leftover *partial = &connection->partial_frame;
  size_t length = partial->length;
  if (length > 0) memcpy(receive_buffer, partial->bytes, length);
  const ssize_t received = recv(connection->fd, receive_buffer + length, RECEIVE_BYTES, 0);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (received <= 0) {
    close_connection(connection, handler, received == 0 ? "the server ended the connection" : strerror(errno));
    return;
  }
  const uint64_t now_ns = monotonic_ns();
  bytes_received += (uint64_t)received;
  length += (size_t)received;

  size_t taken = 0;
  if (connection->state == UPGRADING) taken = take_upgrade_answer(connection, receive_buffer, length, handler);
  if (connection->state > UPGRADING) taken += take_frames(connection, receive_buffer + taken, length - taken, now_ns, handler);
  if (length - taken > MAX_FRAME_BYTES) fail("the server sent %zu bytes that are not a frame", length - taken);
  partial->length = 0;
  if (taken < length) leftover_append(partial, receive_buffer + taken, length - taken);
}

/* ---- opening ---- */

void websocket_connect(struct connection *connection, const struct sockaddr_in *server) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("cannot open socket %u: %s (raise `ulimit -n`)", connection->index, strerror(errno));
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const struct sockaddr_in from = {
      .sin_family = AF_INET,
      .sin_addr.s_addr = htonl(INADDR_LOOPBACK + connection->index / CLIENTS_PER_ADDRESS),
  };
  if (bind(fd, (const struct sockaddr *)&from, sizeof from) < 0) fail("bind: %s", strerror(errno));
  if (connect(fd, (const struct sockaddr *)server, sizeof *server) < 0 && errno != EINPROGRESS) fail("connect: %s", strerror(errno));
  connection->fd = fd;
  connection->state = CONNECTING;
  struct epoll_event event = {.events = EPOLLOUT, .data.ptr = connection};
  epoll_ctl(connection->epoll, EPOLL_CTL_ADD, fd, &event);
}

static void finish_connecting(struct connection *connection, const struct websocket_handler *handler) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail("cannot connect client %u: %s", connection->index, strerror(error));
  connection->state = UPGRADING;
  watch(connection, EPOLLIN);
  handler->connected(connection);
}

void websocket_request_upgrade(struct connection *connection, const char *path, const char *headers) {
  char request[1024];
  /* The key may be any (RFC 6455 §4.1); the generator does not check what the server makes of it. */
  const int length = snprintf(request, sizeof request,
                              "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bmF0dGVyLWJlbmNobWFyaw==\r\n%s\r\n",
                              path, headers);
  send_bytes(connection, request, (size_t)length);
}

void websocket_progress(struct connection *connection, uint32_t epoll_events, const struct websocket_handler *handler) {
  if (connection->state == CONNECTING) {
    finish_connecting(connection, handler);
    return;
  }
  if (epoll_events & EPOLLOUT) send_unsent(connection);
  if (epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(connection, handler);
}
