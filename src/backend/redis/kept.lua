#!lua flags=no-writes
-- What was said to all processes in the last so many milliseconds.
return redis.call('XRANGE', KEYS[1], text(math.max(0, now_ms() - tonumber(ARGV[1]))), '+')
