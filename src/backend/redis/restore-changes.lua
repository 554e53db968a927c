#!lua
-- Adds the next changes to a room that is being restored: for each its seq and tag, and id, seq and body of the message, or
-- three times nothing where a later change superseded it. Returns the seq of one that does not continue the log, or 0.
local head, messages, posts, changes, log = unpack(KEYS)
local known = redis.call('HMGET', head, 'seq', 'tag')
local reached, last = tonumber(known[1]), known[2]
local function keep()
  redis.call('HSET', head, 'seq', text(reached), 'tag', last)
end
for i = 1, #ARGV, 5 do
  local at, tag, id, post, body = unpack(ARGV, i, i + 4)
  local seq = tonumber(at)
  if seq > reached + 1 or (seq == reached and tag ~= last) then
    keep()
    return at
  end
  if seq > reached then
    redis.call('XADD', log, at .. '-0', 't', tag)
    if id ~= '' then
      redis.call('HSET', messages, id, tag .. body)
      redis.call('ZADD', posts, post, id)
      redis.call('ZADD', changes, at, id)
    end
    reached, last = seq, tag
  end
end
keep()
return 0
