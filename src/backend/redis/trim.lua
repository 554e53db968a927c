#!lua flags=allow-oom
-- Removes the oldest changes up to a seq, a batch of them. Returns how many messages went, and 1 while there is more to remove.
-- Nothing is removed where the room has another epoch than the one that is named, if one is.
local head, messages, posts, changes, log = unpack(KEYS)
local wanted, batch, of_epoch = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local known = redis.call('HMGET', head, 'seq', 'trimmedSeq', 'epoch')
if of_epoch ~= '' and of_epoch ~= known[3] then return { 0, 0 } end
local trimmed = tonumber(known[2] or 0)
local goal = math.min(wanted, tonumber(known[1] or 0))
if goal <= trimmed then return { 0, 0 } end
local seq = math.min(goal, trimmed + batch)
local at = text(seq)

local tag = redis.call('XRANGE', log, at .. '-0', at .. '-0')[1][2][2]
redis.call('HSET', head, 'trimmedSeq', at, 'trimmedTag', tag)
local ids = redis.call('ZRANGE', changes, '-inf', at, 'BYSCORE')
if #ids > 0 then
  redis.call('HDEL', messages, unpack(ids))
  redis.call('ZREM', posts, unpack(ids))
  redis.call('ZREM', changes, unpack(ids))
end
redis.call('XTRIM', log, 'MINID', text(seq + 1) .. '-0')
return { #ids, seq < goal and 1 or 0 }
