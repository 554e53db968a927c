#!lua flags=allow-oom
-- Forgets a process whose lease was over at some time, unless it has been heard from since.
local process, time = unpack(ARGV)
local ends = redis.call('ZSCORE', KEYS[1], process)
if ends and tonumber(ends) <= tonumber(time) then redis.call('ZREM', KEYS[1], process) end
return 1
