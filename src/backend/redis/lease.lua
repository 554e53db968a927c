#!lua flags=allow-oom
-- Prolongs a process's lease. Returns 0 where it had none left, and some processes whose lease is over.
local process, lease_ms = ARGV[1], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local before = redis.call('ZSCORE', KEYS[1], process)
local is_known = before and tonumber(before) > now
redis.call('ZADD', KEYS[1], text(now + lease_ms), process)
return { is_known and 1 or 0, redis.call('ZRANGE', KEYS[1], '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 10) }
