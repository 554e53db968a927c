#!lua flags=no-writes
-- The messages on one side or both sides of an edge, one more than fits a page on each.
local head, messages, posts, changes = unpack(KEYS)
local side, edge, limit, max_bytes = ARGV[1], ARGV[2], tonumber(ARGV[3]) + 1, tonumber(ARGV[4])

local function rows(ids)
  return stored(messages, posts, changes, ids, max_bytes)
end
local function older(than, count)
  return redis.call('ZRANGE', posts, than, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, count)
end
local function newer(than, count)
  return redis.call('ZRANGE', posts, than, '+inf', 'BYSCORE', 'LIMIT', 0, count)
end

local stands = redis.call('HMGET', head, 'epoch', 'seq', 'tag')
if side == 'before' then return { stands, rows(older('(' .. edge, limit)), #newer(edge, 1) } end
if side == 'after' then return { stands, rows(newer('(' .. edge, limit)), #older(edge, 1) } end

local seq = redis.call('ZSCORE', posts, edge)
if not seq then return false end
return { stands, rows({ edge }), rows(older('(' .. seq, limit)), rows(newer('(' .. seq, limit)) }
