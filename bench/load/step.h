/* One step: the clients post in turn at a steady rate, and everything that should reach them is waited for, checked and counted. */
#ifndef NATTER_BENCH_STEP_H
#define NATTER_BENCH_STEP_H

#include "load.h"

void step_begin(double rate, double seconds);

bool step_is_running(void);

/* When the next post is due; 0 when there is none. */
uint64_t step_next_due_ns(void);

/* Posts what is due. Prints the step's line of JSON and ends it, once everything arrived or nothing more does. */
void step_continue(uint64_t now_ns);

/* Counts the deliveries in a frame; returns whether there were any. */
bool step_take_deliveries(struct connection *connection, const char *payload, size_t length, uint64_t now_ns);

void step_take_ack(struct connection *connection, uint64_t id, uint64_t now_ns);

void step_take_refusal(const char *payload, size_t length);

void step_take_close(const char *why);

#endif
