#!lua
-- Remembers a write, if its change is there.
local head, sent = unpack(KEYS)
local seq, value, expires = unpack(ARGV)
if tonumber(redis.call('HGET', head, 'seq') or 0) < tonumber(seq) then return 0 end
redis.call('SET', sent, value, 'PXAT', expires, 'NX')
return 1
