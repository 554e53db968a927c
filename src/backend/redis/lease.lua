#!lua flags=allow-oom
-- Prolongs a process's lease. Returns the time, 0 where it had none left, and some processes whose lease is over.
local process, lease_ms = ARGV[1], tonumber(ARGV[2])
local now = now_ms()
local before = redis.call('ZSCORE', KEYS[1], process)
local is_known = before and tonumber(before) > now
redis.call('ZADD', KEYS[1], text(now + lease_ms), process)
local expired = redis.call('ZRANGE', KEYS[1], '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10)
return { text(now), is_known and 1 or 0, expired }
