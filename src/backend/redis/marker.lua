#!lua
-- Moves a read marker forward, at most to the head.
local head, markers = unpack(KEYS)
local channel, user, seq = unpack(ARGV)
local before = tonumber(redis.call('HGET', markers, user) or 0)
local wanted = math.min(tonumber(seq), tonumber(redis.call('HGET', head, 'seq') or 0))
if wanted <= before then return text(before) end
redis.call('HSET', markers, user, text(wanted))
redis.call('SPUBLISH', channel, 'm' .. text(wanted) .. ' ' .. user)
return text(wanted)
